package telemetry

import (
	"cmp"
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"perennial/domain/customer"
	"perennial/store"
)

// Requests measures what a handler answers, and begins a trace for each request under /v1/, or goes on with the caller's.
func (t *Telemetry) Requests(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := context.WithValue(r.Context(), beganKey{}, time.Now())
		var span trace.Span
		if strings.HasPrefix(r.URL.Path, "/v1/") {
			ctx, span = t.tracer.Start(parentOnly{}.Extract(ctx, propagation.HeaderCarrier(r.Header)), r.Method, trace.WithSpanKind(trace.SpanKindServer))
			defer span.End()
		}
		r = r.WithContext(ctx)
		answer := &answer{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(answer, r)
		route, status := cmp.Or(r.Pattern, "none"), strconv.Itoa(answer.status)
		t.counted.requests.Record(ctx, since(ctx), metric.WithAttributes(attribute.String("route", route), attribute.String("status", status)))
		if span == nil {
			return
		}
		span.SetName(route)
		span.SetAttributes(attribute.Int("http.response.status_code", answer.status))
		if answer.status >= http.StatusInternalServerError {
			span.SetStatus(codes.Error, "status "+status)
		}
	})
}

// beganKey is when the request that a context belongs to came.
type beganKey struct{}

// since is how long ago that was, in seconds; 0 where there is none.
func since(ctx context.Context) float64 {
	began, ok := ctx.Value(beganKey{}).(time.Time)
	if !ok {
		return 0
	}
	return time.Since(began).Seconds()
}

// answer remembers the status of an answer.
type answer struct {
	http.ResponseWriter

	status int
}

func (a *answer) WriteHeader(status int) {
	a.status = status
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// Dispatcher carries on to the journeys what was stored.
type Dispatcher interface {
	Dispatch(context.Context, store.Event) error
	DispatchReceipt(context.Context, store.Touch) error
}

// Dispatcher returns a dispatcher that counts what it carries on, with how long that took since the event was handed in.
func (t *Telemetry) Dispatcher(next Dispatcher) Dispatcher { return &dispatcher{t, next} }

type dispatcher struct {
	t    *Telemetry
	next Dispatcher
}

// What became of an event that was to be routed.
const (
	routed    = "routed"
	notRouted = "failed"
)

func (d *dispatcher) Dispatch(ctx context.Context, e store.Event) error {
	ctx, span := d.t.tracer.Start(ctx, "route "+e.Type, trace.WithAttributes(
		attribute.String("perennial.event", e.ID), attribute.String("perennial.customer", e.Customer)))
	defer span.End()
	err := d.next.Dispatch(ctx, e)
	result := routed
	if err != nil {
		result = notRouted
		span.SetStatus(codes.Error, err.Error())
	} else {
		d.t.counted.lag.Record(ctx, d.t.lag(ctx, e))
	}
	d.t.counted.routed.Add(ctx, 1, metric.WithAttributes(attribute.String("by", "gateway"), attribute.String("result", result)))
	return err
}

// lag is how long ago an event was handed in, in seconds of real time: by the request that brought it, or by what is stored of it.
func (t *Telemetry) lag(ctx context.Context, e store.Event) float64 {
	if e.ReceivedAt.IsZero() {
		return since(ctx)
	}
	return t.Clock.RealDuration(t.Clock.At(time.Now()).Sub(e.ReceivedAt)).Seconds()
}

// DispatchReceipt only passes it on: receipts are counted as they come in.
func (d *dispatcher) DispatchReceipt(ctx context.Context, touch store.Touch) error {
	return d.next.DispatchReceipt(ctx, touch)
}

// EventsReceived counts events that were handed in.
func (t *Telemetry) EventsReceived(ctx context.Context, stored, duplicates int) {
	t.counted.received.Add(ctx, int64(stored), label("status", "stored"))
	t.counted.received.Add(ctx, int64(duplicates), label("status", "duplicate"))
}

// MessageReceived counts something that a customer wrote to us, by what it was taken for.
func (t *Telemetry) MessageReceived(ctx context.Context, on customer.Channel, meaning string) {
	t.counted.messages.Add(ctx, 1, metric.WithAttributes(attribute.String("channel", string(on)), attribute.String("meaning", meaning)))
}

// MailReceived counts a mail that came to us, by what became of it.
func (t *Telemetry) MailReceived(ctx context.Context, result store.MailResult) {
	t.counted.mails.Add(ctx, 1, label("result", string(result)))
}

// MailboxLookedAt notes that all that was new in the mailbox has just been taken, or that this is about to be tried for the first time.
func (t *Telemetry) MailboxLookedAt(ctx context.Context) {
	t.counted.mailbox.Record(ctx, time.Now().Unix())
}

// Receipt counts what a provider says of a touch, and writes it into the touch's trace where it brings back the mark that the message carried.
// The request that brought it is a trace of its own: they know of each other.
func (t *Telemetry) Receipt(ctx context.Context, provider, touch string, state store.TouchState, mark string) {
	t.counted.receipts.Add(ctx, 1, metric.WithAttributes(attribute.String("provider", provider), attribute.String("state", string(state))))
	_, span := t.tracer.Start(at(trace.ContextWithSpanContext(ctx, trace.SpanContext{}), mark), "receipt "+string(state),
		trace.WithLinks(trace.LinkFromContext(ctx)), trace.WithSpanKind(trace.SpanKindServer),
		trace.WithAttributes(attribute.String("perennial.touch", touch), attribute.String("perennial.state", string(state))))
	span.End()
}
