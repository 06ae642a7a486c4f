package contact

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"

	"perennial/domain/customer"
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

// legal compiles the hours of one country: hours, or { hours:, topics:, channels: }.
func (c *compiler) legal(f document.Field) {
	law := Legal{Country: f.Key, Place: placeOf(f.Place)}
	if f.Key == "default" {
		law.Country = ""
	} else if !isCountry(f.Key) {
		c.problems.Add(f.Place, f.Key+" is no country", "write its code of two letters, such as US, GB or CN, or default")
	}
	if f.Value.Kind == document.Mapping {
		f.Value.CheckKeys([]string{"hours", "topics", "channels"}, c.problems)
		if v := required(f.Value, "hours", "write them as hours: daily 08:00-21:00", document.Scalar, c.problems); v != nil {
			law.Open = c.windows(v)
		}
		law.Topics = c.topics(f.Value, "topics")
		for _, item := range f.Value.List("channels", c.problems) {
			if channel, ok := c.channel(item.Text, item.Place); ok {
				law.Channels = append(law.Channels, channel)
			}
		}
	} else if f.Value.Is(document.Scalar, f.Key, c.problems) {
		law.Open = c.windows(f.Value)
	}
	c.policy.Legal = append(c.policy.Legal, law)
}

func (c *compiler) suppression(v *document.Value) {
	v.CheckKeys([]string{"open_complaint", "low_satisfaction"}, c.problems)
	if v.Get("open_complaint") != nil {
		c.policy.Complaint = &Suppression{Topics: c.topics(v, "open_complaint"), Place: c.at(v, "open_complaint")}
	}
	low := v.Mapping("low_satisfaction", c.problems)
	if low == nil {
		return
	}
	low.CheckKeys([]string{"topics", "surveys", "at_most"}, c.problems)
	rule := Satisfaction{Place: c.at(v, "low_satisfaction")}
	if required(low, "topics", "list the topics that rest", document.Sequence, c.problems) != nil {
		rule.Topics = c.topics(low, "topics")
	}
	if required(low, "surveys", "list the surveys that ask how satisfied the customer is", document.Sequence, c.problems) != nil {
		for _, item := range low.List("surveys", c.problems) {
			if item.Is(document.Scalar, "a survey", c.problems) {
				rule.Surveys = append(rule.Surveys, item.Text)
			}
		}
	}
	if score := required(low, "at_most", "say which score is still low, such as at_most: 2", document.Scalar, c.problems); score != nil {
		n, err := strconv.ParseFloat(score.Text, 64)
		if err != nil || n != n || n-n != 0 {
			c.problems.Add(score.Place, score.Text+" is no score", "write a number")
		}
		rule.AtMost = n
	}
	c.policy.Satisfied = &rule
}

func (c *compiler) gap(f *document.Field) {
	gap := Gap{Place: placeOf(f.Place)}
	if f.Value.Kind == document.Mapping {
		f.Value.CheckKeys([]string{"least", "topics"}, c.problems)
		required(f.Value, "least", "say how long, such as least: 4h", document.Scalar, c.problems)
		gap.Least, gap.Topics = c.periodOf(f.Value, "least"), c.topics(f.Value, "topics")
	} else if f.Value.Is(document.Scalar, f.Key, c.problems) {
		gap.Least = c.period(f.Value)
	}
	if gap.Least.rough() > maxCounted {
		c.problems.Add(f.Value.Place, "a gap can't be longer than 31d", "what was sent before is not looked at")
	}
	c.policy.Gap = &gap
}

// spread compiles over how much of a window touches are spread: off, or a length of time.
func (c *compiler) spread(root *document.Value) {
	v := root.Scalar("spread", c.problems)
	if v == nil || v.Text == "off" {
		return
	}
	s := Spread{Over: c.period(v), Place: c.at(root, "spread")}
	if s.Over.rough() > 24*time.Hour {
		c.problems.Add(v.Place, "touches can't be spread over more than a day", "write off, or a length of time such as 1h")
	}
	c.policy.Spread = &s
}

