package journey_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"perennial/domain/journey"
)

// visits is the journey that these tests walk:
//
//	visits (repeat every 90d until 1): remind (send) → how_was_it (ask, within 5d) → bad (if 2) ? sorry (send)
//	bye (send)
//	exit: complaint.opened
func visits() journey.Plan {
	return journey.Plan{
		Encoding: journey.PlanEncoding, Journey: "visits",
		Exits: []journey.Trigger{{On: "complaint.opened", Reason: "complaint.opened"}},
		Steps: []journey.Step{
			{ID: "visits", Verb: journey.Repeat, Next: 5, Every: journey.Span{Days: 90}, Until: 1, Body: 1},
			{ID: "remind", Verb: journey.Send, Next: 2, Template: "remind", Topic: "care"},
			{ID: "how_was_it", Verb: journey.Ask, Next: 3, Template: "visit", Topic: "care", On: journey.SurveyAnswered, Within: journey.Span{Days: 5}},
			{ID: "bad", Verb: journey.If, Next: 0, If: 2, Then: 4, Else: 0},
			{ID: "sorry", Verb: journey.Send, Next: 0, Template: "sorry", Topic: "care"},
			{ID: "bye", Verb: journey.Send, Next: journey.End, Template: "bye", Topic: "care"},
		},
		Expressions: []journey.Expression{{Source: "customer.star < 2", Type: "bool"}, {Source: "has(answer.how_was_it) && answer.how_was_it < 3", Type: "bool"}},
	}
}

func TestARepeatGoesRound(t *testing.T) {
	t.Parallel()
	may, sept := monday.AddDate(0, 0, 6), monday.AddDate(0, 0, 126)
	// A round, up to the rest after it.
	first := []move{
		{entered, "evaluate [1]"}, {values(false), "plan remind.1.1"}, {noConsent, "plan how_was_it.1.1"},
		{mayBySMS, "deliver how_was_it.1.1 by sms"}, {sent, "schedule how_was_it in 5d"}, {until(5), "wait until 09 May 09:00"},
		{came("a-1", "survey.answered"), "evaluate [2]"}, {values(false), "evaluate [1]"}, {values(false), "schedule visits in 90d"},
	}
	rest := append(slices.Clip(first), move{until(90), "wait until 02 Aug 09:00"})
	for name, moves := range map[string][]move{
		"and stops before the first round where its end has come": {
			{entered, "evaluate [1]"}, {values(true), "plan bye.1.1"}, {noConsent, "finish completed"},
		},
		"and stops after a round, without a rest": append(first[:8:8],
			move{values(true), "plan bye.1.1"}, move{noConsent, "finish completed"}),
		"and asks again after the rest, so that no round begins on stale facts": append(slices.Clip(rest),
			move{timeCame, "evaluate [1]"}, move{values(true), "plan bye.1.1"}),
		"and every round has occurrences of its own; one that comes late puts off none of those after it": append(slices.Clip(rest),
			move{at{now: sept, happened: timeCame}, "evaluate [1]"}, move{values(false), "plan remind.2.1"}, move{noConsent, "plan how_was_it.2.1"},
			move{noConsent, "evaluate [2]"}, move{values(false), "evaluate [1]"}, move{values(false), "schedule visits in 180d"}),
		"and counts anew where the round after that would be due already": append(slices.Clip(rest),
			move{at{now: monday.AddDate(0, 0, 180), happened: timeCame}, "evaluate [1]"}, move{values(false), "plan remind.2.1"}, move{noConsent, "plan how_was_it.2.1"},
			move{noConsent, "evaluate [2]"}, move{values(false), "evaluate [1]"}, move{values(false), "schedule visits in 90d since 31 Oct 09:00"}),
		"and counts anew after a pause that a round fell into": append(slices.Clip(rest),
			move{journey.PauseAsked{}, "wait"}, move{at{now: sept, happened: journey.ResumeAsked{}}, "evaluate [1]"}, move{values(false), "plan remind.2.1"},
			move{noConsent, "plan how_was_it.2.1"}, move{noConsent, "evaluate [2]"}, move{values(false), "evaluate [1]"},
			move{values(false), "schedule visits in 90d since 07 Sep 09:00"}),
		"and a pause between two rounds puts off none": append(slices.Clip(rest),
			move{journey.PauseAsked{}, "wait"}, move{at{now: may, happened: journey.ResumeAsked{}}, "wait until 02 Aug 09:00"},
			move{at{now: sept, happened: timeCame}, "evaluate [1]"}, move{values(false), "plan remind.2.1"},
			move{noConsent, "plan how_was_it.2.1"}, move{noConsent, "evaluate [2]"}, move{values(false), "evaluate [1]"}, move{values(false), "schedule visits in 180d"}),
		"and a rest that is past already begins the next round at once": append(slices.Clip(first),
			move{at{now: sept, happened: until(90)}, "evaluate [1]"}, move{values(false), "plan remind.2.1"}),
		"and a rest without length lasts a minute": append(slices.Clip(first),
			move{until(0), "wait until 04 May 09:01"}),
		"and an exit is noticed in a rest": append(slices.Clip(rest),
			move{came("c-1", "complaint.opened"), "finish exited: complaint.opened"}),
		"and an exit is noticed in a round": append(first[:6:6],
			move{came("c-1", "complaint.opened"), "finish exited: complaint.opened"}),
		"and a changed profile schedules the rest anew": append(slices.Clip(rest),
			move{at{now: may, happened: came("x-1", "profile.changed")}, "schedule visits in 90d"}, move{until(30), "wait until 03 Jun 09:00"}),
		"and a pause in a rest lets one round begin when it is over": append(slices.Clip(rest),
			move{journey.PauseAsked{}, "wait"}, move{at{now: sept, happened: journey.ResumeAsked{}}, "evaluate [1]"}, move{values(false), "plan remind.2.1"}),
		"and a skip in a rest leaves it": append(slices.Clip(rest),
			move{journey.SkipAsked{}, "plan bye.1.1"}, move{noConsent, "finish completed"}),
		"and a skip in a round leaves the step alone": append(first[:6:6],
			move{journey.SkipAsked{}, "evaluate [2]"}, move{values(true), "plan sorry.1.1"}, move{noConsent, "evaluate [1]"}),
		"and the database may be away between two rounds": append(slices.Clip(rest),
			move{timeCame, "evaluate [1]"}, move{journey.Unavailable{}, "wait until 04 May 09:01"}, move{timeCame, "evaluate [1]"}, move{values(false), "plan remind.2.1"}),
		"and goes on in another run": append(slices.Clip(rest),
			move{journey.Continued{}, "wait until 02 Aug 09:00"}, move{timeCame, "evaluate [1]"}, move{values(false), "plan remind.2.1"}),
		"and an event that came between two rounds is judged before the next": append(slices.Clip(rest),
			move{timeCame, "evaluate [1]"}, move{came("c-1", "complaint.opened"), "finish exited: complaint.opened"}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			walk(t, visits(), moves)
		})
	}
}

