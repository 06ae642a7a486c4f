package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"perennial/activities"
	"perennial/domain/clock"
	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/store"
	"perennial/workflows"
)

// looking is a journey that looks for customers every day of the stack's clock, and greets each once.
func looking(condition string) journey.Plan {
	return journey.Plan{
		Journey: "looking", Title: "Looking", Enter: journey.Enter{Every: journey.Span{Days: 1}, When: 1, Again: journey.Again{Rule: journey.Never}},
		Expressions: []journey.Expression{{Source: condition, Type: "bool"}},
		Steps: []journey.Step{
			{ID: "hello", Verb: journey.Send, Next: 1, Template: "hello", Topic: "service", Valid: journey.Span{Years: 1}},
			{ID: "rest", Verb: journey.Wait, Next: journey.End, For: journey.Span{Years: 20}},
		},
	}
}

// audience knows customers s-1 and so on.
func (b *business) audience(size int) {
	b.Helper()
	var rows strings.Builder
	rows.WriteString("customer,name,email,language,time_zone,channels,consents\n")
	for n := range size {
		fmt.Fprintf(&rows, "s-%d,Ada Fairley,s%d@example.org,en,Europe/London,email,service\n", n+1, n+1)
	}
	b.importCSV(rows.String())
}

func TestAScanLetsHundredsEnterAndGreetsEachOnce(t *testing.T) {
	t.Parallel()
	b := openAt(t, clock.Starting(monday, time.Now(), rate/10))
	b.work()
	const customers, entering = 240, 216
	b.audience(customers)
	plan := looking("!customer.id.endsWith('0')")
	plan.Enter.Every = journey.Span{Exact: 6 * time.Hour} // 2 seconds
	b.publish(plan)
	if _, err := b.schedules().Reconcile(t.Context()); err != nil {
		t.Fatal(err)
	}
	received := func() map[string]int {
		got := map[string]int{}
		for _, m := range b.sandbox.After(0) {
			got[m.Address]++
		}
		return got
	}
	b.eventually("everybody is greeted", func() bool { return len(received()) == entering })
	scans := func() int64 {
		counted, err := b.main.client.CountWorkflow(t.Context(), &workflowservice.CountWorkflowExecutionsRequest{
			Namespace: b.main.Temporal.Namespace, Query: "WorkflowType = 'Scan' AND ExecutionStatus = 'Completed'",
		})
		if err != nil {
			t.Fatal(err)
		}
		return counted.GetCount()
	}
	done := scans()
	b.eventually("it looks again, and again", func() bool { return scans() >= done+2 })
	for address, n := range received() {
		if n != 1 {
			t.Errorf("%s received %d messages", address, n)
		}
	}
	found, err := b.store.Enrollments(t.Context(), store.EnrollmentFilter{Journey: "looking"}, 0, customers)
	if err != nil || len(found) != entering {
		t.Errorf("%d enrollments, %v", len(found), err)
	}
}

// A scan is read by managers: what ran, what it did, and that nothing of a person is in it.
func TestAScanReadsWellInTheUI(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.audience(3)
	b.publish(looking("customer.id == 's-2'")) // whoever published it crashed: the sweep sets the schedule
	b.eventually("she enters", func() bool { return b.enrollment("s-2").Journey == "looking" })
	var scan client.WorkflowRun
	b.eventually("a scan is over", func() bool {
		list, err := b.main.client.ListWorkflow(t.Context(), &workflowservice.ListWorkflowExecutionsRequest{
			Namespace: b.main.Temporal.Namespace, Query: "WorkflowType = 'Scan' AND ExecutionStatus = 'Completed'",
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, info := range list.GetExecutions() {
			scan = b.main.client.GetWorkflow(t.Context(), info.GetExecution().GetWorkflowId(), info.GetExecution().GetRunId())
		}
		return scan != nil
	})
	if !strings.HasPrefix(scan.GetID(), "enter-looking") {
		t.Errorf("its id is %s", scan.GetID())
	}
	var scanned workflows.Scanned
	if err := scan.Get(t.Context(), &scanned); err != nil || scanned.Looked != 3 || scanned.Entered+scanned.Refused != 1 {
		t.Errorf("got %+v, %v", scanned, err)
	}
	if text := (workflows.Scanned{Looked: 3, Entered: 1}).Details(); !strings.HasPrefix(text, "**1 entered.**") {
		t.Errorf("details: %s", text)
	}
}

func (b *business) schedules() *activities.Schedules {
	return &activities.Schedules{Store: b.store, Temporal: b.main.client, Clock: b.clock, Log: quiet()}
}

func TestTwoAgreementsAreTwoEnrollmentsEachWithItsOwnDate(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.know(ada)
	renewal := looking("!has(agreement.ended_on)")
	renewal.Journey, renewal.Title = "renewal", "Renewal"
	renewal.Enter.Each, renewal.Enter.At, renewal.Enter.Late = customer.Agreement, 2, journey.Span{Days: 20}
	renewal.Expressions = append(renewal.Expressions, journey.Expression{Source: "agreement.renews_on - days(60)", Type: "timestamp"})
	renewal.Steps = renewal.Steps[1:]
	b.publish(renewal)
	if _, err := b.schedules().Reconcile(t.Context()); err != nil {
		t.Fatal(err)
	}
	day := func(days int) string { return monday.AddDate(0, 0, days).Format(time.DateOnly) }
	renew := func(agreement string, days int) {
		t.Helper()
		b.happen("renewed-"+agreement, "agreement.renewed", ada.id, fmt.Sprintf(`{"agreement_id":%q,"renews_on":%q}`, agreement, day(days)))
	}
	// From Monday on a day is a second: one is due in 12 seconds, another in 16, and one in a year.
	renew("car-1", 60+12)
	renew("car-2", 60+16)
	renew("car-3", 365)
	of := func(key string) store.Enrollment {
		t.Helper()
		all, err := b.store.Enrollments(t.Context(), store.EnrollmentFilter{Journey: "renewal", Customer: ada.id}, 0, 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range all {
			if e.Key == key {
				return e
			}
		}
		return store.Enrollment{}
	}
	b.eventually("both cars have entered", func() bool { return of("car-1").Step == "rest" && of("car-2").Step == "rest" })
	for key, days := range map[string]int{"car-1": 12, "car-2": 16} {
		if got := of(key).EnteredFor; got != day(days) {
			t.Errorf("%s entered for %s, want %s", key, got, day(days))
		}
	}
	// Cancelled in the UI, one ends, and the other goes on.
	if err := b.main.client.CancelWorkflow(t.Context(), workflows.WorkflowID("renewal", ada.id, "car-1"), ""); err != nil {
		t.Fatal(err)
	}
	b.eventually("the first car's ends", func() bool { return of("car-1").Outcome == "exited: cancelled by hand" })
	if other := of("car-2"); !other.Running() || b.status(other) != enums.WORKFLOW_EXECUTION_STATUS_RUNNING {
		t.Errorf("the second car's: %+v", other)
	}
	if third := of("car-3"); third.ID != 0 {
		t.Errorf("the third is due in a year: %+v", third)
	}
}
