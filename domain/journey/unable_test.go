package journey_test

import (
	"slices"
	"testing"

	"perennial/domain/journey"
)

func TestAConditionThatCouldNotBeEvaluatedTakesTheOtherBranchAndIsNoted(t *testing.T) {
	t.Parallel()
	s := walk(t, onboarding(), []move{
		{entered, "plan welcome.1.1"}, {mayBySMS, "deliver welcome.1.1 by sms"}, {sent, "schedule settle_in in 3d"}, {until(3), "wait until 07 May 09:00"},
		{timeCame, "plan how_is_it.1.1"}, {mayBySMS, "deliver how_is_it.1.1 by sms"}, {sent, "schedule how_is_it in 5d"},
		{until(8), "wait until 12 May 09:00"}, {timeCame, "evaluate [1]"},
		{journey.Evaluated{Values: []bool{false}, Unable: []string{"division by zero"}}, "finish exited: unhappy"},
	})
	const want = "its condition could not be evaluated: division by zero"
	if !slices.ContainsFunc(s.Past, func(d journey.Done) bool { return d.What == want }) {
		t.Errorf("what was done is %+v", s.Past)
	}
}
