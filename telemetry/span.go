package telemetry

import (
	"context"
	"slices"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// privateSpans sends spans without personal data: errors are written into them as they are.
type privateSpans struct{ sdktrace.SpanExporter }

func (p privateSpans) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	clean := make([]sdktrace.ReadOnlySpan, len(spans))
	for i, span := range spans {
		clean[i] = privateSpan{span}
	}
	return p.SpanExporter.ExportSpans(ctx, clean)
}

// privateSpan is a span whose texts are redacted.
type privateSpan struct{ sdktrace.ReadOnlySpan }

func (s privateSpan) Name() string { return Redact(s.ReadOnlySpan.Name()) }

func (s privateSpan) Attributes() []attribute.KeyValue { return redacted(s.ReadOnlySpan.Attributes()) }

func (s privateSpan) Status() sdktrace.Status {
	status := s.ReadOnlySpan.Status()
	status.Description = Redact(status.Description)
	return status
}

func (s privateSpan) Events() []sdktrace.Event {
	events := slices.Clone(s.ReadOnlySpan.Events())
	for i := range events {
		events[i].Name, events[i].Attributes = Redact(events[i].Name), redacted(events[i].Attributes)
	}
	return events
}

func (s privateSpan) Links() []sdktrace.Link {
	links := slices.Clone(s.ReadOnlySpan.Links())
	for i := range links {
		links[i].Attributes = redacted(links[i].Attributes)
	}
	return links
}

func redacted(attributes []attribute.KeyValue) []attribute.KeyValue {
	clean := slices.Clone(attributes)
	for i, a := range clean {
		switch a.Value.Type() {
		case attribute.STRING:
			clean[i].Value = attribute.StringValue(Redact(a.Value.AsString()))
		case attribute.STRINGSLICE:
			texts := a.Value.AsStringSlice()
			for j := range texts {
				texts[j] = Redact(texts[j])
			}
			clean[i].Value = attribute.StringSliceValue(texts)
		}
	}
	return clean
}

// parentOnly carries the id of a trace and of a span from one process to another, and nothing else: tracestate and baggage hold what callers
// please, and what is carried stands in the histories of Temporal.
type parentOnly struct{ propagation.TraceContext }

func (p parentOnly) Inject(ctx context.Context, carrier propagation.TextMapCarrier) {
	bare := trace.SpanContextFromContext(ctx).WithTraceState(trace.TraceState{})
	p.TraceContext.Inject(trace.ContextWithSpanContext(ctx, bare), carrier)
}

func (p parentOnly) Extract(ctx context.Context, carrier propagation.TextMapCarrier) context.Context {
	ctx = p.TraceContext.Extract(ctx, carrier)
	return trace.ContextWithRemoteSpanContext(ctx, trace.SpanContextFromContext(ctx).WithTraceState(trace.TraceState{}))
}

const traceparent = "traceparent"

// mark is where a trace stands, in one word that somebody else can hand back to us.
func mark(ctx context.Context) string {
	carrier := propagation.MapCarrier{}
	parentOnly{}.Inject(ctx, carrier)
	return carrier[traceparent]
}

// at goes on with a trace where its mark was made; a mark that is none changes nothing.
func at(ctx context.Context, mark string) context.Context {
	return parentOnly{}.Extract(ctx, propagation.MapCarrier{traceparent: mark})
}

// startSpan starts the spans that the interceptor of Temporal's SDK asks for, but for some. A run is none: it lives for months, is
// taken up by other processes, and its span would be lost; what hangs on it hangs on the one that started it. A schedule is none: all
// that it ever runs would be one trace. And what a run or an activity does begins no trace: the sweep would make thousands a day.
func startSpan(ctx context.Context, t trace.Tracer, name string, options ...trace.SpanStartOption) trace.Span {
	switch operation, _, _ := strings.Cut(name, ":"); {
	case operation == "CreateSchedule":
		return trace.SpanFromContext(context.Background())
	case operation == "RunWorkflow":
		return trace.SpanFromContext(ctx)
	case slices.Contains([]string{"StartActivity", "RunActivity"}, operation) && !trace.SpanContextFromContext(ctx).IsValid():
		return trace.SpanFromContext(ctx)
	}
	_, span := t.Start(ctx, name, options...)
	return span
}
