package journey

import (
	"regexp"
	"slices"

	"perennial/domain/document"
	"perennial/domain/segment"
)

// expression checks an expression and returns its number in the plan; 0 when there is none or, with a problem, when it is wrong.
func (c *compiler) expression(v *document.Value, want segment.Type, scope segment.Scope) int {
	if v == nil || !c.check(v, want, scope) {
		return 0
	}
	return c.number(Expression{Source: v.Text, Type: string(want)})
}

// check says whether an expression is right; there is a problem where it is not.
func (c *compiler) check(v *document.Value, want segment.Type, scope segment.Scope) bool {
	env, err := segment.NewEnv(c.catalogue, scope)
	if err != nil {
		c.problems.Add(v.Place, "this can't be checked: "+err.Error(), "mend the catalogues first")
		return false
	}
	issues, _ := env.Check(v.Text, want)
	for _, issue := range issues {
		c.problems.Add(v.At(issue.Offset), issue.What, issue.Mend)
	}
	return len(issues) == 0
}

var bareDay = regexp.MustCompile(`^[0-9]{1,4}[-./][0-9]{1,2}[-./][0-9]{1,4}$`)

// date checks an expression that gives a date, and returns its number.
func (c *compiler) date(v *document.Value, scope segment.Scope) int {
	if v != nil && bareDay.MatchString(v.Text) { // to CEL it is a subtraction or a division
		c.problems.Add(v.Place, v.Text+" is no date in an expression", "write the day as \"date('2026-12-24')\"")
		return 0
	}
	return c.expression(v, segment.Date, scope)
}

// scope is what an expression may name where the compiler stands, with an event at hand or none.
func (c *compiler) scope(event string) segment.Scope {
	return segment.Scope{Event: event, Answers: c.asks, Each: c.plan.Enter.Each, Present: c.present}
}

// needs returns the names of what must be there for an expression to have a value.
func (c *compiler) needs(v *document.Value, scope segment.Scope) []string {
	if v == nil {
		return nil
	}
	env, err := segment.NewEnv(c.catalogue, scope)
	if err != nil {
		return nil
	}
	return env.Needs(v.Text)
}

// moves returns the types of event that move the date which the expression of that number gives; none where there is no such expression.
func (c *compiler) moves(number int) []string {
	if number == 0 {
		return nil
	}
	env, err := segment.NewEnv(c.catalogue, c.scope(""))
	if err != nil {
		return nil // it was told when the expression was checked
	}
	return env.LooksAt(c.plan.Expressions[number-1].Source)
}

// number returns the number of an expression in the plan and adds it where it is new.
func (c *compiler) number(e Expression) int {
	if i := slices.Index(c.plan.Expressions, e); i >= 0 {
		return i + 1
	}
	c.plan.Expressions = append(c.plan.Expressions, e)
	return len(c.plan.Expressions)
}

// personal returns the personal things that an expression names.
func (c *compiler) personal(source string, scope segment.Scope) []string {
	env, err := segment.NewEnv(c.catalogue, scope)
	if err != nil {
		return nil
	}
	_, personal := env.Check(source, segment.String)
	return personal
}
