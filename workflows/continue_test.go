package workflows_test

import (
	"context"
	"errors"
	"log/slog"
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

func environment() *testsuite.TestWorkflowEnvironment {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestWorkflowEnvironment()
	env.RegisterWorkflowWithOptions(workflows.Journey, workflow.RegisterOptions{Name: workflows.JourneyWorkflow})
	for name, f := range map[string]any{
		workflows.ActivityBegin: func(context.Context, workflows.BeginRequest) (workflows.Begun, error) {
			return workflows.Begun{Plan: waiting()}, nil
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
