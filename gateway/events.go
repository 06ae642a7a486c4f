package gateway

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"perennial/channel"
	"perennial/store"
)

// The bounds of one request.
const (
	maxBatch = 1000
	maxBody  = 4 << 20
)

// Event is a fact from outside, as callers write it.
type Event struct {
	ID       string         `json:"id" minLength:"1" maxLength:"200" doc:"Given by you: the same id is the same event, however often it is sent. No phone number or e-mail address."`
	Type     string         `json:"type" maxLength:"100" pattern:"^[a-z][a-z0-9_]*([.][a-z0-9_]+)*$" doc:"What happened."`
	Customer string         `json:"customer,omitempty" maxLength:"200" doc:"Whom it concerns. A message.received may have data.channel and data.from, the address that it came from, instead."`
	At       time.Time      `json:"at,omitzero" doc:"When it happened; now where left out."`
	Data     map[string]any `json:"data,omitempty" doc:"What is said of it, by its type: see the event catalogue."`
}

// Accepted is what became of one event.
type Accepted struct {
	ID     string `json:"id"`
	Status string `json:"status" enum:"stored,duplicate,kept,erased" doc:"duplicate: an event of that id was there already, and nothing was changed. erased: its customer was erased, and nothing of them is stored any more. kept: nobody is reached at the address that the message came from; it is kept for a person to read."`
	Note   string `json:"note,omitempty" doc:"What may not be as you meant it: such as a type of event that no journey knows. The event is stored all the same."`
}

// What may become of an event.
const (
	stored    = "stored"
	duplicate = "duplicate"
	kept      = "kept"   // a message of nobody's
	erased    = "erased" // its customer was erased: nothing is stored
)

type eventsRequest struct {
	RawBody []byte `contentType:"application/json"`
}

type eventsResponse struct {
	Body struct {
		Events []Accepted `json:"events" doc:"In the order in which they were handed in."`
	}
}

func (g *Gateway) eventRoutes(api huma.API) {
	huma.Register(api, huma.Operation{
		OperationID:      "post-events",
		Method:           http.MethodPost,
		Path:             "/v1/events",
		Summary:          "Hand in one event, or an array of up to 1,000",
		Description:      "All of a request are stored, with what they change in the profiles, or none is; but for those of customers who were erased. The same id may be sent again without harm.",
		DefaultStatus:    http.StatusAccepted,
		MaxBodyBytes:     maxBody,
		SkipValidateBody: true, // bodies are read by us: huma's errors repeat them, and don't say which event of a batch is wrong
		Errors: []int{
			http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity,
			http.StatusTooManyRequests, http.StatusServiceUnavailable,
		},
		Security: []map[string][]string{{"token": {}}},
	}, func(ctx context.Context, r *eventsRequest) (*eventsResponse, error) {
		accepted, err := g.accept(ctx, r.RawBody)
		if err != nil {
			return nil, err
		}
		response := &eventsResponse{}
		response.Body.Events = accepted
		return response, nil
	})
	api.OpenAPI().Paths["/v1/events"].Post.RequestBody.Content["application/json"] = submissionType(api.OpenAPI().Components.Schemas)
}

// accept takes the events of a request: all, or none and the answer why.
func (g *Gateway) accept(ctx context.Context, body []byte) ([]Accepted, error) {
	s, err := openSubmission(body)
	if err != nil {
		return nil, err
	}
	meanings := make([]understood, len(s.events))
	for i, raw := range s.events {
		meanings[i], err = g.read(ctx, raw)
		if bad, ok := errors.AsType[*store.BadEventError](err); ok {
			s.wrong(i, bad)
			continue
		}
		if err != nil {
			return nil, g.unavailable(err)
		}
	}
	if s.mistakes != nil {
		return nil, s.refusal()
	}
	accepted, err := g.take(ctx, meanings)
	if unknown, ok := errors.AsType[*store.UnknownCustomersError](err); ok {
		for i, m := range meanings {
			if len(m.events) > 0 && slices.Contains(unknown.IDs, m.events[0].Customer) {
				s.wrong(i, &store.BadEventError{ID: m.id, Field: "customer", Why: "unknown customer " + m.events[0].Customer + "; import the customer first"})
			}
		}
		return nil, s.refusal()
	}
	if bad, ok := errors.AsType[*store.BadEventError](err); ok {
		return nil, huma.Error422UnprocessableEntity("nothing was stored: " + bad.Error())
	}
	if err != nil {
		return nil, g.unavailable(err)
	}
	for i, m := range meanings {
		accepted[i].Note = g.note(ctx, m)
	}
	return accepted, nil
}

