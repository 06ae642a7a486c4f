package contact_test

import (
	"maps"
	"testing"

	"perennial/domain/contact"
	"perennial/domain/customer"
)

func TestAChoiceSaysWhatSpeaksAgainstTheOtherChannels(t *testing.T) {
	t.Parallel()
	const sms, email, slack = customer.SMS, customer.Email, customer.Slack
	good := map[customer.Channel]customer.Address{sms: {}, email: {}, slack: {}}
	all := []customer.Channel{sms, email, slack}
	for name, c := range map[string]struct {
		who     customer.Profile
		written []customer.Channel
		want    contact.Choice
	}{
		"the first of theirs": {
			customer.Profile{Channels: []customer.Channel{email, sms}, Addresses: good}, all,
			contact.Choice{Channel: email, Against: map[customer.Channel]string{sms: "e-mail goes first", slack: "it is none of their channels"}},
		},
		"the first that is good": {
			customer.Profile{Channels: []customer.Channel{email, sms}, Addresses: map[customer.Channel]customer.Address{email: {Bad: "bounced"}, sms: {}}}, all,
			contact.Choice{Channel: sms, Against: map[customer.Channel]string{email: "the address is bad", slack: "no address"}},
		},
		"none that is written": {
			customer.Profile{Channels: []customer.Channel{email}, Addresses: good}, []customer.Channel{sms},
			contact.Choice{Against: map[customer.Channel]string{sms: "it is none of their channels"}},
		},
	} {
		got := contact.Choose(c.who, c.written)
		if got.Channel != c.want.Channel || !maps.Equal(got.Against, c.want.Against) {
			t.Errorf("%s: got %+v, want %+v", name, got, c.want)
		}
	}
}
