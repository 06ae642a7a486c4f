package activities_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"

	"perennial/activities"
	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/domain/segment"
	"perennial/store"
	"perennial/workflows"
)

// known is what the journey "about" may speak of.
var known = segment.Catalogue{
	Attributes: []segment.Attribute{
		{Name: "points", Type: segment.Int, History: true},
		{Name: "tier", Type: segment.String},
		{Name: "next_visit", Type: segment.Date},
		{Name: "seen_at", Type: segment.Date},
		{Name: "dates", Type: segment.ListOf(segment.Date)},
		{Name: "share", Type: segment.Double},
	},
	Assets: []segment.Attribute{{Name: "mileage", Type: segment.Int}},
}

// about publishes a journey about assets whose one step has these expressions, and answers what asks of it.
func (b *bench) about(step journey.Step, sources ...string) *activities.Journeys {
	b.Helper()
	plan := journey.Plan{Encoding: journey.PlanEncoding, Journey: "about", Enter: journey.Enter{Each: customer.Asset}, Steps: []journey.Step{step}}
	for _, source := range sources {
		plan.Expressions = append(plan.Expressions, journey.Expression{Source: source})
	}
	encoded, err := json.Marshal(plan)
	if err != nil {
		b.Fatal(err)
	}
	catalogue, err := json.Marshal(known)
	if err != nil {
		b.Fatal(err)
	}
	_, _, err = b.store.Publish(b.Context(), store.Version{Journey: "about", Hash: "1", Plan: encoded, Catalogue: catalogue, PublishedAt: noon}, nil)
	if err != nil {
		b.Fatal(err)
	}
	return &activities.Journeys{
		Store: b.store, Versions: b.deliveries.Versions, Policies: activities.NewPolicies(b.store), Clock: b.deliveries.Clock, Channels: customer.Channels,
	}
}

// happened stores an event of c-1.
func (b *bench) happened(id, kind string, at time.Time, data string) {
	b.Helper()
	_, err := b.store.RecordEvents(b.Context(), []store.Event{{ID: id, Type: kind, Customer: "c-1", At: at, Data: json.RawMessage(data)}}, noon)
	if err != nil {
		b.Fatal(err)
	}
}

func setting(attributes ...string) journey.Step {
	step := journey.Step{ID: "keep", Verb: journey.Set, Next: journey.End}
	for n, a := range attributes {
		step.Set = append(step.Set, journey.Assignment{Attribute: a, Value: n + 1})
	}
	return step
}

func setRequest(occurrence int) workflows.SetRequest {
	return workflows.SetRequest{
		TouchKey: journey.TouchKey{Step: "keep", Occurrence: occurrence}, Enrollment: 7, Journey: "about", Version: 1, Customer: "c-1", Key: "car-1", At: noon,
	}
}

func TestASetStepWritesWhatItsExpressionsGive(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.happened("r-1", store.EventReadingTaken, noon.Add(-time.Hour), `{"asset_id": "car-1", "reading": "mileage", "value": 12000}`)
	b.happened("v-1", "visit.completed", noon.Add(-time.Hour), `{}`)
	j := b.about(
		setting("points", "tier", "next_visit", "seen_at", "dates", "share"),
		"asset.mileage / 1000 + count('visit.completed')", "customer.points > 12 ? 'gold' : 'silver'", "date('2026-07-01')", "now",
		"[date('2026-07-01'), now]", "0.25",
	)
	if err := j.SetAttributes(t.Context(), setRequest(1)); err != nil {
		t.Fatal(err)
	}
	who, err := b.store.Profile(t.Context(), "c-1")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"points": 13.0, "tier": "gold", "next_visit": "2026-07-01", "seen_at": "2026-05-04T11:00:00Z",
		"dates": []any{"2026-07-01", "2026-05-04T11:00:00Z"}, "share": 0.25,
	}
	if fmt.Sprint(who.Attributes) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", who.Attributes, want)
	}
	history, err := b.store.AttributeHistory(t.Context(), "c-1", 10)
	if err != nil {
		t.Fatal(err)
	}
	kept := slices.DeleteFunc(history, func(v store.Value) bool { return v.Of != "" })
	if len(kept) != 1 || kept[0].Name != "points" || kept[0].Source != "step:7.keep.1" {
		t.Errorf("the history: %+v", kept)
	}
}

func TestAnOccurrenceThatIsTriedAgainTakesNothingMore(t *testing.T) {
	t.Parallel()
	b := setup(t)
	j := b.about(setting("points"), "has(customer.points) ? customer.points - 10 : -10")
	var all sync.WaitGroup
	for occurrence := range 4 {
		for range 3 {
			all.Go(func() {
				if err := j.SetAttributes(t.Context(), setRequest(occurrence+1)); err != nil {
					t.Error(err)
				}
			})
		}
	}
	all.Wait()
	who, err := b.store.Profile(t.Context(), "c-1")
	if err != nil || who.Attributes["points"] != -40.0 {
		t.Errorf("four occurrences came to %v: %v", who.Attributes, err)
	}
}

