package activities

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"perennial/channel"
	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/store"
	"perennial/workflows"
)

// A touch is in doubt when its call is over and nobody knows whether the provider took it: it gave no answer, or whoever called did not come back. Then the
// provider is asked, again and again, by attempts of the same activity. docs/delivery.md says what that proves.

// Asker asks one provider for the messages to a reader since an instant, in real time. An error is a *channel.Error.
type Asker interface {
	Ask(ctx context.Context, m channel.Message, since time.Time) (channel.Found, error)
}

// When a doubt ends, counted from the end of the call, in multiples of the time that a call may take. Where that is 30 seconds: ten minutes, and a day.
//
// That a provider does not have a message proves little right after a call was cut: the request may be under way, and lists lag. It is believed once it was said
// this often and for so long that a request which is still under way would be older than any server keeps one.
const (
	denials = 3
	settles = 20
	givesUp = 2880
)

// writesDown is for how many times as long as a call may take whoever made it may still write down what the provider said: the database may have been away.
const writesDown = 5

// verdict is what is known of a touch in doubt once its provider was asked.
type verdict int

const (
	openStill  verdict = iota // nothing yet: it is asked again
	surelyNot                 // the provider does not have it, and will not
	unknowable                // nobody can find out
)

// judge weighs what a provider said, the last time with an error or with messages that may be this one, where it did.
func judge(asked store.Asked, found channel.Found, err error, call time.Duration) verdict {
	long := asked.After >= settles*call
	switch {
	case err == nil && !unclear(found):
		if long && asked.Denied >= denials {
			return surelyNot
		}
	case err == nil || needsAPerson(err):
		if long {
			return unknowable
		}
	case asked.After >= givesUp*call:
		return unknowable
	}
	return openStill
}

// unclear says that what a provider has may be the message, and may not.
func unclear(found channel.Found) bool {
	return found.Partial || len(found.Ours) > 0 || len(found.Others) > 0
}

// needsAPerson says that a provider will not be asked with success by waiting.
func needsAPerson(err error) bool {
	kind := channel.AsError(err).Kind
	return kind != channel.Temporary && kind != channel.Throttled && kind != channel.Unknown
}

// askAgain is how long after an ask the next one is: as long as it is since the call, so that the first ones, which find what was taken, come soon. One comes
// when the provider's denial begins to count.
func askAgain(after, call time.Duration) time.Duration {
	pause := min(max(after, call), settles*call)
	if left := settles*call - after; left > 0 {
		pause = min(pause, left+call/10)
	}
	return pause
}

// doubtful is a touch in doubt as its provider is asked about it.
func (d *Deliveries) doubtful(ctx context.Context, tx *store.Tx, v *version, who customer.Profile, r workflows.DeliverRequest, known store.Touch) (*claimed, error) {
	c := &claimed{touch: known, doubt: true}
	var to recipient
	if known.Colleague == "" {
		to = toCustomer(who, known.Channel)
	} else {
		colleagues, err := tx.StandIns(ctx, known.Colleague, d.now())
		if err != nil {
			return nil, err
		}
		told := colleagues[known.Colleague]
		to = toColleague(&told, known.Channel)
	}
	var err error
	if c.message, err = write(v, who, to, r, d.now()); err != nil {
		d.Log.Warn("The text of a touch in doubt can't be written again.", "touch", known.ID, "error", err)
	}
	c.message.To, c.message.Touch = to.address, known.ID
	return c, nil
}

