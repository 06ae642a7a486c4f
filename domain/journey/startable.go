package journey

import (
	"slices"
	"strings"

	"perennial/domain/document"
	"perennial/domain/problem"
)

// start compiles a step that lets the customer enter another journey. Whether there is one is known once all are read.
func (c *compiler) start(s Step, verb document.Field) Step {
	if verb.Value.Is(document.Scalar, "start", c.problems) {
		s.Journey = verb.Value.Text
		c.starts = append(c.starts, start{at: verb.Value.Place, journey: s.Journey})
	}
	return s
}

// startable is what is known of a journey for those that start it, also where it has mistakes.
type startable struct {
	name   string
	enter  Enter
	starts []start
}

// checkStarts finds the start steps of a library that lead nowhere, to a journey that can't be started, or round in a circle.
func checkStarts(journeys []startable, problems *problem.List) {
	w := starts{byName: map[string]startable{}, seen: map[string]bool{}, problems: problems}
	for _, j := range journeys {
		w.byName[j.name] = j
		w.names = append(w.names, j.name)
	}
	for _, j := range journeys {
		for _, s := range j.starts {
			w.check(j, s)
		}
	}
	for _, name := range w.names {
		w.walk(name, nil)
	}
}

// starts walks from journey to journey by their start steps.
type starts struct {
	byName   map[string]startable
	names    []string
	seen     map[string]bool // walked to the end
	problems *problem.List
}

func (w *starts) check(from startable, s start) {
	to, ok := w.byName[s.journey]
	switch {
	case !ok:
		mend := problem.Suggest(s.journey, w.names)
		if mend == "" {
			mend = "write it in " + s.journey + ".yaml"
		}
		w.problems.Add(s.at, "there is no journey "+s.journey, mend)
	case to.enter.Key != 0:
		w.problems.Add(s.at, s.journey+" can't be started: its key is of the event "+to.enter.On+", which no start brings",
			"leave the key out in "+s.journey+".yaml, or let its event alone enter")
	case to.enter.Each != "" && from.enter.Each == "":
		w.problems.Add(s.at, s.journey+" can't be started: it is about one "+string(to.enter.Each)+", and this journey is about the customer",
			"let its date alone enter, or write a journey that is about the customer")
	case to.enter.Each != "" && to.enter.Each != from.enter.Each:
		w.problems.Add(s.at, s.journey+" can't be started: it is about one "+string(to.enter.Each)+", and this journey is about one "+string(from.enter.Each),
			"let its date alone enter, or write a journey that is about the customer")
	}
}

// walk follows the start steps of a journey. way is how it got there.
func (w *starts) walk(name string, way []string) {
	if w.seen[name] {
		return
	}
	way = append(way, name)
	for _, s := range w.byName[name].starts {
		if i := slices.Index(way, s.journey); i >= 0 {
			w.problems.Add(s.at, "journeys that start each other never end: "+strings.Join(way[i:], " → ")+" → "+s.journey, "leave this start out")
			continue
		}
		w.walk(s.journey, slices.Clip(way))
	}
	w.seen[name] = true
}
