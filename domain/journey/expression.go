package journey

import (
	"slices"

	"perennial/domain/document"
	"perennial/domain/segment"
)

// expression checks an expression and returns its number in the plan; 0 when there is none or, with a problem, when it is wrong.
func (c *compiler) expression(v *document.Value, want segment.Type, scope segment.Scope) int {
	if v == nil {
		return 0
	}
	env, err := segment.NewEnv(c.catalogue, scope)
	if err != nil {
		c.problems.Add(v.Place, "this can't be checked: "+err.Error(), "mend the catalogues first")
		return 0
	}
	issues, _ := env.Check(v.Text, want)
	for _, issue := range issues {
		c.problems.Add(v.At(issue.Offset), issue.What, issue.Mend)
	}
	if len(issues) > 0 {
		return 0
	}
	return c.number(Expression{Source: v.Text, Type: string(want)})
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
