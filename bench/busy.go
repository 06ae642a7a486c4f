package bench

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"perennial/gateway"
	"perennial/store"
	"perennial/workflows"
)

// busy measures how late touches are, and how long it takes from an event to what it does, while the server makes half of the touches that it can
// make.
func (b *bench) busy(ctx context.Context) error {
	listening, err := b.enter(ctx, journeyListens, b.Size.Reactions)
	if err != nil {
		return err
	}
	if err := b.until(ctx, "enrollments that listen", len(listening), b.waiting(journeyListens, first(listening))); err != nil {
		return err
	}
	load := &load{bench: b, done: make(chan struct{}), begun: make(chan struct{}), ended: make(chan struct{})}
	go load.run(ctx)
	select {
	case <-load.begun:
	case <-load.ended:
		return load.err
	}
	reactions, err := b.reactions(ctx, listening)
	close(load.done)
	<-load.ended
	if err = errors.Join(err, load.err); err != nil {
		return err
	}
	b.report.Reaction = distribution(reactions)
	b.report.Lateness = distribution(load.late)
	return nil
}

// reactions sends one event after the other, each to an enrollment whose goal it is, and measures until the run is seen to have ended.
func (b *bench) reactions(ctx context.Context, listening []store.Enrollment) ([]time.Duration, error) {
	all := make([]time.Duration, len(listening))
	for i, e := range listening {
		sent := time.Now()
		if err := b.buy(ctx, e.Customer); err != nil {
			return nil, err
		}
		var result workflows.Result
		if err := b.Temporal.GetWorkflow(ctx, workflows.WorkflowID(e.Journey, e.Customer, e.Key), "").Get(ctx, &result); err != nil {
			return nil, fmt.Errorf("enrollment %d: %w", e.ID, err)
		}
		all[i] = time.Since(sent)
		b.progress("events", i+1, len(listening))
	}
	return all, nil
}

// buy hands in an event by the door that other systems use.
func (b *bench) buy(ctx context.Context, customer string) error {
	_, err := gateway.HandIn(ctx, http.DefaultClient, b.Gateway, "", gateway.Event{
		ID: "bench-" + customer, Type: "purchase", Customer: customer, At: b.now(),
		Data: map[string]any{"order_id": "bench-" + customer, "quantity": 1, "amount": 20, "currency": "USD"},
	})
	return err
}

// load is touches at half of the measured rate, for as long as events come.
type load struct {
	*bench

	begun, done, ended chan struct{}
	late               []time.Duration
	err                error
}

// run starts waves of enrollments. A held touch takes a little more than its hold, so that about as many touches a second are made as there are
// enrollments for each second of the hold.
func (l *load) run(ctx context.Context) {
	defer close(l.ended)
	atOnce := max(1, int(l.report.Ours.TouchesPerSecond.Median/2*hold.Seconds()))
	for wave := 0; l.err == nil; wave++ {
		select {
		case <-l.done:
			if wave > 0 {
				return
			}
		default:
		}
		l.err = l.wave(ctx, atOnce, wave == 0)
	}
}

func (l *load) wave(ctx context.Context, atOnce int, begins bool) error {
	entered, err := l.enter(ctx, journeyTouches, atOnce)
	if err != nil {
		return err
	}
	if begins {
		close(l.begun)
	}
	touches, err := l.touch(ctx, "", journeyTouches, entered)
	for _, t := range touches {
		if t.held {
			l.late = append(l.late, t.late)
		}
	}
	return err
}
