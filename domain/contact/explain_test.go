package contact_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"perennial/domain/contact"
	"perennial/domain/customer"
)

func explained(steps []contact.Step) string {
	var lines []string
	for _, s := range steps {
		place := "-"
		if s.Place.Line > 0 {
			place = fmt.Sprintf("%s:%d", s.Place.File, s.Place.Line)
		}
		lines = append(lines, strings.Join([]string{string(s.Verdict), s.Rule, place, s.Says}, " | "))
	}
	return strings.Join(lines, "\n")
}

func TestAnExplanationNamesEveryRuleThatWasAsked(t *testing.T) {
	t.Parallel()
	policy := written(t)
	for name, c := range map[string]struct {
		change func(*customer.Profile, *contact.Question)
		topic  string
		at     string
		want   string
	}{
		"an offer on a holiday": {
			change: func(who *customer.Profile, q *contact.Question) {
				prefer("mon-fri 19:00-21:00")(who, q)
				who.Star, who.Touched = 1, touched("marketing", customer.SMS, "2026-05-20T19:00:00-04:00")
				q.Expires = at("2026-06-08T12:00:00-04:00")
			},
			topic: "marketing", at: "2026-05-25T19:30:00-04:00",
			want: `send | relation | - | the relation with the customer goes on
send | consent | - | the customer has agreed to marketing
send | suppression | contact-policy.yaml:14 | no complaint is open, and the customer was not dissatisfied last
send | channel | - | SMS it is
send | legal | contact-policy.yaml:8 | the law in US allows daily 08:00-21:00
send | window | - | the customer prefers mon-fri 19:00-21:00
send | quiet | contact-policy.yaml:11 | the customer's own hours stand above decent hours
hold | holiday | calendars/US.yaml:10 | 2026-05-25 is Memorial Day in US; not before Tue 26 May 2026 00:00, America/New_York
send | cap | contact-policy.yaml:17 | at most 5 in all per 7d; 1 counted
send | cap | contact-policy.yaml:19 | at most 2 by SMS per 7d for star 1; 1 counted
hold | cap | contact-policy.yaml:21 | at most 1 about marketing per 7d for star 1; 1 counted; not before Wed 27 May 2026 19:00, America/New_York
send | gap | contact-policy.yaml:22 | at least 4h between two messages
send | priority | - | no held message of the customer goes first
send | spread | contact-policy.yaml:23 | touches held to an opening are spread over 1h
send | valid | - | it is welcome until Mon 8 Jun 2026 12:00, America/New_York
hold | answer | - | hold until Wed 27 May 2026 19:39:07, America/New_York, then by SMS: a public holiday where the customer lives`,
		},
		"an offer amid a complaint": {
			change: func(who *customer.Profile, _ *contact.Question) {
				who.Complaints = []customer.Complaint{{Event: "e-7", At: at("2026-05-02T10:00:00Z")}}
			},
			topic: "marketing", at: "2026-05-04T12:00:00-04:00",
			want: `send | relation | - | the relation with the customer goes on
send | consent | - | the customer has agreed to marketing
skip | suppression | contact-policy.yaml:14 | a complaint is open since 2 May 2026 (event e-7): marketing rests until it is resolved
skip | answer | - | skip: the customer has an open complaint`,
		},
		"service to somebody whose phone is bad": {
			change: func(who *customer.Profile, _ *contact.Question) {
				who.Addresses[customer.SMS] = customer.Address{Value: "+12015550100", Bad: "bad_address"}
				who.Country = "FR"
				who.Wanted = []customer.Wanted{{Enrollment: 9, Topic: "service", At: at("2026-05-04T12:00:00-04:00"), Since: at("2026-05-04T12:00:00-04:00")}}
			},
			topic: "service", at: "2026-05-04T12:00:00-04:00",
			want: `send | relation | - | the relation with the customer goes on
send | consent | - | the customer has agreed to service
send | suppression | contact-policy.yaml:14 | no complaint is open
send | channel | - | SMS: the address is bad; e-mail it is
send | legal | - | no law about hours concerns service by e-mail in FR
send | window | - | the customer has no hours of their own
send | quiet | contact-policy.yaml:11 | decent hours are daily 09:00-20:00
send | holiday | contact-policy.yaml:12 | service does not rest on public holidays
send | cap | contact-policy.yaml:17 | at most 5 in all per 7d; 1 counted
send | gap | contact-policy.yaml:22 | service keeps no distance to other messages
hold | priority | - | service of enrollment 9 goes first, wanted for Mon 4 May 2026 12:00, America/New_York; not before Mon 4 May 2026 12:01, America/New_York
send | spread | contact-policy.yaml:23 | touches held to an opening are spread over 1h
hold | answer | - | hold until Mon 4 May 2026 12:01, America/New_York, then by e-mail: another message to the customer goes first`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			who, q := agreeable(t), question(c.topic, c.at)
			c.change(&who, &q)
			if got := explained(policy.Explain(who, q)); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

// TestAnExplanationEndsWithTheAnswer asks both about anything: the last step is the decision, and no rule is against a touch that is sent.
func TestAnExplanationEndsWithTheAnswer(t *testing.T) {
	t.Parallel()
	names := zoneNames(t)
	rapid.Check(t, func(t *rapid.T) {
		w := someWorld(t, names)
		answer, steps := w.policy.Decide(w.who, w.asked), w.policy.Explain(w.who, w.asked)
		last := steps[len(steps)-1]
		if last.Rule != contact.RuleAnswer || last.Verdict != answer.Verdict {
			t.Fatalf("%s: the answer is %+v, explained as %+v", w, answer, last)
		}
		against := false
		for _, s := range steps[:len(steps)-1] {
			against = against || s.Verdict != contact.Send
			if s.Says == "" {
				t.Fatalf("%s: %s says nothing", w, s.Rule)
			}
		}
		if against != (answer.Verdict != contact.Send) {
			t.Fatalf("%s: the answer is %+v, explained as\n%s", w, answer, explained(steps))
		}
	})
}
