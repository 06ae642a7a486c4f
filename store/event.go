package store

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"perennial/domain/customer"
	"perennial/store/db"
)

// Event is a fact from outside.
type Event struct {
	ID       string          `json:"id"` // given by the sender: the same id is the same event
	Type     string          `json:"type"`
	Customer string          `json:"customer"`
	At       time.Time       `json:"at"`             // when it happened
	Data     json.RawMessage `json:"data,omitempty"` // a JSON object; empty and null are {}

	// What the store knows of it.
	ReceivedAt   time.Time `json:"received_at,omitzero"`
	DispatchedAt time.Time `json:"dispatched_at,omitzero"` // zero until it was routed to the journeys
	Attempts     int       `json:"attempts,omitempty"`     // at routing it
}

// Stored is what became of an event that was handed in.
type Stored struct {
	ID    string
	Fresh bool // false where an event of that id was there already; the one there stays as it is

	// Erased is that its customer was erased: it is not stored, and nor will it be another time.
	Erased bool
}

// RecordEvents stores events and what they change in profiles, all in one transaction, and answers in their order. What they change:
// "purchase" (quantity, amount, currency, order_id) is a purchase, "survey.answered" (survey, score) a survey answer, "consent.changed"
// (topic, granted; how, channel and wording, optional) a consent; "complaint.opened" (complaint_id, optional) opens a complaint, and "complaint.resolved" resolves the one that
// it names by the event that opened it (complaint) or by its number (complaint_id), all that were open where it names none.
// "agreement.renewed" (agreement_id, renews_on) says when an agreement is due again, and that it has not ended; "agreement.ended" (agreement_id)
// that it ended that day; "reading.taken" (asset_id, reading, value) gives an attribute of an asset a value. Of what events say of one
// attribute, that which happened last counts, in whatever order they come. An agreement or an asset that is not known is added with what the event
// says of it: the fact must not be lost, and an import tells the rest. Other types change nothing. An event that is not new changes nothing again.
//
// None is stored where one can't be: the error is a *BadEventError, or an *UnknownCustomersError that names them all.
func (s *Store) RecordEvents(ctx context.Context, events []Event, receivedAt time.Time) ([]Stored, error) {
	var stored []Stored
	err := s.InTx(ctx, func(tx *Tx) (err error) {
		stored, err = tx.RecordEvents(ctx, events, receivedAt)
		return err
	})
	return stored, err
}

// RecordEvents is [Store.RecordEvents] in this transaction.
func (tx *Tx) RecordEvents(ctx context.Context, events []Event, receivedAt time.Time) ([]Stored, error) {
	if len(events) == 0 {
		return nil, nil
	}
	changes := make([]change, len(events))
	for i, e := range events {
		var err error
		if changes[i], err = readChange(e); err != nil {
			return nil, err
		}
	}
	erased, err := tx.knowCustomers(ctx, events)
	if err != nil {
		return nil, err
	}
	fresh, err := tx.insertEvents(ctx, slices.DeleteFunc(slices.Clone(events), func(e Event) bool { return erased[e.Customer] }), receivedAt)
	if err != nil {
		return nil, err
	}
	stored := make([]Stored, len(events))
	var apply []change
	for i, e := range events {
		if erased[e.Customer] {
			stored[i] = Stored{ID: e.ID, Erased: true}
			continue
		}
		stored[i] = Stored{ID: e.ID, Fresh: fresh[e.ID]}
		if fresh[e.ID] {
			apply = append(apply, changes[i])
		}
		delete(fresh, e.ID) // the same id again in this batch is not new any more
	}
	return stored, tx.applyChanges(ctx, apply, receivedAt)
}

// knowCustomers refuses events of nobody, and answers which customers were erased. The others are not erased until the transaction ends.
func (tx *Tx) knowCustomers(ctx context.Context, events []Event) (erased map[string]bool, err error) {
	ids := make([]string, len(events))
	for i, e := range events {
		ids[i] = e.Customer
	}
	rows, err := tx.q.LockEventCustomers(ctx, ids)
	if err != nil {
		return nil, wrap(err, "look up the customers of %d events", len(events))
	}
	erased = make(map[string]bool, len(rows))
	for _, r := range rows {
		erased[r.ID] = r.Erased
	}
	var unknown []string
	for _, id := range ids {
		if _, known := erased[id]; !known {
			unknown = append(unknown, id)
		}
	}
	if len(unknown) > 0 {
		slices.Sort(unknown)
		return nil, &UnknownCustomersError{IDs: slices.Compact(unknown)}
	}
	return erased, nil
}

