package main

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/sdk/v1"

	"perennial/activities"
	"perennial/channel/sandbox"
	"perennial/channel/twilio"
	"perennial/config"
	"perennial/domain/clock"
	"perennial/domain/contact"
	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/gateway"
	"perennial/store"
	"perennial/workflows"
)

// offers is a journey with a wait before an offer, and something about a purchase after it.
func offers() journey.Plan {
	return journey.Plan{
		Journey: "offers", Title: "Offers", Enter: journey.Enter{On: "purchase", Again: journey.Again{Rule: journey.Never}},
		Steps: []journey.Step{
			{ID: "welcome", Verb: journey.Send, Next: 1, Template: "welcome", Topic: "service", Valid: journey.Span{Days: 7}},
			{ID: "settle_in", Verb: journey.Wait, Next: 2, For: journey.Span{Days: 3}},
			{ID: "offer", Verb: journey.Send, Next: 3, Template: "offer", Topic: "marketing", Valid: journey.Span{Days: 7}},
			{ID: "care", Verb: journey.Send, Next: journey.End, Template: "care", Topic: "service", Valid: journey.Span{Days: 7}},
		},
	}
}

// heard are the ids of the events that a customer's run was signalled.
func (b *business) heard(e store.Enrollment) int {
	b.Helper()
	history := b.main.client.GetWorkflowHistory(b.Context(), workflows.WorkflowID(e.Journey, e.Customer, e.Key), "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	n := 0
	for history.HasNext() {
		event, err := history.Next()
		if err != nil {
			b.Fatal(err)
		}
		if event.GetEventType() == enums.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED {
			n++
		}
	}
	return n
}

// details are what the Temporal UI shows of a run now: the server asks a worker, which has dealt by then with all that the run was told.
func (b *business) details(e store.Enrollment) string {
	b.Helper()
	answer, err := b.main.client.QueryWorkflow(b.Context(), workflows.WorkflowID(e.Journey, e.Customer, e.Key), "", "__temporal_workflow_metadata")
	if err != nil {
		b.Fatal(err)
	}
	var told sdk.WorkflowMetadata
	if err := answer.Get(&told); err != nil {
		b.Fatal(err)
	}
	return told.GetCurrentDetails()
}

func (b *business) answer(address, channel, text string) {
	b.Helper()
	if _, err := b.sandbox.Answer(b.Context(), sandbox.Reply{Address: address, Channel: channel, Text: text}); err != nil {
		b.Fatal(err)
	}
}

// press follows the link in a mail's foot as a mail program's button does.
func (b *business) press(mail string) {
	b.Helper()
	_, link, found := strings.Cut(mail, "Unsubscribe: ")
	if !found {
		b.Fatalf("the mail has no link:\n%s", mail)
	}
	answer, err := http.PostForm(strings.TrimSpace(link), url.Values{"List-Unsubscribe": {"One-Click"}})
	if err != nil {
		b.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		b.Fatalf("the link answers %s", answer.Status)
	}
}

func TestStopInTheMiddleOfAWaitIsHeardAtOnceAndNoMarketingFollows(t *testing.T) {
	t.Parallel()
	b := openAt(t, clock.Starting(monday, time.Now(), rate/4)) // three days in twelve seconds: time for an answer
	b.work()
	b.publish(offers())
	b.know(ada)
	b.happen("e-1", "purchase", ada.id, purchase)
	b.eventually("she waits", func() bool { return b.enrollment(ada.id).Step == "settle_in" })
	b.answer(ada.phone, sandbox.SMS, "STOP")
	// The consents are taken back, and the run is told of each, while it still waits: by the gateway before its webhook answers, or where Temporal is slow
	// by the sweep.
	b.eventually("the run has heard of three consents", func() bool { return b.heard(b.enrollment(ada.id)) == 3 })
	e := b.enrollment(ada.id)
	if e.Step != "settle_in" {
		t.Errorf("it heard of them at step %s", e.Step)
	}
	if details := b.details(e); strings.Count(details, "| settle_in |  | the customer changed what they agree to |") != 1 {
		t.Errorf("the Temporal UI does not show it, once:\n%s", details)
	}
	b.ends(ada.id, journey.OutcomeCompleted)
	if got := len(b.got(ada.phone)) + len(b.got(ada.email)); got != 1 {
		t.Errorf("she got %d messages, want the one before she said stop", got)
	}
	touches, err := b.store.Touches(t.Context(), e.ID)
	if err != nil || len(touches) != 3 {
		t.Fatalf("the ledger has %+v, %v", touches, err)
	}
	for _, touch := range touches[1:] { // STOP is about service too
		if touch.State != store.TouchSkipped || touch.Reason != string(contact.NoConsent) {
			t.Errorf("%s is %s: %s", touch.Step, touch.State, touch.Reason)
		}
	}
}

func TestTheLinkInAMailTakesBackItsTopicAloneWhileTheJourneyWaits(t *testing.T) {
	t.Parallel()
	b := openAt(t, clock.Starting(monday, time.Now(), rate/4))
	b.work()
	plan := offers()
	plan.Steps[0].Topic = "marketing"
	b.publish(plan)
	ada := ada
	ada.channels = "email"
	b.know(ada)
	b.happen("e-1", "purchase", ada.id, purchase)
	b.eventually("she waits", func() bool { return b.enrollment(ada.id).Step == "settle_in" })
	b.press(b.got(ada.email)[0].Text)
	e := b.enrollment(ada.id)
	if e.Step != "settle_in" || b.heard(e) != 1 {
		t.Errorf("at step %s the run has heard of %d consents, want 1", e.Step, b.heard(e))
	}
	b.ends(ada.id, journey.OutcomeCompleted)
	if got := b.got(ada.email); len(got) != 2 || got[1].Subject != "care" {
		t.Errorf("she got %d mails, want the one before she unsubscribed, and the one about service", len(got))
	}
}

func TestAnAnswerInWordsOnSlackAnswersTheQuestion(t *testing.T) {
	t.Parallel()
	b := setup(t)
	plan := short()
	plan.Steps[4].Topic = "service"
	b.publish(plan)
	b.importCSV("customer,name,slack,language,time_zone,channels,consents,owner\nc-7,Uma Fairley,U012AB3CD,en,Europe/London,slack,service,rep-01\n")
	b.happen("e-1", "purchase", "c-7", purchase)
	b.eventually("she is asked", func() bool { return len(b.got("U012AB3CD")) == 2 })
	b.answer("U012AB3CD", sandbox.Slack, "Very satisfied!")
	b.eventually("she is thanked", func() bool { return len(b.got("U012AB3CD")) == 3 })
}

// reminder is a journey of one message with a fallback.
func reminder() journey.Plan {
	return journey.Plan{
		Journey: "reminder", Title: "A reminder", Enter: journey.Enter{On: "purchase", Again: journey.Again{Rule: journey.Never}},
		Steps: []journey.Step{
			{ID: "remind", Verb: journey.Send, Next: journey.End, Template: "remind", Topic: "service", Valid: journey.Span{Days: 7}, Fallback: journey.Span{Exact: 48 * time.Hour}},
		},
	}
}

// whatHappened are the touches of an enrollment, as "channel state".
func (b *business) whatHappened(e store.Enrollment) []string {
	b.Helper()
	touches, err := b.store.Touches(b.Context(), e.ID)
	if err != nil {
		b.Fatal(err)
	}
	var happened []string
	for _, t := range touches {
		happened = append(happened, string(t.Channel)+" "+string(t.State))
	}
	return happened
}

func TestAReceiptThatItArrivedEndsTheWaitForOne(t *testing.T) {
	t.Parallel()
	b := openAt(t, slow(monday)) // 48 hours are eight seconds
	b.work()
	b.publish(reminder())
	b.know(ada)
	b.happen("e-1", "purchase", ada.id, purchase)
	e := b.ends(ada.id, journey.OutcomeCompleted)
	if got := b.whatHappened(e); !slices.Equal(got, []string{"sms delivered"}) || e.EndedAt.Sub(e.EnteredAt) > 40*time.Hour {
		t.Errorf("%v, and it ended %v after it began\n%s", got, e.EndedAt.Sub(e.EnteredAt), b.story())
	}
}

func TestAReceiptThatItDidNotArriveBringsTheNextChannelAtOnce(t *testing.T) {
	t.Parallel()
	b := openAt(t, slow(monday))
	b.work()
	b.publish(reminder())
	b.know(ada)
	b.sandbox.SetFault(ada.phone, sandbox.Undelivered, 0)
	b.happen("e-1", "purchase", ada.id, purchase)
	b.eventually("the mail is there", func() bool { return len(b.got(ada.email)) == 1 })
	e := b.enrollment(ada.id)
	if got := b.whatHappened(e); len(got) != 2 || got[0] != "sms undelivered" || b.got(ada.email)[0].At.Sub(e.EnteredAt) > 40*time.Hour {
		t.Errorf("%v, and the mail came %v after it began\n%s", got, b.got(ada.email)[0].At.Sub(e.EnteredAt), b.story())
	}
	if got := b.got(ada.phone); len(got) != 0 {
		t.Errorf("her phone received %+v", got)
	}
	who, err := b.store.Profile(t.Context(), ada.id)
	if err != nil || who.Addresses[customer.SMS].Bad != "bad_address" {
		t.Errorf("her phone is %+v, %v", who.Addresses[customer.SMS], err)
	}
}

func TestWithoutAReceiptTheNextChannelIsTriedWhenTheTimeIsOver(t *testing.T) {
	t.Parallel()
	b := openAt(t, slow(monday), func(c *config.Config) { c.PublicURL = "http://127.0.0.1:1" }) // nobody answers there
	b.work()
	plan := reminder()
	plan.Steps[0].Fallback = journey.Span{Exact: 6 * time.Hour}
	b.publish(plan)
	b.know(ada)
	b.happen("e-1", "purchase", ada.id, purchase)
	e := b.ends(ada.id, journey.OutcomeCompleted) // six hours after the mail, of which nobody tells that it arrived
	sms, mail := b.got(ada.phone), b.got(ada.email)
	if len(sms) != 1 || len(mail) != 1 || mail[0].At.Sub(sms[0].At) < 6*time.Hour {
		t.Fatalf("she got %+v and %+v\n%s", sms, mail, b.story())
	}
	if got := b.whatHappened(e); !slices.Equal(got, []string{"sms sent", "email sent"}) {
		t.Errorf("the ledger says %v\n%s", got, b.story())
	}
}

func TestAReceiptThatNobodyWasToldOfIsToldByTheSweep(t *testing.T) {
	t.Parallel()
	b := openAt(t, slow(monday))
	b.work()
	b.publish(reminder())
	ada := ada
	ada.channels = "email>sms"
	b.know(ada)
	b.happen("e-1", "purchase", ada.id, purchase)
	e := store.Enrollment{}
	b.eventually("the mail is sent, and its receipt waited for", func() bool {
		e = b.enrollment(ada.id)
		return e.Step == "remind" && slices.Equal(b.whatHappened(e), []string{"email sent"})
	})
	// It bounces while Temporal is away: the ledger knows, and nobody else.
	bounced := store.TouchKey{Enrollment: e.ID, TouchKey: journey.TouchKey{Step: "remind", Occurrence: 1, Try: 1}}
	touch, moved, err := b.store.Receive(t.Context(), store.Receipt{Touch: bounced.ID(), State: store.TouchUndelivered, At: monday.AddDate(0, -1, 0)})
	if err != nil || !moved {
		t.Fatalf("moved %v, %v", moved, err)
	}
	sweep := &activities.Events{Entrance: b.entrance(), Schedules: &activities.Schedules{Store: b.store, Temporal: b.main.client, Clock: b.clock, Log: quiet()}}
	if _, err := sweep.SweepEvents(t.Context()); err != nil {
		t.Error(err)
	}
	if left, err := b.store.UntoldReceipts(t.Context(), monday.AddDate(1, 0, 0), 10); err != nil || len(left) != 0 {
		t.Errorf("after the sweep these are still to be told: %+v, %v", left, err)
	}
	if err := sweep.DispatchReceipt(t.Context(), touch); err != nil { // told again, it changes nothing
		t.Error(err)
	}
	b.eventually("the next channel is tried", func() bool { return len(b.got(ada.phone)) == 1 })
	if got := b.ends(ada.id, journey.OutcomeCompleted); got.EndedAt.Sub(got.EnteredAt) > 40*time.Hour || b.heard(got) < 2 {
		t.Errorf("it ended %v after it began, and was signalled %d times: %v", got.EndedAt.Sub(got.EnteredAt), b.heard(got), b.whatHappened(got))
	}
}

// tells is a journey that tells the owner of an event.
func tells(name, event string) journey.Plan {
	return journey.Plan{
		Journey: name, Title: name, Enter: journey.Enter{On: event, Again: journey.Again{Rule: journey.Always}},
		Steps: []journey.Step{
			{ID: "tell_owner", Verb: journey.Notify, Next: journey.End, Notify: journey.NotifyOwner, Template: name, Valid: journey.Span{Days: 7}},
		},
	}
}

func TestTheOwnerIsToldOnceOfACustomerWhoCantBeReachedAnyMore(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.publish(short())
	b.publish(tells("out-of-reach", "customer.unreachable"))
	b.staff()
	b.know(ada)
	b.sandbox.SetFault(ada.phone, sandbox.BadAddress, 0)
	b.sandbox.SetFault(ada.email, sandbox.BadAddress, 0)
	b.happen("e-1", "purchase", ada.id, purchase)
	b.eventually("the journey goes on without her", func() bool {
		b.route()
		found, err := b.store.Enrollments(t.Context(), store.EnrollmentFilter{Journey: "short", Step: "visit"}, 0, 1)
		return err == nil && len(found) == 1
	})
	b.eventually("the owner is told", func() bool { b.route(); return len(b.got(robinSlack)) == 1 })
	left, err := b.store.UnreachableCustomers(t.Context(), "rep-01", 10)
	if err != nil || len(left) != 1 || left[0].Customer != ada.id || len(left[0].Addresses) != 2 {
		t.Errorf("listed are %+v, %v", left, err)
	}
	if got := b.got(robinSlack); len(got) != 1 || got[0].Text != "Ada Fairley: out-of-reach" {
		t.Errorf("the owner got %+v", got)
	}
}

// A STOP that Twilio heard and we did not: its answer to the next message says so.
func TestWhoToldTwilioToStopIsReachedElsewhereUntilTheyStartAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	plan := reminder()
	plan.Steps[0].Fallback = journey.Span{}
	plan.Enter.Again = journey.Again{Rule: journey.Always}
	b.publish(plan)
	b.know(ada)
	b.sandbox.SetFault(ada.phone, sandbox.OptedOut, 1)
	why := func() string {
		who, err := b.store.Profile(t.Context(), ada.id)
		if err != nil {
			t.Fatal(err)
		}
		return who.Addresses[customer.SMS].Bad
	}
	ends := func(n int) {
		b.eventually("it ends", func() bool {
			found, err := b.store.Enrollments(t.Context(), store.EnrollmentFilter{Journey: "reminder"}, 0, 10)
			ended := slices.DeleteFunc(found, func(e store.Enrollment) bool { return e.Outcome == "" })
			return err == nil && len(ended) == n
		})
	}
	b.happen("e-1", "purchase", ada.id, purchase)
	ends(1)
	if len(b.got(ada.phone)) != 0 || len(b.got(ada.email)) != 1 || why() != "opted_out" {
		t.Fatalf("by SMS %d, by mail %d, and her phone is %q\n%s", len(b.got(ada.phone)), len(b.got(ada.email)), why(), b.story())
	}
	b.happen("e-2", "purchase", ada.id, purchase)
	ends(2)
	if len(b.got(ada.phone)) != 0 || len(b.got(ada.email)) != 2 {
		t.Errorf("by SMS %d, by mail %d: her phone was tried again", len(b.got(ada.phone)), len(b.got(ada.email)))
	}
	form := url.Values{"MessageSid": {"SM1"}, "From": {ada.phone}, "Body": {"START"}}
	address := b.gateway + gateway.SMSPath
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set(twilio.SignatureHeader, twilio.Sign(sandbox.AuthToken, address, form))
	answer, err := http.DefaultClient.Do(request)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%+v, %v", answer, err)
	}
	_ = answer.Body.Close()
	if why() != "" {
		t.Fatalf("after START her phone is %q", why())
	}
	b.happen("e-3", "purchase", ada.id, purchase)
	ends(3)
	if len(b.got(ada.phone)) != 1 || len(b.got(ada.email)) != 2 {
		t.Errorf("by SMS %d, by mail %d\n%s", len(b.got(ada.phone)), len(b.got(ada.email)), b.story())
	}
}

