package journey

import (
	"regexp"
	"slices"
	"strings"

	"perennial/domain/document"
	"perennial/domain/segment"
)

// repeat compiles a step that goes round. The step that was put at index is the repeat; the last steps of a round lead back to it.
func (c *compiler) repeat(index int, verb document.Field) chain {
	made := chain{first: index, tails: []tail{{index, next}}}
	v := verb.Value
	if !v.Is(document.Mapping, "repeat", c.problems) {
		return made
	}
	v.CheckKeys(repeatKeys(), c.problems)
	if v.Get("steps") == nil {
		c.problems.Add(v.Place, "this repeat has no steps", "list what a round does")
	}
	// A round may speak of what was answered in the one before.
	c.asks = append(slices.Clip(c.asks), c.asked(v)...)
	round := c.list(v.List("steps", c.problems))
	c.plan.Steps[index].Body = round.first
	c.link(round.tails, index)
	step := &c.plan.Steps[index]
	every, by := c.every(v)
	until := c.expression(v.Scalar("until", c.problems), segment.Bool, c.scope(""))
	step.Every, step.EveryBy, step.Until = every, by, until
	step.Moves = c.moves(by)

	made.exits = round.exits
	switch {
	case round.ends && round.forever:
		c.problems.Add(verb.Place, "this never comes round again: a repeat among its steps is never left", "give that repeat an until")
	case round.ends:
		c.problems.Add(verb.Place, "this never comes round again: every way through its steps ends in an exit", "write the steps without the repeat")
	}
	if end := v.Get("until"); end == nil || c.isFalse(end.Value) {
		made.ends, made.forever = true, true
		if !round.exits {
			c.endless = append(c.endless, endless{
				at:   verb.Place,
				what: "this repeat can't end",
				mend: "add until: customer.star < 2, or an exit among its steps, or give the journey an exit, or a goal without within",
			})
		}
	}
	return made
}

// asked returns the ids of the ask steps in a mapping, however deep, that are not known yet.
func (c *compiler) asked(v *document.Value) []string {
	var ids []string
	if id := v.Get("id"); id != nil && v.Get(string(Ask)) != nil && segment.Word(id.Value.Text) && !slices.Contains(c.asks, id.Value.Text) {
		ids = append(ids, id.Value.Text)
	}
	for _, item := range v.Items {
		ids = append(ids, c.asked(item)...)
	}
	for _, f := range v.Fields {
		ids = append(ids, c.asked(f.Value)...)
	}
	return ids
}

// spanLike is a text that is meant as a span, right or wrong, and not as an expression for one.
var spanLike = regexp.MustCompile(`^-?[0-9.]+ *[a-z]*([0-9.]+ *[a-z]*)*$`)

// every compiles how long a round takes: a span, or the number of a date expression for its end.
func (c *compiler) every(of *document.Value) (Span, int) {
	if of.Get("every") == nil {
		c.problems.Add(of.Place, "this repeat does not say how often", "add every: 90d, or an expression such as every: \"customer.star >= 4 ? days(30) : days(90)\"")
		return Span{}, 0
	}
	v := of.Scalar("every", c.problems)
	if v == nil {
		return Span{}, 0
	}
	if spanLike.MatchString(v.Text) {
		every := c.spanOf(v)
		if !every.IsZero() && every.Years+every.Months+every.Days == 0 && every.Exact < leastRound {
			c.problems.Add(v.Place, "no round is so short", "write at least 1m")
		}
		return every, 0
	}
	scope := c.scope("")
	if !c.check(v, segment.Span, scope) {
		return Span{}, 0
	}
	return Span{}, c.expression(&document.Value{Kind: document.Scalar, Place: v.Place, Text: after(v.Text)}, segment.Date, scope)
}

// after is the expression for the date that lies a span after now.
func after(span string) string {
	if strings.Contains(span, "//") { // a comment would hide the bracket
		span += "\n"
	}
	return "now + (" + span + ")"
}
