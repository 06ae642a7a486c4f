package store_test

import (
	"fmt"
	"testing"
	"time"

	"perennial/domain/customer"
	"perennial/store"
)

// reachable has c-1 on sms and email, c-2 on the same phone alone, and c-3 nowhere.
func reachable(t *testing.T) *store.Store {
	t.Helper()
	s := open(t)
	importCustomers(t, s,
		store.CustomerRow{Line: 1, ID: "c-1", Zone: "Europe/Paris", Owner: "rep-01", Channels: []customer.Channel{customer.SMS, customer.Email}, Addresses: map[customer.Channel]string{
			customer.SMS: "+12015550001", customer.Email: "c1@example.org", customer.Slack: "U012AB3CD",
		}},
		store.CustomerRow{Line: 2, ID: "c-2", Zone: "Europe/Paris", Owner: "rep-02", Channels: []customer.Channel{customer.SMS}, Addresses: map[customer.Channel]string{customer.SMS: "+12015550001"}},
		store.CustomerRow{Line: 3, ID: "c-3", Zone: "Europe/Paris", Channels: []customer.Channel{customer.SMS}},
	)
	return s
}

func mark(t *testing.T, s *store.Store, who string, channel customer.Channel, value, reason string) bool {
	t.Helper()
	changed, err := s.MarkAddressBad(t.Context(), who, channel, value, reason, noon())
	if err != nil {
		t.Fatal(err)
	}
	return changed
}

// events are the types of what is to be routed, as "type customer".
func toRoute(t *testing.T, s *store.Store) string {
	t.Helper()
	events, err := s.Undispatched(t.Context(), noon().AddDate(1, 0, 0), 100)
	if err != nil {
		t.Fatal(err)
	}
	var types []string
	for _, e := range events {
		types = append(types, e.Type+" "+e.Customer)
	}
	return fmt.Sprint(types)
}

func unreachable(t *testing.T, s *store.Store) string {
	t.Helper()
	all, err := s.UnreachableCustomers(t.Context(), "", 10)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(all)
}

func TestWhoeverLosesTheLastAddressIsToldOfOnceAndListed(t *testing.T) {
	t.Parallel()
	s := reachable(t)
	if !mark(t, s, "c-1", customer.SMS, "+12015550001", "bad_address") || mark(t, s, "c-1", customer.SMS, "+12015550001", "opted_out") || mark(t, s, "c-1", customer.Email, "other@example.org", "bad_address") {
		t.Error("the phone was not marked once, or another address was")
	}
	if got := toRoute(t, s); got != "[]" {
		t.Errorf("mail still reaches them, and there is %s", got)
	}
	for range 2 {
		mark(t, s, "c-1", customer.Email, "c1@example.org", "bad_address")
	}
	if got := toRoute(t, s); got != "[customer.unreachable c-1]" {
		t.Errorf("to be routed: %s", got)
	}
	// Slack is good, and no channel that they want.
	noon := "2026-05-04 12:00:00 +0000 UTC"
	want := "[{c-1 rep-01 [{email bad_address " + noon + "} {sms bad_address " + noon + "} {slack  0001-01-01 00:00:00 +0000 UTC}]} {c-3  []}]"
	if got := unreachable(t, s); got != want {
		t.Errorf("unreachable:\n%s, want\n%s", got, want)
	}
	if got, err := s.UnreachableCustomers(t.Context(), "rep-02", 10); err != nil || len(got) != 0 {
		t.Errorf("rep-02's: %+v, %v", got, err)
	}
}

func TestAnAddressIsGoodAgainOnceSomebodyWritesFromIt(t *testing.T) {
	t.Parallel()
	s := reachable(t)
	enroll(t, s, "c-1")
	mark(t, s, "c-1", customer.SMS, "+12015550001", "bad_address")
	mark(t, s, "c-2", customer.SMS, "+12015550001", "opted_out")
	confirm := func(value string, wantsMore bool) bool {
		t.Helper()
		changed, err := s.ConfirmAddress(t.Context(), customer.SMS, value, wantsMore, noon().Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		return changed
	}
	bad := func(who string) string {
		t.Helper()
		p, err := s.Profile(t.Context(), who)
		if err != nil {
			t.Fatal(err)
		}
		return p.Addresses[customer.SMS].Bad
	}
	if confirm("+12015550009", true) || !confirm("+12015550001", false) || confirm("+12015550001", false) {
		t.Error("another address was confirmed, or this one not once")
	}
	if a, b := bad("c-1"), bad("c-2"); a != "" || b != "opted_out" {
		t.Errorf("the phone is %q for one and %q for the other", a, b)
	}
	if got := toRoute(t, s); got != "[customer.unreachable c-2 profile.changed c-1]" {
		t.Errorf("to be routed: %s", got)
	}
	if confirm("+12015550001", true); bad("c-2") != "" {
		t.Error("who wants more is still taken to have opted out at the provider")
	}
	mark(t, s, "c-2", customer.SMS, "+12015550001", "bad_address")
	importCustomers(t, s, store.CustomerRow{Line: 1, ID: "c-2", Addresses: map[customer.Channel]string{customer.SMS: "+12015550002"}})
	if bad("c-2") != "" {
		t.Error("a new address is taken for a bad one")
	}
}
