package store

import (
	"context"
	"encoding/json"
	"time"

	"perennial/store/db"
)

// Policy is one immutable publication of the contact policy. The store does not look inside Compiled.
type Policy struct {
	Number      int               // from 1; the highest holds
	Hash        string            // of all that operations wrote, and of the form in which it is compiled
	Sources     map[string]string // by file name: as written
	Compiled    []byte
	Author      string    // who published it
	Message     string    // why
	PublishedAt time.Time // by the stack's clock
}

// PublishPolicy stores a contact policy under the next number; p.Number is ignored. One whose hash is that of the newest is that one: its
// number is answered, and fresh is false. Publications wait for each other.
func (s *Store) PublishPolicy(ctx context.Context, p Policy) (number int, fresh bool, err error) {
	err = s.InTx(ctx, func(tx *Tx) error {
		number, fresh, err = tx.PublishPolicy(ctx, p)
		return err
	})
	return number, fresh, err
}

// PublishPolicy is [Store.PublishPolicy] in this transaction.
func (tx *Tx) PublishPolicy(ctx context.Context, p Policy) (number int, fresh bool, err error) {
	number, fresh, err = tx.publishPolicy(ctx, p)
	return number, fresh, wrap(err, "publish the contact policy")
}

func (tx *Tx) publishPolicy(ctx context.Context, p Policy) (number int, fresh bool, err error) {
	if err := tx.q.LockPolicies(ctx); err != nil {
		return 0, false, err
	}
	newest, err := tx.q.NewestPolicy(ctx)
	if err != nil && !noRows(err) {
		return 0, false, err
	}
	if err == nil && newest.Hash == p.Hash {
		return newest.Number, false, nil
	}
	if p.Sources == nil {
		p.Sources = map[string]string{}
	}
	sources, err := json.Marshal(p.Sources)
	if err != nil {
		return 0, false, err
	}
	number = newest.Number + 1
	return number, true, tx.q.InsertPolicy(ctx, db.InsertPolicyParams{
		Number: number, Hash: p.Hash, Sources: sources, Compiled: orEmpty(p.Compiled),
		Author: p.Author, Message: p.Message, PublishedAt: p.PublishedAt,
	})
}

// NewestPolicyNumber returns the number of the contact policy that holds, 0 where none was published.
func (s session) NewestPolicyNumber(ctx context.Context) (int, error) {
	number, err := s.q.NewestPolicyNumber(ctx)
	return number, wrap(err, "ask which contact policy holds")
}

// NewestPolicy returns the contact policy that holds; ErrNotFound where none was published.
func (s session) NewestPolicy(ctx context.Context) (Policy, error) {
	row, err := s.q.NewestPolicy(ctx)
	if err != nil {
		return Policy{}, wrap(err, "read the contact policy")
	}
	p := Policy{
		Number: row.Number, Hash: row.Hash, Compiled: row.Compiled, Author: row.Author, Message: row.Message, PublishedAt: row.PublishedAt,
	}
	return p, wrap(json.Unmarshal(row.Sources, &p.Sources), "read contact policy %d", row.Number)
}
