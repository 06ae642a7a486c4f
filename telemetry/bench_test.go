package telemetry

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.temporal.io/sdk/client"

	"perennial/channel"
	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/workflows"
)

// nothing is a provider that takes everything at once.
type nothing struct{}

func (nothing) Send(context.Context, channel.Message) (channel.Receipt, error) {
	return channel.Receipt{}, nil
}

// BenchmarkWatching is what a delivery pays for being watched, and nothing else of it: one call of a provider, and one answer.
func BenchmarkWatching(b *testing.B) {
	for name, o := range map[string]Options{"counted": {}, "traced": {Spans: tracetest.NewNoopExporter()}} {
		b.Run(name, func(b *testing.B) {
			o.Log = slog.New(slog.DiscardHandler)
			t, err := New(b.Context(), o)
			if err != nil {
				b.Fatal(err)
			}
			sender := t.Sender(customer.SMS, nothing{})
			request := workflows.DeliverRequest{Touch: workflows.Touch{TouchKey: journey.TouchKey{Step: "welcome"}, Journey: "onboarding"}, Channel: customer.SMS}
			b.ReportAllocs()
			for b.Loop() {
				ctx, span := t.tracer.Start(b.Context(), "RunActivity:Deliver")
				t.name(ctx, request)
				if _, err := sender.Send(ctx, channel.Message{Touch: "1.welcome.1.1"}); err != nil {
					b.Fatal(err)
				}
				t.count(ctx, request, journey.Delivered{How: journey.Sent})
				span.End()
			}
		})
	}
}

// BenchmarkTemporalsOwn is what the SDK's metrics cost: it looks its instruments up anew each time. An activity asks for about ten.
func BenchmarkTemporalsOwn(b *testing.B) {
	t, err := New(b.Context(), Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	options, err := t.Temporal(client.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		options.MetricsHandler.WithTags(map[string]string{"activity_type": "Deliver", "task_queue": "deliver-sms"}).
			Timer("temporal_activity_execution_latency").Record(time.Millisecond)
	}
}

// BenchmarkRedact is what a line of a log costs: one with nothing to hide, and one with much.
func BenchmarkRedact(b *testing.B) {
	for name, text := range map[string]string{
		"plain":   "A touch's result can't be written down yet.",
		"digits":  "run 019ac3f2-1234-7890-8123-456789012345 of journey/onboarding/c-1042 at 2026-05-04T11:00:00.123Z",
		"persons": "550 ada@example.org is unknown, call +1 201 555 0101 at 2026-05-04T11:00:00.123Z",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Redact(text)
			}
		})
	}
}
