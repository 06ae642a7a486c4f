package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"perennial/store/db"
)

// Store is the database, by a pool of connections. It is safe for concurrent use.
type Store struct {
	session

	pool *pgxpool.Pool
}

// Tx is a transaction. It can do all that a Store can, and what must be decided under a lock. It isn't safe for concurrent use.
type Tx struct {
	session
}

// session is what both do: statements, each on its own in a Store, together in a Tx.
type session struct {
	q     *db.Queries
	zones *zones
}

// Open opens the database at url, as in DATABASE_URL, and makes sure that it answers. Settings of the pool, such as pool_max_conns, go into
// the url; by default there are as many connections as processors, and at least 4.
func Open(ctx context.Context, url string) (*Store, error) {
	if !strings.HasPrefix(url, "postgres://") && !strings.HasPrefix(url, "postgresql://") {
		// The driver takes other forms, too, and its errors repeat them, with their password.
		return nil, errors.New("read the database's address: write it such as postgres://user:password@host:5432/database")
	}
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("read the database's address: %w", err)
	}
	config.AfterConnect = answerInUTC
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	s := &Store{session: session{q: db.New(pool), zones: &zones{}}, pool: pool}
	if err := s.Ping(ctx); err != nil {
		pool.Close()
		return nil, err
	}
	return s, nil
}

// answerInUTC makes times that are read the same wherever the process runs.
func answerInUTC(_ context.Context, conn *pgx.Conn) error {
	conn.TypeMap().RegisterType(&pgtype.Type{
		Name:  "timestamptz",
		OID:   pgtype.TimestamptzOID,
		Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
	})
	return nil
}

// Close closes every connection, after those in use have come back.
func (s *Store) Close() { s.pool.Close() }

// Ping asks whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	return wrap(s.pool.Ping(ctx), "ask the database whether it answers")
}

// InTx does what fn does in one transaction, which ends with fn: committed if it returns nil, otherwise undone. The error of fn is
// returned as it is. Transactions are READ COMMITTED: what must not change meanwhile is locked by the methods of Tx that say so.
func (s *Store) InTx(ctx context.Context, fn func(*Tx) error) error {
	tx, err := s.pool.Begin(ctx)
	if err != nil {
		return wrap(err, "begin a transaction")
	}
	// After a commit there is nothing left to undo. A connection that can't undo is closed by the pool, which undoes it as well.
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	if err := fn(&Tx{session{q: s.q.WithTx(tx), zones: s.zones}}); err != nil {
		return err
	}
	return wrap(tx.Commit(ctx), "commit a transaction")
}
