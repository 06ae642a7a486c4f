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
// come back later; or the provider refused our credentials or settings twice, and took or judged nothing in between.
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
	refused int // how often the provider refused us in a row
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
	on := c.touch.Channel
	ctx, cancel := context.WithTimeout(ctx, recordTime)
	defer cancel()
	var err error
	switch {
	case c.tries && !doesNotWork(e):
		var closed bool
		if closed, err = b.store.CloseBreaker(ctx, on); closed {
			b.log.Info("A provider works again: its touches are let through little by little.", "channel", on)
		}
	case c.tries:
		err = b.store.KeepBreakerOpen(ctx, brokenBy(on, e), rest(b.tries(on)+1, patience.Call(), e.RetryAfter))
	case b.opens(on, c.touch.ID, e, staleCalls*patience.Call()):
		var opened bool
		if opened, err = b.store.OpenBreaker(ctx, brokenBy(on, e), rest(0, patience.Call(), e.RetryAfter)); opened {
			b.log.Error("A provider does not work: it is left alone, and tried now and then.", "channel", on, "provider", e.Provider, "kind", e.Kind, "code", e.Code)
		}
	default:
		return
	}
	if err != nil {
		b.log.Warn("How a provider's breaker stands can't be written down.", "channel", on, "error", err)
		return
	}
	b.forget(on)
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

// opens takes in how a touch's call ended, and says whether that opens the breaker. A touch counts once, so that one customer's address opens none.
func (b *Breakers) opens(on customer.Channel, touch string, e *channel.Error, stale time.Duration) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	s, now := b.of(on), time.Now()
	s.touches = slices.DeleteFunc(s.touches, func(c lastCall) bool { return c.touch == touch || now.Sub(c.at) > stale })
	if len(s.touches) == breakerTouches {
		s.touches = slices.Delete(s.touches, 0, 1)
	}
	failed := doesNotWork(e)
	s.touches = append(s.touches, lastCall{touch, failed, now})
	if !failed {
		s.refused = 0
		return false
	}
	if e.Kind == channel.Misconfigured {
		s.refused++
	}
	failures := 0
	for _, c := range s.touches {
		if c.failed {
			failures++
		}
	}
	return s.refused >= breakerRefused || len(s.touches) >= breakerLeast && 2*failures >= len(s.touches)
}
