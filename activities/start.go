package activities

import (
	"context"
	"errors"
	"fmt"

	"perennial/domain/contact"
	"perennial/domain/journey"
	"perennial/domain/segment"
	"perennial/store"
	"perennial/workflows"
)

// StartJourney lets the customer of an enrollment enter another journey, by the rules of that journey and once an occurrence of the step. Whatever
// keeps them out is answered, and the enrollment that asked goes on.
func (j *Journeys) StartJourney(ctx context.Context, r workflows.StartRequest) (journey.Started, error) {
	v, err := j.Entrance.newest(ctx, r.Start)
	if errors.Is(err, store.ErrNotFound) {
		return journey.Started{What: r.Start + " is not published"}, nil
	}
	if err != nil {
		return journey.Started{}, err
	}
	key, refusal, err := j.keyOf(ctx, v, r)
	if err != nil || refusal != "" {
		return journey.Started{What: refusal}, final(err)
	}
	if refusal, err := j.lacksDate(ctx, v, key, r); err != nil || refusal != "" {
		return journey.Started{What: refusal}, final(err)
	}
	enrollment, entry, err := j.Entrance.enroll(ctx, v, store.NewEnrollment{
		Customer: r.Customer, Key: key, EnteredFor: fmt.Sprintf("%d.%s.%d", r.Enrollment, r.Step, r.Occurrence),
	})
	if err != nil {
		return journey.Started{}, final(err)
	}
	switch entry {
	case store.StillRunning:
		return journey.Started{What: "is in " + r.Start + " already"}, nil
	case store.NotAgain:
		return journey.Started{What: "has been in " + r.Start + ": not again"}, nil
	case store.HasLeft:
		return journey.Started{What: contact.Closed.Sentence()}, nil
	}
	if enrollment.Running() && enrollment.StartedAt.IsZero() {
		if err := j.Entrance.startWritten(ctx, enrollment); err != nil {
			j.Entrance.Log.Warn("An enrollment is left to the sweep to start.", "enrollment", enrollment.ID, "error", err)
		}
	}
	return journey.Started{What: "entered " + r.Start}, nil
}

// keyOf is the key under which the customer would enter: the thing that both journeys are about. The refusal says why there is none.
func (j *Journeys) keyOf(ctx context.Context, v *version, r workflows.StartRequest) (key, refusal string, err error) {
	if v.plan.Enter.Retired {
		return "", r.Start + " is retired", nil
	}
	if v.plan.Enter.Key != 0 {
		return "", r.Start + " is entered by an event alone, which brings its key", nil
	}
	each := v.plan.Enter.Each
	if each == "" {
		return "", "", nil
	}
	asking, err := j.Store.Enrollment(ctx, r.Enrollment)
	if err != nil {
		return "", "", err
	}
	from, err := j.Versions.get(ctx, asking.Journey, asking.Version)
	if err != nil {
		return "", "", err
	}
	if from.plan.Enter.Each != each {
		return "", fmt.Sprintf("%s is about one %s, and %s is not", r.Start, each, asking.Journey), nil
	}
	return r.Key, "", nil
}

// lacksDate says why the customer can't enter a journey that is entered by a date, which its steps rely on: nobody knows theirs.
func (j *Journeys) lacksDate(ctx context.Context, v *version, key string, r workflows.StartRequest) (refusal string, err error) {
	source, err := v.needs()
	if err != nil || source == "" {
		return "", err
	}
	who, err := j.Store.Profile(ctx, r.Customer)
	if err != nil {
		return "", err
	}
	facts, err := factsOf(ctx, j.Store, v, who, situation{key: key, at: r.At})
	if err != nil {
		return "", err
	}
	_, err = v.evaluator.Time(ctx, source, facts)
	if _, unread := errors.AsType[*segment.HistoryError](err); unread || ctx.Err() != nil {
		return "", errors.Join(err, ctx.Err())
	}
	return v.noDate(err), nil
}

// noDate says in words what an error at evaluating the date of a version means; empty where there is none.
func (v *version) noDate(err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, segment.ErrAbsent):
		return v.errNoDate().Error()
	}
	return fmt.Sprintf("not in %s: its date can't be evaluated", v.plan.Journey)
}
