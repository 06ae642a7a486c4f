package stack

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
)

// Part is something that was started, runs, and can be stopped.
type Part interface {
	// Done is closed when the part has ended, by itself or stopped.
	Done() <-chan struct{}

	// Err tells, after Done, why the part ended by itself.
	Err() error

	// Stop ends the part and returns when nothing of it is left.
	Stop() error
}

// Group is parts that run together: when one ends by itself, the group's context ends, and all are stopped in the
// reverse order of their start.
type Group struct {
	outer context.Context
	ctx   context.Context
	fail  context.CancelCauseFunc

	mu    sync.Mutex
	parts []member
}

type member struct {
	name string
	part Part
}

// NewGroup returns an empty group whose context ends with ctx at the latest.
func NewGroup(ctx context.Context) *Group {
	inner, fail := context.WithCancelCause(ctx)
	return &Group{outer: ctx, ctx: inner, fail: fail}
}

// Context ends when the outer one does, or when a part ends by itself, with that as its cause. It does not end the parts:
// Stop does.
func (g *Group) Context() context.Context { return g.ctx }

// Add takes a started part into the group. The name is for sentences about it.
func (g *Group) Add(name string, part Part) {
	g.mu.Lock()
	g.parts = append(g.parts, member{name, part})
	g.mu.Unlock()
	go func() {
		<-part.Done()
		g.fail(part.Err())
	}()
}

// Go runs a function as a part: it shall return when its context ends, which is when its turn to stop has come.
func (g *Group) Go(name string, run func(ctx context.Context) error) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(g.outer))
	f := &function{cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(f.done)
		defer cancel()
		err := run(ctx)
		if ctx.Err() != nil {
			f.stopped = withoutCancellation(err)
			return
		}
		if err == nil {
			err = errors.New("it returned")
		}
		f.err = fmt.Errorf("%s ended by itself: %w", name, err)
	}()
	g.Add(name, f)
}

// Wait returns when the outer context has ended, with nil, or a part has ended by itself, with its error.
func (g *Group) Wait() error {
	<-g.ctx.Done()
	select {
	case <-g.outer.Done():
		return nil
	default:
		return context.Cause(g.ctx)
	}
}

// Stop stops all parts, the last one first, and returns when nothing of them is left. Stopping again does nothing.
func (g *Group) Stop() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.fail(context.Canceled)
	var errs []error
	for _, m := range slices.Backward(g.parts) {
		if err := m.part.Stop(); err != nil {
			errs = append(errs, fmt.Errorf("stopping %s: %w", m.name, err))
		}
	}
	g.parts = nil
	return errors.Join(errs...)
}

// function is a part that is a function.
type function struct {
	cancel  context.CancelFunc
	done    chan struct{}
	err     error // why it ended by itself
	stopped error // what it returned when stopped
}

func (f *function) Done() <-chan struct{} { return f.done }
func (f *function) Err() error            { return f.err }

func (f *function) Stop() error {
	f.cancel()
	<-f.done
	return f.stopped
}

func withoutCancellation(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}
