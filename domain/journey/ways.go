package journey

// Ways says in a few words how customers come in: "on purchase"; "every 1d"; "at agreement.renews_on - days(60), for each agreement"; or, where the
// journey says nothing, "by hand or from another journey"; "retired" where nobody does. Who of them enters is the condition's business (Condition).
func (p *Plan) Ways() string {
	e := p.Enter
	each := ""
	if e.Each != "" {
		each = ", for each " + string(e.Each)
	}
	switch {
	case e.Retired:
		return "retired"
	case e.On != "":
		return "on " + e.On + each
	case e.At != 0:
		return "at " + p.source(e.At) + each
	case !e.Every.IsZero():
		return "every " + e.Every.String() + each
	}
	return "by hand or from another journey"
}

// Condition is the expression that must hold of whom the journey lets in; empty where there is none.
func (p *Plan) Condition() string { return p.source(p.Enter.When) }

// source is the text of the expression of that number, empty where there is none.
func (p *Plan) source(number int) string {
	if number < 1 || number > len(p.Expressions) {
		return ""
	}
	return p.Expressions[number-1].Source
}
