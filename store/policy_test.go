package store_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"perennial/store"
)

func TestThePolicyWithTheHighestNumberHolds(t *testing.T) {
	t.Parallel()
	s := open(t)
	if _, err := s.NewestPolicy(t.Context()); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("before any was published: %v", err)
	}
	for n, c := range []struct {
		hash   string
		number int
		fresh  bool
	}{{"a", 1, true}, {"a", 1, false}, {"b", 2, true}, {"a", 3, true}} {
		number, fresh, err := s.PublishPolicy(t.Context(), store.Policy{
			Hash: c.hash, Sources: map[string]string{"contact-policy.yaml": c.hash}, Compiled: []byte(c.hash), Author: "maria", PublishedAt: noon(),
		})
		if number != c.number || fresh != c.fresh || err != nil {
			t.Errorf("publication %d: got number %d, fresh %v, %v", n, number, fresh, err)
		}
		newest, err := s.NewestPolicy(t.Context())
		if err != nil || newest.Number != c.number || string(newest.Compiled) != c.hash || newest.Sources["contact-policy.yaml"] != c.hash {
			t.Errorf("publication %d: the newest is %+v, %v", n, newest, err)
		}
	}
}

func TestPoliciesPublishedAtOnceGetNumbersOfTheirOwn(t *testing.T) {
	t.Parallel()
	s := open(t)
	var all sync.WaitGroup
	for n := range 8 {
		all.Go(func() {
			if _, fresh, err := s.PublishPolicy(t.Context(), store.Policy{Hash: fmt.Sprint(n), PublishedAt: noon()}); !fresh || err != nil {
				t.Errorf("policy %d: fresh %v, %v", n, fresh, err)
			}
		})
	}
	all.Wait()
	if number, err := s.NewestPolicyNumber(t.Context()); number != 8 || err != nil {
		t.Errorf("the newest is %d, %v", number, err)
	}
}
