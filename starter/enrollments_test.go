package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/store"
	"perennial/workflows"
)

// entered has a customer in the journey that we ship, by an event and with a workflow.
func entered(t *testing.T) (*business, store.Enrollment) {
	t.Helper()
	b := newBusiness(t).withCustomers().withTemporal().withGateway().withWorker()
	b.does("journeys", "publish", "--dir", journeys(t), "-m", "First")
	b.does("event", "purchase", "--customer", "c-1", "--id", "e-1", "--data", "amount=29.30", "--data", "order_id=o-1", "--data", "quantity=1")
	var found []store.Enrollment
	b.reads(&found, "enrollments", "list", "--customer", "c-1")
	if len(found) != 1 {
		t.Fatalf("c-1 has %d enrollments", len(found))
	}
	return b, found[0]
}

func TestAnEnrollmentIsSteeredByHand(t *testing.T) {
	t.Parallel()
	b, e := entered(t)
	id := fmt.Sprint(e.ID)
	says(t, b.does("enrollments", "pause", id), "Enrollment "+id+", c-1 in onboarding, is paused at step ")
	var u updated
	b.reads(&u, "enrollments", "resume", id)
	if u.Enrollment != e.ID || u.Paused || u.Outcome != "" {
		t.Errorf("resumed: %+v", u)
	}
	before := u.Step
	if b.reads(&u, "enrollments", "skip", id); u.Step == before {
		t.Errorf("skipped: %+v", u)
	}
	b.refuses("say why", "enrollments", "exit", id)
	says(t, b.does("enrollments", "exit", id, "--reason", "moved away"), "has ended: exited: moved away.")

	var ended workflows.Result
	if err := b.dial().GetWorkflow(t.Context(), workflows.WorkflowID("onboarding", "c-1", ""), "").Get(t.Context(), &ended); err != nil {
		t.Fatal(err)
	}
	b.refuses("has ended: exited: moved away, on ", "enrollments", "pause", id)
	b.refuses("there is no enrollment 4242", "enrollments", "resume", "4242")
	says(t, b.does("enrollments", "show", id), "exited: moved away", "by event", "e-1", "Asia/Shanghai",
		"http://127.0.0.1:8233/namespaces/"+b.namespace+"/workflows/journey%2Fonboarding%2Fc-1", "/customers/c-1",
		"The last things that it did:", "skipped by hand", "not sent: the customer has not agreed to this topic")
	var shown shownEnrollment
	if b.reads(&shown, "enrollments", "show", id); len(shown.Path) < 3 || shown.Untold != "" {
		t.Errorf("its path: %+v, %s", shown.Path, shown.Untold)
	}
}

func TestThePathIsReadOutOfARunsDetails(t *testing.T) {
	t.Parallel()
	state := journey.State{Zone: journey.Zone{Name: "Asia/Shanghai", East: 8 * 3600}, Past: []journey.Done{
		{Step: "welcome", At: noon(), Channel: customer.SMS, What: "sent"}, {Step: "a_day", At: noon().Add(time.Hour), What: "this | that"},
	}}
	got := readPast(workflows.Details(workflows.Enrollment{ID: 17}, journey.Plan{}, state))
	want := []passed{{"Mon 4 May 21:00", "a_day", "", "this | that"}, {"Mon 4 May 20:00", "welcome", "SMS", "sent"}}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := readPast(workflows.Details(workflows.Enrollment{ID: 17}, journey.Plan{}, journey.State{})); got != nil {
		t.Errorf("nothing was done, and there is %q", got)
	}
}

func TestWhatIsGoneFromTemporalSaysSo(t *testing.T) {
	t.Parallel()
	b := newBusiness(t).withCustomers().withTemporal()
	e := b.enter("c-1", "onboarding")
	id := fmt.Sprint(e.ID)
	b.refuses("its workflow not started yet", "enrollments", "pause", id)
	if err := b.store.MarkStarted(t.Context(), e.ID, noon()); err != nil {
		t.Fatal(err)
	}
	b.refuses("is not running in Temporal any more", "enrollments", "pause", id)
	says(t, b.does("enrollments", "show", id), "What it did step by step can't be told: its run is gone from Temporal.", "No touch was tried yet.")
	if err := b.store.Finish(t.Context(), e.ID, "completed", noon()); err != nil {
		t.Fatal(err)
	}
	says(t, b.does("enrollments", "show", id), "No touch was tried.")
}

