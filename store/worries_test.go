package store_test

import (
	"testing"
	"time"

	"perennial/store"
)

func TestWorriesCountWhatWasLeftLying(t *testing.T) {
	t.Parallel()
	s := withCustomers(t, "c-1", "c-2", "c-3")
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
	for _, c := range []struct {
		before time.Time
		want   store.Worries
	}{
		{noon(), store.Worries{Unconfirmed: 1}},
		{noon().Add(time.Minute), store.Worries{Unrouted: 1, NotStarted: 1, Overdue: 1, Unconfirmed: 1}},
	} {
		if got, err := s.Worries(t.Context(), c.before); err != nil || got != c.want {
			t.Errorf("before %v: got %+v, %v; want %+v", c.before, got, err, c.want)
		}
	}
	overdue, err := s.Overdue(t.Context(), noon().Add(time.Minute), 10)
	if err != nil || len(overdue) != 1 || overdue[0].ID != late.ID {
		t.Errorf("overdue: got %v, %v; want enrollment %d", overdue, err, late.ID)
	}
}
