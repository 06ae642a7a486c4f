package activities_test

import (
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"

	"perennial/activities"
	"perennial/domain/journey"
	"perennial/workflows"
)

// scan runs the activity as a worker does: from where it was, if it is told. Where the worker stops, it stops during the first page. It returns
// when the scan began, too.
func (d *door) scan(from map[string]any, stopping bool) (scanned workflows.Scanned, begun time.Time, err error) {
	d.Helper()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(quiet()))
	env := suite.NewTestActivityEnvironment()
	env.SetTestTimeout(5 * time.Minute)
	env.RegisterActivity(d.entrance.ScanCustomers)
	if from != nil {
		env.SetHeartbeatDetails(from)
	}
	stop := make(chan struct{})
	env.SetWorkerStopChannel(stop)
	env.SetOnActivityHeartbeatListener(func(_ *activity.Info, details converter.EncodedValues) {
		var at struct{ Begun time.Time }
		if err := details.Get(&at); err != nil {
			d.Error(err)
		}
		if begun.IsZero() && stopping {
			close(stop)
		}
		begun = at.Begun
	})
	value, err := env.ExecuteActivity(d.entrance.ScanCustomers, workflows.ScanRequest{Journey: "looking"})
	if err == nil {
		err = value.Get(&scanned)
	}
	return scanned, begun, err
}

func TestAScanGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	d.know(1200, visits)
	plan := entering("", "", "has(customer.visits) && customer.visits > 3 && now + days(customer.visits) > now", journey.Span{})
	plan.Enter.Again = journey.Again{Rule: journey.AfterExit}
	d.publish(plan)

	_, begun, err := d.scan(nil, true)
	if err == nil {
		t.Fatal("the worker stopped, and the scan was over")
	}
	const first = 45 // of the first 500 customers, which are c-1 and k-0001 to k-0499
	if entered := len(d.enrollments("looking")); entered != first {
		t.Fatalf("%d had entered when the worker stopped", entered)
	}
	note := map[string]any{"begun": begun, "after": "k-0499", "scanned": workflows.Scanned{Looked: activities.PageSize, Entered: first, Failed: 4}}
	// The rest enters, and then a second worker goes on from the same note: as after a crash in the middle of what followed it.
	for range 2 {
		scanned, _, err := d.scan(note, false)
		want := workflows.Scanned{Looked: 1201, Entered: 108, Failed: 12}
		if err != nil || scanned != want {
			t.Errorf("got %+v, %v, want %+v", scanned, err, want)
		}
		all := d.enrollments("looking")
		for _, e := range all {
			if e.StartedAt.IsZero() {
				t.Errorf("enrollment %d was not started", e.ID)
			}
		}
		if len(all) != 108 {
			t.Errorf("%d entered", len(all))
		}
	}
	// Whoever has come to the end by then does not enter twice in one scan, and does in the next.
	for _, e := range d.enrollments("looking") {
		if err := d.store.Finish(t.Context(), e.ID, journey.OutcomeCompleted, noon); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := d.scan(note, false); err != nil || len(d.enrollments("looking")) != 108 {
		t.Errorf("%d enrollments, %v", len(d.enrollments("looking")), err)
	}
	for _, e := range d.enrollments("looking") {
		if err := d.temporal.TerminateWorkflow(t.Context(), workflows.WorkflowID(e.Journey, e.Customer, ""), "", "over"); err != nil {
			t.Fatal(err)
		}
	}
	if scanned, _, err := d.scan(nil, false); err != nil || scanned.Entered != 108 || len(d.enrollments("looking")) != 216 {
		t.Errorf("the next scan: %+v, %d enrollments, %v", scanned, len(d.enrollments("looking")), err)
	}
}

func TestAScanOfAJourneyThatLooksForNobodySaysSo(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	scanned, _, err := d.scan(nil, false)
	if err != nil || scanned.Looked != 0 || scanned.Note == "" {
		t.Errorf("not published: %+v, %v", scanned, err)
	}
	plan := entering("", "", "", journey.Span{})
	plan.Enter.Every = journey.Span{}
	d.publish(plan)
	scanned, _, err = d.scan(nil, false)
	if err != nil || scanned.Note != "journey looking: it looks for nobody by itself" {
		t.Errorf("got %+v, %v", scanned, err)
	}
}
