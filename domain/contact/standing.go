package contact

import (
	"slices"

	"perennial/domain/customer"
)

// The rules that look at who the customer is, whatever the clock says.

func (d *decision) relation() Reason {
	if d.who.Closed {
		return Closed
	}
	return ""
}

func (d *decision) consent() Reason {
	if !d.who.Consents[d.q.Topic] {
		return NoConsent
	}
	return ""
}

func (d *decision) suppression() Reason {
	if rule := d.p.Complaint; rule != nil && len(d.who.Complaints) > 0 && d.concerns(rule.Topics) {
		return Complaint
	}
	if rule := d.p.Satisfied; rule != nil && d.concerns(rule.Topics) {
		if last, ok := d.lastAnswer(rule.Surveys); ok && last.Score <= rule.AtMost {
			return Unsatisfied
		}
	}
	return ""
}

// lastAnswer is what the customer answered last to any of those surveys.
func (d *decision) lastAnswer(surveys []string) (customer.Answer, bool) {
	for _, a := range slices.Backward(d.who.Surveys) {
		if slices.Contains(surveys, a.Survey) {
			return a, true
		}
	}
	return customer.Answer{}, false
}

// choose takes the first channel in the customer's own order that the step allows, that was not tried, that has a good address and for
// which the message is written.
func (d *decision) choose() Reason {
	for _, c := range d.who.Channels {
		if d.against(c) == "" {
			d.channel = c
			return ""
		}
	}
	return NoChannel
}

// against says in words what speaks against a channel; empty is nothing.
func (d *decision) against(c customer.Channel) string {
	address, known := d.who.Addresses[c]
	switch {
	case !known:
		return "no address"
	case address.Bad != "":
		return "the address is bad"
	case len(d.q.Channels) > 0 && !slices.Contains(d.q.Channels, c):
		return "the step does not allow it"
	case slices.Contains(d.q.Tried, c):
		return "it failed already"
	case !slices.Contains(d.q.Templates, c):
		return "the message is not written for it"
	}
	return ""
}
