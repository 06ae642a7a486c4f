package activities

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"

	"perennial/domain/clock"
	"perennial/domain/contact"
	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/domain/segment"
	"perennial/store"
	"perennial/workflows"
)

// Journeys answers what a journey's workflow asks of the database.
type Journeys struct {
	Store    *store.Store
	Versions *Versions
	Policies *Policies
	Entrance *Entrance // to journeys that others start
	Clock    clock.Clock
	Channels []customer.Channel // those that have a provider
}

var _ workflows.JourneyActivities = (*Journeys)(nil)

// Begin loads the compiled plan of a version.
func (j *Journeys) Begin(ctx context.Context, r workflows.BeginRequest) (workflows.Begun, error) {
	v, err := j.Versions.get(ctx, r.Journey, r.Version)
	if err != nil {
		return workflows.Begun{}, final(err)
	}
	who, err := j.Store.Profile(ctx, r.Customer)
	if err != nil {
		return workflows.Begun{}, final(err)
	}
	enrollment, err := j.Store.Enrollment(ctx, r.Enrollment)
	if err != nil {
		return workflows.Begun{}, final(err)
	}
	begun := workflows.Begun{Plan: *v.plan, Zone: journey.ZoneAt(r.At.In(who.Zone)), Outcome: enrollment.Outcome}
	if goal := v.plan.Goal; goal != nil && !goal.Within.IsZero() {
		begun.GoalUntil = goal.Within.From(r.At.In(who.Zone)).UTC()
	}
	return begun, nil
}

// Plan asks the contact policy, or the working hours of a colleague, whether, on which channel and when a touch may be made, and writes the
// answer into the enrollment's row, or into the ledger where it is no.
func (j *Journeys) Plan(ctx context.Context, r workflows.PlanRequest) (journey.Planned, error) {
	v, err := j.Versions.get(ctx, r.Touch.Journey, r.Touch.Version)
	if err != nil {
		return journey.Planned{}, final(err)
	}
	who, err := j.Store.Profile(ctx, r.Touch.Customer)
	if err != nil {
		return journey.Planned{}, final(err)
	}
	policy, err := j.Policies.Current(ctx)
	if err != nil {
		return journey.Planned{}, final(err)
	}
	answer, err := ask(ctx, j.Store, asked{policy, v}, j.Channels, who, r.Touch, r.At)
	if err != nil {
		return journey.Planned{}, final(err)
	}
	planned := journey.Planned{Answer: answer.Answer, Zone: journey.ZoneAt(r.At.In(who.Zone))}
	switch planned.Answer.Verdict {
	case contact.Skip:
		_, err = j.Store.RecordSkip(ctx, newTouch(r.Touch, "", r.At), skipState(planned.Answer.Reason), string(planned.Answer.Reason), r.At)
	case contact.Hold:
		planned.Zone = journey.ZoneAt(planned.Answer.At.In(who.Zone))
		err = j.project(ctx, r.Touch.Enrollment, holding(r.Touch, answer), r.At)
	case contact.Send:
		err = j.project(ctx, r.Touch.Enrollment, store.Projection{Step: r.Touch.Step, WaitingFor: "delivery", NextAt: r.At}, r.At)
	}
	return planned, final(err)
}

// Schedule computes when a wait ends, by the calendar of the customer's zone or by an expression, and writes it into the enrollment's row.
func (j *Journeys) Schedule(ctx context.Context, r workflows.ScheduleRequest) (journey.Scheduled, error) {
	who, err := j.Store.Profile(ctx, r.Customer)
	if err != nil {
		return journey.Scheduled{}, final(err)
	}
	scheduled := journey.Scheduled{Zone: journey.ZoneAt(r.Since.In(who.Zone))}
	switch {
	case r.By != 0:
		until, err := j.dateOf(ctx, who, r)
		if err != nil {
			return journey.Scheduled{}, err
		}
		scheduled = journey.Scheduled{Until: until.UTC(), Zone: journey.ZoneAt(until)}
	case !r.Span.IsZero():
		until := r.Span.From(r.Since.In(who.Zone))
		scheduled = journey.Scheduled{Until: until.UTC(), Zone: journey.ZoneAt(until)}
	}
	err = j.project(ctx, r.Enrollment, store.Projection{Step: r.Step, WaitingFor: r.WaitingFor, NextAt: scheduled.Until}, j.now())
	return scheduled, final(err)
}