// inquire asks the provider of a touch in doubt, and settles it where it can.
func (d *Deliveries) inquire(ctx context.Context, r workflows.DeliverRequest, c *claimed) (journey.Delivered, error) {
	asker, call := d.Askers[c.touch.Channel], r.Patience.Call()
	switch {
	case asker == nil:
		return d.unconfirmed(ctx, r, c, c.touch.ProviderCode, "whoever sent it did not come back, and the provider can't be asked whether it took it")
	case store.AddressMark(c.touch.ID, c.message.To) != c.touch.AddressMark:
		return d.unconfirmed(ctx, r, c, c.touch.ProviderCode, "the address is another one by now, so the provider can't be asked whether it took it")
	}
	began := time.Now()
	limit := call
	if c.left {
		limit = min(call, askedByTheWay)
	}
	asking, cancel := context.WithTimeout(ctx, limit)
	found, err := asker.Ask(asking, c.message, d.Clock.Real(c.touch.CreatedAt))
	cancel()
	reached(atAsking)
	if err == nil {
		taken, err := d.recognize(ctx, r, c, &found)
		if err != nil || taken {
			return journey.Delivered{How: journey.Sent}, err
		}
	}
	denied := err == nil && !unclear(found)
	asked, failed := d.Store.Ask(ctx, c.touch.ID, c.touch.Attempt, denied, time.Since(began), call/2)
	if errors.Is(failed, store.ErrNotFound) {
		return journey.Delivered{}, later(call/10, "it became known meanwhile whether it was sent")
	}
	if failed != nil {
		return journey.Delivered{}, final(failed)
	}
	why := doubts(found, err)
	d.Log.Info("A provider was asked about a touch in doubt.", "touch", c.touch.ID, "answer", why, "denied", asked.Denied)
	switch judge(asked, found, err, call) {
	case surelyNot:
		if c.left {
			return d.fail(ctx, r, c, &channel.Error{Code: "not taken"}, "the provider surely did not take it, and the journey has gone on without it")
		}
		if err := d.release(ctx, r, c, "not taken"); err != nil {
			return journey.Delivered{}, err
		}
		return journey.Delivered{}, later(call/10, "the provider surely did not take it: it may be sent again")
	case unknowable:
		return d.unconfirmed(ctx, r, c, c.touch.ProviderCode, why)
	case openStill:
	}
	return journey.Delivered{}, later(askAgain(asked.After, call), "it is not known yet whether it was sent: "+why+". It is asked again")
}

// recognize records a touch as sent if one of the messages that its provider has is it. Messages that are other touches' are taken out of what was found.
func (d *Deliveries) recognize(ctx context.Context, r workflows.DeliverRequest, c *claimed, found *channel.Found) (taken bool, err error) {
	if !unclear(*found) {
		return false, nil
	}
	err = d.record(ctx, r, "taken", func(ctx context.Context) error {
		return d.Store.InTx(ctx, func(tx *store.Tx) error {
			if _, err := tx.LockProfile(ctx, r.Touch.Customer); err != nil { // of two touches that say the same, only one is this message
				return err
			}
			others, err := tx.TakenByOthers(ctx, c.touch.ID, slices.Concat(found.Ours, found.Others))
			if err != nil {
				return err
			}
			anothers := func(id string) bool { return slices.Contains(others, id) }
			found.Ours = slices.DeleteFunc(found.Ours, anothers)
			found.Others = slices.DeleteFunc(found.Others, anothers)
			if len(found.Ours) == 0 {
				return nil
			}
			another, err := tx.AnotherUnderWay(ctx, c.touch, writesDown*r.Patience.Call())
			if err != nil || another { // whose message it may be: that is known once it is written down
				return err
			}
			taken = true
			_, err = tx.Found(ctx, c.touch.ID, found.Ours[0], foundWhenAsked, c.touch.ClaimedAt)
			return err
		})
	})
	return taken, err
}

// foundWhenAsked is how it became known that a touch was sent, in words for a manager.
const foundWhenAsked = "the provider gave no answer, and turned out to have it when it was asked"

// doubts is why it is not known whether a touch was sent, in words for a manager.
func doubts(found channel.Found, err error) string {
	switch {
	case err != nil:
		return "the provider could not be asked (" + channel.AsError(err).Error() + ")"
	case len(found.Ours) > 0:
		return "the provider took a message of this text to them, which may be that of another touch under way"
	case len(found.Others) > 0:
		return "the provider took a message to them at that time, and it can't be told whether it is this one"
	case found.Partial:
		return "the provider lists too many messages to them to find this one"
	}
	return "the provider does not have it so far"
}

// unconfirmed gives up finding out whether a touch was sent. What became known in the same moment counts.
func (d *Deliveries) unconfirmed(ctx context.Context, r workflows.DeliverRequest, c *claimed, code, why string) (journey.Delivered, error) {
	var after store.Touch
	err := d.record(ctx, r, "unconfirmed", func(ctx context.Context) (err error) {
		after, err = d.Store.Unconfirmed(ctx, c.touch.ID, c.touch.Attempt, why, cmp.Or(code, "lease over"), d.now())
		return err
	})
	if err != nil {
		return journey.Delivered{}, err
	}
	settled := settledAs(after)
	if settled == nil { // an attempt that was thought lost gave it back, or another one has it
		return journey.Delivered{}, later(r.Patience.Call()/10, "it became known meanwhile that it was not sent")
	}
	if after.State == store.TouchUnconfirmed {
		d.Log.Warn("A touch is unconfirmed.", "touch", c.touch.ID, "channel", c.touch.Channel, "code", code, "why", why)
	}
	return *unconfirmedUntil(c.again, settled), nil
}
