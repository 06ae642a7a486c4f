package segment

import (
	"time"

	"perennial/domain/customer"
)

// Facts is what an expression is evaluated on.
type Facts struct {
	Profile customer.Profile
	Event   *Event             // the event at hand, nil when there is none
	Answers map[string]float64 // by the id of the step that asked
	Thing   *customer.Thing    // what the journey is about, nil where it is about the customer
	Now     time.Time          // the stack's time

	// Known is until when it is known what happened to the customer: what count() and last() speak of. Zero is Now. It is later where a date is reckoned
	// from an instant that has passed, and moves with what happened since.
	Known time.Time

	// Happened answers when events happened to the customer up to Known, by type, oldest first. It is asked only where an expression uses count()
	// or last(); nil where nothing is known.
	Happened func() (map[string][]time.Time, error)
}

// zone is the customer's.
func (f Facts) zone() *time.Location {
	if f.Profile.Zone == nil {
		return time.UTC
	}
	return f.Profile.Zone
}

// known is until when it is known what happened, in the customer's zone.
func (f Facts) known() time.Time {
	if f.Known.IsZero() {
		return f.Now.In(f.zone())
	}
	return f.Known.In(f.zone())
}

// Event is an event as expressions see it.
type Event struct {
	ID   string
	Type string
	At   time.Time
	Data map[string]any // decoded JSON
}
