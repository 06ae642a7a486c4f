package store

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"

	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/store/db"
)

// TouchKey names one touch for ever: the enrollment's row id, and step, occurrence and channel try as the machine numbers them.
type TouchKey struct {
	Enrollment int64 `json:"enrollment"`
	journey.TouchKey
}

// ID is the key in one word, "<enrollment>.<step>.<occurrence>.<try>": what the provider carries back to us.
func (k TouchKey) ID() string {
	return fmt.Sprintf("%d.%s.%d.%d", k.Enrollment, k.Step, k.Occurrence, k.Try)
}

// TouchState is how far a touch has come.
type TouchState string

// The states of a touch.
const (
	TouchClaimed     TouchState = "claimed"     // somebody may be sending it, or the claim was released
	TouchSent        TouchState = "sent"        // the provider took it
	TouchDelivered   TouchState = "delivered"   // the provider says that it arrived
	TouchUndelivered TouchState = "undelivered" // the provider says that it did not arrive
	TouchFailed      TouchState = "failed"      // surely not sent, and no use in trying again
	TouchSkipped     TouchState = "skipped"     // the contact policy said no
	TouchExpired     TouchState = "expired"     // it was held for longer than it was welcome
	TouchUnconfirmed TouchState = "unconfirmed" // nobody can find out whether it was sent: it is not sent again
)

// Touch is a row of the ledger: one attempt to reach a customer, or to tell a colleague of them, in one occurrence of a step, on one channel.
type Touch struct {
	TouchKey
	ID           string           `json:"id"`
	Customer     string           `json:"customer"`
	Channel      customer.Channel `json:"channel"`
	Template     string           `json:"template"`
	Topic        string           `json:"topic"`
	Kind         journey.Verb     `json:"kind"`                // send, ask or notify
	Colleague    string           `json:"colleague,omitempty"` // notify: who is told of the customer; empty where nobody was chosen
	Fallback     bool             `json:"fallback,omitempty"`  // its step waits for what the provider says of it
	State        TouchState       `json:"state"`
	Reason       string           `json:"reason,omitempty"`        // why it was skipped, expired, failed or is unconfirmed, or how it was found to be sent
	Lease        Lease            `json:"lease,omitempty"`         // of a claimed touch
	Attempt      int              `json:"attempt,omitempty"`       // number of the newest claim, from 1; 0 where never claimed
	Denied       int              `json:"denied,omitempty"`        // how often its provider said, since that claim, that it does not have it
	AddressMark  int              `json:"-"`                       // of the address that the newest claim wrote to; see [AddressMark]
	ProviderID   string           `json:"provider_id,omitempty"`   // the provider's own id of the message
	ProviderCode string           `json:"provider_code,omitempty"` // its code for what went wrong, such as "21211"
	DueAt        time.Time        `json:"due_at"`                  // when it was planned for
	CreatedAt    time.Time        `json:"created_at"`
	ClaimedAt    time.Time        `json:"claimed_at,omitzero"` // the newest claim
	SentAt       time.Time        `json:"sent_at,omitzero"`
	SettledAt    time.Time        `json:"settled_at,omitzero"` // when it reached its state, beyond claimed and sent
}

// Lease is how a claim stands by the database's own clock at the moment of reading.
type Lease string

// How a claim may stand.
const (
	LeaseHeld     Lease = "held"     // whoever claimed it may be at the provider
	LeaseOver     Lease = "over"     // whoever claimed it did not come back, or without an answer: nobody knows yet whether it was sent
	LeaseReleased Lease = "released" // it surely was not sent: the next one may claim it
)

