package activities

import (
	"context"
	"time"

	"go.temporal.io/sdk/activity"

	"perennial/workflows"
)

// alive tells the server that an activity goes on.
func alive(ctx context.Context) {
	if activity.IsActivity(ctx) {
		activity.RecordHeartbeat(ctx)
	}
}

// keepAlive tells the server now and then that an attempt goes on, until done is called. Nearly all end before it is told once. The attempt works with the
// context that it returns: it has the attempt's deadline, and is not cut short by what the server answers, such as that nobody waits for it any more.
func keepAlive(ctx context.Context, p workflows.Patience) (work context.Context, done func()) {
	deadline, ok := ctx.Deadline()
	if !ok {
		deadline = time.Now().Add(p.Attempt())
	}
	work, done = context.WithDeadline(context.WithoutCancel(ctx), deadline)
	go func() {
		ticker := time.NewTicker(p.Heartbeat() / 3)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				alive(ctx)
			case <-work.Done():
				return
			}
		}
	}()
	return work, done
}
