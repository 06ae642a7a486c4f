package activities

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/domain/segment"
	"perennial/store"
	"perennial/workflows"
)

// SetAttributes writes what a step's expressions give into the profile, once an occurrence. All of it happens in one transaction that holds the
// customer's row, so that of two enrollments that both add ten points neither overwrites the other's; what one line sets is known to the
// next. A value that can't be had ends the enrollment.
func (j *Journeys) SetAttributes(ctx context.Context, r workflows.SetRequest) error {
	v, err := j.Versions.get(ctx, r.Journey, r.Version)
	if err != nil {
		return final(err)
	}
	step, ok := v.plan.Step(r.Step)
	if !ok || step.Verb != journey.Set {
		return broken(fmt.Errorf("journey %s has no step %s that sets attributes", r.Journey, r.Step))
	}
	return final(j.Store.InTx(ctx, func(tx *store.Tx) error {
		who, err := tx.LockProfile(ctx, r.Customer)
		if err != nil || who.Closed { // what they are in ends in a moment, and of the erased nothing more is written down
			return err
		}
		occurrence := fmt.Sprintf("%d.%s.%d", r.Enrollment, r.Step, r.Occurrence)
		wrote, err := tx.WroteAttributes(ctx, occurrence)
		if err != nil || wrote {
			return err // what it wrote may have changed what its expressions give, or whether they can be evaluated at all
		}
		facts, err := factsOf(ctx, tx, v, who, situation{key: r.Key, answers: r.Answers, at: r.At})
		if err != nil {
			return err
		}
		write := store.AttributeWrite{
			Customer: r.Customer, Enrollment: r.Enrollment, Occurrence: occurrence, At: j.now(),
		}
		if write.Attributes, write.History, err = v.assigned(ctx, step, facts); err != nil {
			return err
		}
		_, err = tx.SetAttributes(ctx, write)
		return err
	}))
}

// assigned evaluates what a step sets, in order, and names what of it keeps its history.
func (v *version) assigned(ctx context.Context, step journey.Step, facts segment.Facts) (values map[string]any, history []string, err error) {
	values = map[string]any{}
	for _, a := range step.Set {
		source, err := v.expression(a.Value)
		if err != nil {
			return nil, nil, broken(err)
		}
		known, ok := v.catalogue.Attribute(a.Attribute)
		if !ok {
			return nil, nil, broken(fmt.Errorf("step %s: the profile catalogue of its version has no attribute %s", step.ID, a.Attribute))
		}
		value, err := v.evaluator.Value(ctx, source, known.Type, facts)
		if err != nil {
			return nil, nil, unevaluated(step.ID, err)
		}
		if values[a.Attribute], err = storable(value); err != nil {
			return nil, nil, unevaluated(step.ID, fmt.Errorf("%s: %w", a.Attribute, err))
		}
		facts.Profile.Attributes[a.Attribute] = values[a.Attribute] // of this profile, which nobody else has
		if known.History {
			history = append(history, a.Attribute)
		}
	}
	return values, history, nil
}

// storable is a value as a profile keeps it: a date that is midnight is a day.
func storable(value any) (any, error) {
	switch value := value.(type) {
	case time.Time:
		year, month, day := value.Date()
		if value.Equal(customer.WallTime(year, month, day, 0, 0, 0, 0, value.Location())) {
			return value.Format(time.DateOnly), nil
		}
		return value.UTC().Format(time.RFC3339Nano), nil
	case float64:
		if math.IsNaN(value) || math.IsInf(value, 0) {
			return nil, errors.New("it comes to no number")
		}
	case []any:
		kept := make([]any, len(value))
		for i, item := range value {
			var err error
			if kept[i], err = storable(item); err != nil {
				return nil, err
			}
		}
		return kept, nil
	}
	return value, nil
}
