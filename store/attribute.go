package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"perennial/domain/customer"
	"perennial/store/db"
)

// said is what somebody says of one attribute of a thing, or of a customer where no thing is named. Wherever it comes from, by an event, an
// import or a step, the newest word on an attribute counts.
type said struct {
	customer string
	of       customer.ThingKind // empty for an attribute of the customer
	thing    string             // its id
	kind     string             // what the thing is to the business; empty says nothing
	name     string             // empty says only that the thing is there
	value    any                // as JSON writes it; nil says that it has none from then on
	at       time.Time          // since when
	source   string             // by what it is known in the history; empty where none is kept
}

// Value is one value that an attribute had.
type Value struct {
	Of    customer.ThingKind `json:"of,omitempty"`    // empty for an attribute of the customer
	Thing string             `json:"thing,omitempty"` // its id
	Name  string             `json:"name"`
	Value any                `json:"value"`
	At    time.Time          `json:"at"` // since when

	// Source says where it comes from: "event:" and the event's id, "import:" and by what the import knows it, or "step:" and enrollment, step
	// and occurrence, as in "step:12.visits.1".
	Source string `json:"source"`
}

// AttributeHistory returns the values that the attributes of a customer and of their things had, of those whose history is kept: up to limit of
// each attribute, newest first.
func (s session) AttributeHistory(ctx context.Context, who string, limit int) ([]Value, error) {
	rows, err := s.q.AttributeHistory(ctx, who, int64(limit))
	if err != nil {
		return nil, wrap(err, "read the history of what is known of %s", who)
	}
	values := make([]Value, len(rows))
	for i, r := range rows {
		values[i] = Value{Of: customer.ThingKind(r.OfKind), Thing: r.Thing, Name: r.Name, At: r.At, Source: r.Source}
		if err := json.Unmarshal(r.Value, &values[i].Value); err != nil {
			return nil, fmt.Errorf("read the history of what is known of %s: %s: %w", who, r.Name, err)
		}
	}
	return values, nil
}

// AttributeWrite is what an occurrence of a step writes into the profile.
type AttributeWrite struct {
	Customer   string
	Enrollment int64          // that writes
	Occurrence string         // of its step, such as "12.visits.1"
	Attributes map[string]any // by name, as JSON writes them; a date is "2026-05-04" or RFC 3339
	History    []string       // the names of those whose former values are kept
	At         time.Time      // now, by the stack's clock
}

// WroteAttributes says whether an occurrence of a step, such as "12.visits.1", wrote attributes already.
func (s session) WroteAttributes(ctx context.Context, occurrence string) (bool, error) {
	wrote, err := s.q.WroteAttributes(ctx, occurrence)
	return wrote, wrap(err, "ask whether step %s wrote attributes", occurrence)
}

// SetAttributes writes attributes of a customer, once an occurrence of a step: first is false where it wrote before, and nothing is written then. Do
// it after LockProfile, so that the values follow from what is known; whatever was told with a later date gives way. Other running enrollments of
// the customer than the one that writes hear of it by the event "profile.changed".
func (tx *Tx) SetAttributes(ctx context.Context, w AttributeWrite) (first bool, err error) {
	first, err = tx.setAttributes(ctx, w)
	return first, wrap(err, "write attributes of %s", w.Customer)
}

func (tx *Tx) setAttributes(ctx context.Context, w AttributeWrite) (first bool, err error) {
	written, err := tx.q.WriteOnce(ctx, w.Occurrence, w.Customer, w.At)
	if err != nil || written == 0 {
		return false, err
	}
	encoded, err := object(w.Attributes)
	if err != nil {
		return false, err
	}
	n, err := tx.q.SetAttributes(ctx, encoded, w.At, w.Customer)
	if err := oneRow(n, err); err != nil {
		return false, err
	}
	var kept []said
	for name, value := range w.Attributes {
		if slices.Contains(w.History, name) {
			kept = append(kept, said{customer: w.Customer, name: name, value: value, at: w.At, source: "step:" + w.Occurrence})
		}
	}
	if _, err := keepValues(ctx, tx.q, kept, true); err != nil {
		return false, err
	}
	return true, tellOfProfiles(ctx, tx.q, "step", []string{w.Customer}, w.Enrollment, w.At)
}

