package store_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"perennial/domain/customer"
	"perennial/store"
)

func TestAnEventIsStoredAndCountsOnce(t *testing.T) {
	t.Parallel()
	s := withCustomers(t, "c-1")
	bought := event("p-1", store.EventPurchase, "c-1", map[string]any{"amount": 10})
	stored, err := s.RecordEvents(t.Context(), []store.Event{bought, bought}, noon())
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(stored, []store.Stored{{ID: "p-1", Fresh: true}, {ID: "p-1"}}) {
		t.Errorf("got %v", stored)
	}
	if record(t, s, bought) {
		t.Error("the same event was new again")
	}
	if p, err := s.Profile(t.Context(), "c-1"); err != nil || p.Purchases.Count != 1 {
		t.Errorf("bought %d times: %v", p.Purchases.Count, err)
	}
}

func TestAnOrderKnownByItsNumberIsOnePurchaseWhateverBringsIt(t *testing.T) {
	t.Parallel()
	s := withCustomers(t, "c-1", "c-2")
	order := map[string]any{"amount": 10, "order_id": "o-1"}
	record(t, s, event("p-1", store.EventPurchase, "c-1", order))
	record(t, s, event("p-2", store.EventPurchase, "c-1", order))
	record(t, s, event("p-3", store.EventPurchase, "c-2", order))
	for _, who := range []string{"c-1", "c-2"} {
		if p, err := s.Profile(t.Context(), who); err != nil || p.Purchases.Count != 1 {
			t.Errorf("%s bought %d times: %v", who, p.Purchases.Count, err)
		}
	}
}

