package journey

import "time"

// This file is how the machine waits: until an instant that is computed, or for whatever happens first.

// scheduled waits until the instant that was computed.
func (t *turn) scheduled(h Scheduled) Command {
	t.s.Until, t.s.Zone = h.Until, h.Zone
	if t.s.Phase == Confirming {
		return t.proceed()
	}
	t.s.Phase = Waiting
	if t.step().Verb == Repeat {
		t.s.Until = later(h.Until, t.s.Rounds[t.s.Step].Began.Add(leastRound))
	}
	return t.proceed()
}

// schedule asks when the wait of the step ends.
func (t *turn) schedule() Command {
	step, since := t.step(), t.s.Since
	command := Schedule{Step: step, Span: step.For, By: step.Until, Since: since}
	switch {
	case step.Verb == Repeat:
		command = t.s.Rounds[step.ID].next(step)
	case step.On != "":
		command = Schedule{Step: step, Span: step.Within, Since: since}
	}
	if command.By != 0 {
		command.Answers = t.s.Answers
	}
	return command
}

// dueAtOnce says whether the step waits for a date that is past. Such a wait costs no timer.
func (t *turn) dueAtOnce() bool {
	step := t.step()
	dated := step.Verb == Repeat || step.Verb == Wait && step.Until != 0
	return dated && !t.s.Until.IsZero() && !t.s.Until.After(t.now)
}

func (t *turn) timeCame() Command {
	if t.s.Stalled {
		t.s.Stalled = false
		return t.proceed()
	}
	if t.s.Paused {
		return WaitUntil{}
	}
	switch t.s.Phase {
	case Holding:
		t.s.Phase = Delivering
		if !t.s.NotBefore.IsZero() {
			t.s.Phase, t.s.NotBefore = Planning, time.Time{}
		}
		return t.proceed()
	case Confirming:
		return t.silent()
	case Waiting:
		switch step := t.step(); {
		case step.Verb == Repeat:
			return t.rested()
		case step.Verb == Ask:
			t.note("no answer came in time")
		case step.On != "":
			t.note("no " + step.On + " came in time")
		case step.Until != 0 && !t.s.Until.After(t.s.Since):
			t.note("the time was past already")
		default:
			t.note("waited")
		}
		return t.advance()
	}
	return nil
}
