package workflows

import (
	"fmt"
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
	if err := workflow.ExecuteActivity(ctx, ActivitySweep).Get(ctx, &swept); err != nil {
		return swept, err
	}
	workflow.SetCurrentDetails(ctx, swept.Details())
	return swept, nil
}

// Details is what a manager reads of a sweep that is over, in Markdown.
func (s Swept) Details() string {
	if s == (Swept{}) {
		return "Nothing was left behind."
	}
	return fmt.Sprintf(`**What was left behind goes on.**

| events carried on | receipts told | enrollments started | ended, whose runs were gone | customers who left | schedules mended | doubts about messages settled |
| ---: | ---: | ---: | ---: | ---: | ---: | ---: |
| %d | %d | %d | %d | %d | %d | %d |
`, s.Events, s.Receipts, s.Started, s.Reconciled, s.Left, s.Schedules, s.Settled)
}
