package bench

import (
	"context"
	"fmt"
	"time"

	"perennial/activities"
	"perennial/store"
)

// enter lets the next customers enter a journey, by the way that operations use, and returns their enrollments.
func (b *bench) enter(ctx context.Context, name string, count int) ([]store.Enrollment, error) {
	rule, err := b.Entrance.ByHand(ctx, name, "")
	if err != nil {
		return nil, err
	}
	if err := b.need(ctx, count); err != nil {
		return nil, err
	}
	var entered []store.Enrollment
	for len(entered) < count {
		page, err := b.Store.Profiles(ctx, b.after, min(activities.PageSize, count-len(entered)), b.now())
		if err != nil {
			return nil, err
		}
		if len(page) == 0 {
			return nil, fmt.Errorf("enter %s: no customer is left", name)
		}
		entrants := make([]activities.Entrant, len(page))
		for i, who := range page {
			entrants[i].Customer = who
			b.after = who.ID
		}
		b.entered += len(page)
		var refused error
		err = b.Entrance.Admit(ctx, rule, entrants, "bench", func(a activities.Admitted) {
			if a.Err != nil || a.Entry != store.Entered {
				refused = fmt.Errorf("%s does not enter %s: %s %w", a.Customer.ID, name, a.Entry, a.Err)
			}
			entered = append(entered, a.Enrollment)
		})
		if err == nil {
			err = refused
		}
		if err != nil {
			return nil, err
		}
	}
	return entered, nil
}

// What only a bench asks of our database. Enrollments of one journey from an id on are those of one round.
const (
	// How many have their first wait before them?
	sqlWaiting = `select count(*) from enrollments where journey = $1 and id >= $2 and next_at is not null`
	// How many have ended, and how many of them otherwise than they should have?
	sqlEnded = `select count(*), count(*) filter (where outcome not in ('completed', 'goal')) from enrollments where journey = $1 and id >= $2 and ended_at is not null`
	// How many touches were made?
	sqlMade = `select count(*) from touches t join enrollments e on e.id = t.enrollment where e.journey = $1 and e.id >= $2 and t.sent_at is not null`
	// When was each touch made, when was it due, and was it held?
	sqlTouches = `select t.sent_at, t.due_at, t.step <> 'touch_1' from touches t join enrollments e on e.id = t.enrollment
		where e.journey = $1 and e.id >= $2 and t.sent_at is not null`
	// How large are all tables, with their indexes?
	sqlSize = `select sum(pg_total_relation_size(c.oid))::bigint from pg_class c join pg_namespace n on n.oid = c.relnamespace
		where c.relkind = 'r' and n.nspname = 'public'`
)

func (b *bench) waiting(name string, from int64) func(context.Context) (int, error) {
	return func(ctx context.Context) (count int, err error) {
		err = b.db.QueryRow(ctx, sqlWaiting, name, from).Scan(&count)
		return count, asked("count who waits", err)
	}
}

// ended counts those who have ended. One that ended otherwise than its journey says makes all figures worthless.
func (b *bench) ended(name string, from int64) func(context.Context) (int, error) {
	return func(ctx context.Context) (count int, err error) {
		var otherwise int
		err = b.db.QueryRow(ctx, sqlEnded, name, from).Scan(&count, &otherwise)
		if err == nil && otherwise > 0 {
			return count, fmt.Errorf("%d enrollments in %s did not end as the journey says", otherwise, name)
		}
		return count, asked("count who has ended", err)
	}
}

// touch waits until so many enrollments in a journey have made all their touches and have ended, and returns the touches.
func (b *bench) touch(ctx context.Context, what, name string, entered []store.Enrollment) ([]made, error) {
	from := first(entered)
	want := len(entered) * b.Size.Touches
	count := func(ctx context.Context) (count int, err error) {
		err = b.db.QueryRow(ctx, sqlMade, name, from).Scan(&count)
		return count, asked("count the touches", err)
	}
	if err := b.until(ctx, what, want, count); err != nil {
		return nil, err
	}
	if err := b.until(ctx, "", len(entered), b.ended(name, from)); err != nil {
		return nil, err
	}
	touches, err := b.made(ctx, name, from)
	if err == nil && len(touches) != want {
		err = fmt.Errorf("%s: %d touches were made instead of %d", what, len(touches), want)
	}
	return touches, err
}

// made is one touch, in real time.
type made struct {
	at   time.Time
	late time.Duration
	held bool
}

func (b *bench) made(ctx context.Context, name string, from int64) ([]made, error) {
	rows, err := b.db.Query(ctx, sqlTouches, name, from)
	if err != nil {
		return nil, asked("read the touches", err)
	}
	defer rows.Close()
	var all []made
	for rows.Next() {
		var sent, due time.Time
		var held bool
		if err := rows.Scan(&sent, &due, &held); err != nil {
			return nil, asked("read the touches", err)
		}
		all = append(all, made{at: b.Clock.Real(sent), late: b.Clock.RealDuration(sent.Sub(due)), held: held})
	}
	return all, asked("read the touches", rows.Err())
}

func asked(what string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// first is the smallest id: those of a round begin there.
func first(entered []store.Enrollment) int64 {
	least := entered[0].ID
	for _, e := range entered {
		least = min(least, e.ID)
	}
	return least
}
