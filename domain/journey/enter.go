package journey

import (
	"strings"

	"perennial/domain/document"
	"perennial/domain/problem"
	"perennial/domain/segment"
)

// enter compiles who enters the journey.
func (c *compiler) enter(v *document.Value) {
	unbuilt := []string{"every", "segment", "each", "at"}
	later := c.notBuilt(v, unbuilt...)
	v.CheckKeys(append([]string{"on", "when", "again", "key"}, unbuilt...), c.problems)
	c.plan.Enter.Again = c.again(v)
	if v.Get("on") == nil {
		if !later {
			c.problems.Add(v.Place, "enter has no event", "name the event that lets a customer in, such as on: purchase")
		}
		return
	}
	event, ok := c.event(v)
	if !ok {
		return
	}
	c.plan.Enter.On = event
	scope := segment.Scope{Event: event}
	c.plan.Enter.When = c.expression(v.Scalar("when", c.problems), segment.Bool, scope)
	c.plan.Enter.Key = c.key(v.Scalar("key", c.problems), scope)
}

// again compiles whether a customer may enter again: a word, or { after: SPAN }.
func (c *compiler) again(of *document.Value) Again {
	f := of.Get("again")
	if f == nil {
		return Again{Rule: Never}
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
	v.CheckKeys([]string{"on", "when", "within"}, c.problems)
	if t, ok := c.trigger(v, "goal"); ok {
		t.Within = c.span(v, "within")
		c.plan.Goal = &t
	}
}

// exit compiles one event that ends the journey. Its reason is the event's type where none is given.
func (c *compiler) exit(v *document.Value) {
	if !v.Is(document.Mapping, "an exit", c.problems) {
		return
	}
	v.CheckKeys([]string{"on", "when", "reason"}, c.problems)
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
	when := c.expression(v.Scalar("when", c.problems), segment.Bool, segment.Scope{Event: event, Answers: c.asks})
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
	mend := problem.Suggest(v.Text, c.catalogue.EventNames())
	if mend == "" {
		mend = "add it to the event catalogue"
	}
	c.problems.Add(v.Place, "unknown event "+v.Text, mend)
	return false
}
