package journey_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"perennial/domain/contact"
	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/domain/segment"
)

// The paths of the shipped journeys, told day by day: what somebody in operations would expect of each. The machine runs them with the real
// expressions on a customer who does what the script says; the contact policy always says yes, at once.

// life is a customer with a script, and what the journey did.
type life struct {
	*testing.T

	plan      *journey.Plan
	evaluator *segment.Evaluator
	catalogue segment.Catalogue
	who       customer.Profile
	key       string
	script    []happening // by time
	scores    map[string]float64
	past      map[string][]time.Time // when events happened, by type
	data      map[string]map[string]any
	now       time.Time
	lines     []string
	steps     map[string]bool // that were come to
	nowhere   bool            // the customer can be reached on no channel
}

// happening is one line of a script: "3d visit.completed", "9d survey.answered survey=satisfaction score=5".
type happening struct {
	at   time.Time
	kind string
	data map[string]any
}

// born is the day on which all of them enter: a Monday, nine in the morning in London.
var born = time.Date(2026, 5, 4, 9, 0, 0, 0, london())

func london() *time.Location {
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		panic(err)
	}
	return zone
}

func TestTheShippedJourneysGoTheirWays(t *testing.T) {
	t.Parallel()
	library, _ := journey.Load(os.DirFS(shipped))
	walked := map[string]map[string]bool{}
	for _, c := range shippedPaths() {
		plan := planOf(t, library, c.journey)
		l := &life{
			T: t, plan: plan, evaluator: segment.NewEvaluator(library.Catalogue), catalogue: library.Catalogue,
			who: c.customer(), key: c.key, script: readScript(t, c.script), nowhere: c.nowhere,
			scores: map[string]float64{}, past: map[string][]time.Time{}, data: map[string]map[string]any{}, now: born, steps: map[string]bool{},
		}
		for kind, days := range c.before {
			for _, d := range days {
				l.past[kind] = append(l.past[kind], born.AddDate(0, 0, -d))
			}
		}
		l.run()
		if got, want := strings.Join(l.lines, "\n"), strings.TrimSpace(strings.ReplaceAll(c.want, "\t", "")); got != want {
			t.Errorf("%s: %s\ngot:\n%s\n\nwant:\n%s", c.journey, c.name, got, want)
		}
		if walked[c.journey] == nil {
			walked[c.journey] = map[string]bool{}
		}
		for step := range l.steps {
			walked[c.journey][step] = true
		}
	}
	for _, j := range library.Journeys {
		for _, step := range j.Plan.Steps {
			ways := []string{step.ID}
			if step.Verb == journey.If {
				ways = []string{step.ID + " yes", step.ID + " no"}
			}
			for _, way := range ways {
				if !walked[j.Plan.Journey][way] {
					t.Errorf("%s: no path goes through %s", j.Plan.Journey, way)
				}
			}
		}
	}
}

func planOf(t *testing.T, library *journey.Library, name string) *journey.Plan {
	t.Helper()
	i := slices.IndexFunc(library.Journeys, func(c journey.Compiled) bool { return c.Plan != nil && c.Plan.Journey == name })
	if i < 0 {
		t.Fatalf("there is no journey %s", name)
	}
	return library.Journeys[i].Plan
}

func readScript(t *testing.T, text string) []happening {
	t.Helper()
	var script []happening
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		span, err := journey.ParseSpan(words[0])
		if err != nil {
			t.Fatal(err)
		}
		h := happening{at: span.From(born), kind: words[1], data: map[string]any{}}
		for _, word := range words[2:] {
			name, value, _ := strings.Cut(word, "=")
			h.data[name] = value
			if number, err := strconv.ParseFloat(value, 64); err == nil {
				h.data[name] = number
			}
		}
		script = append(script, h)
	}
	return script
}

// run walks until the outcome, or until nothing more will ever happen.
func (l *life) run() {
	l.Helper()
	var goalUntil time.Time
	if goal := l.plan.Goal; goal != nil && !goal.Within.IsZero() {
		goalUntil = goal.Within.From(l.now)
	}
	var state journey.State
	var command journey.Command
	var happened journey.Happened = journey.Entered{GoalUntil: goalUntil}
	for range 1_000 {
		state, command = l.plan.Next(state, happened, l.now)
		if finish, ok := command.(journey.Finish); ok {
			l.steps[state.Step] = true
			l.say("ends: " + finish.Outcome)
			return
		}
		if happened = l.carryOut(command); happened == nil {
			l.say("waits")
			return
		}
	}
	l.Fatal("it never comes to an end")
}

