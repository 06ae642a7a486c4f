package workflows_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"perennial/domain/journey"
	"perennial/workflows"
)

// A real server suggests a new run after thousands of events; the SDK's own test server can be told to suggest one at once.

// waiting is a journey that waits for a visit, and has a goal.
func waiting() journey.Plan {
	return journey.Plan{
		Encoding: journey.PlanEncoding, Journey: "waiting", Title: "Waiting",
		Goal:  &journey.Trigger{On: "purchase"},
		Steps: []journey.Step{{ID: "visit", Verb: journey.Wait, Next: journey.End, On: "visit.completed", Within: journey.Span{Days: 30}}},
	}
}

func environment() *testsuite.TestWorkflowEnvironment { return environmentOf(waiting()) }

// environmentOf runs enrollments of a plan.
func environmentOf(plan journey.Plan) *testsuite.TestWorkflowEnvironment {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestWorkflowEnvironment()
	env.RegisterWorkflowWithOptions(workflows.Journey, workflow.RegisterOptions{Name: workflows.JourneyWorkflow})
	for name, f := range map[string]any{
		workflows.ActivityBegin: func(context.Context, workflows.BeginRequest) (workflows.Begun, error) {
			return workflows.Begun{Plan: plan}, nil
		},
		workflows.ActivitySchedule: func(_ context.Context, r workflows.ScheduleRequest) (journey.Scheduled, error) {
			return journey.Scheduled{Until: r.Span.From(r.Since)}, nil
		},
		workflows.ActivityProject: func(context.Context, workflows.ProjectRequest) error { return nil },
		workflows.ActivityFinish:  func(context.Context, workflows.FinishRequest) error { return nil },
	} {
		env.RegisterActivityWithOptions(f, activity.RegisterOptions{Name: name})
	}
	return env
}

func TestANewRunGoesOnWhereTheLastOneStood(t *testing.T) {
	t.Parallel()
	first := environment()
	first.SetContinueAsNewSuggested(true)
	first.RegisterDelayedCallback(func() {
		first.SignalWorkflow(workflows.SignalEvent, journey.Event{ID: "e-1", Type: "survey.answered"})
	}, 0)
	first.ExecuteWorkflow(workflows.JourneyWorkflow, workflows.Enrollment{ID: 7, Journey: "waiting", Title: "Waiting", Customer: "c-1", EnteredBy: "e-0"})
	var again *workflow.ContinueAsNewError
	if err := first.GetWorkflowError(); !errors.As(err, &again) {
		t.Fatalf("the first run ended with %v", err)
	}
	var next workflows.Enrollment
	if err := converter.GetDefaultDataConverter().FromPayloads(again.Input, &next); err != nil {
		t.Fatal(err)
	}
	if next.ID != 7 || next.Carried == nil || next.Carried.State.Step != "visit" || next.Carried.State.Phase != journey.Waiting {
		t.Fatalf("it hands over %+v", next)
	}

	second := environment()
	second.RegisterDelayedCallback(func() {
		second.SignalWorkflow(workflows.SignalEvent, journey.Event{ID: "e-0", Type: "purchase"}) // entered the first run: no goal
	}, time.Hour)
	second.RegisterDelayedCallback(func() {
		second.SignalWorkflow(workflows.SignalEvent, journey.Event{ID: "e-2", Type: "visit.completed"})
	}, 2*time.Hour)
	second.ExecuteWorkflow(workflows.JourneyWorkflow, next)
	var result workflows.Result
	if err := second.GetWorkflowResult(&result); err != nil || result.Outcome != journey.OutcomeCompleted {
		t.Errorf("the second run ended with %+v, %v", result, err)
	}
}

func TestALongRunEndsAtTheRestBetweenTwoRounds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		events int
		again  bool
	}{{1000, false}, {1001, true}} {
		env := environmentOf(rounds())
		env.SetCurrentHistoryLength(c.events)
		env.RegisterDelayedCallback(func() {
			env.SignalWorkflow(workflows.SignalEvent, journey.Event{ID: "p-1", Type: "purchase"})
		}, 200*24*time.Hour)
		env.ExecuteWorkflow(workflows.JourneyWorkflow, workflows.Enrollment{ID: 7, Journey: "rounds", Customer: "c-1"})
		var again *workflow.ContinueAsNewError
		if errors.As(env.GetWorkflowError(), &again) != c.again {
			t.Fatalf("with %d events the run ended with %v", c.events, env.GetWorkflowError())
		}
		if !c.again {
			continue
		}
		var next workflows.Enrollment
		if err := converter.GetDefaultDataConverter().FromPayloads(again.Input, &next); err != nil {
			t.Fatal(err)
		}
		// Not in the three days of the round's own wait.
		if s := next.Carried.State; s.Step != "months" || s.Phase != journey.Waiting || s.Rounds["months"].Number != 1 {
			t.Errorf("it hands over %+v", s)
		}
	}
}

// rounds is a journey that goes round until there is a purchase.
func rounds() journey.Plan {
	return journey.Plan{
		Encoding: journey.PlanEncoding, Journey: "rounds", Title: "Rounds",
		Goal: &journey.Trigger{On: "purchase"},
		Steps: []journey.Step{
			{ID: "months", Verb: journey.Repeat, Next: journey.End, Every: journey.Span{Days: 30}, Body: 1},
			{ID: "rest", Verb: journey.Wait, Next: 0, For: journey.Span{Days: 3}},
		},
	}
}

