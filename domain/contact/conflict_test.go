package contact_test

import (
	"testing"

	"perennial/domain/customer"
)

func TestACustomerWhoseHoursNeverMeetTheLawIsNamed(t *testing.T) {
	t.Parallel()
	policy := written(t)
	for name, c := range map[string]struct {
		hours    string
		channels []customer.Channel
		want     string
	}{
		"night by SMS": {
			"fri-sat 22:00-01:00", []customer.Channel{customer.Email, customer.SMS},
			"the hours fri-sat 22:00-01:00 never meet the legal hours daily 08:00-21:00 for marketing by SMS or WhatsApp (contact-policy.yaml:8)",
		},
		"night by e-mail":     {"fri-sat 22:00-01:00", []customer.Channel{customer.Email}, ""},
		"from nine at night":  {"daily 21:00-23:00", []customer.Channel{customer.SMS}, "the hours daily 21:00-23:00 never meet the legal hours daily 08:00-21:00 for marketing by SMS or WhatsApp (contact-policy.yaml:8)"},
		"a minute before":     {"daily 20:59-23:00", []customer.Channel{customer.SMS}, ""},
		"night into the day":  {"sun 23:00-08:01", []customer.Channel{customer.SMS}, ""},
		"no hours of its own": {"", []customer.Channel{customer.SMS}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			who := prefers(t, c.hours)
			who.Channels = c.channels
			got := ""
			if conflict, ok := policy.Conflict(who); ok {
				got = conflict.String()
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
