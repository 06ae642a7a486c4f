package journey

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"perennial/domain/customer"
	"perennial/domain/document"
	"perennial/domain/problem"
	"perennial/domain/segment"
)

// defaultWithinDays is how long an answer is waited for where a step does not say.
const defaultWithinDays = 7

// send compiles a step that sends a template. How long its touch may be held where it does not say is the contact policy's business.
func (c *compiler) send(s Step, v *document.Value, verb document.Field) Step {
	s.Topic = c.stepTopic(v, verb)
	if v.Get("valid") != nil {
		s.Valid = c.span(v, "valid")
	}
	s.Channels = c.channels(v)
	s.Fallback = c.fallback(v, s)
	if verb.Value.Is(document.Scalar, verb.Key, c.problems) {
		s.Template = verb.Value.Text
		c.checkTemplate(verb.Value, s.Channels)
	}
	return s
}

// ask compiles a step that sends a question and waits for its answer: the survey has the name of the template.
func (c *compiler) ask(s Step, v *document.Value, verb document.Field) Step {
	s = c.send(s, v, verb)
	s.Survey = s.Template
	s.Within = Span{Days: defaultWithinDays}
	if v.Get("within") != nil {
		s.Within = c.roomy(v, "within")
	}
	s.On = SurveyAnswered
	answered, _ := c.catalogue.Event(SurveyAnswered)
	survey, ok := answered.Field("survey")
	if !ok || survey.Type != segment.String || survey.Optional {
		c.problems.Add(verb.Place, "ask needs the event "+SurveyAnswered, "add it to the event catalogue, with data: { survey: string, score: double }")
		return s
	}
	s.When = c.number(Expression{Source: "event.survey == " + strconv.Quote(s.Survey), Type: string(segment.Bool)})
	if s.ID != "" && !slices.Contains(c.asks, s.ID) {
		c.asks = append(slices.Clip(c.asks), s.ID)
	}
	return s
}

func (c *compiler) stepTopic(v *document.Value, verb document.Field) string {
	if v.Get("topic") == nil {
		if c.topic == "" {
			c.problems.Add(verb.Place, "this "+verb.Key+" has no topic", "give the journey one, such as topic: service, or the step")
		}
		return c.topic
	}
	topic := v.Scalar("topic", c.problems)
	if topic == nil {
		return ""
	}
	return c.topicOf(topic)
}

func (c *compiler) channels(v *document.Value) []customer.Channel {
	var channels []customer.Channel
	var names []string
	for _, known := range customer.Channels {
		names = append(names, string(known))
	}
	for _, item := range v.List("channels", c.problems) {
		if !item.Is(document.Scalar, "a channel", c.problems) {
			continue
		}
		channel := customer.Channel(item.Text)
		switch {
		case !slices.Contains(customer.Channels, channel):
			c.problems.Add(item.Place, "unknown channel "+item.Text, problem.Suggest(item.Text, names))
		case slices.Contains(channels, channel):
			c.problems.Add(item.Place, item.Text+" is listed twice", "keep one")
		default:
			channels = append(channels, channel)
		}
	}
	return channels
}

// longestFallback is how long a receipt is waited for at most: what is of use days later is no fallback but another step.
const longestFallback = 72 * time.Hour

// fallback compiles how long a receipt is waited for before the next channel is tried.
func (c *compiler) fallback(of *document.Value, s Step) Span {
	v := of.Mapping("fallback", c.problems)
	if v == nil {
		return Span{}
	}
	v.CheckKeys(fallbackKeys(), c.problems)
	if v.Get(After) == nil {
		c.problems.Add(v.Place, "fallback has no after", "write fallback: { after: 4h }")
		return Span{}
	}
	after := v.Scalar(After, c.problems)
	if after == nil {
		return Span{}
	}
	span := c.spanOf(after)
	switch {
	case span.Years+span.Months+span.Days != 0 || span.Exact > longestFallback:
		c.problems.Add(after.Place, after.Text+" is too long for a fallback", "write hours and minutes, at most 72h, such as 4h; what follows days later is a step of its own")
	case !s.Valid.IsZero() && !s.Valid.From(time.Unix(0, 0)).After(span.From(time.Unix(0, 0))):
		c.problems.Add(after.Place, "by then the message is of no use any more: it is valid for "+s.Valid.String(), "write a shorter one, or a longer valid")
	case len(s.Channels) == 1:
		c.problems.Add(v.Place, "there is no channel to fall back to: only "+string(s.Channels[0])+" is allowed", "list another one in channels, or leave fallback out")
	}
	return span
}

// checkTemplate checks that a template is there for the channels it is to go by, or for any, in the language that all others fall back to.
func (c *compiler) checkTemplate(v *document.Value, channels []customer.Channel) {
	if c.templates == nil || !c.knownTemplate(v, customer.SMS) {
		return
	}
	if len(channels) == 0 {
		channels = c.templates.Channels(v.Text)
	}
	c.checkTemplateTexts(v, channels)
}