func TestAReceiptBetweenTwoRunsIsNotLost(t *testing.T) {
	t.Parallel()
	first := environmentOf(confirming())
	first.SetContinueAsNewSuggested(true)
	first.RegisterDelayedCallback(func() {
		first.SignalWorkflow(workflows.SignalReceipt, journey.Receipt{Touch: journey.TouchKey{Step: "remind", Occurrence: 1, Try: 1}, Arrived: true})
	}, 0)
	sent := journey.State{
		Encoding: 1, Step: "remind", Phase: journey.Confirming, Channel: "sms", SentAt: first.Now(), Try: 1, Occurrences: map[string]int{"remind": 1},
	}
	first.ExecuteWorkflow(workflows.JourneyWorkflow, workflows.Enrollment{ID: 7, Journey: "confirming", Customer: "c-1", Carried: &workflows.Carried{State: sent}})
	var again *workflow.ContinueAsNewError
	if err := first.GetWorkflowError(); !errors.As(err, &again) {
		t.Fatalf("the first run ended with %v", err)
	}
	var next workflows.Enrollment
	if err := converter.GetDefaultDataConverter().FromPayloads(again.Input, &next); err != nil {
		t.Fatal(err)
	}
	second := environmentOf(confirming())
	second.ExecuteWorkflow(workflows.JourneyWorkflow, next)
	var result workflows.Result
	if err := second.GetWorkflowResult(&result); err != nil || result.Outcome != journey.OutcomeCompleted || second.Now().Sub(sent.SentAt) > time.Hour {
		t.Errorf("the second run ended with %+v, %v at %v", result, err, second.Now())
	}
}

// confirming is a journey that sends and waits for a receipt.
func confirming() journey.Plan {
	return journey.Plan{
		Encoding: journey.PlanEncoding, Journey: "confirming", Title: "Confirming",
		Steps: []journey.Step{{ID: "remind", Verb: journey.Send, Next: journey.End, Fallback: journey.Span{Exact: 4 * time.Hour}}},
	}
}

func TestAnEventBetweenTwoRunsIsNotLost(t *testing.T) {
	t.Parallel()
	env := environment()
	state := journey.State{
		Encoding: journey.StateEncoding, Step: "visit", Phase: journey.Waiting, Until: time.Now().AddDate(1, 0, 0),
		Occurrences: map[string]int{"visit": 1}, Seen: []string{"e-0"},
	}
	env.ExecuteWorkflow(workflows.JourneyWorkflow, workflows.Enrollment{
		ID: 7, Journey: "waiting", Customer: "c-1", Carried: &workflows.Carried{State: state.Receive(journey.Event{ID: "e-1", Type: "purchase"})},
	})
	var result workflows.Result
	if err := env.GetWorkflowResult(&result); err != nil || result.Outcome != journey.OutcomeGoal {
		t.Errorf("it ended with %+v, %v", result, err)
	}
}

func TestAnUpdateThatActedInAnEarlierRunDoesNotActAgain(t *testing.T) {
	t.Parallel()
	env := environment()
	state := journey.State{
		Encoding: journey.StateEncoding, Step: "visit", Phase: journey.Waiting, Until: env.Now().AddDate(0, 0, 30), Occurrences: map[string]int{"visit": 1},
	}
	var status workflows.Status
	env.RegisterDelayedCallback(func() {
		env.UpdateWorkflow(workflows.UpdateSkip, "u-1", &testsuite.TestUpdateCallback{
			OnAccept: func() {}, OnReject: func(err error) { t.Error(err) },
			OnComplete: func(answer any, err error) {
				if err != nil {
					t.Error(err)
				}
				status, _ = answer.(workflows.Status)
			},
		})
	}, time.Hour)
	env.RegisterDelayedCallback(func() {
		env.SignalWorkflow(workflows.SignalEvent, journey.Event{ID: "e-1", Type: "purchase"})
	}, 2*time.Hour)
	env.ExecuteWorkflow(workflows.JourneyWorkflow, workflows.Enrollment{
		ID: 7, Journey: "waiting", Customer: "c-1", Carried: &workflows.Carried{State: state, Updates: []string{"u-1"}},
	})
	var result workflows.Result
	if err := env.GetWorkflowResult(&result); err != nil || result.Outcome != journey.OutcomeGoal || status.Step != "visit" {
		t.Errorf("it ended with %+v, %v; the update answered %+v", result, err, status)
	}
}

func TestTheNewestUpdatesAreCarriedAlong(t *testing.T) {
	t.Parallel()
	env := environment()
	env.SetContinueAsNewSuggested(true)
	state := journey.State{
		Encoding: journey.StateEncoding, Step: "visit", Phase: journey.Waiting, Until: env.Now().AddDate(0, 0, 30), Occurrences: map[string]int{"visit": 1},
	}
	var acted []string
	for n := range 150 {
		acted = append(acted, fmt.Sprintf("u-%d", n))
	}
	env.ExecuteWorkflow(workflows.JourneyWorkflow, workflows.Enrollment{
		ID: 7, Journey: "waiting", Customer: "c-1", Carried: &workflows.Carried{State: state, Updates: acted},
	})
	var again *workflow.ContinueAsNewError
	if err := env.GetWorkflowError(); !errors.As(err, &again) {
		t.Fatalf("it ended with %v", err)
	}
	var next workflows.Enrollment
	if err := converter.GetDefaultDataConverter().FromPayloads(again.Input, &next); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(next.Carried.Updates, acted[50:]) {
		t.Errorf("it hands over %v", next.Carried.Updates)
	}
}
