package journey_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"perennial/domain/contact"
	"perennial/domain/customer"
	"perennial/domain/journey"
)

// plans draws plans of any shape that the compiler can produce: what follows a step lies behind it, or ends a round.
func plans(t *rapid.T) journey.Plan {
	d := drawing{t: t, plan: journey.Plan{
		Encoding: journey.PlanEncoding,
		Expressions: []journey.Expression{
			{Source: "true", Type: "bool"}, {Source: "false", Type: "bool"}, {Source: "now + days(3)", Type: "date"}, {Source: "7", Type: "int"},
		},
	}}
	if rapid.Bool().Draw(t, "goal") {
		d.plan.Goal = &journey.Trigger{On: "purchase", When: d.condition("goal when")}
	}
	for i := range rapid.IntRange(0, 2).Draw(t, "exits") {
		d.plan.Exits = append(d.plan.Exits, journey.Trigger{On: fmt.Sprintf("out-%d", i), When: d.condition("exit when"), Reason: "out"})
	}
	d.list(rapid.IntRange(1, 8).Draw(t, "steps"), journey.End, 0)
	return d.plan
}

// drawing is a plan on its way.
type drawing struct {
	t    *rapid.T
	plan journey.Plan
}

func (d *drawing) condition(label string) int { return rapid.IntRange(0, 2).Draw(d.t, label) }

// list draws n steps, of which the last lead to whatever follows the list.
func (d *drawing) list(n, follows, depth int) {
	first := len(d.plan.Steps)
	d.plan.Steps = append(d.plan.Steps, make([]journey.Step, n)...)
	for i := first; i < first+n; i++ {
		later := func(label string) int {
			next := rapid.IntRange(i+1, first+n).Draw(d.t, label)
			if next == first+n {
				return follows
			}
			return next
		}
		d.plan.Steps[i] = d.step(i, later, depth)
	}
}

func (d *drawing) step(i int, later func(string) int, depth int) journey.Step {
	verbs := []journey.Verb{journey.Send, journey.Ask, journey.Wait, journey.If, journey.Exit, journey.Set, journey.Start, journey.Notify}
	if depth < 2 {
		verbs = append(verbs, journey.Repeat)
	}
	step := journey.Step{ID: fmt.Sprintf("s%d", i), Verb: rapid.SampledFrom(verbs).Draw(d.t, "verb"), Next: later("next")}
	switch step.Verb {
	case journey.Send, journey.Ask:
		if rapid.Bool().Draw(d.t, "fallback") {
			step.Fallback = journey.Span{Exact: time.Hour}
		}
		if step.Verb == journey.Ask {
			step.On, step.When = journey.SurveyAnswered, d.condition("ask when")
		}
	case journey.Wait:
		switch rapid.IntRange(0, 2).Draw(d.t, "wait") {
		case 0:
			step.On, step.When = "visit", d.condition("wait when")
		case 1:
			step.Until = 3
		}
	case journey.If:
		step.If, step.Then, step.Else = 1, later("then"), later("else")
	case journey.Exit:
		step.Reason = "done"
	case journey.Repeat:
		step.Until, step.EveryBy, step.Body = 1, 3, len(d.plan.Steps)
		d.list(rapid.IntRange(1, 3).Draw(d.t, "round"), i, depth+1)
	case journey.Set:
		step.Set = []journey.Assignment{{Attribute: "points", Value: 4}}
	case journey.Start:
		step.Journey = "other"
	case journey.Notify:
		step.Notify = journey.NotifyOwner
	}
	return step
}

