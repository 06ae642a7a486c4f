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

// Asker asks one provider whether it took a message.
type Asker interface {
	Ask(context.Context, channel.Message, time.Time) (channel.Found, error)
}

// Sender returns a sender whose calls are measured and traced. A message carries the mark of its trace, for the provider to bring back.
func (t *Telemetry) Sender(on customer.Channel, next Sender) Sender { return &sender{t, on, next} }

type sender struct {
	t    *Telemetry
	on   customer.Channel
	next Sender
}

// call begins the span of a provider's call about a touch.
func (t *Telemetry) call(ctx context.Context, what string, on customer.Channel, touch string) (context.Context, trace.Span) {
	return t.tracer.Start(ctx, what+" "+string(on), trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
		attribute.String("perennial.touch", touch), attribute.String("perennial.channel", string(on))))
}

// sent is the class of a call that ended in a receipt; any other is a [channel.Kind].
const sent = "sent"

func (s *sender) Send(ctx context.Context, m channel.Message) (channel.Receipt, error) {
	ctx, span := s.t.call(ctx, "send", s.on, m.Touch)
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

// Asker returns an asker whose answers are counted, with how long they took.
func (t *Telemetry) Asker(on customer.Channel, next Asker) Asker { return &asker{t, on, next} }

type asker struct {
	t    *Telemetry
	on   customer.Channel
	next Asker
}

// What a provider says that is asked whether it took a message; where it can't be asked it is a [channel.Kind].
const (
	taken    = "taken"   // or a twin of it: two touches may say the same
	unclear  = "unclear" // it took something that may be it
	notTaken = "not_taken"
)

func (a *asker) Ask(ctx context.Context, m channel.Message, since time.Time) (channel.Found, error) {
	ctx, span := a.t.call(ctx, "ask", a.on, m.Touch)
	defer span.End()
	began := time.Now()
	found, err := a.next.Ask(ctx, m, since)
	answer := notTaken
	switch {
	case err != nil:
		why := channel.AsError(err)
		answer = string(why.Kind)
		span.SetStatus(codes.Error, why.Error())
	case len(found.Ours) > 0:
		answer = taken
	case len(found.Others) > 0 || found.Partial:
		answer = unclear
	}
	span.SetAttributes(attribute.String("perennial.answer", answer))
	a.t.counted.asks.Record(ctx, time.Since(began).Seconds(), metric.WithAttributes(
		attribute.String("channel", string(a.on)), attribute.String("answer", answer)))
	return found, err
}
