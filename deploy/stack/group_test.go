package stack

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
)

func TestAllStopInReverseOrder(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var stopped []string
	g := NewGroup(t.Context())
	for _, name := range []string{"database", "worker", "gateway"} {
		g.Go(name, func(ctx context.Context) error {
			<-ctx.Done()
			mu.Lock()
			defer mu.Unlock()
			stopped = append(stopped, name)
			return ctx.Err()
		})
	}
	if err := g.Stop(); err != nil {
		t.Error(err)
	}
	if want := []string{"gateway", "worker", "database"}; !slices.Equal(stopped, want) {
		t.Errorf("stopped %v, want %v", stopped, want)
	}
}

func TestOnePartsFailureEndsTheGroupAndNotTheOthers(t *testing.T) {
	t.Parallel()
	trouble := errors.New("trouble")
	release := make(chan struct{})
	var other context.Context
	started := make(chan struct{})
	g := NewGroup(t.Context())
	g.Go("gateway", func(ctx context.Context) error {
		other = ctx
		close(started)
		<-ctx.Done()
		return nil
	})
	g.Go("worker", func(context.Context) error {
		<-release
		return trouble
	})
	<-started
	close(release)
	err := g.Wait()
	if !errors.Is(err, trouble) || err.Error() != "worker ended by itself: trouble" {
		t.Errorf("got %v", err)
	}
	if other.Err() != nil {
		t.Error("the other part was stopped out of turn")
	}
	if err := g.Stop(); err != nil {
		t.Error(err)
	}
	if other.Err() == nil {
		t.Error("the other part still runs")
	}
}

func TestTheOuterContextsEndIsNoFailure(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	g := NewGroup(ctx)
	g.Go("gateway", func(ctx context.Context) error { <-ctx.Done(); return nil })
	cancel()
	if err := errors.Join(g.Wait(), g.Stop()); err != nil {
		t.Error(err)
	}
}

func TestAnErrorWhileStoppingIsTold(t *testing.T) {
	t.Parallel()
	trouble := errors.New("trouble")
	g := NewGroup(t.Context())
	g.Go("gateway", func(ctx context.Context) error { <-ctx.Done(); return trouble })
	if err := g.Stop(); !errors.Is(err, trouble) {
		t.Errorf("got %v", err)
	}
	if err := g.Stop(); err != nil {
		t.Errorf("stopping again: %v", err)
	}
}
