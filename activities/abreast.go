package activities

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// How much a sweep does at once, and how long it waits for one thing, in real time: what hangs must delay nobody else.
const (
	sweepAbreast  = 8
	sweepPatience = 5 * time.Second
	leavePatience = time.Minute // each run that a customer is in has a patience of its own
)

// abreast does something with each of some things, those of different customers at once and those of one customer one after the other, in their order. Each
// may take as long as patience. It returns how many went well.
func abreast[T any](ctx context.Context, things []T, customer func(T) string, patience time.Duration, do func(context.Context, T) error) (int, error) {
	var order []string
	of := map[string][]T{}
	for _, thing := range things {
		id := customer(thing)
		if len(of[id]) == 0 {
			order = append(order, id)
		}
		of[id] = append(of[id], thing)
	}
	var well atomic.Int64
	var group errgroup.Group
	group.SetLimit(sweepAbreast)
	failed := make([]error, len(order))
	for n, id := range order {
		group.Go(func() error {
			for _, thing := range of[id] {
				alive(ctx)
				patient, cancel := context.WithTimeout(ctx, patience)
				err := do(patient, thing)
				cancel()
				if err == nil {
					well.Add(1)
				}
				failed[n] = errors.Join(failed[n], err)
			}
			return nil
		})
	}
	_ = group.Wait() // what failed is in its place
	return int(well.Load()), errors.Join(failed...)
}
