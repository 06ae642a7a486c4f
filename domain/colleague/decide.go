package colleague

import (
	"time"

	"perennial/domain/contact"
	"perennial/domain/customer"
)

// Question asks whom to tell something about a customer, on which channel and when.
type Question struct {
	Asked     string // id of the colleague to be told; empty where nobody looks after the customer
	At        time.Time
	Templates []customer.Channel // those for which the message is written, and that have a provider
	Tried     []Try              // what failed for this occurrence already
	Expires   time.Time          // it is of no use any more after this instant
}

// Try is a channel on which a colleague was to be told.
type Try struct {
	Colleague string
	Channel   customer.Channel
}

// Answer is the contact policy's kind of answer, and who is told.
type Answer struct {
	contact.Answer

	Told string // with Send and Hold: id of the colleague
}

// Colleagues are those who may have to be told, by id: the one who is asked for, and those who stand in.
type Colleagues map[string]Colleague

// Decide answers with the first instant, from the question on, at which whoever stands in then is at work. The colleague asked for is told; while
// that one is absent, or can't be reached on any channel, it is the deputy, and then the deputy's deputy. Where all of them are absent it is held
// until the first of them is back. Public holidays of the colleague's country are those of the calendars.
func (cs Colleagues) Decide(calendars []contact.Calendar, q Question) Answer {
	d := decision{calendars: calendars, q: q}
	if reason := d.line(cs); reason != "" {
		return Answer{Answer: contact.Answer{Verdict: contact.Skip, Reason: reason}}
	}
	at, until, told := d.search()
	switch {
	case told == nil:
		return Answer{Answer: contact.Answer{Verdict: contact.Skip, Reason: contact.Expired}}
	case at.After(q.At):
		held := contact.Answer{Verdict: contact.Hold, Channel: told.channel, At: at, Reason: d.reason(q.At)}
		return Answer{Answer: held, Told: told.ID}
	}
	return Answer{Answer: contact.Answer{Verdict: contact.Send, Channel: told.channel, Until: until}, Told: told.ID}
}

// decision is one question on its way.
type decision struct {
	calendars []contact.Calendar
	q         Question
	inLine    []reachable // in the order in which they stand in
}

// reachable is a colleague, and the channel on which they are told.
type reachable struct {
	*Colleague

	channel customer.Channel
}

// line finds out who may be told, in order. A reason is why nobody may be.
func (d *decision) line(cs Colleagues) contact.Reason {
	if d.q.Asked == "" {
		return contact.NoColleague
	}
	if _, known := cs[d.q.Asked]; !known {
		return contact.UnknownColleague
	}
	seen := map[string]bool{} // two may stand in for each other
	for id := d.q.Asked; !seen[id]; id = cs[id].Deputy {
		seen[id] = true
		c, known := cs[id]
		if !known {
			break
		}
		if channel, ok := c.channel(d.q); ok {
			d.inLine = append(d.inLine, reachable{&c, channel})
		}
	}
	if len(d.inLine) == 0 {
		return contact.NoChannel
	}
	return ""
}

// search goes from one change of date to the next: within, nobody leaves or comes back and no holiday begins or ends. told is nil where nobody is
// at work before the question expires.
func (d *decision) search() (at, until time.Time, told *reachable) {
	for t := d.q.At; !t.After(d.q.Expires); t = d.nextDate(t) {
		who := d.present(t)
		if who == nil || who.celebrates(t, d.calendars) {
			continue
		}
		at, until, ok := who.WorkingHours().Next(t, who.Zone)
		if ok && at.Before(d.nextDate(t)) && !at.After(d.q.Expires) {
			return at, d.permitted(at, until, who), who
		}
	}
	return time.Time{}, time.Time{}, nil
}

// present is the first in line who is not absent at an instant; nil where all are.
func (d *decision) present(t time.Time) *reachable {
	for i := range d.inLine {
		if !d.inLine[i].Absent(t) {
			return &d.inLine[i]
		}
	}
	return nil
}

// permitted is how long a permission that begins at an instant lasts: until the hours end, until somebody else is the one to tell, or a day.
func (d *decision) permitted(at, until time.Time, who *reachable) time.Time {
	if day := at.Add(24 * time.Hour); day.Before(until) {
		until = day
	}
	for t := d.nextDate(at); t.Before(until); t = d.nextDate(t) {
		if d.present(t) != who || who.celebrates(t, d.calendars) {
			return t
		}
	}
	return until
}

// nextDate is the first instant after t at which a calendar on the wall of somebody in line shows another date.
func (d *decision) nextDate(t time.Time) time.Time {
	next := customer.NextDate(t, d.inLine[0].Zone)
	for _, c := range d.inLine[1:] {
		if theirs := customer.NextDate(t, c.Zone); theirs.Before(next) {
			next = theirs
		}
	}
	return next
}

// reason is why nobody is told at an instant.
func (d *decision) reason(t time.Time) contact.Reason {
	who := d.present(t)
	switch {
	case who == nil:
		return contact.Absent
	case who.celebrates(t, d.calendars):
		return contact.DayOff
	}
	return contact.WorkingHours
}
