package store_test

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/store"
)

// over is a lease that is over as soon as it is given.
const over = -time.Second

func ledger(t *testing.T) (*store.Store, store.NewTouch) {
	t.Helper()
	s := withCustomers(t, "c-1")
	return s, touchOf(enroll(t, s, "c-1"), "welcome")
}

// must answers the touch of a move that must be possible.
func must(t *testing.T) func(store.Touch, error) store.Touch {
	t.Helper()
	return func(touch store.Touch, err error) store.Touch {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return touch
	}
}

func TestOfManyWhoClaimATouchAtOnceOneMaySend(t *testing.T) {
	t.Parallel()
	s, n := ledger(t)
	var won atomic.Int64
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if touch, claimed := claim(t, s, n, time.Minute); claimed {
				won.Add(1)
			} else if touch.Lease != store.LeaseHeld {
				t.Errorf("lost to %+v", touch)
			}
		})
	}
	all.Wait()
	if won.Load() != 1 {
		t.Errorf("%d may send", won.Load())
	}
}

func TestATouchSurelyNotSentMayBeClaimedAgainByOne(t *testing.T) {
	t.Parallel()
	s, n := ledger(t)
	claim(t, s, n, time.Minute)
	released := must(t)(s.Release(t.Context(), n.ID(), 1, "20429"))
	if released.Lease != store.LeaseReleased || released.ProviderCode != "20429" || released.Attempt != 1 {
		t.Fatalf("got %+v", released)
	}
	var won atomic.Int64
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if touch, claimed := claim(t, s, n, time.Minute); claimed {
				won.Add(1)
				if touch.Attempt != 2 {
					t.Errorf("attempt %d", touch.Attempt)
				}
			}
		})
	}
	all.Wait()
	if won.Load() != 1 {
		t.Errorf("%d may send", won.Load())
	}
	if late := must(t)(s.Release(t.Context(), n.ID(), 1, "")); late.Lease != store.LeaseHeld {
		t.Errorf("the first attempt released the claim of the second: %+v", late)
	}
}

func TestALeaseThatIsOverIsNotClaimedAgain(t *testing.T) {
	t.Parallel()
	s, n := ledger(t)
	claim(t, s, n, over)
	touch, claimed := claim(t, s, n, time.Minute)
	if claimed || touch.Lease != store.LeaseOver {
		t.Fatalf("claimed %v: %+v", claimed, touch)
	}
	list, err := s.UnconfirmedTouches(t.Context(), 10)
	if err != nil || len(list) != 1 {
		t.Errorf("an abandoned touch must be listed: %v, %v", list, err)
	}
	given := must(t)(s.Unconfirmed(t.Context(), n.ID(), touch.Attempt, "nobody knows", "", noon()))
	if given.State != store.TouchUnconfirmed || !given.SettledAt.Equal(noon()) {
		t.Errorf("got %+v", given)
	}
	if _, claimed := claim(t, s, n, time.Minute); claimed {
		t.Error("an unconfirmed touch was claimed")
	}
	list, err = s.UnconfirmedTouches(t.Context(), 10)
	if err != nil || len(list) != 1 || list[0].ID != n.ID() {
		t.Errorf("got %v, %v", list, err)
	}
}

