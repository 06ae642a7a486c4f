package gateway

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"perennial/store"
)

// submission is what one request hands in: one event, or an array of them; and what is wrong with them.
type submission struct {
	array    bool
	events   []json.RawMessage
	mistakes []error
}

// openSubmission reads the outside of a request's body. Its errors are answers.
func openSubmission(body []byte) (*submission, error) {
	s := &submission{array: bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("["))}
	s.events = []json.RawMessage{body}
	if s.array {
		s.events = nil
		if json.Unmarshal(body, &s.events) != nil {
			return nil, notJSON()
		}
	}
	if !json.Valid(body) {
		return nil, notJSON()
	}
	if len(s.events) == 0 {
		return nil, huma.Error422UnprocessableEntity("the request holds no event")
	}
	if len(s.events) > maxBatch {
		return nil, huma.Error422UnprocessableEntity(fmt.Sprintf("nothing was stored: a request holds up to %d events, and this one has %d", maxBatch, len(s.events)))
	}
	return s, nil
}

func notJSON() error {
	return huma.Error400BadRequest("the body is not JSON: write one event as an object, or several as an array of objects")
}

// wrong notes a mistake of one event.
func (s *submission) wrong(i int, bad *store.BadEventError) {
	where, what := "body", bad.Why
	if s.array {
		where = fmt.Sprintf("body[%d]", i)
	}
	if bad.Field != "" {
		where, what = where+"."+bad.Field, bad.Error()
	}
	s.mistakes = append(s.mistakes, &huma.ErrorDetail{Location: where, Message: what})
}

// refusal is the answer to a submission with mistakes.
func (s *submission) refusal() error {
	return huma.Error422UnprocessableEntity("nothing was stored: mend these events and send them again", s.mistakes...)
}

// typeForm is what types of events look like; the API's description says the same of Event.Type.
var typeForm = regexp.MustCompile(`^[a-z][a-z0-9_]*([.][a-z0-9_]+)*$`)

// readEvent reads one event as a caller wrote it. The error is a *store.BadEventError.
func readEvent(raw []byte) (Event, error) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil || fields == nil {
		return Event{}, &store.BadEventError{Why: "write an object with id, type, customer, at and data"}
	}
	var e Event
	for _, f := range []struct {
		name, want string
		into       any
	}{
		{"id", "a string", &e.ID},
		{"type", `a string such as "purchase"`, &e.Type},
		{"customer", `a string such as "c-1042"`, &e.Customer},
		{"at", `a time with its offset, such as "2026-05-04T10:00:00+02:00"`, &e.At},
		{"data", "an object", &e.Data},
	} {
		value, there := fields[f.name]
		delete(fields, f.name)
		if there && decode(value, f.into) != nil {
			return Event{}, e.bad(f.name, "write "+f.want)
		}
	}
	if err := store.CheckID(e.ID); err != nil {
		return Event{}, e.bad("id", err.Error())
	}
	if len(e.Type) > 100 || !typeForm.MatchString(e.Type) {
		return Event{}, e.bad("type", "write what happened in lower case, such as purchase or visit.completed")
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		return Event{}, e.bad(name, "there is no such field; what is said of an event stands in its data")
	}
	return e, nil
}

// bad is a mistake in the event. It names the event only by an id that may be shown.
func (e Event) bad(field, why string) error {
	id := e.ID
	if store.CheckID(id) != nil {
		id = ""
	}
	return &store.BadEventError{ID: id, Field: field, Why: why}
}

// stored is the event as the store takes it.
func (e Event) stored() (store.Event, error) {
	if e.Customer == "" {
		return store.Event{}, e.bad("customer", "whom does it concern?")
	}
	s := store.Event{ID: e.ID, Type: e.Type, Customer: e.Customer, At: e.At.UTC()}
	if e.Data == nil {
		return s, nil
	}
	var err error
	if s.Data, err = json.Marshal(e.Data); err != nil {
		return store.Event{}, e.bad("data", "it can't be written down as JSON")
	}
	return s, nil
}

// decode keeps numbers as they were written: an amount is not to be rounded on its way.
func decode(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	return d.Decode(into)
}

// submissionType says in the API's description what a request's body is.
func submissionType(schemas huma.Registry) *huma.MediaType {
	event := schemas.Schema(reflect.TypeFor[Event](), true, "")
	least, most := 1, maxBatch
	purchase := map[string]any{
		"id": "order-2041", "type": "purchase", "customer": "c-1042", "at": "2026-05-04T10:00:00+02:00",
		"data": map[string]any{"order_id": "2041", "amount": 29.90, "currency": "USD"},
	}
	visit := map[string]any{"id": "visit-77", "type": "visit.completed", "customer": "c-1042"}
	answer := map[string]any{
		"id": "mail-311", "type": "message.received",
		"data": map[string]any{"channel": "email", "from": "someone@example.com", "text": "5"},
	}
	return &huma.MediaType{
		Schema: &huma.Schema{OneOf: []*huma.Schema{event, {Type: huma.TypeArray, Items: event, MinItems: &least, MaxItems: &most}}},
		Examples: map[string]*huma.Example{
			"one":   {Summary: "A purchase", Value: purchase},
			"many":  {Summary: "A purchase and a visit, stored together or not at all", Value: []any{purchase, visit}},
			"reply": {Summary: "What a customer answered by e-mail, known by the address", Value: answer},
		},
	}
}
