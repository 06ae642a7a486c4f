package contact

import (
	"time"

	"perennial/domain/customer"
)

// The rules about other touches of the same customer: how close together they come, and which goes first.

// gap keeps a distance to what the customer got.
func (d *decision) gap(t time.Time) (at, until time.Time, ok bool) {
	if d.distance().IsZero() {
		return t, time.Time{}, true
	}
	for _, touched := range d.who.Touched {
		if d.own(touched) {
			continue
		}
		if over := d.distance().From(touched.At.In(d.who.Zone)); over.After(t) {
			t = over
		}
	}
	return t, time.Time{}, true
}

// distance is how far this touch keeps from others; zero is not at all.
func (d *decision) distance() Period {
	if d.p.Gap == nil || len(d.p.Gap.Topics) > 0 && !d.concerns(d.p.Gap.Topics) {
		return Period{}
	}
	return d.p.Gap.Least
}

// yield keeps a distance to the more important touches that other enrollments want to make: two that want the same minute never
// both get it.
func (d *decision) yield(t time.Time) (at, until time.Time, ok bool) {
	distance := d.distance()
	if distance.IsZero() || d.off(RuleGap) {
		distance = Period{Exact: time.Minute}
	}
	for moved := true; moved; {
		moved, until = false, time.Time{}
		for _, w := range d.who.Wanted {
			if !d.before(w) {
				continue
			}
			wanted := w.At.In(d.who.Zone)
			from, to := distance.Before(wanted), distance.From(wanted)
			switch {
			case !t.After(from):
				until = sooner(until, from.Add(time.Nanosecond))
			case t.Before(to):
				t, moved = to, true
			}
		}
	}
	return t, until, true
}

// before says whether a touch that another enrollment wants goes first: its topic is more important, or its step began earlier.
func (d *decision) before(w customer.Wanted) bool {
	if d.q.Enrollment == 0 || w.Enrollment == d.q.Enrollment {
		return false
	}
	theirs, ours := d.priority(w.Topic), d.priority(d.q.Topic)
	switch {
	case theirs != ours:
		return theirs < ours
	case d.q.Since.IsZero() || w.Since.Equal(d.q.Since):
		return d.q.Since.IsZero() || w.Enrollment < d.q.Enrollment
	}
	return w.Since.Before(d.q.Since)
}

// priority is a topic's; one that the policy does not know comes last.
func (d *decision) priority(topic string) int {
	if t, ok := d.p.Topic(topic); ok {
		return t.Priority
	}
	return 1 << 30
}
