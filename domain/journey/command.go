package journey

import (
	"time"

	"perennial/domain/contact"
	"perennial/domain/customer"
)

// Command is the one thing that the machine wants done next. Whoever carries it out feeds back what happened.
type Command interface{ command() }

type (
	// PlanTouch asks the contact policy whether, on which channel and when. Answer with [Planned].
	PlanTouch struct {
		Touch TouchKey
		Step  Step
		Tried []customer.Channel
		Since time.Time // when the step began: its Valid counts from here
		At    time.Time
	}
	// Deliver sends the touch on the channel that was planned. Answer with [Delivered].
	Deliver struct {
		Touch   TouchKey
		Step    Step
		Channel customer.Channel
		Tried   []customer.Channel
		Since   time.Time
		Due     time.Time // the instant that the touch was planned for
	}
	// Schedule computes when a wait ends, by the calendar of the customer's zone. Answer with [Scheduled].
	Schedule struct {
		Step    Step
		Span    Span // zero waits for ever, unless By is set
		By      int  // number of a date expression, evaluated at Since: the wait ends then
		Answers map[string]string
		Since   time.Time
	}
	// SetAttributes writes what the step's expressions give into the profile, once an occurrence. Answer with [Written].
	SetAttributes struct {
		Touch   TouchKey // names the occurrence
		Step    Step
		Answers map[string]string
		At      time.Time
	}
	// StartJourney lets the customer enter another journey, by the rules of that journey, once an occurrence. Answer with [Started].
	StartJourney struct {
		Touch TouchKey // names the occurrence
		Step  Step
		At    time.Time
	}
	// Evaluate computes bool expressions on fresh data. Answer with [Evaluated].
	Evaluate struct {
		Step        string
		Expressions []int             // numbers, see [Plan]
		Event       *Event            // the event they may speak of, if any
		Answers     map[string]string // by ask step: id of the event that answered
		At          time.Time
	}
	// WaitUntil waits for an instant, or for whatever happens first. A zero instant has no end. Answer with [TimeCame].
	WaitUntil struct{ Until time.Time }
	// Interrupt asks to give up the delivery in flight if it has not begun. Its answer is still a [Delivered].
	Interrupt struct{}
	// Finish writes the outcome down. Nothing follows, unless it fails: answer with [Unavailable] then.
	Finish struct{ Outcome string }
)

func (PlanTouch) command()     {}
func (Deliver) command()       {}
func (Schedule) command()      {}
func (SetAttributes) command() {}
func (StartJourney) command()  {}
func (Evaluate) command()      {}
func (WaitUntil) command()     {}
func (Interrupt) command()     {}
func (Finish) command()        {}

// Happened is something that the machine is told.
type Happened interface{ happened() }

type (
	// Entered begins the enrollment.
	Entered struct {
		GoalUntil time.Time // the goal counts until then; zero is for ever
		By        string    // id of the event that entered, which never counts as goal
		Zone      Zone
	}
	// Continued goes on in a new run, from a state that was carried over.
	Continued struct{}
	// Planned is the contact policy's answer.
	Planned struct {
		Answer contact.Answer
		Zone   Zone
	}
	// Delivered is how a delivery ended.
	Delivered struct {
		How    DeliveryEnd
		Try    int            `json:",omitzero"` // Arrived: number of the try that did
		Until  time.Time      `json:",omitzero"` // Held: the next instant that is allowed
		Again  time.Time      `json:",omitzero"` // Unconfirmed: when to try again; zero is never
		Reason contact.Reason `json:",omitzero"` // Held, Skipped
		Why    string         `json:",omitzero"` // Failed, Unconfirmed: in words for a manager
		Unsure bool           `json:"-"`         // not sent by what this attempt knows, but another may get further than it can tell
	}
	// Scheduled is when a wait ends; zero is never.
	Scheduled struct {
		Until time.Time
		Zone  Zone
	}
	// Written says that the attributes are in the profile.
	Written struct{}
	// Started is what became of a customer who was to enter another journey.
	Started struct {
		What string // in words for a manager: "entered return-visit", "is in return-visit already"
	}
	// ReceiptCame is a provider's word on a touch that it took.
	ReceiptCame struct{ Receipt Receipt }
	// Evaluated are the values of the expressions, in the order asked.
	Evaluated struct {
		Values []bool
		Unable []string `json:",omitempty"` // why each could not be evaluated, and is false for that; empty where all could
	}
	// TimeCame says that the instant waited for is here.
	TimeCame struct{}
	// EventCame is a fact from outside.
	EventCame struct{ Event Event }
	// Unavailable says that a command could not be carried out for now: the database is away.
	Unavailable struct{}
	// Broken says that a command can never be carried out.
	Broken struct{ Why string }
	// PauseAsked freezes the enrollment.
	PauseAsked struct{}
	// ResumeAsked lets it go on.
	ResumeAsked struct{}
	// SkipAsked leaves the step that is being done.
	SkipAsked struct{}
	// ExitAsked ends the enrollment.
	ExitAsked struct{ Reason string }
)

func (Entered) happened()     {}
func (Continued) happened()   {}
func (Planned) happened()     {}
func (Delivered) happened()   {}
func (Scheduled) happened()   {}
func (Written) happened()     {}
func (Started) happened()     {}
func (ReceiptCame) happened() {}
func (Evaluated) happened()   {}
func (TimeCame) happened()    {}
func (EventCame) happened()   {}
func (Unavailable) happened() {}
func (Broken) happened()      {}
func (PauseAsked) happened()  {}
func (ResumeAsked) happened() {}
func (SkipAsked) happened()   {}
func (ExitAsked) happened()   {}

// DeliveryEnd is how a delivery ended.
type DeliveryEnd string

const (
	Sent        DeliveryEnd = "sent"        // the provider took it
	Arrived     DeliveryEnd = "arrived"     // nothing is sent: a try of this occurrence, mostly an earlier one, is known to have arrived after all
	Unconfirmed DeliveryEnd = "unconfirmed" // it may have been sent; whether it is tried again is the contact policy's business
	Failed      DeliveryEnd = "failed"      // it can't be sent on this channel: another one is tried
	Held        DeliveryEnd = "held"        // the policy says: later
	Skipped     DeliveryEnd = "skipped"     // the policy says: not at all
	Replan      DeliveryEnd = "replan"      // the policy now prefers another channel
	Interrupted DeliveryEnd = "interrupted" // given up before it began
)
