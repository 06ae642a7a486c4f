package activities_test

import (
	"encoding/json"
	"testing"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/converter"

	"perennial/activities"
	"perennial/domain/clock"
	"perennial/domain/journey"
	"perennial/store"
	"perennial/workflows"
)

// winBack looks for those who never bought, until they do or complain.
func winBack() journey.Plan {
	plan := entering("", "", "customer.purchases.count == 0", journey.Span{})
	plan.Enter.Again = journey.Again{Rule: journey.Never}
	plan.Goal = &journey.Trigger{On: "purchase"}
	plan.Exits = []journey.Trigger{{On: "complaint.opened"}}
	return plan
}

// rule publishes a plan, and returns its own rule.
func (d *door) rule(plan journey.Plan) *activities.Rule {
	d.Helper()
	d.publish(plan)
	rule, err := d.entrance.OwnRule(d.Context(), plan.Journey)
	if err != nil {
		d.Fatal(err)
	}
	return rule
}

// occurs stores an event of c-1 that happens now, and carries it to whoever listens.
func (d *door) occurs(id, kind, data string) {
	d.Helper()
	now := d.entrance.Clock.At(time.Now()).UTC()
	event := store.Event{ID: id, Type: kind, Customer: "c-1", At: now, Data: json.RawMessage(data)}
	if _, err := d.store.RecordEvents(d.Context(), []store.Event{event}, now); err != nil {
		d.Fatal(err)
	}
	if err := (&activities.Events{Entrance: d.entrance}).Dispatch(d.Context(), event); err != nil {
		d.Fatal(err)
	}
}

// admit lets those enter whom a page found, and says what became of each.
func (d *door) admit(rule *activities.Rule, page activities.Page) (entries []store.Entry) {
	d.Helper()
	err := d.entrance.Admit(d.Context(), rule, page.Entrants, "scan", func(a activities.Admitted) {
		if a.Err != nil {
			d.Error(a.Err)
		}
		entries = append(entries, a.Entry)
	})
	if err != nil {
		d.Fatal(err)
	}
	return entries
}

// told are the ids of the events that the run of an enrollment was told of.
func (d *door) told(e store.Enrollment) (ids []string) {
	d.Helper()
	history := d.temporal.GetWorkflowHistory(d.Context(), workflows.WorkflowID(e.Journey, e.Customer, e.Key), "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for history.HasNext() {
		entry, err := history.Next()
		if err != nil {
			d.Fatal(err)
		}
		signal := entry.GetWorkflowExecutionSignaledEventAttributes()
		if signal == nil {
			continue
		}
		var event journey.Event
		if err := converter.GetDefaultDataConverter().FromPayloads(signal.GetInput(), &event); err != nil {
			d.Fatal(err)
		}
		ids = append(ids, event.ID)
	}
	return ids
}

func TestWhoBuysBetweenTheLookAndTheirTurnDoesNotEnter(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	rule := d.rule(winBack())
	page, err := d.entrance.Look(t.Context(), rule, "", time.Time{})
	if err != nil || len(page.Entrants) != 1 {
		t.Fatalf("%+v, %v", page, err)
	}
	d.occurs("p-1", "purchase", `{"amount": 5}`)
	if got := d.admit(rule, page); len(got) != 1 || got[0] != activities.NoLonger {
		t.Errorf("got %v", got)
	}
	if all := d.enrollments("looking"); len(all) != 0 {
		t.Errorf("entered: %+v", all)
	}
}

