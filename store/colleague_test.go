package store_test

import (
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"perennial/domain/colleague"
	"perennial/domain/contact"
	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/store"
)

func importColleagues(t *testing.T, s *store.Store, rows ...store.ColleagueRow) []store.Verdict {
	t.Helper()
	return imported(t, s, func(i *store.Import) ([]store.Verdict, error) { return i.Colleagues(t.Context(), rows, noon()) })
}

func importAbsences(t *testing.T, s *store.Store, rows ...store.AbsenceRow) []store.Verdict {
	t.Helper()
	return imported(t, s, func(i *store.Import) ([]store.Verdict, error) { return i.Absences(t.Context(), rows, noon()) })
}

func imported(t *testing.T, s *store.Store, take func(*store.Import) ([]store.Verdict, error)) []store.Verdict {
	t.Helper()
	i, err := s.StartImport(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	verdicts, err := take(i)
	if err != nil {
		t.Fatal(err)
	}
	if err := i.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	return verdicts
}

func rep(id, deputy string) store.ColleagueRow {
	return store.ColleagueRow{
		ID: id, Name: "Somebody", Language: "zh-CN", Zone: "Asia/Shanghai", Country: "CN", Channels: []customer.Channel{customer.Email, customer.Slack},
		Addresses: map[customer.Channel]string{customer.Slack: "U" + id, customer.Email: id + "@example.com"},
		Hours:     "mon-fri 08:00-17:00", Deputy: deputy,
	}
}

func day(text string) time.Time {
	at, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err) // a mistake in the test itself
	}
	return at
}

