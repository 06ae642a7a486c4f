package activities_test

import (
	"context"
	"encoding/json"
	"net"
	"sync"
	"testing"
	"time"

	"perennial/activities"
	"perennial/channel/sandbox"
	"perennial/channel/slack"
	"perennial/channel/smtp"
	"perennial/domain/clock"
	"perennial/domain/contact"
	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/domain/segment"
	"perennial/store"
	"perennial/workflows"
)

// The office: rep-1 looks after c-1, rep-2 stands in.
const (
	repSlack, repMail       = "UREP1", "rep1@example.com"
	deputySlack, deputyMail = "UREP2", "rep2@example.com"
)

// office is a bench with colleagues, who can be told by Slack and e-mail, and a journey that tells them.
func office(t *testing.T, change func(rep, deputy *store.ColleagueRow)) *bench {
	t.Helper()
	b := setup(t)
	im, err := slack.New(slack.Config{Token: sandbox.SlackToken, BaseURL: b.providers + sandbox.SlackPath, Every: time.Nanosecond})
	if err != nil {
		t.Fatal(err)
	}
	mail, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = mail.Close() })                       // the sandbox closes it too
	go b.box.ServeSMTP(context.WithoutCancel(t.Context()), mail) //nolint:errcheck // it ends when its listener closes
	email, err := smtp.New(smtp.Config{URL: "smtp://" + mail.Addr().String(), From: "care@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(email.Close)
	b.deliveries.Senders = map[customer.Channel]activities.Sender{
		customer.SMS: b.deliveries.Senders[customer.SMS], customer.Slack: im, customer.Email: email,
	}
	b.tells()
	london := func(id, im, mail, deputy string) store.ColleagueRow {
		return store.ColleagueRow{
			ID: id, Zone: "Europe/London", Language: "zh-CN", Deputy: deputy,
			Addresses: map[customer.Channel]string{customer.Slack: im, customer.Email: mail},
		}
	}
	rep, deputy := london("rep-1", repSlack, repMail, "rep-2"), london("rep-2", deputySlack, deputyMail, "")
	if change != nil {
		change(&rep, &deputy)
	}
	b.imports(func(i *store.Import) ([]store.Verdict, error) {
		return i.Colleagues(t.Context(), []store.ColleagueRow{rep, deputy}, noon)
	})
	b.imports(func(i *store.Import) ([]store.Verdict, error) {
		return i.Customers(t.Context(), []store.CustomerRow{{Line: 1, ID: "c-1", Owner: "rep-1"}}, noon)
	})
	return b
}

// tells publishes a journey that tells the owner.
func (b *bench) tells() {
	b.Helper()
	plan, err := json.Marshal(journey.Plan{Encoding: journey.PlanEncoding, Journey: "tells", Steps: []journey.Step{
		{ID: "tell_owner", Verb: journey.Notify, Next: journey.End, Notify: journey.NotifyOwner, Template: "unhappy"},
	}})
	if err != nil {
		b.Fatal(err)
	}
	catalogue, err := json.Marshal(segment.Catalogue{})
	if err != nil {
		b.Fatal(err)
	}
	name := `{{ customer.name | default: "Somebody" }}`
	_, _, err = b.store.Publish(b.Context(), store.Version{Journey: "tells", Hash: "1", Plan: plan, Catalogue: catalogue, EntersOn: "purchase", PublishedAt: noon}, []store.Template{
		{Name: "unhappy", Channel: customer.Slack, Language: "en", Source: name + " is unhappy"},
		{Name: "unhappy", Channel: customer.Slack, Language: "zh-CN", Source: name + " 不满意"},
		{Name: "unhappy", Channel: customer.Email, Language: "en", Source: "---\nsubject: Unhappy\n---\n" + name + " is unhappy"},
	})
	if err != nil {
		b.Fatal(err)
	}
}

func (b *bench) imports(take func(*store.Import) ([]store.Verdict, error)) {
	b.Helper()
	i, err := b.store.StartImport(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	verdicts, err := take(i)
	if err != nil {
		b.Fatal(err)
	}
	for _, v := range verdicts {
		if v.Reject != nil {
			b.Fatalf("rejected: %+v", *v.Reject)
		}
	}
	if err := i.Close(b.Context()); err != nil {
		b.Fatal(err)
	}
}

// away makes a colleague absent today.
func (b *bench) away(id string) {
	b.Helper()
	if _, err := b.store.AddAbsence(b.Context(), id, noon, noon, noon); err != nil {
		b.Fatal(err)
	}
}

// note asks for the owner to be told on a channel.
func (b *bench) note(on customer.Channel) workflows.DeliverRequest {
	return workflows.DeliverRequest{
		Touch: workflows.Touch{
			TouchKey: journey.TouchKey{Step: "tell_owner", Occurrence: 1, Try: 1}, Enrollment: b.enrollment, Journey: "tells", Version: 1, Customer: "c-1",
			Kind: journey.Notify, Notify: journey.NotifyOwner, Template: "unhappy", Since: noon,
		},
		Channel: on, Due: noon, Patience: workflows.Patience(time.Second),
	}
}

// at is the bench at another instant of the stack's time.
func (b *bench) at(instant time.Time) *bench {
	then, deliveries := *b, *b.deliveries
	deliveries.Clock = clock.Starting(instant, time.Now(), 2)
	then.deliveries = &deliveries
	return &then
}

// received is to whom messages went, in order.
func (b *bench) received() (addresses []string) {
	for _, m := range b.box.Messages() {
		addresses = append(addresses, m.Address)
	}
	return addresses
}

func (b *bench) onlyGot(address, text string) {
	b.Helper()
	got := b.box.Messages()
	if len(got) != 1 || got[0].Address != address || got[0].Text != text {
		b.Errorf("received: %+v, want %q at %s", got, text, address)
	}
}

func TestTheOwnerIsToldOfTheCustomerInTheOwnersLanguage(t *testing.T) {
	t.Parallel()
	b := office(t, nil)
	r := b.note(customer.Slack)
	for range 3 {
		if d := b.deliver(r); d.How != journey.Sent {
			t.Errorf("delivered: %+v", d)
		}
	}
	b.onlyGot(repSlack, "Ada Fairley 不满意")
	if touch := b.touch(r); touch.State != store.TouchSent || touch.Colleague != "rep-1" || touch.Kind != journey.Notify {
		t.Errorf("the ledger has %+v", touch)
	}
	if who, err := b.store.Profile(t.Context(), "c-1"); err != nil || len(who.Touched) != 0 {
		t.Errorf("the customer was touched: %+v, %v", who.Touched, err)
	}
}

func TestManyAtOnceTellTheOwnerOnce(t *testing.T) {
	t.Parallel()
	b := office(t, nil)
	r := b.note(customer.Slack)
	var all sync.WaitGroup
	for range 12 {
		all.Go(func() { _, _ = b.deliveries.Deliver(t.Context(), r) }) // those that come too early are told to come later
	}
	all.Wait()
	b.onlyGot(repSlack, "Ada Fairley 不满意")
}

func TestTheDeputyIsToldWhileTheOwnerIsAbsent(t *testing.T) {
	t.Parallel()
	b := office(t, nil)
	b.away("rep-1")
	r := b.note(customer.Slack)
	if d := b.deliver(r); d.How != journey.Sent || b.touch(r).Colleague != "rep-2" {
		t.Errorf("delivered: %+v, %+v", d, b.touch(r))
	}
	b.onlyGot(deputySlack, "Ada Fairley 不满意")
}

func TestAColleagueIsLeftInPeaceAfterWork(t *testing.T) {
	t.Parallel()
	b := office(t, nil)
	r := b.note(customer.Slack)
	nextMorning := time.Date(2026, 5, 5, 8, 0, 0, 0, time.UTC)
	if d := b.at(noon.Add(8 * time.Hour)).deliver(r); d.How != journey.Held || !d.Until.Equal(nextMorning) || d.Reason != contact.WorkingHours {
		t.Errorf("in the evening: %+v", d)
	}
	e, err := b.store.Enrollment(t.Context(), b.enrollment)
	if err != nil || e.WaitingFor != contact.WorkingHours.Sentence() || !e.NextAt.Equal(nextMorning) || e.Held.Topic != "" {
		t.Errorf("the enrollment's row: %+v, %v", e, err)
	}
	b.away("rep-2") // a change among colleagues
	if heard, err := b.store.Undispatched(t.Context(), noon.AddDate(0, 0, 1), 10); err != nil || len(heard) != 1 || heard[0].Type != journey.ProfileChanged {
		t.Errorf("the enrollment hears of it by %+v, %v", heard, err)
	}
	if d := b.at(nextMorning).deliver(r); d.How != journey.Sent {
		t.Errorf("in the morning: %+v", d)
	}
}

func TestABadAddressOfAColleagueIsMarkedAndTheNextChannelTellsThem(t *testing.T) {
	t.Parallel()
	b := office(t, nil)
	b.box.SetFault(repSlack, sandbox.BadAddress, 0)
	r := b.note(customer.Slack)
	if d := b.deliver(r); d.How != journey.Failed || b.touch(r).State != store.TouchFailed {
		t.Fatalf("by Slack: %+v, %+v", d, b.touch(r))
	}
	colleagues, err := b.store.StandIns(t.Context(), "rep-1", noon)
	if err != nil || colleagues["rep-1"].Addresses[customer.Slack].Bad != "bad_address" || colleagues["rep-2"].Addresses[customer.Slack].Bad != "" {
		t.Errorf("colleagues: %+v, %v", colleagues, err)
	}
	r.Touch.Try, r.Touch.Tried = 2, []customer.Channel{customer.Slack}
	if d := b.deliver(r); d.How != journey.Replan {
		t.Errorf("by Slack again: %+v", d)
	}
	r.Channel = customer.Email
	if d := b.deliver(r); d.How != journey.Sent || b.touch(r).Colleague != "rep-1" {
		t.Errorf("by e-mail: %+v, %+v", d, b.touch(r))
	}
	b.onlyGot(repMail, "Ada Fairley is unhappy")
}

func TestWhoCantBeToldAtAllGivesWayToTheDeputyOnTheSameChannel(t *testing.T) {
	t.Parallel()
	b := office(t, func(rep, _ *store.ColleagueRow) { delete(rep.Addresses, customer.Email) })
	b.box.SetFault(repSlack, sandbox.BadAddress, 0)
	r := b.note(customer.Slack)
	if d := b.deliver(r); d.How != journey.Failed {
		t.Fatalf("the owner: %+v", d)
	}
	r.Touch.Try, r.Touch.Tried = 2, []customer.Channel{customer.Slack}
	if d := b.deliver(r); d.How != journey.Sent || b.touch(r).Colleague != "rep-2" {
		t.Errorf("the deputy: %+v, %+v", d, b.touch(r))
	}
	b.onlyGot(deputySlack, "Ada Fairley 不满意")
}

func TestWhatAColleagueMayHaveBeenToldIsNotToldAgain(t *testing.T) {
	t.Parallel()
	b := office(t, nil)
	policy := contact.Standard()
	policy.Unconfirmed = contact.Unconfirmed{Again: contact.Period{Exact: 2 * time.Hour}} // is about customers
	b.holds(policy)
	b.box.SetFault(repSlack, sandbox.Cut, 1)
	r := b.note(customer.Slack)
	for range 2 {
		if d := b.deliver(r); d.How != journey.Unconfirmed || !d.Again.IsZero() {
			t.Errorf("cut: %+v", d)
		}
	}
	b.onlyGot(repSlack, "Ada Fairley 不满意")
}

func TestNobodyIsToldWhereNobodyCanBe(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*testing.T, *bench, *workflows.DeliverRequest)
		state  store.TouchState
		want   contact.Reason
	}{
		"an unknown colleague": {func(_ *testing.T, _ *bench, r *workflows.DeliverRequest) { r.Touch.Notify = "rep-9" }, store.TouchSkipped, contact.UnknownColleague},
		"a customer of nobody": {func(_ *testing.T, _ *bench, r *workflows.DeliverRequest) { r.Touch.Customer = "c-2" }, store.TouchSkipped, contact.NoColleague},
		"a text for customers": {func(_ *testing.T, _ *bench, r *workflows.DeliverRequest) {
			r.Touch.Journey, r.Touch.Template = "one", "welcome"
		}, store.TouchSkipped, contact.NoChannel},
		"all of them away": {func(_ *testing.T, b *bench, r *workflows.DeliverRequest) {
			b.away("rep-1")
			b.away("rep-2")
			r.Touch.Valid = journey.Span{Exact: time.Hour}
		}, store.TouchExpired, contact.Expired},
		"a note that is a week old": {func(_ *testing.T, _ *bench, r *workflows.DeliverRequest) { r.Touch.Since = noon.AddDate(0, 0, -8) }, store.TouchExpired, contact.Expired},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := office(t, nil)
			b.imports(func(i *store.Import) ([]store.Verdict, error) {
				return i.Customers(t.Context(), []store.CustomerRow{{Line: 1, ID: "c-2", Zone: "Europe/London"}}, noon)
			})
			r := b.note(customer.Slack)
			c.change(t, b, &r)
			if d := b.deliver(r); d.How != journey.Skipped || d.Reason != c.want {
				t.Errorf("delivered: %+v", d)
			}
			if touch := b.touch(r); touch.State != c.state || touch.Reason != string(c.want) || touch.Colleague != "" {
				t.Errorf("the ledger has %+v", touch)
			}
			if got := b.received(); len(got) != 0 {
				t.Errorf("received at %v", got)
			}
		})
	}
}

