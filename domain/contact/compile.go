package contact

import (
	"slices"
	"strings"

	"perennial/domain/document"
	"perennial/domain/problem"
)

// Compile reads the contact policy as operations write it. It finds every mistake in one pass; a policy with problems is not fit to be used.
func Compile(file string, source []byte, calendars []Calendar) (Policy, []problem.Problem) {
	c := compiler{policy: Policy{Encoding: PolicyEncoding, Calendars: calendars}, problems: &problem.List{}}
	if root := document.Parse(file, source, c.problems); root != nil {
		c.policyOf(root)
	}
	return c.policy, c.problems.Sorted()
}

// compiler walks the policy's file once: it checks what it reads and puts it into the policy.
type compiler struct {
	policy   Policy
	problems *problem.List
}

// mendPeriod is what to write instead of something that is no length of time.
const mendPeriod = "write such as 30m, 4h, 7d or 2w"

func (c *compiler) policyOf(root *document.Value) {
	root.CheckKeys([]string{
		"topics", "valid", "unconfirmed", "legal_hours", "decent_hours", "holidays", "suppression", "caps", "gap", "spread",
	}, c.problems)
	// Topics first: everything else names them.
	if v := required(root, "topics", "list what customers can agree to, such as service: { priority: 1 }", document.Mapping, c.problems); v != nil {
		for _, f := range v.Fields {
			c.topic(f)
		}
	}
	c.policy.Valid = c.periodOf(root, "valid")
	if f := root.Get("unconfirmed"); f != nil {
		c.policy.Unconfirmed = c.unconfirmed(f.Value)
	}
	if v := required(root, "decent_hours", "say when customers without hours of their own are reached: decent_hours: daily 09:00-20:00", document.Scalar, c.problems); v != nil {
		c.policy.Decent, c.policy.DecentAt = c.windows(v), placeOf(v.Place)
	}
	if v := root.Mapping("legal_hours", c.problems); v != nil {
		for _, f := range v.Fields {
			c.legal(f)
		}
	}
	if v := root.Mapping("holidays", c.problems); v != nil {
		v.CheckKeys([]string{"rest"}, c.problems)
		if required(v, "rest", "list the topics that rest on public holidays", document.Sequence, c.problems) != nil {
			c.policy.Holidays = &Rest{Topics: c.topics(v, "rest"), Place: c.at(v, "rest")}
		}
	}
	if v := root.Mapping("suppression", c.problems); v != nil {
		c.suppression(v)
	}
	if v := root.Mapping("caps", c.problems); v != nil {
		c.caps(v)
	}
	if f := root.Get("gap"); f != nil {
		c.gap(f)
	}
	c.spread(root)
}

func (c *compiler) topic(f document.Field) {
	if !word(f.Key) {
		c.problems.Add(f.Place, f.Key+" is no name for a topic", "write service, care, marketing or a snake_case word of your own")
		return
	}
	if !f.Value.Is(document.Mapping, f.Key, c.problems) {
		return
	}
	f.Value.CheckKeys([]string{"priority", "valid", "unconfirmed"}, c.problems)
	t := Topic{Name: f.Key, Valid: c.periodOf(f.Value, "valid"), Place: placeOf(f.Place)}
	if v := required(f.Value, "priority", "say which topic goes first: priority: 1 before 2", document.Scalar, c.problems); v != nil {
		t.Priority = c.number(v, "priority", 1, 99)
	}
	if u := f.Value.Get("unconfirmed"); u != nil {
		rule := c.unconfirmed(u.Value)
		t.Unconfirmed = &rule
	}
	c.policy.Topics = append(c.policy.Topics, t)
	slices.SortFunc(c.policy.Topics, func(a, b Topic) int { return strings.Compare(a.Name, b.Name) })
}

func (c *compiler) unconfirmed(v *document.Value) Unconfirmed {
	const mend = "write never, or { again: 1d }"
	switch {
	case v.Kind == document.Scalar && v.Text == "never":
		return Unconfirmed{}
	case v.Kind == document.Mapping:
		v.CheckKeys([]string{"again"}, c.problems)
		if v.Get("again") == nil {
			c.problems.Add(v.Place, "unconfirmed has no again", mend)
		}
		return Unconfirmed{Again: c.periodOf(v, "again")}
	case v.Kind == document.Scalar:
		c.problems.Add(v.Place, "unconfirmed can't be "+v.Text, mend)
	default:
		c.problems.Add(v.Place, "unconfirmed can't be "+v.Kind.String(), mend)
	}
	return Unconfirmed{}
}
