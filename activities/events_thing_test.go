package activities_test

import (
	"fmt"
	"testing"
	"time"

	"perennial/activities"
	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/store"
)

func TestAChangeOfOneThingWakesOnlyThoseItConcerns(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	d.occurs("r-1", store.EventReadingTaken, `{"asset_id": "car-1", "reading": "mileage", "value": 1}`)
	d.occurs("r-2", store.EventReadingTaken, `{"asset_id": "car-2", "reading": "mileage", "value": 1}`)
	d.occurs("r-3", store.EventAgreementRenewed, `{"agreement_id": "car-2", "renews_on": "2027-07-03"}`) // named like a car
	// carry carries what the running enrollments are to hear.
	carry := func() {
		t.Helper()
		waiting, err := d.store.Undispatched(t.Context(), noon.AddDate(0, 0, 1), 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, event := range waiting {
			if err := (&activities.Events{Entrance: d.entrance}).Dispatch(t.Context(), event); err != nil {
				t.Fatal(err)
			}
		}
	}
	carry() // nobody listens yet
	for name, each := range map[string]string{"cars": "asset", "contracts": "agreement", "people": ""} {
		plan := entering("", "", "", journey.Span{})
		plan.Journey, plan.Enter.Each = name, customer.ThingKind(each)
		rule := d.rule(plan)
		page, err := d.entrance.Look(t.Context(), rule, "", time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		d.admit(rule, page)
	}
	told := func() string {
		t.Helper()
		counts := map[string]int{}
		for _, name := range []string{"cars", "contracts", "people"} {
			for _, e := range d.enrollments(name) {
				counts[name+"/"+e.Key] = len(d.told(e))
			}
		}
		return fmt.Sprint(counts)
	}
	d.occurs("r-4", store.EventReadingTaken, `{"asset_id": "car-2", "reading": "mileage", "value": 2}`)
	carry()
	if got := told(); got != "map[cars/car-1:0 cars/car-2:1 contracts/car-2:0 people/:1]" {
		t.Errorf("after a reading: %s", got)
	}
	now := d.entrance.Clock.At(time.Now()).UTC()
	var both []store.Event
	for n := range 2 {
		both = append(both, store.Event{
			ID: fmt.Sprintf("b-%d", n), Type: store.EventReadingTaken, Customer: "c-1", At: now,
			Data: fmt.Appendf(nil, `{"asset_id": "car-%d", "reading": "mileage", "value": 3}`, n+1),
		})
	}
	if _, err := d.store.RecordEvents(t.Context(), both, now); err != nil {
		t.Fatal(err)
	}
	carry()
	if got := told(); got != "map[cars/car-1:1 cars/car-2:2 contracts/car-2:1 people/:2]" {
		t.Errorf("after two at once, of which everybody hears: %s", got)
	}
}
