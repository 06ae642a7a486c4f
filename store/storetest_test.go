package store_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"perennial/deploy/stack/stacktest"
	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/store"
)

// noon is now in these tests, by the stack's clock.
func noon() time.Time { return time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC) }

// open returns a store on a fresh database with this build's schema.
func open(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), stacktest.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	if _, _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// withCustomers returns a store that knows these customers, each in Paris and with an address on sms.
func withCustomers(t *testing.T, ids ...string) *store.Store {
	t.Helper()
	s := open(t)
	rows := make([]store.CustomerRow, len(ids))
	for n, id := range ids {
		rows[n] = store.CustomerRow{
			Line: int64(n + 1), ID: id, Zone: "Europe/Paris", Owner: "rep-01",
			Addresses: map[customer.Channel]string{customer.SMS: fmt.Sprintf("+1201555%04d", n)},
		}
	}
	importCustomers(t, s, rows...)
	return s
}

func importCustomers(t *testing.T, s *store.Store, rows ...store.CustomerRow) []store.Verdict {
	t.Helper()
	i, err := s.StartImport(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	verdicts, err := i.Customers(t.Context(), rows, noon())
	if err != nil {
		t.Fatal(err)
	}
	if err := i.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	return verdicts
}

// record stores one event that must be acceptable.
func record(t *testing.T, s *store.Store, e store.Event) bool {
	t.Helper()
	stored, err := s.RecordEvents(t.Context(), []store.Event{e}, noon())
	if err != nil {
		t.Fatal(err)
	}
	return stored[0].Fresh
}

func event(id, kind, who string, data map[string]any) store.Event {
	raw, err := json.Marshal(data)
	if err != nil {
		panic(err) // a mistake in the test itself
	}
	return store.Event{ID: id, Type: kind, Customer: who, At: noon(), Data: raw}
}

// enroll enters a customer into version 1 of onboarding by hand.
func enroll(t *testing.T, s *store.Store, who string) store.Enrollment {
	t.Helper()
	e, entry := tryEnroll(t, s, store.NewEnrollment{Journey: "onboarding", Version: 1, Customer: who, EnteredAt: noon()})
	if entry != store.Entered {
		t.Fatalf("%s did not enter: %s", who, entry)
	}
	return e
}

func tryEnroll(t *testing.T, s *store.Store, n store.NewEnrollment) (e store.Enrollment, entry store.Entry) {
	t.Helper()
	err := s.InTx(t.Context(), func(tx *store.Tx) (err error) {
		e, entry, err = tx.Enroll(t.Context(), n)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return e, entry
}

// touchOf is the first touch of a step of an enrollment.
func touchOf(e store.Enrollment, step string) store.NewTouch {
	return store.NewTouch{
		TouchKey: store.TouchKey{Enrollment: e.ID, TouchKey: journey.TouchKey{Step: step, Occurrence: 1, Try: 1}},
		Customer: e.Customer, Channel: customer.SMS, Template: "welcome", Topic: "service", Kind: journey.Send, DueAt: noon(),
	}
}

func claim(t *testing.T, s *store.Store, n store.NewTouch, lease time.Duration) (touch store.Touch, claimed bool) {
	t.Helper()
	err := s.InTx(t.Context(), func(tx *store.Tx) (err error) {
		touch, claimed, err = tx.Claim(t.Context(), n, noon(), lease)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return touch, claimed
}