func TestBatchesWithTheSameEventsAtOnceStoreEachOnce(t *testing.T) {
	t.Parallel()
	s := withCustomers(t, "c-1")
	var batch, reversed []store.Event
	for n := range 40 {
		e := event(fmt.Sprintf("p-%d", n), store.EventPurchase, "c-1", map[string]any{"amount": 1})
		batch, reversed = append(batch, e), append([]store.Event{e}, reversed...)
	}
	var all sync.WaitGroup
	for n := range 8 {
		all.Go(func() {
			events := batch
			if n%2 == 0 {
				events = reversed
			}
			if _, err := s.RecordEvents(t.Context(), events, noon()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if p, err := s.Profile(t.Context(), "c-1"); err != nil || p.Purchases.Count != 40 {
		t.Errorf("bought %d times: %v", p.Purchases.Count, err)
	}
}

func TestAnEventOfNobodyIsRefusedAndTheBatchWithIt(t *testing.T) {
	t.Parallel()
	s := withCustomers(t, "c-1")
	_, err := s.RecordEvents(t.Context(), []store.Event{
		event("e-1", "visit.completed", "c-1", nil),
		event("e-2", "visit.completed", "c-9", nil),
		event("e-3", "visit.completed", "c-8", nil),
	}, noon())
	unknown, ok := errors.AsType[*store.UnknownCustomersError](err)
	if !ok || fmt.Sprint(unknown.IDs) != "[c-8 c-9]" {
		t.Fatalf("got %v", err)
	}
	if _, err := s.Event(t.Context(), "e-1"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("one of the batch was stored: %v", err)
	}
}

func TestAnEventThatCantBeStoredSaysWhichFieldAndNotItsValue(t *testing.T) {
	t.Parallel()
	s := withCustomers(t, "c-1")
	good := func() store.Event { return event("e-1", "visit.completed", "c-1", nil) }
	with := func(change func(*store.Event)) store.Event { e := good(); change(&e); return e }
	data := func(kind, raw string) store.Event {
		return with(func(e *store.Event) { e.Type, e.Data = kind, json.RawMessage(raw) })
	}
	for _, c := range []struct {
		event store.Event
		field string
	}{
		{with(func(e *store.Event) { e.ID = "" }), "id"},
		{with(func(e *store.Event) { e.ID = "secret@example.org" }), "id"},
		{with(func(e *store.Event) { e.Customer = "+12015550100" }), "customer"},
		{with(func(e *store.Event) { e.Type = "" }), "type"},
		{with(func(e *store.Event) { e.At = time.Time{} }), "at"},
		{data("x", `[1]`), "data"},
		{data("x", `{"secret": "a\u0000b"}`), "data"},
		{data("x", `{"secret"`), "data"},
		{data("x", `{"secret": "\ud800"}`), "data"},
		{data("purchase", `{}`), "data.amount"},
		{data("purchase", `{"amount": "secret"}`), "data.amount"},
		{data("purchase", `{"amount": 1e300}`), "data.amount"},
		{data("purchase", `{"amount": 1, "currency": "secret"}`), "data.currency"},
		{data("purchase", `{"amount": 1, "order_id": {"secret": 1}}`), "data.order_id"},
		{data("survey.answered", `{"score": 3}`), "data.survey"},
		{data("survey.answered", `{"survey": "s"}`), "data.score"},
		{data("consent.changed", `{"granted": true}`), "data.topic"},
		{data("consent.changed", `{"topic": "care"}`), "data.granted"},
	} {
		_, err := s.RecordEvents(t.Context(), []store.Event{c.event}, noon())
		bad, ok := errors.AsType[*store.BadEventError](err)
		if !ok || bad.Field != c.field {
			t.Errorf("%s: want field %s, got %v", c.event.Data, c.field, err)
			continue
		}
		if strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "555") {
			t.Errorf("the error echoes data: %v", err)
		}
	}
	if !record(t, s, data("x", `{"text": "a backslash \\u0000 is no U+0000"}`)) {
		t.Error("good data was refused")
	}
}

func TestWhatWasNotRoutedIsListedAndThoseThatFailComeLast(t *testing.T) {
	t.Parallel()
	s := withCustomers(t, "c-1")
	for _, id := range []string{"e-1", "e-2", "e-3"} {
		record(t, s, event(id, "visit.completed", "c-1", nil))
	}
	if err := s.MarkDispatched(t.Context(), "e-2", noon()); err != nil {
		t.Fatal(err)
	}
	if err := s.CountDispatchAttempt(t.Context(), "e-1"); err != nil {
		t.Fatal(err)
	}
	if open, err := s.Undispatched(t.Context(), noon(), 10); err != nil || len(open) != 0 {
		t.Errorf("received before noon: %v, %v", open, err)
	}
	open, err := s.Undispatched(t.Context(), noon().Add(time.Second), 10)
	if err != nil || len(open) != 2 || open[0].ID != "e-3" || open[1].ID != "e-1" || open[1].Attempts != 1 {
		t.Errorf("got %+v, %v", open, err)
	}
	done, err := s.Event(t.Context(), "e-2")
	if err != nil || !done.DispatchedAt.Equal(noon()) || string(done.Data) != "{}" {
		t.Errorf("got %+v, %v", done, err)
	}
}

func TestWhoWroteLatelyIsKnownByChannel(t *testing.T) {
	t.Parallel()
	s := withCustomers(t, "c-1", "c-2")
	record(t, s, event("m-1", "message.received", "c-1", map[string]any{"channel": "whatsapp", "text": "hello"}))
	for name, c := range map[string]struct {
		who     string
		channel customer.Channel
		since   time.Time
		want    bool
	}{
		"lately":          {"c-1", customer.WhatsApp, noon().Add(-time.Hour), true},
		"long ago":        {"c-1", customer.WhatsApp, noon(), false},
		"another channel": {"c-1", customer.SMS, noon().Add(-time.Hour), false},
		"somebody else":   {"c-2", customer.WhatsApp, noon().Add(-time.Hour), false},
	} {
		if got, err := s.WroteSince(t.Context(), c.who, c.channel, c.since); got != c.want || err != nil {
			t.Errorf("%s: got %v, %v", name, got, err)
		}
	}
}
