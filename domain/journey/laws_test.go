package journey_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"perennial/domain/contact"
	"perennial/domain/customer"
	"perennial/domain/journey"
)

// plans draws plans of any shape that the compiler can produce: every index leads forward.
func plans(t *rapid.T) journey.Plan {
	n := rapid.IntRange(1, 8).Draw(t, "steps")
	plan := journey.Plan{
		Encoding:    journey.PlanEncoding,
		Expressions: []journey.Expression{{Source: "true", Type: "bool"}, {Source: "false", Type: "bool"}},
	}
	condition := rapid.IntRange(0, 2)
	if rapid.Bool().Draw(t, "goal") {
		plan.Goal = &journey.Trigger{On: "purchase", When: condition.Draw(t, "goal when")}
	}
	for i := range rapid.IntRange(0, 2).Draw(t, "exits") {
		plan.Exits = append(plan.Exits, journey.Trigger{On: fmt.Sprintf("out-%d", i), When: condition.Draw(t, "exit when"), Reason: "out"})
	}
	for i := range n {
		later := func(label string) int {
			next := rapid.IntRange(i+1, n).Draw(t, label)
			if next == n {
				return journey.End
			}
			return next
		}
		step := journey.Step{ID: fmt.Sprintf("s%d", i), Verb: rapid.SampledFrom([]journey.Verb{journey.Send, journey.Ask, journey.Wait, journey.If, journey.Exit}).Draw(t, "verb"), Next: later("next")}
		switch step.Verb {
		case journey.Ask:
			step.On, step.When = journey.SurveyAnswered, condition.Draw(t, "ask when")
		case journey.Wait:
			if rapid.Bool().Draw(t, "for an event") {
				step.On, step.When = "visit", condition.Draw(t, "wait when")
			}
		case journey.If:
			step.If, step.Then, step.Else = 1, later("then"), later("else")
		case journey.Exit:
			step.Reason = "done"
		}
		plan.Steps = append(plan.Steps, step)
	}
	return plan
}

// answer draws what may follow a command that is being carried out.
func answer(t *rapid.T, c journey.Command, now time.Time) journey.Happened {
	if rapid.IntRange(0, 9).Draw(t, "away") == 0 {
		switch c.(type) {
		case journey.PlanTouch, journey.Schedule, journey.Evaluate, journey.Deliver:
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
		return journey.Scheduled{Until: now.Add(24 * time.Hour)}
	case journey.Evaluate:
		return journey.Evaluated{Values: rapid.SliceOfN(rapid.Bool(), len(c.Expressions), len(c.Expressions)).Draw(t, "values")}
	case journey.Deliver:
		return journey.Delivered{
			How: rapid.SampledFrom([]journey.DeliveryEnd{
				journey.Sent, journey.Unconfirmed, journey.Failed, journey.Held, journey.Skipped, journey.Replan,
			}).Draw(t, "how"),
			Until: now.Add(time.Hour),
		}
	}
	return journey.TimeCame{}
}

// intrusion draws something that comes from outside.
func intrusion(t *rapid.T, plan journey.Plan) journey.Happened {
	switch rapid.IntRange(0, 9).Draw(t, "intrusion") {
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
// was carried over goes on alike; no occurrence is delivered after it was sent; and each path ends.
func TestMachineLaws(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		plan := plans(t)
		now := monday
		var s journey.State
		sent := map[string]bool{}
		next := func(h journey.Happened) journey.Command {
			s1, c1 := plan.Next(s, h, now)
			s2, c2 := plan.Next(roundTripOrNew(t, s), h, now)
			e1, err1 := s1.Encode()
			e2, err2 := s2.Encode()
			if err1 != nil || err2 != nil || say(c1) != say(c2) || string(e1) != string(e2) {
				t.Fatalf("%T leads to %s, and to %s from the same state carried over", h, say(c1), say(c2))
			}
			s = s1
			return c1
		}
		running := next(journey.Entered{By: "e-0"})
		for move := 0; ; move++ {
			if move > 2000 {
				t.Fatalf("no end after %d moves, at %+v", move, s)
			}
			if _, ok := running.(journey.Finish); ok {
				break
			}
			if wait, ok := running.(journey.WaitUntil); ok && wait.Until.IsZero() {
				if !s.Paused {
					t.Fatalf("waits for ever without being paused: %+v", s)
				}
				running = next(journey.ResumeAsked{})
				continue
			}
			if asynchronous(running) && move < 200 && rapid.IntRange(0, 2).Draw(t, "intrude") == 0 {
				h := intrusion(t, plan)
				if _, continued := h.(journey.Continued); continued && !isWait(running) {
					continue
				}
				switch command := next(h).(type) {
				case nil:
				case journey.Interrupt:
					if rapid.Bool().Draw(t, "not begun") {
						running = next(journey.Delivered{How: journey.Interrupted})
					}
				default:
					running = command
				}
				continue
			}
			now = now.Add(time.Minute)
			happened := answer(t, running, now)
			if c, ok := running.(journey.Deliver); ok {
				key := fmt.Sprintf("%s.%d", c.Touch.Step, c.Touch.Occurrence)
				if sent[key] {
					t.Fatalf("%s is delivered again", key)
				}
				if d, ok := happened.(journey.Delivered); ok && (d.How == journey.Sent || d.How == journey.Unconfirmed) {
					sent[key] = true
				}
			}
			running = next(happened)
		}
		if s.Outcome == "" {
			t.Fatal("it ended without an outcome")
		}
		if d := slices.Compact(slices.Sorted(slices.Values(s.Seen))); len(d) != len(s.Seen) {
			t.Fatalf("an event was seen twice: %v", s.Seen)
		}
	})
}

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
