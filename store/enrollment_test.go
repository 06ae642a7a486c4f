package store_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"perennial/domain/journey"
	"perennial/store"
)

func TestEnteringAgainFollowsTheRule(t *testing.T) {
	t.Parallel()
	halfYear := journey.Again{Rule: journey.After, After: journey.Span{Months: 6}}
	entered := noon()
	for _, c := range []struct {
		name  string
		again journey.Again
		ended bool
		at    time.Time
		want  store.Entry
	}{
		{"never, though it ended", journey.Again{Rule: journey.Never}, true, noon().AddDate(9, 0, 0), store.NotAgain},
		{"after-exit, while it runs", journey.Again{Rule: journey.AfterExit}, false, noon(), store.StillRunning},
		{"after-exit, once it ended", journey.Again{Rule: journey.AfterExit}, true, noon(), store.Entered},
		{"always, while it runs", journey.Again{Rule: journey.Always}, false, noon(), store.StillRunning},
		{"always, once it ended", journey.Again{Rule: journey.Always}, true, noon(), store.Entered},
		{"after six months, too early", halfYear, true, entered.AddDate(0, 6, 0), store.NotAgain}, // Paris is an hour later then
		{"after six months, in time", halfYear, true, entered.AddDate(0, 6, 0).Add(time.Hour), store.Entered},
		{"after six months, while it runs", halfYear, false, noon().AddDate(1, 0, 0), store.StillRunning},
		{"no rule", journey.Again{}, true, noon(), store.NotAgain},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := withCustomers(t, "c-1")
			first := enroll(t, s, "c-1")
			if c.ended {
				if err := s.Finish(t.Context(), first.ID, "completed", noon()); err != nil {
					t.Fatal(err)
				}
			}
			n := store.NewEnrollment{Journey: "onboarding", Version: 2, Customer: "c-1", EnteredAt: c.at, Again: c.again}
			if may, err := s.MayEnter(t.Context(), n); err != nil || may != c.want {
				t.Errorf("asked before: %q, %v", may, err)
			}
			e, got := tryEnroll(t, s, n)
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if (e.ID == first.ID) == (got == store.Entered) {
				t.Errorf("%q answered enrollment %d, the first is %d", got, e.ID, first.ID)
			}
		})
	}
}

func TestEachKeyIsAnEnrollmentOfItsOwn(t *testing.T) {
	t.Parallel()
	s := withCustomers(t, "c-1")
	for _, key := range []string{"", "o-1", "o-2"} {
		n := store.NewEnrollment{Journey: "onboarding", Version: 1, Customer: "c-1", Key: key, EnteredAt: noon()}
		if _, entry := tryEnroll(t, s, n); entry != store.Entered {
			t.Errorf("key %q: %s", key, entry)
		}
		if _, entry := tryEnroll(t, s, n); entry != store.StillRunning {
			t.Errorf("key %q again: %s", key, entry)
		}
	}
}

func TestTheSameEventEntersOnceEvenAfterItsEnrollmentEnded(t *testing.T) {
	t.Parallel()
	s := withCustomers(t, "c-1")
	record(t, s, event("p-1", "visit.completed", "c-1", nil))
	n := store.NewEnrollment{
		Journey: "onboarding", Version: 1, Customer: "c-1", EnteredBy: "p-1", EnteredAt: noon(), Again: journey.Again{Rule: journey.Always},
	}
	first, _ := tryEnroll(t, s, n)
	if err := s.Finish(t.Context(), first.ID, "goal", noon()); err != nil {
		t.Fatal(err)
	}
	again, entry := tryEnroll(t, s, n)
	if entry != store.EnteredBefore || again.ID != first.ID || again.Outcome != "goal" {
		t.Errorf("%s: %+v", entry, again)
	}
}

