package demo

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"perennial/domain/journey"
	"perennial/store"
)

// enrollment is what a message belongs to.
type enrollment struct {
	id       int64
	customer string
	journey  string
	key      string
	nth      int    // of the customer's in this journey with this key, from 1
	name     string // the journey, the key and the number: the same in two runs with one seed, which the id is not
	steps    map[string]journey.Step
}

// enrollmentOf finds the enrollment that a message belongs to by its touch.
func (b *business) enrollmentOf(ctx context.Context, touch string) (enrollment, error) {
	number, _, _ := strings.Cut(touch, ".")
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return enrollment{}, fmt.Errorf("a message was received that carries no touch: %q", touch)
	}
	if known, there := b.enrolled[id]; there {
		return known, nil
	}
	row, err := b.Store.Enrollment(ctx, id)
	if err != nil {
		return enrollment{}, err
	}
	siblings, err := b.Store.Enrollments(ctx, store.EnrollmentFilter{Journey: row.Journey, Customer: row.Customer}, 0, 1000)
	if err != nil {
		return enrollment{}, err
	}
	e := enrollment{id: id, customer: row.Customer, journey: row.Journey, key: row.Key, steps: b.steps[row.Journey]}
	for _, s := range siblings {
		if s.Key == row.Key && s.ID <= id {
			e.nth++
		}
	}
	e.name = enrollmentName(e.journey, e.key, e.nth)
	b.enrolled[id] = e
	return e, nil
}

func enrollmentName(journey, key string, nth int) string {
	name := journey
	if key != "" {
		name += "." + key
	}
	return name + "." + strconv.Itoa(nth)
}

// occurrence is the step and occurrence of a touch, without the enrollment's number, which another run may give otherwise.
func occurrence(touch string) string {
	parts := strings.Split(touch, ".")
	if len(parts) != 4 {
		return touch
	}
	return parts[1] + "." + parts[2]
}

// stepOf is the step of a touch.
func stepOf(touch string) string {
	step, _, _ := strings.Cut(occurrence(touch), ".")
	return step
}
