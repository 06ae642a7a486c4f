package activities_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"perennial/activities"
	"perennial/domain/journey"
	"perennial/store"
)

func TestWhatWasLeftBehindIsCarriedOnWithoutAWorker(t *testing.T) {
	t.Parallel()
	d := openDoor(t)
	plan := entering("", "", "", journey.Span{})
	plan.Journey, plan.Enter = "visited", journey.Enter{On: "visit.completed"}
	d.publish(plan)
	now := d.entrance.Clock.At(time.Now()).UTC()
	left := store.Event{ID: "e-1", Type: "visit.completed", Customer: "c-1", At: now.Add(-time.Hour)}
	if _, err := d.store.RecordEvents(t.Context(), []store.Event{left}, left.At); err != nil {
		t.Fatal(err)
	}
	events := &activities.Events{Entrance: d.entrance}
	var tries atomic.Int64
	route := func(ctx context.Context, e store.Event) error {
		if tries.Add(1) == 1 {
			return errors.New("Temporal does not answer")
		}
		return events.Dispatch(ctx, e)
	}
	ctx, stop := context.WithCancel(t.Context())
	var carrying sync.WaitGroup
	for range 2 { // as in two gateways
		carrying.Go(func() { events.CarryOn(ctx, route) })
	}
	started := func() bool {
		found := d.enrollments("visited")
		return len(found) == 1 && !found[0].StartedAt.IsZero()
	}
	for !started() {
		<-time.After(20 * time.Millisecond)
	}
	if err := d.store.Alone(t.Context(), "carrying on", func(context.Context) error { return nil }); !errors.Is(err, store.ErrNotAlone) {
		t.Errorf("while one carries on: %v", err)
	}
	for {
		event, err := d.store.Event(t.Context(), left.ID)
		if err != nil {
			t.Fatal(err)
		}
		if !event.DispatchedAt.IsZero() {
			break
		}
		<-time.After(20 * time.Millisecond)
	}
	stop()
	carrying.Wait()
	if tries.Load() != 2 {
		t.Errorf("tried %d times, where the second time goes well", tries.Load())
	}
}
