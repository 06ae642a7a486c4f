package journey_test

import (
	"testing"

	"perennial/domain/customer"
	"perennial/domain/journey"
)

func TestAPlanSaysHowCustomersComeIn(t *testing.T) {
	t.Parallel()
	expressions := []journey.Expression{{Source: "agreement.renews_on - days(60)"}, {Source: "customer.star == 5"}}
	for want, enter := range map[string]journey.Enter{
		"retired":     (&journey.Plan{Enter: journey.Enter{On: "purchase", When: 2}}).Retire().Enter,
		"on purchase": {On: "purchase", When: 2},
		"every 1d":    {Every: journey.Span{Days: 1}, When: 2},
		"at agreement.renews_on - days(60), for each agreement": {Every: journey.Span{Days: 1}, At: 1, Each: customer.ThingKind("agreement")},
		"by hand or from another journey":                       {},
	} {
		p := journey.Plan{Enter: enter, Expressions: expressions}
		if got := p.Ways(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if got := p.Condition(); (got == "customer.star == 5") != (enter.When == 2) {
			t.Errorf("the condition of %s is %q", want, got)
		}
	}
}
