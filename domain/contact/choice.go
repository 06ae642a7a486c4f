package contact

import (
	"slices"

	"perennial/domain/customer"
)

// Choice is by which channel a customer would get a message, whatever they agreed to and whatever the hour.
type Choice struct {
	Channel customer.Channel            // empty where there is none
	Against map[customer.Channel]string // in words, of each channel for which the message is written and which is not chosen
}

// Choose chooses among the channels for which a message is written as a policy does.
func Choose(who customer.Profile, written []customer.Channel) Choice {
	d := decision{p: &Policy{}, who: &who, q: &Question{Templates: written}}
	d.choose()
	choice := Choice{Channel: d.channel, Against: map[customer.Channel]string{}}
	for _, c := range written {
		why := d.against(c)
		switch {
		case c == d.channel:
			continue
		case why == "" && !slices.Contains(who.Channels, c):
			why = "it is none of their channels"
		case why == "":
			why = d.channel.Title() + " goes first"
		}
		choice.Against[c] = why
	}
	return choice
}
