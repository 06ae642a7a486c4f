package main

import (
	"sync"
	"testing"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"perennial/channel/sandbox"
	"perennial/domain/contact"
	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/store"
	"perennial/workflows"
)

// short is a journey of every verb: welcome, three days, a question, thanks or a wait for a visit.
func short() journey.Plan {
	return journey.Plan{
		Journey: "short", Title: "A short journey",
		Enter: journey.Enter{On: "purchase", Again: journey.Again{Rule: journey.Never}},
		Goal:  &journey.Trigger{On: "purchase", When: 2, Within: journey.Span{Days: 90}},
		Exits: []journey.Trigger{{On: "complaint.opened", Reason: "complaint.opened"}},
		Steps: []journey.Step{
			{ID: "welcome", Verb: journey.Send, Next: 1, Template: "welcome", Topic: "service", Valid: journey.Span{Days: 7}},
			{ID: "settle_in", Verb: journey.Wait, Next: 2, For: journey.Span{Days: 3}},
			{ID: "how_is_it", Verb: journey.Ask, Next: 3, Template: "satisfaction", Survey: "satisfaction", Topic: "service", On: journey.SurveyAnswered, Within: journey.Span{Days: 5}, Valid: journey.Span{Days: 7}},
			{ID: "happy", Verb: journey.If, Next: journey.End, If: 1, Then: 4, Else: 5},
			{ID: "thanks", Verb: journey.Send, Next: 5, Template: "thanks", Topic: "marketing", Valid: journey.Span{Days: 7}},
			{ID: "visit", Verb: journey.Wait, Next: journey.End, On: "visit.completed", Within: journey.Span{Days: 400}},
		},
		Expressions: []journey.Expression{
			{Source: "has(answer.how_is_it) && answer.how_is_it > 2", Type: "bool"},
			{Source: "customer.purchases.count >= 2", Type: "bool"},
		},
	}
}

const purchase = `{"order_id":"o-1","quantity":1,"amount":10,"currency":"USD"}`

func TestACustomerIsFollowedUpFromEventToGoal(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.publish(short())
	b.know(ada)
	b.happen("e-1", "purchase", ada.id, purchase)
	b.eventually("she is asked", func() bool { return len(b.got(ada.phone)) == 2 })
	if _, err := b.sandbox.Answer(t.Context(), sandbox.Reply{Address: ada.phone, Channel: sandbox.SMS, Text: "5"}); err != nil {
		t.Fatal(err)
	}
	b.eventually("she is thanked", func() bool { return len(b.got(ada.phone)) == 3 })
	b.happen("e-2", "purchase", ada.id, `{"order_id":"o-2","quantity":1,"amount":10,"currency":"USD"}`)
	e := b.ends(ada.id, journey.OutcomeGoal)
	b.eventually("the run closes", func() bool { return b.status(e) == enums.WORKFLOW_EXECUTION_STATUS_COMPLETED })
	if got := len(b.got(ada.phone)) + len(b.got(ada.email)); got != 3 {
		t.Errorf("she got %d messages, want 3", got)
	}
	b.eventually("managers find her run by journey, step, owner and outcome", func() bool {
		found, err := b.main.client.CountWorkflow(t.Context(), &workflowservice.CountWorkflowExecutionsRequest{
			Namespace: b.main.Temporal.Namespace, Query: `Journey = "short" AND Step = "visit" AND Owner = "rep-01" AND Outcome = "goal"`,
		})
		if err != nil {
			t.Fatal(err)
		}
		return found.GetCount() == 1
	})
}

func TestATouchWaitsForTheCustomersOwnHours(t *testing.T) {
	t.Parallel()
	b := openAt(t, slow(time.Date(2026, 5, 8, 19, 0, 0, 0, time.UTC))) // Friday, eight in the evening in London
	b.work()
	b.publish(short())
	eve := person{"c-2", "Eve Lorimer", "+12015550102", "c2@example.org", "email>sms", "fri-sat 22:00-01:00", "service care marketing"}
	b.know(eve)
	b.happen("e-1", "purchase", eve.id, purchase)
	b.eventually("she is welcomed", func() bool { return len(b.got(eve.email)) == 1 })
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	wall := b.got(eve.email)[0].At.In(london)
	// What is on the way when the window closes may arrive a little later, and what misses it comes in the next of her nights.
	for _, opens := range []time.Time{time.Date(2026, 5, 8, 22, 0, 0, 0, london), time.Date(2026, 5, 9, 22, 0, 0, 0, london)} {
		if !wall.Before(opens) && wall.Before(opens.Add(4*time.Hour)) {
			return
		}
	}
	t.Errorf("she was welcomed on %v", wall)
}

func TestAComplaintEndsAWaitAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.publish(short())
	b.know(ada)
	b.happen("e-1", "purchase", ada.id, purchase)
	b.eventually("she waits", func() bool { return b.enrollment(ada.id).Step == "settle_in" })
	b.happen("e-2", "complaint.opened", ada.id, "")
	b.ends(ada.id, "exited: complaint.opened")
	if got := len(b.got(ada.phone)); got != 1 {
		t.Errorf("she got %d messages, want 1", got)
	}
}

func TestNobodyIsReachedWithoutConsent(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.publish(short())
	silent := person{"c-3", "Gray Oakley", "+12015550103", "c3@example.org", "sms>email", "", ""}
	b.know(silent)
	b.happen("e-1", "purchase", silent.id, purchase)
	b.eventually("the visit is waited for", func() bool { return b.enrollment(silent.id).Step == "visit" })
	if got := len(b.got(silent.phone)) + len(b.got(silent.email)); got != 0 {
		t.Errorf("%d messages were sent", got)
	}
	touches, err := b.store.Touches(t.Context(), b.enrollment(silent.id).ID)
	if err != nil || len(touches) != 2 || touches[0].State != store.TouchSkipped || touches[0].Reason != string(contact.NoConsent) {
		t.Errorf("the ledger has %+v, %v", touches, err)
	}
}

func TestABadAddressGivesWayToTheNextChannel(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.publish(short())
	b.know(ada)
	b.sandbox.SetFault(ada.phone, sandbox.BadAddress, 0)
	b.happen("e-1", "purchase", ada.id, purchase)
	b.eventually("she is welcomed by e-mail", func() bool { return len(b.got(ada.email)) >= 1 })
	who, err := b.store.Profile(t.Context(), ada.id)
	if err != nil || who.Addresses[customer.SMS].Bad != "bad_address" {
		t.Errorf("her phone is %+v, %v", who.Addresses[customer.SMS], err)
	}
	b.eventually("she is asked by e-mail too", func() bool { return len(b.got(ada.email)) == 2 })
}

func TestAProviderThatFailsForAWhileLosesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.publish(short())
	b.know(ada)
	b.sandbox.SetFault(ada.phone, sandbox.Throttle, 2)
	b.happen("e-1", "purchase", ada.id, purchase)
	b.eventually("she is welcomed", func() bool { return len(b.got(ada.phone)) == 1 })
}

func TestWhatMayHaveBeenSentIsNotSentAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.publish(short())
	b.know(ada)
	b.sandbox.SetFault(ada.phone, sandbox.Cut, 1)
	b.happen("e-1", "purchase", ada.id, purchase)
	b.eventually("she is asked", func() bool { return len(b.got(ada.phone)) == 2 })
	unconfirmed := 0
	touches, err := b.store.Touches(t.Context(), b.enrollment(ada.id).ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, touch := range touches {
		if touch.Step == "welcome" && (touch.State == store.TouchUnconfirmed || touch.State == store.TouchDelivered) {
			unconfirmed++
		}
	}
	if unconfirmed != 1 {
		t.Errorf("the welcome is not known to be unconfirmed:\n%s", b.story())
	}
}

func TestPauseSkipResumeAndExitByHand(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.publish(short())
	b.know(ada)
	b.happen("e-1", "purchase", ada.id, purchase)
	b.eventually("she waits", func() bool { return b.enrollment(ada.id).Step == "settle_in" })
	if status := b.update(workflows.UpdatePause, ada.id); !status.Paused || status.Step != "settle_in" {
		t.Errorf("paused: %+v", status)
	}
	b.eventually("the row says so", func() bool { return b.enrollment(ada.id).Paused })
	if status := b.update(workflows.UpdateSkip, ada.id); status.Step != "how_is_it" || !status.Paused {
		t.Errorf("skipped: %+v", status)
	}
	if status := b.update(workflows.UpdateResume, ada.id); status.Paused {
		t.Errorf("resumed: %+v", status)
	}
	// Not before it is known that the question was sent: an exit in the middle of a delivery has no outcome until that has ended.
	b.eventually("her answer is waited for", func() bool { return b.enrollment(ada.id).WaitingFor == journey.SurveyAnswered })
	if status := b.update(workflows.UpdateExit, ada.id, workflows.ExitRequest{Reason: "moved away"}); status.Outcome != "exited: moved away" {
		t.Errorf("exited: %+v", status)
	}
	b.ends(ada.id, "exited: moved away")
}

