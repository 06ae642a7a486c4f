package store_test

import (
	"fmt"
	"slices"
	"testing"

	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/store"
)

// told are the events that wait to be routed: "customer type data".
func told(t *testing.T, s *store.Store) []string {
	t.Helper()
	events, err := s.Undispatched(t.Context(), noon().AddDate(1, 0, 0), 100)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range events {
		all = append(all, fmt.Sprintf("%s %s %s", e.Customer, e.Type, e.Data))
		if err := store.CheckEvent(e); err != nil {
			t.Errorf("the door would refuse it: %v", err)
		}
	}
	slices.Sort(all)
	return all
}

func TestAnImportTellsRunningEnrollmentsWhatChanged(t *testing.T) {
	t.Parallel()
	base := store.CustomerRow{Line: 1, ID: "c-1", Zone: "Europe/Paris", Addresses: map[customer.Channel]string{customer.SMS: "+12015550100"}}
	changed := func(change func(*store.CustomerRow)) store.CustomerRow {
		row := base
		change(&row)
		return row
	}
	const profile = "c-1 " + journey.ProfileChanged + " {}"
	for name, c := range map[string]struct {
		row  store.CustomerRow
		want []string
	}{
		"nothing":  {base, nil},
		"name":     {changed(func(r *store.CustomerRow) { r.Name = "Wren Barlow" }), nil},
		"owner":    {changed(func(r *store.CustomerRow) { r.Owner = "rep-02" }), nil},
		"zone":     {changed(func(r *store.CustomerRow) { r.Zone = "Asia/Tokyo" }), []string{profile}},
		"windows":  {changed(func(r *store.CustomerRow) { r.Windows = "sat 10:00-12:00" }), []string{profile}},
		"channels": {changed(func(r *store.CustomerRow) { r.Channels = []customer.Channel{customer.Email} }), []string{profile}},
		"language": {changed(func(r *store.CustomerRow) { r.Language = "fr" }), []string{profile}},
		"birthday": {changed(func(r *store.CustomerRow) { r.Attributes = map[string]any{"birthday": "1981-10-02"} }), []string{profile}},
		"address": {changed(func(r *store.CustomerRow) {
			r.Addresses = map[customer.Channel]string{customer.SMS: "+12015550101"}
		}), []string{profile}},
		"zone and address are one change": {changed(func(r *store.CustomerRow) {
			r.Zone, r.Addresses = "Asia/Tokyo", map[customer.Channel]string{customer.SMS: "+12015550101"}
		}), []string{profile}},
		"consents": {changed(func(r *store.CustomerRow) { r.Consents = []string{"care", "service"} }), []string{
			`c-1 consent.changed {"topic": "care", "granted": true}`, `c-1 consent.changed {"topic": "service", "granted": true}`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			idle := c.row
			idle.ID, idle.Line = "c-2", 2
			importCustomers(t, s, base, store.CustomerRow{Line: 2, ID: "c-2", Zone: "Europe/Paris"})
			enroll(t, s, "c-1")
			importCustomers(t, s, c.row, idle) // nobody needs to hear of c-2, who is in no journey
			importCustomers(t, s, c.row, idle) // and nobody hears twice
			if got := told(t, s); !slices.Equal(got, c.want) {
				t.Errorf("told %q, want %q", got, c.want)
			}
		})
	}
}