// Doubt says in words for a manager what is known of a touch whose lease is over.
func (t Touch) Doubt() string {
	if t.Denied == 0 {
		return "whoever sent it had no answer: it is being found out whether the provider took it"
	}
	return fmt.Sprintf("it is being found out whether the provider took it, which said %s that it does not have it", times(t.Denied))
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// NewTouch is a touch about to be claimed, or skipped.
type NewTouch struct {
	TouchKey
	Customer  string
	Channel   customer.Channel
	Template  string
	Topic     string       // empty with notify
	Kind      journey.Verb // send, ask or notify
	Colleague string       // notify: who is told
	DueAt     time.Time    // when it was planned for
	Fallback  bool         // its step has a fallback, which waits for what the provider says of it

	AddressMark int // of the address that it is sent to; see [AddressMark]
}

// AddressMark is what the ledger keeps of the address that a touch is sent to: sixteen bits of a hash. They show that somebody has another address by now,
// and are too few to find out what it was.
func AddressMark(touch, address string) int {
	sum := sha256.Sum256([]byte(touch + "\x00" + address))
	return int(binary.BigEndian.Uint16(sum[:]))
}

// Touch returns how a touch stands; found is false where the ledger has no row of it.
func (s session) Touch(ctx context.Context, key TouchKey) (t Touch, found bool, err error) {
	t, err = s.touch(ctx, key.ID())
	if noRows(err) {
		return Touch{}, false, nil
	}
	return t, err == nil, wrap(err, "read touch %s", key.ID())
}

// TouchByID returns a touch by its id in one word; ErrNotFound where there is none.
func (s session) TouchByID(ctx context.Context, id string) (Touch, error) {
	t, err := s.touch(ctx, id)
	return t, wrap(err, "read touch %s", id)
}

// touch leaves the error as the database gave it.
func (s session) touch(ctx context.Context, id string) (Touch, error) {
	row, err := s.q.Touch(ctx, id)
	return touchOf(row), err
}

// Touches returns what was tried in an enrollment, in order.
func (s session) Touches(ctx context.Context, enrollment int64) ([]Touch, error) {
	rows, err := s.q.TouchesOfEnrollment(ctx, enrollment)
	return touchesOf(rows), wrap(err, "list the touches of enrollment %d", enrollment)
}

// Tries returns what was tried so far in the occurrence of a touch, in order.
func (s session) Tries(ctx context.Context, key TouchKey) ([]Touch, error) {
	rows, err := s.q.TriesOfOccurrence(ctx, key.Enrollment, key.Step, key.Occurrence)
	return touchesOf(rows), wrap(err, "list what was tried before touch %s", key.ID())
}

// CustomerTouches returns the newest touches of a customer, up to limit, newest first.
func (s session) CustomerTouches(ctx context.Context, customer string, limit int) ([]Touch, error) {
	rows, err := s.q.TouchesOfCustomer(ctx, customer, int64(limit))
	return touchesOf(rows), wrap(err, "list the touches of %s", customer)
}

// UnconfirmedTouches returns up to limit touches of which nobody knows whether they were sent, oldest first: those that are
// unconfirmed, and those in doubt, about which their provider is asked or nobody is there to ask.
func (s session) UnconfirmedTouches(ctx context.Context, limit int) ([]Touch, error) {
	rows, err := s.q.UnconfirmedTouches(ctx, int64(limit))
	return touchesOf(rows), wrap(err, "list unconfirmed touches")
}

// TouchCount is how many touches of a channel are in a state.
type TouchCount struct {
	Channel customer.Channel `json:"channel"`
	State   TouchState       `json:"state"`
	Touches int64            `json:"touches"`
}

// TouchCounts counts the touches that the ledger began since an instant, by channel and state.
func (s session) TouchCounts(ctx context.Context, since time.Time) ([]TouchCount, error) {
	rows, err := s.q.TouchCounts(ctx, since)
	counts := make([]TouchCount, len(rows))
	for i, r := range rows {
		counts[i] = TouchCount{Channel: customer.Channel(r.Channel), State: TouchState(r.State), Touches: r.Touches}
	}
	return counts, wrap(err, "count touches")
}

// OpenAsk returns the question that a customer's reply would answer: asked by a running enrollment that still stands at that step, and if several are,
// the touch that the reply says it answers (empty where it doesn't say), or else the newest. ErrNotFound where none is open.
func (s session) OpenAsk(ctx context.Context, customer, answered string) (Touch, error) {
	row, err := s.q.OpenAsk(ctx, customer, answered)
	return touchOf(row), wrap(err, "find the question that %s was asked", customer)
}

// touchRow is what every statement on touches answers.
type touchRow interface {
	db.TouchRow | db.OpenAskRow | db.TriesOfOccurrenceRow | db.TouchesOfEnrollmentRow | db.TouchesOfCustomerRow | db.UnconfirmedTouchesRow | db.DoubtsLeftBehindRow |
		db.UntoldReceiptsRow
}

func touchesOf[R touchRow](rows []R) []Touch {
	touches := make([]Touch, len(rows))
	for i, r := range rows {
		touches[i] = touchOf(r)
	}
	return touches
}

func touchOf[R touchRow](row R) Touch {
	r := db.TouchRow(row)
	t := r.Touch
	return Touch{
		TouchKey: TouchKey{t.Enrollment, journey.TouchKey{Step: t.Step, Occurrence: t.Occurrence, Try: t.Try}},
		ID:       t.ID, Customer: t.Customer, Channel: customer.Channel(t.Channel),
		Template: t.Template, Topic: t.Topic, Kind: journey.Verb(t.Kind), Colleague: t.Colleague, Fallback: t.Fallback,
		State: TouchState(t.State), Reason: t.Reason, Lease: leaseOf(t, r.LeaseOver), Attempt: t.Attempts,
		Denied: t.Asks, AddressMark: orZero(t.AddressMark),
		ProviderID: orZero(t.ProviderID), ProviderCode: t.ProviderCode,
		DueAt: t.DueAt, CreatedAt: t.CreatedAt, ClaimedAt: orZero(t.ClaimedAt), SentAt: orZero(t.SentAt), SettledAt: orZero(t.SettledAt),
	}
}

func leaseOf(t db.Touch, over bool) Lease {
	switch {
	case TouchState(t.State) != TouchClaimed:
		return ""
	case t.LeaseUntil == nil:
		return LeaseReleased
	case over:
		return LeaseOver
	}
	return LeaseHeld
}
