//go:build sabotage

package main

import (
	"os"

	"perennial/activities"
	"perennial/domain/contact"
)

// sabotage breaks the rule that PERENNIAL_SABOTAGE names, in a build that is made for it: the tests show with it that this rule is what keeps
// customers from being bothered, and that the demo notices.
func sabotage(p *activities.Policies, d *activities.Deliveries) {
	switch rule := os.Getenv("PERENNIAL_SABOTAGE"); rule {
	case contact.RuleWindow, contact.RuleConsent:
		p.Change = func(policy contact.Policy) contact.Policy { return policy.Without(rule) }
	case "claim":
		d.Unclaimed = true
	}
}
