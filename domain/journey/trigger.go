package journey

import "slices"

// What an event may do to an enrollment, in the order in which it is asked.
type effect string

const (
	reachGoal effect = "goal"
	leave     effect = "exit"
	answer    effect = "answer" // end the wait of the step that waits for it
)

// candidate is a trigger that an event may pull.
type candidate struct {
	effect effect
	when   int    // number of the condition, 0 for none
	reason string // of an exit
}

// candidates are the triggers that fit the event's type, where the enrollment stands now.
func (t *turn) candidates(e Event) []candidate {
	var found []candidate
	if goal := t.plan.Goal; goal != nil && goal.On == e.Type && t.goalCounts(e) {
		found = append(found, candidate{effect: reachGoal, when: goal.When})
	}
	for _, exit := range t.plan.Exits {
		if exit.On == e.Type {
			found = append(found, candidate{effect: leave, when: exit.When, reason: exit.Reason})
		}
	}
	asked := t.s.Phase == Waiting || t.s.Phase == Scheduling || (t.s.Retried || !t.s.SentAt.IsZero()) && t.step().Verb == Ask
	if asked && t.step().On == e.Type {
		found = append(found, candidate{effect: answer, when: t.step().When})
	}
	return found
}

// early says whether an event may answer a question of which it is not known yet whether it was asked. It is judged once that is known.
func (t *turn) early(e Event) bool {
	return t.s.Unsure && t.step().On == e.Type && len(t.candidates(e)) == 0
}

func (t *turn) goalCounts(e Event) bool {
	return t.s.GoalUntil.IsZero() || !e.At.After(t.s.GoalUntil)
}

// judge lets an event act. Nil means that it changed nothing.
func (t *turn) judge(e Event) Command {
	if t.early(e) {
		t.s.Early = append(t.s.Early, e)
		return nil
	}
	for _, c := range t.candidates(e) {
		if c.when != 0 {
			t.s.Judging = &e
			return t.evaluateTriggers()
		}
	}
	return t.settle(e, nil)
}

// evaluateTriggers asks for the conditions of all triggers that the event under judgement may pull.
func (t *turn) evaluateTriggers() Command {
	event := *t.s.Judging
	var numbers []int
	for _, c := range t.candidates(event) {
		if c.when != 0 {
			numbers = append(numbers, c.when)
		}
	}
	if len(numbers) == 0 { // the enrollment moved on meanwhile
		t.s.Judging = nil
		if command := t.settle(event, nil); command != nil {
			return command
		}
		return t.proceed()
	}
	return Evaluate{Step: t.s.Step, Expressions: numbers, Event: &event, Answers: t.s.Answers, At: t.now}
}

// settle pulls the first trigger whose condition holds; values are those of the conditions in order. Nil means that none did.
func (t *turn) settle(e Event, values []bool) Command {
	for _, c := range t.candidates(e) {
		holds := c.when == 0
		if c.when != 0 && len(values) > 0 {
			holds, values = values[0], values[1:]
		}
		if !holds {
			continue
		}
		switch c.effect {
		case reachGoal:
			t.note("goal: " + e.Type)
			return t.finish(OutcomeGoal)
		case leave:
			t.note("exit: " + e.Type)
			return t.finish(ExitOutcome(c.reason))
		case answer:
			return t.answered(e)
		}
	}
	t.reconsider(e)
	return nil
}

// answered ends the wait of the step for the event. The wait may not have been scheduled yet: an answer can be quicker than we are.
func (t *turn) answered(e Event) Command {
	if t.step().Verb == Ask {
		if t.s.Answers == nil {
			t.s.Answers = map[string]string{}
		}
		t.s.Answers[t.s.Step] = e.ID
		t.note("answered")
	} else {
		t.note(e.Type + " came")
	}
	return t.advance()
}

// reconsider plans anew what a changed profile or consent, or an event that a date is counted from, may have changed.
func (t *turn) reconsider(e Event) {
	changed := e.Type == ProfileChanged
	switch {
	case t.s.Phase == Holding && (changed || e.Type == ConsentChanged):
		t.s.Phase = Planning
	case t.s.Phase == Waiting && (changed || slices.Contains(t.step().Moves, e.Type)):
		t.s.Phase = Scheduling
	}
}
