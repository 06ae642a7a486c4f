package store

import (
	"context"
	"time"
)

// Backlog is what is under way and what lies about, for the gauges of those who watch.
type Backlog struct {
	Journeys       []Running     // those that somebody is enrolled in, by name
	Unrouted       int64         // events that were not routed to the journeys yet
	OldestUnrouted time.Duration // how long the oldest of them has waited; 0 where there is none
	Unconfirmed    int64         // touches of which nobody knows whether they were sent
	Breakers       []Breaker     // of the channels whose breaker was ever open
}

// Running counts the enrollments that run in one journey.
type Running struct {
	Journey    string
	Running    int64 // all of them
	Paused     int64
	Overdue    int64 // not paused, and their next time has passed
	NotStarted int64 // not known to have a workflow
}

// Backlog counts what is under way at an instant. What was left lying since before another one is overdue or not started. It reads every
// running enrollment, so it is asked now and then, not on a hot path.
func (s session) Backlog(ctx context.Context, now, before time.Time) (Backlog, error) {
	rows, err := s.q.RunningByJourney(ctx, before)
	if err != nil {
		return Backlog{}, wrap(err, "count the enrollments that run")
	}
	unsettled, err := s.q.Unsettled(ctx, now)
	if err != nil {
		return Backlog{}, wrap(err, "count what lies about")
	}
	breakers, err := s.Breakers(ctx)
	if err != nil {
		return Backlog{}, err
	}
	b := Backlog{
		Breakers: breakers,
		Unrouted: unsettled.Unrouted, OldestUnrouted: now.Sub(unsettled.OldestUnrouted), Unconfirmed: unsettled.Unconfirmed,
	}
	for _, row := range rows {
		b.Journeys = append(b.Journeys, Running(row))
	}
	return b, nil
}

// Connections says how many connections to the database are in use, and how many there may be: where all are, everything waits.
func (s *Store) Connections() (used, most int) {
	stat := s.pool.Stat()
	return int(stat.AcquiredConns()), int(stat.MaxConns())
}