// knownTemplate says whether there is a template of that name for any channel. Where there is none, usual is the channel to write it for.
func (c *compiler) knownTemplate(v *document.Value, usual customer.Channel) bool {
	if len(c.templates.Channels(v.Text)) > 0 {
		return true
	}
	mend := problem.Suggest(v.Text, c.templates.Names())
	if _, near := problem.Nearest(v.Text, c.templates.Names()); !near {
		mend = fmt.Sprintf("write templates/%s.%s.%s.liquid", v.Text, usual, c.catalogue.Language)
	}
	c.problems.Add(v.Place, "there is no template "+v.Text, mend)
	return false
}

// checkTemplateTexts checks what a template says for these channels: it must speak of what the journey is about, in the language that all others
// fall back to.
func (c *compiler) checkTemplateTexts(v *document.Value, channels []customer.Channel) {
	for _, thing := range c.templates.Things(v.Text) {
		if thing != c.plan.Enter.Each {
			c.problems.Add(v.Place, fmt.Sprintf("the template %s speaks of %s, and this journey is about none", v.Text, thing),
				fmt.Sprintf("name another template, or let customers enter for each: enter: { each: %s, at: … }", thing))
		}
	}
	for _, channel := range channels {
		languages := c.templates.Languages(v.Text, channel)
		mend := fmt.Sprintf("write templates/%s.%s.%s.liquid", v.Text, channel, c.catalogue.Language)
		switch {
		case len(languages) == 0:
			c.problems.Add(v.Place, fmt.Sprintf("the template %s has no text for %s", v.Text, channel), mend)
		case !slices.Contains(languages, c.catalogue.Language):
			c.problems.Add(v.Place, fmt.Sprintf("the template %s has no text for %s in %s, for those whose language has none", v.Text, channel, c.catalogue.Language), mend)
		}
	}
}

// wait compiles a step that waits: for a span, until a date, or for an event.
func (c *compiler) wait(s Step, verb document.Field) Step {
	v := verb.Value
	if v.Kind != document.Mapping {
		if v.Is(document.Scalar, "wait", c.problems) {
			s.For = c.spanOf(v)
		}
		return s
	}
	v.CheckKeys(waitKeys(), c.problems)
	if v.Get("until") != nil {
		s.Until = c.until(v.Scalar("until", c.problems))
		s.Moves = c.moves(s.Until)
		for _, f := range v.Fields {
			if slices.Contains(waitKeys(), f.Key) && f.Key != "until" {
				c.problems.Add(f.Place, "a wait until a date takes no "+f.Key, "leave it out, or wait for an event alone: { for: visit.completed, within: 14d }")
			}
		}
		return s
	}
	event := v.Scalar("for", c.problems)
	if event == nil {
		if v.Get("for") == nil {
			c.problems.Add(v.Place, "this waits for nothing", "write wait: 3d, wait: { until: now + days(3) } or wait: { for: visit.completed, within: 14d }")
		}
		return s
	}
	s.Within = c.roomy(v, "within")
	if v.Get("within") == nil {
		c.endless = append(c.endless, endless{
			at:   verb.Place,
			what: "this waits for ever if " + event.Text + " never comes",
			mend: "add within: 14d, or give the journey an exit, or a goal without within",
		})
	}
	if !c.knownEvent(event) {
		return s
	}
	s.On = event.Text
	s.When = c.expression(v.Scalar("when", c.problems), segment.Bool, c.scope(event.Text))
	return s
}

// until compiles the date that a wait lasts to.
func (c *compiler) until(v *document.Value) int {
	if v == nil {
		return 0
	}
	if span, err := ParseSpan(v.Text); err == nil {
		c.problems.Add(v.Place, v.Text+" is a length of time, and until takes a date", "write wait: "+v.Text+", or until: now + "+span.expression())
		return 0
	}
	return c.date(v, c.scope(""))
}

// branch compiles a condition and both its branches. The step that was put at index is the condition.
func (c *compiler) branch(index int, v *document.Value, verb document.Field) chain {
	if verb.Value.Is(document.Scalar, "if", c.problems) {
		condition := c.expression(verb.Value, segment.Bool, c.scope(""))
		c.plan.Steps[index].If = condition
	}
	c.plan.Steps[index].Then, c.plan.Steps[index].Else = End, End
	if v.Get("then") == nil {
		c.problems.Add(verb.Place, "this if has no then", "list what to do when it is true")
	}
	made := chain{first: index, tails: []tail{{index, next}}, ends: true}
	for _, arm := range []struct {
		key string
		way way
	}{{"then", then}, {"else", otherwise}} {
		lead := []tail{{index, arm.way}}
		steps := c.list(v.List(arm.key, c.problems))
		if steps.first == End {
			made.tails, made.ends = append(made.tails, lead...), false
			continue
		}
		c.link(lead, steps.first)
		made.tails, made.ends = append(made.tails, steps.tails...), made.ends && steps.ends
		made.forever, made.exits = made.forever || steps.forever, made.exits || steps.exits
	}
	return made
}
