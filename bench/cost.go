package bench

import (
	"context"
	"fmt"

	"perennial/workflows"
)

// costs measures what one held touch adds to a run: the difference between a run of many and a run of one, each alone on the server.
func (b *bench) costs(ctx context.Context) (err error) {
	if b.report.Touch, err = b.ourCost(ctx, journeyOne, journeyTouches); err != nil {
		return err
	}
	if b.report.WaitAndTouch, err = b.ourCost(ctx, journeyWaitOne, journeyWaits); err != nil {
		return err
	}
	b.report.Floor.Touch, err = b.floorCost(ctx)
	return err
}

func (b *bench) ourCost(ctx context.Context, one, many string) (Cost, error) {
	of := func(name string) (Cost, error) {
		entered, err := b.enter(ctx, name, 1)
		if err != nil {
			return Cost{}, err
		}
		e := entered[0]
		return b.costOf(ctx, "cost of "+name, workflows.WorkflowID(e.Journey, e.Customer, e.Key))
	}
	return b.each(of, one, many)
}

func (b *bench) floorCost(ctx context.Context) (Cost, error) {
	touches := map[string]int{"one": 1, "many": b.Size.Touches}
	of := func(name string) (Cost, error) {
		if err := b.floor.start(ctx, 1, floorRun{Touches: touches[name]}); err != nil {
			return Cost{}, fmt.Errorf("start a run of the floor: %w", err)
		}
		return b.costOf(ctx, "cost of the floor", b.floor.ids[len(b.floor.ids)-1])
	}
	return b.each(of, "one", "many")
}

// each is what one touch of many costs beyond the first.
func (b *bench) each(of func(string) (Cost, error), one, many string) (Cost, error) {
	least, err := of(one)
	if err != nil {
		return Cost{}, err
	}
	most, err := of(many)
	if err != nil {
		return Cost{}, err
	}
	more := float64(b.Size.Touches - 1)
	return Cost{
		Events: (most.Events - least.Events) / more, Transitions: (most.Transitions - least.Transitions) / more, Bytes: (most.Bytes - least.Bytes) / more,
	}, nil
}

// costOf waits until a run has ended, and reads what it cost.
func (b *bench) costOf(ctx context.Context, what, id string) (Cost, error) {
	b.progress(what, 0, 1)
	if err := b.Temporal.GetWorkflow(ctx, id, "").Get(ctx, nil); err != nil {
		return Cost{}, fmt.Errorf("%s: %w", what, err)
	}
	described, err := b.Temporal.DescribeWorkflowExecution(ctx, id, "")
	if err != nil {
		return Cost{}, fmt.Errorf("%s: %w", what, err)
	}
	events, err := b.events(ctx, id)
	if err != nil {
		return Cost{}, fmt.Errorf("%s: %w", what, err)
	}
	info := described.GetWorkflowExecutionInfo()
	b.progress(what, 1, 1)
	return Cost{Events: float64(events), Transitions: float64(info.GetStateTransitionCount()), Bytes: float64(info.GetHistorySizeBytes())}, nil
}

// events counts the history of a run.
func (b *bench) events(ctx context.Context, id string) (count int, err error) {
	for history := b.Temporal.GetWorkflowHistory(ctx, id, "", false, 0); history.HasNext(); count++ {
		if _, err := history.Next(); err != nil {
			return 0, err
		}
	}
	return count, nil
}
