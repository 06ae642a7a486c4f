package activities

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"perennial/channel"
	"perennial/domain/customer"
	"perennial/store"
	"perennial/workflows"
)

// A provider that does not work is left alone: its channel's breaker opens. Then touches wait without being claimed, so that those which expire meanwhile are
// skipped and those whose hours end are held, and one now and then tries the provider. The first that is answered closes the breaker for all workers, and
// from then on touches are let through at a pace that doubles, so that what has gathered does not go out at once. docs/delivery.md says what is promised.
//
// Whether it is open stands in the database, for all workers. What opens it, each worker sees for itself.

// When a breaker opens: of the last touches that were sent, so many and not older than staleCalls calls may take together, half had no answer, or one that says to
// come back later; or the provider refused our credentials or settings twice, and took or judged nothing in between. A worker for whom nothing worked, while
// something did for another, opens none: then the trouble is its own.
const (
	breakerTouches = 20
	breakerLeast   = 10
	breakerRefused = 2
	staleCalls     = 10
)

// How long a provider is left alone, in multiples of the time that a call may take: half of one at first, twice as long each time that it was tried in
// vain, and ten at most. Where a call may take 30 seconds: from 15 seconds to five minutes. What a provider asks for itself is kept, up to an hour.
const (
	mostRest      = 10
	mostAskedRest = time.Hour
)

func rest(tries int, call time.Duration, asked time.Duration) time.Duration {
	doubled := time.Duration(float64(call) / 2 * math.Pow(2, float64(min(tries, 16))))
	return max(min(doubled, mostRest*call), min(asked, mostAskedRest))
}

// Breakers are what one worker knows of the breakers of its channels. A nil one leaves no provider alone. It is safe for concurrent use.
type Breakers struct {
	store *store.Store
	log   *slog.Logger

	mu sync.Mutex
	on map[customer.Channel]*breaker
}

// NewBreakers returns the breakers that stand in a database.
func NewBreakers(s *store.Store, log *slog.Logger) *Breakers {
	return &Breakers{store: s, log: log, on: map[customer.Channel]*breaker{}}
}

// breaker is what one worker knows of a channel's.
type breaker struct {
	known   store.Breaker
	readAt  time.Time // when it was read; zero where it never was
	touches []lastCall
	refused int       // how often the provider refused us in a row
	worked  time.Time // when it was written down that the provider works
	pace    *rate.Limiter
}

// lastCall is how the last call for a touch ended.
type lastCall struct {
	touch  string
	failed bool
	at     time.Time
}

// of returns the channel's breaker. The lock is held while it is used.
func (b *Breakers) of(on customer.Channel) *breaker {
	if b.on[on] == nil {
		b.on[on] = &breaker{pace: rate.NewLimiter(0, 1)}
	}
	return b.on[on]
}

// known returns how a channel's breaker stands, as it was read within the thirtieth part of a call's time.
func (b *Breakers) known(ctx context.Context, tx *store.Tx, on customer.Channel, call time.Duration) (store.Breaker, error) {
	b.mu.Lock()
	known, age := b.of(on).known, time.Since(b.of(on).readAt)
	b.mu.Unlock()
	if age < call/30 {
		known.TryIn -= age
		known.ClosedFor += age
		return known, nil
	}
	read, err := tx.Breaker(ctx, on)
	if err == nil {
		b.mu.Lock()
		b.of(on).known, b.of(on).readAt = read, time.Now()
		b.mu.Unlock()
	}
	return read, err
}

// forget lets the breaker be read anew, after it was changed.
func (b *Breakers) forget(on customer.Channel) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.of(on).readAt, b.of(on).touches, b.of(on).refused = time.Time{}, nil, 0
}

// tries is how often the channel's provider was tried in vain, as far as is known here.
func (b *Breakers) tries(on customer.Channel) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.of(on).known.Tries
}

// admit says whether a touch may be sent on its channel now. Where it may not, the error asks the server to try again; tries says that it is the one that tries
// whether the provider works again.
func (b *Breakers) admit(ctx context.Context, tx *store.Tx, on customer.Channel, patience workflows.Patience) (tries bool, err error) {
	if b == nil {
		return false, nil
	}
	call := patience.Call()
	s, err := b.known(ctx, tx, on, call)
	if err != nil {
		return false, err
	}
	if !s.Open() {
		if s.ClosedAt.IsZero() || b.paced(on, s.ClosedFor, call) {
			return false, nil
		}
		return false, later(call/6+scattered(call/3), fmt.Sprintf("%s works again since %s UTC: what has gathered goes out little by little", on, s.ClosedAt.Format("15:04")))
	}
	if s.TryIn <= 0 {
		if tries, err = tx.TryBreaker(ctx, on, patience.Lease()); tries || err != nil {
			return tries, err
		}
	}
	return false, later(max(s.TryIn, 0)+scattered(rest(s.Tries, call, 0)), resting(s))
}

// scattered is a part of a pause, so that those who wait do not all come at one instant.
func scattered(pause time.Duration) time.Duration {
	return rand.N(pause) //nolint:gosec // nobody gains by guessing it
}

