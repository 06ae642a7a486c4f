package workflows_test

import (
	"context"
	"reflect"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"

	"perennial/domain/contact"
	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/workflows"
)

// everyVerb is a journey of the verbs that ask something of the database or of a provider.
func everyVerb() journey.Plan {
	return journey.Plan{
		Encoding: journey.PlanEncoding, Journey: "every-verb", Title: "Every verb",
		Steps: []journey.Step{
			{ID: "remember", Verb: journey.Set, Next: 1, Set: []journey.Assignment{{Attribute: "points", Value: 1}}},
			{ID: "hand_over", Verb: journey.Start, Next: 2, Journey: "return-visit"},
			{ID: "tell", Verb: journey.Notify, Next: 3, Notify: journey.NotifyOwner, Template: "unhappy-customer"},
			{ID: "due", Verb: journey.Wait, Next: 4, Until: 2},
			{ID: "remind", Verb: journey.Send, Next: journey.End, Template: "remind", Topic: "care", Fallback: journey.Span{Exact: 4 * time.Hour}},
		},
		Expressions: []journey.Expression{{Source: "3", Type: "int"}, {Source: "now + days(2)", Type: "date"}},
	}
}

// asked is what an enrollment asked of the activities, by step.
type asked struct {
	set       workflows.SetRequest
	start     workflows.StartRequest
	schedules map[string]workflows.ScheduleRequest
	touches   []workflows.Touch
}

func TestTheMachinesCommandsBecomeRequests(t *testing.T) {
	t.Parallel()
	env := environmentOf(everyVerb())
	got := asked{schedules: map[string]workflows.ScheduleRequest{}}
	channels := []customer.Channel{customer.Slack, customer.SMS, customer.WhatsApp}
	for name, f := range map[string]any{
		workflows.ActivitySet: func(_ context.Context, r workflows.SetRequest) error {
			got.set = r
			return nil
		},
		workflows.ActivityStart: func(_ context.Context, r workflows.StartRequest) (journey.Started, error) {
			got.start = r
			return journey.Started{What: "entered return-visit"}, nil
		},
		workflows.ActivitySchedule: func(_ context.Context, r workflows.ScheduleRequest) (journey.Scheduled, error) {
			got.schedules[r.Step] = r
			return journey.Scheduled{Until: r.Since.Add(48 * time.Hour)}, nil
		},
		workflows.ActivityPlan: func(context.Context, workflows.PlanRequest) (journey.Planned, error) {
			return journey.Planned{Answer: contact.Answer{Verdict: contact.Send, Channel: channels[len(got.touches)]}}, nil
		},
		workflows.ActivityDeliver: func(_ context.Context, r workflows.DeliverRequest) (journey.Delivered, error) {
			got.touches = append(got.touches, r.Touch)
			return journey.Delivered{How: journey.Sent}, nil
		},
	} {
		env.RegisterActivityWithOptions(f, activity.RegisterOptions{Name: name, DisableAlreadyRegisteredCheck: true})
	}
	start := env.Now()
	env.RegisterDelayedCallback(func() { // by WhatsApp, two days after the message by SMS, of which no word came
		env.SignalWorkflow(workflows.SignalReceipt, journey.Receipt{Touch: journey.TouchKey{Step: "remind", Occurrence: 1, Try: 2}, Arrived: true})
	}, 97*time.Hour)
	env.ExecuteWorkflow(workflows.JourneyWorkflow, workflows.Enrollment{ID: 7, Journey: "every-verb", Version: 2, Customer: "c-1", Key: "a-1", Patience: workflows.DefaultPatience})
	var result workflows.Result
	if err := env.GetWorkflowResult(&result); err != nil || result.Outcome != journey.OutcomeCompleted {
		t.Fatalf("it ended with %+v, %v", result, err)
	}
	if ended := env.Now().Sub(start); ended < 97*time.Hour || ended > 98*time.Hour {
		t.Errorf("it ended after %v", ended)
	}
	first := func(step string) journey.TouchKey { return journey.TouchKey{Step: step, Occurrence: 1, Try: 1} }
	wantSet := workflows.SetRequest{TouchKey: first("remember"), Enrollment: 7, Journey: "every-verb", Version: 2, Customer: "c-1", Key: "a-1", At: got.set.At}
	if !reflect.DeepEqual(got.set, wantSet) || got.set.At.IsZero() {
		t.Errorf("set: got %+v", got.set)
	}
	wantStart := workflows.StartRequest{TouchKey: first("hand_over"), Enrollment: 7, Customer: "c-1", Start: "return-visit", Key: "a-1", At: got.start.At}
	if got.start != wantStart || got.start.At.IsZero() {
		t.Errorf("start: got %+v", got.start)
	}
	if due := got.schedules["due"]; due.By != 2 || !due.Span.IsZero() || due.WaitingFor != "a date" {
		t.Errorf("due: got %+v", due)
	}
	if remind := got.schedules["remind"]; remind.Span != (journey.Span{Exact: 4 * time.Hour}) || remind.WaitingFor != "word that it arrived" {
		t.Errorf("remind: got %+v", remind)
	}
	if len(got.touches) != 3 {
		t.Fatalf("%d touches: %+v", len(got.touches), got.touches)
	}
	if told := got.touches[0]; told.TouchKey != first("tell") || told.Kind != journey.Notify || told.Notify != journey.NotifyOwner || told.Fallback {
		t.Errorf("the owner: got %+v", told)
	}
	if by := got.touches[2]; by.Try != 2 || !by.Fallback || !reflect.DeepEqual(by.Tried, []customer.Channel{customer.SMS}) {
		t.Errorf("the second channel: got %+v", by)
	}
}
