package contact

import (
	"fmt"
	"slices"
)

// What the rules about hours and about other touches say in words.

func (d *decision) sayTimely(rule string) []Step {
	if rule == RuleCap {
		return d.sayCaps()
	}
	at, _, ok := d.allows(rule, d.q.At)
	s := Step{Rule: rule, Verdict: Send}
	if !ok || at.After(d.q.At) {
		s.Verdict = Hold
	}
	switch rule {
	case RuleLegal:
		s.Place, s.Says = d.sayLegal()
	case RuleWindow:
		s.Says = "the customer has no hours of their own"
		if len(d.who.Windows) > 0 {
			s.Says = "the customer prefers " + d.who.Windows.String()
		}
	case RuleQuiet:
		s.Place, s.Says = d.sayQuiet()
	case RuleHoliday:
		s.Place, s.Says = d.sayHoliday()
	case RuleGap:
		s.Place, s.Says = d.sayGap()
	case RulePriority:
		s.Says = d.sayPriority()
	}
	switch {
	case !ok:
		s.Says += "; that is never"
	case s.Verdict == Hold:
		s.Says += "; not before " + d.stamp(at)
	}
	return []Step{s}
}

func (d *decision) sayLegal() (Place, string) {
	law := d.law()
	if law == nil {
		return Place{}, "no law about hours concerns " + d.q.Topic + " by " + d.channel.Title() + d.in()
	}
	return law.Place, "the law" + d.in() + " allows " + law.Open.String()
}

// in names the customer's country.
func (d *decision) in() string {
	if d.who.Country == "" {
		return " where the country is not known"
	}
	return " in " + d.who.Country
}

func (d *decision) sayQuiet() (Place, string) {
	switch {
	case len(d.who.Windows) > 0:
		return d.p.DecentAt, "the customer's own hours stand above decent hours"
	case len(d.p.Decent) == 0:
		return d.p.DecentAt, "any hour is decent"
	}
	return d.p.DecentAt, "decent hours are " + d.p.Decent.String()
}

func (d *decision) sayHoliday() (Place, string) {
	if d.p.Holidays == nil {
		return Place{}, "no topic rests on public holidays"
	}
	if !d.concerns(d.p.Holidays.Topics) {
		return d.p.Holidays.Place, d.q.Topic + " does not rest on public holidays"
	}
	calendar := d.calendar()
	if calendar == nil {
		return d.p.Holidays.Place, "there is no calendar of public holidays" + d.in()
	}
	today := DateOf(d.q.At, d.who.Zone)
	if day, rests := calendar.Holiday(today); rests {
		return day.Place, fmt.Sprintf("%s is %s%s", today, day.Name, d.in())
	}
	if day, works := calendar.Works(today); works {
		return day.Place, fmt.Sprintf("%s is no public holiday%s, people work for %s; hours go by the weekday all the same", today, d.in(), day.Name)
	}
	if today.Year() < calendar.First || today.Year() > calendar.Last {
		return calendar.Place, fmt.Sprintf("the calendar of %s does not know %d, so no day of it is a public holiday", calendar.Country, today.Year())
	}
	return calendar.Place, fmt.Sprintf("%s is no public holiday%s", today, d.in())
}

func (d *decision) sayCaps() []Step {
	var steps []Step
	for i := range d.p.Caps {
		c := &d.p.Caps[i]
		if !c.covers(d) {
			continue
		}
		q := c.quota(d.who.Star)
		s := Step{Rule: RuleCap, Place: q.Place, Verdict: Send}
		since, counted := q.Per.Before(d.q.At.In(d.who.Zone)), 0
		for _, at := range d.taken(c) {
			if at.After(since) {
				counted++
			}
		}
		s.Says = fmt.Sprintf("at most %d %s per %s%s; %d counted", q.Most, c.subject(), q.Per, c.forStar(d.who.Star), counted)
		if free, _ := d.free(c, d.q.At); free.After(d.q.At) {
			s.Verdict = Hold
			s.Says += "; not before " + d.stamp(free)
		}
		steps = append(steps, s)
	}
	if len(steps) == 0 {
		return []Step{{Rule: RuleCap, Verdict: Send, Says: "no cap counts " + d.q.Topic + " by " + d.channel.Title()}}
	}
	return steps
}

// subject is what a cap counts.
func (c *Cap) subject() string {
	switch {
	case c.Channel != "":
		return "by " + c.Channel.Title()
	case c.Topic != "":
		return "about " + c.Topic
	}
	return "in all"
}

func (c *Cap) forStar(star int) string {
	if slices.ContainsFunc(c.Stars, func(s StarQuota) bool { return s.Star == star }) {
		return fmt.Sprintf(" for star %d", star)
	}
	return ""
}

func (d *decision) sayGap() (Place, string) {
	switch {
	case d.p.Gap == nil:
		return Place{}, "messages keep no distance"
	case d.distance().IsZero():
		return d.p.Gap.Place, d.q.Topic + " keeps no distance to other messages"
	}
	return d.p.Gap.Place, "at least " + d.p.Gap.Least.String() + " between two messages"
}

func (d *decision) sayPriority() string {
	for _, w := range d.who.Wanted {
		if d.before(w) {
			return fmt.Sprintf("%s of enrollment %d goes first, wanted for %s", w.Topic, w.Enrollment, d.stamp(w.At))
		}
	}
	return "no held message of the customer goes first"
}
