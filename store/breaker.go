package store

import (
	"context"
	"time"

	"perennial/domain/customer"
	"perennial/store/db"
)

// Breaker is how a channel's breaker stands: open while the channel's provider does not work, and is not called but for a touch now and then that
// tries it. Its times are real, by the database's clock.
type Breaker struct {
	Channel   customer.Channel
	OpenedAt  time.Time     // zero while it is closed
	ClosedAt  time.Time     // when it was closed the last time; zero where it never was
	ClosedFor time.Duration // how long ago that was; 0 where it never was
	TryIn     time.Duration // open: how long it is until a touch may try it; 0 or less where one may now
	Tries     int           // open: how many tried it in vain

	Kind, Provider, Code string // what the provider answered the last time that it did not work, as in channel.Error
}

// Open says whether the provider is left alone.
func (b Breaker) Open() bool { return !b.OpenedAt.IsZero() }

// Breakers returns the breakers that were ever open, by channel.
func (s session) Breakers(ctx context.Context) ([]Breaker, error) {
	return s.breakers(ctx, "")
}

// Breaker returns a channel's breaker: a closed one where it never was open.
func (s session) Breaker(ctx context.Context, on customer.Channel) (Breaker, error) {
	found, err := s.breakers(ctx, on)
	if err != nil || len(found) == 0 {
		return Breaker{Channel: on}, err
	}
	return found[0], nil
}

func (s session) breakers(ctx context.Context, on customer.Channel) ([]Breaker, error) {
	rows, err := s.q.Breakers(ctx, string(on))
	var found []Breaker
	for i := range rows {
		b := breakerOf(&rows[i].Breaker)
		b.TryIn, b.ClosedFor = seconds(rows[i].TryIn), seconds(rows[i].ClosedFor)
		found = append(found, b)
	}
	return found, wrap(err, "read the breakers of channels")
}

// Opening is why a channel's breaker is to be opened.
type Opening struct {
	Breaker // what the provider answered

	Rest          time.Duration // until it is tried
	NothingWorked bool          // for whoever asks: then it may be their own trouble,
	Lately        time.Duration // and it is not opened where something worked for another within this time
}

// OpenBreaker opens a channel's breaker. False where it was open already, or stays closed.
func (s session) OpenBreaker(ctx context.Context, o Opening) (bool, error) {
	n, err := s.q.OpenBreaker(ctx, db.OpenBreakerParams{
		Channel: string(o.Channel), Kind: o.Kind, Provider: o.Provider, Code: o.Code, RestSeconds: o.Rest.Seconds(),
		NothingWorked: o.NothingWorked, LatelySeconds: o.Lately.Seconds(),
	})
	return n > 0, wrap(err, "open the breaker of %s", o.Channel)
}

// BreakerWorked says that a channel's provider took something.
func (s session) BreakerWorked(ctx context.Context, on customer.Channel) error {
	return wrap(s.q.BreakerWorked(ctx, string(on)), "write down that the provider of %s works", on)
}

// TryBreaker asks whether a touch may try an open breaker. Where the answer is true no other may for the time of the lease.
func (tx *Tx) TryBreaker(ctx context.Context, on customer.Channel, lease time.Duration) (bool, error) {
	n, err := tx.q.TryBreaker(ctx, lease.Seconds(), string(on))
	return n > 0, wrap(err, "try the breaker of %s", on)
}

// KeepBreakerOpen says that a breaker was tried in vain, for what the provider answered, and may be tried again after a rest.
func (s session) KeepBreakerOpen(ctx context.Context, b Breaker, rest time.Duration) error {
	_, err := s.q.KeepBreakerOpen(ctx, db.KeepBreakerOpenParams{
		Channel: string(b.Channel), Kind: b.Kind, Provider: b.Provider, Code: b.Code, RestSeconds: rest.Seconds(),
	})
	return wrap(err, "keep the breaker of %s open", b.Channel)
}

// CloseBreaker says that a channel's provider works. False where its breaker was closed already.
func (s session) CloseBreaker(ctx context.Context, on customer.Channel) (bool, error) {
	n, err := s.q.CloseBreaker(ctx, string(on))
	return n > 0, wrap(err, "close the breaker of %s", on)
}

// TryBreakersNow ends the rest of all breakers: the next touch may try. It returns how many rested.
func (s session) TryBreakersNow(ctx context.Context) (int64, error) {
	n, err := s.q.TryBreakersNow(ctx)
	return n, wrap(err, "end the rest of the breakers")
}

// TellBreakers returns the breakers that have been open for so long and of which nobody was told yet, and those of which somebody was told and that have
// been closed for so long since. Each is returned once: whoever gets it tells it.
func (s session) TellBreakers(ctx context.Context, open, closed time.Duration) ([]Breaker, error) {
	rows, err := s.q.TellBreakers(ctx, open.Seconds(), closed.Seconds())
	told := make([]Breaker, len(rows))
	for i := range rows {
		told[i] = breakerOf(&rows[i])
	}
	return told, wrap(err, "find of which breakers to tell")
}

func breakerOf(row *db.Breaker) Breaker {
	return Breaker{
		Channel: customer.Channel(row.Channel), OpenedAt: orZero(row.OpenedAt), ClosedAt: orZero(row.ClosedAt), Tries: row.Tries,
		Kind: row.Kind, Provider: row.Provider, Code: row.Code,
	}
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
