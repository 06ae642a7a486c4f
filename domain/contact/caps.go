package contact

import (
	"slices"
	"time"

	"perennial/domain/customer"
)

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

// sooner returns the earlier of two instants, where zero is never.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