func TestARepeatThatIsLeftAndReachedAgainBeginsAtItsFirstRound(t *testing.T) {
	t.Parallel()
	plan := journey.Plan{
		Encoding: journey.PlanEncoding,
		Steps: []journey.Step{
			{ID: "years", Verb: journey.Repeat, Next: journey.End, Every: journey.Span{Years: 1}, Body: 1},
			{ID: "weeks", Verb: journey.Repeat, Next: 0, EveryBy: 2, Until: 1, Body: 2},
			{ID: "remind", Verb: journey.Send, Next: 1},
		},
		Expressions: []journey.Expression{{Source: "customer.star < 2", Type: "bool"}, {Source: "now + (days(7))", Type: "date"}},
	}
	s := walk(t, plan, []move{
		{entered, "evaluate [1]"}, {values(false), "plan remind.1.1"}, {noConsent, "evaluate [1]"}, {values(false), "schedule weeks by [2] since 04 May 09:00"},
		{until(7), "wait until 11 May 09:00"}, {timeCame, "evaluate [1]"}, {values(false), "plan remind.2.1"}, {noConsent, "evaluate [1]"},
		{values(true), "schedule years in 1y"}, {until(365), "wait until 04 May 09:00"},
	})
	if len(s.Rounds) != 1 || s.Rounds["years"].Number != 1 {
		t.Fatalf("it rests with %+v", s.Rounds)
	}
	s, command := plan.Next(s, timeCame, monday.AddDate(1, 0, 0))
	if say(command) != "evaluate [1]" || s.Rounds["years"].Number != 2 || s.Rounds["weeks"].Number != 0 || s.Occurrences["weeks"] != 2 {
		t.Errorf("the second year begins with %s, %+v, %v", say(command), s.Rounds, s.Occurrences)
	}
}

