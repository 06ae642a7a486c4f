package store

import (
	"context"
	"fmt"
	"time"
)

// Customers leave in three phases, so that a crash in any of them loses nothing. First they are marked, in one transaction: from then on the contact
// policy says no to everything, nobody enters, and nothing is stored of those who were erased. Then what they are in ends. Then, of the erased, all
// that is known of them is removed, in one transaction. Who is marked and not through is found by LeavingCustomers.

// Standing is how a customer stood.
type Standing struct {
	Closed bool // the relation was over, which it is for the erased
	Erased bool
	Done   bool   // and all that follows from it was done
	Reason string // of whoever closed it; empty where nobody said, and of the erased
}

// Standing returns how a customer stands; ErrNotFound where there is none.
func (s session) Standing(ctx context.Context, id string) (Standing, error) {
	row, err := s.q.Standing(ctx, id)
	return Standing(row), wrap(err, "ask whether customer %s has left", id)
}

// CloseCustomer ends the relation with a customer, who keeps what is known of them; why is in the closer's words. It answers how they stood before:
// whoever had left already stays as they are. ErrNotFound where there is no such customer.
func (tx *Tx) CloseCustomer(ctx context.Context, id, why string, at time.Time) (Standing, error) {
	before, err := tx.q.LockStanding(ctx, id)
	if err == nil && !before.Closed {
		err = tx.q.CloseCustomer(ctx, at, why, id)
	}
	return Standing(before), wrap(err, "close customer %s", id)
}

// ReopenCustomer takes back that a customer was closed, and answers how they stood before. Whoever was erased stays so: nothing is left of them.
func (tx *Tx) ReopenCustomer(ctx context.Context, id string, at time.Time) (Standing, error) {
	before, err := tx.q.LockStanding(ctx, id)
	if err == nil && before.Closed && !before.Erased {
		err = tx.q.ReopenCustomer(ctx, at, id)
	}
	return Standing(before), wrap(err, "reopen customer %s", id)
}

// MarkErased marks a customer as erased, and answers how they stood before. From the end of the transaction on nothing is sent to them. What is known
// of them is removed by RemoveErased, once what they are in has ended.
func (tx *Tx) MarkErased(ctx context.Context, id string, at time.Time) (Standing, error) {
	before, err := tx.q.LockStanding(ctx, id)
	if err == nil && !before.Erased {
		err = tx.q.MarkErased(ctx, at, id)
	}
	return Standing(before), wrap(err, "mark customer %s as erased", id)
}

// Leaving is a customer of whom something is left to do after they were closed or erased.
type Leaving struct {
	Customer string
	Erased   bool
}

// LeavingCustomers returns up to limit customers who were closed or erased before an instant, and of whom something is left to do.
func (s session) LeavingCustomers(ctx context.Context, before time.Time, limit int) ([]Leaving, error) {
	rows, err := s.q.LeavingCustomers(ctx, before, int64(limit))
	leaving := make([]Leaving, len(rows))
	for i, r := range rows {
		leaving[i] = Leaving{Customer: r.ID, Erased: r.Erased}
	}
	return leaving, wrap(err, "list the customers who leave")
}

// RunningOf returns what a customer is in, oldest first.
func (s session) RunningOf(ctx context.Context, customer string) ([]Enrollment, error) {
	rows, err := s.q.RunningOfCustomer(ctx, customer)
	return enrollmentsOf(rows), wrap(err, "find what %s is in", customer)
}

// ErrStillIn says that a customer is in a journey, which must end before they have left.
var ErrStillIn = fmt.Errorf("they are still in a journey")

// Leave writes down that all has been done that follows from closing or erasing a customer. Of the erased it first removes all that is known of them:
// rows says how much that was. It is false where there was nothing to do, since they have left or have not begun to; ErrStillIn where they are in a
// journey.
//
// What stays of the erased is the id, as a tombstone; of their passages and touches ids, steps, channels, states and times; and of each no the keyed
// hash of the address, so that it holds for whoever is imported with that address.
func (tx *Tx) Leave(ctx context.Context, id string, at time.Time) (left bool, rows int64, err error) {
	before, err := tx.q.LockToLeave(ctx, id)
	switch {
	case err != nil:
		return false, 0, wrap(err, "let customer %s leave", id)
	case !before.Closed || before.Done:
		return false, 0, nil
	case before.Running:
		return false, 0, fmt.Errorf("let customer %s leave: %w", id, ErrStillIn)
	case !before.Erased:
		return true, 0, wrap(tx.q.MarkLeft(ctx, at, id), "let customer %s leave", id)
	}
	rows, err = tx.remove(ctx, id, at)
	return err == nil, rows, wrap(err, "remove what is known of customer %s", id)
}

// remove removes what is known of a customer; what refers to something goes before it.
func (tx *Tx) remove(ctx context.Context, id string, at time.Time) (rows int64, err error) {
	if err := tx.q.KeepRefusals(ctx, id); err != nil {
		return 0, err
	}
	for _, erase := range []func(context.Context, string) (int64, error){
		tx.q.EraseReplies, tx.q.EraseAddresses, tx.q.EraseConsents, tx.q.ErasePurchases, tx.q.EraseAnswers, tx.q.EraseComplaints, tx.q.EraseResolutions,
		tx.q.EraseThings, tx.q.EraseAttributeValues, tx.q.EraseAttributeWrites,
		none(tx.q.BareEnrollments), none(tx.q.BareTouches), tx.q.EraseEvents,
	} {
		n, err := erase(ctx, id)
		if err != nil {
			return 0, err
		}
		rows += n
	}
	return rows, tx.q.EraseCustomer(ctx, at, id)
}

// none is a change that removes no row.
func none(change func(context.Context, string) error) func(context.Context, string) (int64, error) {
	return func(ctx context.Context, id string) (int64, error) { return 0, change(ctx, id) }
}
