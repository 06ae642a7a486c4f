package activities

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"go.temporal.io/sdk/temporal"

	"perennial/channel"
	"perennial/domain/clock"
	"perennial/domain/colleague"
	"perennial/domain/contact"
	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/domain/message"
	"perennial/store"
	"perennial/workflows"
)

// Sender hands one message to one provider. An error is a *channel.Error; any other counts as unknown.
type Sender interface {
	Send(context.Context, channel.Message) (channel.Receipt, error)
}

// Deliveries makes touches: never twice, never lost.
type Deliveries struct {
	Store    *store.Store
	Versions *Versions
	Policies *Policies
	Clock    clock.Clock
	Senders  map[customer.Channel]Sender
	Askers   map[customer.Channel]Asker // of the channels whose providers can be asked whether they took a message
	Breakers *Breakers                  // of the channels; nil leaves no provider alone
	OnCall   []string                   // ids of the colleagues who are told when a provider does not work
	Log      *slog.Logger

	// Unclaimed sends without asking the ledger. Only a test sets it, to show that the claim is what keeps a message from going out twice.
	Unclaimed bool
}

var _ workflows.DeliveryActivities = (*Deliveries)(nil)

// asked is what decides about a touch.
type asked struct {
	policy  contact.Policy
	version *version
}

// claimed is a touch that we may send now, and what it says.
type claimed struct {
	touch   store.Touch
	message channel.Message
	why     string    // why it can't be written, empty when it can
	at      time.Time // when it was claimed, in real time
	until   time.Time // when the permission to send ends
	again   time.Time // when to try again if nobody finds out whether it was sent; zero is never
	doubt   bool      // nobody may send it, and its provider is to be asked whether it took it
	left    bool      // in doubt, and its enrollment has gone on without it
	tries   bool      // it tries whether the provider, whose breaker is open, works again
}

// sends says that the touch is to be given to its provider.
func (c *claimed) sends() bool { return c != nil && !c.doubt && c.why == "" }

// Deliver makes a touch on its channel, in three steps: it claims the touch in the transaction that asks the contact policy again, or the working
// hours of a colleague; it calls the provider; it records the result. What was sent or may have been sent is not sent again; what surely was
// not is retried by the server. Of what may have been sent the provider is asked.
func (d *Deliveries) Deliver(ctx context.Context, r workflows.DeliverRequest) (journey.Delivered, error) {
	ctx, done := keepAlive(ctx, r.Patience)
	defer done()
	// Before the transaction: reading needs a connection of its own, and whoever holds one must not wait for another.
	v, err := d.Versions.get(ctx, r.Touch.Journey, r.Touch.Version)
	if err != nil {
		return journey.Delivered{}, final(err)
	}
	policy, err := d.Policies.Current(ctx)
	if err != nil {
		return journey.Delivered{}, final(err)
	}
	var c *claimed
	var settled *journey.Delivered
	err = d.Store.InTx(ctx, func(tx *store.Tx) (err error) {
		c, settled, err = d.claim(ctx, tx, asked{policy, v}, r)
		if c.sends() && err == nil {
			reached(atClaiming)
		}
		return err
	})
	if err != nil {
		return journey.Delivered{}, final(err)
	}
	if settled != nil {
		return *settled, nil
	}
	if c.sends() {
		reached(atOwned)
	}
	// From here on the call and its record have times of their own.
	ctx = context.WithoutCancel(ctx)
	switch {
	case c.doubt:
		return d.inquire(ctx, r, c)
	case c.why != "":
		return d.fail(ctx, r, c, &channel.Error{Kind: channel.Rejected, Provider: "template"}, c.why)
	case time.Now().Round(0).Sub(c.at) > r.Patience.Lease()-r.Patience.Call(): // we were stopped: the lease may run out during the call
		if err := d.release(ctx, r, c, "stopped"); err != nil {
			return journey.Delivered{}, err
		}
		return journey.Delivered{}, later(backoff(c.touch.Attempt), "the worker was stopped before it called the provider")
	case !d.now().Before(c.until):
		return journey.Delivered{How: journey.Replan}, d.release(ctx, r, c, "window closed")
	}
	reached(atCalling)
	receipt, err := d.call(ctx, r, c.message)
	if err == nil {
		reached(atCalled)
		err = d.record(ctx, r, "sent", func(ctx context.Context) error {
			_, err := d.Store.Sent(ctx, c.touch.ID, receipt.ProviderID, d.now())
			return err
		})
		reached(atRecorded)
		d.Breakers.learn(ctx, c, r.Patience, nil)
		return journey.Delivered{How: journey.Sent}, err
	}
	failure := channel.AsError(err)
	delivered, err := d.notSent(ctx, r, c, failure)
	d.Breakers.learn(ctx, c, r.Patience, failure)
	return delivered, err
}