func TestAnAnswerOfAnEarlierRoundIsNoAnswerToThisOne(t *testing.T) {
	t.Parallel()
	s := walk(t, visits(), []move{
		{entered, "evaluate [1]"}, {values(false), "plan remind.1.1"}, {noConsent, "plan how_was_it.1.1"},
		{mayBySMS, "deliver how_was_it.1.1 by sms"}, {sent, "schedule how_was_it in 5d"}, {until(5), "wait until 09 May 09:00"},
		{came("a-1", "survey.answered"), "evaluate [2]"}, {values(false), "evaluate [1]"}, {values(false), "schedule visits in 90d"},
		{until(90), "wait until 02 Aug 09:00"}, {timeCame, "evaluate [1]"}, {values(false), "plan remind.2.1"},
	})
	if s.Answers["how_was_it"] != "a-1" {
		t.Errorf("at the beginning of the second round the first answer is known as %v", s.Answers)
	}
	plan := visits()
	s, command := plan.Next(s, noConsent, monday)
	if say(command) != "plan how_was_it.2.1" || len(s.Answers) != 0 {
		t.Errorf("%s with the answers %v", say(command), s.Answers)
	}
}

func TestAHistoryTellsTheRounds(t *testing.T) {
	t.Parallel()
	s := walk(t, visits(), []move{
		{entered, "evaluate [1]"}, {values(false), "plan remind.1.1"}, {noConsent, "plan how_was_it.1.1"}, {noConsent, "evaluate [2]"},
		{values(false), "evaluate [1]"}, {values(true), "plan bye.1.1"},
	})
	if got := past(s); !strings.HasPrefix(got, "visits: round 1\nremind: not sent: ") || !strings.HasSuffix(got, "\nvisits: no further round") {
		t.Errorf("it tells\n%s", got)
	}
}

