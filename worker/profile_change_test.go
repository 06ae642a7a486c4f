package main

import (
	"testing"
	"time"

	"perennial/domain/clock"
	"perennial/domain/journey"
)

// slow is a clock that leaves time for an import while somebody waits, on a busy machine too: an hour a second.
func slow(from time.Time) clock.Clock { return clock.Starting(from, time.Now(), 60*60) }

// route carries on what an import left to the sweep, as the sweep does every few seconds.
func (b *business) route() {
	b.Helper()
	waiting, err := b.store.Undispatched(b.Context(), b.clock.At(time.Now()).AddDate(1, 0, 0), 100)
	if err != nil {
		b.Fatal(err)
	}
	for _, event := range waiting {
		if err := b.events().Dispatch(b.Context(), event); err != nil {
			b.Fatal(err)
		}
	}
}

// next waits until the next time of a customer's enrollment is an instant.
func (b *business) next(who string, at time.Time) {
	b.Helper()
	b.eventually("the next time is "+at.Format(time.RFC3339), func() bool { return b.enrollment(who).NextAt.Equal(at) })
}

func TestAHeldTouchMovesWhenTheCustomersHoursChange(t *testing.T) {
	t.Parallel()
	b := openAt(t, slow(monday))
	b.work()
	b.publish(short())
	eve := person{"c-2", "Eve Lorimer", "+12015550102", "c2@example.org", "email>sms", "sat 10:00-12:00", "service"}
	b.know(eve)
	b.happen("e-1", "purchase", eve.id, purchase)
	saturday, tuesday := time.Date(2026, 5, 9, 9, 0, 0, 0, time.UTC), time.Date(2026, 5, 5, 9, 0, 0, 0, time.UTC)
	b.next(eve.id, saturday)

	eve.windows = "tue 10:00-22:00" // earlier
	b.know(eve)
	b.route()
	b.next(eve.id, tuesday)
	eve.windows = "sat 10:00-12:00" // and later again
	b.know(eve)
	b.route()
	b.next(eve.id, saturday)
	eve.windows = "tue 10:00-22:00"
	b.know(eve)
	b.route()
	b.eventually("she is welcomed", func() bool { return len(b.got(eve.email)) == 1 })
	if at := b.got(eve.email)[0].At; at.Before(tuesday) || !at.Before(saturday) {
		t.Errorf("she was welcomed at %v", at)
	}
}

func TestAWaitMovesWhenTheCustomersZoneChanges(t *testing.T) {
	t.Parallel()
	// Three days on the wall from Friday noon are an hour longer in London, whose clocks go back on Sunday, than in Tokyo.
	friday := time.Date(2026, 10, 23, 11, 0, 0, 0, time.UTC)
	b := openAt(t, slow(friday))
	b.work()
	b.publish(journey.Plan{
		Journey: "waiting", Title: "A wait", Enter: journey.Enter{On: "purchase", Again: journey.Again{Rule: journey.Never}},
		Steps: []journey.Step{{ID: "settle_in", Verb: journey.Wait, Next: journey.End, For: journey.Span{Days: 3}}},
	})
	b.know(ada)
	b.happen("e-1", "purchase", ada.id, purchase)
	b.eventually("she waits", func() bool { return !b.enrollment(ada.id).NextAt.IsZero() })
	london := b.enrollment(ada.id).NextAt
	tokyo := london.Add(-time.Hour)

	b.importCSV("customer,time_zone\nc-1,Asia/Tokyo\n")
	b.route()
	b.next(ada.id, tokyo)
	b.importCSV("customer,time_zone\nc-1,Europe/London\n")
	b.route()
	b.next(ada.id, london)
}