func (l *life) carryOut(command journey.Command) journey.Happened {
	l.Helper()
	switch c := command.(type) {
	case journey.PlanTouch:
		l.steps[c.Step.ID] = true
		switch {
		case l.nowhere || slices.Contains(c.Tried, customer.Email):
			return journey.Planned{Answer: contact.Answer{Verdict: contact.Skip, Reason: contact.NoChannel}}
		case len(c.Tried) > 0:
			return journey.Planned{Answer: contact.Answer{Verdict: contact.Send, Channel: customer.Email}}
		}
		return journey.Planned{Answer: contact.Answer{Verdict: contact.Send, Channel: customer.SMS}}
	case journey.Deliver:
		if c.Step.Verb == journey.Notify {
			l.say("tells the " + c.Step.Notify + ": " + c.Step.Template)
		} else {
			l.say(string(c.Step.Verb) + " " + c.Step.Template + " by " + string(c.Channel))
		}
		return journey.Delivered{How: journey.Sent}
	case journey.Schedule:
		l.steps[c.Step.ID] = true
		return journey.Scheduled{Until: l.until(c)}
	case journey.Evaluate:
		return l.evaluate(c)
	case journey.SetAttributes:
		l.set(c)
		return journey.Written{}
	case journey.StartJourney:
		l.steps[c.Step.ID] = true
		l.say("starts " + c.Step.Journey)
		return journey.Started{What: "entered " + c.Step.Journey}
	case journey.WaitUntil:
		return l.wait(c.Until)
	}
	l.Fatalf("got %T", command)
	return nil
}

func (l *life) until(c journey.Schedule) time.Time {
	l.Helper()
	switch {
	case c.By != 0:
		facts := l.facts(c.Answers)
		facts.Now = c.Since
		at, err := l.evaluator.Time(context.Background(), l.plan.Expressions[c.By-1].Source, facts)
		if err != nil {
			l.Fatal(err)
		}
		return at
	case c.Span.IsZero():
		return time.Time{}
	}
	return c.Span.From(c.Since.In(l.who.Zone))
}

func (l *life) evaluate(c journey.Evaluate) journey.Happened {
	l.Helper()
	values := make([]bool, len(c.Expressions))
	for i, number := range c.Expressions {
		facts := l.facts(c.Answers)
		if c.Event != nil {
			facts.Event = &segment.Event{ID: c.Event.ID, Type: c.Event.Type, At: c.Event.At, Data: l.data[c.Event.ID]}
		}
		var err error
		if values[i], err = l.evaluator.Bool(context.Background(), l.plan.Expressions[number-1].Source, facts); err != nil {
			l.Fatal(err)
		}
	}
	if c.Event != nil {
		return journey.Evaluated{Values: values}
	}
	step, _ := l.plan.Step(c.Step)
	switch {
	case step.Verb == journey.If && values[0]:
		l.steps[c.Step+" yes"] = true
	case step.Verb == journey.If:
		l.steps[c.Step+" no"] = true
	}
	return journey.Evaluated{Values: values}
}

func (l *life) set(c journey.SetAttributes) {
	l.Helper()
	l.steps[c.Step.ID] = true
	for _, a := range c.Step.Set {
		attribute, _ := l.catalogue.Attribute(a.Attribute)
		value, err := l.evaluator.Value(context.Background(), l.plan.Expressions[a.Value-1].Source, attribute.Type, l.facts(c.Answers))
		if err != nil {
			l.Fatal(err)
		}
		l.who.Attributes[a.Attribute] = value
		l.say(fmt.Sprintf("sets %s to %v", a.Attribute, value))
	}
}

// wait lets the next thing of the script happen, or the time come.
func (l *life) wait(until time.Time) journey.Happened {
	if len(l.script) > 0 && (until.IsZero() || !l.script[0].at.After(until)) {
		next := l.script[0]
		l.script = l.script[1:]
		if next.at.After(l.now) {
			l.now = next.at
		}
		return l.happen(next)
	}
	if until.IsZero() {
		return nil
	}
	if until.After(l.now) {
		l.now = until
	}
	return journey.TimeCame{}
}

// happen changes what is known as the event does.
func (l *life) happen(h happening) journey.Happened {
	id := fmt.Sprintf("e-%d", len(l.data)+1)
	l.data[id] = h.data
	l.past[h.kind] = append(l.past[h.kind], h.at)
	switch h.kind {
	case "purchase":
		l.who.Purchases.Count++
		l.who.Purchases.Last = h.at
	case journey.SurveyAnswered:
		l.scores[id], _ = h.data["score"].(float64)
	case "agreement.moved": // by an import
		l.who.Things[0].Attributes["renews_on"] = h.data["renews_on"]
		h.kind = journey.ProfileChanged
	}
	return journey.EventCame{Event: journey.Event{ID: id, Type: h.kind, At: h.at}}
}

