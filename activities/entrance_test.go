package activities_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"

	"perennial/activities"
	"perennial/deploy/stack/stacktest"
	"perennial/domain/journey"
	"perennial/store"
	"perennial/workflows"
)

// door is an entrance with a Temporal of its own.
type door struct {
	*bench

	temporal client.Client
	entrance *activities.Entrance
}

func openDoor(t *testing.T) *door {
	t.Helper()
	d := &door{bench: setup(t)}
	namespace := stacktest.Namespace(t)
	var err error
	d.temporal, err = client.DialContext(t.Context(), client.Options{
		HostPort: stacktest.Temporal(t), Namespace: namespace, Logger: log.NewStructuredLogger(slog.New(slog.DiscardHandler)),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.temporal.Close)
	d.entrance = &activities.Entrance{
		Store: d.store, Versions: d.deliveries.Versions, Temporal: d.temporal, Namespace: namespace, Clock: d.deliveries.Clock, Log: quiet(),
	}
	return d
}

// publish publishes a plan.
func (d *door) publish(plan journey.Plan) {
	d.Helper()
	plan.Encoding = journey.PlanEncoding
	encoded, err := json.Marshal(plan)
	if err != nil {
		d.Fatal(err)
	}
	d.publishEncoded(plan.Journey, encoded, plan.Enter.On, plan.Listens()...)
}

func (d *door) publishEncoded(name string, plan []byte, entersOn string, listens ...string) {
	d.Helper()
	catalogue, err := json.Marshal(spoken)
	if err != nil {
		d.Fatal(err)
	}
	_, _, err = d.store.Publish(d.Context(), store.Version{Journey: name, Hash: string(plan), Plan: plan, Catalogue: catalogue, EntersOn: entersOn, Listens: listens, PublishedAt: noon}, nil)
	if err != nil {
		d.Fatal(err)
	}
}

// know imports customers with ids from k-0001 on, each with what the function says of the nth.
func (d *door) know(customers int, attributes func(n int) map[string]any) {
	d.Helper()
	rows := make([]store.CustomerRow, customers)
	for n := range rows {
		rows[n] = store.CustomerRow{Line: int64(n + 1), ID: fmt.Sprintf("k-%04d", n+1), Zone: "Europe/London", Owner: "rep-01", Attributes: attributes(n + 1)}
	}
	imp, err := d.store.StartImport(d.Context())
	if err != nil {
		d.Fatal(err)
	}
	if _, err := imp.Customers(d.Context(), rows, noon); err != nil {
		d.Fatal(err)
	}
	if err := imp.Close(d.Context()); err != nil {
		d.Fatal(err)
	}
}

// visits says that every tenth customer has been here often, and that every hundredth has been here more often than there are days.
func visits(n int) map[string]any {
	switch {
	case n%100 == 0:
		return map[string]any{"visits": 9_000_000_000}
	case n%10 == 0:
		return map[string]any{"visits": 12}
	}
	return map[string]any{"visits": 1}
}

func (d *door) enrollments(name string) []store.Enrollment {
	d.Helper()
	found, err := d.store.Enrollments(d.Context(), store.EnrollmentFilter{Journey: name}, 0, 10_000)
	if err != nil {
		d.Fatal(err)
	}
	return found
}

// runs are how many workflows of a journey run.
func (d *door) runs(name string) int64 {
	d.Helper()
	counted, err := d.temporal.CountWorkflow(d.Context(), &workflowservice.CountWorkflowExecutionsRequest{Query: "Journey = '" + name + "'"})
	if err != nil {
		d.Fatal(err)
	}
	return counted.GetCount()
}

func TestAStartedJourneyIsEnteredByItsOwnRules(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	target := entering("", "", "", journey.Span{})
	target.Journey, target.Enter = "target", journey.Enter{Again: journey.Again{Rule: journey.AfterExit}}
	d.publish(target)
	once := target
	once.Journey, once.Enter = "once", journey.Enter{Again: journey.Again{Rule: journey.Never}}
	d.publish(once)
	keyed := target
	keyed.Journey, keyed.Enter = "keyed", journey.Enter{On: "purchase", Key: 1}
	keyed.Expressions = []journey.Expression{{Source: "event.id", Type: "string"}}
	d.publish(keyed)
	renewal := target
	renewal.Journey, renewal.Enter = "renewal", journey.Enter{Each: "agreement"}
	d.publish(renewal)
	over := target
	over.Journey, over.Enter = "over", target.Retire().Enter
	d.publish(over)
	other := renewal
	other.Journey = "other"
	d.publish(other)
	dated := renewal
	dated.Journey = "dated"
	dated.Enter.Every, dated.Enter.At = journey.Span{Days: 1}, 1
	dated.Expressions = []journey.Expression{{Source: "agreement.renews_on - days(60)", Type: "timestamp"}}
	d.publish(dated)
	d.happened("r-7", store.EventAgreementRenewed, noon, `{"agreement_id": "a-7", "renews_on": "2027-07-03"}`) // it need not have come

	j := &activities.Journeys{Store: d.store, Versions: d.deliveries.Versions, Clock: d.deliveries.Clock, Entrance: d.entrance}
	start := func(asking int64, name, key string, occurrence int) string {
		t.Helper()
		started, err := j.StartJourney(t.Context(), workflows.StartRequest{
			TouchKey: journey.TouchKey{Step: "visits", Occurrence: occurrence}, Enrollment: asking, Customer: "c-1", Start: name, Key: key, At: noon,
		})
		if err != nil {
			t.Fatal(err)
		}
		return started.What
	}
	finish := func(name string) {
		t.Helper()
		if err := d.store.Finish(t.Context(), d.enrollments(name)[0].ID, journey.OutcomeCompleted, noon); err != nil {
			t.Fatal(err)
		}
	}
	var about, undated store.Enrollment
	err := d.store.InTx(t.Context(), func(tx *store.Tx) (err error) {
		about, _, err = tx.Enroll(t.Context(), store.NewEnrollment{Journey: "other", Version: 1, Customer: "c-1", Key: "a-7", EnteredAt: noon})
		if err == nil {
			undated, _, err = tx.Enroll(t.Context(), store.NewEnrollment{Journey: "other", Version: 1, Customer: "c-1", Key: "a-8", EnteredAt: noon})
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for n, c := range []struct {
		asking          int64
		name, key, want string
		occurrence      int
		then            func()
	}{
		{d.enrollment, "nowhere", "", "nowhere is not published", 1, nil},
		{d.enrollment, "target", "", "entered target", 1, nil},
		{d.enrollment, "target", "", "entered target", 1, nil}, // the same once more
		{d.enrollment, "target", "", "is in target already", 2, func() { finish("target") }},
		{d.enrollment, "target", "", "entered target", 1, nil}, // which was long ago
		{d.enrollment, "once", "", "entered once", 1, func() { finish("once") }},
		{d.enrollment, "once", "", "has been in once: not again", 2, nil},
		{d.enrollment, "keyed", "", "keyed is entered by an event alone, which brings its key", 1, nil},
		{d.enrollment, "renewal", "", "renewal is about one agreement, and one is not", 1, nil},
		{about.ID, "renewal", "a-7", "entered renewal", 1, nil},
		{about.ID, "target", "a-7", "is in target already", 1, nil},
		{about.ID, "dated", "a-7", "entered dated", 1, nil},
		{undated.ID, "dated", "a-8", "not in dated: its date is not known", 1, nil},
		{d.enrollment, "over", "", "over is retired", 1, nil},
	} {
		if n == 10 { // another enrollment enters it now, and without the key, since it is about the customer
			c.want = "entered target"
		}
		if got := start(c.asking, c.name, c.key, c.occurrence); got != c.want {
			t.Errorf("case %d, %s: got %q, want %q", n, c.name, got, c.want)
		}
		if c.then != nil {
			c.then()
		}
	}
	if e := d.enrollments("renewal"); len(e) != 1 || e[0].Key != "a-7" || e[0].EnteredFor != fmt.Sprintf("%d.visits.1", about.ID) || e[0].StartedAt.IsZero() {
		t.Errorf("renewal: %+v", e)
	}
	if e := d.enrollments("target"); len(e) != 2 || e[0].Key != "" || d.runs("target") == 0 {
		t.Errorf("target: %+v", e)
	}
	described, err := d.temporal.DescribeWorkflowExecution(t.Context(), workflows.WorkflowID("renewal", "c-1", "a-7"), "")
	if err != nil || described.GetWorkflowExecutionInfo().GetType().GetName() != workflows.JourneyWorkflow {
		t.Errorf("its run: %v, %v", described, err)
	}
}

func TestByHandASegmentIsCheckedLikeAnyOther(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	d.publish(entering("agreement", "", "", journey.Span{}))
	for condition, want := range map[string]string{
		`customer.visits > 3`:      "segment, character 1: customer.visits may be absent; write has(customer.visits) && … before it, or has(customer.visits) ? customer.visits : … with a value for when it is",
		`customer.star + 1`:        "segment, character 1: this gives int, not bool; compare it with something, such as customer.star == 5",
		`asset.kind == "car"`:      "segment, character 1: no asset is at hand here; this journey is about each agreement",
		`agreement.kind == "auto"`: "",
	} {
		_, err := d.entrance.ByHand(t.Context(), "looking", condition)
		if got := fmt.Sprint(err); want == "" && err != nil || want != "" && got != want {
			t.Errorf("%s: got %q, want %q", condition, got, want)
		}
	}
	if _, err := d.entrance.ByHand(t.Context(), "nowhere", ""); err == nil {
		t.Error("a journey that is not published")
	}
}
