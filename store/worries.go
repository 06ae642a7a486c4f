package store

import (
	"context"
	"time"
)

// Worries count what somebody should look at: each is 0 where all is well, but for what is under way this moment.
type Worries struct {
	Unrouted    int64 `json:"unrouted"`    // events that were not routed to the journeys
	NotStarted  int64 `json:"not_started"` // enrollments that are not known to have a workflow
	Overdue     int64 `json:"overdue"`     // running enrollments whose next time has passed
	Unconfirmed int64 `json:"unconfirmed"` // touches of which nobody knows whether they were sent
}

// Worries counts what was left lying since before an instant, and all unconfirmed touches. It reads every running enrollment, so it is for
// people's questions.
func (s session) Worries(ctx context.Context, before time.Time) (Worries, error) {
	row, err := s.q.Worries(ctx, before)
	return Worries(row), wrap(err, "count what somebody should look at")
}

// Overdue returns up to limit running enrollments whose next time lies before an instant, the longest overdue first. Paused ones are not
// overdue.
func (s session) Overdue(ctx context.Context, before time.Time, limit int) ([]Enrollment, error) {
	rows, err := s.q.OverdueEnrollments(ctx, before, int64(limit))
	return enrollmentsOf(rows), wrap(err, "list overdue enrollments")
}