// claim asks for the right to send. Where there is none, settled says how the touch stands.
func (d *Deliveries) claim(
	ctx context.Context, tx *store.Tx, by asked, r workflows.DeliverRequest,
) (c *claimed, settled *journey.Delivered, err error) {
	who, err := tx.LockProfile(ctx, r.Touch.Customer)
	if err != nil {
		return nil, nil, err
	}
	touch := newTouch(r.Touch, r.Channel, r.Due)
	now := d.now()
	again := retry(by.policy, who, r.Touch, now)
	known, found, err := tx.Touch(ctx, touch.TouchKey)
	if err != nil {
		return nil, nil, err
	}
	switch {
	case !found || d.Unclaimed:
	case known.Lease == store.LeaseHeld:
		return nil, nil, later(r.Patience.Lease()/4, "an attempt before may still be under way")
	case known.Lease == store.LeaseOver:
		if c, err = d.doubtful(ctx, tx, by.version, who, r, known); err == nil {
			c.again = again
		}
		return c, nil, err
	default:
		if settled = settledAs(known); settled != nil {
			return nil, unconfirmedUntil(again, settled), nil
		}
	}
	if settled, err = sentBefore(ctx, tx, touch.TouchKey, r.Touch.Fallback); settled != nil || err != nil {
		return nil, settled, err
	}
	answer, err := ask(ctx, tx, by, slices.Collect(maps.Keys(d.Senders)), who, r.Touch, now)
	if err != nil {
		return nil, nil, err
	}
	touch.Colleague = answer.tells()
	switch {
	case answer.Verdict == contact.Hold:
		// Others of this customer are decided after us, and must know that this one waits too.
		err := tx.Project(ctx, r.Touch.Enrollment, holding(r.Touch, answer), now)
		return nil, &journey.Delivered{How: journey.Held, Until: answer.At.UTC(), Reason: answer.Reason}, err
	case answer.Verdict == contact.Skip:
		_, err := tx.RecordSkip(ctx, touch, skipState(answer.Reason), string(answer.Reason), now)
		return nil, &journey.Delivered{How: journey.Skipped, Reason: answer.Reason}, err
	case answer.Channel != r.Channel:
		return nil, &journey.Delivered{How: journey.Replan}, nil
	}
	tries, err := d.Breakers.admit(ctx, tx, r.Channel, r.Patience)
	if err != nil {
		return nil, nil, err
	}
	c = &claimed{until: answer.Until, again: again, tries: tries, at: time.Now().Round(0)} // by the wall clock, which goes on while a machine is suspended
	to := toCustomer(who, r.Channel)
	if answer.told != nil {
		to = toColleague(answer.told, r.Channel)
	}
	touch.AddressMark = store.AddressMark(touch.ID(), to.address)
	if c.message, err = write(by.version, who, to, r, now); err != nil {
		c.why = err.Error()
	}
	if c.message.SessionOpen, err = sessionOpen(ctx, tx, r, now); err != nil {
		return nil, nil, err
	}
	c.message.Touch = touch.ID()
	last := answer.Until // a provider that is slow must not do at night what we would not
	if expiry := expires(by.policy, who, r.Touch); !expiry.IsZero() && expiry.Before(last) {
		last = expiry
	}
	c.message.Valid = d.Clock.RealDuration(last.Sub(now))
	var mine bool
	if c.touch, mine, err = tx.Claim(ctx, touch, now, r.Patience.Lease()); err != nil {
		return nil, nil, err
	}
	if !mine && !d.Unclaimed {
		return nil, nil, fmt.Errorf("touch %s was claimed by somebody else while we held its customer's row", touch.ID())
	}
	return c, nil, nil
}

// retry is when a touch is tried again of which nobody can find out whether it was sent, by its topic; zero is never. What tells a colleague has
// no topic, and is not told twice.
func retry(policy contact.Policy, who customer.Profile, t workflows.Touch, now time.Time) time.Time {
	after := policy.UnconfirmedFor(t.Topic).Again
	if after.IsZero() || t.Kind == journey.Notify {
		return time.Time{}
	}
	return after.From(now.In(who.Zone)).UTC()
}

func unconfirmedUntil(again time.Time, settled *journey.Delivered) *journey.Delivered {
	if settled != nil && settled.How == journey.Unconfirmed {
		settled.Again = again
	}
	return settled
}