func TestAWorkerThatComesBackLateSaysWhatItKnows(t *testing.T) {
	t.Parallel()
	s, n := ledger(t)
	claim(t, s, n, over)
	must(t)(s.Unconfirmed(t.Context(), n.ID(), 1, "nobody knows", "", noon()))
	sent := must(t)(s.Sent(t.Context(), n.ID(), "SM1", noon().Add(time.Minute)))
	if sent.State != store.TouchSent || sent.ProviderID != "SM1" || !sent.SentAt.Equal(noon().Add(time.Minute)) || !sent.SettledAt.IsZero() {
		t.Errorf("got %+v", sent)
	}
	again := must(t)(s.Sent(t.Context(), n.ID(), "SM2", noon().Add(time.Hour)))
	if again.ProviderID != "SM1" || !again.SentAt.Equal(noon().Add(time.Minute)) {
		t.Errorf("what was known was overwritten: %+v", again)
	}
	for what, move := range map[string]func() (store.Touch, error){
		"unconfirmed": func() (store.Touch, error) { return s.Unconfirmed(t.Context(), n.ID(), 1, "nobody knows", "", noon()) },
		"failed":      func() (store.Touch, error) { return s.Fail(t.Context(), n.ID(), 1, "no", "", noon()) },
		"released":    func() (store.Touch, error) { return s.Release(t.Context(), n.ID(), 1, "") },
		"skipped":     func() (store.Touch, error) { return s.RecordSkip(t.Context(), n, store.TouchSkipped, "closed", noon()) },
	} {
		if touch := must(t)(move()); touch.State != store.TouchSent {
			t.Errorf("a sent touch was %s: %+v", what, touch)
		}
	}
}

func TestATouchThatFailedIsNotClaimedAgain(t *testing.T) {
	t.Parallel()
	s, n := ledger(t)
	claim(t, s, n, time.Minute)
	failed := must(t)(s.Fail(t.Context(), n.ID(), 1, "the address can't be reached", "21211", noon()))
	if failed.State != store.TouchFailed || failed.Reason == "" || failed.ProviderCode != "21211" || failed.Lease != "" {
		t.Errorf("got %+v", failed)
	}
	if touch, claimed := claim(t, s, n, time.Minute); claimed || touch.State != store.TouchFailed {
		t.Errorf("claimed %v: %+v", claimed, touch)
	}
	if _, claimed := claim(t, s, next(n), time.Minute); !claimed {
		t.Error("the next channel try is a touch of its own")
	}
}

func next(n store.NewTouch) store.NewTouch {
	n.Try++
	n.Channel = customer.Email
	return n
}

func TestASkipIsWrittenDownUnlessSomebodyMayBeSending(t *testing.T) {
	t.Parallel()
	s, n := ledger(t)
	skipped := must(t)(s.RecordSkip(t.Context(), n, store.TouchSkipped, "no_consent", noon()))
	if skipped.State != store.TouchSkipped || skipped.Reason != "no_consent" || skipped.Attempt != 0 {
		t.Errorf("got %+v", skipped)
	}
	if touch := must(t)(s.RecordSkip(t.Context(), n, store.TouchExpired, "expired", noon())); touch.State != store.TouchSkipped {
		t.Errorf("the first word was overwritten: %+v", touch)
	}
	if _, claimed := claim(t, s, n, time.Minute); claimed {
		t.Error("a skipped touch was claimed")
	}

	held := next(n)
	claim(t, s, held, time.Minute)
	if touch := must(t)(s.RecordSkip(t.Context(), held, store.TouchExpired, "expired", noon())); touch.State != store.TouchClaimed {
		t.Errorf("a touch being sent was written off: %+v", touch)
	}
	must(t)(s.Release(t.Context(), held.ID(), 1, "451"))
	if touch := must(t)(s.RecordSkip(t.Context(), held, store.TouchExpired, "expired", noon())); touch.State != store.TouchExpired {
		t.Errorf("got %+v", touch)
	}
}

