package journey_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"perennial/domain/contact"
	"perennial/domain/customer"
	"perennial/domain/journey"
)

// onboarding is the journey that these tests walk:
//
//	welcome (send) → settle_in (wait 3d) → how_is_it (ask, within 5d) → happy (if 1) ? thanks (send) : sorry (exit) → order (wait for visit, within 14d)
//	goal: purchase when 2, within 90d; exit: complaint.opened
func onboarding() journey.Plan {
	return journey.Plan{
		Encoding: journey.PlanEncoding,
		Journey:  "onboarding",
		Goal:     &journey.Trigger{On: "purchase", When: 2, Within: journey.Span{Days: 90}},
		Exits:    []journey.Trigger{{On: "complaint.opened", Reason: "complaint.opened"}},
		Steps: []journey.Step{
			{ID: "welcome", Verb: journey.Send, Next: 1, Template: "welcome", Topic: "service"},
			{ID: "settle_in", Verb: journey.Wait, Next: 2, For: journey.Span{Days: 3}},
			{ID: "how_is_it", Verb: journey.Ask, Next: 3, Template: "satisfaction", Topic: "service", On: journey.SurveyAnswered, Within: journey.Span{Days: 5}},
			{ID: "happy", Verb: journey.If, Next: 6, If: 1, Then: 4, Else: 5},
			{ID: "thanks", Verb: journey.Send, Next: 6, Template: "thanks", Topic: "marketing"},
			{ID: "sorry", Verb: journey.Exit, Next: 6, Reason: "unhappy"},
			{ID: "visit", Verb: journey.Wait, Next: journey.End, On: "visit.completed", Within: journey.Span{Days: 14}},
		},
		Expressions: []journey.Expression{{Source: "answer.how_is_it > 2", Type: "bool"}, {Source: "event.amount > 10.0", Type: "bool"}},
	}
}

var monday = time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)

// Words for what happens, short enough to read a table of them.
var (
	entered   = journey.Entered{By: "e-0", GoalUntil: monday.AddDate(0, 0, 90)}
	mayBySMS  = journey.Planned{Answer: contact.Answer{Verdict: contact.Send, Channel: customer.SMS}}
	holdToTen = journey.Planned{Answer: contact.Answer{Verdict: contact.Hold, Channel: customer.SMS, At: monday.Add(time.Hour), Reason: contact.OutsideWindow}}
	noConsent = journey.Planned{Answer: contact.Answer{Verdict: contact.Skip, Reason: contact.NoConsent}}
	sent      = journey.Delivered{How: journey.Sent}
	timeCame  = journey.TimeCame{}
	until     = func(days int) journey.Scheduled { return journey.Scheduled{Until: monday.AddDate(0, 0, days)} }
	came      = func(id, kind string) journey.EventCame {
		return journey.EventCame{Event: journey.Event{ID: id, Type: kind, At: monday}}
	}
	values = func(v ...bool) journey.Evaluated { return journey.Evaluated{Values: v} }
)

// say writes a command the way the tables do.
func say(c journey.Command) string {
	switch c := c.(type) {
	case nil:
		return "go on"
	case journey.PlanTouch:
		return fmt.Sprintf("plan %s.%d.%d", c.Touch.Step, c.Touch.Occurrence, c.Touch.Try)
	case journey.Deliver:
		return fmt.Sprintf("deliver %s.%d.%d by %s", c.Touch.Step, c.Touch.Occurrence, c.Touch.Try, c.Channel)
	case journey.Schedule:
		if c.By != 0 {
			return fmt.Sprintf("schedule %s by [%d] since %s", c.Step.ID, c.By, c.Since.Format("02 Jan 15:04"))
		}
		if !c.Since.Equal(monday) {
			return fmt.Sprintf("schedule %s in %s since %s", c.Step.ID, c.Span, c.Since.Format("02 Jan 15:04"))
		}
		return fmt.Sprintf("schedule %s in %s", c.Step.ID, c.Span)
	case journey.SetAttributes:
		return fmt.Sprintf("set %s.%d.%d", c.Touch.Step, c.Touch.Occurrence, c.Touch.Try)
	case journey.StartJourney:
		return fmt.Sprintf("start %s for %s.%d.%d", c.Step.Journey, c.Touch.Step, c.Touch.Occurrence, c.Touch.Try)
	case journey.Evaluate:
		if c.Event != nil {
			return fmt.Sprintf("evaluate %v on %s", c.Expressions, c.Event.ID)
		}
		return fmt.Sprintf("evaluate %v", c.Expressions)
	case journey.WaitUntil:
		if c.Until.IsZero() {
			return "wait"
		}
		if c.Until.Second() != 0 {
			return "wait until " + c.Until.Format("02 Jan 15:04:05")
		}
		return "wait until " + c.Until.Format("02 Jan 15:04")
	case journey.Interrupt:
		return "interrupt"
	case journey.Finish:
		return "finish " + c.Outcome
	}
	return fmt.Sprintf("%T", c)
}

