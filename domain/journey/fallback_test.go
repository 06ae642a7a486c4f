package journey_test

import (
	"testing"
	"time"

	"perennial/domain/contact"
	"perennial/domain/customer"
	"perennial/domain/journey"
)

func TestATouchThatIsNotConfirmedIsTriedOnTheNextChannel(t *testing.T) {
	t.Parallel()
	plan := journey.Plan{
		Encoding: journey.PlanEncoding,
		Exits:    []journey.Trigger{{On: "complaint.opened", Reason: "complaint.opened"}},
		Steps: []journey.Step{
			{ID: "remind", Verb: journey.Send, Next: 1, Fallback: journey.Span{Exact: 4 * time.Hour}},
			{ID: "rate", Verb: journey.Ask, Next: journey.End, On: journey.SurveyAnswered, Within: journey.Span{Days: 5}, Fallback: journey.Span{Exact: 4 * time.Hour}},
		},
	}
	byEmail := journey.Planned{Answer: contact.Answer{Verdict: contact.Send, Channel: customer.Email}}
	noChannel := journey.Planned{Answer: contact.Answer{Verdict: contact.Skip, Reason: contact.NoChannel}}
	inFour := journey.Scheduled{Until: monday.Add(4 * time.Hour)}
	receipt := func(step string, try int, arrived bool) journey.ReceiptCame {
		return journey.ReceiptCame{Receipt: journey.Receipt{Touch: journey.TouchKey{Step: step, Occurrence: 1, Try: try}, Arrived: arrived}}
	}
	one := monday.Add(4 * time.Hour)
	// Word is waited for, of a message and of a question.
	toSent := []move{{entered, "plan remind.1.1"}, {mayBySMS, "deliver remind.1.1 by sms"}, {sent, "schedule remind in 4h"}, {inFour, "wait until 04 May 13:00"}}
	inFourMove := move{inFour, "wait until 04 May 13:00"}
	toMailed := []move{{entered, "plan remind.1.1"}, {byEmail, "deliver remind.1.1 by email"}, {sent, "schedule remind in 4h"}, {inFour, "wait until 04 May 13:00"}}
	toDoubted := []move{{entered, "plan remind.1.1"}, {mayBySMS, "deliver remind.1.1 by sms"}, {journey.Delivered{How: journey.Unconfirmed}, "schedule remind in 4h"},
		{inFour, "wait until 04 May 13:00"}}
	toAsked := append(toSent[:4:4], move{receipt("remind", 1, true), "plan rate.1.1"}, move{mayBySMS, "deliver rate.1.1 by sms"},
		move{sent, "schedule rate in 4h"}, move{inFour, "wait until 04 May 13:00"})
	for name, moves := range map[string][]move{
		"unless word comes that it arrived":     toAsked,
		"when the time is over":                 append(toSent[:4:4], move{at{now: one, happened: timeCame}, "plan remind.1.2"}, move{byEmail, "deliver remind.1.2 by email"}),
		"at once when it surely did not arrive": append(toSent[:4:4], move{receipt("remind", 1, false), "plan remind.1.2"}),
		"and word is waited for again of the next one": append(toSent[:4:4], move{receipt("remind", 1, false), "plan remind.1.2"},
			move{byEmail, "deliver remind.1.2 by email"}, move{sent, "schedule remind in 4h"}),
		"unless it went where nobody tells that it arrived":                   append(toMailed[:4:4], move{at{now: one, happened: timeCame}, "plan rate.1.1"}),
		"also where nobody tells that it arrived, when it surely did not":     append(toMailed[:4:4], move{receipt("remind", 1, false), "plan remind.1.2"}),
		"unless it may have been sent and must not be again":                  append(toDoubted[:4:4], move{at{now: one, happened: timeCame}, "plan rate.1.1"}),
		"also where it must not be sent again, when it surely did not arrive": append(toDoubted[:4:4], move{receipt("remind", 1, false), "plan remind.1.2"}),
		"also by mail, where nobody knows whether it was sent and it may be again": append(toMailed[:2:2],
			move{journey.Delivered{How: journey.Unconfirmed, Again: one}, "schedule remind in 4h"}, inFourMove,
			move{at{now: one, happened: timeCame}, "plan remind.1.2"}),
		"and what is not known to have failed is a question asked, from when it was sent": append(toAsked[:5:5], move{byEmail, "deliver rate.1.1 by email"},
			move{sent, "schedule rate in 4h"}, inFourMove, move{at{now: one, happened: timeCame}, "schedule rate in 5d"}),
		"unless the ledger says that an earlier one arrived": append(toSent[:4:4], move{at{now: one, happened: timeCame}, "plan remind.1.2"},
			move{byEmail, "deliver remind.1.2 by email"}, move{journey.Delivered{How: journey.Arrived, Try: 1}, "plan rate.1.1"}),
		"and a question that the ledger says arrived waits for its answer, from when that was sent": append(toAsked[:8:8],
			move{receipt("rate", 1, false), "plan rate.1.2"}, move{byEmail, "deliver rate.1.2 by email"}, move{at{now: one, happened: sent}, "schedule rate in 4h since 04 May 13:00"},
			move{receipt("rate", 2, false), "plan rate.1.3"}, move{mayBySMS, "deliver rate.1.3 by sms"},
			move{at{now: one, happened: journey.Delivered{How: journey.Arrived, Try: 1}}, "schedule rate in 5d"}),
		"also where nobody knows whether it was sent": append(toSent[:2:2], move{journey.Delivered{How: journey.Unconfirmed, Again: one}, "schedule remind in 4h"}),
		"and is over when none is left":               append(toSent[:4:4], move{timeCame, "plan remind.1.2"}, move{noChannel, "plan rate.1.1"}),
		"and a question waits for its answer when none is left, from when it was sent": append(toAsked[:8:8],
			move{at{now: one, happened: timeCame}, "plan rate.1.2"}, move{noChannel, "schedule rate in 5d"}, move{until(5), "wait until 09 May 09:00"}),
		"and a question that arrived waits for its answer, from when it was sent": append(toAsked[:8:8],
			move{at{now: monday.Add(time.Hour), happened: receipt("rate", 1, true)}, "schedule rate in 5d"}),
		"and an answer is word enough": append(toAsked[:8:8], move{came("a-1", "survey.answered"), "finish completed"}),
		"and an answer counts while the next channel is planned": append(toAsked[:8:8],
			move{at{now: one, happened: timeCame}, "plan rate.1.2"}, move{holdToTen, "wait until 04 May 10:00"}, move{came("a-1", "survey.answered"), "finish completed"}),
		"and an answer stops the next channel": append(toAsked[:8:8], move{timeCame, "plan rate.1.2"}, move{byEmail, "deliver rate.1.2 by email"},
			move{came("a-1", "survey.answered"), "interrupt"}, move{journey.Delivered{How: journey.Interrupted}, "finish completed"}),
		"and a receipt that is quicker than our record counts": {
			toSent[0], toSent[1], {receipt("remind", 1, true), "go on"}, {sent, "plan rate.1.1"},
		},
		"and a bad receipt that is quicker than our record counts": {
			toSent[0], toSent[1], {receipt("remind", 1, false), "go on"}, {sent, "plan remind.1.2"},
		},
		"and word that the first arrived after all stops the second": append(toSent[:4:4], move{timeCame, "plan remind.1.2"}, move{byEmail, "deliver remind.1.2 by email"},
			move{receipt("remind", 1, true), "interrupt"}, move{journey.Delivered{How: journey.Interrupted}, "plan rate.1.1"}),
		"and word that the first arrived after all ends the hold of the second": append(toSent[:4:4], move{timeCame, "plan remind.1.2"},
			move{holdToTen, "wait until 04 May 10:00"}, move{receipt("remind", 1, true), "plan rate.1.1"}),
		"and word that the first was lost is known by then": append(toSent[:4:4], move{timeCame, "plan remind.1.2"}, move{byEmail, "deliver remind.1.2 by email"},
			move{receipt("remind", 1, false), "go on"}, move{sent, "schedule remind in 4h"}),
		"and the same receipt says nothing new": append(toSent[:4:4], move{journey.PauseAsked{}, "wait"}, move{receipt("remind", 1, true), "wait"},
			move{receipt("remind", 1, true), "go on"}, move{journey.ResumeAsked{}, "plan rate.1.1"}),
		"and receipts of what nobody knows do nothing": append(toSent[:4:4], move{receipt("rate", 1, true), "go on"}, move{receipt("remind", 2, true), "go on"},
			move{receipt("nothing", 1, true), "go on"}, move{receipt("remind", 0, true), "go on"}),
		"and a receipt that comes while the database is away is kept": append(toSent[:3:3], move{journey.Unavailable{}, "wait until 04 May 09:01"},
			move{receipt("remind", 1, true), "go on"}, move{timeCame, "plan rate.1.1"}),
		"and the time may come in a pause": append(toSent[:4:4], move{journey.PauseAsked{}, "wait"}, move{timeCame, "wait"},
			move{journey.ResumeAsked{}, "wait until 04 May 13:00"}),
		"and goes on in another run":               append(toSent[:4:4], move{journey.Continued{}, "wait until 04 May 13:00"}),
		"and an exit ends it":                      append(toSent[:4:4], move{came("c-1", "complaint.opened"), "finish exited: complaint.opened"}),
		"and a skip leaves it":                     append(toSent[:4:4], move{journey.SkipAsked{}, "plan rate.1.1"}),
		"and a changed profile leaves it in peace": append(toSent[:4:4], move{came("x-1", "profile.changed"), "wait until 04 May 13:00"}),
		"and a channel that fails for good is done with": append(toSent[:2:2], move{journey.Delivered{How: journey.Failed, Why: "no such number"}, "plan remind.1.2"},
			move{byEmail, "deliver remind.1.2 by email"}, move{sent, "schedule remind in 4h"}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			walk(t, plan, moves)
		})
	}
	t.Run("and the history says that there was no other channel", func(t *testing.T) {
		t.Parallel()
		s := walk(t, plan, append(toSent[:4:4], move{timeCame, "plan remind.1.2"}, move{noChannel, "plan rate.1.1"}))
		if got, want := past(s), "remind by sms: sent\nremind by sms: no receipt came in time\nremind: no other channel is left"; got != want {
			t.Errorf("it tells\n%s\nwant\n%s", got, want)
		}
	})
	t.Run("and the history says that an earlier one arrived after all", func(t *testing.T) {
		t.Parallel()
		s := walk(t, plan, append(toSent[:4:4], move{timeCame, "plan remind.1.2"}, move{byEmail, "deliver remind.1.2 by email"},
			move{journey.Delivered{How: journey.Arrived, Try: 1}, "plan rate.1.1"}))
		if got, want := past(s), "remind by sms: sent\nremind by sms: no receipt came in time\nremind by sms: arrived"; got != want {
			t.Errorf("it tells\n%s\nwant\n%s", got, want)
		}
	})
	t.Run("and the history says what silence meant", func(t *testing.T) {
		t.Parallel()
		mailed := walk(t, plan, append(toMailed[:4:4], move{timeCame, "plan rate.1.1"}))
		if got, want := past(mailed), "remind by email: sent\nremind by email: no word came that it failed"; got != want {
			t.Errorf("it tells\n%s\nwant\n%s", got, want)
		}
		doubted := walk(t, plan, append(toDoubted[:4:4], move{timeCame, "plan rate.1.1"}))
		if got, want := past(doubted), "remind by sms: unconfirmed: \nremind by sms: still unconfirmed, and not sent again"; got != want {
			t.Errorf("it tells\n%s\nwant\n%s", got, want)
		}
	})
	t.Run("and the history says what arrived by which channel", func(t *testing.T) {
		t.Parallel()
		s := walk(t, plan, append(toSent[:4:4], move{timeCame, "plan remind.1.2"}, move{byEmail, "deliver remind.1.2 by email"},
			move{receipt("remind", 1, true), "interrupt"}, move{sent, "plan rate.1.1"}))
		const want = "remind by sms: sent\nremind by sms: no receipt came in time\nremind by email: sent\nremind by sms: arrived"
		if got := past(s); got != want {
			t.Errorf("it tells\n%s\nwant\n%s", got, want)
		}
	})
}