func TestTheListFilters(t *testing.T) {
	t.Parallel()
	b := newBusiness(t).withCustomers()
	first, second := b.enter("c-1", "onboarding"), b.enter("c-2", "onboarding")
	third := b.enter("c-2", "care")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(b.store.Project(t.Context(), first.ID, store.Projection{Step: "settle_in", WaitingFor: "time to pass", NextAt: noon().Add(time.Hour), Paused: true}, noon()))
	must(b.store.MarkStarted(t.Context(), first.ID, noon()))
	must(b.store.Finish(t.Context(), second.ID, "exited: complaint.opened", noon()))
	for args, want := range map[string][]int64{
		"":                                {third.ID, second.ID, first.ID},
		"--running":                       {third.ID, first.ID},
		"--journey care":                  {third.ID},
		"--customer c-2":                  {third.ID, second.ID},
		"--step settle_in":                {first.ID},
		"--outcome exited":                {second.ID},
		"--outcome goal":                  {},
		"--owner maria":                   {first.ID},
		"--limit 1":                       {third.ID},
		fmt.Sprint("--before ", third.ID): {second.ID, first.ID},
	} {
		var found []store.Enrollment
		b.reads(&found, append([]string{"enrollments", "list"}, strings.Fields(args)...)...)
		ids := []int64{}
		for _, e := range found {
			ids = append(ids, e.ID)
		}
		if fmt.Sprint(ids) != fmt.Sprint(want) {
			t.Errorf("%s: got %v, want %v", args, ids, want)
		}
	}
	says(t, b.does("enrollments", "show", fmt.Sprint(first.ID)), "What it did step by step can't be told: no Temporal answers at 127.0.0.1:1")
	if said := b.does("enrollments", "list"); strings.Contains(said, "2026-05-04 13:00") {
		t.Errorf("what is paused has a next time:\n%s", said)
	}
	says(t, b.does("enrollments", "list"), "paused", "3 enrollments; times are UTC; it is now ")
	says(t, b.does("enrollments", "list", "--limit", "2"), fmt.Sprintf("add --before %d", second.ID))
	says(t, b.does("enrollments", "list", "--owner", "nobody"), "No enrollment fits.")
	b.refuses("at least 1", "enrollments", "list", "--limit", "0")
}

func TestACustomerIsShownInTheirOwnTime(t *testing.T) {
	t.Parallel()
	b := newBusiness(t).withCustomers()
	e := b.enter("c-1", "onboarding")
	if err := b.store.RecordConsent(t.Context(), store.Consent{Customer: "c-1", Topic: "care", Granted: true, At: noon(), Source: "reply"}); err != nil {
		t.Fatal(err)
	}
	touch := b.unconfirmed(e)
	says(t, b.does("customers", "show", "c-1"), "林 晓", "+8613800000001", "SMS, then e-mail", "sat-sun 10:00-12:00", "consent to care", "yes",
		"onboarding", "Mon 4 May 2026 20:00 (12:00 UTC)", touch, "unconfirmed", "nobody knows (timeout)", "Times are those of Asia/Shanghai")
	var shown map[string]any
	b.reads(&shown, "customers", "show", "c-1")
	if shown["zone"] != "Asia/Shanghai" || len(shown["touches"].([]any)) != 1 || len(shown["addresses"].([]any)) != 2 {
		text, _ := json.Marshal(shown)
		t.Errorf("got %s", text)
	}
	b.refuses("there is no such customer", "customers", "show", "c-9")

	says(t, b.does("enrollments", "show", fmt.Sprint(e.ID)), touch, "unconfirmed", "Mon 4 May 2026 20:00 (12:00 UTC)")
	says(t, b.does("touches", "unconfirmed"), touch, "c-1", "2026-05-04 12:00")
	var touches []store.Touch
	if b.reads(&touches, "touches", "unconfirmed"); len(touches) != 1 || touches[0].ID != touch {
		t.Errorf("unconfirmed: %+v", touches)
	}
}

func TestNoTouchIsUnconfirmed(t *testing.T) {
	t.Parallel()
	says(t, newBusiness(t).does("touches", "unconfirmed"), "No touch is unconfirmed.")
}

func TestADoubtIsListedWithWhatItsProviderSaid(t *testing.T) {
	t.Parallel()
	b := newBusiness(t).withCustomers()
	touch := b.claimed(b.enter("c-1", "onboarding"))
	if _, err := b.store.Doubt(t.Context(), touch.ID, touch.Attempt, "20500"); err != nil {
		t.Fatal(err)
	}
	says(t, b.does("touches", "unconfirmed"), touch.ID, "in doubt", "it is being found out whether the provider took it (20500)")
	if _, err := b.store.Ask(t.Context(), touch.ID, touch.Attempt, true, 0, 0); err != nil {
		t.Fatal(err)
	}
	says(t, b.does("touches", "unconfirmed"), touch.ID, "said once that it does not have it")
	if _, err := b.store.Found(t.Context(), touch.ID, "SM1", "it turned out to have it", noon()); err != nil {
		t.Fatal(err)
	}
	says(t, b.does("touches", "unconfirmed"), "No touch is unconfirmed.")
	says(t, b.does("enrollments", "show", fmt.Sprint(touch.Enrollment)), touch.ID, "sent", "it turned out to have it")
}

// claimed makes a touch of an enrollment that somebody is sending.
func (b *business) claimed(e store.Enrollment) store.Touch {
	b.t.Helper()
	touch := store.NewTouch{
		TouchKey: store.TouchKey{Enrollment: e.ID, TouchKey: journey.TouchKey{Step: "welcome", Occurrence: 1, Try: 1}},
		Customer: e.Customer, Channel: customer.SMS, Template: "welcome", Topic: "service", Kind: journey.Send, DueAt: noon(),
	}
	var claimed store.Touch
	err := b.store.InTx(b.t.Context(), func(tx *store.Tx) (err error) {
		claimed, _, err = tx.Claim(b.t.Context(), touch, noon(), time.Minute)
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return claimed
}

// unconfirmed makes a touch of an enrollment of which nobody knows whether it was sent, and returns its id.
func (b *business) unconfirmed(e store.Enrollment) string {
	b.t.Helper()
	claimed := b.claimed(e)
	if _, err := b.store.Unconfirmed(b.t.Context(), claimed.ID, claimed.Attempt, "nobody knows", "timeout", noon()); err != nil {
		b.t.Fatal(err)
	}
	return claimed.ID
}
