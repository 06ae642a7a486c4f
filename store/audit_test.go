package store_test

import (
	"testing"
	"time"

	"perennial/store"
)

func TestTheAuditLogIsReadByWhoWhatWhomAndWhen(t *testing.T) {
	t.Parallel()
	s := open(t)
	maria := store.Doer{Door: store.DoorCLI, Name: "maria@ops-1"}
	for n, d := range []store.Deed{
		{By: maria, What: store.Published, Of: store.OfJourney, Subject: "onboarding", Outcome: "version 3"},
		{By: store.ByToken("shop"), What: store.Paused, Of: store.OfEnrollment, Subject: "17", Customer: "c-1", Outcome: "done"},
		{By: store.Doer{Door: store.DoorWorker}, What: store.Erased, Of: store.OfCustomer, Subject: "c-1", Customer: "c-1", Outcome: "done"},
	} {
		d.At = noon().AddDate(0, 0, n)
		if err := s.Note(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name   string
		filter store.DeedFilter
		before int64
		want   []string
	}{
		{"all, the newest first", store.DeedFilter{}, 0, []string{store.Erased, store.Paused, store.Published}},
		{"the next page", store.DeedFilter{}, 3, []string{store.Paused, store.Published}},
		{"by name", store.DeedFilter{Who: "maria@ops-1"}, 0, []string{store.Published}},
		{"by door", store.DeedFilter{Who: "worker"}, 0, []string{store.Erased}},
		{"by deed", store.DeedFilter{What: store.Paused}, 0, []string{store.Paused}},
		{"by customer", store.DeedFilter{Customer: "c-1"}, 0, []string{store.Erased, store.Paused}},
		{"by what it was done to", store.DeedFilter{Subject: "17"}, 0, []string{store.Paused}},
		{"from an instant", store.DeedFilter{Since: noon().Add(time.Hour)}, 0, []string{store.Erased, store.Paused}},
		{"until an instant", store.DeedFilter{Until: noon().Add(time.Hour)}, 0, []string{store.Published}},
		{"nothing of that", store.DeedFilter{Who: "nobody"}, 0, nil},
	} {
		deeds, err := s.Deeds(t.Context(), c.filter, c.before, 10)
		var got []string
		for _, d := range deeds {
			got = append(got, d.What)
		}
		if err != nil || len(got) != len(c.want) {
			t.Errorf("%s: got %v, %v, want %v", c.name, got, err, c.want)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%s: got %v, want %v", c.name, got, c.want)
			}
		}
	}
}
