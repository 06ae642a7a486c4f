package store

import (
	"context"
	"time"

	"perennial/store/db"
)

// Deed is something that somebody did: an entry of the audit log, which only grows. It has ids and no personal data, so it outlives whoever it
// concerns.
type Deed struct {
	ID       int64     `json:"id"` // in the order in which they were written down
	At       time.Time `json:"at"` // by the stack's clock
	By       Doer      `json:"by"`
	What     string    `json:"deed"`
	Of       string    `json:"of,omitempty"`       // what it was done to: see the constants
	Subject  string    `json:"subject,omitempty"`  // its id
	Customer string    `json:"customer,omitempty"` // whom it concerns; empty where nobody in particular
	Outcome  string    `json:"outcome"`            // "begun", "done", what came of it, or "failed"
}

// Doer is who does something.
type Doer struct {
	Door string `json:"door"`           // by which they come: see the constants
	Name string `json:"name,omitempty"` // at that door
}

// The doors by which somebody comes.
const (
	DoorCLI      = "cli"      // the operations CLI: the system's user, "maria@ops-1"
	DoorToken    = "token"    // the gateway: the name of the token
	DoorCustomer = "customer" // the customer themselves
	DoorWorker   = "worker"   // the worker, which finishes what somebody began
)

// String is the doer as people write it.
func (d Doer) String() string {
	switch d.Door {
	case DoorCLI:
		return d.Name
	case DoorToken:
		return "token " + d.Name
	}
	return d.Door
}

// ByToken is whoever has a token of that name.
func ByToken(name string) Doer { return Doer{Door: DoorToken, Name: name} }

// What is done.
const (
	Published       = "published"
	Retired         = "retired"
	PolicyPublished = "policy published"
	EnrolledByHand  = "entered by hand"
	Paused          = "paused"
	Resumed         = "resumed"
	Skipped         = "skipped"
	Exited          = "exited"
	Moved           = "moved"
	Closed          = "closed"
	Reopened        = "reopened"
	Erased          = "erased"
	Exported        = "exported"
	Imported        = "imported"
	ConsentByHand   = "consent changed by hand"
	EventByHand     = "event handed in"
	ReplyRead       = "message read"
	MailSeen        = "mail seen to"
	AbsenceAdded    = "absence added"
	AbsenceRemoved  = "absence removed"
	Migrated        = "schema migrated"
	TokenCreated    = "token created"
	TokenRevoked    = "token revoked"
)

// To what it is done.
const (
	OfCustomer   = "customer"
	OfEnrollment = "enrollment"
	OfJourney    = "journey"
	OfPolicy     = "contact policy"
	OfFile       = "file" // its kind, such as "purchases": a file's name may say who is in it
	OfEvent      = "event"
	OfMessage    = "message"
	OfMail       = "mail"
	OfColleague  = "colleague"
	OfToken      = "token"
	OfSchema     = "schema"
)

// Note writes a deed down. Do it in the transaction that does it, where the database does; where something else does, before and after. d.ID is
// ignored. Nothing in it may say who a customer is.
func (s session) Note(ctx context.Context, d Deed) error {
	return wrap(s.q.InsertDeed(ctx, db.InsertDeedParams{
		At: d.At, Door: d.By.Door, Name: d.By.Name, Deed: d.What, OfKind: d.Of, Subject: d.Subject, Customer: d.Customer, Outcome: d.Outcome,
	}), "write into the audit log that %s %s was %s", d.Of, d.Subject, d.What)
}

// DeedFilter says which deeds are wanted. An empty field wants all.
type DeedFilter struct {
	Who      string    // the name of the doer, or a door
	What     string    // as in the constants
	Subject  string    // the id of what it was done to
	Customer string    // whom it concerns
	Since    time.Time // not before this instant
	Until    time.Time // before this instant
}

// farAhead is later than anything.
var farAhead = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// Deeds returns up to limit deeds that fit, newest first, with an id below before; 0 is the first page.
func (s session) Deeds(ctx context.Context, f DeedFilter, before int64, limit int) ([]Deed, error) {
	if f.Until.IsZero() {
		f.Until = farAhead
	}
	rows, err := s.q.Deeds(ctx, db.DeedsParams{
		Before: before, Who: f.Who, Deed: f.What, Customer: f.Customer, Subject: f.Subject, Since: f.Since, Until: f.Until, Page: int64(limit),
	})
	deeds := make([]Deed, len(rows))
	for i, r := range rows {
		deeds[i] = Deed{
			ID: r.ID, At: r.At, By: Doer{Door: r.Door, Name: r.Name}, What: r.Deed, Of: r.OfKind, Subject: r.Subject, Customer: r.Customer, Outcome: r.Outcome,
		}
	}
	return deeds, wrap(err, "read the audit log")
}
