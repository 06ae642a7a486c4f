package journey

import (
	"regexp"
	"strconv"

	"perennial/domain/document"
	"perennial/domain/problem"
	"perennial/domain/segment"
)

// set compiles a step that writes attributes of the customer, in the order of the file.
func (c *compiler) set(s Step, verb document.Field) Step {
	if !verb.Value.Is(document.Mapping, "set", c.problems) {
		return s
	}
	if len(verb.Value.Fields) == 0 {
		c.problems.Add(verb.Value.Place, "this sets nothing", "name an attribute and its value, such as set: { points: 0 }")
	}
	for _, f := range verb.Value.Fields {
		a, known := c.settable(f)
		if !known || !f.Value.Is(document.Scalar, f.Key, c.problems) || c.bareText(f, a) {
			continue
		}
		s.Set = append(s.Set, Assignment{Attribute: a.Name, Value: c.expression(f.Value, a.Type, c.scope(""))})
	}
	return s
}

// settable returns the attribute that a field of set names.
func (c *compiler) settable(f document.Field) (segment.Attribute, bool) {
	if a, ok := c.catalogue.Attribute(f.Key); ok {
		return a, true
	}
	var names []string
	for _, a := range c.catalogue.Attributes {
		names = append(names, a.Name)
	}
	mend := problem.Suggest(f.Key, names)
	switch {
	case segment.BuiltIn(f.Key):
		c.problems.Add(f.Place, f.Key+" can't be set by a journey", "it is imported, or follows from what the customer did; set an attribute of the profile catalogue")
		return segment.Attribute{}, false
	case mend == "":
		mend = "add it to the attributes of the profile catalogue"
	}
	c.problems.Add(f.Place, "unknown attribute "+f.Key, mend)
	return segment.Attribute{}, false
}

var bare = regexp.MustCompile(`^\pL[\pL\d ,-]*$`)

// bareText adds a problem for a text that is meant as it stands: an expression has its texts in quotes.
func (c *compiler) bareText(f document.Field, a segment.Attribute) bool {
	text := f.Value.Text
	if a.Type != segment.String || !bare.MatchString(text) || text == "true" || text == "false" {
		return false
	}
	c.problems.Add(f.Value.Place, text+" is no text in an expression", "put it in quotes within quotes: "+f.Key+": '"+strconv.Quote(text)+"'")
	return true
}
