package gateway_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"perennial/channel/smtp"
	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/gateway"
	"perennial/store"
)

// way is how messages of one channel come in: from an address of a customer's, and from one of nobody's.
type way struct {
	channel customer.Channel
	who     string
	from    string
	nobody  string
	bring   func(d *door, id, from, text string)
}

// everywhere is a customer of each channel.
const everywhere = `customer,name,phone,whatsapp,slack,email,language,time_zone,country,channels,consents,owner
c-11,Sam Appleby,+12015550111,,,,en,Europe/London,GB,sms,service,rep-01
c-12,Wes Appleby,,+12015550112,,,en,Europe/London,GB,whatsapp,service,rep-01
c-13,Uma Appleby,,,U012AB3CD,,en,Europe/London,GB,slack,service,rep-01
c-14,Mia Appleby,,,,mia@example.org,en,Europe/London,GB,email,service,rep-01
`

func ways() []way {
	bySMS := func(d *door, id, from, text string) {
		d.webhook(gateway.SMSPath, sms(id, from, text)).says(d, http.StatusOK)
	}
	return []way{
		{customer.SMS, "c-11", "+12015550111", "+12015550199", bySMS},
		{customer.WhatsApp, "c-12", "whatsapp:+12015550112", "whatsapp:+12015550199", bySMS},
		{customer.Slack, "c-13", "U012AB3CD", "U999ZZ9ZZ", func(d *door, id, from, text string) {
			d.slack(im(id, text, map[string]any{"user": from})).says(d, http.StatusOK)
		}},
		{customer.Email, "c-14", "mia@example.org", "nobody@example.org", func(d *door, id, from, text string) {
			d.mail(letter(id, from, text))
		}},
	}
}

func TestAnswersAreUnderstoodOnEveryChannel(t *testing.T) {
	t.Parallel()
	for _, w := range ways() {
		t.Run(string(w.channel), func(t *testing.T) {
			t.Parallel()
			d := open(t, withSlack)
			d.importCSV(everywhere)
			e := d.enroll("onboarding", w.who, "", monday)
			d.sent(touch(e, "how_is_it", journey.Ask, w.channel, monday), monday)
			if err := d.store.Project(t.Context(), e.ID, store.Projection{Step: "how_is_it"}, monday); err != nil {
				t.Fatal(err)
			}
			for i, c := range []struct {
				text string
				want float64
			}{{"4", 4}, {"very satisfied", 5}, {"👍", 4}, {"4 stars", 4}, {"很满意", 5}, {"😡", 1}} {
				id := fmt.Sprintf("M%d", i)
				for range 2 { // what comes again answers once
					w.bring(d, id, w.from, c.text)
				}
				who, err := d.store.Profile(t.Context(), w.who)
				if err != nil || len(who.Surveys) != i+1 || who.Surveys[i].Score != c.want {
					t.Fatalf("%q is answer %d of %+v, %v", c.text, i, who.Surveys, err)
				}
			}
			if len(d.unread()) != 0 {
				t.Errorf("to be read: %q", d.unread())
			}
			// The first that nobody understands is asked for again, where we can; the second goes to the owner.
			w.bring(d, "U1", w.from, "my knee hurts")
			w.bring(d, "U2", w.from, "as I said")
			told := strings.Count(strings.Join(d.routed.types(), ","), "message.unclear "+w.who)
			if want := map[bool]int{true: 2, false: 1}[w.channel == customer.Email]; told != want {
				t.Errorf("the owner is told %d times, want %d", told, want)
			}
			w.bring(d, "N1", w.nobody, "hi")
			want := []string{w.who + " my knee hurts", w.who + " as I said", strings.TrimPrefix(w.nobody, "whatsapp:") + " hi"}
			if got := d.unread(); !slices.Equal(got, want) {
				t.Errorf("to be read: %q", got)
			}
		})
	}
}

