package workflows

import (
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"perennial/domain/journey"
)

// shown is what the search attributes say.
type shown struct {
	step    string
	next    time.Time
	outcome string
	paused  bool
}

// show writes where the enrollment stands to where a manager looks: the details of the run, which cost nothing, and the search attributes, at
// most once a step, which cost the server dear.
func (r *run) show(command journey.Command) {
	workflow.SetCurrentDetails(r.ctx, Details(r.Enrollment, *r.plan, r.state))
	want := shown{step: r.state.Step, next: r.state.Until, outcome: r.state.Outcome, paused: r.state.Paused}
	switch c := command.(type) {
	case journey.WaitUntil:
		want.next = c.Until
	case journey.Deliver:
		want.next = c.Due
	case journey.Finish:
		want.next = time.Time{}
	default:
		return
	}
	if want.paused != r.shown.paused {
		r.project(want)
	}
	if want == r.shown {
		return
	}
	var updates []temporal.SearchAttributeUpdate
	if want.step != "" && want.step != r.shown.step {
		updates = append(updates, AttributeStep.ValueSet(want.step))
	}
	switch {
	case want.next.Equal(r.shown.next):
	case want.next.IsZero():
		updates = append(updates, AttributeNextAt.ValueUnset())
	default:
		updates = append(updates, AttributeNextAt.ValueSet(want.next))
	}
	if want.outcome != "" {
		updates = append(updates, AttributeOutcome.ValueSet(want.outcome))
	}
	r.shown = want
	if len(updates) > 0 {
		r.must(workflow.UpsertTypedSearchAttributes(r.quiet, updates...))
	}
}

// project writes a pause into the enrollment's row; all else is written by the activities that decide it. That the row lags behind when the
// database is away does no harm: it can be rebuilt from here.
func (r *run) project(want shown) {
	err := r.local(ActivityProject, "Note the pause", ProjectRequest{
		Enrollment: r.ID, Step: want.step, NextAt: r.state.Until, Paused: want.paused,
	}, nil)
	if err != nil {
		workflow.GetLogger(r.ctx).Warn("The pause could not be noted in the database.", "enrollment", r.ID, "error", err)
	}
}

// waitSummary is the line that the UI shows beside a timer: "welcome: held until Tue 14 May 10:00, Asia/Shanghai".
func waitSummary(plan *journey.Plan, s journey.State) string {
	if s.Stalled {
		return "The database is away: try again"
	}
	step, _ := plan.Step(s.Step)
	var b strings.Builder
	b.WriteString(s.Step)
	switch {
	case s.Phase == journey.Holding:
		b.WriteString(": hold until ")
	case s.Phase == journey.Confirming:
		b.WriteString(": wait for " + word(s) + " until ")
	case step.Verb == journey.Repeat:
		b.WriteString(": the next round on ")
	case step.On != "":
		b.WriteString(": wait for " + step.On + " until ")
	default:
		b.WriteString(": wait until ")
	}
	b.WriteString(when(s))
	return b.String()
}

// deliverSummary is the line that the UI shows beside a touch: "SMS: welcome".
func deliverSummary(c journey.Deliver) string {
	line := c.Channel.Title() + ": " + c.Step.ID
	if c.Touch.Try > 1 {
		line += ", again"
	}
	return line
}

// when is the end of a wait on the customer's wall: "Tue 14 May 10:00, Asia/Shanghai".
func when(s journey.State) string { return s.Zone.Stamp(s.Until) + ", " + s.Zone.String() }
