package journey

import (
	"strconv"
	"time"
)

// This file is how a repeat step goes round. Whether there is another round is asked before each of them, and once more when the rest between
// two is over, so that no round begins on facts that have changed meanwhile.

// leastRound is how long a round takes at least, whatever an expression gives: what repeats without a rest would never let go of the machine.
const leastRound = time.Minute

// repeat reaches a repeat step.
func (t *turn) repeat() Command {
	return t.askForRound(Round{Due: true})
}

// roundEnded comes back to the repeat step whose round is over.
func (t *turn) roundEnded() Command {
	round := t.s.Rounds[t.s.Step]
	round.Due = false
	return t.askForRound(round)
}

// rested is told that the rest between two rounds is over.
func (t *turn) rested() Command {
	round := t.s.Rounds[t.s.Step]
	round.Due = true
	return t.askForRound(round)
}

// askForRound evaluates whether there is another round. Where nothing but a goal or an exit ends the repeat, there is.
func (t *turn) askForRound(round Round) Command {
	t.setRound(round)
	if t.step().Until == 0 {
		return t.another(true)
	}
	t.s.Phase = Evaluating
	return t.proceed()
}

// another begins the next round, rests before it, or leaves the repeat.
func (t *turn) another(is bool) Command {
	round := t.s.Rounds[t.s.Step]
	switch {
	case !is:
		t.note("no further round")
		return t.advance()
	case !round.Due:
		t.s.Phase = Scheduling
		return t.proceed()
	}
	round = t.begun(round)
	t.setRound(round)
	t.note("round " + strconv.Itoa(round.Number))
	return t.choose(t.step().Body)
}

// begun is the round that begins now. One that comes in time keeps the step: the next is counted from the same first one. Where so much time was lost
// that the one after it would be due already, and after a pause that it fell into, the counting begins anew, so that no rounds are made up for.
func (t *turn) begun(before Round) Round {
	due := t.s.Until // zero before the first round
	round := Round{Number: before.Number + 1, Began: due, First: before.First, Since: before.Since + 1}
	late, rest := t.now.Sub(due), due.Sub(before.Began)
	if before.Number == 0 || late >= rest || due.Before(t.s.ResumedAt) {
		round.Began, round.First, round.Since = t.now, t.now, 0
	}
	return round
}

// next is when the round after this one is due: a span after the first one, as often as there were rounds since, by the calendar; or what an expression
// gives for when this one began.
func (r Round) next(step Step) Schedule {
	if step.EveryBy != 0 {
		return Schedule{Step: step, By: step.EveryBy, Since: r.Began}
	}
	return Schedule{Step: step, Span: step.Every.Times(r.Since + 1), Since: r.First}
}

func (t *turn) setRound(round Round) {
	if t.s.Rounds == nil {
		t.s.Rounds = map[string]Round{}
	}
	t.s.Rounds[t.s.Step] = round
}
