package telemetry

import (
	"context"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"

	"perennial/domain/contact"
	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/store"
	"perennial/workflows"
)

// InterceptActivity counts what each activity that this process runs was asked and answered.
func (w *watcher) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	return &activityWatcher{interceptor.ActivityInboundInterceptorBase{Next: next}, w.t}
}

type activityWatcher struct {
	interceptor.ActivityInboundInterceptorBase

	t *Telemetry
}

func (w *activityWatcher) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	var request any
	if len(in.Args) > 0 {
		request = in.Args[0]
	}
	w.t.name(ctx, request)
	began := time.Now()
	answer, err := w.Next.ExecuteActivity(ctx, in)
	if scan, ok := request.(workflows.ScanRequest); ok {
		w.t.scanned(ctx, scan.Journey, time.Since(began), err)
	}
	if err == nil {
		w.t.count(ctx, request, answer)
	}
	return answer, err
}

// name says in a span what it is about.
func (t *Telemetry) name(ctx context.Context, request any) {
	span := trace.SpanFromContext(ctx)
	if !span.IsRecording() {
		return
	}
	switch r := request.(type) {
	case workflows.PlanRequest:
		span.SetAttributes(touchAttributes(touchID(r.Touch), r.Touch.Journey, "")...)
	case workflows.DeliverRequest:
		span.SetAttributes(touchAttributes(touchID(r.Touch), r.Touch.Journey, r.Channel)...)
	}
}

// count counts an activity that answered.
func (t *Telemetry) count(ctx context.Context, request, answer any) {
	switch a := answer.(type) {
	case journey.Planned:
		if r, ok := request.(workflows.PlanRequest); ok {
			t.planned(ctx, r, a.Answer)
		}
	case journey.Delivered:
		if r, ok := request.(workflows.DeliverRequest); ok {
			t.delivered(ctx, r, a)
		}
	case workflows.Begun:
		if r, ok := request.(workflows.BeginRequest); ok { // so that the first failure is an increase
			t.counted.ended.Add(ctx, 0, metric.WithAttributes(attribute.String("journey", r.Journey), attribute.String("outcome", "failed")))
		}
	case workflows.Swept:
		t.swept(ctx, a)
	case workflows.Scanned:
		if r, ok := request.(workflows.ScanRequest); ok {
			t.looked(ctx, r.Journey, a)
		}
	case nil:
		if r, ok := request.(workflows.FinishRequest); ok {
			t.ended(ctx, journeyOf(activity.GetInfo(ctx).WorkflowExecution.ID), r.Outcome)
		}
	}
}

func (t *Telemetry) planned(ctx context.Context, r workflows.PlanRequest, a contact.Answer) {
	t.answered(ctx, "planning", a.Verdict, a.Reason)
	switch a.Verdict {
	case contact.Hold:
		t.counted.held.Record(ctx, a.At.Sub(r.At).Seconds(), label("reason", string(a.Reason)))
	case contact.Skip:
		t.touched(ctx, r.Touch.Journey, "", skipped(a.Reason))
	}
}

func (t *Telemetry) delivered(ctx context.Context, r workflows.DeliverRequest, d journey.Delivered) {
	switch d.How {
	case journey.Sent:
		t.answered(ctx, "delivery", contact.Send, "")
		t.touched(ctx, r.Touch.Journey, r.Channel, store.TouchSent)
		late := t.Clock.RealDuration(t.Clock.At(time.Now()).Sub(r.Due))
		t.counted.lateness.Record(ctx, max(0, late.Seconds()), label("channel", string(r.Channel)))
	case journey.Held:
		t.answered(ctx, "delivery", contact.Hold, d.Reason)
		t.counted.held.Record(ctx, d.Until.Sub(t.Clock.At(time.Now())).Seconds(), label("reason", string(d.Reason)))
	case journey.Skipped:
		t.answered(ctx, "delivery", contact.Skip, d.Reason)
		t.touched(ctx, r.Touch.Journey, r.Channel, skipped(d.Reason))
	case journey.Failed:
		t.touched(ctx, r.Touch.Journey, r.Channel, store.TouchFailed)
	case journey.Unconfirmed:
		t.touched(ctx, r.Touch.Journey, r.Channel, store.TouchUnconfirmed)
	}
}

func (t *Telemetry) answered(ctx context.Context, asked string, verdict contact.Verdict, reason contact.Reason) {
	t.counted.answers.Add(ctx, 1, metric.WithAttributes(
		attribute.String("asked", asked), attribute.String("verdict", string(verdict)), attribute.String("reason", orNone(string(reason)))))
}

func (t *Telemetry) touched(ctx context.Context, name string, channel customer.Channel, state store.TouchState) {
	t.counted.touches.Add(ctx, 1, metric.WithAttributes(
		attribute.String("journey", name), attribute.String("channel", orNone(string(channel))), attribute.String("state", string(state))))
}

func (t *Telemetry) swept(ctx context.Context, s workflows.Swept) {
	t.counted.routed.Add(ctx, int64(s.Events), metric.WithAttributes(attribute.String("by", "sweep"), attribute.String("result", routed)))
	for what, n := range map[string]int{"event": s.Events, "receipt": s.Receipts, "start": s.Started, "end": s.Reconciled, "schedule": s.Schedules, "doubt": s.Settled} {
		t.counted.swept.Add(ctx, int64(n), label("what", what))
	}
}

func (t *Telemetry) scanned(ctx context.Context, name string, took time.Duration, err error) {
	result := "completed"
	if err != nil {
		result = "failed"
	}
	t.counted.scans.Record(ctx, took.Seconds(), metric.WithAttributes(attribute.String("journey", name), attribute.String("result", result)))
}

func (t *Telemetry) looked(ctx context.Context, name string, s workflows.Scanned) {
	for result, n := range map[string]int{"looked_at": s.Looked, "entered": s.Entered, "refused": s.Refused, "failed": s.Failed} {
		t.counted.looked.Add(ctx, int64(n), metric.WithAttributes(attribute.String("journey", name), attribute.String("result", result)))
	}
}

func (t *Telemetry) ended(ctx context.Context, name, outcome string) {
	kind, _, _ := strings.Cut(outcome, ":")
	t.counted.ended.Add(ctx, 1, metric.WithAttributes(attribute.String("journey", name), attribute.String("outcome", kind)))
}

// journeyOf is the name of the journey in the id of its workflow.
func journeyOf(workflowID string) string {
	_, rest, _ := strings.Cut(workflowID, "/")
	name, _, _ := strings.Cut(rest, "/")
	return name
}

func skipped(reason contact.Reason) store.TouchState {
	if reason == contact.Expired {
		return store.TouchExpired
	}
	return store.TouchSkipped
}

func touchID(t workflows.Touch) string {
	return store.TouchKey{Enrollment: t.Enrollment, TouchKey: t.TouchKey}.ID()
}

func touchAttributes(touch, name string, channel customer.Channel) []attribute.KeyValue {
	return []attribute.KeyValue{
		attribute.String("perennial.touch", touch), attribute.String("perennial.journey", name), attribute.String("perennial.channel", string(channel)),
	}
}

func label(name, value string) metric.MeasurementOption {
	return metric.WithAttributes(attribute.String(name, value))
}

// orNone stands for what is not there: Prometheus takes an empty label for a missing one.
func orNone(value string) string {
	if value == "" {
		return "none"
	}
	return value
}
