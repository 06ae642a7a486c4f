package store_test

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/store"
)

// written numbers the customers of property tests, so that each run has its own.
var written atomic.Int64

func things(t *testing.T, s *store.Store, who string) []customer.Thing {
	t.Helper()
	return profile(t, s, who).Things
}

func TestEventsSayWhatBecomesOfAgreements(t *testing.T) {
	t.Parallel()
	s := withCustomers(t, "c-1") // in Paris
	record(t, s, event("e-1", store.EventAgreementRenewed, "c-1", map[string]any{"agreement_id": "a-1", "renews_on": "2027-05-04"}))
	ended := event("e-2", store.EventAgreementEnded, "c-1", map[string]any{"agreement_id": "a-1"})
	ended.At = time.Date(2026, 6, 30, 22, 30, 0, 0, time.UTC) // past midnight there
	record(t, s, ended)
	want := []customer.Thing{{Of: customer.Agreement, ID: "a-1", Attributes: map[string]any{"renews_on": "2027-05-04", "ended_on": "2026-07-01"}}}
	if got := things(t, s, "c-1"); !reflect.DeepEqual(got, want) {
		t.Errorf("ended: got %+v", got)
	}
	again := event("e-3", store.EventAgreementRenewed, "c-1", map[string]any{"agreement_id": "a-1", "renews_on": "2028-05-04"})
	again.At = ended.At.AddDate(0, 1, 0)
	record(t, s, again)
	want[0].Attributes = map[string]any{"renews_on": "2028-05-04"}
	if got := things(t, s, "c-1"); !reflect.DeepEqual(got, want) {
		t.Errorf("renewed after it ended: got %+v", got)
	}
}

func TestReadingsAreKeptAndTheNewestCounts(t *testing.T) {
	t.Parallel()
	s := withCustomers(t, "c-1")
	for n, r := range []struct {
		days  int
		value float64
	}{{3, 12_000}, {1, 12_400}, {2, 12_200}, {0, 12_400}} {
		e := event(fmt.Sprintf("r-%d", n), store.EventReadingTaken, "c-1", map[string]any{"asset_id": 7, "reading": "mileage", "value": r.value})
		e.At = noon().AddDate(0, 0, -r.days)
		if !record(t, s, e) || record(t, s, e) {
			t.Errorf("reading %d is not one fact", n)
		}
	}
	want := []customer.Thing{{Of: customer.Asset, ID: "7", Attributes: map[string]any{"mileage": 12_400.0}}}
	if got := things(t, s, "c-1"); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
	history, err := s.AttributeHistory(t.Context(), "c-1", 3)
	if err != nil {
		t.Fatal(err)
	}
	var values []string
	for _, v := range history {
		values = append(values, fmt.Sprintf("%s %s %s %v %s", v.Of, v.Thing, v.Name, v.Value, v.Source))
	}
	if want := []string{"asset 7 mileage 12400 event:r-3", "asset 7 mileage 12400 event:r-1", "asset 7 mileage 12200 event:r-2"}; !slices.Equal(values, want) {
		t.Errorf("the history: %q", values)
	}
}

func TestInWhateverOrderEventsComeTheThingsAreTheSame(t *testing.T) {
	t.Parallel()
	s := open(t)
	rapid.Check(t, func(rt *rapid.T) {
		facts := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) store.Event {
			e := store.Event{At: noon().Add(time.Duration(rapid.IntRange(0, 5).Draw(rt, "hour")) * time.Hour)}
			id := rapid.SampledFrom([]string{"x-1", "x-2"}).Draw(rt, "thing")
			switch e.Type = rapid.SampledFrom([]string{store.EventAgreementRenewed, store.EventAgreementEnded, store.EventReadingTaken}).Draw(rt, "type"); e.Type {
			case store.EventAgreementRenewed:
				e.Data = fmt.Appendf(nil, `{"agreement_id": %q, "renews_on": "2027-05-0%d"}`, id, rapid.IntRange(1, 4).Draw(rt, "day"))
			case store.EventAgreementEnded:
				e.Data = fmt.Appendf(nil, `{"agreement_id": %q}`, id)
			case store.EventReadingTaken:
				reading := rapid.SampledFrom([]string{"mileage", "hours_run"}).Draw(rt, "reading")
				e.Data = fmt.Appendf(nil, `{"asset_id": %q, "reading": %q, "value": %d}`, id, reading, rapid.IntRange(1, 3).Draw(rt, "value"))
			}
			return e
		}), 1, 8).Draw(rt, "facts")
		tell := func(who string, order []int, batch int) []customer.Thing {
			importCustomers(t, s, store.CustomerRow{Line: 1, ID: who, Zone: "Asia/Kathmandu"})
			var events []store.Event
			for _, n := range order {
				e := facts[n]
				e.ID, e.Customer = fmt.Sprintf("%s-%d", who, n), who
				events = append(events, e)
			}
			for part := range slices.Chunk(events, batch) {
				if _, err := s.RecordEvents(t.Context(), part, noon()); err != nil {
					rt.Fatal(err)
				}
			}
			return things(t, s, who)
		}
		order := make([]int, len(facts))
		for n := range order {
			order[n] = n
		}
		run := written.Add(1)
		one := tell(fmt.Sprintf("c-%d-a", run), order, 1)
		other := tell(fmt.Sprintf("c-%d-b", run), rapid.Permutation(order).Draw(rt, "order"), rapid.IntRange(1, 8).Draw(rt, "batch"))
		if !reflect.DeepEqual(one, other) {
			rt.Errorf("one by one: %+v, in another order: %+v", one, other)
		}
	})
}

