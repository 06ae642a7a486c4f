package journey

import (
	"slices"
	"time"

	"perennial/domain/contact"
)

// This file is how the machine reaches a customer or a colleague: a touch is planned, held, delivered and noted.

func (t *turn) planned(h Planned) Command {
	t.s.Zone = h.Zone
	switch h.Answer.Verdict {
	case contact.Send:
		t.s.Phase, t.s.Channel, t.s.Until = Delivering, h.Answer.Channel, time.Time{}
		return t.proceed()
	case contact.Hold:
		t.s.Channel = h.Answer.Channel
		return t.hold(h.Answer.At, h.Answer.Reason)
	default:
		return t.notSent(h.Answer.Reason)
	}
}

func (t *turn) hold(until time.Time, why contact.Reason) Command {
	t.s.Phase, t.s.Until, t.s.Reason = Holding, until, why.Sentence()
	return t.proceed()
}

// notSent leaves a step whose touch the policy skipped. The journey goes on.
func (t *turn) notSent(why contact.Reason) Command {
	if why == contact.NoChannel && !t.s.SentAt.IsZero() {
		t.s.Channel = ""
		t.note("no other channel is left")
		return t.unsent()
	}
	t.note(t.unsaid() + ": " + why.Sentence())
	return t.unsent()
}

// unsent leaves a step whose touch was not sent. A question that may have been asked by an earlier try is waited for all the same.
func (t *turn) unsent() Command {
	switch {
	case !t.s.SentAt.IsZero():
		return t.sent(t.s.SentAt)
	case t.s.Retried:
		return t.sent(t.now)
	}
	return t.advance()
}

// sent is done with a step whose touch was sent at that time, but for the answer to a question.
func (t *turn) sent(at time.Time) Command {
	if t.step().Verb == Ask {
		t.s.Phase, t.s.Since = Scheduling, at
		t.s.Inbox = slices.Concat(t.s.Early, t.s.Inbox)
		t.s.Unsure, t.s.Early = false, nil
		return t.proceed()
	}
	return t.advance()
}

// said is the note of a touch that was sent.
func (t *turn) said() string {
	switch step := t.step(); {
	case step.Verb != Notify:
		return "sent"
	case step.Notify == NotifyOwner:
		return "the owner was told"
	default:
		return step.Notify + " was told"
	}
}

// unsaid is the beginning of the note of a touch that was not sent.
func (t *turn) unsaid() string {
	switch step := t.step(); {
	case step.Verb != Notify:
		return "not sent"
	case step.Notify == NotifyOwner:
		return "the owner was not told"
	default:
		return step.Notify + " was not told"
	}
}

func (t *turn) delivered(h Delivered) Command {
	switch h.How {
	case Sent:
		t.note(t.said())
	case Unconfirmed:
		t.note("unconfirmed: " + h.Why)
	case Failed:
		t.note("failed: " + h.Why)
	case Skipped:
		t.note(t.unsaid() + ": " + h.Reason.Sentence())
	}
	if h.Unsure && t.step().Verb == Ask {
		t.s.Unsure = true
	}
	if t.s.Ending != "" {
		return t.finish(t.s.Ending)
	}
	if t.s.Skipping {
		t.s.Skipping = false
		return t.advance()
	}
	switch {
	case h.How == Arrived:
		t.s.Phase, t.s.Arrived = Planning, h.Try
		return t.proceed()
	case (h.How == Sent || h.How == Unconfirmed) && t.fallsBack():
		t.s.Phase, t.s.SentAt, t.s.Until = Confirming, t.now, time.Time{}
		t.s.Silence = silence(h, t.s.Channel)
		return t.proceed()
	}
	if h.How == Unconfirmed && !h.Again.IsZero() && !t.s.Retried {
		t.s.Retried = true
		t.s.Try++
		t.s.Phase, t.s.NotBefore, t.s.Reason = Planning, h.Again, "the one before may not have arrived"
		return t.proceed()
	}
	switch h.How {
	case Sent, Unconfirmed:
		return t.sent(t.now)
	case Failed:
		t.nextChannel()
	case Held:
		return t.hold(later(h.Until, t.now.Add(leastHold)), h.Reason)
	case Skipped:
		return t.unsent()
	case Replan: // not at once: two that never agree must not keep each other busy
		t.s.NotBefore, t.s.Reason = t.now.Add(leastHold), "it is planned anew in a moment"
	}
	t.s.Phase = Planning
	return t.proceed()
}

// leastHold is how long a touch is held at least once a delivery found it too early: the clocks of two machines may differ a little.
const leastHold = 10 * time.Second

// due is the instant for which the touch was planned: the end of its hold, or now.
func (t *turn) due() time.Time {
	if t.s.Until.IsZero() {
		return t.now
	}
	return t.s.Until
}