func TestTheSameDateAndTheSameStepEnterOnceEvenAfterTheirEnrollmentEnded(t *testing.T) {
	t.Parallel()
	s := withCustomers(t, "c-1", "c-2")
	n := store.NewEnrollment{
		Journey: "renewal", Version: 1, Customer: "c-1", Key: "a-1", EnteredFor: "2026-12-01", EnteredAt: noon(), Again: journey.Again{Rule: journey.Always},
	}
	first, entry := tryEnroll(t, s, n)
	if entry != store.Entered || first.EnteredFor != "2026-12-01" {
		t.Fatalf("%s: %+v", entry, first)
	}
	if err := s.Finish(t.Context(), first.ID, "completed", noon()); err != nil {
		t.Fatal(err)
	}
	if again, entry := tryEnroll(t, s, n); entry != store.EnteredBefore || again.ID != first.ID || again.Outcome != "completed" {
		t.Errorf("%s: %+v", entry, again)
	}
	for what, change := range map[string]func(*store.NewEnrollment){
		"another thing":    func(n *store.NewEnrollment) { n.Key = "a-2" },
		"another date":     func(n *store.NewEnrollment) { n.EnteredFor = "2027-12-01" },
		"a step":           func(n *store.NewEnrollment) { n.EnteredFor, n.Key = "12.visits.1", "" },
		"another journey":  func(n *store.NewEnrollment) { n.Journey = "birthday" },
		"another customer": func(n *store.NewEnrollment) { n.Customer = "c-2" },
	} {
		other := n
		change(&other)
		if e, entry := tryEnroll(t, s, other); entry != store.Entered || e.EnteredFor != other.EnteredFor {
			t.Errorf("%s: %s, %+v", what, entry, e)
		}
	}
}

func TestOfManyWhoEnrollACustomerAtOnceOneDoes(t *testing.T) {
	t.Parallel()
	s := withCustomers(t, "c-1")
	var entered, running atomic.Int64
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			_, entry := tryEnroll(t, s, store.NewEnrollment{Journey: "onboarding", Version: 1, Customer: "c-1", EnteredAt: noon()})
			switch entry {
			case store.Entered:
				entered.Add(1)
			case store.StillRunning:
				running.Add(1)
			default:
				t.Errorf("one was told %q", entry)
			}
		})
	}
	all.Wait()
	if entered.Load() != 1 || running.Load() != 19 {
		t.Errorf("%d entered, %d were told that one runs", entered.Load(), running.Load())
	}
}

