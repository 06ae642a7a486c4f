//go:build !sabotage

package main

import "perennial/activities"

// sabotage does nothing: only a build with the tag of that name can break a rule.
func sabotage(*activities.Policies, *activities.Deliveries) {}