// answer draws what may follow a command that is being carried out. Late in a walk no repeat has another round.
func answer(t *rapid.T, c journey.Command, now time.Time, late bool) journey.Happened {
	if rapid.IntRange(0, 9).Draw(t, "away") == 0 {
		switch c.(type) {
		case journey.PlanTouch, journey.Schedule, journey.Evaluate, journey.Deliver, journey.SetAttributes, journey.StartJourney:
			return journey.Unavailable{}
		}
	}
	channel := rapid.SampledFrom([]customer.Channel{customer.SMS, customer.Email})
	switch c := c.(type) {
	case journey.PlanTouch:
		if len(c.Tried) > 3 {
			return journey.Planned{Answer: contact.Answer{Verdict: contact.Skip, Reason: contact.NoChannel}}
		}
		verdict := rapid.SampledFrom([]contact.Verdict{contact.Send, contact.Hold, contact.Skip}).Draw(t, "verdict")
		return journey.Planned{Answer: contact.Answer{Verdict: verdict, Channel: channel.Draw(t, "channel"), At: now.Add(time.Hour)}}
	case journey.Schedule:
		return journey.Scheduled{Until: now.Add(time.Duration(rapid.IntRange(-24, 24).Draw(t, "hours")) * time.Hour)}
	case journey.SetAttributes:
		return journey.Written{}
	case journey.StartJourney:
		return journey.Started{What: "entered other"}
	case journey.Evaluate:
		if late {
			return journey.Evaluated{Values: slices.Repeat([]bool{true}, len(c.Expressions))}
		}
		return journey.Evaluated{Values: rapid.SliceOfN(rapid.Bool(), len(c.Expressions), len(c.Expressions)).Draw(t, "values")}
	case journey.Deliver:
		if !c.Step.Fallback.IsZero() && c.Touch.Try > 1 && rapid.IntRange(0, 4).Draw(t, "arrived after all") == 0 {
			return journey.Delivered{How: journey.Arrived, Try: rapid.IntRange(1, c.Touch.Try-1).Draw(t, "which")}
		}
		return journey.Delivered{
			How: rapid.SampledFrom([]journey.DeliveryEnd{
				journey.Sent, journey.Unconfirmed, journey.Failed, journey.Held, journey.Skipped, journey.Replan,
			}).Draw(t, "how"),
			Until: now.Add(time.Hour),
			Again: rapid.SampledFrom([]time.Time{{}, now.Add(time.Hour)}).Draw(t, "again"),
		}
	}
	return journey.TimeCame{}
}

// intrusion draws something that comes from outside.
func intrusion(t *rapid.T, plan journey.Plan, s journey.State) journey.Happened {
	switch rapid.IntRange(0, 11).Draw(t, "intrusion") {
	case 0:
		return journey.PauseAsked{}
	case 1, 2:
		return journey.ResumeAsked{}
	case 3:
		return journey.SkipAsked{}
	case 4:
		return journey.ExitAsked{Reason: journey.ByHand}
	case 5:
		return journey.Continued{}
	case 6, 7:
		touch := s.Touch()
		touch.Try -= rapid.IntRange(0, 1).Draw(t, "tries before")
		return journey.ReceiptCame{Receipt: journey.Receipt{Touch: touch, Arrived: rapid.Bool().Draw(t, "arrived")}}
	default:
		kind := rapid.SampledFrom(plan.Listens()).Draw(t, "type")
		return journey.EventCame{Event: journey.Event{ID: fmt.Sprintf("e-%d", rapid.IntRange(0, 5).Draw(t, "id")), Type: kind}}
	}
}

// asynchronous says whether something else may happen before a command is answered.
func asynchronous(c journey.Command) bool {
	switch c.(type) {
	case journey.WaitUntil, journey.Deliver:
		return true
	}
	return false
}

// TestMachineLaws walks random plans through random happenings, and checks at every move: the same happening gives the same command; a state that
// was carried over goes on alike; no touch is delivered after it was sent, and none of an occurrence that is over or is known to have arrived; silence
// leads to the next channel only where what arrives is told of, or what may not have been sent may be sent again;
// nothing is set or started twice in an occurrence; no event that came is forgotten; and each path ends.
func TestMachineLaws(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := &wanderer{t: t, plan: plans(t), now: monday, sent: map[string]bool{}, arrived: map[string]bool{}, silent: map[string]bool{}, doubted: map[string]bool{}, done: map[string]bool{}, came: map[string]bool{"e-0": true}}
		w.wander()
		if w.s.Outcome == "" {
			t.Fatal("it ended without an outcome")
		}
		if d := slices.Compact(slices.Sorted(slices.Values(w.s.Seen))); len(d) != len(w.s.Seen) {
			t.Fatalf("an event was seen twice: %v", w.s.Seen)
		}
		for id := range w.came {
			if !slices.Contains(w.s.Seen, id) {
				t.Fatalf("the event %s is forgotten: %v", id, w.s.Seen)
			}
		}
	})
}

