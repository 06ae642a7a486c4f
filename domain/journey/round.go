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
	round = Round{Number: round.Number + 1, Began: t.now}
	t.setRound(round)
	t.note("round " + strconv.Itoa(round.Number))
	return t.choose(t.step().Body)
}

func (t *turn) setRound(round Round) {
	if t.s.Rounds == nil {
		t.s.Rounds = map[string]Round{}
	}
	t.s.Rounds[t.s.Step] = round
}
