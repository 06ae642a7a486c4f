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
	Now     time.Time          // the stack's time
}

// Event is an event as expressions see it.
type Event struct {
	ID   string
	Type string
	At   time.Time
	Data map[string]any // decoded JSON
}