// move is one thing that happens, and the command that it must lead to.
type move struct {
	happened journey.Happened
	want     string
}

// walk lets a machine make moves, on Monday at nine unless a move says otherwise, carries its state over after each, and returns where it stands in the end.
func walk(t *testing.T, plan journey.Plan, moves []move) journey.State {
	t.Helper()
	var s journey.State
	var told []string
	now := monday
	for _, m := range moves {
		if later, ok := m.happened.(at); ok {
			now, m.happened = later.now, later.happened
		}
		before := fmt.Sprintf("%+v", s)
		next, command := plan.Next(s, m.happened, now)
		if after := fmt.Sprintf("%+v", s); after != before {
			t.Fatalf("the state given was changed:\n%s\n%s", before, after)
		}
		told = append(told, fmt.Sprintf("%T → %s", m.happened, say(command)))
		if say(command) != m.want {
			t.Fatalf("want %q after\n%s", m.want, strings.Join(told, "\n"))
		}
		s = roundTrip(t, next)
	}
	return s
}

// at is what happens at another instant; so does what follows.
type at struct {
	journey.Happened

	now      time.Time
	happened journey.Happened
}

func TestMachine(t *testing.T) {
	t.Parallel()
	// The way to each place, to begin a table from there.
	toSettleIn := []move{{entered, "plan welcome.1.1"}, {mayBySMS, "deliver welcome.1.1 by sms"}, {sent, "schedule settle_in in 3d"}, {until(3), "wait until 07 May 09:00"}}
	toAsked := append(toSettleIn[:4:4], move{timeCame, "plan how_is_it.1.1"}, move{mayBySMS, "deliver how_is_it.1.1 by sms"},
		move{sent, "schedule how_is_it in 5d"}, move{until(8), "wait until 12 May 09:00"})
	toVisit := append(toAsked[:8:8], move{came("a-1", "survey.answered"), "evaluate [1]"}, move{values(true), "plan thanks.1.1"},
		move{noConsent, "schedule visit in 14d"}, move{until(30), "wait until 03 Jun 09:00"})

	for name, moves := range map[string][]move{
		"the whole way, to its end": append(toVisit[:12:12], move{timeCame, "finish completed"}),
		"an event that is waited for ends the wait": append(toVisit[:12:12],
			move{came("v-1", "visit.completed"), "finish completed"}),
		"an unhappy answer takes the other branch": append(toAsked[:8:8],
			move{came("a-1", "survey.answered"), "evaluate [1]"}, move{values(false), "finish exited: unhappy"}),
		"no answer in time goes on": append(toAsked[:8:8],
			move{timeCame, "evaluate [1]"}, move{values(false), "finish exited: unhappy"}),
		"a goal with a condition is reached only when it holds": append(toSettleIn[:4:4],
			move{came("p-1", "purchase"), "evaluate [2] on p-1"}, move{values(false), "wait until 07 May 09:00"},
			move{came("p-2", "purchase"), "evaluate [2] on p-2"}, move{values(true), "finish goal"}),
		"an event acts once": append(toSettleIn[:4:4],
			move{came("p-1", "purchase"), "evaluate [2] on p-1"}, move{values(false), "wait until 07 May 09:00"},
			move{came("p-1", "purchase"), "go on"}),
		"the event that entered never counts as goal": append(toSettleIn[:4:4], move{came("e-0", "purchase"), "go on"}),
		"an exit is noticed during a wait": append(toSettleIn[:4:4],
			move{came("c-1", "complaint.opened"), "finish exited: complaint.opened"}),
		"a goal past its time does not count": append(toSettleIn[:4:4],
			move{journey.EventCame{Event: journey.Event{ID: "p-9", Type: "purchase", At: monday.AddDate(0, 0, 91)}}, "wait until 07 May 09:00"}),
		"a touch outside the hours is held, then sent": {
			{entered, "plan welcome.1.1"}, {holdToTen, "wait until 04 May 10:00"}, {timeCame, "deliver welcome.1.1 by sms"}, {sent, "schedule settle_in in 3d"},
		},
		"a held touch ends at an exit": {
			{entered, "plan welcome.1.1"}, {holdToTen, "wait until 04 May 10:00"}, {came("c-1", "complaint.opened"), "finish exited: complaint.opened"},
		},
		"a changed profile plans a held touch anew": {
			{entered, "plan welcome.1.1"}, {holdToTen, "wait until 04 May 10:00"}, {came("x-1", "profile.changed"), "plan welcome.1.1"},
		},
		"a changed zone schedules a wait anew": append(toSettleIn[:4:4], move{came("x-1", "profile.changed"), "schedule settle_in in 3d"}),
		"a channel that fails for good gives way to the next, under a number of its own": {
			{entered, "plan welcome.1.1"}, {mayBySMS, "deliver welcome.1.1 by sms"}, {journey.Delivered{How: journey.Failed}, "plan welcome.1.2"},
			{journey.Planned{Answer: contact.Answer{Verdict: contact.Send, Channel: customer.Email}}, "deliver welcome.1.2 by email"}, {sent, "schedule settle_in in 3d"},
		},
		"what may have been sent is not sent again": {
			{entered, "plan welcome.1.1"}, {mayBySMS, "deliver welcome.1.1 by sms"}, {journey.Delivered{How: journey.Unconfirmed}, "schedule settle_in in 3d"},
		},
		"what may have been sent is tried again once, where the contact policy says so": {
			{entered, "plan welcome.1.1"}, {mayBySMS, "deliver welcome.1.1 by sms"},
			{journey.Delivered{How: journey.Unconfirmed, Again: monday.Add(2 * time.Hour)}, "wait until 04 May 11:00"},
			{timeCame, "plan welcome.1.2"}, {mayBySMS, "deliver welcome.1.2 by sms"},
			{journey.Delivered{How: journey.Unconfirmed, Again: monday.Add(4 * time.Hour)}, "schedule settle_in in 3d"},
		},
		"a changed profile does not bring a second try forward": {
			{entered, "plan welcome.1.1"}, {mayBySMS, "deliver welcome.1.1 by sms"},
			{journey.Delivered{How: journey.Unconfirmed, Again: monday.Add(2 * time.Hour)}, "wait until 04 May 11:00"},
			{came("x-1", "profile.changed"), "wait until 04 May 11:00"}, {journey.PauseAsked{}, "wait"}, {journey.ResumeAsked{}, "wait until 04 May 11:00"},
		},
		"an answer to a question that may not have arrived counts": append(toSettleIn[:4:4],
			move{timeCame, "plan how_is_it.1.1"}, move{mayBySMS, "deliver how_is_it.1.1 by sms"},
			move{journey.Delivered{How: journey.Unconfirmed, Again: monday.Add(2 * time.Hour)}, "wait until 04 May 11:00"},
			move{came("a-1", "survey.answered"), "evaluate [1]"}),
		"a question that may have arrived is waited for when its second try is not sent": append(toSettleIn[:4:4],
			move{timeCame, "plan how_is_it.1.1"}, move{mayBySMS, "deliver how_is_it.1.1 by sms"},
			move{journey.Delivered{How: journey.Unconfirmed, Again: monday.Add(2 * time.Hour)}, "wait until 04 May 11:00"},
			move{timeCame, "plan how_is_it.1.2"}, move{noConsent, "schedule how_is_it in 5d"}),
		"another channel is planned after a moment": {
			{entered, "plan welcome.1.1"}, {mayBySMS, "deliver welcome.1.1 by sms"},
			{journey.Delivered{How: journey.Replan}, "wait until 04 May 09:00:10"}, {timeCame, "plan welcome.1.1"},
		},
		"a skipped touch does not end the journey, and a question not asked is not waited for": append(toSettleIn[:4:4],
			move{timeCame, "plan how_is_it.1.1"}, move{noConsent, "evaluate [1]"}),
		"a delivery that finds the window closed is held": {
			{entered, "plan welcome.1.1"}, {mayBySMS, "deliver welcome.1.1 by sms"},
			{journey.Delivered{How: journey.Held, Until: monday.Add(2 * time.Hour), Reason: contact.OutsideWindow}, "wait until 04 May 11:00"},
			{timeCame, "deliver welcome.1.1 by sms"}, {sent, "schedule settle_in in 3d"},
		},
		"a goal that comes while a touch is in flight ends the enrollment once it has landed": {
			{entered, "plan welcome.1.1"}, {mayBySMS, "deliver welcome.1.1 by sms"}, {came("p-1", "purchase"), "interrupt"},
			{sent, "evaluate [2] on p-1"}, {values(true), "finish goal"},
		},
		"an interrupted delivery is planned anew": {
			{entered, "plan welcome.1.1"}, {mayBySMS, "deliver welcome.1.1 by sms"}, {came("p-1", "purchase"), "interrupt"},
			{journey.Delivered{How: journey.Interrupted}, "evaluate [2] on p-1"}, {values(false), "plan welcome.1.1"},
		},
		"an answer to a question that was given up in flight counts once it is known to have been asked": append(toSettleIn[:4:4],
			move{timeCame, "plan how_is_it.1.1"}, move{mayBySMS, "deliver how_is_it.1.1 by sms"}, move{came("a-1", "survey.answered"), "interrupt"},
			move{journey.Delivered{How: journey.Interrupted, Unsure: true}, "plan how_is_it.1.1"}, move{holdToTen, "wait until 04 May 10:00"},
			move{timeCame, "deliver how_is_it.1.1 by sms"}, move{sent, "evaluate [1]"}),
		"so does one that comes while it is held again": append(toSettleIn[:4:4],
			move{timeCame, "plan how_is_it.1.1"}, move{mayBySMS, "deliver how_is_it.1.1 by sms"}, move{came("x-1", "profile.changed"), "interrupt"},
			move{journey.Delivered{How: journey.Interrupted, Unsure: true}, "plan how_is_it.1.1"}, move{holdToTen, "wait until 04 May 10:00"},
			move{came("a-1", "survey.answered"), "wait until 04 May 10:00"}, move{timeCame, "deliver how_is_it.1.1 by sms"}, move{sent, "evaluate [1]"}),
		"so does one that comes while a delivery that was too early is waited out": append(toSettleIn[:4:4],
			move{timeCame, "plan how_is_it.1.1"}, move{mayBySMS, "deliver how_is_it.1.1 by sms"},
			move{journey.Delivered{How: journey.Held, Until: monday.Add(time.Hour), Reason: contact.OutsideWindow, Unsure: true}, "wait until 04 May 10:00"},
			move{came("a-1", "survey.answered"), "wait until 04 May 10:00"}, move{timeCame, "deliver how_is_it.1.1 by sms"}, move{sent, "evaluate [1]"}),
		"no answer is kept for a question that is not asked": append(toSettleIn[:4:4],
			move{timeCame, "plan how_is_it.1.1"}, move{mayBySMS, "deliver how_is_it.1.1 by sms"}, move{came("a-1", "survey.answered"), "interrupt"},
			move{journey.Delivered{How: journey.Interrupted, Unsure: true}, "plan how_is_it.1.1"}, move{noConsent, "evaluate [1]"}, move{values(true), "plan thanks.1.1"}),
		"runs from before let such an answer go": append(toSettleIn[:4:4],
			move{timeCame, "plan how_is_it.1.1"}, move{mayBySMS, "deliver how_is_it.1.1 by sms"}, move{came("a-1", "survey.answered"), "interrupt"},
			move{journey.Delivered{How: journey.Interrupted}, "plan how_is_it.1.1"}, move{mayBySMS, "deliver how_is_it.1.1 by sms"},
			move{sent, "schedule how_is_it in 5d"}),
		"a pause freezes, a resume plans anew": {
			{entered, "plan welcome.1.1"}, {holdToTen, "wait until 04 May 10:00"}, {journey.PauseAsked{}, "wait"}, {journey.ResumeAsked{}, "plan welcome.1.1"},
		},
		"a pause during a delivery lets it land and sends no more": {
			{entered, "plan welcome.1.1"}, {mayBySMS, "deliver welcome.1.1 by sms"}, {journey.PauseAsked{}, "interrupt"}, {sent, "wait"},
			{journey.ResumeAsked{}, "schedule settle_in in 3d"},
		},
		"a goal ends a paused enrollment": append(toSettleIn[:4:4], move{journey.PauseAsked{}, "wait"},
			move{came("p-1", "purchase"), "evaluate [2] on p-1"}, move{values(true), "finish goal"}),
		"a skip leaves the step": append(toSettleIn[:4:4], move{journey.SkipAsked{}, "plan how_is_it.1.1"}),
		"an exit by hand ends the enrollment": append(toSettleIn[:4:4],
			move{journey.ExitAsked{Reason: journey.ByHand}, "finish exited: cancelled by hand"}),
		"an exit by hand lets the touch in flight land": {
			{entered, "plan welcome.1.1"}, {mayBySMS, "deliver welcome.1.1 by sms"}, {journey.ExitAsked{Reason: "moved"}, "interrupt"}, {sent, "finish exited: moved"},
		},
		"an absent database is waited out, longer each time": {
			{entered, "plan welcome.1.1"}, {journey.Unavailable{}, "wait until 04 May 09:01"}, {timeCame, "plan welcome.1.1"},
			{journey.Unavailable{}, "wait until 04 May 09:02"}, {timeCame, "plan welcome.1.1"}, {mayBySMS, "deliver welcome.1.1 by sms"},
		},
		"an exit by hand does not wait for the database": {
			{entered, "plan welcome.1.1"}, {journey.Unavailable{}, "wait until 04 May 09:01"}, {journey.ExitAsked{Reason: "moved"}, "finish exited: moved"},
		},
		"an outcome is written down in the end": append(toSettleIn[:4:4], move{came("c-1", "complaint.opened"), "finish exited: complaint.opened"},
			move{journey.Unavailable{}, "wait until 04 May 09:01"}, move{came("p-1", "purchase"), "go on"}, move{timeCame, "finish exited: complaint.opened"}),
		"an outcome is written down also in a new run": append(toSettleIn[:4:4], move{came("c-1", "complaint.opened"), "finish exited: complaint.opened"},
			move{journey.Unavailable{}, "wait until 04 May 09:01"}, move{journey.Continued{}, "finish exited: complaint.opened"}),
		"an answer that is quicker than our record of the question counts": append(toSettleIn[:4:4],
			move{timeCame, "plan how_is_it.1.1"}, move{mayBySMS, "deliver how_is_it.1.1 by sms"}, move{came("a-1", "survey.answered"), "interrupt"},
			move{sent, "evaluate [1]"}, move{values(true), "plan thanks.1.1"}),
		"an answer that comes while the database is away counts": append(toSettleIn[:4:4],
			move{timeCame, "plan how_is_it.1.1"}, move{mayBySMS, "deliver how_is_it.1.1 by sms"}, move{sent, "schedule how_is_it in 5d"},
			move{journey.Unavailable{}, "wait until 04 May 09:01"}, move{came("a-1", "survey.answered"), "go on"}, move{timeCame, "evaluate [1]"}),
		"a delivery that is a little too early by its own clock does not spin": {
			{entered, "plan welcome.1.1"}, {mayBySMS, "deliver welcome.1.1 by sms"},
			{journey.Delivered{How: journey.Held, Until: monday.Add(-time.Minute), Reason: contact.OutsideWindow}, "wait until 04 May 09:00:10"},
		},
		"what no retry mends ends the enrollment, and says why": {
			{entered, "plan welcome.1.1"}, {journey.Broken{Why: "the version is gone"}, "finish failed: the version is gone"},
		},
		"an event that came between two runs is judged first": append(toSettleIn[:4:4], move{journey.Continued{}, "wait until 07 May 09:00"}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			walk(t, onboarding(), moves)
		})
	}
}

// roundTrip carries a state over continue-as-new.
func roundTrip(t interface {
	Helper()
	Fatalf(string, ...any)
}, s journey.State,
) journey.State {
	t.Helper()
	encoded, err := s.Encode()
	if err != nil {
		t.Fatalf("encode: %v", err)
	}
	decoded, err := journey.DecodeState(encoded)
	if err != nil {
		t.Fatalf("decode: %v", err)
	}
	again, err := decoded.Encode()
	if err != nil || string(again) != string(encoded) {
		t.Fatalf("a state that was carried over is another one:\n%s\n%s", encoded, again)
	}
	if !reflect.DeepEqual(s.Touch(), decoded.Touch()) {
		t.Fatalf("touch %v became %v", s.Touch(), decoded.Touch())
	}
	return decoded
}
