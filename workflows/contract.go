package workflows

import (
	"context"
	"net/url"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"

	"perennial/domain/clock"
	"perennial/domain/customer"
	"perennial/domain/journey"
)

// JourneysQueue is the task queue of the workflows and of the local activities that they run.
const JourneysQueue = "journeys"

// DeliveryQueue is the task queue on which touches of a channel are delivered. Each has a rate of its own.
func DeliveryQueue(c customer.Channel) string { return "deliver-" + string(c) }

// WorkflowID is the id of the workflow that is a customer's passage through a journey: "journey/<name>/<customer>", and "/<key>" where keyed.
// It returns when the customer enters again; the enrollment's row id does not.
func WorkflowID(journey, customer, key string) string {
	id := "journey/" + journey + "/" + customer
	if key != "" {
		id += "/" + key
	}
	return id
}

// Page is the address of a workflow's newest run in the Temporal UI at base, such as http://127.0.0.1:8233.
func Page(base, namespace, id string) string {
	return strings.TrimRight(base, "/") + "/namespaces/" + url.PathEscape(namespace) + "/workflows/" + url.PathEscape(id)
}

// Listing is the address of the Temporal UI's list of the runs that a query finds, at base. The query must not speak of the workflow type: the UI
// takes WorkflowType = "Journey" for the search attribute.
func Listing(base, namespace, query string) string {
	return strings.TrimRight(base, "/") + "/namespaces/" + url.PathEscape(namespace) + "/workflows?query=" + url.QueryEscape(query)
}

// The names under which workflows are registered and spoken to.
const (
	JourneyWorkflow = "Journey"
	SweepWorkflow   = "Sweep"
	ScanWorkflow    = "Scan"

	SignalEvent   = "event"   // a [journey.Event]: a fact from outside
	SignalReceipt = "receipt" // a [journey.Receipt]: a provider's word on a touch, sent where the touch's step has a fallback

	UpdatePause  = "pause"  // freezes the enrollment
	UpdateResume = "resume" // lets it go on
	UpdateSkip   = "skip"   // leaves the step that is being done
	UpdateExit   = "exit"   // ends it; takes an [ExitRequest]
)

// Enrollment is the input of a journey's workflow. It holds ids only.
type Enrollment struct {
	ID        int64       `json:"id"` // of the enrollment's row
	Journey   string      `json:"journey"`
	Title     string      `json:"title"`
	Version   int         `json:"version"`
	Customer  string      `json:"customer"`
	Key       string      `json:"key,omitempty"`
	EnteredBy string      `json:"entered_by"` // id of the event that entered
	Star      int         `json:"star"`
	Owner     string      `json:"owner,omitempty"`
	Clock     clock.Clock `json:"clock"`
	Page      string      `json:"page,omitempty"` // address of the customer's page at the gateway
	Patience  Patience    `json:"patience"`

	Carried *Carried `json:"carried,omitempty"` // what the run before handed over
}

// WorkflowID is the id of the enrollment's workflow.
func (e Enrollment) WorkflowID() string { return WorkflowID(e.Journey, e.Customer, e.Key) }

// Summary is the one line that the UI shows of the run.
func (e Enrollment) Summary() string { return e.Title + " · " + e.Customer }

// Carried is what continue-as-new hands to the next run.
type Carried struct {
	State   journey.State `json:"state"`
	Updates []string      `json:"updates,omitempty"` // ids of the newest updates that acted
}

// Result is what the workflow of an enrollment returns.
type Result struct {
	Outcome string `json:"outcome"`
}

// Patience is how long a provider may take to answer, in real time. A claim's lease is longer than the call, and an attempt of the activity
// longer than the lease's beginning, so that a call is never repeated while it may still be under way.
type Patience time.Duration

// DefaultPatience is that of providers on a network.
const DefaultPatience = Patience(30 * time.Second)

// Call is how long one call of a provider may take.
func (p Patience) Call() time.Duration { return time.Duration(p) }

// Lease is how long a claim holds.
func (p Patience) Lease() time.Duration { return time.Duration(p) * 3 / 2 }

// Attempt is how long one attempt of Deliver may take.
func (p Patience) Attempt() time.Duration { return 2 * time.Duration(p) }

// Heartbeat is within what time the server hears of an attempt of Deliver that goes on. Of one that it believes begun and that came to no worker, or whose
// worker died, it hears nothing, and lets another begin.
func (p Patience) Heartbeat() time.Duration { return max(time.Duration(p)/3, 5*time.Second) }

// ExitRequest is the argument of the update "exit".
type ExitRequest struct {
	Reason string `json:"reason"` // the outcome is "exited: <reason>"; no personal data
}

// Status is what each update answers.
type Status struct {
	Step    string    `json:"step,omitempty"`
	Phase   string    `json:"phase"`
	NextAt  time.Time `json:"next_at,omitzero"`
	Paused  bool      `json:"paused,omitempty"`
	Outcome string    `json:"outcome,omitempty"`
}

