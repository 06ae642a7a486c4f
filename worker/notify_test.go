package main

import (
	"testing"
	"time"

	"perennial/channel/sandbox"
	"perennial/domain/clock"
	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/store"
)

// telling is a journey that tells the owner of a purchase, and waits.
func telling() journey.Plan {
	return journey.Plan{
		Journey: "telling", Title: "Tells the owner",
		Enter: journey.Enter{On: "purchase", Again: journey.Again{Rule: journey.Never}},
		Steps: []journey.Step{
			{ID: "tell_owner", Verb: journey.Notify, Next: 1, Notify: journey.NotifyOwner, Template: "bought", Valid: journey.Span{Days: 7}},
			{ID: "visit", Verb: journey.Wait, Next: journey.End, On: "visit.completed", Within: journey.Span{Days: 4000}},
		},
	}
}

// robin looks after ada, and sam stands in: rep-01 and rep-02.
const (
	robinSlack, robinMail = "U0ROBIN", "robin@example.com"
	samSlack, samMail     = "U0SAM", "sam@example.com"
)

// staff imports the colleagues.
func (b *business) staff() {
	b.Helper()
	i, err := b.store.StartImport(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	london := func(id, slack, mail, deputy string) store.ColleagueRow {
		return store.ColleagueRow{
			ID: id, Zone: "Europe/London", Deputy: deputy, Addresses: map[customer.Channel]string{customer.Slack: slack, customer.Email: mail},
		}
	}
	rows := []store.ColleagueRow{london("rep-01", robinSlack, robinMail, "rep-02"), london("rep-02", samSlack, samMail, "")}
	if _, err := i.Colleagues(b.Context(), rows, monday); err != nil {
		b.Fatal(err)
	}
	if err := i.Close(b.Context()); err != nil {
		b.Fatal(err)
	}
}

func (b *business) away(id string, from, to time.Time) {
	b.Helper()
	if _, err := b.store.AddAbsence(b.Context(), id, from, to, b.clock.At(time.Now()).UTC()); err != nil {
		b.Fatal(err)
	}
}

// told waits until the step is done, and returns the touches that it took.
func (b *business) told() []store.Touch {
	b.Helper()
	b.eventually("the step is done", func() bool { return b.enrollment(ada.id).Step == "visit" })
	touches, err := b.store.Touches(b.Context(), b.enrollment(ada.id).ID)
	if err != nil {
		b.Fatal(err)
	}
	return touches
}

func TestTheOwnerIsToldBySlackInWorkingHours(t *testing.T) {
	t.Parallel()
	halfPastSeven := time.Date(2026, 5, 4, 6, 30, 0, 0, time.UTC) // in London; an hour lasts a second
	b := openAt(t, clock.Starting(halfPastSeven, time.Now(), 3600))
	b.work()
	b.publish(telling())
	b.staff()
	b.know(ada)
	b.happen("e-1", "purchase", ada.id, purchase)
	if touches := b.told(); len(touches) != 1 || touches[0].State != store.TouchSent || touches[0].Colleague != "rep-01" {
		t.Errorf("the ledger has %+v", touches)
	}
	got := b.got(robinSlack)
	if nine := time.Date(2026, 5, 4, 8, 0, 0, 0, time.UTC); len(got) != 1 || got[0].Text != "Ada Fairley: bought" || got[0].At.Before(nine) {
		t.Errorf("the owner got %+v", got)
	}
	if n := len(b.got(ada.phone)) + len(b.got(ada.email)); n != 0 {
		t.Errorf("the customer got %d messages", n)
	}
	if who, err := b.store.Profile(t.Context(), ada.id); err != nil || len(who.Touched) != 0 {
		t.Errorf("the customer was touched: %+v, %v", who.Touched, err)
	}
}

func TestTheDeputyIsToldWhenTheOwnerIsAbsent(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.publish(telling())
	b.staff()
	b.know(ada)
	b.away("rep-01", monday, monday.AddDate(10, 0, 0))
	b.happen("e-1", "purchase", ada.id, purchase)
	if touches := b.told(); len(touches) != 1 || touches[0].State != store.TouchSent || touches[0].Colleague != "rep-02" {
		t.Errorf("the ledger has %+v", touches)
	}
	if len(b.got(samSlack)) != 1 || len(b.got(robinSlack)) != 0 {
		t.Errorf("the deputy got %d, the owner %d", len(b.got(samSlack)), len(b.got(robinSlack)))
	}
}

func TestTheOwnerIsToldByEmailWhenSlackRefuses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.publish(telling())
	b.staff()
	b.know(ada)
	b.sandbox.SetFault(robinSlack, sandbox.BadAddress, 0)
	b.happen("e-1", "purchase", ada.id, purchase)
	touches := b.told()
	if len(touches) != 2 || touches[0].State != store.TouchFailed || touches[1].State != store.TouchSent || touches[1].Channel != customer.Email {
		t.Errorf("the ledger has %+v", touches)
	}
	if len(b.got(robinMail)) != 1 || len(b.got(robinSlack)) != 0 {
		t.Errorf("by e-mail %d, by Slack %d", len(b.got(robinMail)), len(b.got(robinSlack)))
	}
	if who, err := b.store.Profile(t.Context(), ada.id); err != nil || who.Addresses[customer.Email].Bad != "" {
		t.Errorf("the customer's address is %+v, %v", who.Addresses, err)
	}
}

func TestWhatWaitsForAnAbsentColleagueGoesOnWhenTheAbsenceIsTakenBack(t *testing.T) {
	t.Parallel()
	b := openAt(t, clock.Starting(monday, time.Now(), 60)) // working hours last nine minutes
	b.work()
	plan := telling()
	plan.Steps[0].Valid = journey.Span{Days: 60}
	b.publish(plan)
	b.staff()
	b.know(ada)
	from, to := monday, monday.AddDate(0, 0, 30)
	b.away("rep-01", from, to)
	b.away("rep-02", from, to)
	b.happen("e-1", "purchase", ada.id, purchase)
	b.eventually("it is held until somebody is back", func() bool { return b.enrollment(ada.id).NextAt.After(to) })
	if _, err := b.store.RemoveAbsence(t.Context(), "rep-02", from, to, b.clock.At(time.Now()).UTC()); err != nil {
		t.Fatal(err)
	}
	if touches := b.told(); len(touches) != 1 || touches[0].Colleague != "rep-02" {
		t.Errorf("the ledger has %+v", touches)
	}
}

func TestTheJourneyGoesOnWhereNobodyCanBeTold(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.publish(telling())
	b.know(ada) // of rep-01, who is not known
	b.happen("e-1", "purchase", ada.id, purchase)
	if touches := b.told(); len(touches) != 1 || touches[0].State != store.TouchSkipped || touches[0].Reason != "unknown_colleague" {
		t.Errorf("the ledger has %+v", touches)
	}
}
