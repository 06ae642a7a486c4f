package contact

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/language"

	"perennial/domain/customer"
	"perennial/domain/document"
	"perennial/domain/problem"
)

// The words of which rules are made: hours, topics, channels, lengths of time, countries.

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
