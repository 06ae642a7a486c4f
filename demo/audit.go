package demo

import (
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

// tolerance is how late a message may arrive after it was right to send it, in real time: the way from the decision to the provider.
const tolerance = 200 * time.Millisecond

// foot begins the end of a mail, whose link is another one in each.
const foot = "\n\n-- \n"

// audit looks at what each customer received. Late is the tolerance in the stack's time.
func audit(received []sandbox.Message, byAddress map[string]*person, topics map[string]string, late time.Duration) Violations {
	var v Violations
	type said struct{ address, what string }
	seen := map[said]bool{}
	for _, m := range received {
		p := byAddress[m.Address]
		if m.Reply || p == nil {
			continue
		}
		if !p.awake(m.At) && !p.awake(m.At.Add(-late)) {
			v.OutsideWindow++
		}
		topic := topics[stepOf(m.Touch)]
		withdrawn, took := p.withdrawn[topic]
		if !slices.Contains(p.topics, topic) || took && m.At.After(withdrawn.Add(late)) {
			v.WithoutConsent++
		}
		body, _, _ := strings.Cut(m.Text, foot)
		touch, text := said{m.Address, m.Touch}, said{m.Address, m.Subject + "\n" + body}
		if seen[touch] || seen[text] {
			v.Twice++
		}
		seen[touch], seen[text] = true, true
	}
	return v
}