func standIns(t *testing.T, s *store.Store, id string) colleague.Colleagues {
	t.Helper()
	all, err := s.StandIns(t.Context(), id, noon())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestAColleagueReadsAsImported(t *testing.T) {
	t.Parallel()
	s := open(t)
	importColleagues(t, s, rep("rep-1", ""))
	importAbsences(t, s, store.AbsenceRow{Colleague: "rep-1", From: day("2026-05-04"), To: day("2026-05-08")},
		store.AbsenceRow{Colleague: "rep-1", From: day("2026-04-01"), To: day("2026-04-03")})
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	hours, err := customer.ParseWindows("mon-fri 08:00-17:00")
	if err != nil {
		t.Fatal(err)
	}
	want := colleague.Colleague{
		ID: "rep-1", Name: "Somebody", Language: "zh-CN", Zone: zone, Country: "CN", Channels: []customer.Channel{customer.Email, customer.Slack},
		Addresses: map[customer.Channel]customer.Address{customer.Slack: {Value: "Urep-1"}, customer.Email: {Value: "rep-1@example.com"}},
		Hours:     hours, Absences: []colleague.Absence{{From: contact.Date(20260504), To: contact.Date(20260508)}}, // not what is long over
	}
	if got := standIns(t, s, "rep-1")["rep-1"]; !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	all, err := s.Colleagues(t.Context(), noon())
	if err != nil || !reflect.DeepEqual(all, []colleague.Colleague{want}) {
		t.Errorf("the list: %+v, %v", all, err)
	}
	if got := standIns(t, s, "rep-9"); len(got) != 0 {
		t.Errorf("of nobody: %+v", got)
	}
}

func TestImportingColleaguesAgainChangesNothing(t *testing.T) {
	t.Parallel()
	s := open(t)
	rows := []store.ColleagueRow{rep("rep-1", "rep-2"), {ID: "rep-2", Zone: "UTC"}}
	away := []store.AbsenceRow{{Colleague: "rep-1", From: day("2026-05-04"), To: day("2026-05-08")}, {Colleague: "rep-1", From: day("2026-05-04"), To: day("2026-05-08")}}
	for n, want := range []string{"[true true] [true false]", "[false false] [false false]"} {
		got := stored(importColleagues(t, s, rows...)) + " " + stored(importAbsences(t, s, away...))
		if got != want {
			t.Errorf("import %d stored %s, want %s", n+1, got, want)
		}
	}
	before := standIns(t, s, "rep-1")
	if got := stored(importColleagues(t, s, store.ColleagueRow{ID: "rep-1"})); got != "[false]" || !reflect.DeepEqual(standIns(t, s, "rep-1"), before) {
		t.Errorf("a row that says nothing: %s, %+v", got, standIns(t, s, "rep-1"))
	}
	if got := stored(importColleagues(t, s, store.ColleagueRow{ID: "rep-1", Country: "US"})); got != "[true]" || standIns(t, s, "rep-1")["rep-1"].Country != "US" {
		t.Errorf("a row that says one thing: %s, %+v", got, standIns(t, s, "rep-1")["rep-1"])
	}
}

func stored(verdicts []store.Verdict) string {
	said := "["
	for n, v := range verdicts {
		if n > 0 {
			said += " "
		}
		switch {
		case v.Reject != nil:
			said += v.Reject.Field + ": " + v.Reject.Why
		case v.Stored:
			said += "true"
		default:
			said += "false"
		}
	}
	return said + "]"
}

func TestColleaguesThatCantBeTakenAreRejected(t *testing.T) {
	t.Parallel()
	s := open(t)
	got := stored(importColleagues(t, s, store.ColleagueRow{Line: 2, ID: "rep-1", Zone: "UTC"}, store.ColleagueRow{Line: 3, ID: "rep-1"},
		store.ColleagueRow{Line: 4, ID: "rep-2"}, store.ColleagueRow{Line: 5, ID: "rep-3", Zone: "UTC", Deputy: "rep-3"}))
	want := "[true id: the colleague is on line 2 already zone: it is empty; a new colleague needs a time zone such as Europe/Paris " +
		"deputy: nobody stands in for themselves; name another colleague]"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := stored(importAbsences(t, s, store.AbsenceRow{Colleague: "rep-9", From: noon(), To: noon()})); got != "[colleague: there is no such colleague; import colleagues first]" {
		t.Errorf("an absence of nobody: %s", got)
	}
}

func TestWhoStandsInIsFoundThroughCircles(t *testing.T) {
	t.Parallel()
	s := open(t)
	importColleagues(t, s, rep("rep-1", "rep-2"), rep("rep-2", "rep-3"), rep("rep-3", "rep-1"), rep("rep-4", "rep-9"), rep("rep-5", "rep-4"))
	for id, want := range map[string]int{"rep-1": 3, "rep-3": 3, "rep-4": 1, "rep-5": 2} {
		if got := standIns(t, s, id); len(got) != want {
			t.Errorf("%s: %d colleagues, want %d", id, len(got), want)
		}
	}
}

func TestABadAddressOfAColleagueStaysBadUntilThereIsAnother(t *testing.T) {
	t.Parallel()
	s := open(t)
	importColleagues(t, s, rep("rep-1", ""))
	bad := func() string { return standIns(t, s, "rep-1")["rep-1"].Addresses[customer.Slack].Bad }
	for _, want := range []bool{true, false} {
		changed, err := s.MarkColleagueAddressBad(t.Context(), "rep-1", customer.Slack, "Urep-1", "bad_address", noon())
		if err != nil || changed != want || bad() != "bad_address" {
			t.Errorf("marked: %v, %v, %q", changed, err, bad())
		}
	}
	importColleagues(t, s, rep("rep-1", ""))
	if bad() == "" {
		t.Error("importing the same address again made it good")
	}
	importColleagues(t, s, store.ColleagueRow{ID: "rep-1", Addresses: map[customer.Channel]string{customer.Slack: "UNEW"}})
	if bad() != "" {
		t.Error("the new address is bad")
	}
}

func TestAnAbsenceIsAddedOnceAndTakenBack(t *testing.T) {
	t.Parallel()
	s := open(t)
	importColleagues(t, s, rep("rep-1", ""))
	from, to := day("2026-05-04"), day("2026-05-08")
	for n, c := range []struct {
		change func() (bool, error)
		want   bool
		left   int
	}{
		{func() (bool, error) { return s.AddAbsence(t.Context(), "rep-1", from, to, noon()) }, true, 1},
		{func() (bool, error) { return s.AddAbsence(t.Context(), "rep-1", from, to, noon()) }, false, 1},
		{func() (bool, error) { return s.RemoveAbsence(t.Context(), "rep-1", from, from, noon()) }, false, 1},
		{func() (bool, error) { return s.RemoveAbsence(t.Context(), "rep-1", from, to, noon()) }, true, 0},
	} {
		changed, err := c.change()
		if left := len(standIns(t, s, "rep-1")["rep-1"].Absences); err != nil || changed != c.want || left != c.left {
			t.Errorf("%d: %v, %v, %d absences", n, changed, err, left)
		}
	}
	if _, err := s.AddAbsence(t.Context(), "rep-9", from, to, noon()); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("of nobody: %v", err)
	}
}

