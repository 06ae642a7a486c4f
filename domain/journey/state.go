package journey

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"perennial/domain/customer"
)

// StateEncoding numbers the form in which states are carried over continue-as-new. A machine reads every form it knows; a new form gets a
// new number, so that a machine that does not know it refuses it instead of losing half of it.
//
// 1 knows the verbs of plans of encoding 1; 2 knows rounds and touches that wait for a receipt; 3 keeps answers to questions of which it is
// not known yet whether they were asked.
const StateEncoding = 3

// KnownState says whether a machine of this build can go on from a state of that encoding.
func KnownState(encoding int) error {
	if encoding < 1 || encoding > StateEncoding {
		return fmt.Errorf("read an enrollment's state: it has encoding %d, this build knows 1 to %d", encoding, StateEncoding)
	}
	return nil
}

// State is where an enrollment stands. It holds ids, step names and times, and nothing personal.
type State struct {
	Encoding    int                `json:"encoding"`
	EnteredAt   time.Time          `json:"entered_at"`
	GoalUntil   time.Time          `json:"goal_until,omitzero"` // the goal counts until then; zero is for ever
	Step        string             `json:"step,omitempty"`      // the step being done; empty past the last
	Phase       Phase              `json:"phase"`               // how far the step has come
	Since       time.Time          `json:"since,omitzero"`      // when the step began
	Occurrences map[string]int     `json:"occurrences,omitempty"`
	Try         int                `json:"try,omitempty"`         // number of the channel try in this occurrence, from 1
	Retried     bool               `json:"retried,omitempty"`     // the touch was unconfirmed once in this occurrence, and is tried again
	SentAt      time.Time          `json:"sent_at,omitzero"`      // where a receipt is waited for: when a touch of this occurrence was last sent
	SentBefore  []time.Time        `json:"sent_before,omitempty"` // as SentAt, when each of Tried was left
	Silence     Silence            `json:"silence,omitempty"`     // where a receipt is waited for: what it means that none comes
	Arrived     int                `json:"arrived,omitempty"`     // number of the try of this occurrence that arrived
	Lost        bool               `json:"lost,omitempty"`        // the touch of this try surely did not arrive
	Rounds      map[string]Round   `json:"rounds,omitempty"`      // by repeat step that is under way
	NotBefore   time.Time          `json:"not_before,omitzero"`   // the touch is not planned anew before
	Tried       []customer.Channel `json:"tried,omitempty"`       // channels that failed for good in this occurrence
	Channel     customer.Channel   `json:"channel,omitempty"`     // the channel of the touch that is held or delivered
	Until       time.Time          `json:"until,omitzero"`        // when the hold or the wait ends; zero is never
	Zone        Zone               `json:"zone,omitzero"`         // the customer's, for those who read about it
	Reason      string             `json:"reason,omitempty"`      // why a touch is held
	Paused      bool               `json:"paused,omitempty"`      //
	ResumedAt   time.Time          `json:"resumed_at,omitzero"`   // when a pause ended last
	Answers     map[string]string  `json:"answers,omitempty"`     // by ask step: id of the event that answered
	Seen        []string           `json:"seen,omitempty"`        // ids of the newest events that acted or were passed over, see [State.Receive]
	Inbox       []Event            `json:"inbox,omitempty"`       // events that wait for their turn
	Unsure      bool               `json:"unsure,omitempty"`      // a delivery of the question ended otherwise: it may be asked all the same
	Early       []Event            `json:"early,omitempty"`       // what may answer it, until that is known
	Judging     *Event             `json:"judging,omitempty"`     // the event whose conditions are being evaluated
	Stalls      int                `json:"stalls,omitempty"`      // how many times in a row the database was away
	Stalled     bool               `json:"stalled,omitempty"`     // waiting before the next attempt
	Ending      string             `json:"ending,omitempty"`      // outcome to finish with once the touch in flight is settled
	Skipping    bool               `json:"skipping,omitempty"`    // leave the step once the touch in flight is settled
	Outcome     string             `json:"outcome,omitempty"`     // how the enrollment ended
	Past        []Done             `json:"past,omitempty"`        // the last things done, oldest first
}

// Phase is how far a step has come. It says which command comes next.
type Phase string

const (
	Entering   Phase = "entering"   // the step is chosen, not begun
	Planning   Phase = "planning"   // may we reach the customer?
	Holding    Phase = "holding"    // not before Until
	Delivering Phase = "delivering" // the touch is in flight
	Confirming Phase = "confirming" // the touch was sent: for a receipt, or for Until
	Scheduling Phase = "scheduling" // until when do we wait?
	Waiting    Phase = "waiting"    // for Until, for an event, or for both
	Evaluating Phase = "evaluating" // which branch? another round?
	Setting    Phase = "setting"    // attributes are being written
	Starting   Phase = "starting"   // another journey is being entered
	Finishing  Phase = "finishing"  // the outcome is decided, to be written down
)

