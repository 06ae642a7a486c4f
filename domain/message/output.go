package message

import (
	"maps"
	"slices"
	"strconv"

	"perennial/domain/problem"
	"perennial/domain/segment"
)

// output checks what stands in {{ … }}.
func (c *checker) output(source string, offset int) {
	parsed, err := parseOutput(source)
	if err != nil {
		c.addSyntax(err, offset)
		return
	}
	v, ok := c.known(parsed.value, offset)
	if !ok {
		return
	}
	is, mayBeEmpty := v.is, v.empty && !c.isThere(parsed.value.path)
	for _, f := range parsed.filters {
		if is, ok = c.apply(f, is, mayBeEmpty, offset); !ok {
			return
		}
		if f.name == "default" {
			mayBeEmpty = false
		}
	}
	at := offset + parsed.value.offset
	name := parsed.value.path
	if is == segment.String && mayBeEmpty {
		c.add(at, name+" may be empty", `write {{ `+name+` | default: "…" }}, or put it inside {% if `+name+` %}`)
		return
	}
	c.printable(name, is, at)
}

// printable adds a problem for what would not be printed as a person writes it.
func (c *checker) printable(name string, is segment.Type, at int) {
	_, list := is.Element()
	switch {
	case list:
		c.add(at, name+" is a list", `write {{ `+name+` | join: ", " }}`)
	case is == segment.Date:
		c.add(at, name+" is a date", `write {{ `+name+` | date: "%-d %B %Y" }}`)
	case is == segment.Double:
		c.add(at, name+" is a number with a fraction", `write {{ `+name+` | round: 2 }}`)
	case is == segment.Bool:
		c.add(at, name+" is true or false", `write {% if `+name+` %}…{% endif %}`)
	}
}

// apply checks one filter on a value of a type and returns the type of what comes out.
func (c *checker) apply(f applied, is segment.Type, mayBeEmpty bool, offset int) (segment.Type, bool) {
	known, ok := c.filters[f.name]
	if !ok {
		c.add(offset+f.offset, "unknown filter "+f.name, problem.Suggest(f.name, slices.Collect(maps.Keys(c.filters))))
		return "", false
	}
	if len(f.args) != known.args {
		c.add(offset+f.offset, f.name+" takes "+strconv.Itoa(known.args)+" values, not "+strconv.Itoa(len(f.args)), "")
		return "", false
	}
	for _, arg := range f.args {
		if arg.path != "" {
			c.add(offset+arg.offset, "a filter takes only values that are written out", `put text in quotes: "`+arg.path+`"`)
			return "", false
		}
	}
	if known.takes == nil {
		return c.defaults(f, is, offset)
	}
	if !known.takes(is) {
		c.add(offset+f.offset, f.name+" takes "+known.wants+", not "+string(is), "")
		return "", false
	}
	if mayBeEmpty && is != segment.String {
		c.add(offset+f.offset, "what "+f.name+" takes may be empty", "put it inside {% if %} with the same name")
		return "", false
	}
	if f.name == "round" && f.args[0].is != segment.Int || f.name != "round" && f.args != nil && f.args[0].is != segment.String {
		c.add(offset+f.args[0].offset, f.name+" can't take this value", `write a number after round, and text in quotes after date and join`)
		return "", false
	}
	if known.gives == "" {
		return is, true
	}
	return known.gives, true
}

// defaults checks a default: it must be of the type of what it stands in for.
func (c *checker) defaults(f applied, is segment.Type, offset int) (segment.Type, bool) {
	given := f.args[0]
	if given.is != is {
		mend := "put the name inside {% if %} instead"
		if is == segment.String {
			mend = "put text in quotes"
		}
		c.add(offset+given.offset, "this default is of type "+string(given.is)+", not "+string(is), mend)
		return "", false
	}
	return is, true
}
