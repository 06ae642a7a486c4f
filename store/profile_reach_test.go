package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"perennial/domain/customer"
	"perennial/store"
)

// complaints are the events of a customer's open complaints.
func complaints(t *testing.T, s *store.Store, who string) string {
	t.Helper()
	var open []string
	for _, c := range profile(t, s, who).Complaints {
		open = append(open, c.Event)
	}
	return strings.Join(open, " ")
}

func profile(t *testing.T, s *store.Store, who string) customer.Profile {
	t.Helper()
	p, err := s.Profile(t.Context(), who)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// later is an event some hours after noon.
func later(hours int, e store.Event) store.Event {
	e.At = e.At.Add(time.Duration(hours) * time.Hour)
	return e
}

func TestAComplaintIsOpenUntilItIsResolved(t *testing.T) {
	t.Parallel()
	opened := func(hour int, id string, data map[string]any) store.Event {
		return later(hour, event(id, store.EventComplaintOpened, "c-1", data))
	}
	resolved := func(hour int, id string, data map[string]any) store.Event {
		return later(hour, event(id, store.EventComplaintResolved, "c-1", data))
	}
	for name, c := range map[string]struct {
		events []store.Event
		open   string
	}{
		"open": {[]store.Event{opened(1, "o-1", nil), opened(2, "o-2", map[string]any{"complaint_id": 7})}, "o-1 o-2"},
		"resolved by the event that opened it": {
			[]store.Event{opened(1, "o-1", nil), opened(2, "o-2", nil), resolved(3, "r-1", map[string]any{"complaint": "o-1"})}, "o-2",
		},
		"resolved by its number": {
			[]store.Event{opened(1, "o-1", map[string]any{"complaint_id": "A7"}), opened(2, "o-2", nil), resolved(3, "r-1", map[string]any{"complaint_id": "A7"})}, "o-2",
		},
		"all resolved, but not a later one": {
			[]store.Event{opened(1, "o-1", nil), opened(2, "o-2", nil), resolved(3, "r-1", nil), opened(4, "o-3", nil)}, "o-3",
		},
		"told in the wrong order": {
			[]store.Event{resolved(3, "r-1", map[string]any{"complaint": "o-1"}), opened(1, "o-1", nil)}, "",
		},
		"the complaint of somebody else": {
			[]store.Event{opened(1, "o-1", nil), {ID: "r-1", Type: store.EventComplaintResolved, Customer: "c-2", At: noon().Add(time.Hour)}}, "o-1",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := withCustomers(t, "c-1", "c-2")
			for _, e := range c.events {
				record(t, s, e)
				record(t, s, e) // the same event again
			}
			if got := complaints(t, s, "c-1"); got != c.open {
				t.Errorf("open are %q, want %q", got, c.open)
			}
		})
	}
}