// windows reads hours of the week.
func (c *compiler) windows(v *document.Value) customer.Windows {
	windows, err := customer.ParseWindows(v.Text)
	if err != nil {
		text := strings.TrimPrefix(err.Error(), "contact window ")
		what, mend, found := strings.Cut(text, "; ")
		if !found {
			_, mend, _ = strings.Cut(text, ": ")
			what = fmt.Sprintf("%q are no hours of a week", v.Text)
		}
		c.problems.Add(v.Place, what, mend)
		return nil
	}
	if len(windows) == 0 {
		c.problems.Add(v.Place, "these are no hours", "write them as daily 09:00-20:00")
	}
	return windows
}

// topics returns the topics that a list names; nil when there is none.
func (c *compiler) topics(of *document.Value, key string) []string {
	var topics []string
	for _, item := range of.List(key, c.problems) {
		if !item.Is(document.Scalar, "a topic", c.problems) {
			continue
		}
		if slices.Contains(topics, item.Text) {
			c.problems.Add(item.Place, item.Text+" is listed twice", "keep one")
		}
		if c.knownTopic(item.Text, item.Place) {
			topics = append(topics, item.Text)
		}
	}
	return topics
}

func (c *compiler) knownTopic(name string, at problem.Place) bool {
	if _, ok := c.policy.Topic(name); ok {
		return true
	}
	var names []string
	for _, t := range c.policy.Topics {
		names = append(names, t.Name)
	}
	c.problems.Add(at, "unknown topic "+name, problem.Suggest(name, names))
	return false
}

func (c *compiler) channel(name string, at problem.Place) (customer.Channel, bool) {
	var names []string
	for _, channel := range customer.Channels {
		if string(channel) == name {
			return channel, true
		}
		names = append(names, string(channel))
	}
	c.problems.Add(at, "unknown channel "+name, problem.Suggest(name, names))
	return "", false
}

// periodOf returns the length of time of a field; zero when there is none or, with a problem, when it is wrong.
func (c *compiler) periodOf(of *document.Value, key string) Period {
	v := of.Scalar(key, c.problems)
	if v == nil {
		return Period{}
	}
	return c.period(v)
}

func (c *compiler) period(v *document.Value) Period {
	p, err := ParsePeriod(v.Text)
	if err != nil {
		c.problems.Add(v.Place, err.Error(), mendPeriod)
	}
	return p
}

func (c *compiler) number(v *document.Value, name string, least, most int) int {
	n, err := strconv.Atoi(v.Text)
	if err != nil || n < least || n > most {
		c.problems.Add(v.Place, fmt.Sprintf("%s can't be %s", name, v.Text), fmt.Sprintf("write a whole number from %d to %d", least, most))
	}
	return n
}

// at is where a field stands.
func (c *compiler) at(of *document.Value, key string) Place { return placeOf(of.Get(key).Place) }

func placeOf(p problem.Place) Place { return Place{File: p.File, Line: p.Line} }

// required returns a field that must be there, nil with a problem when it is not or is of another kind.
func required(of *document.Value, key, mend string, kind document.Kind, problems *problem.List) *document.Value {
	f := of.Get(key)
	if f == nil {
		problems.Add(of.Place, key+" is missing", mend)
		return nil
	}
	if !f.Value.Is(kind, key, problems) {
		return nil
	}
	return f.Value
}

// isCountry says whether a text is the code of a country, by ISO 3166-1 alpha-2.
func isCountry(text string) bool {
	if len(text) != 2 || strings.ToUpper(text) != text {
		return false
	}
	region, err := language.ParseRegion(text)
	return err == nil && region.IsCountry() && region.Canonicalize().String() == text
}

// word says whether a text can name a topic.
func word(text string) bool {
	for i, r := range text {
		if (r < 'a' || r > 'z') && (i == 0 || r != '_' && (r < '0' || r > '9')) {
			return false
		}
	}
	return text != ""
}
