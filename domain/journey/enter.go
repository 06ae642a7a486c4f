package journey

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"perennial/domain/customer"
	"perennial/domain/document"
	"perennial/domain/problem"
	"perennial/domain/segment"
)

// enter compiles who enters the journey: exactly one of the ways there are.
func (c *compiler) enter(v *document.Value) {
	v.CheckKeys(allEnterKeys(), c.problems)
	way, ok := c.way(v)
	if !ok {
		return
	}
	c.checkEnterKeys(v, way)
	e := &c.plan.Enter
	otherwise := Never
	if way == "at" {
		otherwise = AfterExit // each date lets a customer in once anyway
	}
	e.Again = c.again(v, otherwise)
	e.Each = c.each(v) // also where it has no business: what the journey is meant to be about is no mistake of its steps
	switch way {
	case "on":
		e.On, e.When, e.Key = c.enterOn(v)
	case "segment":
		e.Every = c.lookEvery(v, Span{})
		if v.Get("every") == nil {
			c.problems.Add(v.Place, "enter does not say how often customers are looked at", "add every: 1d")
		}
		e.When = c.expression(v.Scalar("segment", c.problems), segment.Bool, c.scope(""))
	case "at":
		e.At = c.date(v.Scalar("at", c.problems), segment.Scope{Each: e.Each, Absent: true}) // who has no such date does not enter
		c.present = c.needs(v.Scalar("at", c.problems), segment.Scope{Each: e.Each, Absent: true})
		e.When = c.expression(v.Scalar("when", c.problems), segment.Bool, c.scope(""))
		e.Every, e.Late = c.lookEvery(v, Span{Days: 1}), DefaultLate
		if v.Get("late") != nil {
			e.Late = c.span(v, "late")
		}
		c.checkLate(v)
	case "by":
		if by := v.Scalar("by", c.problems); by != nil && by.Text != byStart {
			c.problems.Add(by.Place, "by can't be "+by.Text, "write by: start, for a journey that only others start")
		}
	}
}

// way returns the key that says how customers come in; not ok, with a problem, when there is none or more than one.
func (c *compiler) way(v *document.Value) (string, bool) {
	var found []document.Field
	for _, f := range v.Fields {
		if slices.Contains(enterWays(), f.Key) {
			found = append(found, f)
		}
	}
	switch {
	case len(found) == 1:
		return found[0].Key, true
	case len(found) > 1:
		c.problems.Add(found[1].Place, "customers enter in one way, and here are "+found[0].Key+" and "+found[1].Key,
			"keep one, and let another journey, which customers enter in the other, start this one")
	case v.Get("each") != nil:
		c.problems.Add(v.Get("each").Place, "each does not say when", "add a date of the thing, such as at: agreement.renews_on - days(60)")
	case v.Get("every") != nil:
		c.problems.Add(v.Get("every").Place, "every does not say who", "add segment: customer.star == 5, or a date: at: anniversary(customer.birthday)")
	default:
		c.problems.Add(v.Place, "enter does not say how customers come in",
			"write on: purchase, every: 1d with segment: customer.star == 5, at: customer.birthday, or by: start for a journey that only others start")
	}
	return "", false
}

// checkEnterKeys adds a problem for each key that has no business beside the way in.
func (c *compiler) checkEnterKeys(v *document.Value, way string) {
	for _, f := range v.Fields {
		if f.Key == way || slices.Contains(enterKeys()[way], f.Key) || !slices.Contains(allEnterKeys(), f.Key) {
			continue
		}
		var owners []string
		for _, other := range enterWays() {
			if slices.Contains(enterKeys()[other], f.Key) {
				owners = append(owners, other)
			}
		}
		mend := "it belongs to " + strings.Join(owners, " and ")
		switch {
		case f.Key == "each" && way == "segment":
			mend = "each belongs to at; write at: last('visit.completed') + months(11), a date of the thing or of what happened"
		case f.Key == "key" && v.Get("each") != nil:
			mend = "leave it out: each thing is an enrollment of its own"
		case f.Key == "when" && way == "segment":
			mend = "write it into the segment, joined by &&"
		}
		c.problems.Add(f.Place, "enter with "+way+" takes no "+f.Key, mend)
	}
}

func (c *compiler) enterOn(v *document.Value) (event string, when, key int) {
	event, ok := c.event(v)
	if !ok {
		return "", 0, 0
	}
	scope := c.scope(event)
	return event, c.expression(v.Scalar("when", c.problems), segment.Bool, scope), c.key(v.Scalar("key", c.problems), scope)
}

// each compiles the kind of thing that the journey is about.
func (c *compiler) each(of *document.Value) customer.ThingKind {
	v := of.Scalar("each", c.problems)
	if v == nil {
		return ""
	}
	kinds := make([]string, len(customer.ThingKinds))
	for i, kind := range customer.ThingKinds {
		kinds[i] = string(kind)
	}
	if !slices.Contains(kinds, v.Text) {
		c.problems.Add(v.Place, "customers have no "+v.Text, problem.Suggest(v.Text, kinds))
		return ""
	}
	return customer.ThingKind(v.Text)
}