// past writes what an enrollment did, a line each.
func past(s journey.State) string {
	var lines []string
	for _, d := range s.Past {
		line := d.Step + ": " + d.What
		if d.Channel != "" {
			line = d.Step + " by " + string(d.Channel) + ": " + d.What
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func TestAWaitEndsAtItsDate(t *testing.T) {
	t.Parallel()
	plan := journey.Plan{
		Encoding: journey.PlanEncoding,
		Goal:     &journey.Trigger{On: "purchase"},
		Steps: []journey.Step{
			{ID: "due", Verb: journey.Wait, Next: 1, Until: 1},
			{ID: "remind", Verb: journey.Send, Next: journey.End},
		},
		Expressions: []journey.Expression{{Source: "customer.due_on - days(7)", Type: "date"}},
	}
	reached := []move{{entered, "schedule due by [1] since 04 May 09:00"}, {until(20), "wait until 24 May 09:00"}}
	for name, c := range map[string]struct {
		moves []move
		past  string
	}{
		"when it comes": {append(reached[:2:2], move{timeCame, "plan remind.1.1"}), "due: waited"},
		"at once where it is past, and says so": {
			[]move{reached[0], {until(-3), "plan remind.1.1"}}, "due: the time was past already",
		},
		"earlier where the date moves nearer": {
			append(reached[:2:2], move{came("x-1", "profile.changed"), "schedule due by [1] since 04 May 09:00"}, move{until(4), "wait until 08 May 09:00"}), "",
		},
		"later where the date moves away": {
			append(reached[:2:2], move{came("x-1", "profile.changed"), "schedule due by [1] since 04 May 09:00"}, move{until(40), "wait until 13 Jun 09:00"}), "",
		},
		"at once where the date moves into the past": {
			append(reached[:2:2], move{at{now: monday.AddDate(0, 0, 2), happened: came("x-1", "profile.changed")}, "schedule due by [1] since 04 May 09:00"},
				move{until(1), "plan remind.1.1"}), "due: waited",
		},
		"or at a goal": {append(reached[:2:2], move{came("p-1", "purchase"), "finish goal"}), "due: goal: purchase"},
		"or at a goal that came before it is known": {[]move{reached[0], {came("p-1", "purchase"), "finish goal"}}, "due: goal: purchase"},
		"not in a pause": {
			append(reached[:2:2], move{journey.PauseAsked{}, "wait"}, move{at{now: monday.AddDate(0, 0, 30), happened: came("x-1", "visit.completed")}, "wait"},
				move{journey.ResumeAsked{}, "plan remind.1.1"}), "due: waited",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := past(walk(t, plan, c.moves)); got != c.past {
				t.Errorf("it tells %q, want %q", got, c.past)
			}
		})
	}
}

func TestADateThatIsCountedFromWhatHappensMovesWithIt(t *testing.T) {
	t.Parallel()
	plan := journey.Plan{
		Encoding:    journey.PlanEncoding,
		Steps:       []journey.Step{{ID: "silent", Verb: journey.Wait, Next: journey.End, Until: 1, Moves: []string{journey.Purchased}}},
		Expressions: []journey.Expression{{Source: "has(customer.purchases.last) ? customer.purchases.last + days(60) : now + days(60)", Type: "date"}},
	}
	walk(t, plan, []move{
		{entered, "schedule silent by [1] since 04 May 09:00"}, {until(60), "wait until 03 Jul 09:00"},
		{came("v-1", "visit.completed"), "wait until 03 Jul 09:00"},
		{came("p-1", "purchase"), "schedule silent by [1] since 04 May 09:00"}, {until(80), "wait until 23 Jul 09:00"}, {timeCame, "finish completed"},
	})
}

func TestWhatIsSetAndStartedIsDoneOnceAnOccurrence(t *testing.T) {
	t.Parallel()
	plan := journey.Plan{
		Encoding: journey.PlanEncoding,
		Exits:    []journey.Trigger{{On: "complaint.opened", Reason: "complaint.opened"}},
		Steps: []journey.Step{
			{ID: "note", Verb: journey.Set, Next: 1, Set: []journey.Assignment{{Attribute: "points", Value: 1}, {Attribute: "city", Value: 2}}},
			{ID: "next", Verb: journey.Start, Next: journey.End, Journey: "return-visit"},
		},
		Expressions: []journey.Expression{{Source: "1", Type: "int"}, {Source: `"Riga"`, Type: "string"}},
	}
	for name, c := range map[string]struct {
		moves []move
		past  string
	}{
		"and told": {
			[]move{{entered, "set note.1.1"}, {journey.Written{}, "start return-visit for next.1.1"}, {journey.Started{What: "entered return-visit"}, "finish completed"}},
			"note: set points, city\nnext: entered return-visit",
		},
		"also when the database was away": {
			[]move{
				{entered, "set note.1.1"}, {journey.Unavailable{}, "wait until 04 May 09:01"}, {timeCame, "set note.1.1"}, {journey.Written{}, "start return-visit for next.1.1"},
				{journey.Unavailable{}, "wait until 04 May 09:01"}, {timeCame, "start return-visit for next.1.1"},
			},
			"note: set points, city",
		},
		"also in another run": {[]move{{entered, "set note.1.1"}, {journey.Continued{}, "set note.1.1"}}, ""},
		"or not at all after an exit": {
			[]move{{entered, "set note.1.1"}, {journey.Unavailable{}, "wait until 04 May 09:01"}, {came("c-1", "complaint.opened"), "go on"}, {timeCame, "finish exited: complaint.opened"}},
			"note: exit: complaint.opened",
		},
		"unless it never can be": {
			[]move{{entered, "set note.1.1"}, {journey.Broken{Why: "step note: it is no number"}, "finish failed: step note: it is no number"}}, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := past(walk(t, plan, c.moves)); got != c.past {
				t.Errorf("it tells\n%s\nwant\n%s", got, c.past)
			}
		})
	}
}

func TestAColleagueIsToldLikeACustomerIsReached(t *testing.T) {
	t.Parallel()
	tell := func(whom string) journey.Plan {
		return journey.Plan{
			Encoding: journey.PlanEncoding,
			Steps:    []journey.Step{{ID: "tell", Verb: journey.Notify, Next: journey.End, Notify: whom, Template: "unhappy"}},
		}
	}
	for name, c := range map[string]struct {
		whom  string
		moves []move
		past  string
	}{
		"the owner": {
			journey.NotifyOwner, []move{{entered, "plan tell.1.1"}, {mayBySMS, "deliver tell.1.1 by sms"}, {sent, "finish completed"}}, "tell by sms: the owner was told",
		},
		"somebody else, at their hours": {
			"rep-2", []move{{entered, "plan tell.1.1"}, {holdToTen, "wait until 04 May 10:00"}, {timeCame, "deliver tell.1.1 by sms"}, {sent, "finish completed"}},
			"tell by sms: rep-2 was told",
		},
		"nobody, and why": {
			journey.NotifyOwner, []move{{entered, "plan tell.1.1"}, {journey.Planned{}, "finish completed"}}, "tell: the owner was not told: ",
		},
		"by the next channel where one fails": {
			"rep-2", []move{
				{entered, "plan tell.1.1"}, {mayBySMS, "deliver tell.1.1 by sms"}, {journey.Delivered{How: journey.Failed, Why: "no such address"}, "plan tell.1.2"},
				{journey.Planned{}, "finish completed"},
			},
			"tell by sms: failed: no such address\ntell by sms: rep-2 was not told: ",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := past(walk(t, tell(c.whom), c.moves)); got != c.past {
				t.Errorf("it tells\n%s\nwant\n%s", got, c.past)
			}
		})
	}
}