// thingID is what the primary key of things holds.
type thingID struct {
	customer string
	of       customer.ThingKind
	id       string
}

// mergeThings writes down what is said of things, and answers which of them it changed. Again says whether a word that repeats what is
// known counts as a newer one.
func mergeThings(ctx context.Context, q *db.Queries, words []said, again bool, now time.Time) ([]thingID, error) {
	if len(words) == 0 {
		return nil, nil
	}
	p := db.MergeThingsParams{Again: again, Now: now}
	for _, w := range words {
		value, err := json.Marshal(w.value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", w.name, err)
		}
		p.Customers = append(p.Customers, w.customer)
		p.OfKinds = append(p.OfKinds, string(w.of))
		p.Things = append(p.Things, w.thing)
		p.Kinds = append(p.Kinds, w.kind)
		p.Names = append(p.Names, w.name)
		p.Values = append(p.Values, string(value))
		p.Ats = append(p.Ats, w.at)
	}
	rows, err := q.MergeThings(ctx, p)
	changed := make([]thingID, len(rows))
	for i, r := range rows {
		changed[i] = thingID{r.Customer, customer.ThingKind(r.OfKind), r.ID}
	}
	return changed, err
}

// keepValues adds those that have a source and a value to the history, and answers which were new to it. Again says whether a word that repeats the
// newest value is kept beside it.
func keepValues(ctx context.Context, q *db.Queries, words []said, again bool) (map[valueID]bool, error) {
	p := db.KeepAttributeValuesParams{Again: again}
	for _, w := range words {
		if w.source == "" || w.value == nil {
			continue
		}
		value, err := json.Marshal(w.value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", w.name, err)
		}
		p.Customers = append(p.Customers, w.customer)
		p.OfKinds = append(p.OfKinds, string(w.of))
		p.Things = append(p.Things, w.thing)
		p.Names = append(p.Names, w.name)
		p.Values = append(p.Values, string(value))
		p.Ats = append(p.Ats, w.at)
		p.Sources = append(p.Sources, w.source)
	}
	if len(p.Names) == 0 {
		return nil, nil
	}
	rows, err := q.KeepAttributeValues(ctx, p)
	kept := make(map[valueID]bool, len(rows))
	for _, r := range rows {
		kept[valueID{thingID{r.Customer, customer.ThingKind(r.OfKind), r.Thing}, r.Name, r.Source}] = true
	}
	return kept, err
}

// valueID is what the primary key of attribute_values holds.
type valueID struct {
	thingID

	name, source string
}

// tellOfProfiles lets the running enrollments of customers hear that the profile changed, but for the one that changed it; 0 is none. What changed
// it begins the event's id.
func tellOfProfiles(ctx context.Context, q *db.Queries, what string, customers []string, but int64, now time.Time) error {
	changed := make([]thingID, len(customers))
	for i, id := range customers {
		changed[i].customer = id
	}
	return tellOfThings(ctx, q, what, changed, but, now)
}

// tellOfThings is tellOfProfiles where things changed: an event names the thing where it was only one of that customer. See [Event.Changed].
func tellOfThings(ctx context.Context, q *db.Queries, what string, changed []thingID, but int64, now time.Time) error {
	if len(changed) == 0 {
		return nil
	}
	p := db.TellOfProfilesParams{What: what, At: now, But: but}
	for _, t := range changed {
		p.Customers = append(p.Customers, t.customer)
		p.OfKinds = append(p.OfKinds, string(t.of))
		p.Things = append(p.Things, t.id)
	}
	return q.TellOfProfiles(ctx, p)
}