func TestCustomersAndColleaguesAreInNobodysWay(t *testing.T) {
	t.Parallel()
	b := office(t, nil)
	b.holds(gapped())
	for _, r := range []workflows.DeliverRequest{b.note(customer.Slack), b.request(time.Second), func() workflows.DeliverRequest {
		again := b.note(customer.Slack)
		again.Touch.Occurrence = 2
		return again
	}()} {
		if d := b.deliver(r); d.How != journey.Sent {
			t.Errorf("%s: %+v", r.Touch.Step, d)
		}
	}
}

func TestPlanAsksColleaguesHours(t *testing.T) {
	t.Parallel()
	b := office(t, nil)
	journeys := &activities.Journeys{
		Store: b.store, Versions: b.deliveries.Versions, Policies: b.deliveries.Policies, Clock: b.deliveries.Clock, Channels: customer.Channels,
	}
	touch := b.note("").Touch
	plan := func(at time.Time) contact.Answer {
		t.Helper()
		planned, err := journeys.Plan(t.Context(), workflows.PlanRequest{Touch: touch, At: at})
		if err != nil {
			t.Fatal(err)
		}
		return planned.Answer
	}
	if a := plan(noon); a.Verdict != contact.Send || a.Channel != customer.Slack {
		t.Errorf("at work: %+v", a)
	}
	if a := plan(noon.Add(8 * time.Hour)); a.Verdict != contact.Hold || !a.At.Equal(time.Date(2026, 5, 5, 8, 0, 0, 0, time.UTC)) {
		t.Errorf("after work: %+v", a)
	}
	touch.Notify = "rep-9"
	if a := plan(noon); a.Verdict != contact.Skip || a.Reason != contact.UnknownColleague {
		t.Errorf("of an unknown colleague: %+v", a)
	}
}
