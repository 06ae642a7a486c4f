package activities_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"perennial/activities"
	"perennial/domain/contact"
	"perennial/domain/customer"
	"perennial/store"
	"perennial/workflows"
)

// many imports customers of London who have no hours of their own, c-0 and so on.
func (b *bench) many(customers int) {
	b.Helper()
	imp, err := b.store.StartImport(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := imp.Close(b.Context()); err != nil {
			b.Error(err)
		}
	}()
	const batch = 1000
	for first := 0; first < customers; first += batch {
		rows := make([]store.CustomerRow, batch)
		for n := range rows {
			rows[n] = store.CustomerRow{
				Line: int64(first + n + 1), ID: fmt.Sprintf("m-%d", first+n), Zone: "Europe/London", Channels: []customer.Channel{customer.SMS},
				Addresses: map[customer.Channel]string{customer.SMS: fmt.Sprintf("+1201%07d", first+n)}, Consents: []string{"service"},
			}
		}
		if _, err := imp.Customers(b.Context(), rows, noon); err != nil {
			b.Fatal(err)
		}
	}
}

func TestFiftyThousandTouchesDueAtNineLeaveEvenlyOverTheHour(t *testing.T) {
	t.Parallel()
	const customers, workers = 50_000, 8
	b := setup(t)
	policy := contact.Standard()
	policy.Spread = &contact.Spread{Over: contact.Period{Exact: time.Hour}}
	b.holds(policy)
	b.many(customers)
	journeys := &activities.Journeys{
		Channels: customer.Channels,
		Store:    b.store, Versions: b.deliveries.Versions, Policies: activities.NewPolicies(b.store), Clock: b.deliveries.Clock,
	}
	evening := noon.Add(12 * time.Hour)
	nine := time.Date(2026, 5, 5, 8, 0, 0, 0, time.UTC) // in London
	touch := b.request(time.Minute).Touch
	touch.Enrollment = 0 // of nobody: only the answer counts here

	var mu sync.Mutex
	var all sync.WaitGroup
	minutes := make([]int, 60)
	for w := range workers {
		all.Go(func() {
			for n := w; n < customers; n += workers {
				mine := touch
				mine.Customer = fmt.Sprintf("m-%d", n)
				planned, err := journeys.Plan(t.Context(), workflows.PlanRequest{Touch: mine, At: evening})
				if err != nil {
					t.Error(err)
					return
				}
				late := planned.Answer.At.Sub(nine)
				if planned.Answer.Verdict != contact.Hold || late < 0 || late >= time.Hour {
					t.Errorf("%s: %+v", mine.Customer, planned.Answer)
					return
				}
				mu.Lock()
				minutes[late/time.Minute]++
				mu.Unlock()
			}
		})
	}
	all.Wait()
	// 833 a minute, give or take five times what chance gives or takes.
	const fair, chance = customers / 60, 29
	for minute, touches := range minutes {
		if touches < fair-5*chance || touches > fair+5*chance {
			t.Errorf("%d touches leave in minute %d of the hour, of %d in each", touches, minute, fair)
		}
	}
}