// Silence is what it means that no word comes of a touch that was sent.
type Silence string

const (
	NotArrived Silence = ""            // the channel tells of all that arrives, or it may be sent again: the next channel is tried
	NoFailure  Silence = "no failure"  // the channel tells of failures alone: it counts as arrived
	Unknown    Silence = "unconfirmed" // it may have been sent, and by its topic is not sent again
)

// Round is where a repeat step stands.
type Round struct {
	Number int       `json:"number"`          // of the round that runs or ran last, from 1
	Began  time.Time `json:"began,omitzero"`  // when it was to begin, where it began in time; otherwise when it did
	First  time.Time `json:"first,omitzero"`  // when the round began from which those that follow are counted: a month after 31 January and 28 February is 31 March
	Since  int       `json:"since,omitempty"` // how many rounds began since that one
	Due    bool      `json:"due,omitempty"`   // the next one may begin
}

// Event is a fact from outside, as much of it as a history may hold.
type Event struct {
	ID   string    `json:"id"`
	Type string    `json:"type"`
	At   time.Time `json:"at"`
}

// Done is one thing that an enrollment did, for those who read about it.
type Done struct {
	Step    string           `json:"step"`
	At      time.Time        `json:"at"`
	Channel customer.Channel `json:"channel,omitempty"`
	What    string           `json:"what"`
}

// pastKept is how many of the things done are carried along; the ledger knows them all.
const pastKept = 12

// TouchKey names a touch in the ledger: the enrollment's row id is added by whoever writes it there.
type TouchKey struct {
	Step       string `json:"step"`
	Occurrence int    `json:"occurrence"`
	Try        int    `json:"try"`
}

// Touch is the key of the touch that the state is about.
func (s State) Touch() TouchKey {
	return TouchKey{Step: s.Step, Occurrence: s.Occurrences[s.Step], Try: s.Try}
}

// Finished says whether the outcome is decided.
func (s State) Finished() bool { return s.Phase == Finishing }

// Encode writes the state for the next run.
func (s State) Encode() ([]byte, error) { return json.Marshal(s) }

// DecodeState reads what Encode wrote.
func DecodeState(encoded []byte) (State, error) {
	var s State
	if err := json.Unmarshal(encoded, &s); err != nil {
		return State{}, fmt.Errorf("read an enrollment's state: %w", err)
	}
	if err := KnownState(s.Encoding); err != nil {
		return State{}, err
	}
	return s, nil
}

// seenKept is how many ids of events are remembered. Whoever sends an event again does so within hours, and nobody sends a customer so many in that time.
const seenKept = 500

// Receive puts an event aside until the machine next looks at it. An id that came before is passed over, as far as it is remembered. That the profile
// changed is not: to plan anew twice does no harm, and profiles change for as long as an enrollment lasts.
func (s State) Receive(e Event) State {
	if slices.Contains(s.Seen, e.ID) {
		return s
	}
	s = s.clone()
	s.Inbox = append(s.Inbox, e)
	if e.Type == ProfileChanged {
		return s
	}
	s.Seen = append(s.Seen, e.ID)
	s.Seen = s.Seen[max(0, len(s.Seen)-seenKept):]
	return s
}

// Confirm takes in a provider's word on a touch, and says whether it is news: whatever it says of another occurrence than the one under way
// is not, and that an earlier try was lost is known by then.
func (s State) Confirm(r Receipt) (State, bool) {
	if r.Touch.Step != s.Step || r.Touch.Occurrence != s.Occurrences[s.Step] || r.Touch.Try < 1 || r.Touch.Try > s.Try {
		return s, false
	}
	switch {
	case r.Arrived && s.Arrived == 0:
		s.Arrived = r.Touch.Try
		return s, true
	case !r.Arrived && r.Touch.Try == s.Try && !s.Lost:
		s.Lost = true
		return s, true
	}
	return s, false
}

func (s State) clone() State {
	s.Occurrences = maps.Clone(s.Occurrences)
	s.Rounds = maps.Clone(s.Rounds)
	s.Answers = maps.Clone(s.Answers)
	s.Tried = slices.Clone(s.Tried)
	s.SentBefore = slices.Clone(s.SentBefore)
	s.Seen = slices.Clone(s.Seen)
	s.Inbox = slices.Clone(s.Inbox)
	s.Early = slices.Clone(s.Early)
	s.Past = slices.Clone(s.Past)
	return s
}
