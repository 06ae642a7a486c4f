package main

import (
	"testing"

	"go.temporal.io/api/enums/v1"

	"perennial/channel/sandbox"
	"perennial/domain/journey"
)

// short is a journey of every verb: welcome, three days, a question, thanks or a wait for a visit.
func short() journey.Plan {
	return journey.Plan{
		Journey: "short", Title: "A short journey",
		Enter: journey.Enter{On: "purchase", Again: journey.Again{Rule: journey.Never}},
		Goal:  &journey.Trigger{On: "purchase", When: 2, Within: journey.Span{Days: 90}},
		Exits: []journey.Trigger{{On: "complaint.opened", Reason: "complaint.opened"}},
		Steps: []journey.Step{
			{ID: "welcome", Verb: journey.Send, Next: 1, Template: "welcome", Topic: "service", Valid: journey.Span{Days: 7}},
			{ID: "settle_in", Verb: journey.Wait, Next: 2, For: journey.Span{Days: 3}},
			{ID: "how_is_it", Verb: journey.Ask, Next: 3, Template: "satisfaction", Survey: "satisfaction", Topic: "service", On: journey.SurveyAnswered, Within: journey.Span{Days: 5}, Valid: journey.Span{Days: 7}},
			{ID: "happy", Verb: journey.If, Next: journey.End, If: 1, Then: 4, Else: 5},
			{ID: "thanks", Verb: journey.Send, Next: 5, Template: "thanks", Topic: "marketing", Valid: journey.Span{Days: 7}},
			{ID: "visit", Verb: journey.Wait, Next: journey.End, On: "visit.completed", Within: journey.Span{Days: 400}},
		},
		Expressions: []journey.Expression{
			{Source: "has(answer.how_is_it) && answer.how_is_it > 2", Type: "bool"},
			{Source: "customer.purchases.count >= 2", Type: "bool"},
		},
	}
}

const purchase = `{"order_id":"o-1","quantity":1,"amount":10,"currency":"USD"}`

func TestACustomerIsFollowedUpFromEventToGoal(t *testing.T) {
	t.Parallel()
	b := setup(t, sandbox.Faults{})
	b.publish(short())
	b.know(ada)
	b.happen("e-1", "purchase", ada.id, purchase)
	b.eventually("she is asked", func() bool { return len(b.got(ada.phone)) == 2 })
	if _, err := b.sandbox.Answer(t.Context(), sandbox.Reply{Address: ada.phone, Channel: sandbox.SMS, Text: "5"}); err != nil {
		t.Fatal(err)
	}
	b.eventually("she is thanked", func() bool { return len(b.got(ada.phone)) == 3 })
	b.happen("e-2", "purchase", ada.id, `{"order_id":"o-2","quantity":1,"amount":10,"currency":"USD"}`)
	e := b.ends(ada.id, journey.OutcomeGoal)
	b.eventually("the run closes", func() bool { return b.status(e) == enums.WORKFLOW_EXECUTION_STATUS_COMPLETED })
	if got := len(b.got(ada.phone)) + len(b.got(ada.email)); got != 3 {
		t.Errorf("she got %d messages, want 3", got)
	}
}
