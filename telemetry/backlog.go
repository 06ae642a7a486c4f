package telemetry

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"go.opentelemetry.io/otel/metric"

	"perennial/domain/customer"
	"perennial/store"
)

// What lies in the database is read when somebody scrapes, and kept for a while: at least backlogAge, and for backlogShare times as long as
// reading took, so that a large business spends at most a twentieth of one connection on being watched, by each process that does.
const (
	backlogAge   = 15 * time.Second
	backlogShare = 20
	backlogTime  = 10 * time.Second // how long reading may take
	lyingAbout   = 5 * time.Minute  // what is past its time by more is overdue
)

// Watch makes gauges of what the database says is under way. While the database does not answer they are left out, and
// perennial_database_up is 0.
func (t *Telemetry) Watch(s *store.Store) error {
	var failed []error
	gauge := func(name, unit, what string) metric.Int64ObservableGauge {
		g, err := t.meter.Int64ObservableGauge(name, metric.WithUnit(unit), metric.WithDescription(what))
		failed = append(failed, err)
		return g
	}
	g := gauges{
		running:     gauge("perennial.enrollments.running", "{enrollment}", "Enrollments that run, by journey."),
		paused:      gauge("perennial.enrollments.paused", "{enrollment}", "Running enrollments that are paused, by journey."),
		overdue:     gauge("perennial.enrollments.overdue", "{enrollment}", "Running enrollments that are past their next time by more than 5 minutes, by journey."),
		notStarted:  gauge("perennial.enrollments.not_started", "{enrollment}", "Enrollments that were entered more than 5 minutes ago and are not known to run, by journey."),
		unrouted:    gauge("perennial.events.unrouted", "{event}", "Events that are stored and not routed to the journeys yet."),
		oldest:      gauge("perennial.events.oldest_unrouted", "s", "How long the oldest event that is not routed has waited, in real time."),
		unconfirmed: gauge("perennial.touches.unconfirmed", "{touch}", "Touches of which nobody knows whether they were sent."),
		resting:     gauge("perennial.channel.resting", "", "Whether nothing goes out on a channel since its provider does not work, by channel: 1, or 0."),
		up:          gauge("perennial.database.up", "", "Whether the database answered when it was last asked."),
		used:        gauge("perennial.database.connections", "{connection}", "Connections to the database that are in use."),
		most:        gauge("perennial.database.connections_max", "{connection}", "Connections to the database that there may be."),
	}
	if err := errors.Join(failed...); err != nil {
		return err
	}
	b := &backlog{t: t, store: s}
	registration, err := t.meter.RegisterCallback(func(ctx context.Context, o metric.Observer) error {
		g.observe(ctx, o, b)
		return nil
	}, g.running, g.paused, g.overdue, g.notStarted, g.unrouted, g.oldest, g.unconfirmed, g.resting, g.up, g.used, g.most)
	if err != nil {
		return err
	}
	// Before the meters, whose end reads them once more: by then the database may be closed.
	t.close = append([]func(context.Context) error{func(context.Context) error { return registration.Unregister() }}, t.close...)
	return nil
}

type gauges struct {
	running, paused, overdue, notStarted, unrouted, oldest, unconfirmed, resting, up, used, most metric.Int64ObservableGauge
}

func (g *gauges) observe(ctx context.Context, o metric.Observer, b *backlog) {
	used, most := b.store.Connections()
	o.ObserveInt64(g.used, int64(used))
	o.ObserveInt64(g.most, int64(most))
	now, ok := b.read(ctx)
	if !ok {
		o.ObserveInt64(g.up, 0)
		return
	}
	o.ObserveInt64(g.up, 1)
	for _, in := range now.Journeys {
		of := label("journey", in.Journey)
		o.ObserveInt64(g.running, in.Running, of)
		o.ObserveInt64(g.paused, in.Paused, of)
		o.ObserveInt64(g.overdue, in.Overdue, of)
		o.ObserveInt64(g.notStarted, in.NotStarted, of)
	}
	o.ObserveInt64(g.unrouted, now.Unrouted)
	o.ObserveInt64(g.oldest, int64(b.t.Clock.RealDuration(now.OldestUnrouted).Seconds()))
	o.ObserveInt64(g.unconfirmed, now.Unconfirmed)
	for _, channel := range customer.Channels {
		var resting int64
		if slices.ContainsFunc(now.Breakers, func(b store.Breaker) bool { return b.Channel == channel && b.Open() }) {
			resting = 1
		}
		o.ObserveInt64(g.resting, resting, label("channel", string(channel)))
	}
}

// backlog is what the database said last.
type backlog struct {
	t     *Telemetry
	store *store.Store

	mu    sync.Mutex // held while reading: two who ask at once get one answer
	last  store.Backlog
	ok    bool
	until time.Time // when to ask again
}

func (b *backlog) read(ctx context.Context) (store.Backlog, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	began := time.Now()
	if began.Before(b.until) {
		return b.last, b.ok
	}
	ctx, cancel := context.WithTimeout(ctx, backlogTime)
	defer cancel()
	now := b.t.Clock.At(began).UTC()
	read, err := b.store.Backlog(ctx, now, now.Add(-b.t.Clock.Duration(lyingAbout)))
	if err != nil {
		b.t.Log.Warn("The database can't be asked what is under way.", "error", err)
	}
	ended := time.Now()
	b.last, b.ok, b.until = read, err == nil, ended.Add(max(backlogAge, backlogShare*ended.Sub(began)))
	return b.last, b.ok
}
