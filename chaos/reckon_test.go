package chaos

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"perennial/channel/sandbox"
	"perennial/domain/clock"
)

var begun = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)

// sound is the evidence of a small run in which nothing was lost. Zephyrine000 ordered, 001 was asked and answered, 002 paid, 003 said STOP.
func sound() evidence {
	c := clock.Starting(begun, begun, Rate)
	at := func(real time.Duration) time.Time { return c.At(begun.Add(real)) }
	e := evidence{
		clock: c, people: map[string]*person{}, heard: map[string]map[string]time.Time{}, wrote: map[string][]span{}, open: map[int64]bool{}, runs: 4,
		logLines: 100,
	}
	for _, p := range people(4) {
		p.odd, p.even, p.marketing = true, true, true
		e.people[p.id] = p
	}
	carried := func(real time.Duration) *time.Time {
		carried := at(real)
		return &carried
	}
	enter := func(id int64, kind, customer, outcome string, ended time.Duration) {
		by, key := "e-"+customer, "k-"+customer
		e.told = append(e.told, Told{ID: by, Type: kind, Customer: customer, Key: key, At: begun})
		e.events = append(e.events, event{ID: by, Type: kind, Customer: customer, ReceivedAt: at(0), DispatchedAt: carried(0)})
		end := at(ended)
		e.enrollments = append(e.enrollments, enrollment{
			ID: id, Journey: journeyOf(kind), Customer: customer, Key: key, EnteredBy: by, EnteredAt: at(0), EndedAt: &end, Outcome: outcome,
		})
		e.open[id] = false
	}
	send := func(id, customer, step, state string, real time.Duration) {
		t := touch{
			ID: id + "." + step + ".1.1", Enrollment: number(id), Step: step, Occurrence: 1, Try: 1, Customer: customer, Channel: "sms", Topic: "service",
			Kind: "send", State: state, CreatedAt: at(real), ClaimedAt: at(real),
		}
		e.touches = append(e.touches, t)
		if state == "skipped" {
			return
		}
		p := e.people[customer]
		e.received = append(e.received, sandbox.Message{
			Seq: int64(len(e.received) + 1), Channel: p.channels[0], Address: p.addresses[p.channels[0]], Touch: t.ID, At: at(real), RealAt: begun.Add(real),
		})
	}
	enter(1, "order.placed", "c-000", "completed", 30*time.Second)
	send("1", "c-000", "confirmed", "sent", time.Second)
	send("1", "c-000", "packed", "delivered", 10*time.Second)
	send("1", "c-000", "sent_off", "delivered", 20*time.Second)
	enter(2, "visit.completed", "c-001", "completed", 60*time.Second)
	send("2", "c-001", "how_was_it", "delivered", time.Second)
	send("2", "c-001", "thanks", "delivered", 3*time.Second)
	e.events = append(e.events, event{ID: "answer", Type: "survey.answered", Customer: "c-001", ReceivedAt: at(2 * time.Second), DispatchedAt: carried(2 * time.Second), Touch: "2.how_was_it.1.1"})
	enter(3, "invoice.sent", "c-002", "goal", 5*time.Second)
	send("3", "c-002", "bill", "delivered", time.Second)
	e.told = append(e.told, Told{ID: "paid", Type: "payment.received", Customer: "c-002", At: begun.Add(4 * time.Second)})
	e.events = append(e.events, event{ID: "paid", Type: "payment.received", Customer: "c-002", ReceivedAt: at(4 * time.Second), DispatchedAt: carried(4 * time.Second)})
	enter(4, "order.placed", "c-003", "completed", 30*time.Second)
	send("4", "c-003", "confirmed", "delivered", time.Second)
	e.heard["c-003"] = map[string]time.Time{"service": begun.Add(3 * time.Second), "marketing": begun.Add(3 * time.Second)}
	send("4", "c-003", "packed", "skipped", 10*time.Second)
	send("4", "c-003", "sent_off", "skipped", 20*time.Second)
	for i, t := range e.touches {
		if t.State == "skipped" {
			e.touches[i].Reason = "no_consent"
		}
	}
	return e
}

func TestOfASoundRunNothingIsCounted(t *testing.T) {
	t.Parallel()
	r := reckon(sound())
	for _, c := range r.counts() {
		if c.count.Count != 0 {
			t.Errorf("%s: %d, %q", c.what, c.count.Count, c.count.What)
		}
	}
	if r.Touches != 9 || r.Expected != 8 || r.Messages != 7 || r.Events != 5 || r.Effects != 2 || r.Enrollments != 4 {
		t.Errorf("out of %d touches, %d expected, %d messages, %d events, %d effects, %d enrollments", r.Touches, r.Expected, r.Messages, r.Events, r.Effects, r.Enrollments)
	}
}