func TestWhatCantBeSetEndsTheEnrollmentAndSaysWhy(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"customer.points + 1": "step keep: evaluate \"customer.points + 1\": something that it names is absent",
		"1 / (0 * 1)":         "division by zero",
	} {
		b := setup(t)
		j := b.about(setting("points"), source)
		err := j.SetAttributes(t.Context(), setRequest(1))
		final, ok := errors.AsType[*temporal.ApplicationError](err)
		if !ok || !final.NonRetryable() || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", source, err)
		}
	}
	b := setup(t)
	j := b.about(setting("share"), "1.0 / 0.0")
	if err := j.SetAttributes(t.Context(), setRequest(1)); err == nil || !strings.Contains(err.Error(), "share: it comes to no number") {
		t.Errorf("infinitely much: %v", err)
	}
}

func TestAWaitUntilADateIsScheduledByTheThingItIsAbout(t *testing.T) {
	t.Parallel()
	b := setup(t)
	j := b.about(journey.Step{ID: "keep", Verb: journey.Wait, Until: 1, Next: journey.End}, "now + days(asset.mileage)")
	b.happened("r-1", store.EventReadingTaken, noon, `{"asset_id": "car-1", "reading": "mileage", "value": 3}`)
	b.happened("r-2", store.EventReadingTaken, noon, `{"asset_id": "car-2", "reading": "mileage", "value": 5}`)
	for key, days := range map[string]int{"car-1": 3, "car-2": 5} {
		scheduled, err := j.Schedule(t.Context(), workflows.ScheduleRequest{
			Enrollment: b.enrollment, Journey: "about", Version: 1, Customer: "c-1", Key: key, Step: "keep", By: 1, Since: noon,
		})
		if err != nil || !scheduled.Until.Equal(noon.AddDate(0, 0, days)) {
			t.Errorf("%s: until %v: %v", key, scheduled.Until, err)
		}
	}
	// Of a thing that nobody knows there is nothing to wait for.
	_, err := j.Schedule(t.Context(), workflows.ScheduleRequest{
		Enrollment: b.enrollment, Journey: "about", Version: 1, Customer: "c-1", Key: "car-9", Step: "keep", By: 1, Since: noon,
	})
	if _, ok := errors.AsType[*temporal.ApplicationError](err); !ok {
		t.Errorf("got %v", err)
	}
}

func TestADateThatNeverWasIsPast(t *testing.T) {
	t.Parallel()
	b := setup(t)
	j := b.about(journey.Step{ID: "keep", Verb: journey.Wait, Until: 1, Next: journey.End}, "last('visit.completed')")
	scheduled, err := j.Schedule(t.Context(), workflows.ScheduleRequest{
		Enrollment: b.enrollment, Journey: "about", Version: 1, Customer: "c-1", Key: "car-1", Step: "keep", By: 1, Since: noon,
	})
	if err != nil || scheduled.Until.IsZero() || scheduled.Until.After(noon) {
		t.Errorf("until %v: %v", scheduled.Until, err)
	}
}

func TestConditionsKnowTheThingAndWhatHappened(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.happened("r-1", store.EventReadingTaken, noon, `{"asset_id": "car-1", "reading": "mileage", "value": 12000}`)
	b.happened("v-1", "visit.completed", noon.AddDate(0, 0, -3), `{}`)
	b.happened("v-2", "visit.completed", noon.Add(time.Hour), `{}`)
	j := b.about(journey.Step{ID: "keep", Verb: journey.If, If: 1, Then: journey.End, Else: journey.End},
		"has(asset.mileage) && asset.mileage > 10000", "count('visit.completed') == 1", "asset.id == 'car-9'")
	for key, want := range map[string][]bool{"car-1": {true, true, false}, "car-9": {false, true, true}} {
		got, err := j.Evaluate(t.Context(), workflows.EvaluateRequest{
			Enrollment: b.enrollment, Journey: "about", Version: 1, Customer: "c-1", Key: key, Step: "keep", Expressions: []int{1, 2, 3}, At: noon,
		})
		if err != nil || !slices.Equal(got.Values, want) {
			t.Errorf("%s: got %v: %v", key, got.Values, err)
		}
	}
}

func TestAReadingOfAnotherTypeIsAsIfThereWereNone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.happened("r-1", store.EventReadingTaken, noon, `{"asset_id": "car-1", "reading": "mileage", "value": 12000.5}`)
	b.happened("r-2", store.EventReadingTaken, noon, `{"asset_id": "car-2", "reading": "mileage", "value": 12000.0}`)
	j := b.about(journey.Step{ID: "keep", Verb: journey.If, If: 1, Then: journey.End, Else: journey.End}, "has(asset.mileage) && asset.mileage > 10000")
	for key, want := range map[string]bool{"car-1": false, "car-2": true} {
		got, err := j.Evaluate(t.Context(), workflows.EvaluateRequest{
			Enrollment: b.enrollment, Journey: "about", Version: 1, Customer: "c-1", Key: key, Step: "keep", Expressions: []int{1}, At: noon,
		})
		if err != nil || !slices.Equal(got.Values, []bool{want}) {
			t.Errorf("%s: got %v: %v", key, got.Values, err)
		}
	}
}