// insertEvents answers which ids are new. It inserts by order of id, so that two batches with the same events wait for each other
// rather than deadlock.
func (tx *Tx) insertEvents(ctx context.Context, events []Event, receivedAt time.Time) (map[string]bool, error) {
	sorted := slices.SortedStableFunc(slices.Values(events), func(a, b Event) int { return cmp.Compare(a.ID, b.ID) })
	p := db.InsertEventsParams{ReceivedAt: receivedAt}
	for _, e := range sorted {
		p.Ids = append(p.Ids, e.ID)
		p.Types = append(p.Types, e.Type)
		p.Customers = append(p.Customers, e.Customer)
		p.Ats = append(p.Ats, e.At)
		p.Data = append(p.Data, string(e.object()))
	}
	ids, err := tx.q.InsertEvents(ctx, p)
	if isDataException(err) { // JSON may say what PostgreSQL can't keep, such as half a surrogate pair
		return nil, &BadEventError{ID: onlyID(events), Field: "data", Why: "the database can't keep it"}
	}
	if err != nil {
		return nil, wrap(err, "store %d events", len(events))
	}
	fresh := make(map[string]bool, len(ids))
	for _, id := range ids {
		fresh[id] = true
	}
	return fresh, nil
}

// onlyID is the id of the one event there is, empty where there are more and nobody knows which.
func onlyID(events []Event) string {
	if len(events) != 1 {
		return ""
	}
	return events[0].ID
}

// Event returns one event; ErrNotFound where there is none.
func (s session) Event(ctx context.Context, id string) (Event, error) {
	events, err := s.EventsByIDs(ctx, []string{id})
	if err != nil {
		return Event{}, err
	}
	if len(events) == 0 {
		return Event{}, wrap(ErrNotFound, "read event %s", id)
	}
	return events[0], nil
}

// EventsByIDs returns the events of these ids, as many as there are, by when they happened.
func (s session) EventsByIDs(ctx context.Context, ids []string) ([]Event, error) {
	rows, err := s.q.EventsByIDs(ctx, ids)
	return eventsOf(rows), wrap(err, "read %d events", len(ids))
}

// Undispatched returns up to limit events that were received before an instant and have not been routed to the journeys, those with
// the fewest attempts first.
func (s session) Undispatched(ctx context.Context, receivedBefore time.Time, limit int) ([]Event, error) {
	rows, err := s.q.UndispatchedEvents(ctx, receivedBefore, int64(limit))
	return eventsOf(rows), wrap(err, "list events that were not routed")
}

// WroteSince says whether a customer wrote to us on a channel after an instant.
func (s session) WroteSince(ctx context.Context, who string, channel customer.Channel, since time.Time) (bool, error) {
	wrote, err := s.q.WroteSince(ctx, who, since, string(channel))
	return wrote, wrap(err, "ask whether %s wrote on %s", who, channel)
}

// EventsSince returns the events of these types that were received of a customer since another event of theirs, that one left out.
func (s session) EventsSince(ctx context.Context, customer, event string, types []string) ([]Event, error) {
	rows, err := s.q.EventsSince(ctx, event, customer, types)
	return eventsOf(rows), wrap(err, "read what came since event %s", event)
}

// EventsReceived returns the events of these types that were received of a customer since an instant.
func (s session) EventsReceived(ctx context.Context, customer string, since time.Time, types []string) ([]Event, error) {
	rows, err := s.q.EventsReceived(ctx, customer, types, since)
	return eventsOf(rows), wrap(err, "read what came of %s", customer)
}

// happenedMost bounds how many events of a type Happened looks at.
const happenedMost = 1000

// Happened returns when events happened to a customer up to an instant, by type, oldest first: the newest 1,000 of each. Those of type
// "purchase" are the purchases, imported ones too.
func (s session) Happened(ctx context.Context, customer string, upTo time.Time) (map[string][]time.Time, error) {
	rows, err := s.q.Happened(ctx, customer, upTo, happenedMost)
	happened := make(map[string][]time.Time, len(rows))
	for _, r := range rows {
		happened[r.Type] = r.Ats
	}
	return happened, wrap(err, "read what happened to %s", customer)
}

// MarkDispatched writes down that an event has been routed to the journeys.
func (s session) MarkDispatched(ctx context.Context, id string, at time.Time) error {
	return wrap(s.q.MarkDispatched(ctx, at, id), "mark event %s as routed", id)
}

// CountDispatchAttempt writes down that routing an event failed: it comes after those that were tried less often.
func (s session) CountDispatchAttempt(ctx context.Context, id string) error {
	return wrap(s.q.CountDispatchAttempt(ctx, id), "count an attempt at routing event %s", id)
}

func (e Event) object() json.RawMessage {
	if len(e.Data) == 0 || string(e.Data) == "null" {
		return json.RawMessage("{}")
	}
	return e.Data
}

func eventsOf(rows []db.Event) []Event {
	events := make([]Event, len(rows))
	for i, r := range rows {
		events[i] = Event{
			ID: r.ID, Type: r.Type, Customer: r.Customer, At: r.At, Data: r.Data,
			ReceivedAt: r.ReceivedAt, DispatchedAt: orZero(r.DispatchedAt), Attempts: r.DispatchAttempts,
		}
	}
	return events
}
