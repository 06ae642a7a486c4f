package store_test

import (
	"reflect"
	"testing"
	"time"

	"perennial/store"
)

func TestTheBacklogCountsWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	s := withCustomers(t, "c-1", "c-2", "c-3")
	if got, err := s.Backlog(t.Context(), noon(), noon()); err != nil || !reflect.DeepEqual(got, store.Backlog{}) {
		t.Errorf("with nothing to do: %+v, %v", got, err)
	}
	late, paused := enroll(t, s, "c-1"), enroll(t, s, "c-2")
	enroll(t, s, "c-3")
	for _, e := range []store.Enrollment{late, paused} {
		if err := s.MarkStarted(t.Context(), e.ID, noon()); err != nil {
			t.Fatal(err)
		}
		p := store.Projection{Step: "welcome", NextAt: noon(), Paused: e.ID == paused.ID}
		if err := s.Project(t.Context(), e.ID, p, noon()); err != nil {
			t.Fatal(err)
		}
	}
	record(t, s, event("e-1", "visit.completed", "c-1", nil))
	touch, _ := claim(t, s, touchOf(late, "welcome"), time.Hour)
	if _, err := s.Unconfirmed(t.Context(), touch.ID, touch.Attempt, "nobody knows", "timeout", noon()); err != nil {
		t.Fatal(err)
	}
	running := store.Running{Journey: late.Journey, Running: 3, Paused: 1}
	for _, c := range []struct {
		now  time.Time
		want store.Running
	}{
		{noon(), running},
		{noon().Add(time.Minute), store.Running{Journey: late.Journey, Running: 3, Paused: 1, Overdue: 1, NotStarted: 1}},
	} {
		want := store.Backlog{Journeys: []store.Running{c.want}, Unrouted: 1, OldestUnrouted: c.now.Sub(noon()), Unconfirmed: 1}
		if got, err := s.Backlog(t.Context(), c.now, c.now); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("at %v: got %+v, %v; want %+v", c.now, got, err, want)
		}
	}
	if err := s.Finish(t.Context(), late.ID, "completed", noon()); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Backlog(t.Context(), noon(), noon()); err != nil || got.Journeys[0].Running != 2 {
		t.Errorf("after one has ended: %+v, %v", got, err)
	}
}

func TestConnectionsAreBounded(t *testing.T) {
	t.Parallel()
	s := withCustomers(t, "c-1")
	err := s.InTx(t.Context(), func(*store.Tx) error {
		if used, most := s.Connections(); used != 1 || most < 4 {
			t.Errorf("%d of %d connections are in use, want 1 of at least 4", used, most)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
