package sandbox

import (
	"cmp"
	"context"
	"strconv"
	"sync/atomic"
	"time"

	"perennial/channel/twilio"
)

// This file is how receipts misbehave: they are late, come twice, in the wrong order, before the sender has written down that it sent, and from
// somebody who is not the provider.

// ReceiptFaults says how often receipts misbehave, in percent of messages, each. What happens to a message's receipts is a hash of the faults' seed
// and the touch. Default to 0.
type ReceiptFaults struct {
	Early     float64 // at the same moment as the answer to the request
	Late      float64 // after LateBy
	Doubled   float64
	Reordered float64 // `sent` follows `delivered`
	Forged    float64 // beside the true one: `undelivered`, with a signature that is not the provider's

	// LateBy is how late, in real time. Defaults to 5 s.
	LateBy time.Duration
}

// Forged counts receipts that were forged, and those that were taken for true.
type Forged struct{ Posted, Taken int }

// forged is Forged while it is counted.
type forged struct{ posted, taken atomic.Int64 }

// Forged returns how many forged receipts were posted so far, and how many of them were taken.
func (s *Sandbox) Forged() Forged {
	return Forged{int(s.forged.posted.Load()), int(s.forged.taken.Load())}
}

// receipt is one that is to be posted.
type receipt struct {
	status string
	after  time.Duration
	forged bool
}

// lateBy is how late a receipt is that is late, where nothing else is said.
const lateBy = 5 * time.Second

// receiptsOf are the receipts of a message, in the order in which they are posted.
func (s *Sandbox) receiptsOf(m Message) []receipt {
	final, f := "delivered", s.config.ReceiptFaults
	if m.Fault == Undelivered {
		final = "undelivered"
	}
	happens := func(what string, percent float64) bool {
		return draw(s.faults.Seed, "receipt", what, m.Touch) < percent
	}
	after := s.config.ReceiptDelay
	switch {
	case happens("early", f.Early):
		after = 0
	case happens("late", f.Late):
		after = cmp.Or(f.LateBy, lateBy)
	}
	all := []receipt{{final, after, false}}
	if happens("forged", f.Forged) {
		all = append([]receipt{{"undelivered", after, true}}, all...)
		all[1].after = 0
	}
	if happens("doubled", f.Doubled) {
		all = append(all, receipt{final, s.config.ReceiptDelay, false})
	}
	if happens("reordered", f.Reordered) {
		all = append(all, receipt{"sent", s.config.ReceiptDelay, false})
	}
	return all
}

// postOne posts a receipt. One that nobody takes is not posted again: so it is with Twilio, where no fallback address is configured.
func (s *Sandbox) postOne(ctx context.Context, m Message, callback string, r receipt) error {
	form := s.receiptForm(m, r.status)
	if !r.forged {
		_, err := s.postSigned(ctx, callback, form, twilio.Sign(s.config.AuthToken, callback, form))
		return err
	}
	s.forged.posted.Add(1)
	if _, err := s.postSigned(ctx, callback, form, twilio.Sign("of "+strconv.Itoa(len(form))+" others", callback, form)); err == nil {
		s.forged.taken.Add(1)
	}
	return nil
}
