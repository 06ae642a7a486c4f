package telemetry

import (
	"cmp"
	"context"
	"fmt"
	"os"

	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetricgrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// Metrics and traces go out by OTLP where OpenTelemetry's own variables name an endpoint, or ask for "otlp". The exporters read where to, with
// which headers and certificates. Unlike OpenTelemetry's default, nothing goes out where nothing is set.

// The protocols of OTLP that are built in.
const (
	overHTTP = "http/protobuf"
	overGRPC = "grpc"
)

// sentMetrics is where metrics are sent to; nil where nobody asks.
func sentMetrics(ctx context.Context) (sdkmetric.Exporter, error) {
	switch protocol, err := asked("METRICS", "prometheus"); protocol {
	case overHTTP:
		return otlpmetrichttp.New(ctx)
	case overGRPC:
		return otlpmetricgrpc.New(ctx)
	default:
		return nil, err
	}
}

// sentSpans is where traces are sent to; nil where nobody asks.
func sentSpans(ctx context.Context) (sdktrace.SpanExporter, error) {
	switch protocol, err := asked("TRACES", ""); protocol {
	case overHTTP:
		return otlptracehttp.New(ctx)
	case overGRPC:
		return otlptracegrpc.New(ctx)
	default:
		return nil, err
	}
}

// asked is by which protocol a signal is to be sent; "" is not at all. Another exporter may be named that serves the signal anyway.
func asked(signal, anyway string) (protocol string, err error) {
	exporter := "OTEL_" + signal + "_EXPORTER"
	switch named := os.Getenv(exporter); {
	case os.Getenv("OTEL_SDK_DISABLED") == "true" || named == "none" || named == anyway && named != "":
		return "", nil
	case named == "" && os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT") == "" && os.Getenv("OTEL_EXPORTER_OTLP_"+signal+"_ENDPOINT") == "":
		return "", nil
	case named != "" && named != "otlp":
		return "", fmt.Errorf("%s is %q: write otlp or none", exporter, named)
	}
	variable := "OTEL_EXPORTER_OTLP_" + signal + "_PROTOCOL"
	protocol = cmp.Or(os.Getenv(variable), os.Getenv("OTEL_EXPORTER_OTLP_PROTOCOL"), overHTTP)
	if protocol != overHTTP && protocol != overGRPC {
		return "", fmt.Errorf("%s or OTEL_EXPORTER_OTLP_PROTOCOL is %q: write %s or %s", variable, protocol, overHTTP, overGRPC)
	}
	return protocol, nil
}
