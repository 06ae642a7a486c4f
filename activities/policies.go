package activities

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"perennial/domain/contact"
	"perennial/store"
)

// policyAge is how long, in real time, a contact policy is used before it is asked whether another was published.
const policyAge = 2 * time.Second

// Policies reads the contact policy that was published last; where none was, [contact.Standard] holds. It keeps what it read for two seconds of
// real time, so that asking costs nothing while many touches are decided, and a new policy holds everywhere at once for all that anybody notices.
type Policies struct {
	// Change changes each policy that is read. Only a test sets it, to show that a rule is what keeps customers from being bothered.
	Change func(contact.Policy) contact.Policy

	// Age is how long a policy is used before it is asked for again. Defaults to two seconds of real time.
	Age time.Duration

	store *store.Store

	mu     sync.Mutex
	asked  time.Time // when it was last known to hold; zero before the first time
	number int
	policy contact.Policy
}

// NewPolicies returns the policies of a store, none of them read yet.
func NewPolicies(s *store.Store) *Policies { return &Policies{store: s, Age: policyAge} }

// Current returns the policy that holds.
func (p *Policies) Current(ctx context.Context) (contact.Policy, error) {
	p.mu.Lock()
	asked, number, policy := p.asked, p.number, p.policy
	p.mu.Unlock()
	now := time.Now()
	if !asked.IsZero() && now.Sub(asked) < p.Age {
		return policy, nil
	}
	newest, err := p.store.NewestPolicyNumber(ctx)
	if err != nil {
		return contact.Policy{}, err
	}
	if asked.IsZero() || newest != number {
		if number, policy, err = p.read(ctx); err != nil {
			return contact.Policy{}, err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if number >= p.number { // not where somebody read a newer one meanwhile
		p.asked, p.number, p.policy = now, number, policy
	}
	return policy, nil
}

// read reads the newest policy. One that this build can't read is an error that ends nothing: it is tried again once a build is there that can.
func (p *Policies) read(ctx context.Context) (number int, policy contact.Policy, err error) {
	policy = contact.Standard()
	stored, err := p.store.NewestPolicy(ctx)
	switch {
	case errors.Is(err, store.ErrNotFound):
	case err != nil:
		return 0, contact.Policy{}, err
	default:
		if policy, err = contact.DecodePolicy(stored.Compiled); err != nil {
			return 0, contact.Policy{}, fmt.Errorf("publication %d: %w", stored.Number, err)
		}
	}
	if p.Change != nil {
		policy = p.Change(policy)
	}
	return stored.Number, policy, nil
}
