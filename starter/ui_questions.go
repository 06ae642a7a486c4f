package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"perennial/domain/colleague"
	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/workflows"
)

// This file is what managers ask of Temporal, as queries for its UI. Each is a chain of conditions that must all hold: the UI shows such a query
// truly as filters that can be changed by hand, and flattens any other.

// uiLink is one question.
type uiLink struct {
	Name  string `json:"name"`
	About string `json:"about"` // what is found, in a sentence
	Query string `json:"query"`
	URL   string `json:"url"`
}

// managersQuestions are made from what is published and who there is.
type managersQuestions struct {
	plans      []*journey.Plan
	colleagues []colleague.Colleague
	now        time.Time
	stuck      time.Time // who should have gone on before is stuck
}

// stuckAfter is how long after its next time an enrollment is stuck, in real time; the alert on overdue enrollments says the same.
const stuckAfter = 5 * time.Minute

// week is how far ahead "this week" reaches.
const week = 7

// all are the questions about everything.
func (m managersQuestions) all() []uiLink {
	if len(m.plans) == 0 {
		return nil
	}
	links := slices.Concat(m.due(), m.unhappy(), []uiLink{
		{Name: "Stuck", About: "should have gone on by now, and have not; there should be none", Query: where(anyJourney, running, before(m.stuck))},
		m.paused(),
		{Name: "Failed", About: "could not be carried on; Outcome says why", Query: where(anyJourney, fmt.Sprintf("%s STARTS_WITH %q", workflows.AttributeOutcome.GetName(), "failed"))},
	}, m.reached())
	for _, plan := range m.plans {
		links = append(links, uiLink{
			Name: "Everybody in " + plan.Title, About: fmt.Sprintf("everybody who is in it now; by step: starter ui links --journey %s", plan.Journey),
			Query: where(in(plan), running),
		})
	}
	return links
}

// due asks for agreements of which something is due this week, in all and by owner.
func (m managersQuestions) due() []uiLink {
	ends := m.now.AddDate(0, 0, week)
	var links []uiLink
	for _, plan := range m.plans {
		if plan.Enter.Each != customer.Agreement {
			continue
		}
		name := plan.Title + ", due this week"
		links = append(links, uiLink{
			Name: name, About: "agreements of which something is due within seven days: a message, a word to a colleague, or the end",
			Query: where(in(plan), running, before(ends)),
		})
		for _, one := range m.colleagues {
			links = append(links, uiLink{
				Name: name + ", of " + one.ID, About: "those whose customers " + one.ID + " looks after",
				Query: where(in(plan), running, is(workflows.AttributeOwner.GetName(), one.ID), before(ends)),
			})
		}
		links = append(links, uiLink{
			Name: name + ", of nobody", About: "those whose customers nobody looks after",
			Query: where(in(plan), running, isNull(workflows.AttributeOwner.GetName()), before(ends)),
		})
	}
	return links
}

// lowAnswer is a condition that holds after a bad answer.
var lowAnswer = regexp.MustCompile(`\banswer\.\w+ *<=? *\d`)

// unhappy asks for those who gave a bad answer and now wait for an apology, or for a colleague: they are at a step to which only such an answer leads.
func (m managersQuestions) unhappy() []uiLink {
	var links []uiLink
	for _, plan := range m.plans {
		var steps []string
		for i, step := range plan.Steps {
			if step.Verb != journey.If || !lowAnswer.MatchString(plan.Expressions[step.If-1].Source) {
				continue
			}
			then, otherwise := reach(plan, step.Then, i), reach(plan, step.Else, i)
			for j, s := range plan.Steps {
				if then[j] && !otherwise[j] && whereOneStands(s) != "" {
					steps = append(steps, s.ID)
				}
			}
		}
		if len(steps) > 0 {
			links = append(links, uiLink{
				Name: "Unhappy and waiting, " + plan.Title, About: "gave a bad answer, and wait for " + strings.Join(steps, " or "),
				Query: where(in(plan), running, among(workflows.AttributeStep.GetName(), "IN", steps)),
			})
		}
	}
	return links
}