func TestOnlyThoseWhoWaitForAColleagueHearThatColleaguesChanged(t *testing.T) {
	t.Parallel()
	s := withCustomers(t, "c-1", "c-2")
	waits, other := enroll(t, s, "c-1"), enroll(t, s, "c-2")
	for e, held := range map[int64]string{waits.ID: "rep-1", other.ID: ""} {
		if err := s.Project(t.Context(), e, store.Projection{Step: "tell", HeldFor: held}, noon()); err != nil {
			t.Fatal(err)
		}
	}
	importColleagues(t, s, rep("rep-1", ""))
	importColleagues(t, s, rep("rep-1", "")) // changes nothing
	heard, err := s.Undispatched(t.Context(), noon().Add(time.Hour), 10)
	if err != nil || len(heard) != 1 || heard[0].Customer != "c-1" || heard[0].Type != journey.ProfileChanged {
		t.Errorf("heard: %+v, %v", heard, err)
	}
	importCustomers(t, s, store.CustomerRow{Line: 1, ID: "c-1", Owner: "rep-2"}, store.CustomerRow{Line: 2, ID: "c-2", Owner: "rep-2"})
	if heard, err = s.Undispatched(t.Context(), noon().Add(time.Hour), 10); err != nil || len(heard) != 2 || heard[1].Customer != "c-1" {
		t.Errorf("heard of new owners: %+v, %v", heard, err)
	}
	if err := s.Finish(t.Context(), waits.ID, "completed", noon()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddAbsence(t.Context(), "rep-1", noon(), noon(), noon()); err != nil {
		t.Fatal(err)
	}
	if heard, err = s.Undispatched(t.Context(), noon().Add(time.Hour), 10); err != nil || len(heard) != 2 {
		t.Errorf("heard once it ended: %+v, %v", heard, err)
	}
}

func TestOwnersAndDeputiesWhoAreNotKnownAreListed(t *testing.T) {
	t.Parallel()
	s := withCustomers(t, "c-1", "c-2")
	importColleagues(t, s, rep("rep-2", "rep-9"))
	got, err := s.UnknownColleagues(t.Context())
	if want := []store.UnknownColleague{{"rep-01", 2}, {"rep-9", 0}}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %+v, %v", got, err)
	}
	importColleagues(t, s, rep("rep-01", ""), rep("rep-9", ""))
	if got, err = s.UnknownColleagues(t.Context()); err != nil || len(got) != 0 {
		t.Errorf("got %+v, %v", got, err)
	}
}

// tellOf is a touch that tells a colleague of the customer of an enrollment.
func tellOf(e store.Enrollment, by customer.Channel) store.NewTouch {
	n := touchOf(e, "tell")
	n.Kind, n.Topic, n.Colleague, n.Channel = journey.Notify, "", "rep-1", by
	return n
}

func TestWhatTellsAColleagueIsNoTouchOfTheCustomer(t *testing.T) {
	t.Parallel()
	s := withCustomers(t, "c-1", "c-2")
	importCustomers(t, s, store.CustomerRow{Line: 1, ID: "c-1", Addresses: map[customer.Channel]string{customer.Email: "family@example.com"}},
		store.CustomerRow{Line: 2, ID: "c-2", Addresses: map[customer.Channel]string{customer.Email: "family@example.com"}})
	first, second := enroll(t, s, "c-1"), enroll(t, s, "c-2")
	mail := touchOf(first, "welcome")
	mail.Channel = customer.Email
	for _, n := range []store.NewTouch{mail, tellOf(second, customer.Email)} {
		if _, mine := claim(t, s, n, time.Minute); !mine {
			t.Fatalf("%s could not be claimed", n.ID())
		}
		if _, err := s.Sent(t.Context(), n.ID(), "", noon()); err != nil {
			t.Fatal(err)
		}
	}
	who, err := s.Profile(t.Context(), "c-2")
	if err != nil || len(who.Touched) != 0 {
		t.Errorf("c-2 was touched: %+v, %v", who.Touched, err)
	}
	if who, err = s.Profile(t.Context(), "c-1"); err != nil || len(who.Touched) != 1 {
		t.Errorf("c-1 was touched: %+v, %v", who.Touched, err)
	}
	family, err := s.CustomersByAddress(t.Context(), customer.Email, "family@example.com")
	if err != nil || !slices.Equal(family, []string{"c-1", "c-2"}) {
		t.Errorf("a reply is taken for that of %v, %v", family, err)
	}
	touches, err := s.CustomerTouches(t.Context(), "c-2", 10)
	if err != nil || len(touches) != 1 || touches[0].Colleague != "rep-1" || touches[0].Kind != journey.Notify {
		t.Errorf("what people read of it: %+v, %v", touches, err)
	}
}

func TestTheTriesOfAnOccurrenceAreThoseOfNoOther(t *testing.T) {
	t.Parallel()
	s := withCustomers(t, "c-1")
	e := enroll(t, s, "c-1")
	second, again := tellOf(e, customer.Email), tellOf(e, customer.Slack)
	second.Try, again.Occurrence = 2, 2
	for _, n := range []store.NewTouch{tellOf(e, customer.Slack), second, again} {
		claim(t, s, n, time.Minute)
	}
	tries, err := s.Tries(t.Context(), second.TouchKey)
	if err != nil || len(tries) != 2 || tries[0].Channel != customer.Slack || tries[1].Channel != customer.Email {
		t.Errorf("%+v, %v", tries, err)
	}
}