// sentBefore says how the occurrence stands where an earlier try is known to have been sent by now: its receipt may come hours after it was given up.
// With a fallback, which is tried because no receipt came, it must be known to have arrived. Nil where none was.
func sentBefore(ctx context.Context, tx *store.Tx, key store.TouchKey, fallback bool) (*journey.Delivered, error) {
	for key.Try > 1 {
		key.Try--
		before, _, err := tx.Touch(ctx, key)
		switch {
		case err != nil:
			return nil, err
		case fallback && before.State == store.TouchDelivered:
			return &journey.Delivered{How: journey.Arrived, Try: key.Try}, nil
		case !fallback && (before.State == store.TouchDelivered || before.State == store.TouchSent):
			return &journey.Delivered{How: journey.Sent}, nil
		}
	}
	return nil, nil
}

// settledAs is how a touch ended that the ledger knows; nil where it has not, or may be claimed.
func settledAs(known store.Touch) *journey.Delivered {
	switch known.State {
	case store.TouchSent, store.TouchDelivered, store.TouchUndelivered:
		return &journey.Delivered{How: journey.Sent}
	case store.TouchFailed:
		return &journey.Delivered{How: journey.Failed, Why: known.Reason}
	case store.TouchSkipped, store.TouchExpired:
		return &journey.Delivered{How: journey.Skipped, Reason: contact.Reason(known.Reason)}
	case store.TouchUnconfirmed:
		return &journey.Delivered{How: journey.Unconfirmed, Why: known.Reason}
	case store.TouchClaimed:
	}
	return nil
}

// recipient is who reads a message, and where.
type recipient struct {
	on        customer.Channel
	address   string
	country   string
	language  string // empty: the customer's
	colleague bool
}

func toCustomer(who customer.Profile, on customer.Channel) recipient {
	return recipient{on: on, address: who.Addresses[on].Value, country: who.Country}
}

func toColleague(told *colleague.Colleague, on customer.Channel) recipient {
	return recipient{on: on, address: told.Addresses[on].Value, country: told.Country, language: told.Language, colleague: true}
}

// write renders the message, to the customer or to the colleague who is told of them. Its error names the template and nobody.
func write(v *version, who customer.Profile, to recipient, r workflows.DeliverRequest, now time.Time) (channel.Message, error) {
	about := message.About{Customer: who, Thing: v.thing(who, r.Touch.Key), Language: to.language}
	m, err := v.templates.Render(r.Touch.Template, to.on, about, now)
	if err != nil {
		return channel.Message{}, err
	}
	return channel.Message{
		To: to.address, Colleague: to.colleague, Country: to.country, Subject: m.Subject, Text: m.Text, HTML: m.HTML,
		ContentSID: m.ContentSID, Variables: m.Variables, Language: m.Language,
	}, nil
}

// session is how long WhatsApp takes free text after the customer wrote.
const session = 24 * time.Hour

// sessionOpen says whether free text may be sent, on the channel that asks.
func sessionOpen(ctx context.Context, tx *store.Tx, r workflows.DeliverRequest, now time.Time) (bool, error) {
	if r.Channel != customer.WhatsApp {
		return false, nil
	}
	return tx.WroteSince(ctx, r.Touch.Customer, r.Channel, now.Add(-session))
}

// call calls the provider. Its time ends before the claim's lease does.
func (d *Deliveries) call(ctx context.Context, r workflows.DeliverRequest, m channel.Message) (channel.Receipt, error) {
	sender := d.Senders[r.Channel]
	if sender == nil {
		return channel.Receipt{}, &channel.Error{Kind: channel.Misconfigured, Provider: string(r.Channel), Code: "no provider is configured"}
	}
	ctx, cancel := context.WithTimeout(ctx, r.Patience.Call())
	defer cancel()
	return sender.Send(ctx, m)
}

