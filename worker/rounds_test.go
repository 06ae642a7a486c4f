package main

import (
	"slices"
	"testing"
	"time"

	"perennial/domain/journey"
	"perennial/store"
)

// visits is a journey that goes round: a date is waited for, a count begins, and each round reminds and counts one more until there were three.
func visits() journey.Plan {
	return journey.Plan{
		Journey: "visits", Title: "Three visits",
		Enter: journey.Enter{On: "purchase", Again: journey.Again{Rule: journey.Never}},
		Steps: []journey.Step{
			{ID: "tomorrow", Verb: journey.Wait, Next: 1, Until: 1},
			{ID: "begin", Verb: journey.Set, Next: 2, Set: []journey.Assignment{{Attribute: "points", Value: 2}}},
			{ID: "rounds", Verb: journey.Repeat, Next: journey.End, EveryBy: 3, Until: 4, Body: 3},
			{ID: "remind", Verb: journey.Send, Next: 4, Template: "remind", Topic: "service", Valid: journey.Span{Days: 7}, Fallback: journey.Span{Exact: 6 * time.Hour}},
			{ID: "count", Verb: journey.Set, Next: 2, Set: []journey.Assignment{{Attribute: "points", Value: 5}}},
		},
		Expressions: []journey.Expression{
			{Source: "now + days(1)", Type: "date"},
			{Source: "0", Type: "int"},
			{Source: "now + (customer.star >= 4 ? days(1) : days(2))", Type: "date"},
			{Source: "has(customer.points) && customer.points >= 3", Type: "bool"},
			{Source: "has(customer.points) ? customer.points + 1 : 1", Type: "int"},
		},
	}
}

func TestACustomerIsRemindedRoundAfterRound(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.publish(visits())
	b.know(ada)
	b.happen("e-1", "purchase", ada.id, purchase)
	e := b.ends(ada.id, journey.OutcomeCompleted)
	touches, err := b.store.Touches(t.Context(), e.ID)
	if err != nil {
		t.Fatal(err)
	}
	var rounds []int
	for _, touch := range touches {
		if touch.Step != "remind" || touch.State == store.TouchClaimed {
			t.Errorf("touch %s is %s", touch.ID, touch.State)
		}
		if !slices.Contains(rounds, touch.Occurrence) {
			rounds = append(rounds, touch.Occurrence)
		}
	}
	if !slices.Equal(rounds, []int{1, 2, 3}) {
		t.Errorf("the rounds were %v\n%s", rounds, b.story())
	}
	who, err := b.store.Profile(t.Context(), ada.id)
	if err != nil || who.Attributes["points"] != 3.0 {
		t.Errorf("points are %v (%T), %v", who.Attributes["points"], who.Attributes["points"], err)
	}
}
