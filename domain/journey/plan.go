package journey

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"perennial/domain/customer"
)

// PlanEncoding numbers the form in which plans are stored. A machine reads every form it knows; a new form gets a new number.
//
// 1 has the verbs send, ask, wait, if and exit, entered by an event; 2 has all verbs and ways to enter that this build knows.
const PlanEncoding = 2

// End is the index after the last step.
const End = -1

// Plan is the compiled form of a journey's version: all that the machine needs, and no text that a customer reads.
type Plan struct {
	Encoding    int          `json:"encoding"`
	Journey     string       `json:"journey"`
	Title       string       `json:"title"`
	Enter       Enter        `json:"enter"`
	Goal        *Trigger     `json:"goal,omitempty"`
	Exits       []Trigger    `json:"exits,omitempty"`
	Steps       []Step       `json:"steps"` // in the order of the file; the first is where a journey begins
	Expressions []Expression `json:"expressions,omitempty"`
}

// Expression is one CEL expression of the journey. Steps and triggers name it by its number, its index in the plan plus one, so that 0 means none.
type Expression struct {
	Source string `json:"source"`
	Type   string `json:"type"` // of its value: "bool", "string", "date", or that of an attribute, see package segment
}

// Enter says who enters the journey: by an event (On); by a scan (Every, and When is the segment); by date (Every and At), for each thing of a
// kind that the customer has (Each) or for the customer. Where none of them is set (by: start), only another journey starts it, or somebody by hand.
type Enter struct {
	On    string `json:"on,omitempty"`   // event type
	When  int    `json:"when,omitempty"` // number of a bool expression: on the event, the customer or the thing
	Again Again  `json:"again"`          //
	Key   int    `json:"key,omitempty"`  // with On: number of a string expression; one enrollment a key

	Every Span               `json:"every,omitzero"` // how often all customers are looked at
	Each  customer.ThingKind `json:"each,omitempty"` // the enrollment's key is the thing's id, and expressions and templates may name it
	At    int                `json:"at,omitempty"`   // number of a date expression: when to enter
	Late  Span               `json:"late,omitzero"`  // with At: how long after it a customer may still enter

	Retired bool `json:"retired,omitempty"` // nobody enters, in whatever way
}

// DefaultLate is how long after its date a customer may still enter where a journey does not say: long enough for a scan that was down over
// a weekend, short enough that publishing a journey does not greet everybody for last year's birthday.
var DefaultLate = Span{Days: 7}

// Again says whether a customer who was in the journey may enter it again, with the same key.
type Again struct {
	Rule  string `json:"rule"`           // "never", "after-exit", "after", "always"
	After Span   `json:"after,omitzero"` // with "after": counted from when the customer entered last
}

// The rules of re-entry.
const (
	Never     = "never"      // once in a lifetime
	AfterExit = "after-exit" // whenever none is running
	After     = "after"      // when none is running and the last entry lies that long back
	Always    = "always"     // whenever none is running, without further condition; another key always
)

// Trigger is an event that ends an enrollment.
type Trigger struct {
	On     string `json:"on"`
	When   int    `json:"when,omitempty"`   // number of a bool expression
	Within Span   `json:"within,omitzero"`  // goal only: counts only so long after entering; zero is for ever
	Reason string `json:"reason,omitempty"` // exit only: the outcome is "exited: <reason>"
}

// Verb is what a step does.
type Verb string

// The verbs that are built.
const (
	Send   Verb = "send"
	Ask    Verb = "ask"
	Wait   Verb = "wait"
	If     Verb = "if"
	Exit   Verb = "exit"
	Repeat Verb = "repeat"
	Set    Verb = "set"
	Notify Verb = "notify"
	Start  Verb = "start"
)

// Step is one named thing that a journey does. Only the fields of its verb are set.
type Step struct {
	ID   string `json:"id"`
	Verb Verb   `json:"verb"`
	Next int    `json:"next"` // index of the step that follows, or End

	Template string             `json:"template,omitempty"` // send, ask
	Topic    string             `json:"topic,omitempty"`    // send, ask: consent topic
	Channels []customer.Channel `json:"channels,omitempty"` // send, ask: only these; empty means all the customer has
	Valid    Span               `json:"valid,omitzero"`     // send, ask: a touch held longer than this expires; zero leaves it to the contact policy

	Fallback Span `json:"fallback,omitzero"` // send, ask: without a receipt, or upon word of failure where the channel gives none, the next channel is tried after this long; hours and less only

	Survey string `json:"survey,omitempty"` // ask: the survey that the answer belongs to

	For    Span     `json:"for,omitzero"`    // wait: this long
	Until  int      `json:"until,omitempty"` // wait: number of a date expression, until then; repeat: number of a bool expression that ends it
	Moves  []string `json:"moves,omitempty"` // wait, repeat: the types of event that move the date of Until or EveryBy, because its expression looks at them
	On     string   `json:"on,omitempty"`    // wait, ask: until this event
	When   int      `json:"when,omitempty"`  // wait, ask: number of a bool expression on that event
	Within Span     `json:"within,omitzero"` // wait, ask: but no longer than this

	If   int `json:"if,omitempty"`   // if: number of a bool expression
	Then int `json:"then,omitempty"` // if: index of the step that follows when true, or End
	Else int `json:"else,omitempty"` // if: index of the step that follows when not, or End

	Every   Span `json:"every,omitzero"`     // repeat: from the beginning of one round to that of the next
	EveryBy int  `json:"every_by,omitempty"` // repeat: or the number of a date expression for it, in which now is the beginning of the round
	Body    int  `json:"body,omitempty"`     // repeat: index of the first step of a round; what ends a round leads back to the repeat

	Set []Assignment `json:"set,omitempty"` // set: what is written, in order

	Notify string `json:"notify,omitempty"` // notify: "owner", or the id of a colleague; Template says what, Valid how long it is of use

	Journey string `json:"journey,omitempty"` // start: the name of the journey that the customer is to enter

	Reason string `json:"reason,omitempty"` // exit: the outcome is "exited: <reason>"
}