func TestReceiptsMoveForwardOnlyInWhateverOrderTheyCome(t *testing.T) {
	t.Parallel()
	s, n := ledger(t)
	claim(t, s, n, time.Minute)
	receipt := func(state store.TouchState) store.Receipt {
		return store.Receipt{Touch: n.ID(), ProviderID: "SM1", State: state, At: noon()}
	}
	for _, c := range []struct {
		receipt store.TouchState
		moved   bool
		state   store.TouchState
	}{
		{store.TouchUndelivered, true, store.TouchUndelivered}, // before the provider's first answer was recorded
		{store.TouchSent, false, store.TouchUndelivered},
		{store.TouchDelivered, true, store.TouchDelivered},
		{store.TouchDelivered, false, store.TouchDelivered},
		{store.TouchUndelivered, false, store.TouchDelivered},
	} {
		touch, moved, err := s.Receive(t.Context(), receipt(c.receipt))
		if err != nil || moved != c.moved || touch.State != c.state {
			t.Errorf("%s: moved %v to %s, %v", c.receipt, moved, touch.State, err)
		}
	}
	if touch := must(t)(s.Sent(t.Context(), n.ID(), "SM1", noon())); touch.State != store.TouchDelivered {
		t.Errorf("recording the send undid the receipt: %+v", touch)
	}
	if touch, _, err := s.Receive(t.Context(), store.Receipt{ProviderID: "SM1", State: store.TouchSent, At: noon()}); err != nil || touch.ID != n.ID() {
		t.Errorf("by the provider's id: %+v, %v", touch, err)
	}
	for _, r := range []store.Receipt{{ProviderID: "SM9", State: store.TouchSent}, {Touch: "1.x.1.1", State: store.TouchSent}} {
		if _, _, err := s.Receive(t.Context(), r); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("an unknown touch: %v", err)
		}
	}
}

func TestAReceiptIsToBeToldUntilItWasWhereItsStepWaitsForIt(t *testing.T) {
	t.Parallel()
	s, n := ledger(t)
	untold := func() string {
		t.Helper()
		touches, err := s.UntoldReceipts(t.Context(), noon().Add(time.Minute), 10)
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, touch := range touches {
			all = append(all, touch.ID+" "+string(touch.State))
		}
		return strings.Join(all, ", ")
	}
	receive := func(n store.NewTouch, state store.TouchState) store.Touch {
		t.Helper()
		touch, _, err := s.Receive(t.Context(), store.Receipt{Touch: n.ID(), State: state, At: noon()})
		if err != nil {
			t.Fatal(err)
		}
		return touch
	}
	claim(t, s, n, time.Minute) // nobody waits for this one
	receive(n, store.TouchUndelivered)
	waited := next(n)
	waited.Fallback = true
	claim(t, s, waited, time.Minute)
	if receive(waited, store.TouchSent); untold() != "" {
		t.Errorf("to be told: %s", untold())
	}
	lost := receive(waited, store.TouchUndelivered)
	if early, err := s.UntoldReceipts(t.Context(), noon(), 10); err != nil || len(early) != 0 {
		t.Errorf("before it came: %+v, %v", early, err)
	}
	if untold() != waited.ID()+" undelivered" {
		t.Errorf("to be told: %s", untold())
	}
	receive(waited, store.TouchDelivered)
	if err := s.ReceiptTold(t.Context(), lost); err != nil || untold() != waited.ID()+" delivered" {
		t.Errorf("after another one came: %s, %v", untold(), err)
	}
	must(t)(s.Sent(t.Context(), waited.ID(), "SM1", noon()))
	if err := s.ReceiptTold(t.Context(), receive(waited, store.TouchDelivered)); err != nil || untold() != "" {
		t.Errorf("after it was told: %s, %v", untold(), err)
	}
	if receive(waited, store.TouchDelivered); untold() != "" {
		t.Errorf("what comes again is to be told again: %s", untold())
	}
}