// lookEvery compiles how often all customers are looked at.
func (c *compiler) lookEvery(of *document.Value, otherwise Span) Span {
	v := of.Scalar("every", c.problems)
	if v == nil {
		return otherwise
	}
	every := c.spanOf(v)
	switch {
	case every.Years != 0 || every.Months != 0:
		c.problems.Add(v.Place, "customers can't be looked at by the month or the year", "write days or hours, such as every: 1d")
	case every.Days == 0 && !every.IsZero() && every.Exact < leastLook:
		c.problems.Add(v.Place, "all customers can't be looked at so often", "write at least 1m; what must be noticed at once is an event: enter: { on: purchase }")
	}
	return every
}

// slack is how much longer a customer must be able to enter after their date than it is from one look to the next: a scan that is down overnight, or
// takes its time, loses nobody.
var slack = Span{Days: 1}

// checkLate finds dates that lie between two looks, so that at the second it is too late to enter.
func (c *compiler) checkLate(of *document.Value) {
	every, late := c.plan.Enter.Every, c.plan.Enter.Late
	epoch := time.Unix(0, 0).UTC()
	if every.IsZero() || every.Years+every.Months != 0 || late.IsZero() || !late.From(epoch).Before(slack.From(every.From(epoch))) {
		return
	}
	said := "late"
	if of.Get(said) == nil {
		said = "every"
	}
	needed := Span{Days: every.Days + slack.Days, Exact: every.Exact}
	c.problems.Add(of.Scalar(said, c.problems).Place, fmt.Sprintf("who enters at most %s late may be missed by a look every %s", late, every),
		fmt.Sprintf("write at least late: %s, a day more than every, so that a look that comes late misses nobody; or look more often", needed))
}

// leastLook is how long it is at least until all customers are looked at again.
const leastLook = time.Minute

// again compiles whether a customer may enter again: a word, or { after: SPAN }.
func (c *compiler) again(of *document.Value, otherwise string) Again {
	f := of.Get("again")
	if f == nil {
		return Again{Rule: otherwise}
	}
	words := []string{Never, AfterExit, Always}
	const mend = "write never, after-exit, always or { after: 180d }"
	switch f.Value.Kind {
	case document.Mapping:
		f.Value.CheckKeys([]string{After}, c.problems)
		if f.Value.Get(After) == nil {
			c.problems.Add(f.Value.Place, "again has no after", mend)
		}
		return Again{Rule: After, After: c.span(f.Value, After)}
	case document.Scalar:
		for _, word := range words {
			if f.Value.Text == word {
				return Again{Rule: word}
			}
		}
		c.problems.Add(f.Value.Place, "again can't be "+f.Value.Text, mend)
	default:
		c.problems.Add(f.Value.Place, "again can't be "+f.Value.Kind.String(), mend)
	}
	return Again{Rule: Never}
}

// key compiles the expression that tells enrollments of one customer apart. It becomes part of a workflow's id, so it can't be personal.
func (c *compiler) key(v *document.Value, scope segment.Scope) int {
	if v == nil {
		return 0
	}
	if personal := c.personal(v.Text, scope); len(personal) > 0 {
		c.problems.Add(v.Place, "a key can't be personal: "+strings.Join(personal, ", "), "name an id, such as event.order_id")
		return 0
	}
	return c.expression(v, segment.String, scope)
}

// goal compiles the event that fulfils the journey.
func (c *compiler) goal(v *document.Value) {
	v.CheckKeys(goalKeys(), c.problems)
	if t, ok := c.trigger(v, "goal"); ok {
		t.Within = c.roomy(v, "within")
		c.plan.Goal = &t
	}
}

// exit compiles one event that ends the journey. Its reason is the event's type where none is given.
func (c *compiler) exit(v *document.Value) {
	if !v.Is(document.Mapping, "an exit", c.problems) {
		return
	}
	v.CheckKeys(exitKeys(), c.problems)
	t, ok := c.trigger(v, "exit")
	if !ok {
		return
	}
	t.Reason = t.On
	if reason := v.Scalar("reason", c.problems); reason != nil {
		t.Reason = c.shortText(reason, "reason")
	}
	c.plan.Exits = append(c.plan.Exits, t)
}

func (c *compiler) trigger(v *document.Value, what string) (Trigger, bool) {
	if v.Get("on") == nil {
		c.problems.Add(v.Place, what+" has no event", "name one, such as on: purchase")
		return Trigger{}, false
	}
	event, ok := c.event(v)
	if !ok {
		return Trigger{}, false
	}
	when := c.expression(v.Scalar("when", c.problems), segment.Bool, c.scope(event))
	return Trigger{On: event, When: when}, true
}

// event returns the event type that on: names.
func (c *compiler) event(of *document.Value) (string, bool) {
	v := of.Scalar("on", c.problems)
	if v == nil {
		return "", false
	}
	return v.Text, c.knownEvent(v)
}

func (c *compiler) knownEvent(v *document.Value) bool {
	if _, ok := c.catalogue.Event(v.Text); ok {
		return true
	}
	const few = 12
	mend := "add it to the event catalogue"
	names := c.catalogue.EventNames()
	switch near, ok := problem.Nearest(v.Text, names); {
	case ok:
		mend = "did you mean " + near + "?"
	case len(names) > 0 && len(names) <= few:
		mend = "there are " + strings.Join(names, ", ") + "; write one of them, or add it to the event catalogue"
	}
	c.problems.Add(v.Place, "unknown event "+v.Text, mend)
	return false
}
