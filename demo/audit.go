package demo

import (
	"fmt"
	"slices"
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

// again is how soon the same words from the same step of the same journey are too many. A question that comes back after each visit is not.
const again = 24 * time.Hour

// audit looks at what each customer received. Of says what a message belongs to; late is the tolerance in the stack's time.
func audit(received []sandbox.Message, byAddress map[string]*person, of func(touch string) enrollment, late time.Duration) Violations {
	var v Violations
	type said struct{ address, what string }
	seen := map[said]time.Time{}
	for _, m := range received {
		p := byAddress[m.Address]
		if m.Reply || p == nil {
			continue
		}
		if !p.awake(m.At) && !p.awake(m.At.Add(-late)) {
			v.OutsideWindow++
		}
		e := of(m.Touch)
		topic := e.steps[stepOf(m.Touch)].Topic
		withdrawn, took := p.withdrawn[topic]
		if !slices.Contains(p.topics, topic) || took && m.At.After(withdrawn.Add(late)) {
			v.WithoutConsent++
		}
		once := said{m.Address, fmt.Sprintf("%d.%s", e.id, occurrence(m.Touch))}
		words := said{m.Address, e.journey + "/" + e.key + "/" + stepOf(m.Touch) + "\n" + m.Subject + "\n" + m.Text}
		_, twice := seen[once]
		if before, there := seen[words]; twice || there && m.At.Sub(before) < again {
			v.Twice++
		}
		seen[once], seen[words] = m.At, m.At
	}
	return v
}
