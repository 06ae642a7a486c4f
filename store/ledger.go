package store

import (
	"context"
	"time"

	"perennial/store/db"
)

// The ledger moves facts forward only. A touch is claimed before the provider is called; from then on it is either known what became
// of it, or unknown, and then it is not sent again. Every move is one statement on one row, and answers how the touch stands after
// it, whether or not it moved: whoever comes late learns what became of it instead of undoing it.
//
// What is unknown is in doubt first: a claim whose lease is over. Its provider is asked, and then it is sent, or released as surely not sent, or
// unconfirmed for good. A receipt settles it at any time.
//
// Moves that say "not sent" or "unknown" name the attempt they speak of, and only move the touch while no later claim was made.

// Claim asks for the right to send a touch: whoever gets true sends it, and nobody else may until the claim is released. The lease
// runs from now in the database's own time, whatever the stack's clock does; at is the stack's time. Where the answer is false, the
// touch says why: it got further, or somebody holds it (LeaseHeld), or did and never came back (LeaseOver: [session.Unconfirmed]).
//
// Claim after [Tx.LockProfile] and the contact policy, in the same transaction, and commit before calling the provider.
func (tx *Tx) Claim(ctx context.Context, n NewTouch, at time.Time, lease time.Duration) (Touch, bool, error) {
	row, err := tx.q.ClaimTouch(ctx, db.ClaimTouchParams{
		Enrollment: n.Enrollment, Step: n.Step, Occurrence: n.Occurrence, Try: n.Try,
		Customer: n.Customer, Channel: string(n.Channel), Template: n.Template, Topic: n.Topic, Kind: string(n.Kind), Colleague: n.Colleague, Fallback: n.Fallback,
		DueAt: n.DueAt, At: at, LeaseSeconds: lease.Seconds(), AddressMark: &n.AddressMark,
	})
	if err == nil {
		return touchOf(db.TouchRow{Touch: row}), true, nil
	}
	if !noRows(err) {
		return Touch{}, false, wrap(err, "claim touch %s", n.ID())
	}
	t, err := tx.touch(ctx, n.ID())
	return t, false, wrap(err, "claim touch %s", n.ID())
}

// Release says that an attempt surely did not send the touch, and that another may. Only the claim that is held can be released.
func (s session) Release(ctx context.Context, id string, attempt int, code string) (Touch, error) {
	return s.after(ctx, "release", id, func() (db.Touch, error) {
		return s.q.ReleaseTouch(ctx, code, id, attempt)
	})
}

// Sent says that the provider took the touch. That is true whoever says it and however late: also of a touch that was given up as
// unconfirmed, and of one whose receipt came first, which keeps its state.
func (s session) Sent(ctx context.Context, id, providerID string, at time.Time) (Touch, error) {
	return s.Found(ctx, id, providerID, "", at)
}

// Found is Sent of a touch that was in doubt, with how it became known that the provider took it, for a manager.
func (s session) Found(ctx context.Context, id, providerID, how string, at time.Time) (Touch, error) {
	return s.after(ctx, "record as sent", id, func() (db.Touch, error) {
		return s.q.SendTouch(ctx, db.SendTouchParams{ID: id, ProviderID: providerID, Reason: how, At: at})
	})
}

// Fail says that an attempt surely did not send the touch and that another is of no use. The reason is for a manager, without personal data.
func (s session) Fail(ctx context.Context, id string, attempt int, reason, code string, at time.Time) (Touch, error) {
	return s.after(ctx, "record as failed", id, func() (db.Touch, error) {
		return s.q.FailTouch(ctx, db.FailTouchParams{ID: id, Attempt: attempt, Reason: reason, Code: code, At: at})
	})
}

// Doubt says that an attempt's call is over and that nobody knows whether it sent the touch: its lease is over from now on, and its provider is to be
// asked.
func (s session) Doubt(ctx context.Context, id string, attempt int, code string) (Touch, error) {
	return s.after(ctx, "record the doubt about", id, func() (db.Touch, error) {
		return s.q.DoubtTouch(ctx, code, id, attempt)
	})
}

// Asked is what a provider said until now of a touch about which it was asked.
type Asked struct {
	Denied int           // how often it said that it does not have it
	After  time.Duration // how long after the end of the call it was asked the last time
}

// Ask writes down that a touch's provider was asked some time ago and did not say that it has the touch; denied, that it said that it does not. A denial less
// than apart after it was asked before does not count. All in the database's real time. ErrNotFound where the touch is not in doubt any more.
func (s session) Ask(ctx context.Context, id string, attempt int, denied bool, ago, apart time.Duration) (Asked, error) {
	row, err := s.q.AskTouch(ctx, db.AskTouchParams{ID: id, Attempt: attempt, Denied: denied, Ago: ago.Seconds(), Apart: apart.Seconds()})
	return Asked{Denied: row.Asks, After: time.Duration(row.OverFor * float64(time.Second))}, wrap(err, "write down that touch %s was asked about", id)
}

// DoubtsLeftBehind returns up to limit touches in doubt about which their enrollments ask nobody any more, since they have ended or gone on: those whose call
// has been over for so long and that were not asked about for so long, both in the database's real time; those asked about longest ago first.
func (s session) DoubtsLeftBehind(ctx context.Context, overFor, apart time.Duration, limit int) ([]Touch, error) {
	rows, err := s.q.DoubtsLeftBehind(ctx, overFor.Seconds(), apart.Seconds(), int64(limit))
	return touchesOf(rows), wrap(err, "list touches in doubt that were left behind")
}