// wanderer walks one plan.
type wanderer struct {
	t       *rapid.T
	plan    journey.Plan
	s       journey.State
	now     time.Time
	running journey.Command // what is being carried out
	came    map[string]bool // ids of events
	sent    map[string]bool // by touch
	arrived map[string]bool // by occurrence, or it counts as arrived
	doubted map[string]bool // by occurrence: one was sent, or may have been
	silent  map[string]bool // by touch: without word of it, it counts as arrived
	done    map[string]bool // what was set or started, by occurrence
}

func (w *wanderer) next(h journey.Happened) journey.Command {
	s1, c1 := w.plan.Next(w.s, h, w.now)
	s2, c2 := w.plan.Next(roundTripOrNew(w.t, w.s), h, w.now)
	e1, err1 := s1.Encode()
	e2, err2 := s2.Encode()
	if err1 != nil || err2 != nil || say(c1) != say(c2) || string(e1) != string(e2) {
		w.t.Fatalf("%T leads to %s, and to %s from the same state carried over", h, say(c1), say(c2))
	}
	w.s = s1
	return c1
}

func (w *wanderer) wander() {
	w.running = w.next(journey.Entered{By: "e-0"})
	for move := 0; ; move++ {
		if move > 3000 {
			w.t.Fatalf("no end after %d moves, at %+v", move, w.s)
		}
		if _, ok := w.running.(journey.Finish); ok {
			return
		}
		if w.running == nil {
			w.t.Fatalf("nothing is under way: %+v", w.s)
		}
		if wait, ok := w.running.(journey.WaitUntil); ok && wait.Until.IsZero() {
			if !w.s.Paused {
				w.t.Fatalf("waits for ever without being paused: %+v", w.s)
			}
			w.running = w.next(journey.ResumeAsked{})
			continue
		}
		if asynchronous(w.running) && move < 200 && rapid.IntRange(0, 2).Draw(w.t, "intrude") == 0 {
			w.intrude(intrusion(w.t, w.plan, w.s))
			continue
		}
		w.now = w.now.Add(time.Minute)
		happened := answer(w.t, w.running, w.now, move > 200)
		w.judge(happened)
		w.running = w.next(happened)
	}
}

// intrude lets something happen while a command is being carried out.
func (w *wanderer) intrude(h journey.Happened) {
	if _, continued := h.(journey.Continued); continued && !isWait(w.running) {
		return
	}
	switch h := h.(type) {
	case journey.EventCame:
		if h.Event.Type != journey.ProfileChanged { // what comes of it may come of it twice
			w.came[h.Event.ID] = true
		}
	case journey.ReceiptCame:
		key := h.Receipt.Touch
		if !w.sent[keyOf(key)] && (key.Try < w.s.Try || w.s.Phase != journey.Delivering) {
			return // providers speak only of what they were given
		}
		_, delivering := w.running.(journey.Deliver)
		if step, _ := w.plan.Step(key.Step); h.Receipt.Arrived && !step.Fallback.IsZero() && (!delivering || key.Try < w.s.Try) {
			w.arrived[occurrenceOf(key)] = true
		}
	}
	switch command := w.next(h).(type) {
	case nil:
	case journey.Interrupt:
		if rapid.Bool().Draw(w.t, "not begun") {
			w.running = w.next(journey.Delivered{How: journey.Interrupted})
		}
	default:
		w.running = command
	}
}

