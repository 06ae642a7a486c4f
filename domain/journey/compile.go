package journey

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"perennial/domain/document"
	"perennial/domain/message"
	"perennial/domain/problem"
	"perennial/domain/segment"
)

// Compile reads a journey as operations wrote it and compiles it to a plan. It finds every mistake in one pass; the plan is nil when
// there is any.
func Compile(file string, source []byte, catalogue segment.Catalogue, templates *message.Set) (*Plan, []problem.Problem) {
	c := compile(file, source, catalogue, templates)
	if !c.problems.Empty() {
		return nil, c.problems.Sorted()
	}
	return c.plan, nil
}

func compile(file string, source []byte, catalogue segment.Catalogue, templates *message.Set) *compiler {
	c := &compiler{
		file:      file,
		catalogue: catalogue,
		templates: templates,
		problems:  &problem.List{},
		plan:      &Plan{Encoding: PlanEncoding},
		steps:     map[string]int{},
	}
	if root := document.Parse(file, source, c.problems); root != nil {
		c.journey(root)
	}
	return c
}

// compiler walks a journey's file once: it checks what it reads and puts it into the plan.
type compiler struct {
	file      string
	catalogue segment.Catalogue
	templates *message.Set
	problems  *problem.List
	plan      *Plan
	topic     string         // of what is sent where a step names none
	present   []string       // names of what is there, since nobody could have entered without it
	asks      []string       // ids of the ask steps so far
	steps     map[string]int // the line of each step so far, by id
	endless   []endless      // what only a goal that counts for ever or an exit can end
	starts    []start        // of other journeys
	topics    []named        // topics, wherever one is named
}

// named is a name and where it stands.
type named struct {
	at   problem.Place
	name string
}

// endless is something without an end of its own.
type endless struct {
	at         problem.Place
	what, mend string
}

// start is a step that starts another journey.
type start struct {
	at      problem.Place
	journey string
}

var journeyName = regexp.MustCompile(`^[a-z][a-z0-9]*([-_][a-z0-9]+)*$`)

// IsName says whether a text can name a journey: lower-case words joined by hyphens or underscores.
func IsName(text string) bool { return journeyName.MatchString(text) }

// maxTitle is how long a title or a reason may be, in characters: it stands in lists that people read.
const maxTitle = 80

func (c *compiler) journey(root *document.Value) {
	root.CheckKeys(journeyKeys(), c.problems)
	c.name(root)
	if v := c.required(root, "title", "say in a few words what the journey is for", document.Scalar); v != nil {
		c.plan.Title = c.shortText(v, "title")
	}
	if v := root.Scalar("topic", c.problems); v != nil {
		c.topic = c.topicOf(v)
	}
	if v := c.required(root, "enter", "say who enters, such as enter: { on: purchase }", document.Mapping); v != nil {
		c.enter(v)
	}
	if v := c.required(root, "steps", "list what the journey does", document.Sequence); v != nil {
		if len(v.Items) == 0 {
			c.problems.Add(v.Place, "steps is an empty list", "list what the journey does")
		}
		c.list(v.Items)
	}
	// After the steps, because a goal and an exit may ask for the answer to any of them.
	if v := root.Mapping("goal", c.problems); v != nil {
		c.goal(v)
	}
	for _, v := range root.List("exit", c.problems) {
		c.exit(v)
	}
	c.checkEndless(root)
}

func (c *compiler) name(root *document.Value) {
	file := fileName(c.file)
	v := c.required(root, "journey", "name it as the file is named: journey: "+file, document.Scalar)
	switch {
	case v == nil:
	case !journeyName.MatchString(v.Text):
		c.problems.Add(v.Place, v.Text+" is no name for a journey", "write lower-case words joined by hyphens or underscores, such as return-visit")
	case v.Text != file:
		c.problems.Add(v.Place, "the journey "+v.Text+" is in the file "+path.Base(c.file), "name both the same: journey: "+file)
	default:
		c.plan.Journey = v.Text
	}
}

// fileName is the name of a file without its ending, which is the journey's.
func fileName(file string) string { return strings.TrimSuffix(path.Base(file), path.Ext(file)) }

// required returns a field that must be there, nil with a problem when it is not or is of another kind.
func (c *compiler) required(root *document.Value, key, mend string, kind document.Kind) *document.Value {
	f := root.Get(key)
	if f == nil {
		c.problems.Add(root.Place, key+" is missing", mend)
		return nil
	}
	if !f.Value.Is(kind, key, c.problems) {
		return nil
	}
	return f.Value
}

// shortText returns a text that has to fit into lists.
func (c *compiler) shortText(v *document.Value, name string) string {
	if len([]rune(v.Text)) > maxTitle || strings.ContainsAny(v.Text, "\n\r\t") {
		c.problems.Add(v.Place, "this "+name+" is too long", "write one line of at most 80 characters")
	}
	return v.Text
}

func (c *compiler) topicOf(v *document.Value) string {
	if !segment.Word(v.Text) {
		c.problems.Add(v.Place, v.Text+" is no topic", "write service, care, marketing or a snake_case word of your own")
		return v.Text
	}
	c.topics = append(c.topics, named{v.Place, v.Text})
	return v.Text
}

// span returns the span of a field; zero when there is none or, with a problem, when it is wrong.
func (c *compiler) span(of *document.Value, key string) Span {
	v := of.Scalar(key, c.problems)
	if v == nil {
		return Span{}
	}
	return c.spanOf(v)
}

func (c *compiler) spanOf(v *document.Value) Span {
	s, err := ParseSpan(v.Text)
	if err != nil {
		c.problems.Add(v.Place, err.Error(), "write such as 30s, 15m, 4h, 3d, 2w, 1mo or 1y, or several of them, the largest first")
	}
	return s
}

// roomy is the span of a field that gives people time: less than an hour is hardly meant.
func (c *compiler) roomy(of *document.Value, key string) Span {
	before := c.problems.Len()
	s := c.span(of, key)
	if c.problems.Len() > before || of.Get(key) == nil || s.Years+s.Months+s.Days != 0 || s.Exact >= time.Hour {
		return s
	}
	v := of.Get(key).Value
	what := v.Text + " is less than an hour"
	switch {
	case s.Exact == time.Minute:
		what = v.Text + " is one minute"
	case s.Exact%time.Minute == 0:
		what = fmt.Sprintf("%s is %d minutes", v.Text, s.Exact/time.Minute)
	}
	c.problems.Add(v.Place, what, "a month is 1mo; "+key+" is an hour at least: 1h")
	return s
}

// checkEndless finds waits and repeats that nothing can ever end. A goal that counts only for a while ends nothing after it.
func (c *compiler) checkEndless(root *document.Value) {
	if goal := root.Get("goal"); goal != nil && goal.Value.Get("within") == nil && c.mayHold(goal.Value) {
		return
	}
	if exits := root.Get("exit"); exits != nil && (exits.Value.Kind != document.Sequence || slices.ContainsFunc(exits.Value.Items, c.mayHold)) {
		return
	}
	for _, one := range c.endless {
		c.problems.Add(one.at, one.what, one.mend)
	}
}

// mayHold says whether the condition of a goal or an exit may ever hold.
func (c *compiler) mayHold(trigger *document.Value) bool {
	when := trigger.Get("when")
	return when == nil || !c.isFalse(when.Value)
}

// isFalse says whether an expression is false, whatever is known of the customer.
func (c *compiler) isFalse(v *document.Value) bool {
	env, err := segment.NewEnv(c.catalogue, c.scope(""))
	return err == nil && v.Kind == document.Scalar && env.IsFalse(v.Text)
}
