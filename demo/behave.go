package demo

import (
	"time"

	"perennial/channel/sandbox"
)

// act is something that a customer will do, or that happens to them.
type act struct {
	at       time.Time // the stack's time
	happened time.Time // when it really was, where it is told late; else zero
	customer *person
	kind     actKind
	id       string // of the event
	text     string // of a message
	message  sandbox.Message
	about    string // id of an agreement or a complaint
}

type actKind string

const (
	nothing  actKind = ""
	buy      actKind = "buy"
	comeBy   actKind = "visit"
	renew    actKind = "renew"
	end      actKind = "end" // the agreement: they sold the car
	answer   actKind = "answer"
	write    actKind = "write" // a message for a person to read
	complain actKind = "complain"
	resolve  actKind = "resolve"  // a colleague settles a complaint
	withdraw actKind = "withdraw" // agreement to marketing
	stop     actKind = "stop"     // "STOP", by the channel that the message came on
)

// person is a customer in the demo, with what they have done so far.
type person struct {
	customer

	withdrawn map[string]time.Time // topic: when the stack had heard of it
	read      map[string]bool      // what was read already, by enrollment and occurrence: a second channel says nothing new
	settled   map[string]bool      // agreements that were renewed or ended
	wrote     []time.Time          // when they wrote to us
	asked     int
	answered  int
}

func newPerson(c customer) *person {
	return &person{customer: c, withdrawn: map[string]time.Time{}, read: map[string]bool{}, settled: map[string]bool{}}
}

// ownAccord is what no message leads to: first purchases, visits to the workshop, the odd purchase, and colleagues who settle old complaints. It
// comes from the seed alone.
func ownAccord(p *person, seed uint64, start time.Time, days int) []act {
	d := dice{seed: seed, about: p.id}
	length := time.Duration(days) * 24 * time.Hour
	var acts []act
	plan := func(kind actKind, name string, at time.Time) *act {
		acts = append(acts, act{at: at, customer: p, kind: kind, id: p.id + "-" + name})
		return &acts[len(acts)-1]
	}
	switch p.life {
	case newcomer:
		plan(buy, "first", start.Add(d.between("walks in", 0, length/3)))
	case regular:
		switch share := d.number("comes by") % 100; {
		case share < 30:
			plan(comeBy, "came-by", start.Add(d.between("comes by on", 0, length/2)))
		case share < 65: // the workshop writes down a visit weeks later
			told := start.Add(d.between("visit is told", 0, length/2))
			plan(comeBy, "told-late", told).happened = told.Add(-d.between("visit was", 20*24*time.Hour, 80*24*time.Hour))
		}
		if d.percent("buys again", 12) {
			plan(buy, "again", start.Add(d.between("buys again on", 0, length)))
		}
	case lapsed:
	}
	if !p.complained.IsZero() && d.percent("old complaint is settled", 70) {
		plan(resolve, "settled", start.Add(d.between("old complaint is settled on", 0, length/2))).about = complaintID(p.customer)
	}
	return acts
}

// choice is one thing that customers do about a message, in so many of a hundred.
type choice struct {
	kind    actKind
	percent uint64
}

// reactions are what customers do about what they received, by template; in the rest of a hundred, nothing. What is not sent leads to nothing.
func reactions() map[string][]choice {
	return map[string][]choice{
		"welcome":           {{write, 8}, {stop, 3}, {complain, 2}},
		"care-tip":          {{buy, 8}, {write, 5}, {stop, 2}, {withdraw, 6}},
		"satisfaction":      {{answer, 65}, {stop, 1}},
		"apology":           {{write, 20}, {complain, 10}},
		"thanks":            {{write, 12}},
		"invitation":        {{comeBy, 40}, {buy, 12}, {withdraw, 8}, {stop, 4}},
		"visit-reminder":    {{comeBy, 50}, {write, 12}, {complain, 2}, {stop, 2}},
		"referral":          {{write, 15}},
		"birthday":          {{write, 25}, {stop, 1}},
		"holiday-greeting":  {{write, 15}, {stop, 1}},
		"renewal-coming":    {{renew, 12}, {end, 6}, {write, 8}, {complain, 3}, {stop, 2}},
		"renewal-soon":      {{renew, 40}, {write, 8}, {stop, 1}},
		"renewal-last-call": {{renew, 55}, {end, 5}},
		"win-back-hello":    {{buy, 16}, {write, 6}, {complain, 3}, {withdraw, 10}, {stop, 5}},
		"win-back-news":     {{buy, 16}, {complain, 2}, {stop, 4}},
		"why-left":          {{answer, 60}, {stop, 4}},
	}
}

// scores are the answers to the questions: most are content, and price is why most leave.
func scores() map[string][]string {
	return map[string][]string{
		"satisfaction": {"1", "2", "3", "4", "4", "5", "5", "5"},
		"why-left":     {"1", "1", "2", "3", "3", "4"},
	}
}

// react decides what a customer does about a message, from an hour after the next morning begins to a day and a half later: nobody's reaction
// depends on minutes. Most of the time that is nothing.
func react(p *person, m sandbox.Message, e enrollment, seed uint64) (act, bool) {
	said := e.name + "." + occurrence(m.Touch)
	if p.read[said] {
		return act{}, false
	}
	p.read[said] = true
	step := e.steps[stepOf(m.Touch)]
	choices, words := reactions()[step.Template], scores()[step.Template]
	if words != nil {
		p.asked++
	}
	d := dice{seed: seed, about: p.id + "\x00" + said}
	kind := choose(d.number("does")%100, choices)
	if kind == nothing {
		return act{}, false
	}
	next := act{
		at: nextMorning(m.At).Add(d.between("when", time.Hour, 36*time.Hour)), customer: p, message: m, kind: kind,
		id: p.id + "-" + said, text: thanks(p.language), about: e.key,
	}
	if kind == answer {
		next.text = pick(d, "score", words)
	}
	return next, true
}

// choose finds the choice in whose share of a hundred a number lies.
func choose(number uint64, of []choice) actKind {
	for _, c := range of {
		if number < c.percent {
			return c.kind
		}
		number -= c.percent
	}
	return nothing
}

// nextMorning is when the day after an instant begins: at an hour at which hardly anybody gets messages, wherever they live.
func nextMorning(at time.Time) time.Time {
	const begins = 5*time.Hour + 30*time.Minute // UTC
	return at.Add(-begins).Truncate(24 * time.Hour).Add(24*time.Hour + begins)
}

func thanks(language string) string {
	if language == "zh-CN" {
		return "谢谢，收到了！"
	}
	return "Thank you, that is good to know!"
}

// settle is how a complaint goes on: most are settled within two weeks.
func settle(a act, seed uint64) (act, bool) {
	d := dice{seed: seed, about: a.id}
	return act{
		at: a.at.Add(d.between("settled", 2*24*time.Hour, 14*24*time.Hour)), customer: a.customer, kind: resolve, id: a.id, about: eventID(a),
	}, d.percent("is settled", 80)
}

// eventID is the id of the event that an act is told as.
func eventID(a act) string { return a.id + "-" + string(a.kind) }
