package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"perennial/channel/sandbox"
	"perennial/config"
	"perennial/deploy/stack"
	"perennial/domain/customer"
	"perennial/store"
)

// findings runs doctor and returns the levels of what it found, by what it is about; the worst one where there are several.
func findings(b *business) (map[string]level, result) {
	b.t.Helper()
	r := b.run("doctor", "--json")
	var found []finding
	if err := json.Unmarshal([]byte(r.out), &found); err != nil {
		b.t.Fatal(err)
	}
	levels := map[string]level{}
	for _, f := range found {
		if f.Level != ok && f.Do == "" {
			b.t.Errorf("%s: nothing is said to do about %q", f.About, f.What)
		}
		if f.Level == bad || levels[f.About] != bad && levels[f.About] != warn {
			levels[f.About] = f.Level
		}
	}
	return levels, r
}

func TestDoctorFindsNothingBadWhereAllIsWell(t *testing.T) {
	t.Parallel()
	b, _ := entered(t)
	levels, r := findings(b)
	for about, want := range map[string]level{
		"configuration": ok, "database": ok, "journeys": ok, "events": ok, "enrollments": ok, "touches": ok, "temporal": ok,
		"search attributes": ok, "queue journeys": ok, "gateway": ok,
		"sms": warn, "email": warn, "queue deliver-sms": warn, "queue deliver-email": warn, // no provider is configured
	} {
		if levels[about] != want {
			t.Errorf("%s is %q, want %s", about, levels[about], want)
		}
	}
	if r.code != 0 {
		t.Errorf("exit code %d: %s", r.code, r.errs)
	}
	says(t, b.does("doctor"), "queue journeys", "1 worker", "ready at http://")
}

func TestDoctorSaysWhatIsBad(t *testing.T) {
	t.Parallel()
	b := newBusiness(t).withCustomers().withTemporal()
	e := b.enter("c-1", "onboarding")
	b.unconfirmed(e)
	if _, err := b.store.RecordEvents(t.Context(), []store.Event{{ID: "e-1", Type: "visit.completed", Customer: "c-1", At: noon()}}, noon()); err != nil {
		t.Fatal(err)
	}
	late := b.enter("c-2", "onboarding")
	if err := b.store.MarkStarted(t.Context(), late.ID, noon()); err != nil {
		t.Fatal(err)
	}
	if err := b.store.Project(t.Context(), late.ID, store.Projection{Step: "settle_in", NextAt: noon()}, noon()); err != nil {
		t.Fatal(err)
	}
	b.settings.SMTPURL = "smtp://127.0.0.1:1"
	b.settings.IMAPURL = "imap://care:hunter2@127.0.0.1:1"
	levels, r := findings(b)
	for about, want := range map[string]level{
		"journeys": warn, "events": bad, "enrollments": bad, "touches": warn, "queue journeys": bad, "queue deliver-email": bad, "gateway": bad, "mailbox": bad,
	} {
		if levels[about] != want {
			t.Errorf("%s is %q, want %s", about, levels[about], want)
		}
	}
	if r.code != 1 || !strings.Contains(r.errs, "things are bad") {
		t.Errorf("exit code %d: %s", r.code, r.errs)
	}
	says(t, b.run("doctor").out, fmt.Sprintf("past its next time: %d", late.ID), "1 touch is unconfirmed: ", "→ start `worker`", "the server can't be reached: connect: connection refused", "→ mend IMAP_URL")
}

func TestDoctorGoesOnPastWhatIsAway(t *testing.T) {
	t.Parallel()
	b := unmigrated(t)
	b.settings.TemporalAddress = "127.0.0.1:1"
	levels, _ := findings(b)
	if levels["database"] != bad || levels["temporal"] != bad || levels["gateway"] != bad {
		t.Errorf("got %v", levels)
	}
	says(t, b.run("doctor").out, "run `starter migrate`", "no Temporal answers at 127.0.0.1:1", "connection refused")
	b.settings.DatabaseURL = ""
	says(t, b.run("doctor").out, "DATABASE_URL is not set")
	b.namespace = "nowhere"
	b.settings.TemporalAddress = newBusiness(t).withTemporal().settings.TemporalAddress
	says(t, b.run("doctor").out, "has no namespace nowhere")
}

func TestDoctorSaysWhichProviderDoesNotWork(t *testing.T) {
	t.Parallel()
	b := newBusiness(t).withCustomers()
	b.settings.OnCall = "nobody"
	why := map[customer.Channel]store.Breaker{
		customer.SMS:   {Kind: "misconfigured", Provider: "twilio", Code: "20003"},
		customer.Email: {Kind: "temporary", Provider: "smtp", Code: "451"},
		customer.Slack: {Kind: "throttled", Provider: "slack"},
	}
	for on, s := range why {
		s.Channel = on
		if _, err := b.store.OpenBreaker(t.Context(), store.Opening{Breaker: s, Rest: 0}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.store.CloseBreaker(t.Context(), customer.Slack); err != nil {
		t.Fatal(err)
	}
	levels, _ := findings(b)
	if levels["sms"] != bad || levels["email"] != bad || levels["slack"] != ok || levels["on call"] != warn {
		t.Errorf("%v", levels)
	}
	says(t, b.run("doctor").out,
		"nothing goes out since ", "twilio: the provider refuses our credentials or settings (20003); tried 0 times in vain since", "→ mend its variables and restart the workers",
		"smtp: the provider can't take the message right now (451)", "→ see the provider's status page", "its provider works again, since ", "nobody is not known")
}

func TestDoctorSignsInAtEachProviderThatIsConfigured(t *testing.T) {
	t.Parallel()
	b := newBusiness(t)
	b.settings.TwilioAccountSID, b.settings.TwilioAuthToken, b.settings.TwilioFrom = sandbox.AccountSID, sandbox.AuthToken, sandboxSender
	b.settings.SlackBotToken, b.settings.MailFrom = sandbox.SlackToken, "Example Ltd <hello@example.com>"
	web, err := stack.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	mail, err := stack.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	box := sandbox.New(sandboxConfig(b.settings, slog.New(slog.DiscardHandler)))
	t.Cleanup(box.Close)
	go func() { _ = serveSandbox(t.Context(), box, web, mail, slog.New(slog.DiscardHandler)) }()
	b.settings.TwilioAPIURL = "http://" + web.Addr().String()
	b.settings.SlackAPIURL = b.settings.TwilioAPIURL + sandbox.SlackPath
	b.settings.SMTPURL = config.Secret("smtp://" + mail.Addr().String())
	if levels, _ := findings(b); levels["sms"] != ok || levels["email"] != ok || levels["slack"] != ok {
		t.Errorf("%v", levels)
	}
	if received := box.Messages(); len(received) != 0 {
		t.Errorf("it sent %+v", received)
	}
	b.settings.TwilioAuthToken, b.settings.SlackBotToken, b.settings.SMTPURL = "another", "xoxb-another", "smtp://127.0.0.1:1"
	levels, r := findings(b)
	if levels["sms"] != bad || levels["email"] != bad || levels["slack"] != bad {
		t.Errorf("%v", levels)
	}
	says(t, r.out, "twilio: the provider refuses our credentials or settings (20003)", "mend TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN",
		"slack: the provider refuses our credentials or settings (invalid_auth)", "smtp: it can't be asked whether it takes our credentials")
	silent(t, r.out, "xoxb-another")
}
