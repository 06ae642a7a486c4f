package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// Scan looks at every customer once and lets those enter a journey who do by its rule: its segment, or its date. A schedule runs it. It goes on
// where it was after a crash, for as long as that takes: the schedule skips what would begin meanwhile.
func Scan(ctx workflow.Context, r ScanRequest) (Scanned, error) {
	workflow.SetCurrentDetails(ctx, "Looks at every customer: who enters **"+r.Journey+"** now?")
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: 24 * time.Hour,
		HeartbeatTimeout:    30 * time.Second, // a worker that dies in a scan holds it up no longer
		Summary:             "Look at every customer",
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: time.Second, MaximumInterval: time.Minute},
	})
	var scanned Scanned
	if err := workflow.ExecuteActivity(ctx, ActivityScan, r).Get(ctx, &scanned); err != nil {
		return scanned, err
	}
	workflow.SetCurrentDetails(ctx, scanned.Details())
	return scanned, nil
}

// Details is what a manager reads of a scan that is over, in markdown.
func (s Scanned) Details() string {
	if s.Note != "" {
		return "Nobody was looked at: " + s.Note
	}
	return fmt.Sprintf(`**%d entered.**

| looked at | would enter, but are or were in it | could not be judged |
| ---: | ---: | ---: |
| %d | %d | %d |
`, s.Entered, s.Looked, s.Refused, s.Failed)
}
