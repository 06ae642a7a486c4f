package telemetry

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"perennial/channel"
	"perennial/domain/customer"
)

// Sender hands one message to one provider.
type Sender interface {
	Send(context.Context, channel.Message) (channel.Receipt, error)
}

// Sender returns a sender whose calls are measured and traced. A message carries the mark of its trace, for the provider to bring back.
func (t *Telemetry) Sender(on customer.Channel, next Sender) Sender { return &sender{t, on, next} }

type sender struct {
	t    *Telemetry
	on   customer.Channel
	next Sender
}

// sent is the class of a call that ended in a receipt; any other is a [channel.Kind].
const sent = "sent"

func (s *sender) Send(ctx context.Context, m channel.Message) (channel.Receipt, error) {
	ctx, span := s.t.tracer.Start(ctx, "send "+string(s.on), trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
		attribute.String("perennial.touch", m.Touch), attribute.String("perennial.channel", string(s.on))))
	defer span.End()
	m.Trace = mark(ctx)
	began := time.Now()
	receipt, err := s.next.Send(ctx, m)
	class := sent
	if err != nil {
		why := channel.AsError(err)
		class = string(why.Kind)
		span.SetStatus(codes.Error, why.Error())
	}
	span.SetAttributes(attribute.String("perennial.class", class))
	s.t.counted.calls.Record(ctx, time.Since(began).Seconds(), metric.WithAttributes(
		attribute.String("channel", string(s.on)), attribute.String("class", class)))
	return receipt, err
}
