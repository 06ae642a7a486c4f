package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"perennial/store"
)

// The bounds of one request.
const (
	maxBatch = 1000
	maxBody  = 4 << 20
)

// Event is a fact from outside, as callers write it.
type Event struct {
	ID       string         `json:"id" minLength:"1" maxLength:"200" doc:"Given by you: the same id is the same event, however often it is sent. No phone number or e-mail address." example:"order-2041"`
	Type     string         `json:"type" minLength:"1" maxLength:"100" pattern:"^[a-z][a-z0-9_]*([.][a-z0-9_]+)*$" doc:"What happened." example:"purchase"`
	Customer string         `json:"customer,omitempty" maxLength:"200" doc:"Whom it concerns. A message.received may name its sender as data.from instead." example:"c-1042"`
	At       time.Time      `json:"at,omitzero" doc:"When it happened; now where left out."`
	Data     map[string]any `json:"data,omitempty" doc:"The fields of this type of event, see the event catalogue."`
}

// Events is one event, or an array of them.
type Events []Event

// UnmarshalJSON reads one event or an array.
func (e *Events) UnmarshalJSON(raw []byte) error {
	if bytes.HasPrefix(bytes.TrimSpace(raw), []byte("[")) {
		return json.Unmarshal(raw, (*[]Event)(e))
	}
	var one Event
	if err := json.Unmarshal(raw, &one); err != nil {
		return err
	}
	*e = Events{one}
	return nil
}

// Schema says so in the API's description.
func (Events) Schema(r huma.Registry) *huma.Schema {
	event := huma.SchemaFromType(r, reflect.TypeFor[Event]())
	most := maxBatch
	return &huma.Schema{OneOf: []*huma.Schema{event, {Type: huma.TypeArray, Items: event, MaxItems: &most}}}
}

// Accepted is what became of one event.
type Accepted struct {
	ID     string `json:"id"`
	Status string `json:"status" enum:"stored,duplicate" doc:"duplicate: an event of that id was there already, and nothing was changed."`
}

type eventsRequest struct {
	Body Events
}

type eventsResponse struct {
	Body struct {
		Events []Accepted `json:"events"`
	}
}

func (g *Gateway) eventRoutes(api huma.API) {
	huma.Register(api, huma.Operation{
		OperationID:   "post-events",
		Method:        http.MethodPost,
		Path:          "/v1/events",
		Summary:       "Hand in one event, or an array of up to 1,000",
		Description:   "All of a request are stored, with what they change in the profiles, or none is. The same id may be sent again without harm.",
		DefaultStatus: http.StatusAccepted,
		MaxBodyBytes:  maxBody,
		Security:      []map[string][]string{{"token": {}}},
	}, func(ctx context.Context, r *eventsRequest) (*eventsResponse, error) {
		events, err := g.read(ctx, r.Body)
		if err != nil {
			return nil, err
		}
		accepted, err := g.take(ctx, events)
		if err != nil {
			return nil, refusal(err)
		}
		response := &eventsResponse{}
		response.Body.Events = accepted
		return response, nil
	})
}

// read checks events and fills in what may be left out.
func (g *Gateway) read(ctx context.Context, events Events) ([]store.Event, error) {
	if len(events) == 0 {
		return nil, huma.Error422UnprocessableEntity("the request holds no event")
	}
	var details []error
	var read []store.Event
	for i, e := range events {
		found, err := g.readOne(ctx, e)
		if err != nil {
			details = append(details, &huma.ErrorDetail{Location: fmt.Sprintf("body[%d]", i), Message: err.Error()})
		}
		read = append(read, found...)
	}
	if len(details) > 0 {
		return nil, huma.Error422UnprocessableEntity("nothing was stored: mend these events and send them again", details...)
	}
	return read, nil
}

// readOne returns what an event says: itself, or what a customer's message means.
func (g *Gateway) readOne(ctx context.Context, e Event) ([]store.Event, error) {
	if err := store.CheckID(e.ID); err != nil {
		return nil, fmt.Errorf("id: %w", err)
	}
	if e.At.IsZero() {
		e.At = g.now()
	}
	if e.Type == messageReceived && e.Customer == "" {
		return g.reply(ctx, e)
	}
	if e.Customer == "" {
		return nil, errors.New("customer: whom does it concern?")
	}
	data, err := json.Marshal(e.Data)
	if err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	if e.Data == nil {
		data = nil
	}
	return []store.Event{{ID: e.ID, Type: e.Type, Customer: e.Customer, At: e.At.UTC(), Data: data}}, nil
}

// take stores events and carries on those that are new. What can't be carried on now is left to the sweeper.
func (g *Gateway) take(ctx context.Context, events []store.Event) ([]Accepted, error) {
	received := g.now()
	stored, err := g.Store.RecordEvents(ctx, events, received)
	if err != nil {
		return nil, err
	}
	accepted := make([]Accepted, len(stored))
	for i, s := range stored {
		accepted[i] = Accepted{ID: s.ID, Status: "duplicate"}
		if !s.Fresh {
			continue
		}
		accepted[i].Status = "stored"
		if err := g.Dispatcher.Dispatch(context.WithoutCancel(ctx), events[i]); err != nil {
			g.Log.Warn("An event was stored and will be routed later.", "event", s.ID, "error", err)
		}
	}
	return accepted, nil
}

// refusal says what the caller can mend; all else is ours.
func refusal(err error) error {
	var bad *store.BadEventError
	var unknown *store.UnknownCustomersError
	switch {
	case errors.As(err, &bad):
		return huma.Error422UnprocessableEntity("nothing was stored: " + bad.Error())
	case errors.As(err, &unknown):
		return huma.Error422UnprocessableEntity("nothing was stored: " + unknown.Error() + "; import the customer first")
	}
	return huma.Error503ServiceUnavailable("the event could not be stored now; send it again with the same id")
}
