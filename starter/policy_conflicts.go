package main

import (
	"context"
	"slices"
	"strings"

	"perennial/domain/contact"
	"perennial/store"
)

// neverReached is customers whose hours and a law's leave no minute of the week: touches that the law is about can't ever be made.
type neverReached struct {
	Why       string   `json:"why"`
	Customers int64    `json:"customers"`
	Examples  []string `json:"examples"` // ids of some of them, in order
}

// examplesShown is how many ids are named of customers for whom the same is wrong.
const examplesShown = 20

// unreachableCustomers are the customers whom a policy leaves no time at all.
func unreachableCustomers(ctx context.Context, s *store.Store, policy contact.Policy) ([]neverReached, error) {
	reaches, err := s.Reaches(ctx, examplesShown)
	if err != nil {
		return nil, err
	}
	never := []neverReached{}
	for _, reach := range reaches {
		conflict, found := policy.Conflict(reach.Profile)
		if !found {
			continue
		}
		why := conflict.String()
		i := slices.IndexFunc(never, func(n neverReached) bool { return n.Why == why })
		if i < 0 {
			i = len(never)
			never = append(never, neverReached{Why: why})
		}
		never[i].Customers += reach.Customers
		examples := slices.Sorted(slices.Values(slices.Concat(never[i].Examples, reach.Examples)))
		never[i].Examples = examples[:min(examplesShown, len(examples))]
	}
	return never, nil
}

func writeNeverReached(p *page, never []neverReached) {
	for _, n := range never {
		p.line("For %s no time is left of what a law is about: %s.", count(n.Customers, "customer", "customers"), n.Why)
		more := ""
		if rest := n.Customers - int64(len(n.Examples)); rest > 0 {
			more = ", and " + count(rest, "other", "others")
		}
		p.line("  %s%s", strings.Join(n.Examples, ", "), more)
	}
}
