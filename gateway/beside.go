package gateway

import (
	"context"
	"sync"
	"time"
)

// What is stored is carried on to the journeys beside the request that brought it: by few at a time, since Temporal bears only so much, and to its end,
// since what is cut off was work in vain, and would be tried again. The caller is kept waiting for a while only. What finds no place is carried on later,
// as what fails is.

const (
	placesBeside = 16               // in one gateway
	timeBeside   = 10 * time.Second // that each may take, in real time; what is older is carried on later
)

// beside is what a gateway does beside its requests.
type beside struct {
	places chan struct{}
	open   context.Context // its end ends what is begun
	shut   context.CancelFunc
	begun  sync.WaitGroup
}

func newBeside() *beside {
	b := &beside{places: make(chan struct{}, placesBeside)}
	b.open, b.shut = context.WithCancel(context.Background())
	return b
}

// do does things, each in a place of its own, and waits for them no longer than patience. It returns how many found no place until then.
func (b *beside) do(ctx context.Context, patience time.Duration, things []func(context.Context)) (left int) {
	ctx = context.WithoutCancel(ctx) // also where the caller has gone
	enough := time.NewTimer(patience)
	defer enough.Stop()
	var mine sync.WaitGroup
	for n, thing := range things {
		select {
		case b.places <- struct{}{}:
		case <-b.open.Done():
			return len(things) - n
		case <-enough.C:
			return len(things) - n
		}
		mine.Add(1)
		b.begun.Go(func() {
			defer mine.Done()
			defer func() { <-b.places }()
			b.within(ctx, thing)
		})
	}
	done := make(chan struct{})
	go func() { mine.Wait(); close(done) }()
	select {
	case <-done:
	case <-enough.C:
	}
	return 0
}

// within does one thing within its time, or until the gateway is closed.
func (b *beside) within(ctx context.Context, thing func(context.Context)) {
	ctx, cancel := context.WithTimeout(ctx, timeBeside)
	defer cancel()
	defer context.AfterFunc(b.open, cancel)()
	thing(ctx)
}

// close ends what is begun, and waits for that.
func (b *beside) close() {
	b.shut()
	b.begun.Wait()
}
