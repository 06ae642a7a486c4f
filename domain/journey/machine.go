package journey

import (
	"slices"
	"strings"
	"time"
)

// Outcomes that are words of their own; the others are "exited: <why>" and "failed: <why>".
const (
	OutcomeGoal      = "goal"
	OutcomeCompleted = "completed"
)

// ByHand is the reason of an exit that somebody asked for by cancelling the run.
const ByHand = "cancelled by hand"

// ExitOutcome is the outcome of an exit for that reason.
func ExitOutcome(why string) string { return "exited: " + why }

// FailOutcome is the outcome of an enrollment that can't go on.
func FailOutcome(why string) string {
	if len(why) > MaxReason {
		why = strings.ToValidUTF8(why[:MaxReason], "") + "…"
	}
	return "failed: " + why
}

// MaxReason is how long the reason of an outcome may be, in bytes: it is a search attribute, which databases bound.
const MaxReason = 200

// HasFailed says whether an outcome is one that an engineer should look at.
func HasFailed(outcome string) bool { return strings.HasPrefix(outcome, "failed") }

// Next is the machine: what happened at now, in a state, leads to another state and the next command. A nil command means: go on with
// what is under way. It changes nothing that it is given.
func (p *Plan) Next(s State, h Happened, now time.Time) (State, Command) {
	t := &turn{plan: p, s: s.clone(), now: now}
	if s.Finished() {
		return t.s, t.afterFinish(h)
	}
	command := t.take(h)
	return t.s, command
}

// turn is one move of the machine.
type turn struct {
	plan *Plan
	s    State
	now  time.Time
}

func (t *turn) take(h Happened) Command {
	switch h := h.(type) {
	case Entered:
		return t.entered(h)
	case Continued:
		t.s.Encoding, t.s.Stalled = StateEncoding, false
		return t.proceed()
	case Planned:
		t.s.Stalls = 0
		return t.planned(h)
	case Delivered:
		t.s.Stalls = 0
		return t.delivered(h)
	case Scheduled:
		t.s.Stalls = 0
		return t.scheduled(h)
	case Evaluated:
		t.s.Stalls = 0
		return t.evaluated(h)
	case Written:
		t.s.Stalls = 0
		t.note("set " + attributes(t.step()))
		return t.advance()
	case Started:
		t.s.Stalls = 0
		t.note(h.What)
		return t.advance()
	case ReceiptCame:
		return t.receiptCame(h.Receipt)
	case TimeCame:
		return t.timeCame()
	case EventCame:
		return t.eventCame(h.Event)
	case Unavailable:
		return t.stall()
	case Broken:
		return t.finish(FailOutcome(h.Why))
	case PauseAsked:
		t.s.Paused = true
		return t.control()
	case ResumeAsked:
		return t.resume()
	case SkipAsked:
		return t.skip()
	case ExitAsked:
		return t.exit(ExitOutcome(h.Reason))
	}
	return nil
}

// proceed returns the command that the state calls for, once the events that came meanwhile have been judged.
func (t *turn) proceed() Command {
	if t.s.Judging != nil {
		return t.evaluateTriggers()
	}
	for len(t.s.Inbox) > 0 {
		event := t.s.Inbox[0]
		t.s.Inbox = t.s.Inbox[1:]
		if command := t.judge(event); command != nil {
			return command
		}
	}
	if t.s.Paused {
		return WaitUntil{}
	}
	if t.arrived() {
		return t.confirmed()
	}
	switch t.s.Phase {
	case Entering:
		return t.begin()
	case Planning:
		if t.now.Before(t.s.NotBefore) {
			t.s.Phase, t.s.Until = Holding, t.s.NotBefore
			return WaitUntil{Until: t.s.Until}
		}
		return PlanTouch{Touch: t.s.Touch(), Step: t.step(), Tried: t.s.Tried, Since: t.s.Since, At: t.now}
	case Delivering:
		return Deliver{Touch: t.s.Touch(), Step: t.step(), Channel: t.s.Channel, Tried: t.s.Tried, Since: t.s.Since, Due: t.due()}
	case Confirming:
		if command := t.confirm(); command != nil {
			return command
		}
	case Scheduling:
		return t.schedule()
	case Waiting:
		if t.dueAtOnce() {
			return t.timeCame()
		}
	case Evaluating:
		return Evaluate{Step: t.s.Step, Expressions: []int{t.condition()}, Answers: t.s.Answers, At: t.now}
	case Setting:
		return SetAttributes{Touch: t.s.Touch(), Step: t.step(), Answers: t.s.Answers, At: t.now}
	case Starting:
		return StartJourney{Touch: t.s.Touch(), Step: t.step(), At: t.now}
	case Holding, Finishing:
	}
	return WaitUntil{Until: t.s.Until}
}

func (t *turn) entered(h Entered) Command {
	t.s.Encoding = StateEncoding
	t.s.EnteredAt, t.s.GoalUntil, t.s.Zone = t.now, h.GoalUntil, h.Zone
	if h.By != "" {
		t.s.Seen = append(t.s.Seen, h.By)
	}
	return t.choose(0)
}

// choose makes the step of that index the next one. It begins once what came meanwhile has been judged.
func (t *turn) choose(index int) Command {
	t.s.Phase, t.s.Since = Entering, t.now
	t.s.Step = ""
	if index != End && index < len(t.plan.Steps) {
		t.s.Step = t.plan.Steps[index].ID
	}
	t.s.Try, t.s.Retried, t.s.Tried, t.s.Channel = 0, false, nil, ""
	t.s.Until, t.s.NotBefore, t.s.Reason = time.Time{}, time.Time{}, ""
	t.s.SentAt, t.s.SentBefore, t.s.Silence = time.Time{}, nil, NotArrived
	t.s.Arrived, t.s.Lost = 0, false
	t.s.Unsure, t.s.Early = false, nil
	return t.proceed()
}

