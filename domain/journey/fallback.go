package journey

import (
	"time"

	"perennial/domain/customer"
)

// This file is what becomes of a touch that was sent where the step has a fallback. Where its provider tells of all that arrives, the next channel is
// tried without a receipt; where it tells of failures alone, only upon word of one. See [customer.Channel.Receipts].

// fallsBack says whether the step waits for a receipt.
func (t *turn) fallsBack() bool { return !t.step().Fallback.IsZero() }

// receiptCame takes in a provider's word. One on the touch in flight is kept until that is settled; that an earlier one arrived makes it needless.
func (t *turn) receiptCame(r Receipt) Command {
	var news bool
	t.s, news = t.s.Confirm(r)
	switch {
	case !news || !t.fallsBack() || t.s.Stalled:
		return nil
	case t.s.Phase == Delivering && r.Touch.Try < t.s.Try:
		return Interrupt{}
	case t.s.Phase == Planning || t.s.Phase == Holding || t.s.Phase == Confirming:
		return t.proceed()
	}
	return nil
}

// arrived says whether the step was about to reach a customer whom an earlier try turns out to have reached.
func (t *turn) arrived() bool {
	open := t.s.Phase == Planning || t.s.Phase == Holding || t.s.Phase == Confirming
	return open && t.s.Arrived > 0 && t.fallsBack()
}

// confirmed is done with a touch that arrived, but for the answer to a question.
func (t *turn) confirmed() Command {
	sent := later(t.s.SentAt, t.s.Since)
	if earlier := t.s.Arrived - 1; earlier < len(t.s.SentBefore) {
		t.s.Channel = t.s.Tried[earlier]
		sent = later(t.s.SentBefore[earlier], t.s.Since)
	}
	t.note("arrived")
	return t.sent(sent)
}

// silence is what it will mean that no word comes of a touch that was delivered on a channel.
func silence(h Delivered, by customer.Channel) Silence {
	switch {
	case h.How == Unconfirmed && h.Again.IsZero():
		return Unknown
	case h.How == Sent && !by.Receipts():
		return NoFailure
	}
	return NotArrived
}

// silent is told that no word came in time.
func (t *turn) silent() Command {
	switch t.s.Silence {
	case Unknown:
		t.note("still unconfirmed, and not sent again")
		return t.sent(t.s.SentAt)
	case NoFailure:
		t.note("no word came that it failed")
		return t.sent(t.s.SentAt)
	case NotArrived:
	}
	t.note("no receipt came in time")
	return t.fallBack()
}

// confirm gives up a touch that was lost, or asks until when a receipt is waited for. Nil means that it is waited for.
func (t *turn) confirm() Command {
	switch {
	case t.s.Lost:
		t.note("it did not arrive")
		return t.fallBack()
	case t.s.Until.IsZero():
		step := t.step()
		return Schedule{Step: step, Span: step.Fallback, Since: t.s.SentAt}
	}
	return nil
}

// fallBack plans the touch on the next channel.
func (t *turn) fallBack() Command {
	t.nextChannel()
	t.s.Phase, t.s.Until = Planning, time.Time{}
	return t.proceed()
}

// nextChannel leaves a channel for good, in this occurrence.
func (t *turn) nextChannel() {
	t.s.Tried, t.s.SentBefore = append(t.s.Tried, t.s.Channel), append(t.s.SentBefore, t.s.SentAt)
	t.s.Try++
	t.s.Lost = false
}