func (l *life) facts(answers map[string]string) segment.Facts {
	f := segment.Facts{
		Profile: l.who, Now: l.now, Answers: map[string]float64{},
		Happened: func() (map[string][]time.Time, error) { return l.past, nil },
	}
	for step, event := range answers {
		f.Answers[step] = l.scores[event]
	}
	if thing, ok := l.who.Thing(l.plan.Enter.Each, l.key); ok {
		f.Thing = &thing
	}
	return f
}

func (l *life) say(what string) {
	l.lines = append(l.lines, l.now.In(l.who.Zone).Format("2 Jan 2006")+"  "+what)
}

// path is one way through a shipped journey.
type path struct {
	journey, name string
	star          int              // 3 where it is 0
	key           string           // the agreement in question, which renews on 3 July
	bought        int              // how many days before, last
	before        map[string][]int // how many days before, by type of event
	nowhere       bool
	script        string
	want          string
}

func (p path) customer() customer.Profile {
	who := customer.Profile{ID: "c-1", Zone: london(), Language: "en", Country: "GB", Star: 3, Owner: "rep-01", Attributes: map[string]any{"birthday": "1988-05-05"}}
	if p.star != 0 {
		who.Star = p.star
	}
	who.Purchases = customer.Purchases{Count: 1, First: born.AddDate(0, 0, -p.bought), Last: born.AddDate(0, 0, -p.bought)}
	if p.key != "" {
		who.Things = []customer.Thing{
			{Of: customer.Agreement, ID: "a-0", Kind: "insurance", Attributes: map[string]any{"renews_on": "2027-01-01"}},
			{Of: customer.Agreement, ID: p.key, Kind: "insurance", Attributes: map[string]any{"renews_on": "2026-07-03"}},
		}
		slices.Reverse(who.Things)
	}
	return who
}

