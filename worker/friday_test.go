package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"perennial/channel/sandbox"
	"perennial/domain/clock"
	"perennial/domain/journey"
	"perennial/store"
	"perennial/workflows"
)

// handover is a journey that welcomes, waits until a day of the customer's, and then makes an offer.
func handover() journey.Plan {
	return journey.Plan{
		Journey: "handover", Title: "Handover", Enter: journey.Enter{On: "purchase", Again: journey.Again{Rule: journey.Never}},
		Goal:  &journey.Trigger{On: "visit.completed", Within: journey.Span{Days: 90}},
		Exits: []journey.Trigger{{On: "complaint.opened", Reason: "complaint.opened"}},
		Steps: []journey.Step{
			{ID: "welcome", Verb: journey.Send, Next: 1, Template: "welcome", Topic: "service", Valid: journey.Span{Days: 7}},
			{ID: "until_friday", Verb: journey.Wait, Next: 2, Until: 1},
			{ID: "offer", Verb: journey.Send, Next: 3, Template: "offer", Topic: "marketing", Valid: journey.Span{Days: 7}},
			{ID: "stay", Verb: journey.Wait, Next: journey.End, On: "never.happens", Within: journey.Span{Days: 400}},
		},
		Expressions: []journey.Expression{{Source: "customer.handover", Type: "timestamp"}},
	}
}

// handsOver writes down the day of a customer, as an import does.
func (b *business) handsOver(who, day string) {
	b.Helper()
	i, err := b.store.StartImport(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	row := store.CustomerRow{Line: 1, ID: who, Attributes: map[string]any{"handover": day}}
	if _, err := i.Customers(b.Context(), []store.CustomerRow{row}, b.clock.At(time.Now()).UTC()); err != nil {
		b.Fatal(err)
	}
	if err := i.Close(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.route()
}

// Friday is thirty hours away: whatever happens, happens because the wait heard of it on Tuesday.
func TestAWaitUntilFridayReactsOnTuesday(t *testing.T) {
	t.Parallel()
	tuesday := time.Date(2026, 5, 5, 11, 0, 0, 0, time.UTC) // noon in London
	b := openAt(t, clock.Starting(tuesday, time.Now(), 2))
	b.work()
	b.publish(handover())
	midnight := func(day int, zone string) time.Time {
		t.Helper()
		place, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		return time.Date(2026, 5, day, 0, 0, 0, 0, place)
	}
	friday := midnight(8, "Europe/London")
	waits := func(n int) person {
		t.Helper()
		who := person{fmt.Sprintf("c-%d", n), "Ada Fairley", fmt.Sprintf("+1201555010%d", n), fmt.Sprintf("c%d@example.org", n), "sms>email", "", "service marketing"}
		b.know(who)
		b.handsOver(who.id, "2026-05-08")
		b.happen("e-"+who.id, "purchase", who.id, fmt.Sprintf(`{"order_id":"o-%d","quantity":1,"amount":10,"currency":"USD"}`, n))
		b.next(who.id, friday)
		return who
	}

	goal := waits(1)
	b.happen("goal", "visit.completed", goal.id, "")
	b.ends(goal.id, journey.OutcomeGoal)

	complaint := waits(2)
	b.happen("complaint", "complaint.opened", complaint.id, "")
	b.ends(complaint.id, "exited: complaint.opened")

	optOut := waits(3)
	b.answer(optOut.phone, sandbox.SMS, "STOP")
	if details := b.details(b.enrollment(optOut.id)); !strings.Contains(details, "the customer changed what they agree to") {
		t.Errorf("the Temporal UI does not show that somebody said STOP:\n%s", details)
	}
	if e := b.enrollment(optOut.id); e.Step != "until_friday" || !e.NextAt.Equal(friday) {
		t.Errorf("after STOP the wait goes on, and is at %+v", e)
	}
	b.handsOver(optOut.id, "2026-05-05") // so that what follows the wait comes today
	b.eventually("what follows is reached", func() bool { return b.enrollment(optOut.id).Step == "stay" })
	if got := b.got(optOut.phone); len(got) != 1 || len(b.got(optOut.email)) != 0 {
		t.Errorf("after STOP they got %+v", got)
	}

	zone := waits(4)
	b.importCSV("customer,time_zone\n" + zone.id + ",Asia/Tokyo\n")
	b.route()
	b.next(zone.id, midnight(8, "Asia/Tokyo"))

	earlier := waits(5)
	b.handsOver(earlier.id, "2026-05-07")
	b.next(earlier.id, midnight(7, "Europe/London"))
	b.handsOver(earlier.id, "2026-05-05")
	waitIsOver := func(who person) bool { step := b.enrollment(who.id).Step; return step == "offer" || step == "stay" }
	b.eventually("a date that has come by now ends the wait", func() bool { return waitIsOver(earlier) })

	paused := waits(6)
	if status := b.update(workflows.UpdatePause, paused.id); !status.Paused || status.Step != "until_friday" {
		t.Errorf("paused: %+v", status)
	}
	b.handsOver(paused.id, "2026-05-05")
	b.happen("after-pause", "consent.changed", paused.id, `{"topic":"care","granted":true}`)
	e := b.enrollment(paused.id)
	if details := b.details(e); !strings.Contains(details, "PAUSED by hand") || e.Step != "until_friday" || len(b.got(paused.phone)) != 1 {
		t.Errorf("while paused it goes on: %+v\n%s", e, details)
	}
	if status := b.update(workflows.UpdateResume, paused.id); status.Paused {
		t.Errorf("resumed: %+v", status)
	}
	b.eventually("resumed, it is planned anew", func() bool { return waitIsOver(paused) })
	if at := b.clock.At(time.Now()); !at.Before(friday) {
		t.Fatalf("the test took until %v", at)
	}
}