func TestTouchesAreListedAndCounted(t *testing.T) {
	t.Parallel()
	s, n := ledger(t)
	if _, found, err := s.Touch(t.Context(), n.TouchKey); err != nil || found {
		t.Fatalf("found %v: %v", found, err)
	}
	claim(t, s, n, time.Minute)
	must(t)(s.Sent(t.Context(), n.ID(), "SM1", noon()))
	claim(t, s, next(n), time.Minute)
	touch, found, err := s.Touch(t.Context(), n.TouchKey)
	if err != nil || !found || touch.ID != n.ID() || touch.TouchKey != n.TouchKey || touch.Kind != journey.Send || !touch.DueAt.Equal(noon()) {
		t.Errorf("got %+v, %v, %v", touch, found, err)
	}
	if list, err := s.Touches(t.Context(), n.Enrollment); err != nil || len(list) != 2 || list[0].Try != 1 {
		t.Errorf("of the enrollment: %+v, %v", list, err)
	}
	if list, err := s.CustomerTouches(t.Context(), "c-1", 1); err != nil || len(list) != 1 {
		t.Errorf("of the customer: %+v, %v", list, err)
	}
	counts, err := s.TouchCounts(t.Context(), noon())
	want := []store.TouchCount{{customer.Email, store.TouchClaimed, 1}, {customer.SMS, store.TouchSent, 1}}
	if err != nil || len(counts) != 2 || counts[0] != want[0] || counts[1] != want[1] {
		t.Errorf("got %v, %v", counts, err)
	}
	if counts, err := s.TouchCounts(t.Context(), noon().Add(time.Second)); err != nil || len(counts) != 0 {
		t.Errorf("since later: %v, %v", counts, err)
	}
}

func TestAReplyAnswersTheQuestionWhereItsEnrollmentStands(t *testing.T) {
	t.Parallel()
	s, n := ledger(t)
	ask := n
	ask.Step, ask.Kind, ask.Template = "how_is_it", journey.Ask, "satisfaction"
	claim(t, s, ask, time.Minute)
	if _, err := s.OpenAsk(t.Context(), "c-1", ""); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the enrollment is not at that step yet: %v", err)
	}
	if err := s.Project(t.Context(), ask.Enrollment, store.Projection{Step: "how_is_it"}, noon()); err != nil {
		t.Fatal(err)
	}
	if open, err := s.OpenAsk(t.Context(), "c-1", ""); err != nil || open.ID != ask.ID() || open.Template != "satisfaction" {
		t.Errorf("got %+v, %v", open, err)
	}
	other, _ := tryEnroll(t, s, store.NewEnrollment{Journey: "onboarding", Version: 1, Customer: "c-1", Key: "another", EnteredAt: noon()})
	newer := touchOf(other, "how_is_it")
	newer.Kind = journey.Ask
	claim(t, s, newer, time.Minute)
	if err := s.Project(t.Context(), other.ID, store.Projection{Step: "how_is_it"}, noon()); err != nil {
		t.Fatal(err)
	}
	for answered, want := range map[string]string{"": newer.ID(), "999.x.1.1": newer.ID(), ask.ID(): ask.ID()} {
		if open, err := s.OpenAsk(t.Context(), "c-1", answered); err != nil || open.ID != want {
			t.Errorf("of two, a reply to %q answers %s, %v", answered, open.ID, err)
		}
	}
	if err := s.Finish(t.Context(), other.ID, "goal", noon()); err != nil {
		t.Fatal(err)
	}
	if err := s.Finish(t.Context(), ask.Enrollment, "goal", noon()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.OpenAsk(t.Context(), "c-1", ""); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the enrollment has ended: %v", err)
	}
}

func TestOfThoseWhoShareAPhoneTheOneWrittenToLastComesFirst(t *testing.T) {
	t.Parallel()
	s := open(t)
	shared := map[customer.Channel]string{customer.SMS: "+12015550100"}
	importCustomers(t, s,
		store.CustomerRow{Line: 1, ID: "c-1", Zone: "UTC", Addresses: shared},
		store.CustomerRow{Line: 2, ID: "c-2", Zone: "UTC", Addresses: shared},
	)
	if got := owners(t, s, "+12015550100"); got != "[c-1 c-2]" {
		t.Errorf("got %s", got)
	}
	claim(t, s, touchOf(enroll(t, s, "c-2"), "welcome"), time.Minute)
	if got := owners(t, s, "+12015550100"); got != "[c-2 c-1]" {
		t.Errorf("got %s", got)
	}
}
