package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"

	"perennial/domain/journey"
	"perennial/store"
	"perennial/workflows"
)

// What a sweep leaves alone, and how much it takes at a time. What is younger is most likely still under way by itself.
const (
	sweepAge   = 10 * time.Second // real time
	sweepLate  = 5 * time.Minute  // where another process takes what is older than sweepAge
	sweepBatch = 500
	sweepBack  = 24 * time.Hour // how far back it looks for runs that were terminated
)

// SweepEvents makes up for crashes: it routes events that were stored and not carried on, tells enrollments of receipts that only the ledger knows,
// starts enrollments that were written and not started, ends those whose runs somebody terminated, lets customers leave who were closed or erased,
// brings the schedules of scans in line with what was published, asks about touches in doubt whose enrollments don't any more, and tells
// those on call of providers that do not work.
func (e *Events) SweepEvents(ctx context.Context) (workflows.Swept, error) {
	before := e.now().Add(-e.Clock.Duration(sweepAge))
	swept, err := e.carryOnOnce(ctx)
	failed := []error{err}
	swept.Reconciled, err = e.reconcile(ctx)
	failed = append(failed, err)
	swept.Left, err = e.leave(ctx, before)
	failed = append(failed, err)
	swept.Schedules, err = e.Schedules.Repair(ctx)
	failed = append(failed, err)
	if e.Deliveries != nil {
		swept.Settled, err = e.Deliveries.settleLeftBehind(ctx, e.Patience)
		failed = append(failed, err)
		failed = append(failed, e.Deliveries.tellOnCall(ctx, e.Patience))
	}
	return swept, errors.Join(failed...)
}

// reconcile ends the enrollments whose runs were terminated: a run that ends by itself writes its outcome down before.
func (e *Events) reconcile(ctx context.Context) (ended int, err error) {
	query := fmt.Sprintf("WorkflowType = '%s' AND ExecutionStatus IN ('Terminated', 'TimedOut') AND CloseTime > '%s'",
		workflows.JourneyWorkflow, time.Now().Add(-sweepBack).UTC().Format(time.RFC3339))
	var page []byte
	var failed []error
	for {
		alive(ctx)
		patient, cancel := context.WithTimeout(ctx, 2*sweepPatience)
		list, err := e.Temporal.ListWorkflow(patient, &workflowservice.ListWorkflowExecutionsRequest{
			Namespace: e.Namespace, PageSize: sweepBatch, NextPageToken: page, Query: query,
		})
		cancel()
		if err != nil {
			return ended, fmt.Errorf("list terminated runs: %w", err)
		}
		for _, info := range list.GetExecutions() {
			alive(ctx)
			patient, cancel := context.WithTimeout(ctx, sweepPatience)
			over, err := e.terminated(patient, info)
			cancel()
			failed = append(failed, err)
			if over {
				ended++
			}
		}
		if page = list.GetNextPageToken(); len(page) == 0 {
			return ended, errors.Join(failed...)
		}
	}
}

// terminated ends the enrollment of a run that was terminated, and says whether it had to. A reset terminates a run too, and starts another one in
// its place: that enrollment goes on.
func (e *Events) terminated(ctx context.Context, info *workflow.WorkflowExecutionInfo) (ended bool, err error) {
	id, err := enrollmentOf(info)
	if err != nil {
		return false, err
	}
	enrollment, err := e.Store.Enrollment(ctx, id)
	if err != nil || !enrollment.Running() {
		return false, err
	}
	newest, err := e.Temporal.DescribeWorkflowExecution(ctx, info.GetExecution().GetWorkflowId(), "")
	if err != nil {
		return false, fmt.Errorf("look at the run of enrollment %d: %w", id, err)
	}
	there := newest.GetWorkflowExecutionInfo()
	if of, err := enrollmentOf(there); err != nil || of == id && there.GetStatus() == enums.WORKFLOW_EXECUTION_STATUS_RUNNING {
		return false, err
	}
	return true, e.Store.Finish(ctx, id, journey.ExitOutcome("terminated by hand"), e.now())
}

// leave finishes what is left to do of customers who were closed or erased.
func (e *Events) leave(ctx context.Context, before time.Time) (left int, err error) {
	leaving, err := e.Store.LeavingCustomers(ctx, before, sweepBatch)
	farewell := Farewell{Store: e.Store, Temporal: e.Temporal, Clock: e.Clock, Log: e.Log}
	left, failed := abreast(ctx, leaving, func(who store.Leaving) string { return who.Customer }, leavePatience, func(ctx context.Context, who store.Leaving) error {
		_, err := farewell.Finish(ctx, who.Customer, store.Doer{Door: store.DoorWorker}, func() { alive(ctx) })
		return err
	})
	return left, errors.Join(err, failed)
}
