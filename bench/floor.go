package bench

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"golang.org/x/sync/errgroup"
)

// The floor: per touch a timer, a local activity and an activity on a queue of its own, both of which do nothing. Like ours, a run's first touch
// goes at once.
const (
	floorQueue    = "bench-floor"
	floorDelivery = "bench-floor-deliver"
	floorWorkflow = "bench-floor"
	floorPlan     = "bench-floor-plan"
	floorDeliver  = "bench-floor-deliver"
)

// floorRun is the input of a run of the floor.
type floorRun struct {
	Touches int           `json:"touches"`
	Sleep   time.Duration `json:"sleep"` // instead of touches: what a sleeping enrollment does
}

func runFloor(ctx workflow.Context, r floorRun) error {
	ctx = workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{StartToCloseTimeout: 3 * time.Second})
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{TaskQueue: floorDelivery, StartToCloseTimeout: time.Minute})
	plan := func() error { return workflow.ExecuteLocalActivity(ctx, floorPlan).Get(ctx, nil) }
	if r.Sleep > 0 {
		if err := plan(); err != nil {
			return err
		}
		return workflow.Sleep(ctx, r.Sleep)
	}
	for n := range r.Touches {
		if err := plan(); err != nil {
			return err
		}
		if n > 0 {
			if err := workflow.Sleep(ctx, hold); err != nil {
				return err
			}
		}
		if err := workflow.ExecuteActivity(ctx, floorDeliver).Get(ctx, nil); err != nil {
			return err
		}
	}
	return nil
}

// floor is the workers of the floor, and what they counted.
type floor struct {
	temporal client.Client
	workers  []worker.Worker
	ids      []string // of all its runs

	mu        sync.Mutex
	planned   int
	delivered []time.Time
}

// startFloor starts its workers, with the pollers that ours have.
func startFloor(temporal client.Client) (*floor, error) {
	f := &floor{temporal: temporal}
	runs := worker.New(temporal, floorQueue, worker.Options{
		WorkflowTaskPollerBehavior: worker.NewPollerBehaviorAutoscaling(worker.PollerBehaviorAutoscalingOptions{}),
		ActivityTaskPollerBehavior: worker.NewPollerBehaviorSimpleMaximum(worker.PollerBehaviorSimpleMaximumOptions{MaximumNumberOfPollers: 1}),
	})
	runs.RegisterWorkflowWithOptions(runFloor, workflow.RegisterOptions{Name: floorWorkflow})
	runs.RegisterActivityWithOptions(f.plan, activity.RegisterOptions{Name: floorPlan})
	deliveries := worker.New(temporal, floorDelivery, worker.Options{
		DisableWorkflowWorker:              true,
		MaxConcurrentActivityExecutionSize: 64,
		ActivityTaskPollerBehavior:         worker.NewPollerBehaviorAutoscaling(worker.PollerBehaviorAutoscalingOptions{}),
	})
	deliveries.RegisterActivityWithOptions(f.deliver, activity.RegisterOptions{Name: floorDeliver})
	for _, w := range []worker.Worker{runs, deliveries} {
		if err := w.Start(); err != nil {
			f.stop()
			return nil, fmt.Errorf("start the workers of the floor: %w", err)
		}
		f.workers = append(f.workers, w)
	}
	return f, nil
}

func (f *floor) stop() {
	for _, w := range f.workers {
		w.Stop()
	}
}

func (f *floor) plan(context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.planned++
	return nil
}

func (f *floor) deliver(context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.delivered = append(f.delivered, time.Now())
	return nil
}

// begin forgets what was counted.
func (f *floor) begin() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.planned, f.delivered = 0, nil
}

func (f *floor) plans(context.Context) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.planned, nil
}

func (f *floor) deliveries(context.Context) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.delivered), nil
}

func (f *floor) times() []time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.delivered)
}

// start starts runs, as many at once as customers enter at once.
func (f *floor) start(ctx context.Context, count int, run floorRun) error {
	const atOnce = 16
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for range count {
		id := fmt.Sprintf("bench-floor/%d", len(f.ids))
		f.ids = append(f.ids, id)
		group.Go(func() error {
			_, err := f.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: id, TaskQueue: floorQueue}, floorWorkflow, run)
			return err
		})
	}
	return group.Wait()
}