// The search attributes of a run.
var (
	AttributeJourney  = temporal.NewSearchAttributeKeyKeyword("Journey")
	AttributeVersion  = temporal.NewSearchAttributeKeyInt64("JourneyVersion")
	AttributeCustomer = temporal.NewSearchAttributeKeyKeyword("CustomerId")
	AttributeStep     = temporal.NewSearchAttributeKeyKeyword("Step")
	AttributeStar     = temporal.NewSearchAttributeKeyInt64("Star")
	AttributeOwner    = temporal.NewSearchAttributeKeyKeyword("Owner")
	AttributeOutcome  = temporal.NewSearchAttributeKeyKeyword("Outcome")
	AttributeNextAt   = temporal.NewSearchAttributeKeyTime("NextAt")
)

// Attributes are the search attributes known when an enrollment starts.
func (e Enrollment) Attributes() temporal.SearchAttributes {
	known := []temporal.SearchAttributeUpdate{
		AttributeJourney.ValueSet(e.Journey),
		AttributeVersion.ValueSet(int64(e.Version)),
		AttributeCustomer.ValueSet(e.Customer),
		AttributeStar.ValueSet(int64(e.Star)),
	}
	if e.Owner != "" {
		known = append(known, AttributeOwner.ValueSet(e.Owner))
	}
	return temporal.NewSearchAttributes(known...)
}

// MemoEnrollment is the memo field that holds the enrollment's row id.
const MemoEnrollment = "enrollment"

// The names of the activities.
const (
	ActivityBegin    = "Begin"
	ActivityPlan     = "Plan"
	ActivitySchedule = "Schedule"
	ActivityEvaluate = "Evaluate"
	ActivityProject  = "Project"
	ActivityFinish   = "Finish"
	ActivityDeliver  = "Deliver"
	ActivitySet      = "SetAttributes"
	ActivityStart    = "StartJourney"
	ActivitySweep    = "SweepEvents"
	ActivityScan     = "ScanCustomers"
)

// JourneyActivities are the local activities of a journey's workflow: short, and answered from the database. A non-retryable application
// error ends the enrollment as failed, with its message; any other error means that the database is away.
type JourneyActivities interface {
	Begin(context.Context, BeginRequest) (Begun, error)
	Plan(context.Context, PlanRequest) (journey.Planned, error)
	Schedule(context.Context, ScheduleRequest) (journey.Scheduled, error)
	Evaluate(context.Context, EvaluateRequest) (journey.Evaluated, error)
	Project(context.Context, ProjectRequest) error
	Finish(context.Context, FinishRequest) error
	SetAttributes(context.Context, SetRequest) error
	StartJourney(context.Context, StartRequest) (journey.Started, error)
}

// DeliveryActivities are the activities on a channel's queue.
type DeliveryActivities interface {
	Deliver(context.Context, DeliverRequest) (journey.Delivered, error)
}

// EventActivities are the activities that carry events to enrollments.
type EventActivities interface {
	SweepEvents(context.Context) (Swept, error)
}

// ScanActivities are the activities of scans.
type ScanActivities interface {
	ScanCustomers(context.Context, ScanRequest) (Scanned, error)
}

