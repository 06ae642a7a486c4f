package chaos

import (
	"context"
	"embed"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

//go:embed queries
var queries embed.FS

// ledger is the product's database, read by plain SQL that shares nothing with the product's own.
type ledger struct{ pool *pgxpool.Pool }

func (w *world) openLedger(ctx context.Context) (*ledger, error) {
	pool, err := pgxpool.New(ctx, w.settings.DatabaseURL.Reveal())
	if err != nil {
		return nil, fmt.Errorf("read the ledger: %w", err)
	}
	return &ledger{pool}, nil
}

func (l *ledger) close() { l.pool.Close() }

// untilQuiet waits until nothing is under way any more, or until for as long as is enough it has not become less; what still is then is stuck.
func (l *ledger) untilQuiet(ctx context.Context, enough time.Duration) error {
	query, err := queries.ReadFile("queries/busy.sql")
	if err != nil {
		return err
	}
	least := math.MaxInt
	for until := time.Now().Add(enough); time.Now().Before(until); {
		var busy int
		if err := l.pool.QueryRow(ctx, string(query)).Scan(&busy); err != nil {
			return fmt.Errorf("look what is still under way: %w", err)
		}
		if busy == 0 {
			return nil
		}
		if busy < least {
			least, until = busy, time.Now().Add(enough)
		}
		if err := sleep(ctx, 500*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

// touch, enrollment and event are rows as the queries have them.
type touch struct {
	ID           string
	Enrollment   int64
	Step         string
	Occurrence   int
	Try          int
	Customer     string
	Channel      string
	Topic        string
	Kind         string
	State        string
	Reason       string
	ProviderCode string
	Attempts     int
	CreatedAt    time.Time // the stack's time
	ClaimedAt    time.Time
}

type enrollment struct {
	ID         int64
	Journey    string
	Customer   string
	Key        string
	EnteredBy  string
	EnteredAt  time.Time
	EndedAt    *time.Time
	Outcome    string
	Step       string
	WaitingFor string
}

type event struct {
	ID           string
	Type         string
	Customer     string
	ReceivedAt   time.Time  // the stack's time
	DispatchedAt *time.Time // likewise; nil: it was not carried on
	Channel      string
	Touch        string
}

// read reads all of it.
func (l *ledger) read(ctx context.Context, e *evidence) (err error) {
	if e.touches, err = rows[touch](ctx, l, "touches"); err != nil {
		return err
	}
	if e.enrollments, err = rows[enrollment](ctx, l, "enrollments"); err != nil {
		return err
	}
	e.events, err = rows[event](ctx, l, "events")
	return err
}

func rows[T any](ctx context.Context, l *ledger, name string) ([]T, error) {
	query, err := queries.ReadFile("queries/" + name + ".sql")
	if err != nil {
		return nil, err
	}
	found, err := l.pool.Query(ctx, string(query))
	if err != nil {
		return nil, fmt.Errorf("read the %s: %w", name, err)
	}
	all, err := pgx.CollectRows(found, pgx.RowToStructByPos[T])
	if err != nil {
		return nil, fmt.Errorf("read the %s: %w", name, err)
	}
	return all, nil
}