func TestAMessageSpeaksOfTheThingTheJourneyIsAbout(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.happened("r-1", store.EventReadingTaken, noon, `{"asset_id": "car-1", "reading": "mileage", "value": 12000}`)
	catalogue, err := json.Marshal(known)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := json.Marshal(journey.Plan{
		Encoding: journey.PlanEncoding, Journey: "one", Enter: journey.Enter{Each: customer.Asset},
		Steps: []journey.Step{{ID: "welcome", Verb: journey.Send, Next: journey.End, Template: "welcome", Topic: "service"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	// Today's check refuses to compare dates; the version was published before it did.
	const text = "At {{ asset.mileage | default: 0 }} km{% if now != now %}!{% endif %}"
	number, _, err := b.store.Publish(t.Context(), store.Version{Journey: "one", Hash: "2", Plan: plan, Catalogue: catalogue, PublishedAt: noon},
		[]store.Template{{Name: "welcome", Channel: customer.SMS, Language: "en", Source: text}})
	if err != nil {
		t.Fatal(err)
	}
	r := b.request(time.Second)
	r.Touch.Version, r.Touch.Key = number, "car-1"
	if d := b.deliver(r); d.How != journey.Sent {
		t.Fatalf("%+v", d)
	}
	texts := map[string]bool{}
	for _, m := range b.box.Messages() {
		texts[m.Text] = true
	}
	if !maps.Equal(texts, map[string]bool{"At 12000 km": true}) {
		t.Errorf("sent %v", texts)
	}
}

func TestAStepIsDoneThoughWhatItWroteLeavesItNothingToEvaluate(t *testing.T) {
	t.Parallel()
	b := setup(t)
	j := b.about(setting("points"), "100 / (has(customer.points) ? customer.points - 100 : 1)")
	for range 2 { // the answer to the first was lost
		if err := j.SetAttributes(t.Context(), setRequest(1)); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.SetAttributes(t.Context(), setRequest(2)); err == nil {
		t.Error("another occurrence divided by zero")
	}
}

func TestAWaitMovesWithWhatHappensWhileItLasts(t *testing.T) {
	t.Parallel()
	b := setup(t)
	since := noon.AddDate(0, 0, -20)
	j := b.about(journey.Step{ID: "keep", Verb: journey.Wait, Until: 1, Next: journey.End},
		"last('visit.completed') + days(30)", "now + days(10 * count('visit.completed'))")
	until := func(expression int) string {
		t.Helper()
		scheduled, err := j.Schedule(t.Context(), workflows.ScheduleRequest{
			Enrollment: b.enrollment, Journey: "about", Version: 1, Customer: "c-1", Key: "car-1", Step: "keep", By: expression, Since: since,
		})
		if err != nil {
			t.Fatal(err)
		}
		return scheduled.Until.Format(time.DateOnly)
	}
	b.happened("v-1", "visit.completed", since.AddDate(0, 0, -5), `{}`)
	if last, count := until(1), until(2); last != "2026-05-09" || count != "2026-04-24" {
		t.Errorf("as it begins: %s and %s", last, count)
	}
	b.happened("v-2", "visit.completed", since.AddDate(0, 0, 7), `{}`)
	b.happened("v-3", "visit.completed", noon.AddDate(0, 0, 1), `{}`) // nobody has been there yet
	if last, count := until(1), until(2); last != "2026-05-21" || count != "2026-05-04" {
		t.Errorf("after a visit: %s and %s", last, count)
	}
}

func TestAConditionThatCantBeEvaluatedIsNotTrueAndSaysWhy(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.happened("r-1", store.EventReadingTaken, noon, `{"asset_id": "car-1", "reading": "mileage", "value": 12000.5}`)
	j := b.about(journey.Step{ID: "keep", Verb: journey.If, If: 1, Then: journey.End, Else: journey.End},
		"1 / (customer.star - customer.star) > 0", "customer.star >= 0", "asset.mileage > 10000", "[1][customer.star + 7] > 0")
	ask := func(event string, expressions ...int) journey.Evaluated {
		t.Helper()
		got, err := j.Evaluate(t.Context(), workflows.EvaluateRequest{
			Enrollment: b.enrollment, Journey: "about", Version: 1, Customer: "c-1", Key: "car-1", Step: "keep", Event: event, Expressions: expressions, At: noon,
		})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	got := ask("", 1, 2, 3, 4)
	if !slices.Equal(got.Values, []bool{false, true, false, false}) || len(got.Unable) != 4 || got.Unable[1] != "" {
		t.Fatalf("got %+v", got)
	}
	for n, why := range map[int]string{0: "division by zero", 2: "something that it names is absent", 3: "a function can't take the value it is given"} {
		if !strings.Contains(got.Unable[n], why) {
			t.Errorf("%d: %q does not say %q", n+1, got.Unable[n], why)
		}
	}
	if got := ask("", 2); !got.Values[0] || got.Unable != nil {
		t.Errorf("what can be evaluated: %+v", got)
	}
	if got := ask("r-1", 1); got.Values[0] || got.Unable != nil { // what an event lacks is nobody's fault
		t.Errorf("on an event: %+v", got)
	}
}
