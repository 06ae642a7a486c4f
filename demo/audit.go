package demo

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"perennial/channel/sandbox"
)

// Violations are what must not happen. Each is counted from what the sandbox received.
type Violations struct {
	OutsideWindow       int `json:"outside_window"`
	WithoutConsent      int `json:"without_consent"`
	Twice               int `json:"twice"`
	FailedWorkflowTasks int `json:"failed_workflow_tasks"`
	PersonalInHistories int `json:"personal_in_histories"`
}

// None says whether nothing of the kind happened.
func (v Violations) None() bool { return v == Violations{} }

// onTheWay is how long a message may be on the way to the provider, in real time: it is judged by when it set out, but no earlier than that.
const onTheWay = 2 * time.Second

// foot begins the end of a mail, whose link is another one in each.
const foot = "\n\n-- \n"

// again is how soon the same words from the same step of the same journey are too many. A question that comes back after each visit is not.
const again = 24 * time.Hour

// auditor looks at what each customer received.
type auditor struct {
	byAddress map[string]*person
	of        func(touch string) enrollment // what a message belongs to
	claimed   map[string]time.Time          // when a message set out
	way       time.Duration                 // how long it may be on the way, in the stack's time
}

func (a auditor) audit(received []sandbox.Message) Violations {
	var v Violations
	type said struct{ address, what string }
	seen := map[said]time.Time{}
	for _, m := range received {
		p := a.byAddress[m.Address]
		if m.Reply || p == nil {
			continue
		}
		if !ofJourney(m) { // only a word in return to whoever writes just then
			if !a.inReturn(p, m) {
				v.WithoutConsent++
			}
			continue
		}
		out := a.setOut(m)
		if !p.awake(m.At) && !p.awake(out) {
			v.OutsideWindow++
		}
		e := a.of(m.Touch)
		topic := e.steps[stepOf(m.Touch)].Topic
		withdrawn, took := p.withdrawn[topic]
		if !slices.Contains(p.topics, topic) || took && out.After(withdrawn) {
			v.WithoutConsent++
		}
		body, _, _ := strings.Cut(m.Text, foot)
		once := said{m.Address, fmt.Sprintf("%d.%s", e.id, occurrence(m.Touch))}
		words := said{m.Address, e.journey + "/" + e.key + "/" + stepOf(m.Touch) + "\n" + m.Subject + "\n" + body}
		_, twice := seen[once]
		if before, there := seen[words]; twice || there && m.At.Sub(before) < again {
			v.Twice++
		}
		seen[once], seen[words] = m.At, m.At
	}
	return v
}

// setOut is when a message set out.
func (a auditor) setOut(m sandbox.Message) time.Time {
	claimed, known := a.claimed[m.Touch]
	if !known || claimed.After(m.At) {
		return m.At
	}
	if earliest := m.At.Add(-a.way); claimed.Before(earliest) {
		return earliest
	}
	return claimed
}

// ofJourney says whether a message is a touch of a journey. A word in return carries nothing, or the id of what it answers.
func ofJourney(m sandbox.Message) bool { return strings.Count(m.Touch, ".") == 3 }

// inReturn says whether a customer had just written to us when a message came to them.
func (a auditor) inReturn(p *person, m sandbox.Message) bool {
	return slices.ContainsFunc(p.wrote, func(at time.Time) bool { return !m.At.Before(at) && m.At.Sub(at) <= a.way })
}
