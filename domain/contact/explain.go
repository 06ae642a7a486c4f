package contact

import (
	"fmt"
	"strings"
	"time"

	"perennial/domain/customer"
)

// Step is what one rule said on the way to an answer, for people who want to know why.
type Step struct {
	Rule    string
	Place   Place   // where it was written; zero for what always holds
	Verdict Verdict // Hold or Skip when the rule is against the touch, else Send
	Says    string  // in words
}

// RuleAnswer is the name of an explanation's last step, which says what all rules together come to.
const RuleAnswer = "answer"

// Explain tells how Decide comes to its answer: each rule that is asked with what it says at the instant in question, and the answer last. After
// a rule that skips the touch no other is asked. It names no address and nothing that the customer wrote.
func (p Policy) Explain(who customer.Profile, q Question) []Step {
	d := decision{p: &p, who: &who, q: &q}
	var steps []Step
	for _, rule := range standing() {
		if d.off(rule) {
			continue
		}
		reason := d.stands(rule)
		step := d.sayStanding(rule, reason)
		steps = append(steps, step)
		if reason != "" {
			return append(steps, Step{Rule: RuleAnswer, Verdict: Skip, Says: "skip: " + reason.Sentence()})
		}
	}
	for _, rule := range timely() {
		if !d.off(rule) {
			steps = append(steps, d.sayTimely(rule)...)
		}
	}
	return append(steps, d.sayAnswer()...)
}

func (d *decision) sayStanding(rule string, reason Reason) Step {
	s := Step{Rule: rule, Verdict: Send}
	if reason != "" {
		s.Verdict, s.Says = Skip, reason.Sentence()
	}
	switch rule {
	case RuleRelation:
		if reason == "" {
			s.Says = "the relation with the customer goes on"
		}
	case RuleConsent:
		s.Says = d.sayConsent()
	case RuleSuppression:
		s.Place, s.Says = d.saySuppression(reason)
	case RuleChannel:
		s.Says = d.sayChannel()
	}
	return s
}

func (d *decision) sayConsent() string {
	agreed, asked := d.who.Consents[d.q.Topic]
	switch {
	case agreed:
		return "the customer has agreed to " + d.q.Topic
	case asked:
		return "the customer has said no to " + d.q.Topic
	}
	return "the customer was never asked about " + d.q.Topic
}

func (d *decision) saySuppression(reason Reason) (Place, string) {
	switch reason {
	case Complaint:
		oldest := d.who.Complaints[0]
		return d.p.Complaint.Place, fmt.Sprintf("a complaint is open since %s (event %s): %s rests until it is resolved",
			d.day(oldest.At), oldest.Event, d.q.Topic)
	case Unsatisfied:
		last, _ := d.lastAnswer(d.p.Satisfied.Surveys)
		return d.p.Satisfied.Place, fmt.Sprintf("the last answer to %s was %g on %s: %s rests until one is better than %g",
			last.Survey, last.Score, d.day(last.At), d.q.Topic, d.p.Satisfied.AtMost)
	}
	var place Place
	if d.p.Complaint != nil {
		place = d.p.Complaint.Place
	}
	switch {
	case len(d.who.Complaints) > 0:
		return place, fmt.Sprintf("a complaint is open, but %s does not rest for it", d.q.Topic)
	case d.p.Satisfied != nil && d.concerns(d.p.Satisfied.Topics):
		return place, "no complaint is open, and the customer was not dissatisfied last"
	}
	return place, "no complaint is open"
}

func (d *decision) sayChannel() string {
	if len(d.who.Channels) == 0 {
		return "the customer has no channel"
	}
	var words []string
	for _, c := range d.who.Channels {
		against := d.against(c)
		if against == "" {
			words = append(words, c.Title()+" it is")
			break
		}
		words = append(words, c.Title()+": "+against)
	}
	return strings.Join(words, "; ")
}

func (d *decision) sayAnswer() []Step {
	var steps []Step
	if d.p.Spread != nil && !d.off(RuleSpread) {
		says := "touches held to an opening are spread over " + d.p.Spread.Over.String()
		steps = append(steps, Step{Rule: RuleSpread, Place: d.p.Spread.Place, Verdict: Send, Says: says})
	}
	if !d.q.Expires.IsZero() {
		steps = append(steps, Step{Rule: RuleValid, Verdict: Send, Says: "it is welcome until " + d.stamp(d.q.Expires)})
	}
	a := d.answer()
	s := Step{Rule: RuleAnswer, Verdict: a.Verdict}
	switch a.Verdict {
	case Send:
		s.Says = fmt.Sprintf("send by %s; the permission ends %s", a.Channel.Title(), d.stamp(a.Until))
	case Hold:
		s.Says = fmt.Sprintf("hold until %s, then by %s: %s", d.stamp(a.At), a.Channel.Title(), a.Reason.Sentence())
	case Skip:
		s.Says = "skip: " + a.Reason.Sentence()
	}
	return append(steps, s)
}

// stamp writes an instant as it is on the customer's wall.
func (d *decision) stamp(t time.Time) string {
	layout := "Mon 2 Jan 2006 15:04"
	if t.Second() != 0 {
		layout += ":05"
	}
	return t.In(d.who.Zone).Format(layout) + ", " + d.who.Zone.String()
}

func (d *decision) day(t time.Time) string { return t.In(d.who.Zone).Format("2 Jan 2006") }
