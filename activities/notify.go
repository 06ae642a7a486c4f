package activities

import (
	"context"
	"slices"
	"time"

	"perennial/domain/colleague"
	"perennial/domain/contact"
	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/store"
	"perennial/workflows"
)

// A touch of kind notify tells a colleague something about the customer. Working hours take the place of the contact policy; all else is as it
// is for customers.

// decision is what was decided about a touch.
type decision struct {
	contact.Answer

	told *colleague.Colleague // notify: who is told; nil where nobody is
}

// tells is the id of the colleague who is told; empty where none is.
func (d decision) tells() string {
	if d.told == nil {
		return ""
	}
	return d.told.ID
}

// reader reads what is asked about a touch to a colleague: the store, or a transaction.
type reader interface {
	StandIns(ctx context.Context, id string, now time.Time) (colleague.Colleagues, error)
	Tries(ctx context.Context, key store.TouchKey) ([]store.Touch, error)
}

// ask asks whoever decides about a touch: the contact policy, or the working hours of a colleague.
func ask(ctx context.Context, r reader, by asked, can []customer.Channel, who customer.Profile, t workflows.Touch, at time.Time) (decision, error) {
	if t.Kind != journey.Notify {
		return decision{Answer: decide(by.policy, by.version, can, who, t, at)}, nil
	}
	if who.Closed { // there is nothing left to do for them, and nothing to tell
		return decision{Answer: contact.Answer{Verdict: contact.Skip, Reason: contact.Closed}}, nil
	}
	id := t.Notify
	if id == journey.NotifyOwner {
		id = who.Owner
	}
	colleagues, err := r.StandIns(ctx, id, at)
	if err != nil {
		return decision{}, err
	}
	tried, err := triedOn(ctx, r, t)
	if err != nil {
		return decision{}, err
	}
	answer := colleagues.Decide(by.policy.Calendars, colleague.Question{
		Asked: id, At: at, Templates: written(by.version, can, t), Tried: tried, Expires: expires(by.policy, who, t),
	})
	d := decision{Answer: answer.Answer}
	if c, known := colleagues[answer.Told]; known {
		d.told = &c
	}
	return d, nil
}

// triedOn is on which channels whom could not be told in this occurrence. The machine remembers the channels alone, and what failed for one
// colleague is open to the one who stands in.
func triedOn(ctx context.Context, r reader, t workflows.Touch) ([]colleague.Try, error) {
	if t.Try <= 1 {
		return nil, nil
	}
	tries, err := r.Tries(ctx, store.TouchKey{Enrollment: t.Enrollment, TouchKey: t.TouchKey})
	if err != nil {
		return nil, err
	}
	tries = slices.DeleteFunc(tries, func(before store.Touch) bool { return before.Try >= t.Try || before.State != store.TouchFailed })
	tried := make([]colleague.Try, len(tries))
	for i, before := range tries {
		tried[i] = colleague.Try{Colleague: before.Colleague, Channel: before.Channel}
	}
	return tried, nil
}
