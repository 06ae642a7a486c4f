package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"time"

	"perennial/domain/contact"
	"perennial/store"
)

// publishedPolicy is what became of the contact policy, or would become of it.
type publishedPolicy struct {
	Number int  `json:"number"` // of the newest one, after publishing
	Fresh  bool `json:"fresh"`  // false where nothing had changed
}

// policyFiles are the files of a folder that make its contact policy, sorted.
func policyFiles(files fs.FS) ([]string, error) {
	calendars, err := fs.Glob(files, contact.CalendarFolder+"/*.yaml")
	if err != nil {
		return nil, err
	}
	if _, err := fs.Stat(files, contact.PolicyFile); errors.Is(err, fs.ErrNotExist) {
		return calendars, nil
	} else if err != nil {
		return nil, err
	}
	return slices.Sorted(slices.Values(append(calendars, contact.PolicyFile))), nil
}

// publication makes of a policy what the store keeps of it.
func (w *writtenPolicy) publication() (store.Policy, error) {
	compiled, err := json.Marshal(w.policy)
	if err != nil {
		return store.Policy{}, fmt.Errorf("encode the contact policy: %w", err)
	}
	all, err := json.Marshal(struct {
		Encoding int
		Sources  map[string]string
	}{contact.PolicyEncoding, w.sources})
	if err != nil {
		return store.Policy{}, fmt.Errorf("hash the contact policy: %w", err)
	}
	sum := sha256.Sum256(all)
	return store.Policy{Hash: hex.EncodeToString(sum[:]), Sources: w.sources, Compiled: compiled}, nil
}

// publish stores the policy where it differs from the one that holds.
func (w *writtenPolicy) publish(ctx context.Context, s *store.Store, author, why string, now time.Time) (*publishedPolicy, error) {
	p, err := w.publication()
	if err != nil {
		return nil, err
	}
	p.Author, p.Message, p.PublishedAt = author, why, now
	var done publishedPolicy
	err = s.InTx(ctx, func(tx *store.Tx) (err error) {
		if done.Number, done.Fresh, err = tx.PublishPolicy(ctx, p); err != nil || !done.Fresh {
			return err
		}
		number := strconv.Itoa(done.Number)
		return tx.Note(ctx, store.Deed{
			At: now, By: operator(), What: store.PolicyPublished, Of: store.OfPolicy, Subject: number, Outcome: "publication " + number,
		})
	})
	return &done, err
}

// impact says what publishing the policy would do, and changes nothing.
func (w *writtenPolicy) impact(ctx context.Context, s *store.Store) (*publishedPolicy, error) {
	p, err := w.publication()
	if err != nil {
		return nil, err
	}
	newest, err := s.NewestPolicy(ctx)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	if newest.Hash == p.Hash {
		return &publishedPolicy{Number: newest.Number}, nil
	}
	return &publishedPolicy{Number: newest.Number + 1, Fresh: true}, nil
}

// holding returns the policy that holds. Where none was published it is the standard one, and its number is 0.
func holding(ctx context.Context, s *store.Store) (store.Policy, contact.Policy, error) {
	stored, err := s.NewestPolicy(ctx)
	if errors.Is(err, store.ErrNotFound) {
		return store.Policy{Sources: map[string]string{}}, contact.Standard(), nil
	}
	if err != nil {
		return store.Policy{}, contact.Policy{}, err
	}
	policy, err := contact.DecodePolicy(stored.Compiled)
	if err != nil {
		return store.Policy{}, contact.Policy{}, fmt.Errorf("publication %d: %w", stored.Number, err)
	}
	return stored, policy, nil
}
