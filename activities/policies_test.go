package activities_test

import (
	"errors"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"

	"perennial/activities"
	"perennial/domain/contact"
	"perennial/store"
)

func gapOf(t *testing.T, p *activities.Policies) string {
	t.Helper()
	policy, err := p.Current(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if policy.Gap == nil {
		return "none"
	}
	return policy.Gap.Least.String()
}

func TestThePolicyPublishedLastHolds(t *testing.T) {
	t.Parallel()
	b := setup(t)
	always, kept := activities.NewPolicies(b.store), activities.NewPolicies(b.store)
	always.Age, kept.Age = 0, time.Hour
	policy := gapped()
	for _, want := range []struct{ always, kept string }{{"none", "none"}, {"4h", "none"}, {"4h", "none"}} {
		if a, k := gapOf(t, always), gapOf(t, kept); a != want.always || k != want.kept {
			t.Errorf("got %s, and %s from what was kept, want %+v", a, k, want)
		}
		b.holds(policy)
	}
	policy.Gap.Least.Exact = time.Hour
	b.holds(policy)
	if got := gapOf(t, always); got != "1h" {
		t.Errorf("after the second publication: %s", got)
	}
}

func TestARuleThatATestBreaksIsBrokenInWhateverIsPublished(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := activities.NewPolicies(b.store)
	p.Age = 0
	p.Change = func(policy contact.Policy) contact.Policy { return policy.Without(contact.RuleGap) }
	first := b.request(time.Minute)
	next := first
	next.Touch.Occurrence = 2
	b.deliveries.Policies = p
	b.holds(gapped())
	b.deliver(first)
	b.deliver(next)
	if got := len(b.box.Messages()); got != 2 {
		t.Errorf("%d messages", got)
	}
}

func TestAPolicyOfANewerBuildEndsNoEnrollment(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, _, err := b.store.PublishPolicy(t.Context(), store.Policy{Hash: "1", Compiled: []byte(`{"encoding": 99}`), PublishedAt: noon})
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.deliveries.Deliver(t.Context(), b.request(time.Minute))
	if err == nil || final(err) {
		t.Errorf("it is tried again later, not given up: %v", err)
	}
}

// final says whether an error ends the enrollment.
func final(err error) bool {
	ended, ok := errors.AsType[*temporal.ApplicationError](err)
	return ok && ended.NonRetryable()
}
