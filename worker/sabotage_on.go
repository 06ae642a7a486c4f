//go:build sabotage

package main

import (
	"os"

	"perennial/activities"
	"perennial/domain/contact"
)

// sabotage breaks the rule that PERENNIAL_SABOTAGE names, in a build that is made for it: the tests show with it that this rule is what keeps
// customers from being bothered, and that the demo notices.
func sabotage(j *activities.Journeys, d *activities.Deliveries) {
	switch rule := os.Getenv("PERENNIAL_SABOTAGE"); rule {
	case contact.RuleWindow, contact.RuleConsent:
		j.Policy, d.Policy = j.Policy.Without(rule), d.Policy.Without(rule)
	case "claim":
		d.Unclaimed = true
	}
}
