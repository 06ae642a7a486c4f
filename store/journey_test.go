package store_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"perennial/domain/customer"
	"perennial/store"
)

func version(name, hash, entersOn string) store.Version {
	return store.Version{
		Journey: name, Hash: hash, Source: "journey: " + name, Plan: []byte{0, 1, 2}, EntersOn: entersOn,
		Listens: []string{"purchase"}, Author: "rep-01", PublishedAt: noon(),
	}
}

func publish(t *testing.T, s *store.Store, v store.Version) (int, bool) {
	t.Helper()
	templates := []store.Template{{Name: "welcome", Channel: customer.SMS, Language: "en", Source: "Hello " + v.Hash}}
	number, fresh, err := s.Publish(t.Context(), v, templates)
	if err != nil {
		t.Fatal(err)
	}
	return number, fresh
}

func TestPublishingTheSameAgainIsTheSameVersion(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, c := range []struct {
		hash   string
		number int
		fresh  bool
	}{{"a", 1, true}, {"a", 1, false}, {"b", 2, true}, {"b", 2, false}, {"a", 3, true}} {
		if number, fresh := publish(t, s, version("onboarding", c.hash, "purchase")); number != c.number || fresh != c.fresh {
			t.Errorf("hash %s: version %d, fresh %v", c.hash, number, fresh)
		}
	}
	first, err := s.Version(t.Context(), "onboarding", 1)
	if err != nil || first.Hash != "a" || string(first.Plan) != "\x00\x01\x02" || !first.PublishedAt.Equal(noon()) {
		t.Errorf("version 1 is %+v, %v", first, err)
	}
	if newest, err := s.Version(t.Context(), "onboarding", 0); err != nil || newest.Number != 3 {
		t.Errorf("the newest is %d, %v", newest.Number, err)
	}
	texts, err := s.Templates(t.Context(), "onboarding", 2)
	if err != nil || fmt.Sprint(texts) != "[{welcome sms en Hello b}]" {
		t.Errorf("got %v, %v", texts, err)
	}
	if _, err := s.Version(t.Context(), "onboarding", 4); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

func TestPublishingAtOnceNumbersEachVersionOnce(t *testing.T) {
	t.Parallel()
	s := open(t)
	var all sync.WaitGroup
	for n := range 8 {
		all.Go(func() {
			if _, _, err := s.Publish(t.Context(), version("onboarding", fmt.Sprint(n%4, "-", n), ""), nil); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if newest, err := s.Version(t.Context(), "onboarding", 0); err != nil || newest.Number != 8 {
		t.Errorf("the newest is %d, %v", newest.Number, err)
	}
}

func TestOnlyTheNewestVersionIsEntered(t *testing.T) {
	t.Parallel()
	s := open(t)
	publish(t, s, version("onboarding", "a", "purchase"))
	publish(t, s, version("welcome_back", "a", "purchase"))
	publish(t, s, version("welcome_back", "b", "visit.completed"))
	publish(t, s, version("by_hand", "a", ""))
	for kind, want := range map[string]string{"purchase": "onboarding/1", "visit.completed": "welcome_back/2", "complaint.opened": ""} {
		versions, err := s.EnteringOn(t.Context(), kind)
		if err != nil {
			t.Fatal(err)
		}
		var got string
		for _, v := range versions {
			got += fmt.Sprintf("%s/%d", v.Journey, v.Number)
		}
		if got != want {
			t.Errorf("%s enters %q, want %q", kind, got, want)
		}
	}
}

func TestJourneysAreListedWithWhoStandsWhere(t *testing.T) {
	t.Parallel()
	s := withCustomers(t, "c-1", "c-2", "c-3")
	publish(t, s, version("onboarding", "a", "purchase"))
	publish(t, s, version("onboarding", "b", "purchase"))
	for _, who := range []string{"c-1", "c-2", "c-3"} {
		e := enroll(t, s, who)
		p := store.Projection{Step: "welcome", Paused: who == "c-2"}
		if err := s.Project(t.Context(), e.ID, p, noon()); err != nil {
			t.Fatal(err)
		}
		if who == "c-3" {
			if err := s.Finish(t.Context(), e.ID, "goal", noon()); err != nil {
				t.Fatal(err)
			}
		}
	}
	listed, err := s.Journeys(t.Context())
	if err != nil || len(listed) != 1 || listed[0].Number != 2 || fmt.Sprint(listed[0].Running) != "[{1 welcome 2 1}]" {
		t.Errorf("got %+v, %v", listed, err)
	}
}

func TestTheHistoryOfAJourneyTellsWhoPublishedWhatAndWhy(t *testing.T) {
	t.Parallel()
	s := withCustomers(t, "c-1", "c-2")
	publish(t, s, version("onboarding", "a", "purchase"))
	second := version("onboarding", "b", "purchase")
	second.Author, second.Message = "maria", "Ask a week later"
	publish(t, s, second)
	publish(t, s, version("by_hand", "a", ""))
	for _, who := range []string{"c-1", "c-2"} { // both enter version 1
		e := enroll(t, s, who)
		if err := s.Project(t.Context(), e.ID, store.Projection{Step: "welcome", Paused: who == "c-2"}, noon()); err != nil {
			t.Fatal(err)
		}
	}
	history, err := s.Versions(t.Context(), "onboarding")
	if err != nil || len(history) != 2 {
		t.Fatalf("got %+v, %v", history, err)
	}
	newest := store.Publication{Version: 2, Hash: "b", Author: "maria", Message: "Ask a week later", PublishedAt: history[0].PublishedAt}
	if history[0] != newest || !newest.PublishedAt.Equal(noon()) {
		t.Errorf("the newest is %+v", history[0])
	}
	if first := history[1]; first.Version != 1 || first.Author != "rep-01" || first.Running != 2 || first.Paused != 1 {
		t.Errorf("the first is %+v", first)
	}
	if none, err := s.Versions(t.Context(), "never"); err != nil || len(none) != 0 {
		t.Errorf("of a journey that never was: %+v, %v", none, err)
	}
	if names, err := s.JourneyNames(t.Context()); err != nil || fmt.Sprint(names) != "[by_hand onboarding]" {
		t.Errorf("got %v, %v", names, err)
	}
}