type (
	// BeginRequest asks for the compiled plan of a version.
	BeginRequest struct {
		Enrollment int64     `json:"enrollment"`
		Journey    string    `json:"journey"`
		Version    int       `json:"version"`
		Customer   string    `json:"customer"`
		At         time.Time `json:"at"`
	}
	// Begun is the plan, until when its goal counts, and the customer's zone.
	Begun struct {
		Plan      journey.Plan `json:"plan"`
		GoalUntil time.Time    `json:"goal_until,omitzero"`
		Outcome   string       `json:"outcome,omitempty"` // of an enrollment that has ended already: nothing is to be done
		Zone      journey.Zone `json:"zone"`
	}
	// Touch names a touch of an enrollment, and what it says.
	Touch struct {
		journey.TouchKey

		Enrollment int64              `json:"enrollment"`
		Journey    string             `json:"journey"`
		Version    int                `json:"version"`
		Customer   string             `json:"customer"`
		Key        string             `json:"key,omitempty"`      // of the enrollment
		Kind       journey.Verb       `json:"kind"`               // send, ask or notify
		Notify     string             `json:"notify,omitempty"`   // notify: "owner", or the id of a colleague
		Fallback   bool               `json:"fallback,omitempty"` // an earlier try that was sent does not end the occurrence, unless it was delivered
		Template   string             `json:"template"`
		Topic      string             `json:"topic"`
		Channels   []customer.Channel `json:"channels,omitempty"` // those that the step allows; empty means all
		Tried      []customer.Channel `json:"tried,omitempty"`    // those that failed for this occurrence
		Since      time.Time          `json:"since"`              // when the step began
		Valid      journey.Span       `json:"valid,omitzero"`     // how long after that the touch is welcome
	}
	// PlanRequest asks whether, on which channel and when a touch may be made.
	PlanRequest struct {
		Touch Touch     `json:"touch"`
		At    time.Time `json:"at"`
	}
	// DeliverRequest asks for a touch to be made on a channel.
	DeliverRequest struct {
		Touch    Touch            `json:"touch"`
		Channel  customer.Channel `json:"channel"`
		Due      time.Time        `json:"due"` // when it was planned to be made
		Patience Patience         `json:"patience"`
	}
	// ScheduleRequest asks when a wait ends, by the calendar of the customer's zone.
	ScheduleRequest struct {
		Enrollment int64             `json:"enrollment"`
		Journey    string            `json:"journey"`
		Version    int               `json:"version"`
		Customer   string            `json:"customer"`
		Key        string            `json:"key,omitempty"` // of the enrollment
		Step       string            `json:"step"`
		WaitingFor string            `json:"waiting_for,omitempty"` // event type
		Span       journey.Span      `json:"span,omitzero"`
		By         int               `json:"by,omitempty"`      // number of a date expression, in which now is Since
		Answers    map[string]string `json:"answers,omitempty"` // by ask step: id of the event that answered
		Since      time.Time         `json:"since"`
	}
	// SetRequest asks for a set step's attributes to be written, once an occurrence.
	SetRequest struct {
		journey.TouchKey

		Enrollment int64             `json:"enrollment"`
		Journey    string            `json:"journey"`
		Version    int               `json:"version"`
		Customer   string            `json:"customer"`
		Key        string            `json:"key,omitempty"` // of the enrollment
		Answers    map[string]string `json:"answers,omitempty"`
		At         time.Time         `json:"at"`
	}
	// StartRequest asks for the customer to enter another journey, once an occurrence.
	StartRequest struct {
		journey.TouchKey

		Enrollment int64     `json:"enrollment"` // that asks
		Customer   string    `json:"customer"`
		Start      string    `json:"start"`         // name of the journey to enter
		Key        string    `json:"key,omitempty"` // of the enrollment that asks: kept where both journeys are about the same kind of thing
		At         time.Time `json:"at"`
	}
	// EvaluateRequest asks for the values of bool expressions of a plan.
	EvaluateRequest struct {
		Enrollment  int64             `json:"enrollment"`
		Journey     string            `json:"journey"`
		Version     int               `json:"version"`
		Customer    string            `json:"customer"`
		Key         string            `json:"key,omitempty"` // of the enrollment
		Step        string            `json:"step"`
		Expressions []int             `json:"expressions"`
		Event       string            `json:"event,omitempty"`   // id of the event they may speak of
		Answers     map[string]string `json:"answers,omitempty"` // by ask step: id of the event that answered
		At          time.Time         `json:"at"`
	}
	// ProjectRequest writes where an enrollment stands into its row.
	ProjectRequest struct {
		Enrollment int64     `json:"enrollment"`
		Step       string    `json:"step"`
		WaitingFor string    `json:"waiting_for,omitempty"`
		NextAt     time.Time `json:"next_at,omitzero"`
		Paused     bool      `json:"paused"`
	}
	// FinishRequest writes an outcome into the enrollment's row.
	FinishRequest struct {
		Enrollment int64     `json:"enrollment"`
		Outcome    string    `json:"outcome"`
		At         time.Time `json:"at"`
	}
	// ScanRequest asks for all customers to be looked at, and for those to enter the journey who do by its rule.
	ScanRequest struct {
		Journey string `json:"journey"`
	}
	// Scanned is what a scan did.
	Scanned struct {
		Looked  int    `json:"looked"`         // customers looked at
		Entered int    `json:"entered"`        // enrollments that are new
		Refused int    `json:"refused"`        // would have entered, but are in the journey, or were in it and do not enter again
		Failed  int    `json:"failed"`         // could not be judged or enrolled; the worker's log says why
		Note    string `json:"note,omitempty"` // why nobody was looked at
	}
	// Swept is what a sweep did.
	Swept struct {
		Events     int `json:"events"`         // carried on that had been left behind
		Receipts   int `json:"receipts"`       // told to enrollments that had not heard of them
		Started    int `json:"started"`        // enrollments started that had only been written
		Reconciled int `json:"reconciled"`     // enrollments ended whose runs are gone
		Left       int `json:"left,omitempty"` // customers who were closed or erased, of whom something was left to do
		Schedules  int `json:"schedules"`      // schedules of scans that were not as the newest versions say
		Settled    int `json:"settled"`        // touches of which it became known whether they were sent, or that nobody can know
	}
)

// ErrBroken is the type of an application error that ends the enrollment.
const ErrBroken = "Broken"
