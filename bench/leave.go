package bench

import (
	"context"
	"errors"
	"fmt"

	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"golang.org/x/sync/errgroup"

	"perennial/workflows"
)

// runs are those of a Perennial and of the floor.
var runs = fmt.Sprintf("WorkflowType IN ('%s', '%s', '%s')", workflows.JourneyWorkflow, workflows.SweepWorkflow, floorWorkflow) //nolint:gochecknoglobals // a constant that Go has no constant for

// Vacant refuses a namespace in which a Perennial works, or has worked: its workers and ours would take each other's work.
func Vacant(ctx context.Context, temporal client.Client, namespace string) error {
	described, err := temporal.WorkflowService().DescribeTaskQueue(ctx, &workflowservice.DescribeTaskQueueRequest{
		Namespace: namespace, TaskQueue: &taskqueue.TaskQueue{Name: workflows.JourneysQueue}, TaskQueueType: enums.TASK_QUEUE_TYPE_WORKFLOW,
	})
	if err != nil {
		return fmt.Errorf("look who works in namespace %s: %w", namespace, err)
	}
	counted, err := temporal.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{Namespace: namespace, Query: runs})
	if err != nil {
		return fmt.Errorf("look what is in namespace %s: %w", namespace, err)
	}
	schedules, err := schedulesOf(ctx, temporal)
	if err != nil {
		return err
	}
	if len(described.GetPollers()) > 0 || counted.GetCount() > 0 || len(schedules) > 0 {
		return fmt.Errorf("a Perennial works or has worked in namespace %s: make an empty one with its search attributes and name it by TEMPORAL_NAMESPACE", namespace)
	}
	return nil
}

// Leave deletes the schedule and every run of a bench, for a Temporal that goes on. The worker must have stopped.
func Leave(ctx context.Context, temporal client.Client, namespace string) error {
	schedules, err := schedulesOf(ctx, temporal)
	if err != nil {
		return err
	}
	for _, id := range schedules {
		if err := temporal.ScheduleClient().GetHandle(ctx, id).Delete(ctx); err != nil {
			return fmt.Errorf("delete schedule %s: %w", id, err)
		}
	}
	const atOnce = 16
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for page := []byte(nil); ; {
		list, err := temporal.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{Namespace: namespace, Query: runs, NextPageToken: page})
		if err != nil {
			return errors.Join(group.Wait(), fmt.Errorf("list the runs of the bench: %w", err))
		}
		for _, info := range list.GetExecutions() {
			group.Go(func() error { return remove(ctx, temporal, namespace, info.GetExecution()) })
		}
		if page = list.GetNextPageToken(); len(page) == 0 {
			return group.Wait()
		}
	}
}

// schedulesOf are the schedules of a Perennial.
func schedulesOf(ctx context.Context, temporal client.Client) ([]string, error) {
	list, err := temporal.ScheduleClient().List(ctx, client.ScheduleListOptions{})
	if err != nil {
		return nil, fmt.Errorf("list the schedules: %w", err)
	}
	var ids []string
	for list.HasNext() {
		schedule, err := list.Next()
		if err != nil {
			return nil, fmt.Errorf("list the schedules: %w", err)
		}
		if name := schedule.WorkflowType.Name; name == workflows.SweepWorkflow || name == workflows.ScanWorkflow {
			ids = append(ids, schedule.ID)
		}
	}
	return ids, nil
}

func remove(ctx context.Context, temporal client.Client, namespace string, run *common.WorkflowExecution) error {
	_, err := temporal.WorkflowService().DeleteWorkflowExecution(ctx, &workflowservice.DeleteWorkflowExecutionRequest{
		Namespace: namespace, WorkflowExecution: run,
	})
	if _, gone := errors.AsType[*serviceerror.NotFound](err); gone {
		return nil
	}
	return asked("delete a run of the bench", err)
}