func TestAProfileHoldsTheTouchesThatReachedTheCustomerOrMayHave(t *testing.T) {
	t.Parallel()
	s := withCustomers(t, "c-1")
	e := enroll(t, s, "c-1")
	ctx := t.Context()
	at := func(step string, days int) store.Touch {
		n := touchOf(e, step)
		var touch store.Touch
		err := s.InTx(ctx, func(tx *store.Tx) (err error) {
			touch, _, err = tx.Claim(ctx, n, noon().AddDate(0, 0, days), time.Minute)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return touch
	}
	long := at("long_ago", -40)
	sent, failed, released, unconfirmed, claimed := at("sent", -3), at("failed", -2), at("released", -2), at("unconfirmed", -1), at("claimed", 0)
	for _, move := range []func() (store.Touch, error){
		func() (store.Touch, error) { return s.Sent(ctx, long.ID, "p-0", noon()) },
		func() (store.Touch, error) { return s.Sent(ctx, sent.ID, "p-1", noon()) },
		func() (store.Touch, error) { return s.Fail(ctx, failed.ID, 1, "bad", "21211", noon()) },
		func() (store.Touch, error) { return s.Release(ctx, released.ID, 1, "429") },
		func() (store.Touch, error) { return s.Unconfirmed(ctx, unconfirmed.ID, 1, "nobody knows", "", noon()) },
		func() (store.Touch, error) {
			return s.RecordSkip(ctx, touchOf(e, "skipped"), store.TouchSkipped, "closed", noon())
		},
	} {
		if _, err := move(); err != nil {
			t.Fatal(err)
		}
	}
	want := []customer.Touched{
		{Touch: claimed.ID, Channel: customer.SMS, Topic: "service", At: noon()},
		{Touch: unconfirmed.ID, Channel: customer.SMS, Topic: "service", At: noon().AddDate(0, 0, -1)},
		{Touch: sent.ID, Channel: customer.SMS, Topic: "service", At: noon().AddDate(0, 0, -3)},
	}
	if got := profile(t, s, "c-1").Touched; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestAProfileHoldsTheTouchesThatAreHeld(t *testing.T) {
	t.Parallel()
	s := withCustomers(t, "c-1", "c-2")
	ctx := t.Context()
	hold := func(journey, who, topic string, hours int) store.Enrollment {
		e, _ := tryEnroll(t, s, store.NewEnrollment{Journey: journey, Version: 1, Customer: who, EnteredAt: noon()})
		err := s.Project(ctx, e.ID, store.Projection{
			Step: "welcome", NextAt: noon().Add(time.Duration(hours) * time.Hour), Held: store.Held{Topic: topic, Since: noon()},
		}, noon())
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	claimed, second, first := hold("claimed", "c-1", "service", 1), hold("second", "c-1", "marketing", 5), hold("first", "c-1", "service", 2)
	paused, ended := hold("paused", "c-1", "service", 1), hold("ended", "c-1", "service", 1)
	hold("other", "c-2", "service", 1)
	if err := s.Project(ctx, paused.ID, store.Projection{Step: "welcome", Paused: true}, noon()); err != nil {
		t.Fatal(err)
	}
	if err := s.Finish(ctx, ended.ID, "completed", noon()); err != nil {
		t.Fatal(err)
	}
	if _, mine := claim(t, s, touchOf(claimed, "welcome"), time.Minute); !mine {
		t.Fatal("it could not be claimed")
	}
	want := []customer.Wanted{
		{Enrollment: first.ID, Topic: "service", At: noon().Add(2 * time.Hour), Since: noon()},
		{Enrollment: second.ID, Topic: "marketing", At: noon().Add(5 * time.Hour), Since: noon()},
	}
	if got := profile(t, s, "c-1").Wanted; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestTheProfileOfOneAmongManyIsReadFromIndexes(t *testing.T) {
	t.Parallel()
	conn, _ := migrated(t)
	// A thousand customers, each with ten journeys that hold and a hundred touches.
	_, err := conn.Exec(t.Context(), `
		insert into customers (id, zone, created_at, updated_at) select 'c-' || n, 'UTC', now(), now() from generate_series(1, 1000) n;
		insert into events (id, type, customer, at, received_at) select 'e-' || n, 'complaint.opened', 'c-' || n, now(), now() from generate_series(1, 1000) n;
		insert into complaints (event, customer, at) select id, customer, at from events;
		insert into complaint_resolutions (event, customer, at) select id, customer, at from events;
		insert into enrollments (journey, version, customer, entered_at, updated_at, step, next_at, held_topic, held_since)
		select 'j-' || j, 1, c.id, now(), now(), 's', now(), 'care', now() from customers c, generate_series(1, 10) j;
		insert into touches (enrollment, step, occurrence, try, customer, channel, template, topic, kind, state, due_at, created_at, claimed_at)
		select e.id, 's', o, 1, e.customer, 'sms', 't', 'care', 'send', 'sent', now(), now(), now() - o * interval '5 days'
		from enrollments e, generate_series(1, 10) o;
		insert into things (customer, of_kind, id, created_at, updated_at) select c.id, 'asset', 'a-' || n, now(), now() from customers c, generate_series(1, 10) n;
		insert into purchases (customer, key, quantity, amount, purchased_at) select c.id, n, 1, 1, now() from customers c, generate_series(1, 10) n;
		analyze;`)
	if err != nil {
		t.Fatal(err)
	}
	plan := explain(t, conn, "profile", generatedStatements(t)["Profiles"], "null", "'{c-500}'", "1")
	for _, table := range []string{"customers", "touches", "enrollments", "complaints", "complaint_resolutions", "things", "purchases"} {
		if strings.Contains(plan, "Seq Scan on "+table+" ") {
			t.Errorf("it reads all %s:\n%s", table, plan)
		}
	}
	if !strings.Contains(plan, "touches_reached") {
		t.Errorf("it does not read touches by when they reached the customer:\n%s", plan)
	}
	// PostgreSQL plans anew for each customer until it finds that one plan does for all; planning costs more than reading.
	for n := range 6 {
		if _, err := conn.Exec(t.Context(), fmt.Sprintf("execute profile(null, '{c-%d}', 1)", n), pgx.QueryExecModeSimpleProtocol); err != nil {
			t.Fatal(err)
		}
	}
	var kept int
	if err := conn.QueryRow(t.Context(), "select generic_plans from pg_prepared_statements where name = 'profile'").Scan(&kept); err != nil || kept == 0 {
		t.Errorf("its plan is not kept: %v", err)
	}
}