// TestEachSabotageIsCountedAsWhatItIs breaks one thing at a time in a run that was sound: it is counted, and as nothing else.
func TestEachSabotageIsCountedAsWhatItIs(t *testing.T) {
	t.Parallel()
	at := func(e evidence, real time.Duration) time.Time { return e.clock.At(begun.Add(real)) }
	message := func(e *evidence, touch string) *sandbox.Message {
		for i := range e.received {
			if e.received[i].Touch == touch {
				return &e.received[i]
			}
		}
		t.Fatalf("no message %s", touch)
		return nil
	}
	row := func(e *evidence, id string) *touch {
		for i := range e.touches {
			if e.touches[i].ID == id {
				return &e.touches[i]
			}
		}
		t.Fatalf("no touch %s", id)
		return nil
	}
	without := func(e *evidence, id string) {
		for i := range e.received {
			if e.received[i].Touch == id {
				e.received = append(e.received[:i:i], e.received[i+1:]...)
				return
			}
		}
	}
	for name, c := range map[string]struct {
		sabotage func(*evidence)
		want     string
		count    int
	}{
		"a message that was sent arrives nowhere": {func(e *evidence) { without(e, "1.packed.1.1") }, "touches lost", 1},
		"a receipt for what was never taken":      {func(e *evidence) { without(e, "1.confirmed.1.1") }, "touches lost", 1},
		"a step that left no touch":               {func(e *evidence) { e.touches = e.touches[1:]; without(e, "1.confirmed.1.1") }, "touches lost", 1},
		"a question without the word after it":    {func(e *evidence) { *row(e, "2.thanks.1.1") = *row(e, "1.packed.1.1"); without(e, "2.thanks.1.1") }, "touches lost", 1},
		"a message that the ledger never heard of": {func(e *evidence) {
			message(e, "1.packed.1.1").Touch = "1.unheard.1.1"
			row(e, "1.packed.1.1").State = "unconfirmed"
			row(e, "1.packed.1.1").ProviderCode = "x"
			e.struck = []Struck{{Blow: Blow{Victim: worker1, How: Kill}, From: begun.Add(10 * time.Second), Until: begun.Add(11 * time.Second)}}
		}, "touches lost", 1},
		"a touch that nobody sends, of an enrollment that went on": {func(e *evidence) {
			row(e, "1.packed.1.1").State = "claimed"
			without(e, "1.packed.1.1")
		}, "touches lost", 1},
		"a touch that is failed and was taken": {func(e *evidence) { row(e, "1.packed.1.1").State = "failed" }, "touches lost", 1},
		"a touch that is skipped and was taken": {func(e *evidence) {
			row(e, "1.packed.1.1").State, row(e, "1.packed.1.1").Reason = "skipped", "no_consent"
		}, "touches lost", 1},
		"a touch that is skipped for no reason": {func(e *evidence) { delete(e.heard, "c-003") }, "touches lost", 2},
		"a request that a provider finds wrong": {func(e *evidence) { e.refused = []sandbox.Refusal{{Channel: "sms", Code: "21211"}} }, "touches lost", 1},
		"the same touch twice":                  {func(e *evidence) { e.received = append(e.received, *message(e, "1.packed.1.1")) }, "touches twice", 1},
		"a second try after the first was taken": {func(e *evidence) {
			again := *row(e, "1.packed.1.1")
			again.ID, again.Try = "1.packed.1.2", 2
			e.touches = append(e.touches, again)
			m := *message(e, "1.packed.1.1")
			m.Touch = "1.packed.1.2"
			e.received = append(e.received, m)
		}, "touches twice", 1},
		"two enrollments for one event": {func(e *evidence) {
			second := e.enrollments[0]
			second.ID = 9
			e.enrollments, e.open[9] = append(e.enrollments, second), false
			for _, step := range []string{"confirmed", "packed", "sent_off"} {
				more := *row(e, "1."+step+".1.1")
				more.ID, more.Enrollment = "9."+step+".1.1", 9
				e.touches = append(e.touches, more)
				m := *message(e, "1."+step+".1.1")
				m.Touch = more.ID
				e.received = append(e.received, m)
			}
		}, "touches twice", 3},
		"nothing explains that nobody knows": {func(e *evidence) { row(e, "1.packed.1.1").State = "unconfirmed" }, "unconfirmed, unexplained", 1},
		"a blow that was over long before": {func(e *evidence) {
			row(e, "1.packed.1.1").State = "unconfirmed"
			e.struck = []Struck{{Blow: Blow{Victim: worker1, How: Kill}, From: begun, Until: begun.Add(time.Second)}}
		}, "unconfirmed, unexplained", 1},
		"a blow that began long before": {func(e *evidence) {
			row(e, "1.packed.1.1").State = "unconfirmed"
			e.struck = []Struck{{Blow: Blow{Victim: worker1, How: Stop}, From: begun.Add(8 * time.Second), Until: begun.Add(14 * time.Second)}}
		}, "unconfirmed, unexplained", 1},
		"Temporal is nobody who sends": {func(e *evidence) {
			row(e, "1.packed.1.1").State = "unconfirmed"
			e.struck = []Struck{{Blow: Blow{Victim: history, How: Kill}, From: begun.Add(10 * time.Second), Until: begun.Add(11 * time.Second)}}
		}, "unconfirmed, unexplained", 1},
		"a message at an hour that is not theirs": {func(e *evidence) {
			e.people["c-000"].odd = false // London: the run begins at noon, and 10 s are an hour
			message(e, "1.packed.1.1").At = begun.Add(90 * time.Minute)
		}, "outside window", 1},
		"a message after they said STOP": {func(e *evidence) { message(e, "4.confirmed.1.1").RealAt = begun.Add(10 * time.Second) }, "without consent", 1},
		"marketing to somebody who never agreed to it": {func(e *evidence) {
			e.people["c-000"].marketing, e.enrollments[0].Journey, e.told[0].Type = false, "offers", "offer.asked"
		}, "without consent", 3},
		"a word that nobody asked for": {func(e *evidence) {
			e.received = append(e.received, sandbox.Message{Address: e.people["c-000"].addresses["sms"], RealAt: begun})
		}, "without consent", 1},
		"an event that is not there":         {func(e *evidence) { e.told = append(e.told, Told{ID: "gone", Type: "complaint.opened"}) }, "events lost", 1},
		"an event that was never carried on": {func(e *evidence) { e.events = append(e.events, event{ID: "left", Type: "complaint.opened"}) }, "events lost", 1},
		"an event that entered nobody": {func(e *evidence) {
			e.told = append(e.told, Told{ID: "in", Type: "order.placed"})
			e.events = append(e.events, event{ID: "in", Type: "order.placed", DispatchedAt: &begun})
		}, "events lost", 1},
		"a payment that ended no wait": {func(e *evidence) {
			late := at(*e, 2*time.Minute)
			e.enrollments[2].EndedAt, e.enrollments[2].Outcome = &late, "exited: not paid"
			reminder := *row(e, "3.bill.1.1")
			reminder.ID, reminder.Step = "3.reminder.1.1", "reminder"
			e.touches = append(e.touches, reminder)
			m := *message(e, "3.bill.1.1")
			m.Touch = reminder.ID
			e.received = append(e.received, m)
		}, "events lost", 1},
		"an answer that changed nothing": {func(e *evidence) {
			missed := *row(e, "2.thanks.1.1")
			missed.ID, missed.Step, missed.CreatedAt = "2.missed_you.1.1", "missed_you", at(*e, time.Minute)
			message(e, "2.thanks.1.1").Touch = missed.ID
			*row(e, "2.thanks.1.1") = missed
		}, "events lost", 1},
		"an answer by Slack that is not there": {func(e *evidence) { e.told = append(e.told, Told{Type: "message.received", Customer: "c-000"}) }, "events lost", 1},
		"an enrollment that does not end": {func(e *evidence) {
			e.enrollments[0].EndedAt = nil
		}, "enrollments stuck", 1},
		"a run that goes on after the end":      {func(e *evidence) { e.open[1] = true }, "enrollments stuck", 1},
		"an enrollment that never had a run":    {func(e *evidence) { delete(e.open, 1) }, "enrollments stuck", 1},
		"an enrollment that failed":             {func(e *evidence) { e.enrollments[0].Outcome = "failed: by itself" }, "enrollments stuck", 1},
		"workflow tasks that failed":            {func(e *evidence) { e.failedTasks = []string{"in j/c, at event 7: unknown: no"} }, "enrollments stuck", 1},
		"a claim that nobody came back to":      {func(e *evidence) { row(e, "1.packed.1.1").State = "claimed" }, "enrollments stuck", 1},
		"a forged receipt that was taken":       {func(e *evidence) { e.forged = sandbox.Forged{Posted: 5, Taken: 2} }, "forged receipts taken", 2},
		"a name in a history":                   {func(e *evidence) { e.inHistories = 1 }, "personal data", 1},
		"a number in a log":                     {func(e *evidence) { e.inLogs = []string{"worker 1.log, line 7"} }, "personal data", 1},
		"an address in the ledger's reason":     {func(e *evidence) { row(e, "1.packed.1.1").Reason = "no such user zephyrine000" }, "personal data", 1},
		"an address in an enrollment's outcome": {func(e *evidence) { e.enrollments[0].Outcome = "exited: +12015550100" }, "personal data", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := sound()
			c.sabotage(&e)
			r := reckon(e)
			for _, found := range r.counts() {
				want := 0
				if found.what == c.want {
					want = c.count
				}
				if found.count.Count != want {
					t.Errorf("%s: %d, want %d: %q", found.what, found.count.Count, want, found.count.What)
				}
			}
			if r.OK() {
				t.Error("the report says that all is well")
			}
		})
	}
}

