package store

import (
	"context"
	"time"

	"perennial/domain/journey"
	"perennial/store/db"
)

// NewEnrollment is a customer who would enter a journey.
type NewEnrollment struct {
	Journey   string
	Version   int
	Customer  string
	Key       string        // empty where the journey has no key; never personal data
	EnteredBy string        // id of the event that enters; empty where none does
	EnteredAt time.Time     // now, by the stack's clock; or when they were looked at
	Again     journey.Again // may a customer who was in it enter again?

	// EnteredFor is what for the customer enters where no event enters them: a date that came, "2026-12-01", a step of another enrollment,
	// "12.visits.1", or somebody's hand on a day, "by hand 2026-11-26". It enters once. Empty where nothing tells one entry from the next.
	EnteredFor string

	// Late is how late a date may be: one that is closer than that to a date that they entered for is the same one, which was corrected. Zero where no
	// date is waited for.
	Late journey.Span
}

// Entry is what became of a customer who would enter a journey.
type Entry string

// What may become of them.
const (
	Entered       Entry = "entered"        // the enrollment is new
	EnteredBefore Entry = "entered before" // the same event, or the same EnteredFor, entered it already: the enrollment is that one
	StillRunning  Entry = "still running"  // refused: the enrollment that is running is in the way
	NotAgain      Entry = "not again"      // refused: the earlier enrollment is in the way by the journey's rule, or since its date was corrected
	HasLeft       Entry = "has left"       // refused: the customer was closed or erased
)

// Enroll decides whether a customer enters a journey and, if so, writes the enrollment. The customer's row is locked until the
// transaction ends, so that of two at once one decides after the other. The enrollment answered is the new one, or the one that
// Entry speaks of. The error is ErrNotFound where there is no such customer.
//
// A customer is in a journey at most once a key. Once that enrollment has ended, the rule of Again decides: never; after-exit and
// always let in; after counts its span from the earlier entry, by the calendar of the customer's zone. Whatever the rule, a date lets in once, though it
// was corrected by less than Late meanwhile. Nobody enters who was closed or erased.
func (tx *Tx) Enroll(ctx context.Context, n NewEnrollment) (Enrollment, Entry, error) {
	e, entry, err := tx.enroll(ctx, n)
	return e, entry, wrap(err, "enroll %s in journey %s", n.Customer, n.Journey)
}

func (tx *Tx) enroll(ctx context.Context, n NewEnrollment) (Enrollment, Entry, error) {
	who, err := tx.q.LockCustomer(ctx, n.Customer)
	if err != nil {
		return Enrollment{}, "", err
	}
	latest, entry, err := tx.admits(ctx, n, who.Zone, who.Closed)
	if err != nil || entry != Entered {
		return latest, entry, err
	}
	row, err := tx.q.InsertEnrollment(ctx, db.InsertEnrollmentParams{
		Journey: n.Journey, Version: n.Version, Customer: n.Customer, Key: n.Key,
		EnteredBy: orNull(n.EnteredBy), EnteredFor: n.EnteredFor, EnteredAt: n.EnteredAt,
	})
	return enrollmentOf(row), Entered, err
}

// MayEnter says what Enroll would say now, and changes nothing.
func (s session) MayEnter(ctx context.Context, n NewEnrollment) (Entry, error) {
	who, err := s.q.CustomerZone(ctx, n.Customer)
	if err != nil {
		return "", wrap(err, "ask whether %s may enter journey %s", n.Customer, n.Journey)
	}
	_, entry, err := s.admits(ctx, n, who.Zone, who.Closed)
	return entry, wrap(err, "ask whether %s may enter journey %s", n.Customer, n.Journey)
}

// admits decides about a customer by whether they have left and by their earlier enrollments in the journey, and answers the one that is in the way.
func (s session) admits(ctx context.Context, n NewEnrollment, zone string, left bool) (Enrollment, Entry, error) {
	before, entered, err := s.enteredBefore(ctx, n)
	if err != nil {
		return Enrollment{}, "", err
	}
	if entered {
		return before, EnteredBefore, nil
	}
	if left {
		return Enrollment{}, HasLeft, nil
	}
	corrected, same, err := s.sameDate(ctx, n)
	if err != nil {
		return Enrollment{}, "", err
	}
	if same && !corrected.Running() {
		return corrected, NotAgain, nil
	}
	latest, err := s.q.LatestEnrollment(ctx, n.Customer, n.Journey, n.Key)
	if noRows(err) {
		return Enrollment{}, Entered, nil
	}
	if err != nil {
		return Enrollment{}, "", err
	}
	entry, err := s.mayReenter(enrollmentOf(latest), n, zone)
	return enrollmentOf(latest), entry, err
}

// enteredBefore looks for the enrollment that the same event, or the same EnteredFor, made.
func (s session) enteredBefore(ctx context.Context, n NewEnrollment) (before Enrollment, entered bool, err error) {
	var row db.Enrollment
	switch {
	case n.EnteredBy != "":
		row, err = s.q.EnrollmentEnteredBy(ctx, n.EnteredBy, n.Journey, n.Key)
	case n.EnteredFor != "":
		row, err = s.q.EnrollmentEnteredFor(ctx, db.EnrollmentEnteredForParams{
			Customer: n.Customer, Journey: n.Journey, Key: n.Key, EnteredFor: n.EnteredFor,
		})
	default:
		return Enrollment{}, false, nil
	}
	if noRows(err) {
		return Enrollment{}, false, nil
	}
	return enrollmentOf(row), err == nil, err
}

// sameDate looks for an enrollment that was entered for the same date before somebody corrected it.
func (s session) sameDate(ctx context.Context, n NewEnrollment) (before Enrollment, same bool, err error) {
	day, dated := dayOf(n.EnteredFor)
	if n.Late.IsZero() || !dated {
		return Enrollment{}, false, nil
	}
	rows, err := s.q.EnrollmentsEnteredForDays(ctx, n.Customer, n.Journey, n.Key)
	if err != nil {
		return Enrollment{}, false, err
	}
	for _, row := range rows {
		other, dated := dayOf(row.EnteredFor)
		if !dated {
			continue // it looks like a day and is none
		}
		earlier, later := day, other
		if later.Before(earlier) {
			earlier, later = later, earlier
		}
		if later.Before(n.Late.From(earlier)) {
			return enrollmentOf(row), true, nil
		}
	}
	return Enrollment{}, false, nil
}

// dayOf reads what for somebody entered, where that is a day.
func dayOf(enteredFor string) (day time.Time, ok bool) {
	day, err := time.Parse(time.DateOnly, enteredFor)
	return day, err == nil
}

// mayReenter applies the rule of entering again to the latest enrollment.
func (s session) mayReenter(latest Enrollment, n NewEnrollment, zone string) (Entry, error) {
	if latest.Running() {
		return StillRunning, nil
	}
	switch n.Again.Rule {
	case journey.AfterExit, journey.Always:
		return Entered, nil
	case journey.After:
		local, err := s.zones.load(zone)
		if err != nil {
			return "", err
		}
		if n.EnteredAt.Before(n.Again.After.From(latest.EnteredAt.In(local))) {
			return NotAgain, nil
		}
		return Entered, nil
	}
	return NotAgain, nil
}
