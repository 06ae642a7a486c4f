package telemetry

import (
	"errors"

	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
)

// counted are the instruments. Their names, units and labels are described in docs/observability.md; Prometheus sees "perennial.touches" as
// perennial_touches_total and "perennial.event.lag" as perennial_event_lag_seconds. No label names a customer.
type counted struct {
	touches  metric.Int64Counter     // journey, channel, state
	answers  metric.Int64Counter     // asked, verdict, reason
	held     metric.Float64Histogram // reason
	lateness metric.Float64Histogram // channel
	calls    metric.Float64Histogram // channel, class
	asks     metric.Float64Histogram // channel, answer
	receipts metric.Int64Counter     // provider, state
	messages metric.Int64Counter     // channel, meaning
	mails    metric.Int64Counter     // result
	mailbox  metric.Int64Gauge       //

	received metric.Int64Counter     // status
	routed   metric.Int64Counter     // by, result
	lag      metric.Float64Histogram //

	entered metric.Int64Counter // journey
	ended   metric.Int64Counter // journey, outcome
	swept   metric.Int64Counter // what

	scans  metric.Float64Histogram // journey, result
	looked metric.Int64Counter     // journey, result

	requests metric.Float64Histogram // route, status
}

// The bounds of histograms, in seconds: of what a program waits for, of what people notice, and of what lasts.
var (
	quick   = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}
	noticed = []float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 14400}
	lasting = []float64{60, 300, 900, 3600, 2 * 3600, 4 * 3600, 8 * 3600, 16 * 3600, 86400, 2 * 86400, 4 * 86400, 7 * 86400}
)

// temporalLatencies gives the SDK's timers, which are in seconds, bounds to match.
var temporalLatencies = sdkmetric.NewView(
	sdkmetric.Instrument{Name: "temporal_*", Kind: sdkmetric.InstrumentKindHistogram},
	sdkmetric.Stream{Aggregation: sdkmetric.AggregationExplicitBucketHistogram{Boundaries: noticed}},
)

func newCounted(m metric.Meter) (counted, error) {
	var failed []error
	count := func(name, unit, what string) metric.Int64Counter {
		c, err := m.Int64Counter(name, metric.WithUnit("{"+unit+"}"), metric.WithDescription(what))
		failed = append(failed, err)
		return c
	}
	seconds := func(name string, bounds []float64, what string) metric.Float64Histogram {
		h, err := m.Float64Histogram(name, metric.WithUnit("s"), metric.WithDescription(what), metric.WithExplicitBucketBoundaries(bounds...))
		failed = append(failed, err)
		return h
	}
	gauge := func(name, unit, what string) metric.Int64Gauge {
		g, err := m.Int64Gauge(name, metric.WithUnit(unit), metric.WithDescription(what))
		failed = append(failed, err)
		return g
	}
	c := counted{
		touches:  count("perennial.touches", "touch", "Touches that reached a state of the ledger, by journey, channel and state."),
		answers:  count("perennial.policy.answers", "answer", "Answers of the contact policy, when a touch was planned and when it was delivered."),
		held:     seconds("perennial.touch.held", lasting, "For how long a touch was held, in the stack's time, by reason."),
		lateness: seconds("perennial.touch.lateness", noticed, "From when a touch was due until it was sent, in real time."),
		calls:    seconds("perennial.provider.call.duration", quick, "How long calls of providers took, by channel and by how they ended."),
		asks:     seconds("perennial.provider.ask.duration", quick, "How long it took to ask providers whether they took a message, by channel and answer."),
		receipts: count("perennial.receipts", "receipt", "Receipts that providers sent."),
		messages: count("perennial.messages.received", "message", "What customers wrote to us, by channel and by what it was taken for."),
		mails:    count("perennial.mails.received", "mail", "Mails that came to us, by what became of them."),
		mailbox:  gauge("perennial.mailbox.looked_at_timestamp", "s", "When this gateway last took all that was new in the mailbox, or first tried to, in seconds of Unix time."),
		received: count("perennial.events.received", "event", "Events handed in at the gateway: stored, or duplicates."),
		routed:   count("perennial.events.routed", "event", "Events carried on to the journeys, by the gateway or by the sweep."),
		lag:      seconds("perennial.event.lag", quick, "From when an event was handed in until the gateway had carried it on."),
		entered:  count("perennial.enrollments.entered", "enrollment", "Enrollments whose workflow was started."),
		ended:    count("perennial.enrollments.ended", "enrollment", "Enrollments that ended, by the kind of their outcome."),
		swept:    count("perennial.swept", "thing", "What the sweep had to make up for."),
		scans:    seconds("perennial.scan.duration", noticed, "How long scans took, by journey and result; each attempt after a crash is one."),
		looked:   count("perennial.scan.customers", "customer", "What became of customers whom scans looked at."),
		requests: seconds("perennial.gateway.request.duration", quick, "How long the gateway took to answer."),
	}
	return c, errors.Join(failed...)
}
