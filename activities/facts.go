package activities

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"perennial/domain/customer"
	"perennial/domain/segment"
	"perennial/store"
)

// situation is where an expression of an enrollment is evaluated.
type situation struct {
	key     string            // of the enrollment
	event   string            // id of the event at hand; empty where none is
	answers map[string]string // by ask step: id of the event that answered
	at      time.Time         // what the expression calls now
	known   time.Time         // until when it is known what happened; zero is at
}

// knowledge reads what expressions speak of: the store, or a transaction.
type knowledge interface {
	Event(ctx context.Context, id string) (store.Event, error)
	Happened(ctx context.Context, customer string, upTo time.Time) (map[string][]time.Time, error)
}

// factsOf are what is known of a customer in a situation.
func factsOf(ctx context.Context, from knowledge, v *version, who customer.Profile, s situation) (segment.Facts, error) {
	known := s.known
	if known.IsZero() {
		known = s.at
	}
	facts := segment.Facts{
		Profile: who, Thing: v.thing(who, s.key), Now: s.at, Known: known, Answers: map[string]float64{},
		Happened: func() (map[string][]time.Time, error) { return from.Happened(ctx, who.ID, known) },
	}
	if s.event != "" {
		e, err := from.Event(ctx, s.event)
		if err != nil {
			return segment.Facts{}, err
		}
		if facts.Event, err = eventFact(e); err != nil {
			return segment.Facts{}, err
		}
	}
	for step, id := range s.answers {
		e, err := from.Event(ctx, id)
		if err != nil {
			return segment.Facts{}, err
		}
		var answer struct {
			Score *float64 `json:"score"`
		}
		if err := json.Unmarshal(e.Data, &answer); err != nil {
			return segment.Facts{}, fmt.Errorf("read the answer %s: %w", id, err)
		}
		if answer.Score != nil {
			facts.Answers[step] = *answer.Score
		}
	}
	return facts, nil
}

// eventFact is an event as expressions see it.
func eventFact(e store.Event) (*segment.Event, error) {
	fact := &segment.Event{ID: e.ID, Type: e.Type, At: e.At, Data: map[string]any{}}
	if len(e.Data) > 0 {
		if err := json.Unmarshal(e.Data, &fact.Data); err != nil {
			return nil, fmt.Errorf("read the data of event %s: %w", e.ID, err)
		}
	}
	return fact, nil
}

// thing is what an enrollment of that key is about; nil where it is about the customer. Of a thing that is not known there is only its id.
func (v *version) thing(who customer.Profile, key string) *customer.Thing {
	of := v.plan.Enter.Each
	if of == "" {
		return nil
	}
	thing, known := who.Thing(of, key)
	if !known {
		thing = customer.Thing{Of: of, ID: key}
	}
	return &thing
}

// unevaluated is the error of a step's own expression: it ends the enrollment, unless what it speaks of could only not be read now.
func unevaluated(step string, err error) error {
	if unread, ok := errors.AsType[*segment.HistoryError](err); ok {
		return final(unread)
	}
	return broken(fmt.Errorf("step %s: %w", step, err))
}
