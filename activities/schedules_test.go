package activities_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"perennial/activities"
	"perennial/domain/clock"
	"perennial/domain/journey"
	"perennial/workflows"
)

func (d *door) schedules() *activities.Schedules {
	return &activities.Schedules{Store: d.store, Temporal: d.temporal, Clock: clock.Clock{}, Log: quiet()}
}

// reconcile brings the schedules in line, and checks how many were not.
func (d *door) reconcile(s *activities.Schedules, want int) {
	d.Helper()
	if changed, err := s.Reconcile(d.Context()); err != nil || changed != want {
		d.Fatalf("%d schedules changed, want %d: %v", changed, want, err)
	}
}

// schedule describes a schedule; nil where there is none.
func (d *door) schedule(id string) *client.ScheduleDescription {
	d.Helper()
	described, err := d.temporal.ScheduleClient().GetHandle(d.Context(), id).Describe(d.Context())
	if _, gone := errors.AsType[*serviceerror.NotFound](err); gone {
		return nil
	}
	if err != nil {
		d.Fatal(err)
	}
	return described
}

// listed waits until Temporal's visibility knows as many schedules.
func (d *door) listed(want int) {
	d.Helper()
	for {
		entries, err := d.temporal.ScheduleClient().List(d.Context(), client.ScheduleListOptions{})
		if err != nil {
			d.Fatal(err)
		}
		n := 0
		for ; entries.HasNext(); n++ {
			if _, err := entries.Next(); err != nil {
				d.Fatal(err)
			}
		}
		if n == want {
			return
		}
		select {
		case <-d.Context().Done():
			d.Fatal("the schedules never became visible")
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func TestEachJourneyThatLooksForCustomersHasOneSchedule(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	s := d.schedules()
	plan := entering("", "", "customer.star > 3", journey.Span{})
	d.publish(plan)
	d.reconcile(s, 1)
	d.reconcile(s, 0)

	is := d.schedule("enter-looking")
	every := is.Schedule.Spec.Intervals
	if len(every) != 1 || every[0].Every != 24*time.Hour || every[0].Offset >= time.Hour || is.Schedule.Policy.CatchupWindow != 24*time.Hour {
		t.Errorf("got %+v, %+v", every, is.Schedule.Policy)
	}
	action, ok := is.Schedule.Action.(*client.ScheduleWorkflowAction)
	if !ok || action.Workflow != workflows.ScanWorkflow || action.StaticSummary != "Who enters Looking?" || !strings.Contains(is.Schedule.State.Note, "every 1d") {
		t.Errorf("got %+v, %+v", action, is.Schedule.State)
	}

	// Whoever pauses a schedule finds it paused, whatever is published.
	if err := d.temporal.ScheduleClient().GetHandle(t.Context(), "enter-looking").Pause(t.Context(), client.SchedulePauseOptions{Note: "stocktaking"}); err != nil {
		t.Fatal(err)
	}
	plan.Enter.Every = journey.Span{Exact: 5 * time.Second}
	d.publish(plan)
	d.reconcile(s, 1)
	is = d.schedule("enter-looking")
	if !is.Schedule.State.Paused || is.Schedule.State.Note != "stocktaking" || is.Schedule.Spec.Intervals[0].Every != 5*time.Second || is.Schedule.Policy.CatchupWindow != 10*time.Second {
		t.Errorf("got %+v, %+v", is.Schedule.State, is.Schedule.Spec)
	}

	plan.Enter = journey.Enter{On: "purchase"}
	d.publish(plan)
	d.listed(1)
	d.reconcile(s, 1)
	if d.schedule("enter-looking") != nil {
		t.Error("the schedule of a journey that looks for nobody is still there")
	}
	d.reconcile(s, 0)
}

func TestSchedulesThatSomebodyLostAreRepaired(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	s := d.schedules()
	repair := func(want int) {
		t.Helper()
		if changed, err := s.Repair(t.Context()); err != nil || changed != want {
			t.Fatalf("%d schedules changed, want %d: %v", changed, want, err)
		}
	}
	repair(0)
	plan := entering("", "", "", journey.Span{})
	d.publish(plan) // and whoever published it crashed
	repair(1)
	repair(0)
	if err := d.temporal.ScheduleClient().GetHandle(t.Context(), "enter-looking").Delete(t.Context()); err != nil {
		t.Fatal(err)
	}
	repair(0) // not long ago all was well
	s = d.schedules()
	repair(1) // another process looks for itself

	// What others schedule is none of our business.
	_, err := d.temporal.ScheduleClient().Create(t.Context(), client.ScheduleOptions{
		ID: "enter-theirs", Spec: client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: time.Hour}}},
		Action: &client.ScheduleWorkflowAction{ID: "theirs", Workflow: "Theirs", TaskQueue: "theirs"},
	})
	if err != nil {
		t.Fatal(err)
	}
	d.listed(2)
	d.reconcile(s, 0)
}

func TestAPlanOfANewerBuildKeepsItsSchedule(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	s := d.schedules()
	plan := entering("", "", "", journey.Span{})
	d.publish(plan)
	d.reconcile(s, 1)
	d.listed(1)
	d.publishEncoded("looking", []byte(`{"encoding": 99}`), "")
	d.reconcile(s, 0)
	if d.schedule("enter-looking") == nil {
		t.Error("its schedule is gone")
	}
}

func TestAClockThatIsTooFastForAScheduleIsRefused(t *testing.T) {
	t.Parallel()
	fast := clock.Starting(noon, noon, 17280)
	day, err := activities.ScanInterval("looking", journey.Span{Days: 1}, fast)
	if err != nil || day != 5*time.Second {
		t.Errorf("a day: %v, %v", day, err)
	}
	if day, err = activities.ScanInterval("looking", journey.Span{Days: 7, Exact: time.Hour}, clock.Clock{}); err != nil || day != 169*time.Hour {
		t.Errorf("a week and an hour: %v, %v", day, err)
	}
	_, err = activities.ScanInterval("looking", journey.Span{Exact: time.Hour}, fast)
	if err == nil || !strings.Contains(err.Error(), "looks for customers every 1h, which is less than a second") || !strings.Contains(err.Error(), "at most 3600") {
		t.Errorf("an hour: %v", err)
	}
}

func TestAJourneyForWhichTheClockIsTooFastHindersNoOther(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	s := d.schedules()
	s.Clock = clock.Starting(noon, time.Now(), 17280)
	plan := entering("", "", "", journey.Span{})
	d.publish(plan)
	plan.Journey, plan.Enter.Every = "hourly", journey.Span{Exact: time.Hour}
	d.publish(plan)
	d.reconcile(s, 1)
	if d.schedule("enter-hourly") != nil || d.schedule("enter-looking") == nil {
		t.Error("the wrong one has a schedule")
	}
}
