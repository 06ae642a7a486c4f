package contact_test

import (
	"testing"
	"time"

	"perennial/domain/contact"
	"perennial/domain/customer"
)

// agreeable is a customer in New York who agreed to everything, has every address and no hours of their own.
func agreeable(t testing.TB) customer.Profile {
	t.Helper()
	return customer.Profile{
		ID: "c-1", Zone: zone(t, "America/New_York"), Country: "US", Star: 3,
		Channels:  []customer.Channel{customer.SMS, customer.Email},
		Addresses: map[customer.Channel]customer.Address{customer.SMS: {Value: "+12015550100"}, customer.Email: {Value: "c1@example.org"}},
		Consents:  map[string]bool{"service": true, "care": true, "marketing": true},
	}
}

// prefers is the agreeable customer with hours of their own.
func prefers(t testing.TB, hours string) customer.Profile {
	t.Helper()
	who := agreeable(t)
	windows, err := customer.ParseWindows(hours)
	if err != nil {
		t.Fatal(err)
	}
	who.Windows = windows
	return who
}

// night is a customer who wants to be reached on Friday and Saturday night only.
func night(t testing.TB) customer.Profile {
	t.Helper()
	return prefers(t, "fri-sat 22:00-01:00")
}

func question(topic, at string) contact.Question {
	asked, err := time.Parse(time.RFC3339, at)
	if err != nil {
		panic(err)
	}
	return contact.Question{Topic: topic, At: asked, Templates: customer.Channels, Enrollment: 1}
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}
