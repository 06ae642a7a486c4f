package store

import (
	"context"
	_ "embed"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"perennial/domain/customer"
	"perennial/store/db"
)

//go:embed staging.sql
var staging string

// ErrImportRunning says that another import is under way: one at a time.
var ErrImportRunning = errors.New("another import is running")

// lockNotAvailable is the SQLSTATE of a lock that was waited for too long.
const lockNotAvailable = "55P03"

// Import takes in rows that were read elsewhere, batch by batch: each batch is staged by COPY and merged in one transaction of its own, so
// that customers are locked only briefly. What an import has stored stays, and importing it again changes nothing. One at a time; close it.
type Import struct {
	// History names the attributes whose former values are kept, of whatever is imported. Defaults to none.
	History []string

	store *Store
	conn  *pgxpool.Conn
	q     *db.Queries
	zones map[string]bool // those that the database can reckon with, or can't
	took  bool            // rows
}

// Verdict is what became of one row.
type Verdict struct {
	Stored bool      // it added or changed something; otherwise all of it was known, or it was rejected
	Reject *Problem  // why it was rejected as a whole
	Notes  []Problem // what of it was not taken, though the rest was
}

// Problem is what is wrong in a field of a row, without its value.
type Problem struct {
	Field string // as in CustomerRow or PurchaseRow, in snake_case
	Why   string
}

// CustomerRow is a customer as a file has it. What is empty says nothing: what is stored stays.
type CustomerRow struct {
	Line      int64 // unique in an import
	ID        string
	Name      string
	Language  string
	Zone      string // must be there where the customer is new
	Country   string
	Windows   string // as customer.Windows writes it
	Channels  []customer.Channel
	Addresses map[customer.Channel]string
	Consents  []string // topics agreed to
	Owner     string
	Star      int

	Attributes map[string]any // by name, as JSON writes them; a date is "2026-05-04"
}

// PurchaseRow is a purchase as a file has it.
type PurchaseRow struct {
	Line     int64 // unique in an import
	Customer string
	OrderID  string // what it is known by; empty where the business does not number its orders
	Content  string // a hash of all that the file says of it: where OrderID is empty it is known by this and its ordinal among equal rows
	Quantity string // decimal numbers
	Amount   string
	Currency string
	At       When // when it was bought
}

// StartImport begins an import, or answers ErrImportRunning.
func (s *Store) StartImport(ctx context.Context) (*Import, error) {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return nil, wrap(err, "begin an import")
	}
	i := &Import{store: s, conn: conn, q: db.New(conn), zones: map[string]bool{}}
	if err := i.lock(ctx); err != nil {
		conn.Release()
		return nil, wrap(err, "begin an import")
	}
	if _, err := conn.Exec(ctx, staging); err != nil {
		return nil, errors.Join(wrap(err, "begin an import"), i.Close(ctx))
	}
	return i, nil
}

// lock keeps other imports out for as long as the connection lives, or until it is unlocked.
func (i *Import) lock(ctx context.Context) error {
	err := i.inTx(ctx, func(q *db.Queries) error {
		if err := q.LimitLockWait(ctx); err != nil {
			return err
		}
		return q.LockImport(ctx)
	})
	if answered, ok := errors.AsType[*pgconn.PgError](err); ok && answered.Code == lockNotAvailable {
		return ErrImportRunning
	}
	return err
}

// analyze has the database look at the tables that imports fill. It does so by itself, but up to a minute later: until then it answers questions about a
// hundred thousand customers as it would answer them about none.
const analyze = `analyze (skip_locked) customers, addresses, consents, purchases, complaints, complaint_resolutions, things, attribute_values, colleagues,
	colleague_addresses, colleague_absences, events`

// Close ends the import. What it stored stays.
func (i *Import) Close(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	defer i.conn.Release()
	if i.conn.Conn().IsClosed() { // and with it went lock and tables
		return nil
	}
	if i.took {
		_, _ = i.conn.Exec(ctx, analyze) // without it, it is slow for a minute
	}
	err := errors.Join(i.q.DropStaging(ctx), i.q.UnlockImport(ctx))
	if err != nil {
		// The connection keeps lock and tables for as long as it lives: it must not go back to the pool.
		err = errors.Join(err, i.conn.Conn().Close(ctx))
	}
	return wrap(err, "end an import")
}

// inTx does what fn does in one transaction on the import's connection.
func (i *Import) inTx(ctx context.Context, fn func(q *db.Queries) error) error {
	if err := ctx.Err(); err != nil { // beginning with it would cost us the connection, and the lock for a while
		return err
	}
	tx, err := i.conn.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	if err := fn(i.q.WithTx(tx)); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

// batch is inTx for rows, and leaves the staging tables empty.
func (i *Import) batch(ctx context.Context, fn func(q *db.Queries) error) error {
	i.took = true
	return i.inTx(ctx, func(q *db.Queries) error {
		if err := fn(q); err != nil {
			return err
		}
		return q.ClearStaging(ctx)
	})
}

// seen counts these keys among those of the whole file, and answers for each row which occurrence of its key it is, from 1, and the line
// of the first. It needs no memory of ours for the rows of earlier batches.
func seen(ctx context.Context, q *db.Queries, keys []string, lines []int64) (ordinals []int64, first []int64, err error) {
	rows, err := q.SeeKeys(ctx, keys, lines)
	if err != nil {
		return nil, nil, err
	}
	type count struct{ before, line int64 }
	counts := make(map[string]*count, len(rows))
	for _, r := range rows {
		counts[r.Key] = &count{before: r.Times, line: r.Line}
	}
	for _, key := range keys {
		counts[key].before--
	}
	for _, key := range keys {
		c := counts[key]
		c.before++
		ordinals = append(ordinals, c.before)
		first = append(first, c.line)
	}
	return ordinals, first, nil
}

func reject(field, why string, args ...any) Verdict {
	return Verdict{Reject: &Problem{Field: field, Why: fmt.Sprintf(why, args...)}}
}
