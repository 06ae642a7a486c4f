package contact

import (
	"math"
	"strconv"
	"time"

	"perennial/domain/document"
)

// The rules of the policy, each as operations write it.

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
		if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
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