func TestUnconfirmedTouchesAreExplainedByWhatCausedThem(t *testing.T) {
	t.Parallel()
	e := sound()
	for i, t := range e.touches {
		if t.Step == "packed" && t.Enrollment == 1 {
			e.touches[i].State = "unconfirmed"
		}
	}
	e.struck = []Struck{{Blow: Blow{Victim: database, How: Immediate}, From: begun.Add(11 * time.Second), Until: begun.Add(13 * time.Second)}}
	r := reckon(e)
	if len(r.Unconfirmed) != 1 || r.Unconfirmed[0].Why != "PostgreSQL: immediate stop 1.0 s after the claim" || !r.Unconfirmed[0].Taken || !r.OK() {
		t.Errorf("by a blow: %+v", r.Unconfirmed)
	}
	e.struck, e.refused = nil, []sandbox.Refusal{{Channel: "sms", Touch: "1.packed.1.1", Fault: sandbox.Hang}}
	if r = reckon(e); len(r.Unconfirmed) != 1 || r.Unconfirmed[0].Why != "provider: hang" {
		t.Errorf("by the provider: %+v", r.Unconfirmed)
	}
	e.refused, e.hungUp = nil, map[string]bool{"1.packed.1.1": true}
	if r = reckon(e); len(r.Unconfirmed) != 1 || r.Unconfirmed[0].Why != "the sender hung up: no answer within 2s" {
		t.Errorf("by a sender without patience: %+v", r.Unconfirmed)
	}
}