func TestStopAndStartAreHeardOnEveryChannel(t *testing.T) {
	t.Parallel()
	for _, w := range ways() {
		t.Run(string(w.channel), func(t *testing.T) {
			t.Parallel()
			d := open(t, withSlack)
			d.importCSV(everywhere)
			for i, c := range []struct{ text, agrees string }{
				{"please don't stop", "map[service:true]"}, {"退订", "map[service:false]"}, {"START", "map[service:true]"}, {"Stop!", "map[service:false]"},
			} {
				w.bring(d, fmt.Sprintf("M%d", i), w.from, c.text)
				if got := d.consents(w.who); got != c.agrees {
					t.Errorf("after %q: %s", c.text, got)
				}
			}
			log, err := d.store.ConsentLog(t.Context(), w.who, 1)
			if err != nil || log[0].Channel != w.channel || log[0].Source != store.SourceReply || log[0].Wording != "stop" {
				t.Errorf("the log says %+v, %v", log, err)
			}
		})
	}
}

// Slack reports nothing of what became of a message: its API has answered when it was taken.
func TestReceiptsAreTakenWheneverTheyComeFromEachProvider(t *testing.T) {
	t.Parallel()
	for channel, report := range map[customer.Channel]func(d *door, touch, became string){
		customer.SMS: func(d *door, touch, became string) {
			form := url.Values{"MessageSid": {"SM-" + touch}, "MessageStatus": {became}, "To": {"+12015550101"}}
			d.webhook(gateway.StatusPath+"?touch="+touch, form).says(d, http.StatusNoContent)
		},
		customer.Email: func(d *door, touch, became string) {
			action := map[string]string{"undelivered": "failed"}[became]
			if action == "" {
				action = became
			}
			d.mail(bounce(touch, "someone@example.org", action, "4.4.1"))
		},
	} {
		t.Run(string(channel), func(t *testing.T) {
			t.Parallel()
			d := open(t, nil)
			e := d.enroll("onboarding", "c-1", "", monday)
			n := touch(e, "welcome", journey.Send, channel, monday)
			n.Fallback = true
			claimed := d.claim(n, monday)
			state := func() store.TouchState {
				t.Helper()
				now, _, err := d.store.Touch(t.Context(), claimed.TouchKey)
				if err != nil {
					t.Fatal(err)
				}
				return now.State
			}
			report(d, claimed.ID, "undelivered") // before our own record
			if state() != store.TouchUndelivered {
				t.Errorf("before our own record: %s", state())
			}
			if recorded, err := d.store.Sent(t.Context(), claimed.ID, "SM-"+claimed.ID, monday); err != nil || recorded.State != store.TouchUndelivered {
				t.Errorf("our own record undid it: %s, %v", recorded.State, err)
			}
			report(d, claimed.ID, "delivered") // out of order
			report(d, claimed.ID, "undelivered")
			report(d, claimed.ID, "delivered") // doubled
			if state() != store.TouchDelivered {
				t.Errorf("out of order: %s", state())
			}
			if got := d.routed.receipts(); !slices.Equal(got, []string{claimed.ID + " undelivered", claimed.ID + " delivered"}) {
				t.Errorf("told of %v", got)
			}
			later := d.sent(touch(e, "tip", journey.Send, channel, monday), monday)
			if err := d.store.Finish(t.Context(), e.ID, journey.OutcomeCompleted, monday); err != nil {
				t.Fatal(err)
			}
			report(d, later.ID, "undelivered") // after the enrollment ended
			if now, err := d.store.TouchByID(t.Context(), later.ID); err != nil || now.State != store.TouchUndelivered {
				t.Errorf("after the end: %s, %v", now.State, err)
			}
			report(d, "999.nowhere.1.1", "delivered") // of a touch that nobody knows
		})
	}
}

func TestForgedReportsByMailMoveNothing(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	sent, _ := d.mailed("c-1", "marketing")
	other := smtp.BounceAddress("another key", sent.ID, "example.com")
	for _, raw := range []string{
		strings.Replace(bounce(sent.ID, "Ada.Fairley@example.org", "failed", "5.1.1"), smtp.BounceAddress(mailKey, sent.ID, "example.com"), other, 1),
		bounce("1"+sent.ID, "Ada.Fairley@example.org", "failed", "5.1.1"),
	} {
		if got := d.mail(raw); got.Result != store.MailIgnored {
			t.Errorf("it is %+v", got)
		}
	}
	if now, err := d.store.TouchByID(t.Context(), sent.ID); err != nil || now.State != store.TouchSent || d.bad("c-1", customer.Email) != "" {
		t.Errorf("it is %s, her address %q, %v", now.State, d.bad("c-1", customer.Email), err)
	}
}
