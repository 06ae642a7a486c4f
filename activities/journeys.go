package activities

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
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

// Plan asks the contact policy whether, on which channel and when a touch may be made, and writes the answer into the enrollment's row, or
// into the ledger where it is no.
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
	planned := journey.Planned{Answer: decide(policy, v, j.Channels, who, r.Touch, r.At), Zone: journey.ZoneAt(r.At.In(who.Zone))}
	switch planned.Answer.Verdict {
	case contact.Skip:
		_, err = j.Store.RecordSkip(ctx, newTouch(r.Touch, "", r.At), skipState(planned.Answer.Reason), string(planned.Answer.Reason), r.At)
	case contact.Hold:
		planned.Zone = journey.ZoneAt(planned.Answer.At.In(who.Zone))
		err = j.project(ctx, r.Touch.Enrollment, holding(r.Touch, planned.Answer), r.At)
	case contact.Send:
		err = j.project(ctx, r.Touch.Enrollment, store.Projection{Step: r.Touch.Step, WaitingFor: "delivery", NextAt: r.At}, r.At)
	}
	return planned, final(err)
}

// Schedule computes when a wait ends, by the calendar of the customer's zone, and writes it into the enrollment's row.
func (j *Journeys) Schedule(ctx context.Context, r workflows.ScheduleRequest) (journey.Scheduled, error) {
	who, err := j.Store.Profile(ctx, r.Customer)
	if err != nil {
		return journey.Scheduled{}, final(err)
	}
	scheduled := journey.Scheduled{Zone: journey.ZoneAt(r.Since.In(who.Zone))}
	if !r.Span.IsZero() {
		until := r.Span.From(r.Since.In(who.Zone))
		scheduled = journey.Scheduled{Until: until.UTC(), Zone: journey.ZoneAt(until)}
	}
	err = j.project(ctx, r.Enrollment, store.Projection{Step: r.Step, WaitingFor: r.WaitingFor, NextAt: scheduled.Until}, j.now())
	return scheduled, final(err)
}

// Evaluate computes bool expressions of a plan on fresh data. A condition on an event that can't be evaluated, since the event lacks what it speaks
// of, does not hold; a step's own condition that can't be ends the enrollment.
func (j *Journeys) Evaluate(ctx context.Context, r workflows.EvaluateRequest) (journey.Evaluated, error) {
	v, err := j.Versions.get(ctx, r.Journey, r.Version)
	if err != nil {
		return journey.Evaluated{}, final(err)
	}
	facts, err := j.facts(ctx, r)
	if err != nil {
		return journey.Evaluated{}, final(err)
	}
	evaluated := journey.Evaluated{Values: make([]bool, len(r.Expressions))}
	for i, number := range r.Expressions {
		source, err := v.expression(number)
		if err != nil {
			return journey.Evaluated{}, broken(err)
		}
		if evaluated.Values[i], err = v.evaluator.Bool(ctx, source, facts); err != nil && r.Event == "" {
			return journey.Evaluated{}, broken(fmt.Errorf("step %s: %w", r.Step, err))
		}
	}
	return evaluated, nil
}

func (j *Journeys) facts(ctx context.Context, r workflows.EvaluateRequest) (segment.Facts, error) {
	who, err := j.Store.Profile(ctx, r.Customer)
	if err != nil {
		return segment.Facts{}, err
	}
	facts := segment.Facts{Profile: who, Now: r.At, Answers: map[string]float64{}}
	if r.Event != "" {
		e, err := j.Store.Event(ctx, r.Event)
		if err != nil {
			return segment.Facts{}, err
		}
		if facts.Event, err = eventFact(e); err != nil {
			return segment.Facts{}, err
		}
	}
	for step, id := range r.Answers {
		e, err := j.Store.Event(ctx, id)
		if err != nil {
			return segment.Facts{}, err
		}
		var answer struct {
			Score *float64 `json:"score"`
		}
		if err := json.Unmarshal(e.Data, &answer); err != nil {
			return segment.Facts{}, fmt.Errorf("read the answer %s: %w", id, err)
		}
		if answer.Score != nil {
			facts.Answers[step] = *answer.Score
		}
	}
	return facts, nil
}

// eventFact is an event as expressions see it.
func eventFact(e store.Event) (*segment.Event, error) {
	fact := &segment.Event{ID: e.ID, Type: e.Type, At: e.At, Data: map[string]any{}}
	if len(e.Data) > 0 {
		if err := json.Unmarshal(e.Data, &fact.Data); err != nil {
			return nil, fmt.Errorf("read the data of event %s: %w", e.ID, err)
		}
	}
	return fact, nil
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
	refused, answered := errors.AsType[*store.DatabaseError](err)
	if errors.Is(err, store.ErrNotFound) || answered && refused.Content() {
		return broken(err)
	}
	return err
}

func broken(err error) error {
	return temporal.NewNonRetryableApplicationError(err.Error(), workflows.ErrBroken, nil)
}
