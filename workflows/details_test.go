package workflows_test

import (
	"strings"
	"testing"
	"time"

	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/workflows"
)

func TestDetailsAnswerWhatAManagerAsks(t *testing.T) {
	t.Parallel()
	enrollment := workflows.Enrollment{ID: 42, Journey: "onboarding", Title: "First ninety days", Customer: "c-1042", Page: "http://127.0.0.1:8420/customers/c-1042"}
	plan := journey.Plan{Steps: []journey.Step{
		{ID: "welcome", Verb: journey.Send, Next: 1},
		{ID: "settle_in", Verb: journey.Wait, Next: 2, For: journey.Span{Days: 3}},
		{ID: "how_is_it", Verb: journey.Ask, Next: journey.End, On: journey.SurveyAnswered},
		{ID: "visits", Verb: journey.Repeat, Next: journey.End, Every: journey.Span{Days: 90}, Body: 4},
		{ID: "remind", Verb: journey.Send, Next: 3, Fallback: journey.Span{Exact: 4 * time.Hour}},
		{ID: "due", Verb: journey.Wait, Next: 6, Until: 1},
		{ID: "tell", Verb: journey.Notify, Next: 7, Notify: journey.NotifyOwner},
		{ID: "until_then", Verb: journey.Wait, Next: 3, For: journey.Span{Days: 3}},
	}}
	at := time.Date(2026, 5, 4, 9, 30, 0, 0, time.UTC)
	shanghai := journey.Zone{Name: "Asia/Shanghai", East: 8 * 3600}
	sent := []journey.Done{{Step: "welcome", At: at, Channel: customer.SMS, What: "sent"}}
	const intervene = "| to intervene | here, at the top right | or in a terminal |\n| --- | --- | --- |\n" +
		"| freeze it | More Actions, Send an Update: `pause` | `starter enrollments pause 42` |\n" +
		"| leave this step | More Actions, Send an Update: `skip` | `starter enrollments skip 42` |\n" +
		"| end it | Request Cancellation; never Terminate | `starter enrollments exit 42 --reason \"…\"` |\n"
	const who = "[Who is c-1042?](http://127.0.0.1:8420/customers/c-1042)\n\n"
	const past = "| when, Asia/Shanghai | step | channel | what |\n| --- | --- | --- | --- |\n| Mon 4 May 17:30 | welcome | SMS | sent |\n\n"
	for name, c := range map[string]struct {
		state journey.State
		want  string
	}{
		"a held touch": {
			journey.State{Step: "welcome", Phase: journey.Holding, Channel: customer.SMS, Until: at, Zone: shanghai, Reason: "outside the hours that the customer prefers"},
			"**c-1042 in First ninety days is at step welcome: a message is held, outside the hours that the customer prefers**\n\n" +
				who + "| next | waiting for | last touch |\n| --- | --- | --- |\n" +
				"| send welcome by SMS, Mon 4 May 17:30, Asia/Shanghai | a time when the customer may be reached | none yet |\n\n" + intervene,
		},
		"a wait": {
			journey.State{Step: "settle_in", Phase: journey.Waiting, Until: at, Zone: shanghai, Past: sent},
			"**c-1042 in First ninety days is at step settle_in, waiting**\n\n" +
				who + "| next | waiting for | last touch |\n| --- | --- | --- |\n" +
				"| ask how_is_it, at the customer's next hour from Mon 4 May 17:30, Asia/Shanghai | time to pass | welcome by SMS, Mon 4 May 17:30 |\n\n" + past + intervene,
		},
		"a question": {
			journey.State{Step: "how_is_it", Phase: journey.Waiting, Until: at, Zone: shanghai, Occurrences: map[string]int{"how_is_it": 2}},
			"**c-1042 in First ninety days is at step how_is_it for the 2nd time, waiting**\n\n" +
				who + "| next | waiting for | last touch |\n| --- | --- | --- |\n" +
				"| the end, Mon 4 May 17:30, Asia/Shanghai | the customer's answer | none yet |\n\n" + intervene,
		},
		"a rest between rounds": {
			journey.State{
				Step: "visits", Phase: journey.Waiting, Until: at, Zone: shanghai, Past: []journey.Done{{Step: "visits", At: at, What: "round 2"}},
				Rounds: map[string]journey.Round{"visits": {Number: 2, Began: at}},
			},
			"**c-1042 in First ninety days is at step visits, between rounds 2 and 3**\n\n" +
				who + "| next | waiting for | last touch |\n| --- | --- | --- |\n" +
				"| round 3, Mon 4 May 17:30, Asia/Shanghai | the next round | none lately |\n\n" +
				"| when, Asia/Shanghai | step | channel | what |\n| --- | --- | --- | --- |\n| Mon 4 May 17:30 | visits |  | round 2 |\n\n" + intervene,
		},
		"a message that was sent": {
			journey.State{Step: "remind", Phase: journey.Confirming, Channel: customer.SMS, Until: at, Zone: shanghai},
			"**c-1042 in First ninety days is at step remind: a message was sent, and word that it arrived is waited for**\n\n" +
				who + "| next | waiting for | last touch |\n| --- | --- | --- |\n" +
				"| send remind by another channel, Mon 4 May 17:30, Asia/Shanghai | word that it arrived | none yet |\n\n" + intervene,
		},
		"a message of which only failures are told": {
			journey.State{Step: "remind", Phase: journey.Confirming, Channel: customer.Email, Silence: journey.NoFailure, Until: at, Zone: shanghai},
			"**c-1042 in First ninety days is at step remind: a message was sent, and word that it did not arrive is waited for**\n\n" +
				who + "| next | waiting for | last touch |\n| --- | --- | --- |\n" +
				"| decide on another round: visits, Mon 4 May 17:30, Asia/Shanghai | word that it did not arrive | none yet |\n\n" + intervene,
		},
		"a date": {
			journey.State{Step: "due", Phase: journey.Waiting, Until: at, Zone: shanghai},
			"**c-1042 in First ninety days is at step due, waiting**\n\n" +
				who + "| next | waiting for | last touch |\n| --- | --- | --- |\n" +
				"| tell a colleague: tell, at the colleague's next hour from Mon 4 May 17:30, Asia/Shanghai | a date | none yet |\n\n" + intervene,
		},
		"a colleague who is not at work": {
			journey.State{Step: "tell", Phase: journey.Holding, Channel: customer.Slack, Until: at, Zone: shanghai, Reason: "outside their working hours"},
			"**c-1042 in First ninety days is at step tell: a word to a colleague is held, outside their working hours**\n\n" +
				who + "| next | waiting for | last touch |\n| --- | --- | --- |\n" +
				"| tell a colleague: tell by Slack, Mon 4 May 17:30, Asia/Shanghai | a time when the colleague may be reached | none yet |\n\n" + intervene,
		},
		"a wait at the end of a round": {
			journey.State{Step: "until_then", Phase: journey.Waiting, Until: at, Zone: shanghai},
			"**c-1042 in First ninety days is at step until_then, waiting**\n\n" +
				who + "| next | waiting for | last touch |\n| --- | --- | --- |\n" +
				"| decide on another round: visits, Mon 4 May 17:30, Asia/Shanghai | time to pass | none yet |\n\n" + intervene,
		},
		"a colleague who is being told": {
			journey.State{Step: "tell", Phase: journey.Delivering, Channel: customer.Slack, Zone: shanghai},
			"**c-1042 in First ninety days is at step tell: a colleague is being told**\n\n" +
				who + "| next | waiting for | last touch |\n| --- | --- | --- |\n" +
				"| tell a colleague: tell by Slack, now | nothing | none yet |\n\n" + intervene,
		},
		"a pause": {
			journey.State{Step: "settle_in", Phase: journey.Waiting, Until: at, Zone: shanghai, Paused: true},
			"**c-1042 in First ninety days is at step settle_in, PAUSED by hand**\n\n" +
				who + "| next | waiting for | last touch |\n| --- | --- | --- |\n" +
				"| nothing until it is resumed | time to pass | none yet |\n\n" +
				strings.Replace(strings.ReplaceAll(intervene, "pause", "resume"), "freeze it", "let it go on", 1),
		},
		"an end": {
			journey.State{Step: "settle_in", Phase: journey.Finishing, Outcome: "failed: the version is gone", Zone: shanghai, Past: sent},
			"**c-1042 in First ninety days ended: failed: the version is gone**\n\n" +
				who + "| next | waiting for | last touch |\n| --- | --- | --- |\n" +
				"| nothing, it has ended | nothing | welcome by SMS, Mon 4 May 17:30 |\n\n" + past,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := workflows.Details(enrollment, plan, c.state); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestDetailsNameTheThingThatAnEnrollmentIsAbout(t *testing.T) {
	t.Parallel()
	e := workflows.Enrollment{ID: 42, Title: "Renewal of an agreement", Customer: "c-1042", Key: "a-7"}
	got := workflows.Details(e, journey.Plan{}, journey.State{})
	if want := "**c-1042 in Renewal of an agreement (a-7) has just entered**\n\n| next"; !strings.HasPrefix(got, want) {
		t.Errorf("got\n%s\nwant it to begin with\n%s", got, want)
	}
}

func TestASweepSaysWhatItDid(t *testing.T) {
	t.Parallel()
	if got := (workflows.Swept{}).Details(); got != "Nothing was left behind." {
		t.Errorf("a sweep with nothing to do says %q", got)
	}
	if got := (workflows.Swept{Events: 3, Receipts: 2, Reconciled: 1}).Details(); !strings.Contains(got, "| 3 | 2 | 0 | 1 | 0 |") {
		t.Errorf("a sweep that did something says %q", got)
	}
}