func TestNobodyUnknownIsEnrolled(t *testing.T) {
	t.Parallel()
	s := open(t)
	err := s.InTx(t.Context(), func(tx *store.Tx) error {
		_, _, err := tx.Enroll(t.Context(), store.NewEnrollment{Journey: "onboarding", Version: 1, Customer: "c-1", EnteredAt: noon()})
		return err
	})
	if !errors.Is(err, store.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

func TestWhatHasEndedStaysAsItEnded(t *testing.T) {
	t.Parallel()
	s := withCustomers(t, "c-1")
	e := enroll(t, s, "c-1")
	if err := s.MarkStarted(t.Context(), e.ID, noon()); err != nil {
		t.Fatal(err)
	}
	if err := s.Project(t.Context(), e.ID, store.Projection{Step: "settle_in", WaitingFor: "time", NextAt: noon()}, noon()); err != nil {
		t.Fatal(err)
	}
	for _, outcome := range []string{"exited: complaint.opened", "goal"} {
		if err := s.Finish(t.Context(), e.ID, outcome, noon().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Project(t.Context(), e.ID, store.Projection{Step: "welcome"}, noon().Add(2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	got, err := s.Enrollment(t.Context(), e.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got.Outcome != "exited: complaint.opened" || !got.EndedAt.Equal(noon().Add(time.Hour)) || got.Step != "settle_in" || got.Running() {
		t.Errorf("got %+v", got)
	}
	if !got.NextAt.IsZero() || got.WaitingFor != "" {
		t.Errorf("it still waits: %+v", got)
	}
	for _, err := range []error{s.Finish(t.Context(), 999, "goal", noon()), s.MarkStarted(t.Context(), 999, noon())} {
		if !errors.Is(err, store.ErrNotFound) {
			t.Errorf("no such enrollment: %v", err)
		}
	}
}

func TestEnrollmentsAreListedByWhatIsAsked(t *testing.T) {
	t.Parallel()
	s := withCustomers(t, "c-1", "c-2", "c-3")
	publish(t, s, version("onboarding", "a", "purchase"))
	ids := map[string]int64{}
	for _, who := range []string{"c-1", "c-2", "c-3"} {
		e := enroll(t, s, who)
		ids[who] = e.ID
		if err := s.Project(t.Context(), e.ID, store.Projection{Step: "welcome"}, noon()); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Finish(t.Context(), ids["c-1"], "exited: moved away", noon()); err != nil {
		t.Fatal(err)
	}
	if err := s.MarkStarted(t.Context(), ids["c-2"], noon()); err != nil {
		t.Fatal(err)
	}
	list := func(list []store.Enrollment, err error) string {
		if err != nil {
			t.Fatal(err)
		}
		var who []string
		for _, e := range list {
			who = append(who, e.Customer)
		}
		return fmt.Sprint(who)
	}
	ctx := t.Context()
	for what, got := range map[string][2]string{
		"all":         {list(s.Enrollments(ctx, store.EnrollmentFilter{}, 0, 10)), "[c-3 c-2 c-1]"},
		"a page":      {list(s.Enrollments(ctx, store.EnrollmentFilter{}, ids["c-3"], 1)), "[c-2]"},
		"running":     {list(s.Enrollments(ctx, store.EnrollmentFilter{Running: true, Journey: "onboarding"}, 0, 10)), "[c-3 c-2]"},
		"outcome":     {list(s.Enrollments(ctx, store.EnrollmentFilter{Outcome: "exited"}, 0, 10)), "[c-1]"},
		"its why":     {list(s.Enrollments(ctx, store.EnrollmentFilter{Outcome: "exited: moved away"}, 0, 10)), "[c-1]"},
		"owner":       {list(s.Enrollments(ctx, store.EnrollmentFilter{Owner: "rep-01", Step: "welcome"}, 0, 10)), "[c-3 c-2 c-1]"},
		"no owner":    {list(s.Enrollments(ctx, store.EnrollmentFilter{Owner: "rep-02"}, 0, 10)), "[]"},
		"customer":    {list(s.Enrollments(ctx, store.EnrollmentFilter{Customer: "c-2"}, 0, 10)), "[c-2]"},
		"running ids": {list(s.RunningEnrollments(ctx, ids["c-2"], 10)), "[c-3]"},
		"not started": {list(s.NotStarted(ctx, noon().Add(time.Second), 10)), "[c-3]"},
		"not yet":     {list(s.NotStarted(ctx, noon(), 10)), "[]"},
		"listening":   {list(s.Listening(ctx, "c-2", "purchase")), "[c-2]"},
		"deaf":        {list(s.Listening(ctx, "c-2", "complaint.opened")), "[]"},
		"ended":       {list(s.Listening(ctx, "c-1", "purchase")), "[]"},
	} {
		if got[0] != got[1] {
			t.Errorf("%s: got %s, want %s", what, got[0], got[1])
		}
	}
}

func TestADateThatWasCorrectedLetsNobodyInAgain(t *testing.T) {
	t.Parallel()
	week := journey.Span{Days: 7}
	for day, want := range map[string]store.Entry{
		"2026-12-01": store.EnteredBefore,
		"2026-12-03": store.NotAgain,
		"2026-11-26": store.NotAgain,
		"2026-12-07": store.NotAgain,
		"2026-12-08": store.Entered, // by a week, it is another
		"2026-11-24": store.Entered,
		"2027-12-01": store.Entered,
	} {
		t.Run(day, func(t *testing.T) {
			t.Parallel()
			s := withCustomers(t, "c-1")
			n := store.NewEnrollment{
				Journey: "renewal", Version: 1, Customer: "c-1", Key: "a-1", EnteredFor: "2026-12-01", EnteredAt: noon(), Late: week,
				Again: journey.Again{Rule: journey.Always},
			}
			first, _ := tryEnroll(t, s, n)
			other := n
			other.Key = "a-2"
			if _, entry := tryEnroll(t, s, other); entry != store.Entered {
				t.Fatalf("another thing: %s", entry)
			}
			n.EnteredFor = day
			if may, err := s.MayEnter(t.Context(), n); want == store.Entered && may != store.StillRunning || err != nil {
				t.Errorf("while the first runs: %s, %v", may, err)
			}
			if err := s.Finish(t.Context(), first.ID, "completed", noon()); err != nil {
				t.Fatal(err)
			}
			if may, err := s.MayEnter(t.Context(), n); may != want || err != nil {
				t.Errorf("asked before: %s, %v", may, err)
			}
			e, entry := tryEnroll(t, s, n)
			if entry != want || (e.ID == first.ID) == (want == store.Entered) {
				t.Errorf("got %s, want %s: %+v", entry, want, e)
			}
		})
	}
}
