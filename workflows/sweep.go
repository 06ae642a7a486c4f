package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// Sweep makes up for crashes between the database and Temporal. A schedule runs it; what one sweep can't do, the next one does.
func Sweep(ctx workflow.Context) (Swept, error) {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: 5 * time.Minute,
		HeartbeatTimeout:    15 * time.Second, // a worker that dies in a sweep holds up the next one no longer
		Summary:             "Route what was left behind",
		RetryPolicy:         &temporal.RetryPolicy{MaximumAttempts: 1},
	})
	var swept Swept
	err := workflow.ExecuteActivity(ctx, ActivitySweep).Get(ctx, &swept)
	return swept, err
}