// read returns what one event of a request means: itself, or what a customer's message says. A *store.BadEventError is the caller's to mend.
func (g *Gateway) read(ctx context.Context, raw []byte) (understood, error) {
	e, err := readEvent(raw)
	if err != nil {
		return understood{}, err
	}
	if e.At.IsZero() {
		e.At = g.now()
	}
	if e.Type == messageReceived && e.Customer == "" {
		return g.reply(ctx, e)
	}
	event, err := e.stored()
	if err != nil {
		return understood{}, err
	}
	return understood{id: e.ID, events: []store.Event{event}}, store.CheckEvent(event)
}

// take stores what was understood, all or nothing, and carries on the events that are new. The first event of each answers for it.
func (g *Gateway) take(ctx context.Context, meanings []understood) ([]Accepted, error) {
	accepted := make([]Accepted, len(meanings))
	var fresh []store.Event
	err := g.Store.InTx(ctx, func(tx *store.Tx) error {
		var all []store.Event
		for _, m := range meanings {
			all = append(all, m.events...)
		}
		recorded, err := tx.RecordEvents(ctx, all, g.now())
		if err != nil {
			return err
		}
		for i, m := range meanings {
			mine := recorded[:len(m.events)]
			recorded = recorded[len(m.events):]
			for j, r := range mine {
				if r.Fresh {
					fresh = append(fresh, m.events[j])
				}
			}
			if accepted[i], err = g.keep(ctx, tx, m, mine); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	g.Telemetry.EventsReceived(ctx, taken(accepted), len(accepted)-taken(accepted))
	for i, m := range meanings {
		if m.heard.meaning != "" && accepted[i].fresh() {
			g.Telemetry.MessageReceived(ctx, m.heard.channel, m.heard.meaning)
		}
	}
	g.dispatch(ctx, fresh)
	return accepted, nil
}

// fresh says whether it was not there before, and is now.
func (a Accepted) fresh() bool { return a.Status != duplicate && a.Status != erased }

// taken counts what was not there before.
func taken(accepted []Accepted) int {
	n := 0
	for _, a := range accepted {
		if a.fresh() {
			n++
		}
	}
	return n
}

// keep keeps what is for a person to read, notes that the address works where it came from, and says what became of the whole.
func (g *Gateway) keep(ctx context.Context, tx *store.Tx, m understood, recorded []store.Stored) (Accepted, error) {
	status := kept
	if len(recorded) > 0 {
		status = stored
	}
	if len(recorded) > 0 && recorded[0].Erased {
		return Accepted{ID: m.id, Status: erased}, nil
	}
	if len(recorded) > 0 && !recorded[0].Fresh {
		return Accepted{ID: m.id, Status: duplicate}, nil
	}
	if m.from.address != "" && m.from.wantsNone {
		if _, err := tx.MarkAddressBad(ctx, m.from.customer, m.from.channel, m.from.address, string(channel.OptedOut), g.now()); err != nil {
			return Accepted{}, err
		}
	}
	if m.from.address != "" && !m.from.wantsNone {
		if _, err := tx.ConfirmAddress(ctx, m.from.channel, m.from.address, m.from.wantsMore, g.now()); err != nil {
			return Accepted{}, err
		}
	}
	if m.unread != nil {
		fresh, err := tx.KeepReply(ctx, *m.unread)
		if err != nil {
			return Accepted{}, err
		}
		if !fresh {
			status = duplicate
		}
	}
	return Accepted{ID: m.id, Status: status}, nil
}

// dispatch carries stored events on, those of one customer one after the other. What can't be carried on now is carried on later.
func (g *Gateway) dispatch(ctx context.Context, events []store.Event) {
	var things []func(context.Context)
	for _, of := range byCustomer(events) {
		things = append(things, func(ctx context.Context) {
			for n, e := range of {
				if ctx.Err() != nil {
					g.Log.Warn("Events were stored and will be routed later: routing takes too long.", "events", len(of)-n)
					return
				}
				if err := g.events.Dispatch(ctx, e); err != nil {
					g.Log.Warn("An event was stored and will be routed later.", "event", e.ID, "error", err)
				}
			}
		})
	}
	if left := g.beside.do(ctx, g.Patience, things); left > 0 {
		g.Log.Warn("Events of some customers were stored and will be routed later: too much is routed at the moment.", "customers", left)
	}
}

// byCustomer groups events by customer and keeps their order: those of one customer are carried on one after the other.
func byCustomer(events []store.Event) [][]store.Event {
	var groups [][]store.Event
	at := map[string]int{}
	for _, e := range events {
		i, known := at[e.Customer]
		if !known {
			i = len(groups)
			at[e.Customer] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], e)
	}
	return groups
}

// unavailable says that what went wrong is ours.
func (g *Gateway) unavailable(err error) error {
	g.Log.Error("Events could not be taken.", "error", err)
	return huma.Error503ServiceUnavailable("the events could not be stored now; send them again with the same ids")
}
