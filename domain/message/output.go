package message

import (
	"fmt"
	"maps"
	"slices"
	"strings"

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
	usable := c.usable(parsed.filters, offset)
	v, ok := c.known(parsed.value, offset)
	if !ok || !usable {
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
		c.add(at, name+" is a date", `write {{ `+name+` | date: "long" }}`)
	case is == segment.Double:
		c.add(at, name+" is a number with a fraction", `write {{ `+name+` | number: 2 }}, or {{ `+name+` | money }}`)
	case is == segment.Bool:
		c.add(at, name+" is true or false", `write {% if `+name+` %}…{% endif %}`)
	}
}

// usable says whether all filters are of ours. Liquid has others, which multiply what they are given.
func (c *checker) usable(filters []applied, offset int) bool {
	all := true
	for _, f := range filters {
		if _, ok := c.filters[f.name]; ok {
			continue
		}
		all = false
		names := slices.Sorted(maps.Keys(c.filters))
		mend := problem.Suggest(f.name, names)
		if mend == "" {
			mend = "there are " + strings.Join(names, ", ")
		}
		c.never.Add(c.at(offset+f.offset), "unknown filter "+f.name, mend)
	}
	return all
}

// apply checks one filter on a value of a type and returns the type of what comes out.
func (c *checker) apply(f applied, is segment.Type, mayBeEmpty bool, offset int) (segment.Type, bool) {
	known := c.filters[f.name]
	if len(f.args) != len(known.args) && (len(f.args) > 0 || !known.optional) {
		c.add(offset+f.offset, fmt.Sprintf("%s takes %s, not %d", f.name, values(len(known.args)), len(f.args)), "")
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
	if !c.argument(f, known, offset) {
		return "", false
	}
	if known.gives == "" {
		return is, true
	}
	return known.gives, true
}

func values(n int) string {
	if n == 1 {
		return "1 value"
	}
	return fmt.Sprintf("%d values", n)
}

// argument checks what stands behind the colon of a filter.
func (c *checker) argument(f applied, known filter, offset int) bool {
	var arg *operand
	at := offset + f.offset
	if len(f.args) > 0 {
		arg = &f.args[0]
		at = offset + arg.offset
		if arg.is != known.args[0] {
			c.add(at, f.name+" can't take this value", map[segment.Type]string{segment.Int: "write a whole number", segment.String: "put text in quotes"}[known.args[0]])
			return false
		}
	}
	if known.check == nil {
		return true
	}
	what, mend := known.check(arg)
	if what != "" {
		c.add(at, what, mend)
	}
	return what == ""
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