// begin does the first thing of the step that was chosen.
func (t *turn) begin() Command {
	if t.s.Step == "" {
		return t.finish(OutcomeCompleted)
	}
	step := t.step()
	if _, underWay := t.s.Rounds[step.ID]; underWay {
		return t.roundEnded()
	}
	if t.s.Occurrences == nil {
		t.s.Occurrences = map[string]int{}
	}
	t.s.Occurrences[t.s.Step]++
	t.s.Since = t.now
	switch step.Verb {
	case Send, Notify:
		t.s.Phase, t.s.Try = Planning, 1
	case Ask:
		t.s.Phase, t.s.Try = Planning, 1
		delete(t.s.Answers, step.ID) // what was answered in an earlier round is no answer to this question
	case Wait:
		t.s.Phase = Scheduling
	case If:
		t.s.Phase = Evaluating
	case Repeat:
		return t.repeat()
	case Set:
		t.s.Phase, t.s.Try = Setting, 1
	case Start:
		t.s.Phase, t.s.Try = Starting, 1
	case Exit:
		return t.finish(ExitOutcome(step.Reason))
	default:
		return t.finish(FailOutcome("step " + step.ID + " has a verb that this build does not know"))
	}
	return t.proceed()
}

func (t *turn) evaluated(h Evaluated) Command {
	if t.s.Judging != nil {
		event := *t.s.Judging
		t.s.Judging = nil
		if command := t.settle(event, h.Values); command != nil {
			return command
		}
		return t.proceed()
	}
	for _, why := range h.Unable {
		if why != "" {
			t.note("its condition could not be evaluated: " + why)
		}
	}
	step, holds := t.step(), len(h.Values) == 1 && h.Values[0]
	switch {
	case step.Verb == Repeat:
		return t.another(!holds)
	case holds:
		return t.choose(step.Then)
	}
	return t.choose(step.Else)
}

// condition is the number of the expression on which the step depends.
func (t *turn) condition() int {
	if step := t.step(); step.Verb == Repeat {
		return step.Until
	}
	return t.step().If
}

func (t *turn) eventCame(e Event) Command {
	if slices.Contains(t.s.Seen, e.ID) {
		return nil
	}
	t.s = t.s.Receive(e)
	return t.control()
}

// control answers something that came from outside: at once where the machine waits, by an interruption where a touch is in flight,
// and after the database is back where it is away.
func (t *turn) control() Command {
	switch {
	case t.s.Phase == Delivering:
		return Interrupt{}
	case t.s.Stalled:
		return nil
	}
	return t.proceed()
}

func (t *turn) resume() Command {
	if !t.s.Paused {
		return nil
	}
	t.s.Paused, t.s.ResumedAt = false, t.now
	if t.s.Phase == Holding {
		t.s.Phase = Planning // what held it may have changed, and the touch may have expired
	}
	return t.control()
}

func (t *turn) skip() Command {
	switch {
	case t.s.Phase == Delivering:
		t.s.Skipping = true
		return Interrupt{}
	case t.s.Step == "":
		return nil
	}
	if t.s.Judging != nil {
		t.s.Inbox = slices.Insert(t.s.Inbox, 0, *t.s.Judging)
	}
	t.s.Stalled, t.s.Judging = false, nil
	t.note("skipped by hand")
	return t.advance()
}

func (t *turn) exit(outcome string) Command {
	if t.s.Phase == Delivering {
		t.s.Ending = outcome
		return Interrupt{}
	}
	return t.finish(outcome)
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// advance leaves the step for the one that follows it. A repeat that is left begins at its first round when it is reached again.
func (t *turn) advance() Command {
	if t.s.Step == "" {
		return t.choose(End)
	}
	delete(t.s.Rounds, t.s.Step)
	return t.choose(t.step().Next)
}

func (t *turn) finish(outcome string) Command {
	t.s.Phase, t.s.Outcome = Finishing, outcome
	t.s.Until, t.s.Judging, t.s.Inbox = time.Time{}, nil, nil
	t.s.Stalled = false
	return Finish{Outcome: outcome}
}

// afterFinish writes the outcome down again where that failed; nothing else moves an enrollment that has ended.
func (t *turn) afterFinish(h Happened) Command {
	switch h.(type) {
	case Unavailable:
		return t.stall()
	case TimeCame, Continued:
		t.s.Stalled = false
		return Finish{Outcome: t.s.Outcome}
	}
	return nil
}

// The first and the longest pause before a command is tried again when the database is away.
const (
	firstStall   = time.Minute
	longestStall = time.Hour
)

// stall waits before the command is tried again, each time twice as long.
func (t *turn) stall() Command {
	if t.s.Phase == Delivering {
		t.s.Phase = Planning
		if t.s.Ending != "" || t.s.Skipping {
			return t.delivered(Delivered{How: Interrupted})
		}
	}
	pause := min(firstStall<<min(t.s.Stalls, 10), longestStall)
	t.s.Stalls++
	t.s.Stalled = true
	return WaitUntil{Until: t.now.Add(pause)}
}

func (t *turn) step() Step {
	step, _ := t.plan.Step(t.s.Step)
	return step
}

// attributes names what a set step writes.
func attributes(step Step) string {
	names := make([]string, len(step.Set))
	for i, a := range step.Set {
		names[i] = a.Attribute
	}
	return strings.Join(names, ", ")
}

func (t *turn) note(what string) {
	t.s.Past = append(t.s.Past, Done{Step: t.s.Step, At: t.now, Channel: t.s.Channel, What: what})
	if extra := len(t.s.Past) - pastKept; extra > 0 {
		t.s.Past = t.s.Past[extra:]
	}
}
