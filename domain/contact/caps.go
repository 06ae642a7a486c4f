package contact

import (
	"slices"
	"time"

	"perennial/domain/customer"
)

// The rules about what else the customer gets: how many touches, how close together, and which goes first.

// caps moves a touch to the first instant at which no cap is full. A touch leaves a cap by the calendar on the customer's wall: what came
// on Monday at ten lets the next one come on Monday at ten, when it is per week.
func (d *decision) caps(t time.Time) (at, until time.Time, ok bool) {
	at = t
	for moved := true; moved; {
		moved, until = false, time.Time{}
		for i := range d.p.Caps {
			if !d.p.Caps[i].covers(d) {
				continue
			}
			free, ends := d.free(&d.p.Caps[i], at)
			if free.After(at) {
				at, moved = free, true
			}
			until = sooner(until, ends)
		}
	}
	return at, until, true
}

// covers says whether this touch counts for the cap.
func (c *Cap) covers(d *decision) bool {
	return (c.Channel == "" || c.Channel == d.channel) && (c.Topic == "" || c.Topic == d.q.Topic)
}

// quota is what the cap says for customers of a star.
func (c *Cap) quota(star int) Quota {
	for _, s := range c.Stars {
		if s.Star == star {
			return s.Quota
		}
	}
	return c.Quota
}

// free returns the first instant at or after t at which one more touch fits under the cap, and when that ends, zero for never. Beside
// what was sent it counts what more important touches of the customer will take.
func (d *decision) free(c *Cap, t time.Time) (at, until time.Time) {
	q := c.quota(d.who.Star)
	if q.Most < 1 {
		return t, time.Time{}
	}
	taken := d.taken(c)
	for i := 0; i+q.Most <= len(taken); i++ {
		// These are as many as may lie within one time: the touch must not be the one too many beside them.
		oldest, newest := taken[i], taken[i+q.Most-1]
		leaves := q.Per.From(oldest)
		if !newest.Before(leaves) || !t.Before(leaves) {
			continue
		}
		crowded := q.Per.Before(newest) // a touch that comes after this comes too soon before them
		if t.Before(oldest) && !t.After(crowded) {
			until = sooner(until, sooner(oldest, crowded.Add(time.Nanosecond)))
			continue
		}
		t, until = leaves, time.Time{}
	}
	return t, until
}

// taken returns when touches took or will take a place under the cap, the oldest first.
func (d *decision) taken(c *Cap) []time.Time {
	var taken []time.Time
	for _, touched := range d.who.Touched {
		if d.own(touched) || c.Channel != "" && touched.Channel != c.Channel || c.Topic != "" && touched.Topic != c.Topic {
			continue
		}
		taken = append(taken, touched.At.In(d.who.Zone))
	}
	for _, w := range d.who.Wanted {
		if c.Channel != "" || c.Topic != "" && w.Topic != c.Topic || !d.before(w) {
			continue
		}
		taken = append(taken, w.At.In(d.who.Zone))
	}
	slices.SortFunc(taken, time.Time.Compare)
	return taken
}

func (d *decision) own(t customer.Touched) bool { return d.q.Touch != "" && t.Touch == d.q.Touch }

// gap keeps a distance to what the customer got.
func (d *decision) gap(t time.Time) (at, until time.Time, ok bool) {
	if d.distance().IsZero() {
		return t, time.Time{}, true
	}
	for _, touched := range d.who.Touched {
		if d.own(touched) {
			continue
		}
		if clear := d.distance().From(touched.At.In(d.who.Zone)); clear.After(t) {
			t = clear
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

// sooner returns the earlier of two instants, where zero is never.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