func shippedPaths() []path {
	return []path{
		{
			journey: "onboarding", name: "is content, does not come by",
			script: "8d survey.answered survey=satisfaction score=3",
			want: `4 May 2026  send welcome by sms
				7 May 2026  send care-tip by sms
				11 May 2026  ask satisfaction by sms
				12 Jun 2026  send invitation by sms
				12 Jul 2026  starts return-visit
				12 Jul 2026  ends: completed`,
		},
		{
			journey: "onboarding", name: "is delighted, and comes by",
			script: "8d survey.answered survey=satisfaction score=5\n45d visit.completed",
			want: `4 May 2026  send welcome by sms
				7 May 2026  send care-tip by sms
				11 May 2026  ask satisfaction by sms
				12 May 2026  send thanks by sms
				12 Jun 2026  send invitation by sms
				18 Jun 2026  starts return-visit
				18 Jun 2026  ends: completed`,
		},
		{
			journey: "onboarding", name: "is unhappy",
			script: "8d survey.answered survey=satisfaction score=1",
			want: `4 May 2026  send welcome by sms
				7 May 2026  send care-tip by sms
				11 May 2026  ask satisfaction by sms
				12 May 2026  send apology by sms
				12 May 2026  tells the owner: unhappy-customer
				12 May 2026  ends: exited: unhappy`,
		},
		{
			journey: "onboarding", name: "says nothing, and buys again",
			script: "20d purchase amount=10",
			want: `4 May 2026  send welcome by sms
				7 May 2026  send care-tip by sms
				11 May 2026  ask satisfaction by sms
				24 May 2026  ends: goal`,
		},
		{
			journey: "onboarding", name: "complains",
			script: "2d complaint.opened",
			want: `4 May 2026  send welcome by sms
				6 May 2026  ends: exited: complaint.opened`,
		},
		{
			journey: "onboarding", name: "can't be reached: the days go by, and nothing breaks", nowhere: true,
			want: `11 Jul 2026  starts return-visit
				11 Jul 2026  ends: completed`,
		},
		{
			journey: "return-visit", name: "comes in May and September; May's answer is none to September's question; then stays away", before: map[string][]int{"visit.completed": {0}},
			script: "2d survey.answered survey=satisfaction score=5\n124d visit.completed\n127d survey.answered survey=satisfaction score=3",
			want: `5 May 2026  ask satisfaction by sms
				6 May 2026  send referral by sms
				4 Sep 2026  send visit-reminder by sms
				6 Sep 2026  ask satisfaction by sms
				4 Jan 2027  send visit-reminder by sms
				4 May 2027  send visit-reminder by sms
				4 Sep 2027  ends: completed`,
		},
		{
			journey: "return-visit", name: "is unhappy with the visit, and complains later", before: map[string][]int{"visit.completed": {0}}, star: 5,
			script: "3d survey.answered survey=satisfaction score=2\n70d complaint.opened",
			want: `5 May 2026  ask satisfaction by sms
				7 May 2026  send apology by sms
				7 May 2026  tells the owner: unhappy-customer
				4 Jul 2026  send visit-reminder by sms
				13 Jul 2026  ends: exited: complaint.opened`,
		},
		{
			journey: "return-visit", name: "has never come", bought: 400,
			want: `4 May 2026  ends: completed`,
		},
		{
			journey: "renewal", name: "never renews", key: "a-1",
			want: `4 May 2026  send renewal-coming by sms
				3 Jun 2026  send renewal-soon by sms
				26 Jun 2026  send renewal-last-call by sms
				26 Jun 2026  send renewal-last-call by email
				10 Jul 2026  tells the owner: renewal-lapsed
				10 Jul 2026  ends: exited: not renewed`,
		},
		{
			journey: "renewal", name: "a key customer renews after the second word; the other agreement's renewal does not count", key: "a-1", star: 5,
			script: "20d agreement.renewed agreement_id=a-0\n35d agreement.renewed agreement_id=a-1",
			want: `4 May 2026  send renewal-coming by sms
				4 May 2026  tells the owner: renewal-due
				3 Jun 2026  send renewal-soon by sms
				8 Jun 2026  ends: goal`,
		},
		{
			journey: "renewal", name: "the date moves a month later, then earlier", key: "a-1",
			script: "10d agreement.moved renews_on=2026-08-03\n70d agreement.moved renews_on=2026-07-15\n71d agreement.ended agreement_id=a-1",
			want: `4 May 2026  send renewal-coming by sms
				4 Jul 2026  send renewal-soon by sms
				13 Jul 2026  send renewal-last-call by sms
				13 Jul 2026  send renewal-last-call by email
				14 Jul 2026  ends: exited: agreement ended`,
		},
		{
			journey: "win-back", name: "stays silent", bought: 200,
			want: `4 May 2026  send win-back-hello by sms
				25 May 2026  send win-back-news by sms
				25 Jun 2026  ask why-left by sms
				9 Jul 2026  ends: exited: stayed silent`,
		},
		{
			journey: "win-back", name: "comes back", bought: 200,
			script: "30d purchase amount=10",
			want: `4 May 2026  send win-back-hello by sms
				25 May 2026  send win-back-news by sms
				3 Jun 2026  ends: goal`,
		},
		{
			journey: "win-back", name: "says why", bought: 200,
			script: "53d survey.answered survey=why-left score=3",
			want: `4 May 2026  send win-back-hello by sms
				25 May 2026  send win-back-news by sms
				25 Jun 2026  ask why-left by sms
				26 Jun 2026  sets leaving_reason to went elsewhere
				26 Jun 2026  ends: exited: said why`,
		},
		{
			journey: "win-back", name: "a key customer says why", bought: 200, star: 4,
			script: "53d survey.answered survey=why-left score=1",
			want: `4 May 2026  send win-back-hello by sms
				25 May 2026  send win-back-news by sms
				25 Jun 2026  ask why-left by sms
				26 Jun 2026  sets leaving_reason to price
				26 Jun 2026  tells the owner: customer-left
				26 Jun 2026  ends: exited: said why`,
		},
		{
			journey: "birthday", name: "on the day",
			want: `5 May 2026  send birthday by sms
				5 May 2026  ends: completed`,
		},
		{
			journey: "holiday-greeting", name: "once a year",
			want: `4 May 2026  send holiday-greeting by sms
				4 May 2026  ends: completed`,
		},
		{
			journey: "unclear-message", name: "somebody is told",
			want: `4 May 2026  tells the owner: message-to-read
				4 May 2026  ends: completed`,
		},
		{
			journey: "called-spam", name: "somebody is told",
			want: `4 May 2026  tells the owner: reported-as-spam
				4 May 2026  ends: completed`,
		},
		{
			journey: "out-of-reach", name: "somebody is told",
			want: `4 May 2026  tells the owner: no-address-left
				4 May 2026  ends: completed`,
		},
	}
}
