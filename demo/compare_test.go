package demo

import (
	"fmt"
	"testing"
)

// passages are a hundred that ended alike.
func passages() []Passage {
	all := make([]Passage, 100)
	for i := range all {
		all[i] = Passage{Customer: fmt.Sprintf("c-%03d", i), Name: "onboarding.1", Outcome: "completed"}
	}
	return all
}

func TestRunsThatAgreeInNearlyEverythingAgree(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change            func([]Passage) []Passage
		entered, outcomes int
		ok                bool
		first             string
	}{
		"the same":        {func(p []Passage) []Passage { return p }, 0, 0, true, ""},
		"one outcome":     {func(p []Passage) []Passage { p[3].Outcome, p[3].Step = "running", "why"; return p }, 0, 1, true, "c-003 in onboarding.1: completed, now running at why"},
		"two outcomes":    {func(p []Passage) []Passage { p[3].Outcome, p[4].Outcome = "goal", "goal"; return p }, 0, 2, false, "c-003 in onboarding.1: completed, now goal"},
		"one did not":     {func(p []Passage) []Passage { return p[1:] }, 1, 0, false, "c-000 in onboarding.1: completed, now did not enter"},
		"one did besides": {func(p []Passage) []Passage { return append(p, Passage{"c-200", "birthday.1", "goal", ""}) }, 1, 0, false, "c-200 in birthday.1: did not enter, now goal"},
	} {
		got, err := Summary{Passages: c.change(passages())}.Compare(Summary{Passages: passages()})
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Entered) != c.entered || len(got.Outcomes) != c.outcomes || got.OK() != c.ok {
			t.Errorf("%s: %+v, %v", name, got, got.OK())
			continue
		}
		if all := append(got.Entered, got.Outcomes...); c.first != "" && all[0].String() != c.first {
			t.Errorf("%s: %q, want %q", name, all[0], c.first)
		}
	}
	if _, err := (Summary{Seed: 1}).Compare(Summary{Seed: 2}); err == nil {
		t.Error("runs with two seeds were compared")
	}
}
