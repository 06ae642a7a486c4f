package store

import (
	"context"
	"time"

	"perennial/store/db"
)

// Enrollment is one customer's passage through one journey. Step, WaitingFor, NextAt and Paused are a projection of its workflow.
type Enrollment struct {
	ID         int64     `json:"id"`
	Journey    string    `json:"journey"`
	Version    int       `json:"version"`
	Customer   string    `json:"customer"`
	Key        string    `json:"key,omitempty"`         // what tells apart two enrollments in one journey
	EnteredBy  string    `json:"entered_by,omitempty"`  // id of the event that entered; empty where none did
	EnteredFor string    `json:"entered_for,omitempty"` // what for they entered where no event entered them, as in "by hand 2026-11-26"
	EnteredAt  time.Time `json:"entered_at"`
	StartedAt  time.Time `json:"started_at,omitzero"` // when its workflow was known to run
	Step       string    `json:"step,omitempty"`
	WaitingFor string    `json:"waiting_for,omitempty"` // in words for a manager
	NextAt     time.Time `json:"next_at,omitzero"`
	Paused     bool      `json:"paused,omitempty"`
	Held       Held      `json:"held,omitzero"`     // a touch that is held until NextAt
	EndedAt    time.Time `json:"ended_at,omitzero"` // zero while it runs
	Outcome    string    `json:"outcome,omitempty"` // "goal", "completed", "exited: <why>", "failed: <why>"
	UpdatedAt  time.Time `json:"updated_at"`
}

// Running says whether the enrollment has not ended.
func (e Enrollment) Running() bool { return e.EndedAt.IsZero() }

// Enrollment returns one enrollment; ErrNotFound where there is none.
func (s session) Enrollment(ctx context.Context, id int64) (Enrollment, error) {
	row, err := s.q.Enrollment(ctx, id)
	return enrollmentOf(row), wrap(err, "read enrollment %d", id)
}

// EnrollmentFilter says which enrollments are wanted. An empty field wants all.
type EnrollmentFilter struct {
	Journey  string
	Customer string
	Step     string
	Outcome  string // exactly, or by its kind: "exited" wants every "exited: why"
	Owner    string // of the customer
	Running  bool   // only those that have not ended
}

// Enrollments returns up to limit enrollments that fit, newest first, with an id below before; 0 is the first page.
func (s session) Enrollments(ctx context.Context, f EnrollmentFilter, before int64, limit int) ([]Enrollment, error) {
	rows, err := s.q.Enrollments(ctx, db.EnrollmentsParams{
		Before: before, Journey: f.Journey, Customer: f.Customer, Step: f.Step, Outcome: f.Outcome, Owner: f.Owner,
		Running: f.Running, Page: int64(limit),
	})
	return enrollmentsOf(rows), wrap(err, "list enrollments")
}

// OutcomeFilter says whose outcomes are wanted. An empty field wants all.
type OutcomeFilter struct {
	Journey string
	Owner   string    // of the customer
	Since   time.Time // who entered at this instant or later
	Until   time.Time // who entered before this instant
}

// Outcomes is how many enrollments of a version ended in one way.
type Outcomes struct {
	Journey     string
	Version     int
	Outcome     string // empty: they run
	Enrollments int64
	Paused      int64
}

// Outcomes returns how enrollments ended, by journey, the newest version first, and by outcome. It counts all of them, so
// it is for people's questions.
func (s session) Outcomes(ctx context.Context, f OutcomeFilter) ([]Outcomes, error) {
	rows, err := s.q.Outcomes(ctx, db.OutcomesParams{Journey: f.Journey, Owner: f.Owner, Since: orNull(f.Since), Until: orNull(f.Until)})
	outcomes := make([]Outcomes, len(rows))
	for i, r := range rows {
		outcomes[i] = Outcomes(r)
	}
	return outcomes, wrap(err, "count outcomes")
}

// RunningEnrollments returns up to limit enrollments that have not ended, in order of id, with an id above after; 0 is the first page.
func (s session) RunningEnrollments(ctx context.Context, after int64, limit int) ([]Enrollment, error) {
	rows, err := s.q.RunningEnrollments(ctx, after, int64(limit))
	return enrollmentsOf(rows), wrap(err, "list running enrollments")
}

