package telemetry

import (
	"context"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"

	"perennial/workflows"
)

// InterceptClient counts the enrollments that this process starts, whatever lets them enter.
func (w *watcher) InterceptClient(next interceptor.ClientOutboundInterceptor) interceptor.ClientOutboundInterceptor {
	return &clientWatcher{interceptor.ClientOutboundInterceptorBase{Next: next}, w.t}
}

type clientWatcher struct {
	interceptor.ClientOutboundInterceptorBase

	t *Telemetry
}

func (w *clientWatcher) ExecuteWorkflow(ctx context.Context, in *interceptor.ClientExecuteWorkflowInput) (client.WorkflowRun, error) {
	run, err := w.Next.ExecuteWorkflow(ctx, in)
	if err == nil && in.WorkflowType == workflows.JourneyWorkflow {
		w.t.counted.entered.Add(ctx, 1, label("journey", journeyOf(in.Options.ID)))
	}
	return run, err
}
