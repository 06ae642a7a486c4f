//go:build sabotage

package main

import (
	"context"
	"hash/fnv"
	"os"
	"strings"

	"perennial/activities"
	"perennial/channel"
	"perennial/domain/contact"
)

// sabotage breaks the rules that PERENNIAL_SABOTAGE names, with commas between, in a build that is made for it: the tests show with it that these
// rules are what keeps customers from being bothered, and that the demo and the chaos run notice.
func sabotage(p *activities.Policies, d *activities.Deliveries) {
	for rule := range strings.SplitSeq(os.Getenv("PERENNIAL_SABOTAGE"), ",") {
		switch rule {
		case contact.RuleWindow, contact.RuleConsent:
			before := p.Change
			p.Change = func(policy contact.Policy) contact.Policy {
				if before != nil {
					policy = before(policy)
				}
				return policy.Without(rule)
			}
		case "claim":
			d.Unclaimed = true
		case "forget", "never", "forgetful", "double":
			for on, sender := range d.Senders {
				d.Senders[on] = saboteur{sender, rule}
			}
		}
	}
}

// saboteur does not do what it shall with one in ten messages.
type saboteur struct {
	activities.Sender

	rule string
}

func (s saboteur) Send(ctx context.Context, m channel.Message) (channel.Receipt, error) {
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(m.Touch))
	switch chosen := hash.Sum32() % 10; {
	case s.rule == "forget" && chosen == 0: // says that it was sent, and does not send it
		return channel.Receipt{ProviderID: "none"}, nil
	case s.rule == "never" && chosen == 1: // never gets it sent
		return channel.Receipt{}, &channel.Error{Kind: channel.Temporary, Provider: "nobody", Code: "never"}
	case s.rule == "forgetful" && chosen == 2: // does not know what it did
		return channel.Receipt{}, &channel.Error{Kind: channel.Unknown, Provider: "nobody", Code: "forgot"}
	case s.rule == "double" && chosen == 3:
		if receipt, err := s.Sender.Send(ctx, m); err != nil {
			return receipt, err
		}
	}
	return s.Sender.Send(ctx, m)
}
