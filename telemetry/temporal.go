package telemetry

import (
	"fmt"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/opentelemetry"
	"go.temporal.io/sdk/interceptor"
)

// Temporal returns the options of a client, and of the workers made from it, that is watched: the SDK's own metrics, traces that go on from one
// process to the next, and what is counted of activities and enrollments.
func (t *Telemetry) Temporal(o client.Options) (client.Options, error) {
	o.MetricsHandler = opentelemetry.NewMetricsHandler(opentelemetry.MetricsHandlerOptions{
		Meter: t.sdkMeter, UseMonotonicCounters: true,
		OnError: func(err error) { t.Log.Warn("A metric of Temporal's SDK can't be counted.", "error", err) },
	})
	if t.traces {
		// Queries and updates are questions of people, and no part of what an event leads to.
		tracing, err := opentelemetry.NewTracingInterceptor(opentelemetry.TracerOptions{
			Tracer: t.tracer, TextMapPropagator: parentOnly{}, DisableBaggage: true, SpanStarter: startSpan,
			DisableQueryTracing: true, DisableUpdateTracing: true, AllowInvalidParentSpans: true,
		})
		if err != nil {
			return client.Options{}, fmt.Errorf("prepare tracing: %w", err)
		}
		o.Interceptors = append(o.Interceptors, tracing)
	}
	o.Interceptors = append(o.Interceptors, &watcher{t: t})
	return o, nil
}

// watcher counts what a client starts, and what the activities of its workers answer. It changes neither.
type watcher struct {
	interceptor.InterceptorBase

	t *Telemetry
}
