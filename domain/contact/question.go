package contact

import (
	"time"

	"perennial/domain/customer"
)

// Question is what the policy is asked: may this customer be reached about this topic at this instant?
type Question struct {
	Topic     string
	At        time.Time
	Channels  []customer.Channel // those that the step allows; empty means all
	Templates []customer.Channel // those for which the message is written
	Tried     []customer.Channel // those that failed for this occurrence already

	Touch      string    // its id in the ledger, so that a claim of its own does not count against it; empty when it has none
	Enrollment int64     // whose step wants it, so that its own wish does not count against it; with 0 nobody's does
	Since      time.Time // when the step began: between equals the older one goes first; zero is the youngest
	Expires    time.Time // it is not wanted any more after this instant; zero is never
}

// Verdict is what the policy answers.
type Verdict string

// The verdicts.
const (
	Send Verdict = "send" // now, on that channel
	Hold Verdict = "hold" // not before At
	Skip Verdict = "skip" // not at all
)

// Answer is the policy's answer.
type Answer struct {
	Verdict Verdict
	Channel customer.Channel `json:",omitzero"` // with Send and Hold: the one to use
	At      time.Time        `json:",omitzero"` // with Hold: the instant to ask again, later than the question's
	Until   time.Time        `json:",omitzero"` // with Send: the instant at which the permission ends, a day on at most
	Reason  Reason           `json:",omitzero"` // with Hold and Skip: why
}
