package activities

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"perennial/store"
	"perennial/workflows"
)

// carryingOn is the name under which one process of all carries on what was left behind.
const carryingOn = "carrying on"

// How often it looks, and how long one thing may take, in real time: what is cut off was work in vain, and is tried again.
const (
	carryOnEvery    = 5 * time.Second
	carryOnPatience = 30 * time.Second
)

// Route carries one stored event on to the journeys: Events.Dispatch, or what counts how often it is done.
type Route func(context.Context, store.Event) error

// CarryOn carries on, until the context ends, what was stored and has not come to the journeys by itself. The sweep does that too, but for a sweep
// Temporal's scheduler, its matching and a worker must all be up; this needs no more than handing an event in does. Of the processes on one database
// one does it at a time, and what two do nevertheless is done once.
func (e *Events) CarryOn(ctx context.Context, route Route) {
	ticker := time.NewTicker(carryOnEvery)
	defer ticker.Stop()
	for {
		err := e.Store.Alone(ctx, carryingOn, func(ctx context.Context) error {
			for {
				if _, err := e.carryOn(ctx, sweepAge, carryOnPatience, route); err != nil && ctx.Err() == nil {
					first, _, _ := strings.Cut(err.Error(), "\n")
					e.Log.Warn("Not all that was left behind could be carried on; it is tried again.", "error", first)
				}
				select {
				case <-ctx.Done():
					return nil
				case <-ticker.C:
				}
			}
		})
		if err != nil && !errors.Is(err, store.ErrNotAlone) && ctx.Err() == nil {
			e.Log.Warn("What was left behind can't be carried on now; it is tried again.", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// carryOnOnce is what a sweep does of it: all of it, or, where another process carries on, what that one did not get to for long.
func (e *Events) carryOnOnce(ctx context.Context) (done workflows.Swept, err error) {
	err = e.Store.Alone(ctx, carryingOn, func(ctx context.Context) (err error) {
		done, err = e.carryOn(ctx, sweepAge, sweepPatience, e.Dispatch)
		return err
	})
	if errors.Is(err, store.ErrNotAlone) {
		return e.carryOn(ctx, sweepLate, sweepPatience, e.Dispatch)
	}
	return done, err
}

// carryOn does so once, with what is older than age: it routes events, tells enrollments of receipts that only the ledger knows, and starts enrollments
// that were written and not started.
func (e *Events) carryOn(ctx context.Context, age, patience time.Duration, route Route) (done workflows.Swept, err error) {
	before := e.now().Add(-e.Clock.Duration(age))
	events, failed := e.Store.Undispatched(ctx, before, sweepBatch)
	err = errors.Join(err, failed)
	done.Events, failed = abreast(ctx, events, func(e store.Event) string { return e.Customer }, patience, route)
	err = errors.Join(err, failed)
	untold, failed := e.Store.UntoldReceipts(ctx, before, sweepBatch)
	err = errors.Join(err, failed)
	done.Receipts, failed = abreast(ctx, untold, func(t store.Touch) string { return t.Customer }, patience, e.DispatchReceipt)
	err = errors.Join(err, failed)
	waiting, failed := e.Store.NotStarted(ctx, before, sweepBatch)
	err = errors.Join(err, failed)
	done.Started, failed = abreast(ctx, waiting, func(e store.Enrollment) string { return e.Customer }, patience, func(ctx context.Context, waits store.Enrollment) error {
		if err := e.startWritten(ctx, waits); err != nil {
			return fmt.Errorf("start enrollment %d: %w", waits.ID, err)
		}
		return nil
	})
	return done, errors.Join(err, failed)
}
