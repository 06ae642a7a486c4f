package contact

import (
	"slices"
	"time"

	"perennial/domain/customer"
)

// Question is what the policy is asked: may this customer be reached about this topic at this instant?
type Question struct {
	Topic     string
	At        time.Time
	Channels  []customer.Channel // those that the step allows; empty means all
	Templates []customer.Channel // those for which the message is written
	Tried     []customer.Channel // those that failed for this occurrence already
}

// Verdict is what the policy answers.
type Verdict string

const (
	Send Verdict = "send" // now, on that channel
	Hold Verdict = "hold" // not before At
	Skip Verdict = "skip" // not at all
)

// Answer is the policy's answer.
type Answer struct {
	Verdict Verdict
	Channel customer.Channel // with Send and Hold: the one to use
	At      time.Time        // with Hold: the first instant that is allowed, later than the question's
	Until   time.Time        // with Send: the instant at which the permission ends
	Reason  Reason           // with Hold and Skip: why
}

// Reason is the code of the rule that held or skipped a touch.
type Reason string

const (
	Closed        Reason = "closed"
	NoConsent     Reason = "no_consent"
	NoChannel     Reason = "no_channel"
	OutsideWindow Reason = "outside_window"
	NoWindow      Reason = "no_window"
	Expired       Reason = "expired"
)

var sentences = map[Reason]string{
	Closed:        "the relation with the customer has ended",
	NoConsent:     "the customer has not agreed to this topic",
	NoChannel:     "no channel is left that has a good address and a template",
	OutsideWindow: "outside the hours that the customer prefers",
	NoWindow:      "the customer's hours leave no time at all",
	Expired:       "it was held for longer than it is welcome",
}

// Sentence says the reason in words for a manager.
func (r Reason) Sentence() string {
	if s, ok := sentences[r]; ok {
		return s
	}
	return string(r)
}

// Policy is who may be reached when, how often and about what.
type Policy struct {
	Decent customer.Windows // when a customer without contact windows of their own may be reached, in their local time
	rules  []rule
}

// rule answers, or passes on with a zero verdict.
type rule struct {
	name   string
	decide func(Policy, customer.Profile, Question, *Answer)
}

// The rules by name, in the order in which they are asked.
const (
	RuleRelation = "relation"
	RuleConsent  = "consent"
	RuleChannel  = "channel"
	RuleWindow   = "window"
)

// Standard returns the policy that holds where operations wrote none: every rule, and 09:00 to 20:00 for customers without windows.
func Standard() Policy {
	return Policy{
		Decent: customer.Windows{{Days: [7]bool{true, true, true, true, true, true, true}, Opens: 9 * 60, Ends: 20 * 60}},
		rules: []rule{
			{RuleRelation, relation},
			{RuleConsent, consent},
			{RuleChannel, channel},
			{RuleWindow, window},
		},
	}
}

// Without returns the policy less one rule. It is for tests that show that a rule is what keeps customers from being bothered.
func (p Policy) Without(name string) Policy {
	p.rules = slices.DeleteFunc(slices.Clone(p.rules), func(r rule) bool { return r.name == name })
	return p
}

// Decide asks each rule in turn; the first that holds or skips the touch decides.
func (p Policy) Decide(who customer.Profile, q Question) Answer {
	answer := Answer{Until: q.At.AddDate(0, 0, 1)} // without a rule about hours a permission is good for a day
	for _, r := range p.rules {
		r.decide(p, who, q, &answer)
		if answer.Verdict != "" {
			return answer
		}
	}
	answer.Verdict = Send
	return answer
}

func relation(_ Policy, who customer.Profile, _ Question, answer *Answer) {
	if who.Closed {
		answer.Verdict, answer.Reason = Skip, Closed
	}
}

func consent(_ Policy, who customer.Profile, q Question, answer *Answer) {
	if !who.Consents[q.Topic] {
		answer.Verdict, answer.Reason = Skip, NoConsent
	}
}

// channel takes the first one in the customer's own order that the step allows, that was not tried, that has a good address and for
// which the message is written.
func channel(_ Policy, who customer.Profile, q Question, answer *Answer) {
	for _, c := range who.Channels {
		address, known := who.Addresses[c]
		switch {
		case !known, address.Bad != "":
		case len(q.Channels) > 0 && !slices.Contains(q.Channels, c):
		case slices.Contains(q.Tried, c), !slices.Contains(q.Templates, c):
		default:
			answer.Channel = c
			return
		}
	}
	answer.Verdict, answer.Reason = Skip, NoChannel
}

func window(p Policy, who customer.Profile, q Question, answer *Answer) {
	windows := who.Windows
	if len(windows) == 0 {
		windows = p.Decent
	}
	at, until, ok := windows.Next(q.At, who.Zone)
	switch {
	case !ok:
		answer.Verdict, answer.Reason = Skip, NoWindow
	case at.After(q.At):
		answer.Verdict, answer.At, answer.Reason = Hold, at, OutsideWindow
	default:
		answer.Until = until
	}
}
