package main

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"go.temporal.io/api/enums/v1"

	"perennial/activities"
	"perennial/domain/clock"
	"perennial/domain/contact"
	"perennial/domain/journey"
	"perennial/store"
	"perennial/workflows"
)

// maria lets customers leave in these tests.
var maria = store.Doer{Door: store.DoorCLI, Name: "maria@ops-1"}

func (b *business) farewell() *activities.Farewell {
	return &activities.Farewell{Store: b.store, Temporal: b.main.client, Clock: b.clock, Log: quiet()}
}

// hasLeft says whether all has been done that follows from closing or erasing a customer.
func (b *business) hasLeft(who string) bool {
	b.Helper()
	standing, err := b.store.Standing(b.Context(), who)
	if err != nil {
		b.Fatal(err)
	}
	return standing.Done
}

// known are the texts that say who ada is and that still stand in the export of her.
func (b *business) known(who string) (found []string) {
	b.Helper()
	var exported store.Export
	err := b.store.InTx(b.Context(), func(tx *store.Tx) (err error) {
		exported, err = tx.Export(b.Context(), who, monday)
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	document, err := json.Marshal(exported)
	if err != nil {
		b.Fatal(err)
	}
	for _, personal := range []string{ada.name, ada.phone, ada.email, "Europe/London", "o-1"} {
		if strings.Contains(string(document), personal) {
			found = append(found, personal)
		}
	}
	return found
}

// deeds are the outcomes that the audit log has of a deed, oldest first.
func (b *business) deeds(what string) (outcomes []string) {
	b.Helper()
	deeds, err := b.store.Deeds(b.Context(), store.DeedFilter{What: what}, 0, 100)
	if err != nil {
		b.Fatal(err)
	}
	for _, d := range deeds {
		outcomes = append([]string{d.By.String() + ": " + d.Outcome}, outcomes...)
	}
	return outcomes
}

// remembered is all that Temporal keeps of a customer's run, as JSON.
func (b *business) remembered(e store.Enrollment) string {
	b.Helper()
	var all strings.Builder
	history := b.main.client.GetWorkflowHistory(b.Context(), workflows.WorkflowID(e.Journey, e.Customer, e.Key), "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for history.HasNext() {
		event, err := history.Next()
		if err != nil {
			b.Fatal(err)
		}
		for _, part := range []string{event.String()} {
			all.WriteString(part)
		}
	}
	return all.String()
}

func TestErasingEndsWhatTheyAreInAndRemovesWhatIsKnown(t *testing.T) {
	t.Parallel()
	b := openAt(t, clock.Starting(monday, time.Now(), rate/4))
	b.work()
	b.publish(offers())
	b.know(ada)
	b.happen("e-1", "purchase", ada.id, purchase)
	b.eventually("she waits", func() bool { return b.enrollment(ada.id).Step == "settle_in" })
	if got := b.known(ada.id); len(got) != 5 {
		t.Fatalf("before it, the export knows %v", got)
	}
	left, err := b.farewell().Erase(t.Context(), ada.id, maria)
	if err != nil || left.Before || left.Ended != 1 || left.Removed == 0 {
		t.Fatalf("%+v, %v", left, err)
	}
	e := b.ends(ada.id, "exited: erased")
	b.eventually("the run closes", func() bool { return b.status(e) == enums.WORKFLOW_EXECUTION_STATUS_COMPLETED })
	if got := b.known(ada.id); len(got) != 0 || !b.hasLeft(ada.id) {
		t.Errorf("still known: %v", got)
	}
	// What Temporal keeps needs no erasing: there never was anything.
	history := b.remembered(e)
	if !strings.Contains(history, ada.id) {
		t.Error("the history is not hers")
	}
	for _, personal := range []string{ada.name, "Ada", ada.phone, ada.email, "example.org", "12015550101"} {
		if strings.Contains(history, personal) {
			t.Errorf("the history has %q", personal)
		}
	}
	b.happen("e-2", "purchase", ada.id, purchase) // her shop does not know yet
	if found, err := b.store.Enrollments(t.Context(), store.EnrollmentFilter{Customer: ada.id}, 0, 10); err != nil || len(found) != 1 {
		t.Errorf("she is in %+v, %v", found, err)
	}
	if _, err := b.store.Event(t.Context(), "e-2"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the event is stored: %v", err)
	}
	if got := len(b.got(ada.phone)) + len(b.got(ada.email)); got != 1 {
		t.Errorf("she got %d messages, want the one before she was erased", got)
	}
	if again, err := b.farewell().Erase(t.Context(), ada.id, maria); err != nil || !again.Before {
		t.Errorf("again: %+v, %v", again, err)
	}
	if got := b.deeds(store.Erased); len(got) != 2 || !strings.Contains(got[0], "maria@ops-1: begun") || !strings.Contains(got[1], "maria@ops-1: done: 1 enrollments ended") {
		t.Errorf("the audit log has %q", got)
	}
}

// Whoever erases is killed right after the mark: a worker finishes it, and nothing is sent meanwhile.
func TestAfterTheMarkNothingIsSentAndASweepFinishesErasing(t *testing.T) {
	t.Parallel()
	b := setup(t) // three days in three seconds: her wait ends before a sweep comes
	b.publish(offers())
	b.know(ada)
	b.happen("e-1", "purchase", ada.id, purchase)
	b.eventually("she waits", func() bool { return b.enrollment(ada.id).Step == "settle_in" })
	e := b.enrollment(ada.id)
	if err := b.farewell().Mark(t.Context(), ada.id, maria); err != nil {
		t.Fatal(err)
	}
	b.eventually("a sweep finishes it", func() bool { return b.hasLeft(ada.id) })
	if got := b.known(ada.id); len(got) != 0 {
		t.Errorf("still known: %v", got)
	}
	if got := len(b.got(ada.phone)) + len(b.got(ada.email)); got != 1 {
		t.Errorf("she got %d messages, want the one before the mark", got)
	}
	touches, err := b.store.Touches(t.Context(), e.ID)
	if err != nil || len(touches) == 0 {
		t.Fatalf("the ledger has %+v, %v", touches, err)
	}
	for _, touch := range touches[1:] {
		if touch.State != store.TouchSkipped || touch.Reason != string(contact.Closed) {
			t.Errorf("%s is %s: %s", touch.Step, touch.State, touch.Reason)
		}
	}
	if got := b.deeds(store.Erased); len(got) != 2 || !strings.HasPrefix(got[1], "worker: done") {
		t.Errorf("the audit log has %q", got)
	}
}

// Whoever erases is killed when what she was in has ended and nothing was removed yet: the same command finishes it.
func TestErasingThatIsCutShortBeforeTheRemovalIsFinishedByDoingItAgain(t *testing.T) {
	t.Parallel()
	b := openAt(t, clock.Starting(monday, time.Now(), 1)) // days are days: nothing else happens
	b.work()
	b.publish(telling())
	b.know(ada)
	b.happen("e-1", "purchase", ada.id, purchase)
	b.eventually("she waits", func() bool { return b.enrollment(ada.id).Step == "visit" })
	ctx, kill := context.WithCancel(t.Context())
	if err := b.farewell().Mark(ctx, ada.id, maria); err != nil {
		t.Fatal(err)
	}
	if _, err := b.farewell().Finish(ctx, ada.id, maria, kill); !errors.Is(err, context.Canceled) {
		t.Fatalf("cut short, it says %v", err)
	}
	b.ends(ada.id, "exited: erased")
	if got := b.known(ada.id); len(got) != 5 || b.hasLeft(ada.id) {
		t.Fatalf("the removal was not cut short: %v", got)
	}
	left, err := b.farewell().Erase(t.Context(), ada.id, maria)
	if err != nil || left.Removed == 0 || left.Before {
		t.Errorf("%+v, %v", left, err)
	}
	if got := b.known(ada.id); len(got) != 0 || !b.hasLeft(ada.id) {
		t.Errorf("still known: %v", got)
	}
}

func TestNoWorkerIsNeededToForgetSomebody(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.publish(telling())
	b.know(ada)
	b.happen("e-1", "purchase", ada.id, purchase)
	b.eventually("her run has started", func() bool { return !b.enrollment(ada.id).StartedAt.IsZero() })
	if _, err := b.farewell().Close(t.Context(), ada.id, "moved", maria); err == nil || !strings.Contains(err.Error(), "no worker answered") {
		t.Errorf("closing waits for a worker, and said %v", err)
	}
	if left, err := b.farewell().Erase(t.Context(), ada.id, maria); err != nil || left.Ended != 1 {
		t.Errorf("%+v, %v", left, err)
	}
	e := b.ends(ada.id, "exited: erased")
	if got := b.status(e); got != enums.WORKFLOW_EXECUTION_STATUS_TERMINATED {
		t.Errorf("her run is %v", got)
	}
	if got := b.known(ada.id); len(got) != 0 {
		t.Errorf("still known: %v", got)
	}
	b.main.Close()
}

func TestClosingEndsWhatTheyAreInAndReopeningLetsThemInAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	plan := telling()
	plan.Enter.Again = journey.Again{Rule: journey.Always}
	b.publish(plan)
	b.know(ada)
	b.happen("e-1", "purchase", ada.id, purchase)
	b.eventually("she waits", func() bool { return b.enrollment(ada.id).Step == "visit" })
	if left, err := b.farewell().Close(t.Context(), ada.id, "moved abroad", maria); err != nil || left.Ended != 1 || left.Removed != 0 {
		t.Errorf("%+v, %v", left, err)
	}
	b.ends(ada.id, "exited: closed")
	b.happen("e-2", "purchase", ada.id, `{"order_id":"o-2","quantity":1,"amount":10,"currency":"USD"}`)
	if e := b.enrollment(ada.id); e.EnteredBy != "e-1" {
		t.Errorf("she entered again: %+v", e)
	}
	if who, err := b.store.Profile(t.Context(), ada.id); err != nil || who.Name != ada.name || who.Purchases.Count != 2 {
		t.Errorf("what is known of her is %+v, %v", who, err)
	}
	err := b.store.InTx(t.Context(), func(tx *store.Tx) error {
		_, err := tx.ReopenCustomer(t.Context(), ada.id, b.clock.At(time.Now()).UTC())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	b.happen("e-3", "purchase", ada.id, `{"order_id":"o-3","quantity":1,"amount":10,"currency":"USD"}`)
	b.eventually("she is in it again", func() bool { return b.enrollment(ada.id).EnteredBy == "e-3" })
}

func TestNobodyIsToldOfACustomerWhoIsClosed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	plan := telling()
	plan.Steps = append([]journey.Step{{ID: "settle_in", Verb: journey.Wait, Next: 1, For: journey.Span{Days: 3}}}, plan.Steps...)
	plan.Steps[1].Next = 2
	b.publish(plan)
	b.staff()
	b.know(ada)
	b.happen("e-1", "purchase", ada.id, purchase)
	b.eventually("she waits", func() bool { return b.enrollment(ada.id).Step == "settle_in" })
	err := b.store.InTx(t.Context(), func(tx *store.Tx) error { // as if whoever closes her were killed before her run heard of it
		_, err := tx.CloseCustomer(t.Context(), ada.id, "moved abroad", b.clock.At(time.Now()).UTC())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	touches := b.told()
	if len(touches) != 1 || touches[0].Kind != journey.Notify || touches[0].State != store.TouchSkipped || touches[0].Reason != string(contact.Closed) {
		t.Errorf("the ledger has %+v", touches)
	}
	if got := len(b.got(robinSlack)) + len(b.got(robinMail)); got != 0 {
		t.Errorf("the owner got %d messages", got)
	}
	b.eventually("a sweep ends what she is in", func() bool { return b.hasLeft(ada.id) })
	b.ends(ada.id, "exited: closed")
}