// TakenByOthers returns those of a provider's messages that the ledger has as other touches than this one.
func (s session) TakenByOthers(ctx context.Context, id string, providerIDs []string) ([]string, error) {
	if len(providerIDs) == 0 {
		return nil, nil
	}
	others, err := s.q.TakenByOthers(ctx, providerIDs, id)
	return others, wrap(err, "find the touches of a provider's messages")
}

// AnotherUnderWay says whether another touch to the customer of this one is being sent on its channel, or was so lately, in real time, that whoever sent it
// may still write down under which id.
func (s session) AnotherUnderWay(ctx context.Context, t Touch, lately time.Duration) (bool, error) {
	other, err := s.q.AnotherUnderWay(ctx, db.AnotherUnderWayParams{Customer: t.Customer, Channel: string(t.Channel), ID: t.ID, Lately: lately.Seconds()})
	return other, wrap(err, "look for another touch under way beside %s", t.ID)
}

// Unconfirmed says that nobody can find out whether an attempt sent the touch. The reason is for a manager, without personal data.
func (s session) Unconfirmed(ctx context.Context, id string, attempt int, reason, code string, at time.Time) (Touch, error) {
	return s.after(ctx, "record as unconfirmed", id, func() (db.Touch, error) {
		return s.q.UnconfirmTouch(ctx, db.UnconfirmTouchParams{ID: id, Attempt: attempt, Reason: reason, Code: code, At: at})
	})
}

// RecordSkip says that a touch will not be sent, for a reason of our own: TouchSkipped by the policy, or TouchExpired. It changes nothing
// where the ledger has the touch already, unless its claim was released. The reason is the policy's code.
func (s session) RecordSkip(ctx context.Context, n NewTouch, state TouchState, reason string, at time.Time) (Touch, error) {
	return s.after(ctx, "record as "+string(state), n.ID(), func() (db.Touch, error) {
		return s.q.SkipTouch(ctx, db.SkipTouchParams{
			Enrollment: n.Enrollment, Step: n.Step, Occurrence: n.Occurrence, Try: n.Try,
			Customer: n.Customer, Channel: string(n.Channel), Template: n.Template, Topic: n.Topic, Kind: string(n.Kind), Colleague: n.Colleague,
			DueAt: n.DueAt, State: string(state), Reason: reason, At: at,
		})
	})
}

// Receipt is what a provider said later of a touch it was given.
type Receipt struct {
	Touch      string     // the touch's id, as the provider carried it back; or empty
	ProviderID string     // the provider's own id of the message
	State      TouchState // TouchSent, TouchDelivered or TouchUndelivered
	Code       string
	At         time.Time // when it came, by the stack's clock
}

// Receive takes a provider's receipt, which may come twice, out of order, and before the provider's first answer was recorded. It moves
// the touch forward only; moved says whether it did. The touch is found by its own id, or by the provider's; ErrNotFound where neither is known.
func (s session) Receive(ctx context.Context, r Receipt) (t Touch, moved bool, err error) {
	id := r.Touch
	if id == "" {
		if id, err = s.q.TouchByProviderID(ctx, r.ProviderID); err != nil {
			return Touch{}, false, wrap(err, "find the touch of a receipt")
		}
	}
	t, err = s.after(ctx, "take a receipt of", id, func() (db.Touch, error) {
		row, err := s.q.ReceiveTouch(ctx, db.ReceiveTouchParams{
			ID: id, State: string(r.State), Code: r.Code, ProviderID: r.ProviderID, At: r.At, Below: ranksBelow(r.State),
		})
		moved = err == nil
		return row, err
	})
	return t, moved, err
}

// ReceiptTold says that the enrollment of a touch has been told of the receipt that brought it to its state.
func (s session) ReceiptTold(ctx context.Context, t Touch) error {
	return wrap(s.q.MarkReceiptTold(ctx, t.ID, string(t.State)), "write down that the receipt of touch %s was told", t.ID)
}

// UntoldReceipts returns up to limit touches of which a receipt came before an instant that their enrollment, which waits for it, was not told of.
func (s session) UntoldReceipts(ctx context.Context, before time.Time, limit int) ([]Touch, error) {
	rows, err := s.q.UntoldReceipts(ctx, before, int64(limit))
	return touchesOf(rows), wrap(err, "list the receipts that were not told")
}

// ranksBelow are the states that a receipt of this state knows more than. That it arrived outranks that it did not; what we never gave
// to a provider (skipped, expired) has no receipts.
func ranksBelow(state TouchState) []string {
	below := []string{string(TouchClaimed), string(TouchUnconfirmed), string(TouchFailed)}
	switch state {
	case TouchSent:
		return below
	case TouchUndelivered:
		return append(below, string(TouchSent))
	case TouchDelivered:
		return append(below, string(TouchSent), string(TouchUndelivered))
	default:
		return nil
	}
}

// after makes a move and answers how the touch stands then. The one lease that a move leaves is that of a doubt, which is over.
func (s session) after(ctx context.Context, doing, id string, move func() (db.Touch, error)) (Touch, error) {
	row, err := move()
	if err == nil {
		return touchOf(db.TouchRow{Touch: row, LeaseOver: row.LeaseUntil != nil}), nil
	}
	if !noRows(err) {
		return Touch{}, wrap(err, "%s touch %s", doing, id)
	}
	t, err := s.touch(ctx, id)
	return t, wrap(err, "%s touch %s", doing, id)
}
