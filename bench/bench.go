package bench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"go.temporal.io/sdk/client"

	"perennial/activities"
	"perennial/domain/clock"
	"perennial/store"
)

// Config is the stack to measure, and how much.
type Config struct {
	Store     *store.Store
	Temporal  client.Client
	Namespace string
	Entrance  *activities.Entrance // by which customers enter
	Clock     clock.Clock          // at Rate
	Gateway   string               // base address

	DatabaseURL  string   // of ours
	TemporalFile string   // Temporal's SQLite file; empty where it has none
	TemporalURLs []string // Temporal's PostgreSQL databases; empty where it has none, or they are not known
	WorkerPID    int

	Size     Size
	Progress func(what string, done, total int) // called now and then
}

// Size is how much is measured. What is zero is that of [Whole].
type Size struct {
	Rounds    int // of floor and ours, in turn
	Running   int // runs at once in a round of touches
	Touches   int // of each of them; at least 2
	Starts    int // in a round of starts
	Reactions int // events
	Sleepers  int // enrollments in the end
}

// Whole is a bench whose figures mean something.
func Whole() Size {
	return Size{Rounds: 5, Running: 200, Touches: 10, Starts: 500, Reactions: 200, Sleepers: 10_000}
}

func (s Size) withDefaults() Size {
	whole := Whole()
	return Size{
		Rounds: cmp.Or(s.Rounds, whole.Rounds), Running: cmp.Or(s.Running, whole.Running), Touches: cmp.Or(s.Touches, whole.Touches),
		Starts: cmp.Or(s.Starts, whole.Starts), Reactions: cmp.Or(s.Reactions, whole.Reactions), Sleepers: cmp.Or(s.Sleepers, whole.Sleepers),
	}
}

// Check says what is wrong with a size.
func (s Size) Check() error {
	for name, n := range map[string]int{"--rounds": s.Rounds, "--running": s.Running, "--starts": s.Starts, "--reactions": s.Reactions, "--sleepers": s.Sleepers} {
		if n < 1 {
			return fmt.Errorf("%s must be at least 1", name)
		}
	}
	if s.Touches < 2 {
		return errors.New("--touches must be at least 2: the first touch of a run is not held")
	}
	return nil
}

// enrollments is how many there are before sleepers are added: each is that of a customer of its own.
func (s Size) enrollments() int {
	const costs = 4
	return costs + s.Rounds*(s.Running+s.Starts) + s.Reactions
}

// bench is a bench under way.
type bench struct {
	Config

	db        *pgxpool.Pool // ours, for what only a bench asks
	floor     *floor
	customers int    // how many there are
	entered   int    // how many of them have entered
	after     string // id of the last who has
	asleep    int    // how many sleep
	report    Report
}

// Run measures, and says what it found.
func Run(ctx context.Context, c Config) (_ Report, err error) {
	c.Size = c.Size.withDefaults()
	if err := c.Size.Check(); err != nil {
		return Report{}, err
	}
	b := &bench{Config: c}
	if b.db, err = pgxpool.New(ctx, c.DatabaseURL); err != nil {
		return Report{}, fmt.Errorf("open the database: %w", err)
	}
	defer b.db.Close()
	if b.report.Machine, b.report.Versions, err = b.look(ctx); err != nil {
		return Report{}, err
	}
	b.report.Size = c.Size
	if b.floor, err = startFloor(c.Temporal); err != nil {
		return Report{}, err
	}
	defer b.floor.stop()
	if err := b.need(ctx, c.Size.enrollments()); err != nil {
		return Report{}, err
	}
	for _, part := range []func(context.Context) error{b.costs, b.rounds, b.busy, b.sleeping} {
		if err := part(ctx); err != nil {
			return Report{}, err
		}
	}
	return b.report, nil
}

func (b *bench) progress(what string, done, total int) {
	if b.Progress != nil && what != "" {
		b.Progress(what, done, total)
	}
}

func (b *bench) now() time.Time { return b.Clock.At(time.Now()).UTC() }

// How often it looks whether something is done, and how long nothing may happen before that is an error.
const (
	look  = 200 * time.Millisecond
	stall = time.Minute
)

// until waits until count says that all are done, and says how many there are meanwhile, unless what has no name.
func (b *bench) until(ctx context.Context, what string, total int, count func(context.Context) (int, error)) error {
	ticks := time.NewTicker(look)
	defer ticks.Stop()
	last, moved := -1, time.Now()
	for {
		done, err := count(ctx)
		if err != nil {
			return err
		}
		if done != last {
			last, moved = done, time.Now()
			b.progress(what, min(done, total), total)
		}
		if done >= total {
			return nil
		}
		if time.Since(moved) > stall {
			return fmt.Errorf("%s: %d of %d were done, and for a minute no other was", what, done, total)
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-ticks.C:
		}
	}
}
