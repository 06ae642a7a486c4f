package telemetry

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"perennial/store"
)

// collector is an OpenTelemetry collector that keeps what it is sent, by path.
type collector struct {
	*httptest.Server

	mu   sync.Mutex
	sent map[string][]byte
}

func collect(t *testing.T) *collector {
	t.Helper()
	c := &collector{sent: map[string][]byte{}}
	c.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.sent[r.URL.Path] = append(c.sent[r.URL.Path], body...)
	}))
	t.Cleanup(c.Close)
	return c
}

// something happens, and the process ends.
func tell(t *testing.T) {
	t.Helper()
	told, err := New(t.Context(), Options{Service: "perennial-test", Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	if err != nil {
		t.Fatal(err)
	}
	told.EventsReceived(t.Context(), 3, 1)
	told.Receipt(t.Context(), "twilio", "17.welcome.1.1 of ada@example.org", store.TouchDelivered, "")
	if err := told.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestWhatIsAskedForIsSentWithoutPersonalData(t *testing.T) {
	c := collect(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", c.URL)
	tell(t)
	for path, want := range map[string]string{"/v1/metrics": "perennial.events.received", "/v1/traces": "17.welcome.1.1 of (e-mail)"} {
		if got := c.sent[path]; !bytes.Contains(got, []byte(want)) || !bytes.Contains(got, []byte("perennial-test")) {
			t.Errorf("%s got %q", path, got)
		}
	}
}

func TestOnlyTheSignalThatIsAskedForIsSent(t *testing.T) {
	c := collect(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", c.URL)
	t.Setenv("OTEL_METRICS_EXPORTER", "none")
	tell(t)
	if len(c.sent) != 1 || c.sent["/v1/traces"] == nil {
		t.Errorf("what was sent: %v", c.sent)
	}
}

func TestNothingIsSentUnlessSomebodyAsks(t *testing.T) {
	for _, environment := range []map[string]string{
		{},
		{"OTEL_SERVICE_NAME": "me", "OTEL_METRICS_EXPORTER": "prometheus"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector.example:4318", "OTEL_SDK_DISABLED": "true"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector.example:4318", "OTEL_METRICS_EXPORTER": "none", "OTEL_TRACES_EXPORTER": "none"},
	} {
		t.Run("", func(t *testing.T) {
			for name, value := range environment {
				t.Setenv(name, value)
			}
			metrics, err := sentMetrics(t.Context())
			if metrics != nil || err != nil {
				t.Errorf("%v: metrics go to %v, %v", environment, metrics, err)
			}
			spans, err := sentSpans(t.Context())
			if spans != nil || err != nil {
				t.Errorf("%v: traces go to %v, %v", environment, spans, err)
			}
		})
	}
}

func TestGRPCIsBuiltIn(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
	t.Setenv("OTEL_TRACES_EXPORTER", "otlp")
	t.Setenv("OTEL_METRICS_EXPORTER", "otlp")
	if spans, err := sentSpans(t.Context()); spans == nil || err != nil {
		t.Errorf("traces: %v, %v", spans, err)
	}
	if metrics, err := sentMetrics(t.Context()); metrics == nil || err != nil {
		t.Errorf("metrics: %v, %v", metrics, err)
	}
}

func TestWhatCannotBeSentSaysWhatToWrite(t *testing.T) {
	for _, c := range []struct{ name, value, want string }{
		{"OTEL_TRACES_EXPORTER", "zipkin", `OTEL_TRACES_EXPORTER is "zipkin": write otlp or none`},
		{"OTEL_METRICS_EXPORTER", "console", `OTEL_METRICS_EXPORTER is "console": write otlp or none`},
		{"OTEL_EXPORTER_OTLP_PROTOCOL", "http/json", "write http/protobuf or grpc"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector.example:4318")
			t.Setenv(c.name, c.value)
			if _, err := New(t.Context(), Options{}); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}
