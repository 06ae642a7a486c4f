package main

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/protobuf/proto"

	"perennial/domain/clock"
	"perennial/workflows"
)

// The trace that whoever hands in an event is in already, and what else their headers say.
const (
	callersTrace = "4bf92f3577b34da6a3ce929d0e0e4736"
	callersSpan  = "00f067aa0ba902b7"
	callersState = "vendor=12015550199"
	callersBag   = "who=ada.fairley%40example.org"
)

func TestOneTraceLeadsFromTheEventToTheReceipt(t *testing.T) {
	t.Parallel()
	spans := tracetest.NewInMemoryExporter()
	b := openMain(t, clock.Starting(monday, time.Now(), rate), func(m *Main) { m.Spans = spans })
	b.work()
	b.publish(short())
	b.know(ada)

	body := fmt.Sprintf(`{"id":"e-1","type":"purchase","customer":%q,"at":%q,"data":%s}`, ada.id, monday.Format(time.RFC3339), purchase)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.gateway+"/v1/events", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Traceparent", "00-"+callersTrace+"-"+callersSpan+"-01")
	request.Header.Set("Tracestate", callersState)
	request.Header.Set("Baggage", callersBag)
	answer, err := http.DefaultClient.Do(request)
	if err != nil || answer.StatusCode != http.StatusAccepted {
		t.Fatal(answer, err)
	}
	answer.Body.Close()

	b.eventually("the receipt of the welcome has come", func() bool {
		return slices.ContainsFunc(spans.GetSpans(), func(s tracetest.SpanStub) bool {
			return s.Name == "receipt delivered" && attributeOf(s, "perennial.touch") == b.touchID("welcome")
		})
	})
	all := spans.GetSpans()
	var path []string
	at := slices.IndexFunc(all, func(s tracetest.SpanStub) bool { return s.Name == "receipt delivered" })
	for span := all[at]; ; span = all[at] {
		if got := span.SpanContext.TraceID().String(); got != callersTrace {
			t.Fatalf("%s is in trace %s", span.Name, got)
		}
		path = append(path, span.Name)
		if at = slices.IndexFunc(all, func(s tracetest.SpanStub) bool { return s.SpanContext.SpanID() == span.Parent.SpanID() }); at < 0 {
			if span.Parent.SpanID().String() != callersSpan {
				t.Errorf("the path ends at %s, whose parent nobody has", span.Name)
			}
			break
		}
	}
	slices.Reverse(path)
	want := []string{
		"POST /v1/events", "route purchase", "StartWorkflow:Journey", "StartActivity:Deliver", "RunActivity:Deliver", "send sms", "receipt delivered",
	}
	if !slices.Equal(path, want) {
		t.Errorf("the path is\n%s\nwant\n%s", strings.Join(path, "\n"), strings.Join(want, "\n"))
	}
	for _, span := range all {
		for _, secret := range b.secrets() {
			if strings.Contains(fmt.Sprintf("%+v", span), secret) {
				t.Errorf("span %s says %s", span.Name, secret)
			}
		}
	}

	recorded := b.history("short", ada.id)
	raw, err := proto.Marshal(recorded)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(raw, []byte(callersTrace)) {
		t.Error("the trace is not in the history: it would end here")
	}
	for _, secret := range b.secrets() {
		if bytes.Contains(raw, []byte(secret)) {
			t.Errorf("the history says %s", secret)
		}
	}
	b.replays(recorded)
}

func TestTheSweepMakesNoTraces(t *testing.T) {
	t.Parallel()
	spans := tracetest.NewInMemoryExporter()
	b := openMain(t, clock.Starting(monday, time.Now(), rate), func(m *Main) { m.Spans = spans })
	b.work()
	b.eventually("it has swept", func() bool { return strings.Contains(b.metrics(), "\nperennial_swept_total{") })
	for _, span := range spans.GetSpans() {
		t.Errorf("there is %s", span.Name)
	}
}

// secrets are what a trace and a history must not say.
func (b *business) secrets() []string {
	return []string{ada.name, ada.phone[1:], ada.email, callersState, callersBag, "12015550199", "ada.fairley"}
}

func (b *business) touchID(step string) string {
	return fmt.Sprintf("%d.%s.1.1", b.enrollment(ada.id).ID, step)
}

// history is that of somebody's run.
func (b *business) history(journey, who string) *history.History {
	b.Helper()
	recorded := &history.History{}
	events := b.main.client.GetWorkflowHistory(b.Context(), workflows.WorkflowID(journey, who, ""), "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			b.Fatal(err)
		}
		recorded.Events = append(recorded.Events, event)
	}
	return recorded
}

// replays insists that a run that was traced is taken up by a worker that traces, and by one that does not.
func (b *business) replays(recorded *history.History) {
	b.Helper()
	watched, err := b.main.telemetry.Temporal(b.main.Temporal)
	if err != nil {
		b.Fatal(err)
	}
	var traced []interceptor.WorkerInterceptor
	for _, i := range watched.Interceptors {
		traced = append(traced, i.(interceptor.WorkerInterceptor))
	}
	for name, interceptors := range map[string][]interceptor.WorkerInterceptor{"traced": traced, "not traced": nil} {
		replayer, err := worker.NewWorkflowReplayerWithOptions(worker.WorkflowReplayerOptions{Interceptors: interceptors})
		if err != nil {
			b.Fatal(err)
		}
		replayer.RegisterWorkflowWithOptions(workflows.Journey, workflow.RegisterOptions{Name: workflows.JourneyWorkflow})
		if err := replayer.ReplayWorkflowHistory(nil, proto.Clone(recorded).(*history.History)); err != nil {
			b.Errorf("%s: %v", name, err)
		}
	}
}

func attributeOf(s tracetest.SpanStub, key string) string {
	for _, a := range s.Attributes {
		if string(a.Key) == key {
			return a.Value.AsString()
		}
	}
	return ""
}