func TestEventsOfThingsThatCantBeTakenSayWhat(t *testing.T) {
	t.Parallel()
	dates := event("e-1", store.EventReadingTaken, "c-1", map[string]any{"asset_id": "x-1", "reading": "ended_on", "value": 1})
	if _, ok := errors.AsType[*store.BadEventError](store.CheckEvent(dates)); !ok {
		t.Error("a date that every asset has was read as a number")
	}
	for field, e := range map[string]store.Event{
		"data.agreement_id": event("e-1", store.EventAgreementEnded, "c-1", map[string]any{"agreement_id": "a 1"}),
		"data.renews_on":    event("e-1", store.EventAgreementRenewed, "c-1", map[string]any{"agreement_id": "a-1", "renews_on": "next May"}),
		"data.asset_id":     event("e-1", store.EventReadingTaken, "c-1", map[string]any{"reading": "mileage", "value": 1}),
		"data.reading":      event("e-1", store.EventReadingTaken, "c-1", map[string]any{"asset_id": "x-1", "reading": "Mileage of it", "value": 1}),
		"data.value":        event("e-1", store.EventReadingTaken, "c-1", map[string]any{"asset_id": "x-1", "reading": "mileage", "value": "much"}),
	} {
		bad, ok := errors.AsType[*store.BadEventError](store.CheckEvent(e))
		if !ok || bad.Field != field || bad.Why == "" {
			t.Errorf("%s: got %v", field, bad)
		}
	}
}

func TestRunningEnrollmentsHearThatAThingChanged(t *testing.T) {
	t.Parallel()
	s := withCustomers(t, "c-1", "c-2")
	enroll(t, s, "c-1")
	ended := func(id, who string) store.Event {
		return event(id, store.EventAgreementEnded, who, map[string]any{"agreement_id": "a-1"})
	}
	record(t, s, ended("e-1", "c-1"))
	record(t, s, ended("e-2", "c-2")) // who is in no journey
	late := ended("e-3", "c-1")
	late.At = noon().AddDate(-1, 0, 0)
	record(t, s, late) // and changes nothing
	events, err := s.Undispatched(t.Context(), noon().AddDate(1, 0, 0), 100)
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]int{}
	for _, e := range events {
		told[e.Customer+" "+e.Type]++
	}
	if want := map[string]int{"c-1 agreement.ended": 2, "c-2 agreement.ended": 1, "c-1 " + journey.ProfileChanged: 1}; !maps.Equal(told, want) {
		t.Errorf("told %v", told)
	}
}

func TestAStepWritesAttributesOnce(t *testing.T) {
	t.Parallel()
	s := withCustomers(t, "c-1")
	mine := enroll(t, s, "c-1")
	write := func(occurrence string, at time.Time, attributes map[string]any) bool {
		t.Helper()
		var first bool
		err := s.InTx(t.Context(), func(tx *store.Tx) (err error) {
			first, err = tx.SetAttributes(t.Context(), store.AttributeWrite{
				Customer: "c-1", Enrollment: mine.ID, Occurrence: occurrence, Attributes: attributes, History: []string{"points"}, At: at,
			})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return first
	}
	if !write("1.reward.1", noon(), map[string]any{"points": 10, "city": "Lyon"}) || write("1.reward.1", noon(), map[string]any{"points": 20}) {
		t.Error("an occurrence did not write once")
	}
	if !write("1.reward.2", noon().Add(time.Hour), map[string]any{"points": 30}) || !write("1.spend.1", noon().Add(time.Hour), map[string]any{"points": 5}) {
		t.Error("other occurrences did not write")
	}
	if got := profile(t, s, "c-1").Attributes; !maps.Equal(got, map[string]any{"points": 5.0, "city": "Lyon"}) {
		t.Errorf("got %v", got)
	}
	history, err := s.AttributeHistory(t.Context(), "c-1", 10)
	if err != nil {
		t.Fatal(err)
	}
	var values []any
	for _, v := range history {
		values = append(values, v.Value)
	}
	if !reflect.DeepEqual(values, []any{30.0, 5.0, 10.0}) || history[0].Source != "step:1.reward.2" { // two of one instant, by their sources
		t.Errorf("the history: %+v", history)
	}
	if got := told(t, s); len(got) != 0 {
		t.Errorf("whoever wrote was told: %v", got)
	}
	tryEnroll(t, s, store.NewEnrollment{Journey: "renewal", Version: 1, Customer: "c-1", EnteredAt: noon()})
	write("1.reward.3", noon(), map[string]any{"points": 40})
	if got := told(t, s); !slices.Equal(got, []string{"c-1 " + journey.ProfileChanged + " {}"}) {
		t.Errorf("another enrollment was told %v", got)
	}
	err = s.InTx(t.Context(), func(tx *store.Tx) error {
		_, err := tx.SetAttributes(t.Context(), store.AttributeWrite{Customer: "c-9", Occurrence: "9.a.1", At: noon()})
		return err
	})
	if err == nil {
		t.Error("a customer whom nobody knows was written to")
	}
}

func TestAZoneThatTheDatabaseCantReckonWithRejectsItsCustomerAlone(t *testing.T) {
	t.Parallel()
	s := open(t)
	verdicts := importCustomers(t, s,
		store.CustomerRow{Line: 1, ID: "c-1", Zone: "Europe/Paris"}, store.CustomerRow{Line: 2, ID: "c-2", Zone: "Europe/Founded-Last-Week"},
	)
	if verdicts[0].Reject != nil || !verdicts[0].Stored || verdicts[1].Reject == nil || verdicts[1].Reject.Field != "zone" {
		t.Errorf("got %+v", verdicts)
	}
}