func TestATouchThatAGoalMadeNeedlessIsNotLost(t *testing.T) {
	t.Parallel()
	e := sound()
	for i, x := range e.touches {
		if x.Step == "bill" { // it was throttled, and before the next try they paid
			e.touches[i].State = "claimed"
		}
	}
	e.received = slices.DeleteFunc(e.received, func(m sandbox.Message) bool { return m.Touch == "3.bill.1.1" })
	if r := reckon(e); !r.OK() {
		t.Errorf("lost: %q; stuck: %q", r.Lost.What, r.Stuck.What)
	}
}

func TestAnEventThatComesAfterTheWaitIsLateAndNotLost(t *testing.T) {
	t.Parallel()
	e := sound()
	over := e.clock.At(begun.Add(time.Minute))
	for i, x := range e.events {
		if x.ID == "answer" {
			e.events[i].DispatchedAt = &over
		}
	}
	for i, x := range e.touches {
		if x.Step == "thanks" {
			e.touches[i].ID, e.touches[i].Step = "2.missed_you.1.1", "missed_you"
		}
	}
	for i, m := range e.received {
		if m.Touch == "2.thanks.1.1" {
			e.received[i].Touch = "2.missed_you.1.1"
		}
	}
	if r := reckon(e); !r.OK() || r.Late != 1 || r.Latest != 58*time.Second || r.Effects != 1 {
		t.Errorf("%d late, the latest by %v; %d effects; lost: %q", r.Late, r.Latest, r.Effects, r.EventsLost.What)
	}
}

func TestPersonalDataIsKnownInEveryForm(t *testing.T) {
	t.Parallel()
	for _, p := range people(400) {
		encoded, err := json.Marshal(p.name)
		if err != nil {
			t.Fatal(err)
		}
		all := []string{p.name, string(encoded)}
		for _, address := range p.addresses {
			all = append(all, address)
		}
		for _, text := range all {
			if !isPersonal("to " + text + ".") {
				t.Errorf("%q is not taken for personal", text)
			}
		}
	}
	for _, text := range []string{"c-001", "17.confirmed.1.1", "2026-11-02T12:01:55.500Z", "SM0123456789abcdef0123456789abcdef", "127.0.0.1:20155"} {
		if isPersonal(text) {
			t.Errorf("%q is taken for personal", text)
		}
	}
}