// NotStarted returns up to limit enrollments that were entered before an instant and are not known to have a workflow, oldest first.
func (s session) NotStarted(ctx context.Context, enteredBefore time.Time, limit int) ([]Enrollment, error) {
	rows, err := s.q.NotStarted(ctx, enteredBefore, int64(limit))
	return enrollmentsOf(rows), wrap(err, "list enrollments that did not start")
}

// Listening returns the running enrollments of a customer whose version wants to hear of events of this type.
func (s session) Listening(ctx context.Context, customer, eventType string) ([]Enrollment, error) {
	rows, err := s.q.Listening(ctx, customer, eventType)
	return enrollmentsOf(rows), wrap(err, "find the enrollments of %s that listen for %s", customer, eventType)
}

// MarkStarted writes down that an enrollment's workflow runs. The first time that was known is kept.
func (s session) MarkStarted(ctx context.Context, id int64, at time.Time) error {
	n, err := s.q.MarkStarted(ctx, at, id)
	return wrap(oneRow(n, err), "mark enrollment %d as started", id)
}

// Projection is where a workflow stands, for those who list and count.
type Projection struct {
	Step       string
	WaitingFor string    // in words for a manager
	NextAt     time.Time // zero where nothing is due
	Paused     bool
	Held       Held   // a touch that is held until NextAt; zero where none is
	HeldFor    string // id of the colleague for whom a touch is held until NextAt; empty where none is
}

// Held is a touch that an enrollment holds. The contact policy asks of it before it lets another enrollment reach the customer.
type Held struct {
	Topic string    `json:"topic"`
	Since time.Time `json:"since"` // when its step began
}

// Project writes down where an enrollment's workflow stands. One that has ended stays as it is.
func (s session) Project(ctx context.Context, id int64, p Projection, at time.Time) error {
	_, err := s.q.Project(ctx, db.ProjectParams{
		ID: id, Step: p.Step, WaitingFor: p.WaitingFor, NextAt: orNull(p.NextAt), Paused: p.Paused,
		HeldTopic: p.Held.Topic, HeldSince: orNull(p.Held.Since), HeldFor: p.HeldFor, At: at,
	})
	return wrap(err, "write down where enrollment %d stands", id)
}

// Unpause writes down that a paused enrollment goes on, and leaves the rest of its projection.
func (s session) Unpause(ctx context.Context, id int64, at time.Time) error {
	_, err := s.q.Unpause(ctx, at, id)
	return wrap(err, "write down that enrollment %d goes on", id)
}

// Finish ends an enrollment. One that has ended keeps the outcome it had; ErrNotFound where there is none.
func (s session) Finish(ctx context.Context, id int64, outcome string, at time.Time) error {
	n, err := s.q.Finish(ctx, at, outcome, id)
	if err != nil || n > 0 {
		return wrap(err, "finish enrollment %d", id)
	}
	_, err = s.Enrollment(ctx, id)
	return err
}

func enrollmentsOf(rows []db.Enrollment) []Enrollment {
	enrollments := make([]Enrollment, len(rows))
	for i, r := range rows {
		enrollments[i] = enrollmentOf(r)
	}
	return enrollments
}

func enrollmentOf(r db.Enrollment) Enrollment {
	return Enrollment{
		ID: r.ID, Journey: r.Journey, Version: r.Version, Customer: r.Customer, Key: r.Key,
		EnteredBy: orZero(r.EnteredBy), EnteredFor: r.EnteredFor, EnteredAt: r.EnteredAt, StartedAt: orZero(r.StartedAt),
		Step: r.Step, WaitingFor: r.WaitingFor, NextAt: orZero(r.NextAt), Paused: r.Paused,
		Held:    Held{Topic: r.HeldTopic, Since: orZero(r.HeldSince)},
		EndedAt: orZero(r.EndedAt), Outcome: orZero(r.Outcome), UpdatedAt: r.UpdatedAt,
	}
}