// reach are the steps to which one leads, itself among them, without passing the condition at index past.
func reach(plan *journey.Plan, from, past int) map[int]bool {
	reached := map[int]bool{}
	var visit func(int)
	visit = func(i int) {
		if i < 0 || i >= len(plan.Steps) || i == past || reached[i] {
			return
		}
		reached[i] = true
		switch step := plan.Steps[i]; step.Verb {
		case journey.If:
			visit(step.Then)
			visit(step.Else)
		case journey.Exit:
		case journey.Repeat:
			visit(step.Body)
			visit(step.Next)
		case journey.Send, journey.Ask, journey.Wait, journey.Set, journey.Notify, journey.Start:
			visit(step.Next)
		}
	}
	visit(from)
	return reached
}

// paused asks for those that stand at a step and have no next time.
func (m managersQuestions) paused() uiLink {
	var endless []string
	for _, plan := range m.plans {
		for _, step := range plan.Steps {
			if step.Verb == journey.Wait && step.On != "" && step.Within.IsZero() && !slices.Contains(endless, step.ID) {
				endless = append(endless, step.ID)
			}
		}
	}
	conditions := []string{anyJourney, running, workflows.AttributeStep.GetName() + " is not null", isNull(workflows.AttributeNextAt.GetName())}
	about := "frozen by hand: nothing happens until somebody resumes them"
	if len(endless) > 0 {
		conditions = append(conditions, among(workflows.AttributeStep.GetName(), "NOT IN", endless))
		about += "; without those at " + strings.Join(endless, ", ") + ", where an event is waited for without an end"
	}
	return uiLink{Name: "Paused", About: about, Query: where(conditions...)}
}

// reached asks for those who did what a journey is for. One that looks for customers by what they did not do wins them back.
func (m managersQuestions) reached() []uiLink {
	var links []uiLink
	for _, plan := range m.plans {
		if plan.Goal == nil {
			continue
		}
		name := "Reached the goal of " + plan.Title
		if !plan.Enter.Every.IsZero() && plan.Enter.At == 0 {
			name = "Won back, " + plan.Title
		}
		links = append(links, uiLink{
			Name: name, About: "ended because the goal came true: " + plan.Goal.On,
			Query: where(in(plan), is(workflows.AttributeOutcome.GetName(), journey.OutcomeGoal)),
		})
	}
	return links
}

// stepsOf asks who stands at each step of a journey's newest version.
func stepsOf(plan *journey.Plan) []uiLink {
	var links []uiLink
	for _, step := range plan.Steps {
		if about := whereOneStands(step); about != "" {
			links = append(links, uiLink{Name: step.ID, About: about, Query: where(in(plan), running, is(workflows.AttributeStep.GetName(), step.ID))})
		}
	}
	return links
}

// whereOneStands says what those who stand at a step are waiting for; nothing of a step that is done at once.
func whereOneStands(step journey.Step) string {
	switch {
	case step.Verb == journey.Send:
		return "a message that is held, or on its way"
	case step.Verb == journey.Ask:
		return "a question that is held, on its way, or not answered yet"
	case step.Verb == journey.Notify:
		return "a colleague who is not at work, or is just being told"
	case step.Verb == journey.Repeat:
		return "the next round"
	case step.Verb == journey.Wait && step.On != "":
		return "a wait for " + step.On
	case step.Verb == journey.Wait && step.Until != 0:
		return "a wait for a date"
	case step.Verb == journey.Wait:
		return "a wait for time to pass"
	}
	return ""
}

// The conditions.
var (
	running    = `ExecutionStatus="Running"`
	anyJourney = workflows.AttributeJourney.GetName() + " is not null"
)

func where(conditions ...string) string { return strings.Join(conditions, " AND ") }

func in(plan *journey.Plan) string { return is(workflows.AttributeJourney.GetName(), plan.Journey) }

func is(attribute, value string) string { return fmt.Sprintf("%s=%q", attribute, value) }

func isNull(attribute string) string { return attribute + " is null" }

func among(attribute, in string, values []string) string {
	quoted := make([]string, len(values))
	for i, value := range values {
		quoted[i] = fmt.Sprintf("%q", value)
	}
	return fmt.Sprintf("%s %s (%s)", attribute, in, strings.Join(quoted, ", "))
}

// before asks for those whose next time lies before an instant.
func before(t time.Time) string {
	return fmt.Sprintf("%s<%q", workflows.AttributeNextAt.GetName(), t.Truncate(time.Second).Format(time.RFC3339))
}