func TestCancellingTheRunIsAnExitByHand(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.publish(short())
	b.know(ada)
	b.happen("e-1", "purchase", ada.id, purchase)
	b.eventually("she waits", func() bool { return b.enrollment(ada.id).Step == "settle_in" })
	if err := b.main.client.CancelWorkflow(t.Context(), workflows.WorkflowID("short", ada.id, ""), ""); err != nil {
		t.Fatal(err)
	}
	e := b.ends(ada.id, "exited: cancelled by hand")
	b.eventually("the run closes as cancelled", func() bool { return b.status(e) == enums.WORKFLOW_EXECUTION_STATUS_CANCELED })
}

func TestATerminatedRunIsReconciled(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.publish(short())
	b.know(ada)
	b.happen("e-1", "purchase", ada.id, purchase)
	b.eventually("she waits", func() bool { return b.enrollment(ada.id).Step == "settle_in" })
	if err := b.main.client.TerminateWorkflow(t.Context(), workflows.WorkflowID("short", ada.id, ""), "", "test"); err != nil {
		t.Fatal(err)
	}
	b.ends(ada.id, "exited: terminated by hand")
}

func TestAnEventThatWasOnlyStoredIsRoutedByTheSweep(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.publish(short())
	b.know(ada)
	_, err := b.store.RecordEvents(t.Context(), []store.Event{{ID: "e-1", Type: "purchase", Customer: ada.id, At: monday, Data: []byte(purchase)}}, monday)
	if err != nil {
		t.Fatal(err)
	}
	b.eventually("she is welcomed", func() bool { return len(b.got(ada.phone)) == 1 })
}

func TestTheSameEventEntersOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.publish(short())
	b.know(ada)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() { b.happen("e-1", "purchase", ada.id, purchase) })
	}
	all.Wait()
	b.eventually("she is welcomed", func() bool { return len(b.got(ada.phone)) >= 1 })
	b.happen("e-1", "purchase", ada.id, purchase)
	b.eventually("she is asked", func() bool { return len(b.got(ada.phone)) >= 2 })
	found, err := b.store.Enrollments(t.Context(), store.EnrollmentFilter{}, 0, 10)
	if err != nil || len(found) != 1 || len(b.got(ada.phone)) != 2 {
		t.Errorf("%d enrollments, %d messages, %v", len(found), len(b.got(ada.phone)), err)
	}
}

// update sends an update to the customer's run, and returns its answer.
func (b *business) update(name, who string, args ...any) workflows.Status {
	b.Helper()
	handle, err := b.main.client.UpdateWorkflow(b.Context(), client.UpdateWorkflowOptions{
		WorkflowID: workflows.WorkflowID(b.enrollment(who).Journey, who, ""), UpdateName: name, Args: args, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err != nil {
		b.Fatal(err)
	}
	var status workflows.Status
	if err := handle.Get(b.Context(), &status); err != nil {
		b.Fatal(err)
	}
	return status
}

func TestAComplaintThatIsRoutedBeforeThePurchaseStillEndsTheJourney(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.publish(short())
	b.know(ada)
	events := []store.Event{
		{ID: "e-1", Type: "purchase", Customer: ada.id, At: monday, Data: []byte(purchase)},
		{ID: "e-2", Type: "complaint.opened", Customer: ada.id, At: monday.Add(time.Hour)},
	}
	if _, err := b.store.RecordEvents(t.Context(), events, b.clock.At(time.Now())); err != nil {
		t.Fatal(err)
	}
	for _, late := range []store.Event{events[1], events[0]} {
		if err := b.events().Dispatch(t.Context(), late); err != nil {
			t.Fatal(err)
		}
	}
	b.ends(ada.id, "exited: complaint.opened")
}
