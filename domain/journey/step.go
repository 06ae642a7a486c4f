package journey

import (
	"fmt"
	"slices"
	"strings"

	"perennial/domain/document"
	"perennial/domain/problem"
	"perennial/domain/segment"
)

// chain is a list of steps, put into the plan one after another and not yet linked to what follows it.
type chain struct {
	first   int    // index of its first step; End when it has none
	tails   []tail // what leads out of it
	ends    bool   // nothing that goes through it comes out: each way ends in an exit, or in a repeat that is never left
	forever bool   // with ends: some way ends in such a repeat
	exits   bool   // some way through it ends in an exit
}

// tail is a way out of a step.
type tail struct {
	step int
	way  way
}

type way int

const (
	next way = iota
	then
	otherwise
)

// link lets ways out lead to a step.
func (c *compiler) link(tails []tail, to int) {
	for _, t := range tails {
		step := &c.plan.Steps[t.step]
		switch t.way {
		case next:
			step.Next = to
		case then:
			step.Then = to
		case otherwise:
			step.Else = to
		}
	}
}

// list compiles the steps of a list and links each to the one that follows it.
func (c *compiler) list(items []*document.Value) chain {
	whole := chain{first: End}
	told := false
	for _, item := range items {
		if whole.ends && !told {
			c.unreachable(item, whole)
			told = true
		}
		step, ok := c.step(item)
		if !ok {
			continue
		}
		if !whole.ends {
			whole.forever, whole.exits = whole.forever || step.forever, whole.exits || step.exits
		}
		if whole.first == End {
			whole.first = step.first
		}
		c.link(whole.tails, step.first)
		whole.tails, whole.ends = step.tails, whole.ends || step.ends
	}
	return whole
}

func (c *compiler) unreachable(item *document.Value, before chain) {
	what, mend := "nothing ever gets here: every way ends in an exit before it", "leave the step out, or move it before the exit"
	if before.forever {
		what, mend = "nothing ever gets here: the repeat before it is never left", "give that repeat an until, or leave the step out"
	}
	c.problems.Add(item.Place, what, mend)
}

// step compiles one step; not ok, with a problem, when it can't be told what it does.
func (c *compiler) step(v *document.Value) (chain, bool) {
	if !v.Is(document.Mapping, "a step", c.problems) {
		return chain{}, false
	}
	id := c.id(v)
	verb, ok := c.verb(v)
	if !ok {
		return chain{}, false
	}
	c.checkStepKeys(v, verb)
	index := len(c.plan.Steps)
	c.plan.Steps = append(c.plan.Steps, Step{ID: id, Verb: Verb(verb.Key), Next: End})
	made := chain{first: index, tails: []tail{{index, next}}}
	step := c.plan.Steps[index]
	switch Verb(verb.Key) {
	case Send:
		step = c.send(step, v, verb)
	case Ask:
		step = c.ask(step, v, verb)
	case Wait:
		step = c.wait(step, verb)
	case Set:
		step = c.set(step, verb)
	case Notify:
		step = c.notify(step, v, verb)
	case Start:
		step = c.start(step, verb)
	case If:
		return c.branch(index, v, verb), true
	case Repeat:
		return c.repeat(index, verb), true
	case Exit:
		if verb.Value.Is(document.Scalar, "exit", c.problems) {
			step.Reason = c.shortText(verb.Value, "reason")
		}
		made.ends, made.exits = true, true
	}
	c.plan.Steps[index] = step
	return made, true
}

// id returns the id of a step, which must be there, be a word and be the only one.
func (c *compiler) id(v *document.Value) string {
	if v.Get("id") == nil {
		c.problems.Add(v.Place, "this step has no id", "name it, such as id: welcome")
		return ""
	}
	id := v.Scalar("id", c.problems)
	if id == nil {
		return ""
	}
	if !segment.Word(id.Text) {
		c.problems.Add(id.Place, id.Text+" is no id for a step", "write a snake_case word, such as settle_in; words that expressions need, such as if and for, are taken")
		return id.Text
	}
	if line, taken := c.steps[id.Text]; taken {
		c.problems.Add(id.Place, "another step has the id "+id.Text, fmt.Sprintf("line %d has it: give each step its own", line))
		return id.Text
	}
	c.steps[id.Text] = id.Place.Line
	return id.Text
}

// verb returns the one field that says what a step does. One that is nearly a verb is told, and taken for that verb, so that the rest of the step is judged too.
func (c *compiler) verb(v *document.Value) (document.Field, bool) {
	var found []document.Field
	unbuilt := false
	for _, f := range v.Fields {
		if _, ok := verbs()[f.Key]; ok {
			found = append(found, f)
		}
		if slices.Contains(unbuiltVerbs(), f.Key) {
			c.problems.Add(f.Place, f.Key+" is not built yet", "leave the step out for now")
			unbuilt = true
		}
	}
	if unbuilt {
		return document.Field{}, false
	}
	if len(found) == 1 {
		return found[0], true
	}
	if len(found) > 1 {
		c.problems.Add(found[1].Place, "a step does one thing, and this one has "+found[0].Key+" and "+found[1].Key, "make two steps of it")
		return document.Field{}, false
	}
	for _, f := range v.Fields {
		if near, ok := problem.Nearest(f.Key, verbNames()); ok && f.Key != "id" && ownersOf(f.Key) == "" {
			c.problems.Add(f.Place, "unknown key "+f.Key, "did you mean "+near+"?")
			f.Key = near
			return f, true
		}
	}
	c.problems.Add(v.Place, "this step does nothing", "give it one of "+strings.Join(verbNames(), ", "))
	return document.Field{}, false
}

// checkStepKeys adds a problem for each key that has no business beside the verb.
func (c *compiler) checkStepKeys(v *document.Value, verb document.Field) {
	beside := verbs()[verb.Key]
	for _, f := range v.Fields {
		if f.Key == "id" || f.Place == verb.Place || slices.Contains(beside, f.Key) {
			continue
		}
		mend := problem.Suggest(f.Key, append([]string{"id"}, beside...))
		if owners := ownersOf(f.Key); owners != "" {
			mend = "it belongs to " + owners
		}
		c.problems.Add(f.Place, verb.Key+" takes no "+f.Key, mend)
	}
}

// ownersOf names the verbs beside which a key may stand.
func ownersOf(key string) string {
	var owners []string
	for _, verb := range verbNames() {
		if slices.Contains(verbs()[verb], key) {
			owners = append(owners, verb)
		}
	}
	return strings.Join(owners, " and ")
}
