package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"perennial/domain/segment"
	"perennial/store"
	"perennial/workflows"
)

// Events carries stored events to enrollments: those that it starts, and those that run and listen. All of it may be repeated without harm:
// an event enters a journey once, by the database, and acts on an enrollment once, by the machine.
type Events struct {
	*Entrance

	// What a sweep makes up for; only the worker needs them.
	Schedules  *Schedules
	Deliveries *Deliveries
}

var _ workflows.EventActivities = (*Events)(nil)

// countPatience is how long, in real time, the count of attempts may take to be written.
const countPatience = 2 * time.Second

// Dispatch carries one stored event on, and writes down that it was. What fails is left to the sweeper. Entering comes first, so that whether an
// event that ends an enrollment enters another one does not depend on which is quicker: the one that still runs is in the way.
func (e *Events) Dispatch(ctx context.Context, event store.Event) error {
	err := errors.Join(e.enter(ctx, event), e.tell(ctx, event))
	if err != nil {
		// It is counted also where time ran out: what hangs must come after what does not.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), countPatience)
		defer cancel()
		return errors.Join(fmt.Errorf("route event %s: %w", event.ID, err), e.Store.CountDispatchAttempt(ctx, event.ID))
	}
	return e.Store.MarkDispatched(ctx, event.ID, e.now())
}

// tell signals the customer's running enrollments that listen for the event's type.
func (e *Events) tell(ctx context.Context, event store.Event) error {
	listening, err := e.Store.Listening(ctx, event.Customer, event.Type)
	if err != nil {
		return err
	}
	var failed []error
	for _, running := range listening {
		if running.EnteredBy == event.ID || e.elsewhere(ctx, running, event) {
			continue
		}
		failed = append(failed, e.tellOne(ctx, running, event))
	}
	return errors.Join(failed...)
}

// elsewhere says whether an event tells of a thing alone that an enrollment is not about, since it is about another.
func (e *Events) elsewhere(ctx context.Context, running store.Enrollment, event store.Event) bool {
	of, id, one := event.Changed()
	if !one {
		return false
	}
	v, err := e.Versions.get(ctx, running.Journey, running.Version)
	if err != nil {
		return false // better told in vain
	}
	each := v.plan.Enter.Each
	return each != "" && (each != of || running.Key != id)
}

// tellOne signals an enrollment, which is started where it was not.
func (e *Events) tellOne(ctx context.Context, running store.Enrollment, event store.Event) error {
	if running.StartedAt.IsZero() {
		if err := e.startWritten(ctx, running); err != nil {
			return err
		}
	}
	return e.signal(ctx, running, event)
}

// enter enrolls the customer in the journeys that the event enters.
func (e *Events) enter(ctx context.Context, event store.Event) error {
	versions, err := e.Store.EnteringOn(ctx, event.Type)
	if err != nil {
		return err
	}
	var failed []error
	for _, stored := range versions {
		if err := e.enterOne(ctx, stored.Journey, stored.Number, event); err != nil {
			failed = append(failed, fmt.Errorf("journey %s: %w", stored.Journey, err))
		}
	}
	return errors.Join(failed...)
}

func (e *Events) enterOne(ctx context.Context, name string, number int, event store.Event) error {
	v, err := e.Versions.get(ctx, name, number)
	if err != nil {
		return err
	}
	may, key, err := e.admits(ctx, v, event)
	if err != nil || !may {
		return err
	}
	enrollment, entry, err := e.enroll(ctx, v, store.NewEnrollment{Customer: event.Customer, Key: key, EnteredBy: event.ID})
	if err != nil {
		return err
	}
	if entry != store.Entered && entry != store.EnteredBefore || !enrollment.Running() {
		return nil
	}
	if enrollment.StartedAt.IsZero() {
		if err := e.startWritten(ctx, enrollment); err != nil {
			return err
		}
	}
	// What came after the event that entered it may have been routed before it, when there was nobody to tell.
	missed, err := e.Store.EventsSince(ctx, event.Customer, event.ID, v.plan.Listens())
	if err != nil {
		return err
	}
	return e.catchUp(ctx, enrollment, missed)
}

// admits evaluates the conditions of entering, and the key. Conditions that can't be evaluated, since the event lacks what they speak of, don't
// hold: no later try would change that.
func (e *Events) admits(ctx context.Context, v *version, event store.Event) (may bool, key string, err error) {
	enter := v.plan.Enter
	if enter.When == 0 && enter.Key == 0 {
		return true, "", nil
	}
	who, err := e.Store.Profile(ctx, event.Customer)
	if err != nil {
		return false, "", err
	}
	facts := segment.Facts{Profile: who, Now: e.now()}
	if facts.Event, err = eventFact(event); err != nil {
		return false, "", err
	}
	if enter.When != 0 {
		source, err := v.expression(enter.When)
		if err != nil {
			return false, "", err
		}
		if may, err = v.evaluator.Bool(ctx, source, facts); err != nil {
			return e.refuse(v, event, err)
		}
		if !may {
			return false, "", nil
		}
	}
	if enter.Key == 0 {
		return true, "", nil
	}
	source, err := v.expression(enter.Key)
	if err != nil {
		return false, "", err
	}
	if key, err = v.evaluator.String(ctx, source, facts); err != nil {
		return e.refuse(v, event, err)
	}
	if err := store.CheckID(key); err != nil {
		return e.refuse(v, event, fmt.Errorf("its key: %w", err))
	}
	return true, key, nil
}

// refuse lets nobody enter because of what an event says.
func (e *Events) refuse(v *version, event store.Event, why error) (may bool, key string, err error) {
	e.Log.Warn("An event enters nobody.", "event", event.ID, "journey", v.plan.Journey, "version", v.number, "why", why)
	return false, "", nil
}