func TestWhatFollowsARoundIsJudgedByTheTimeOfTheRound(t *testing.T) {
	t.Parallel()
	plan := visits()
	s := walk(t, plan, []move{{entered, "evaluate [1]"}, {at{now: monday.Add(time.Hour), happened: values(false)}, "plan remind.1.1"}})
	if round := s.Rounds["visits"]; round.Number != 1 || !round.Began.Equal(monday.Add(time.Hour)) || round.Due {
		t.Errorf("the round is %+v", round)
	}
}

// rounds lets a repeat go round, a minute of work each, and returns when its rounds were due. late says how late the nth is noticed.
func rounds(t fatal, every journey.Span, from time.Time, count int, late func(n int) time.Duration) (due, began []time.Time) {
	t.Helper()
	plan := journey.Plan{Encoding: journey.PlanEncoding, Steps: []journey.Step{
		{ID: "rounds", Verb: journey.Repeat, Next: journey.End, Every: every, Body: 1},
		{ID: "more", Verb: journey.Set, Next: 0, Set: []journey.Assignment{{Attribute: "points", Value: 1}}},
	}}
	now := from
	s, command := plan.Next(journey.State{}, entered, now)
	for range 10 * count {
		switch c := command.(type) {
		case journey.SetAttributes:
			if began = append(began, now); len(began) == count {
				return due, began
			}
			now = now.Add(time.Minute)
			s, command = plan.Next(s, journey.Written{}, now)
		case journey.Schedule:
			due = append(due, c.Span.From(c.Since))
			s, command = plan.Next(s, journey.Scheduled{Until: due[len(due)-1]}, now)
		case journey.WaitUntil:
			now = later(now, c.Until.Add(late(len(began))))
			s, command = plan.Next(s, timeCame, now)
		default:
			t.Fatalf("it wants %s", say(command))
		}
	}
	t.Fatalf("only %d rounds began", len(began))
	return nil, nil
}

// fatal is a test, or a check of a law.
type fatal interface {
	Helper()
	Fatalf(format string, args ...any)
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

func TestRoundsDoNotDrift(t *testing.T) {
	t.Parallel()
	due, _ := rounds(t, journey.Span{Months: 1}, time.Date(2026, 1, 31, 10, 0, 0, 0, time.UTC), 6, func(int) time.Duration { return 2 * time.Hour })
	var days []string
	for _, at := range due {
		days = append(days, at.Format("02 Jan 15:04"))
	}
	if want := []string{"28 Feb 10:00", "31 Mar 10:00", "30 Apr 10:00", "31 May 10:00", "30 Jun 10:00"}; !slices.Equal(days, want) {
		t.Errorf("rounds were due on %v, want %v", days, want)
	}
}

// TestNoRoundsAreMadeUpFor lets rounds be noticed late by any time: the nth never begins before the nth that would have been in time, none that would
// begin together with the one after it, and those that are noticed in time keep the step of those before.
func TestNoRoundsAreMadeUpFor(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		every := time.Duration(rapid.IntRange(1, 60).Draw(t, "days")) * 24 * time.Hour
		lateness := rapid.SliceOfN(rapid.IntRange(0, 3*24*60), 20, 20).Draw(t, "1440ths of every late")
		late := func(n int) time.Duration { return every / (24 * 60) * time.Duration(lateness[n]) }
		due, began := rounds(t, journey.Span{Exact: every}, monday, 20, late)
		first := monday // of those counted together
		for n := range due {
			if began[n+1].Before(monday.Add(time.Duration(n+1) * every)) {
				t.Fatalf("round %d begins at %v, before it would have in time", n+2, began[n+1])
			}
			if due[n].Sub(first)%every != 0 {
				t.Fatalf("round %d is due at %v, out of step with %v", n+2, due[n], first)
			}
			if began[n+1].Sub(due[n]) >= every {
				first = began[n+1]
			}
			if n+1 < len(due) && !due[n+1].After(began[n+1]) {
				t.Fatalf("round %d is due at %v, no later than the one before began", n+3, due[n+1])
			}
		}
	})
}

func TestAHistoryTellsThatNobodyAnswered(t *testing.T) {
	t.Parallel()
	s := walk(t, visits(), []move{
		{entered, "evaluate [1]"}, {values(false), "plan remind.1.1"}, {noConsent, "plan how_was_it.1.1"},
		{mayBySMS, "deliver how_was_it.1.1 by sms"}, {sent, "schedule how_was_it in 5d"}, {until(5), "wait until 09 May 09:00"},
		{timeCame, "evaluate [2]"},
	})
	if got, want := past(s), "\nhow_was_it by sms: no answer came in time"; !strings.HasSuffix(got, want) {
		t.Errorf("it tells\n%s", got)
	}
}
