package telemetry

import (
	"errors"
	"path/filepath"
	"slices"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"pgregory.net/rapid"

	"perennial/workflows"
)

func TestWhateverIsInASpanNoPhoneAndNoEmailIsSent(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text, hidden := secret(t)
		spans := tracetest.NewInMemoryExporter()
		tracer := sdktrace.NewTracerProvider(sdktrace.WithSyncer(privateSpans{spans})).Tracer("")
		_, span := tracer.Start(t.Context(), text, trace.WithAttributes(attribute.String("why", text), attribute.StringSlice("all", []string{"one", text})),
			trace.WithLinks(trace.Link{Attributes: []attribute.KeyValue{attribute.String("why", text)}}))
		span.RecordError(errors.New(text))
		span.SetStatus(codes.Error, text)
		span.End()
		for _, sent := range spans.GetSpans() {
			said := []string{sent.Name, sent.Status.Description}
			groups := [][]attribute.KeyValue{sent.Attributes}
			for _, link := range sent.Links {
				groups = append(groups, link.Attributes)
			}
			for _, event := range sent.Events {
				groups = append(groups, event.Attributes)
			}
			for _, a := range slices.Concat(groups...) {
				said = append(said, a.Value.String())
			}
			for _, word := range said {
				if shows("INFO"+word, hidden) {
					t.Fatalf("%q is in %q", hidden, word)
				}
			}
		}
	})
}

// TestHistoriesOfEachReleaseReplayWhileTraced takes up runs that were never traced, in a worker that traces.
func TestHistoriesOfEachReleaseReplayWhileTraced(t *testing.T) {
	t.Parallel()
	told, err := New(t.Context(), Options{Spans: tracetest.NewInMemoryExporter()})
	if err != nil {
		t.Fatal(err)
	}
	watched, err := told.Temporal(client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var interceptors []interceptor.WorkerInterceptor
	for _, i := range watched.Interceptors {
		interceptors = append(interceptors, i.(interceptor.WorkerInterceptor))
	}
	files, err := filepath.Glob(filepath.Join("..", "workflows", "testdata", "histories", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no histories: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			replayer, err := worker.NewWorkflowReplayerWithOptions(worker.WorkflowReplayerOptions{Interceptors: interceptors})
			if err != nil {
				t.Fatal(err)
			}
			replayer.RegisterWorkflowWithOptions(workflows.Journey, workflow.RegisterOptions{Name: workflows.JourneyWorkflow})
			if err := replayer.ReplayWorkflowHistoryFromJSONFile(nil, file); err != nil {
				t.Error(err)
			}
		})
	}
}