// Assignment is one attribute that a set step writes.
type Assignment struct {
	Attribute string `json:"attribute"` // of the customer, by the profile catalogue
	Value     int    `json:"value"`     // number of an expression of the attribute's type
}

// NotifyOwner is the recipient of a notify step who is the customer's owner.
const NotifyOwner = "owner"

// Step returns the step of that id.
func (p *Plan) Step(id string) (Step, bool) {
	i := p.index(id)
	if i == End {
		return Step{}, false
	}
	return p.Steps[i], true
}

func (p *Plan) index(id string) int {
	return slices.IndexFunc(p.Steps, func(s Step) bool { return s.ID == id })
}

// Listens returns the types of event that an enrollment of this plan wants to hear of, sorted, each once. A change of profile or
// consent is always among them, since it can change what a held touch may do.
func (p *Plan) Listens() []string {
	types := []string{ProfileChanged, ConsentChanged}
	if p.Goal != nil {
		types = append(types, p.Goal.On)
	}
	for _, t := range p.Exits {
		types = append(types, t.On)
	}
	for _, s := range p.Steps {
		if s.On != "" {
			types = append(types, s.On)
		}
		types = append(types, s.Moves...)
	}
	slices.Sort(types)
	return slices.Compact(types)
}

// DecodePlan reads a stored plan.
func DecodePlan(encoded []byte) (*Plan, error) {
	var p Plan
	if err := json.Unmarshal(encoded, &p); err != nil {
		return nil, fmt.Errorf("read a compiled plan: %w", err)
	}
	if p.Encoding < 1 || p.Encoding > PlanEncoding {
		return nil, fmt.Errorf("read the compiled plan of %q: it has encoding %d, this build knows 1 to %d", p.Journey, p.Encoding, PlanEncoding)
	}
	return &p, nil
}

// Span is a length of time as operations write it: calendar units, which depend on where in the calendar one stands, and a duration.
type Span struct {
	Years  int           `json:"years,omitempty"`
	Months int           `json:"months,omitempty"`
	Days   int           `json:"days,omitempty"`
	Exact  time.Duration `json:"exact,omitempty"` // hours, minutes and seconds
}

// IsZero says whether the span has no length.
func (s Span) IsZero() bool { return s == Span{} }

// From returns the instant that lies s after t, by the calendar of t's zone: years and months first (31 January and a month is the
// last day of February), then days, then the exact part. A wall time that the zone skips moves on by the length of the gap.
func (s Span) From(t time.Time) time.Time {
	year, month, day := t.Date()
	first := time.Date(year+s.Years, month+time.Month(s.Months), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	hour, minute, second := t.Clock()
	wall := customer.WallTime(first.Year(), first.Month(), min(day, last)+s.Days, hour, minute, second, t.Nanosecond(), t.Location())
	if s.Years == 0 && s.Months == 0 && s.Days == 0 {
		wall = t
	}
	return wall.Add(s.Exact)
}

// Times returns the span n times: a month three times is three months.
func (s Span) Times(n int) Span {
	return Span{Years: n * s.Years, Months: n * s.Months, Days: n * s.Days, Exact: time.Duration(n) * s.Exact}
}

// String writes the span as YAML does: "3d", "1mo", "1y2mo", "36h".
func (s Span) String() string {
	var b strings.Builder
	for _, part := range []struct {
		n    int
		unit string
	}{{s.Years, "y"}, {s.Months, "mo"}, {s.Days, "d"}} {
		if part.n != 0 {
			fmt.Fprintf(&b, "%d%s", part.n, part.unit)
		}
	}
	if s.Exact != 0 || b.Len() == 0 {
		exact := s.Exact.String()
		if strings.HasSuffix(exact, "m0s") {
			exact = strings.TrimSuffix(exact, "0s")
		}
		if strings.HasSuffix(exact, "h0m") {
			exact = strings.TrimSuffix(exact, "0m")
		}
		b.WriteString(exact)
	}
	return b.String()
}