func TestWhatHappensBetweenTheLookAndTheirTurnIsToldToTheEnrollment(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	rule := d.rule(winBack())
	d.occurs("c-0", "complaint.opened", `{}`) // before the look: it keeps nobody out
	page, err := d.entrance.Look(t.Context(), rule, "", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	d.occurs("c-1", "complaint.opened", `{}`)
	d.occurs("v-1", "visit.completed", `{}`) // nobody listens for that
	if got := d.admit(rule, page); len(got) != 1 || got[0] != store.Entered {
		t.Fatalf("got %v", got)
	}
	if got := d.told(d.enrollments("looking")[0]); len(got) != 1 || got[0] != "c-1" {
		t.Errorf("it was told of %v", got)
	}
}

func TestAnEnrollmentThatIsStartedLateIsToldWhatHappenedSinceTheLook(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	rule := d.rule(winBack())
	d.occurs("c-1", "complaint.opened", `{}`)
	// Whoever wrote the enrollment crashed before its run was started.
	err := d.store.InTx(t.Context(), func(tx *store.Tx) error {
		_, _, err := tx.Enroll(t.Context(), store.NewEnrollment{Journey: rule.Journey(), Version: rule.Version(), Customer: "c-1", EnteredFor: "scan", EnteredAt: noon})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	d.occurs("v-1", "visit.completed", `{}`)
	page, err := d.entrance.Look(t.Context(), rule, "", noon)
	if err != nil {
		t.Fatal(err)
	}
	if got := d.admit(rule, page); len(got) != 1 || got[0] != store.EnteredBefore {
		t.Fatalf("got %v", got)
	}
	if got := d.told(d.enrollments("looking")[0]); len(got) != 1 || got[0] != "c-1" {
		t.Errorf("it was told of %v", got)
	}
}

func TestAsOfADayWhatHappenedSinceKeepsNobodyOut(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	rule := d.rule(winBack())
	page, err := d.entrance.LookAt(t.Context(), rule, []string{"c-1"}, noon.AddDate(0, 0, -30))
	if err != nil {
		t.Fatal(err)
	}
	d.occurs("p-1", "purchase", `{"amount": 5}`)
	if got := d.admit(rule, page); len(got) != 1 || got[0] != store.Entered {
		t.Errorf("got %v", got)
	}
}

func TestACorrectedDateLetsNobodyInAgainAndNextYearsDoes(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	plan := entering("agreement", "agreement.renews_on - days(60)", "", journey.Span{Days: 7})
	plan.Enter.Again = journey.Again{Rule: journey.Always}
	rule := d.rule(plan)
	scan := func() []store.Entry {
		t.Helper()
		page, err := d.entrance.Look(t.Context(), rule, "", time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		return d.admit(rule, page)
	}
	renews := func(id, day string) {
		t.Helper()
		d.occurs(id, store.EventAgreementRenewed, `{"agreement_id": "a-1", "renews_on": "`+day+`"}`)
	}
	renews("r-1", "2026-07-03")
	if got := scan(); len(got) != 1 || got[0] != store.Entered {
		t.Fatalf("when it is due: %v", got)
	}
	first := d.enrollments("looking")[0]
	if err := d.store.Finish(t.Context(), first.ID, journey.OutcomeCompleted, noon); err != nil {
		t.Fatal(err)
	}
	if err := d.temporal.TerminateWorkflow(t.Context(), workflows.WorkflowID(first.Journey, first.Customer, first.Key), "", "over"); err != nil {
		t.Fatal(err)
	}
	renews("r-2", "2026-07-01")
	if got := scan(); len(got) != 1 || got[0] != store.NotAgain {
		t.Errorf("corrected by two days: %v", got)
	}
	d.entrance.Clock = clock.Starting(noon.AddDate(1, 0, 0), time.Now(), 2)
	renews("r-3", "2027-07-01")
	if got := scan(); len(got) != 1 || got[0] != store.Entered {
		t.Errorf("a year later: %v", got)
	}
}

func TestByHandWhoHasNoDateDoesNotEnterAJourneyOfDates(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	d.publish(entering("agreement", "agreement.renews_on - days(60)", "", journey.Span{Days: 7}))
	d.occurs("r-1", store.EventAgreementRenewed, `{"agreement_id": "a-1", "renews_on": "2027-07-03"}`) // it need not have come
	d.occurs("r-2", store.EventAgreementEnded, `{"agreement_id": "a-2"}`)
	for condition, unclear := range map[string]int{"": 1, "true": 1, "agreement.id == 'a-1'": 0} {
		rule, err := d.entrance.ByHand(t.Context(), "looking", condition)
		if err != nil {
			t.Fatal(err)
		}
		page, err := d.entrance.LookAt(t.Context(), rule, []string{"c-1"}, time.Time{})
		if err != nil || len(page.Entrants) != 1 || page.Entrants[0].Key != "a-1" {
			t.Errorf("%q: %+v, %v", condition, page.Entrants, err)
		}
		if len(page.Unclear) != unclear || unclear > 0 && page.Unclear[0].Why.Error() != "not in looking: its date is not known" {
			t.Errorf("%q: %+v", condition, page.Unclear)
		}
	}
}
