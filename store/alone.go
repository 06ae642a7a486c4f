package store

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"time"

	"github.com/jackc/pgx/v5"
)

// aloneEvery is how often, in real time, one who is alone makes sure of it.
const aloneEvery = 5 * time.Second

// ErrNotAlone says that somebody else does the same already.
var ErrNotAlone = errors.New("another process does this already")

// Alone runs fn while nobody else runs anything under that name, in whatever process on this database; ErrNotAlone where somebody does. It holds a
// connection of its own: fn's context ends when that is lost, and others may begin then.
func (s *Store) Alone(ctx context.Context, name string, fn func(context.Context) error) error {
	conn, err := pgx.ConnectConfig(ctx, s.pool.Config().ConnConfig)
	if err != nil {
		return fmt.Errorf("connect to be alone with %s: %w", name, err)
	}
	// Closing it lets go, whatever became of it.
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	var mine bool
	if err := conn.QueryRow(ctx, "select pg_try_advisory_lock($1)", lockOf(name)).Scan(&mine); err != nil {
		return wrap(err, "ask to be alone with %s", name)
	}
	if !mine {
		return ErrNotAlone
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- fn(ctx) }()
	ticker := time.NewTicker(aloneEvery)
	defer ticker.Stop()
	for {
		select {
		case err := <-ended:
			return err
		case <-ticker.C:
			if err := stillThere(ctx, conn); err != nil && ctx.Err() == nil {
				cancel()
				return errors.Join(fmt.Errorf("the connection that keeps others from %s was lost", name), <-ended)
			}
		}
	}
}

func stillThere(ctx context.Context, conn *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, aloneEvery)
	defer cancel()
	return conn.Ping(ctx)
}

// lockOf is the number of the lock of a name.
func lockOf(name string) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte("perennial/" + name)) // it never fails
	return int64(h.Sum64())                     //nolint:gosec // G115: any number does
}