// dateOf is the date that a wait's expression gives. It is reckoned from when the wait began, by what has happened until now. A date that never was, such as the last time of something that never happened, is past.
func (j *Journeys) dateOf(ctx context.Context, who customer.Profile, r workflows.ScheduleRequest) (time.Time, error) {
	v, err := j.Versions.get(ctx, r.Journey, r.Version)
	if err != nil {
		return time.Time{}, final(err)
	}
	facts, err := factsOf(ctx, j.Store, v, who, situation{key: r.Key, answers: r.Answers, at: r.Since, known: j.now()})
	if err != nil {
		return time.Time{}, final(err)
	}
	source, err := v.expression(r.By)
	if err != nil {
		return time.Time{}, broken(err)
	}
	until, err := v.evaluator.Time(ctx, source, facts)
	if err != nil {
		return time.Time{}, unevaluated(r.Step, err)
	}
	if until.IsZero() {
		return r.Since.In(who.Zone), nil
	}
	return until, nil
}

// Evaluate computes bool expressions of a plan on fresh data. A condition that can't be evaluated does not hold: that of an event lacks what it speaks
// of, which is usual; of a step's own it is said why.
func (j *Journeys) Evaluate(ctx context.Context, r workflows.EvaluateRequest) (journey.Evaluated, error) {
	v, err := j.Versions.get(ctx, r.Journey, r.Version)
	if err != nil {
		return journey.Evaluated{}, final(err)
	}
	who, err := j.Store.Profile(ctx, r.Customer)
	if err != nil {
		return journey.Evaluated{}, final(err)
	}
	facts, err := factsOf(ctx, j.Store, v, who, situation{key: r.Key, event: r.Event, answers: r.Answers, at: r.At})
	if err != nil {
		return journey.Evaluated{}, final(err)
	}
	evaluated := journey.Evaluated{Values: make([]bool, len(r.Expressions))}
	for i, number := range r.Expressions {
		source, err := v.expression(number)
		if err != nil {
			return journey.Evaluated{}, broken(err)
		}
		evaluated.Values[i], err = v.evaluator.Bool(ctx, source, facts)
		if unread, ok := errors.AsType[*segment.HistoryError](err); ok {
			return journey.Evaluated{}, final(unread)
		}
		if ctx.Err() != nil {
			return journey.Evaluated{}, ctx.Err() // it was given up, and may come to something the next time
		}
		if err != nil && r.Event == "" {
			if evaluated.Unable == nil {
				evaluated.Unable = make([]string, len(r.Expressions))
			}
			evaluated.Unable[i] = err.Error()
		}
	}
	return evaluated, nil
}

// Project writes into an enrollment's row that it is paused, or goes on.
func (j *Journeys) Project(ctx context.Context, r workflows.ProjectRequest) error {
	if !r.Paused {
		return j.Store.Unpause(ctx, r.Enrollment, j.now())
	}
	return j.project(ctx, r.Enrollment, store.Projection{Step: r.Step, WaitingFor: r.WaitingFor, NextAt: r.NextAt, Paused: r.Paused}, j.now())
}

// Finish writes an outcome into the enrollment's row.
func (j *Journeys) Finish(ctx context.Context, r workflows.FinishRequest) error {
	return final(j.Store.Finish(ctx, r.Enrollment, r.Outcome, r.At))
}

func (j *Journeys) project(ctx context.Context, enrollment int64, p store.Projection, at time.Time) error {
	return j.Store.Project(ctx, enrollment, p, at)
}

func (j *Journeys) now() time.Time { return j.Clock.At(time.Now()).UTC() }

func skipState(reason contact.Reason) store.TouchState {
	if reason == contact.Expired {
		return store.TouchExpired
	}
	return store.TouchSkipped
}

func newTouch(t workflows.Touch, channel customer.Channel, due time.Time) store.NewTouch {
	return store.NewTouch{
		TouchKey: store.TouchKey{Enrollment: t.Enrollment, TouchKey: t.TouchKey},
		Customer: t.Customer, Channel: channel, Template: t.Template, Topic: t.Topic, Kind: t.Kind, DueAt: due, Fallback: t.Fallback,
	}
}

// final makes an error that no retry mends end the enrollment: what is gone, and what the database refuses for its content.
// Any other means that the database is away.
func final(err error) error {
	if hopeless(err) {
		return broken(err)
	}
	return err
}

// hopeless says whether an error of the store will be the same whenever it is tried again.
func hopeless(err error) bool {
	refused, answered := errors.AsType[*store.DatabaseError](err)
	return errors.Is(err, store.ErrNotFound) || answered && refused.Content()
}

func broken(err error) error {
	return temporal.NewNonRetryableApplicationError(err.Error(), workflows.ErrBroken, nil)
}
