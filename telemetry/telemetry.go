package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	prometheusexporter "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/metric"
	nometric "go.opentelemetry.io/otel/metric/noop"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	notrace "go.opentelemetry.io/otel/trace/noop"

	"perennial/domain/clock"
)

// Options say who tells of itself.
type Options struct {
	// Service is what the process is called in traces and in target_info, such as "perennial-worker". OTEL_SERVICE_NAME replaces it.
	Service string

	// Clock is that of the stack. How late something is, is told in real time.
	Clock clock.Clock

	// Log hears what goes wrong with telling.
	Log *slog.Logger

	// Spans gets every span at once, whatever OTEL_* say. For tests. Defaults to none.
	Spans sdktrace.SpanExporter
}

// Telemetry is what one process tells of itself. It is made once and handed to where things happen.
type Telemetry struct {
	Options

	registry *prometheus.Registry
	meter    metric.Meter
	sdkMeter metric.Meter // of Temporal's SDK
	tracer   trace.Tracer
	traces   bool // somebody gets them
	counted  counted
	close    []func(context.Context) error
}

// name is under which OpenTelemetry knows that a metric or a span is ours.
const name = "perennial"

// Off counts nothing and traces nothing: for what is not watched.
func Off() *Telemetry {
	t := &Telemetry{
		Options: Options{Log: slog.New(slog.DiscardHandler)}, registry: prometheus.NewRegistry(),
		meter: nometric.Meter{}, sdkMeter: nometric.Meter{}, tracer: notrace.Tracer{},
	}
	t.counted, _ = newCounted(t.meter) // its instruments are all the same nothing
	return t
}

// New counts for whoever scrapes, and sends metrics and traces where OTEL_* ask for that: without them nothing leaves the machine. Close it.
func New(ctx context.Context, o Options) (*Telemetry, error) {
	t := &Telemetry{Options: o, registry: prometheus.NewRegistry()}
	itself, err := resource.New(ctx,
		resource.WithTelemetrySDK(),
		resource.WithAttributes(attribute.String("service.name", o.Service), attribute.String("service.instance.id", uuid.NewString())),
		resource.WithFromEnv(),
	)
	if err != nil {
		return nil, fmt.Errorf("say who tells: OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	if err := t.openMetrics(ctx, itself); err != nil {
		return nil, err
	}
	if err := t.openTraces(ctx, itself); err != nil {
		return nil, errors.Join(err, t.Close(ctx))
	}
	return t, nil
}

func (t *Telemetry) openMetrics(ctx context.Context, itself *resource.Resource) error {
	scraped, err := prometheusexporter.New(prometheusexporter.WithRegisterer(t.registry), prometheusexporter.WithoutScopeInfo())
	if err != nil {
		return fmt.Errorf("prepare /metrics: %w", err)
	}
	options := []sdkmetric.Option{sdkmetric.WithResource(itself), sdkmetric.WithReader(scraped), sdkmetric.WithView(temporalLatencies)}
	sent, err := sentMetrics(ctx)
	if err != nil {
		return err
	}
	if sent != nil {
		t.tellOfErrors()
		options = append(options, sdkmetric.WithReader(sdkmetric.NewPeriodicReader(sent)))
	}
	provider := sdkmetric.NewMeterProvider(options...)
	t.close = append(t.close, provider.Shutdown)
	t.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	t.meter, t.sdkMeter = provider.Meter(name), provider.Meter("go.temporal.io/sdk")
	t.counted, err = newCounted(t.meter)
	return err
}

func (t *Telemetry) openTraces(ctx context.Context, itself *resource.Resource) error {
	t.tracer = notrace.Tracer{}
	sent, err := sentSpans(ctx)
	if err != nil {
		return err
	}
	if sent == nil && t.Spans == nil {
		return nil
	}
	options := []sdktrace.TracerProviderOption{sdktrace.WithResource(itself)}
	if sent != nil {
		t.tellOfErrors()
		options = append(options, sdktrace.WithBatcher(privateSpans{sent}))
	}
	if t.Spans != nil {
		options = append(options, sdktrace.WithSyncer(privateSpans{t.Spans}))
	}
	provider := sdktrace.NewTracerProvider(options...)
	t.close = append(t.close, provider.Shutdown)
	t.tracer, t.traces = provider.Tracer(name), true
	return nil
}

// tellOfErrors writes into our log what OpenTelemetry would write on standard error. It knows one place for all of a process.
func (t *Telemetry) tellOfErrors() {
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) {
		t.Log.Warn("Metrics or traces can't be sent where OTEL_* say.", "error", err)
	}))
}

// closeTime bounds the last sending, in real time.
const closeTime = 5 * time.Second

// Close sends what has not been sent.
func (t *Telemetry) Close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTime)
	defer cancel()
	var failed []error
	for _, end := range t.close {
		failed = append(failed, end(ctx))
	}
	return errors.Join(failed...)
}

// Metrics answers Prometheus. What it says holds no personal data, but figures of the business.
func (t *Telemetry) Metrics() http.Handler {
	return promhttp.HandlerFor(t.registry, promhttp.HandlerOpts{
		ErrorHandling: promhttp.ContinueOnError, MaxRequestsInFlight: 4, ErrorLog: slog.NewLogLogger(t.Log.Handler(), slog.LevelWarn),
	})
}