// notSent settles a send that did not end in a receipt.
func (d *Deliveries) notSent(ctx context.Context, r workflows.DeliverRequest, c *claimed, e *channel.Error) (journey.Delivered, error) {
	log := d.Log.With("touch", c.touch.ID, "channel", r.Channel, "kind", e.Kind, "code", e.Code)
	switch e.Kind {
	case channel.BadAddress, channel.OptedOut:
		if err := d.markBad(ctx, r, c, e); err != nil {
			return journey.Delivered{}, err
		}
		return d.fail(ctx, r, c, e, e.Error())
	case channel.Rejected:
		log.Error("A provider refuses a message.")
		return d.fail(ctx, r, c, e, e.Error())
	case channel.Throttled, channel.Temporary, channel.Misconfigured:
		if e.Kind == channel.Misconfigured {
			log.Error("A provider refuses our credentials or settings: nothing goes out on this channel.")
		}
		if err := d.release(ctx, r, c, e.Code); err != nil {
			return journey.Delivered{}, err
		}
		return journey.Delivered{}, later(pause(e, c.touch.Attempt), e.Error())
	}
	log.Warn("A provider did not say whether it took a touch.")
	reached(atDoubting)
	switch {
	case d.Unclaimed:
		return journey.Delivered{}, later(0, e.Error())
	case d.Askers[r.Channel] == nil:
		return d.unconfirmed(ctx, r, c, e.Code, e.Error())
	}
	err := d.record(ctx, r, "in doubt", func(ctx context.Context) error {
		_, err := d.Store.Doubt(ctx, c.touch.ID, c.touch.Attempt, e.Code)
		return err
	})
	if err != nil {
		return journey.Delivered{}, err
	}
	return journey.Delivered{}, later(r.Patience.Call()/2, e.Error()+". It will be asked")
}

// markBad writes down that the address, the customer's or the colleague's, can't be used.
func (d *Deliveries) markBad(ctx context.Context, r workflows.DeliverRequest, c *claimed, e *channel.Error) error {
	return d.record(ctx, r, "bad address", func(ctx context.Context) (err error) {
		if c.touch.Colleague != "" {
			_, err = d.Store.MarkColleagueAddressBad(ctx, c.touch.Colleague, r.Channel, c.message.To, string(e.Kind), d.now())
		} else {
			_, err = d.Store.MarkAddressBad(ctx, r.Touch.Customer, r.Channel, c.message.To, string(e.Kind), d.now())
		}
		return err
	})
}

// release gives back a claim whose touch surely was not sent.
func (d *Deliveries) release(ctx context.Context, r workflows.DeliverRequest, c *claimed, code string) error {
	return d.record(ctx, r, "released", func(ctx context.Context) error {
		_, err := d.Store.Release(ctx, c.touch.ID, c.touch.Attempt, code)
		return err
	})
}

func (d *Deliveries) fail(ctx context.Context, r workflows.DeliverRequest, c *claimed, e *channel.Error, why string) (journey.Delivered, error) {
	return journey.Delivered{How: journey.Failed, Why: why}, d.record(ctx, r, "failed", func(ctx context.Context) error {
		_, err := d.Store.Fail(ctx, c.touch.ID, c.touch.Attempt, why, e.Code, d.now())
		return err
	})
}

// misconfiguredPause is how long a channel rests that a person has to mend.
const misconfiguredPause = time.Minute

// pause is how long to wait before a touch that surely was not sent is tried again.
func pause(e *channel.Error, attempt int) time.Duration {
	if e.Kind == channel.Misconfigured {
		return misconfiguredPause
	}
	return cmp.Or(e.RetryAfter, backoff(attempt))
}

// backoff is how long to wait after a claim that came to nothing: a second after the first, twice as long after each that follows, and five minutes at most.
// The server's own count would not do: it grows with each look at a provider that is left alone.
func backoff(attempt int) time.Duration {
	return min(time.Second<<min(attempt-1, 16), 5*time.Minute)
}

// How often a result is written before the touch is left to its lease, and how long each attempt may take.
const (
	recordTries = 4
	recordTime  = 5 * time.Second
)

// record writes down what became of a call, and tries again when the database is away: what is not written down by the end of the lease is
// unconfirmed.
func (d *Deliveries) record(ctx context.Context, r workflows.DeliverRequest, what string, write func(context.Context) error) error {
	wait := r.Patience.Lease() / 16
	for try := 1; ; try++ {
		attempt, cancel := context.WithTimeout(ctx, recordTime)
		err := write(attempt)
		cancel()
		if err == nil || try == recordTries {
			return final(err)
		}
		d.Log.Warn("A touch's result can't be written down yet.", "result", what, "enrollment", r.Touch.Enrollment, "step", r.Touch.Step, "error", err)
		<-time.After(wait)
		wait *= 2
	}
}

// later asks the server to try again after a pause in real time; 0 leaves the pause to the retry policy.
func later(pause time.Duration, why string) error {
	return temporal.NewApplicationErrorWithOptions(why, "Later", temporal.ApplicationErrorOptions{NextRetryDelay: pause})
}

func (d *Deliveries) now() time.Time { return d.Clock.At(time.Now()).UTC() }
