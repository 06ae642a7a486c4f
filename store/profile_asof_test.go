package store_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"perennial/domain/customer"
	"perennial/store"
)

// boughtOn records a purchase of 10 at an instant.
func boughtOn(t *testing.T, s *store.Store, who string, at time.Time) {
	t.Helper()
	e := event("p-"+who+at.Format(time.RFC3339), store.EventPurchase, who, map[string]any{"amount": 10})
	e.At = at
	record(t, s, e)
}

func TestAProfileAsOfAnInstantCountsWhatHadHappenedByThen(t *testing.T) {
	t.Parallel()
	s := withCustomers(t, "c-1")
	then := noon().AddDate(0, 0, -10)
	for days := range 4 {
		boughtOn(t, s, "c-1", then.AddDate(0, 0, days*4-6))
	}
	for id, at := range map[string]time.Time{"s-1": then, "s-2": then.Add(time.Second)} {
		e := event(id, store.EventSurveyAnswered, "c-1", map[string]any{"survey": "visit", "score": 4})
		e.At = at
		record(t, s, e)
	}
	for id, at := range map[string]time.Time{"o-1": then.Add(-time.Hour), "o-2": then.Add(time.Hour)} {
		e := event(id, store.EventComplaintOpened, "c-1", nil)
		e.At = at
		record(t, s, e)
	}
	record(t, s, event("o-3", store.EventComplaintResolved, "c-1", map[string]any{"complaint": "o-1"}))

	as, err := s.ProfileAsOf(t.Context(), "c-1", then)
	if err != nil {
		t.Fatal(err)
	}
	want := customer.Purchases{Count: 2, Total: 20, First: then.AddDate(0, 0, -6), Last: then.AddDate(0, 0, -2), GapDays: 4}
	if as.Purchases != want || len(as.Surveys) != 1 || as.Surveys[0].Event != "s-1" {
		t.Errorf("got %+v, %+v", as.Purchases, as.Surveys)
	}
	if len(as.Complaints) != 1 || as.Complaints[0].Event != "o-1" {
		t.Errorf("open then: %+v", as.Complaints)
	}
	now := profile(t, s, "c-1")
	if now.Purchases.Count != 4 || len(now.Surveys) != 2 || len(now.Complaints) != 1 || now.Complaints[0].Event != "o-2" {
		t.Errorf("now: %+v, %+v, %+v", now.Purchases, now.Surveys, now.Complaints)
	}
}

func TestTheUsualGapIsBetweenDaysInTheCustomersZone(t *testing.T) {
	t.Parallel()
	at := func(day, hour int) time.Time { return time.Date(2026, 5, day, hour, 0, 0, 0, time.UTC) }
	for name, c := range map[string]struct {
		bought []time.Time
		want   int64
	}{
		"nothing":                       {nil, 0},
		"once":                          {[]time.Time{at(1, 12)}, 0},
		"twice a day":                   {[]time.Time{at(1, 8), at(1, 18)}, 0},
		"an evening over midnight UTC":  {[]time.Time{at(1, 23), at(2, 1)}, 0}, // the evening of the first in New York
		"two days":                      {[]time.Time{at(1, 12), at(2, 12)}, 1},
		"rounded up":                    {[]time.Time{at(1, 12), at(2, 12), at(4, 12)}, 2},
		"rounded down":                  {[]time.Time{at(1, 12), at(2, 12), at(3, 12), at(5, 12)}, 1},
		"a day with two counts once":    {[]time.Time{at(1, 12), at(1, 13), at(11, 12)}, 10},
		"in whatever order they arrive": {[]time.Time{at(21, 12), at(1, 12), at(11, 12)}, 10},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			importCustomers(t, s, store.CustomerRow{Line: 1, ID: "c-1", Zone: "America/New_York"})
			for _, bought := range c.bought {
				boughtOn(t, s, "c-1", bought)
			}
			if got := profile(t, s, "c-1").Purchases.GapDays; got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}

func TestProfilesComeInPagesEachCustomerOnce(t *testing.T) {
	t.Parallel()
	ids := []string{"c-1", "c-10", "c-2", "C-3", "c_4", "客户-1"}
	s := withCustomers(t, ids...)
	boughtOn(t, s, "c-2", noon())
	for _, limit := range []int{1, 2, 4, 100} {
		var got []customer.Profile
		for after := ""; ; {
			page, err := s.Profiles(t.Context(), after, limit, noon())
			if err != nil {
				t.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			got, after = append(got, page...), page[len(page)-1].ID
		}
		if len(got) != len(ids) {
			t.Fatalf("pages of %d have %d customers", limit, len(got))
		}
		seen := map[string]bool{}
		for _, p := range got {
			if seen[p.ID] {
				t.Errorf("pages of %d: %s came twice", limit, p.ID)
			}
			seen[p.ID] = true
			if alone := profile(t, s, p.ID); !reflect.DeepEqual(p, alone) {
				t.Errorf("on a page: %+v, alone: %+v", p, alone)
			}
		}
	}
}

func TestWhatHappenedIsCountedByType(t *testing.T) {
	t.Parallel()
	s := withCustomers(t, "c-1", "c-2")
	for n, days := range []int{3, 1, 2} {
		e := event(fmt.Sprintf("v-%d", n), "visit.completed", "c-1", nil)
		e.At = noon().AddDate(0, 0, -days)
		record(t, s, e)
	}
	late := event("v-9", "visit.completed", "c-1", nil)
	late.At = noon().Add(time.Second)
	record(t, s, late)
	record(t, s, event("v-10", "visit.completed", "c-2", nil))
	boughtOn(t, s, "c-1", noon())
	importPurchase(t, s, store.PurchaseRow{Line: 1, Customer: "c-1", Content: "a", Quantity: "1", Amount: "5", At: store.When{At: noon().AddDate(-1, 0, 0)}})

	got, err := s.Happened(t.Context(), "c-1", noon())
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]time.Time{
		"visit.completed": {noon().AddDate(0, 0, -3), noon().AddDate(0, 0, -2), noon().AddDate(0, 0, -1)},
		"purchase":        {noon().AddDate(-1, 0, 0), noon()},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if none, err := s.Happened(t.Context(), "c-2", noon().AddDate(-1, 0, 0)); err != nil || len(none) != 0 {
		t.Errorf("before all: %v, %v", none, err)
	}
}

func TestOfManyEventsOfATypeTheNewestThousandCount(t *testing.T) {
	t.Parallel()
	s := withCustomers(t, "c-1")
	events := make([]store.Event, 1005)
	for n := range events {
		events[n] = event(fmt.Sprintf("v-%d", n), "visit.completed", "c-1", nil)
		events[n].At = noon().Add(-time.Duration(n) * time.Hour)
	}
	if _, err := s.RecordEvents(t.Context(), events, noon()); err != nil {
		t.Fatal(err)
	}
	got, err := s.Happened(t.Context(), "c-1", noon())
	if err != nil {
		t.Fatal(err)
	}
	visits := got["visit.completed"]
	if len(visits) != 1000 || !visits[0].Equal(noon().Add(-999*time.Hour)) || !visits[999].Equal(noon()) {
		t.Errorf("got %d, %v to %v", len(visits), visits[0], visits[len(visits)-1])
	}
}

func importPurchase(t *testing.T, s *store.Store, row store.PurchaseRow) {
	t.Helper()
	i, err := s.StartImport(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := i.Purchases(t.Context(), []store.PurchaseRow{row}); err != nil {
		t.Fatal(err)
	}
	if err := i.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}