func TestTheOwnerIsToldOfTheSecondAnswerThatNobodyUnderstands(t *testing.T) {
	t.Parallel()
	b := openAt(t, clock.Starting(monday, time.Now(), rate/4))
	b.work()
	plan := short()
	plan.Steps = plan.Steps[2:3]
	plan.Steps[0].Next, plan.Steps[0].Within = journey.End, journey.Span{Days: 40}
	plan.Goal, plan.Expressions = nil, nil
	b.publish(plan)
	b.publish(tells("unclear-message", "message.unclear"))
	b.staff()
	b.know(ada)
	b.happen("e-1", "purchase", ada.id, purchase)
	b.eventually("she is asked", func() bool { return len(b.got(ada.phone)) == 1 })
	b.answer(ada.phone, sandbox.SMS, "My knee hurts")
	if got := b.got(ada.phone); len(got) != 2 || !strings.Contains(got[1].Text, "reply with just the number") {
		t.Errorf("she got %+v", got)
	}
	b.answer(ada.phone, sandbox.SMS, "As I said")
	b.eventually("the owner is told", func() bool { return len(b.got(robinSlack)) == 1 })
	if got := len(b.got(ada.phone)); got != 2 {
		t.Errorf("she got %d messages, want the question and one word in return", got)
	}
	b.answer(ada.phone, sandbox.SMS, "👍")
	b.eventually("her answer counts", func() bool {
		who, err := b.store.Profile(t.Context(), ada.id)
		return err == nil && len(who.Surveys) == 1 && who.Surveys[0].Score == 4
	})
	unread, err := b.store.Replies(t.Context(), store.ReplyFilter{Owner: "rep-01"}, 10)
	if err != nil || len(unread) != 2 || unread[0].Text != "My knee hurts" {
		t.Errorf("to be read: %+v, %v", unread, err)
	}
}