// paced says whether the pace lets a touch through, so long after the channel's breaker was closed: one a second at first, and twice as many each third of
// a call's time, for each worker.
func (b *Breakers) paced(on customer.Channel, closedFor, call time.Duration) bool {
	const unbounded = 1000 // a second: more than one worker sends
	perSecond := math.Pow(2, float64(closedFor)/float64(call/3))
	if perSecond > unbounded {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	pace := b.of(on).pace
	pace.SetLimit(rate.Limit(perSecond))
	return pace.Allow()
}

// resting says why nothing goes out, in words for a manager.
func resting(b store.Breaker) string {
	return fmt.Sprintf("nothing goes out by %s since %s UTC. %s. It is tried again by itself", b.Channel, b.OpenedAt.Format("2 Jan 15:04"), Answered(b))
}

// Answered is what a provider answered when it did not work the last time, in words for a manager.
func Answered(b store.Breaker) string {
	e := channel.Error{Kind: channel.Kind(b.Kind), Provider: b.Provider, Code: b.Code}
	return e.Error()
}

// learn takes in how a call ended, for the channel's breaker. A database that does not answer keeps nobody from going on: the next call teaches the same.
func (b *Breakers) learn(ctx context.Context, c *claimed, patience workflows.Patience, e *channel.Error) {
	if b == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, recordTime)
	defer cancel()
	changed, err := b.move(ctx, c, patience.Call(), e)
	if err != nil {
		b.log.Warn("How a provider's breaker stands can't be written down.", "channel", c.touch.Channel, "error", err)
		return
	}
	if changed {
		b.forget(c.touch.Channel)
	}
}

// move opens the breaker, keeps it open, or closes it, as a call ended.
func (b *Breakers) move(ctx context.Context, c *claimed, call time.Duration, e *channel.Error) (changed bool, err error) {
	on, recent := c.touch.Channel, b.takeIn(c.touch, e, staleCalls*call)
	switch {
	case c.tries && !doesNotWork(e):
		if changed, err = b.store.CloseBreaker(ctx, on); changed {
			b.log.Info("A provider works again: its touches are let through little by little.", "channel", on)
		}
		return true, err
	case c.tries:
		return true, b.store.KeepBreakerOpen(ctx, brokenBy(on, e), rest(b.tries(on)+1, call, e.RetryAfter))
	case e == nil && b.toTell(on, call/4):
		return false, b.store.BreakerWorked(ctx, on)
	case !recent.opens():
		return false, nil
	}
	changed, err = b.store.OpenBreaker(ctx, store.Opening{
		Breaker: brokenBy(on, e), Rest: rest(0, call, e.RetryAfter), NothingWorked: recent.failed == recent.touches, Lately: call,
	})
	if changed {
		b.log.Error("A provider does not work: it is left alone, and tried now and then.", "channel", on, "provider", e.Provider, "kind", e.Kind, "code", e.Code)
	}
	return true, err
}

// doesNotWork says that a provider did not judge the message at all; e is nil where it took it.
func doesNotWork(e *channel.Error) bool {
	if e == nil {
		return false
	}
	switch e.Kind {
	case channel.Throttled, channel.Temporary, channel.Unknown, channel.Misconfigured:
		return true
	case channel.BadAddress, channel.OptedOut, channel.Rejected:
	}
	return false
}

func brokenBy(on customer.Channel, e *channel.Error) store.Breaker {
	return store.Breaker{Channel: on, Kind: string(e.Kind), Provider: e.Provider, Code: e.Code}
}

// recently is how the last calls ended.
type recently struct {
	touches, failed int
	refused         int // in a row
}

func (r recently) opens() bool {
	return r.refused >= breakerRefused || r.touches >= breakerLeast && 2*r.failed >= r.touches
}

// takeIn takes in how a touch's call ended, and says how it went recently. A touch counts once, so that one customer's address opens no breaker.
func (b *Breakers) takeIn(touch store.Touch, e *channel.Error, stale time.Duration) recently {
	b.mu.Lock()
	defer b.mu.Unlock()
	s, now := b.of(touch.Channel), time.Now()
	s.touches = slices.DeleteFunc(s.touches, func(c lastCall) bool { return c.touch == touch.ID || now.Sub(c.at) > stale })
	if len(s.touches) == breakerTouches {
		s.touches = slices.Delete(s.touches, 0, 1)
	}
	s.touches = append(s.touches, lastCall{touch.ID, doesNotWork(e), now})
	switch {
	case !doesNotWork(e):
		s.refused = 0
	case e.Kind == channel.Misconfigured:
		s.refused++
	}
	recent := recently{touches: len(s.touches), refused: s.refused}
	for _, c := range s.touches {
		if c.failed {
			recent.failed++
		}
	}
	return recent
}

// toTell says whether it is to be written down again that the channel's provider works.
func (b *Breakers) toTell(on customer.Channel, every time.Duration) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.of(on)
	if time.Since(s.worked) < every {
		return false
	}
	s.worked = time.Now()
	return true
}