// judge checks that what is being carried out may be, and remembers how it ends.
func (w *wanderer) judge(happened journey.Happened) {
	switch c := w.running.(type) {
	case journey.Deliver:
		if w.sent[keyOf(c.Touch)] {
			w.t.Fatalf("%s is delivered again", keyOf(c.Touch))
		}
		if c.Step.Fallback.IsZero() && w.sent[occurrenceOf(c.Touch)] {
			w.t.Fatalf("%s is delivered again on another channel", occurrenceOf(c.Touch))
		}
		d, ok := happened.(journey.Delivered)
		if ok && (d.How == journey.Sent || d.How == journey.Unconfirmed) {
			w.sent[keyOf(c.Touch)] = true
			again := d.How == journey.Unconfirmed && !d.Again.IsZero() && !w.doubted[occurrenceOf(c.Touch)] // once, by the topic's rule
			w.sent[occurrenceOf(c.Touch)], w.doubted[occurrenceOf(c.Touch)] = !again, true
			w.silent[keyOf(c.Touch)] = d.How == journey.Sent && c.Channel == customer.Email || d.How == journey.Unconfirmed && d.Again.IsZero()
		}
		if ok && d.How == journey.Arrived {
			w.arrived[occurrenceOf(c.Touch)] = true
		}
	case journey.WaitUntil:
		if w.s.Phase == journey.Confirming && !w.s.Stalled && !w.s.Lost && w.silent[keyOf(w.s.Touch())] {
			w.arrived[occurrenceOf(w.s.Touch())] = true
		}
	case journey.PlanTouch:
		if w.arrived[occurrenceOf(c.Touch)] {
			w.t.Fatalf("%s arrived and is planned again", occurrenceOf(c.Touch))
		}
	case journey.SetAttributes:
		w.once(c.Touch, happened)
	case journey.StartJourney:
		w.once(c.Touch, happened)
	}
}

func (w *wanderer) once(key journey.TouchKey, happened journey.Happened) {
	if w.done[occurrenceOf(key)] || key.Try != 1 {
		w.t.Fatalf("%+v is done again", key)
	}
	if _, away := happened.(journey.Unavailable); !away {
		w.done[occurrenceOf(key)] = true
	}
}

func keyOf(k journey.TouchKey) string { return fmt.Sprintf("%s.%d.%d", k.Step, k.Occurrence, k.Try) }

func occurrenceOf(k journey.TouchKey) string { return fmt.Sprintf("%s.%d", k.Step, k.Occurrence) }

func isWait(c journey.Command) bool {
	_, ok := c.(journey.WaitUntil)
	return ok
}

// roundTripOrNew carries a state over, but for the one before the beginning, which has no encoding yet.
func roundTripOrNew(t *rapid.T, s journey.State) journey.State {
	if s.Encoding == 0 {
		return s
	}
	return roundTrip(t, s)
}

// TestAStateStaysSmallHoweverLongItLives lets years of events come to an enrollment: the newest act once, and the state is as large as after some of them.
func TestAStateStaysSmallHoweverLongItLives(t *testing.T) {
	t.Parallel()
	plan := journey.Plan{
		Encoding: journey.PlanEncoding,
		Steps:    []journey.Step{{ID: "wait", Verb: journey.Wait, Next: journey.End, Until: 1}},
	}
	s := walk(t, plan, []move{{entered, "schedule wait by [1] since 04 May 09:00"}, {until(9_000), "wait until 24 Dec 09:00"}})
	event := func(n int, kind string) journey.EventCame { return came(fmt.Sprintf("%s-%d", kind, n), kind) }
	for n := range 3_000 {
		for _, kind := range []string{journey.ProfileChanged, journey.ConsentChanged} {
			var command journey.Command
			s, command = plan.Next(s, event(n, kind), monday)
			if kind == journey.ProfileChanged {
				if say(command) != "schedule wait by [1] since 04 May 09:00" {
					t.Fatalf("a changed profile leads to %s", say(command))
				}
				s, _ = plan.Next(s, until(9_000), monday)
			}
		}
	}
	if len(s.Seen) != 500 || slices.ContainsFunc(s.Seen, func(id string) bool { return strings.HasPrefix(id, journey.ProfileChanged) }) {
		t.Errorf("it remembers %d events: %v", len(s.Seen), s.Seen)
	}
	for _, n := range []int{2_999, 2_500} {
		if _, command := plan.Next(s, event(n, journey.ConsentChanged), monday); command != nil {
			t.Errorf("the event %d acts again: %s", n, say(command))
		}
	}
}
