package main

import (
	"context"
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
		if conflict, found := policy.Conflict(reach.Profile); found {
			never = append(never, neverReached{Why: conflict.String(), Customers: reach.Customers, Examples: reach.Examples})
		}
	}
	return never, nil
}

func writeNeverReached(p *page, never []neverReached) {
	for _, n := range never {
		p.line("%s can't ever be reached: %s.", count(n.Customers, "customer", "customers"), n.Why)
		more := ""
		if rest := n.Customers - int64(len(n.Examples)); rest > 0 {
			more = ", and " + count(rest, "other", "others")
		}
		p.line("  %s%s", strings.Join(n.Examples, ", "), more)
	}
}
