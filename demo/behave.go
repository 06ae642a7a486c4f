package demo

import (
	"strings"
	"time"

	"perennial/channel/sandbox"
	"perennial/domain/journey"
)

// act is something that a customer will do.
type act struct {
	at       time.Time // the stack's time
	customer *person
	kind     actKind
	id       string // of the event
	score    string // of an answer
	message  sandbox.Message
}

type actKind string

const (
	buy      actKind = "buy"
	answer   actKind = "answer"
	complain actKind = "complain"
	withdraw actKind = "withdraw" // agreement to marketing
)

// person is a customer in the demo, with what they have done so far.
type person struct {
	customer

	bought    int
	withdrawn map[string]time.Time // topic: when the stack had heard of it
	asked     int
	answered  int
}

// walkIn is the first purchase of a customer, in the first half of the demo: the one thing that nobody's message leads to.
func walkIn(p *person, seed uint64, start time.Time, days int) act {
	d := dice{seed: seed, about: p.id}
	half := time.Duration(days) * 12 * time.Hour
	return act{at: start.Add(d.between("walks in", 0, half)), customer: p, kind: buy, id: p.id + "-first"}
}

// react decides what a customer does about a message. Most of the time that is nothing.
func react(p *person, m sandbox.Message, step journey.Step, seed uint64) (act, bool) {
	d := dice{seed: seed, about: p.id + "\x00" + occurrence(m.Touch)}
	soon := act{at: m.At.Add(d.between("when", 20*time.Minute, 30*time.Hour)), customer: p, message: m, id: p.id + "-" + occurrence(m.Touch)}
	switch {
	case step.Verb == journey.Ask:
		p.asked++
		soon.kind = answer
		soon.score = pick(d, "score", []string{"1", "2", "3", "4", "4", "5", "5", "5"})
		return soon, d.percent("answers", 65)
	case d.percent("complains", 4):
		soon.kind = complain
		return soon, true
	case d.percent("withdraws", 6):
		soon.kind = withdraw
		return soon, true
	case d.percent("buys", 15):
		soon.kind = buy
		return soon, true
	}
	return act{}, false
}

// occurrence is the step and occurrence of a touch, without the enrollment's number, which another run may give otherwise.
func occurrence(touch string) string {
	parts := strings.Split(touch, ".")
	if len(parts) != 4 {
		return touch
	}
	return parts[1] + "." + parts[2]
}

// stepOf is the step of a touch.
func stepOf(touch string) string {
	step, _, _ := strings.Cut(occurrence(touch), ".")
	return step
}
