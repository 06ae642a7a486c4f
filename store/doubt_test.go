package store_test

import (
	"errors"
	"testing"
	"time"

	"perennial/store"
)

func TestATouchInDoubtCountsHowOftenItsProviderDeniesIt(t *testing.T) {
	t.Parallel()
	s, n := ledger(t)
	claim(t, s, n, time.Minute)
	if doubted := must(t)(s.Doubt(t.Context(), n.ID(), 1, "20500")); doubted.Lease != store.LeaseOver || doubted.ProviderCode != "20500" {
		t.Fatalf("it is not in doubt: %+v", doubted)
	}
	ask := func(denied bool, ago, apart time.Duration) store.Asked {
		t.Helper()
		asked, err := s.Ask(t.Context(), n.ID(), 1, denied, ago, apart)
		if err != nil {
			t.Fatal(err)
		}
		return asked
	}
	if asked := ask(true, 0, time.Hour); asked.Denied != 1 || asked.After < 0 {
		t.Errorf("denied once: %+v", asked)
	}
	if asked := ask(true, 0, time.Hour); asked.Denied != 1 {
		t.Errorf("denied again in the same hour: %+v", asked)
	}
	if asked := ask(false, 0, 0); asked.Denied != 1 {
		t.Errorf("not denied: %+v", asked)
	}
	if asked := ask(true, time.Minute, 0); asked.Denied != 2 || asked.After >= 0 {
		t.Errorf("denied by an answer that was asked for before the call had ended: %+v", asked)
	}
	if touch, _, err := s.Touch(t.Context(), n.TouchKey); err != nil || touch.Denied != 2 || touch.Doubt() == "" {
		t.Errorf("%+v, %v", touch, err)
	}

	must(t)(s.Release(t.Context(), n.ID(), 1, "not taken"))
	if _, err := s.Ask(t.Context(), n.ID(), 1, true, 0, 0); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("asked about a touch that is not in doubt: %v", err)
	}
	if again, claimed := claim(t, s, n, time.Minute); !claimed || again.Denied != 0 || again.Attempt != 2 {
		t.Errorf("claimed again: %v, %+v", claimed, again)
	}
	if late := must(t)(s.Doubt(t.Context(), n.ID(), 1, "")); late.Lease != store.LeaseHeld {
		t.Errorf("the first attempt doubts the claim of the second: %+v", late)
	}
}

func TestTheMessageOfAnotherTouchIsKnownAsThat(t *testing.T) {
	t.Parallel()
	s, n := ledger(t)
	claim(t, s, n, time.Minute)
	must(t)(s.Found(t.Context(), n.ID(), "SM1", "found", noon()))
	for id, want := range map[string]int{n.ID(): 0, "another": 1} {
		if others, err := s.TakenByOthers(t.Context(), id, []string{"SM1", "SM2"}); err != nil || len(others) != want {
			t.Errorf("of %s: %v, %v", id, others, err)
		}
	}
	if touch, _, err := s.Touch(t.Context(), n.TouchKey); err != nil || touch.State != store.TouchSent || touch.Reason != "found" {
		t.Errorf("%+v, %v", touch, err)
	}
}

func TestTheLedgerNoticesAnotherAddressAndKeepsNone(t *testing.T) {
	t.Parallel()
	const touch, address = "1.welcome.1.1", "+12015550101"
	mark := store.AddressMark(touch, address)
	if again := store.AddressMark(touch, address); again != mark {
		t.Errorf("the same address has the marks %d and %d", mark, again)
	}
	if mark == store.AddressMark(touch, "+12015550102") {
		t.Error("another address has the same mark")
	}
	if mark < 0 || mark > 65535 {
		t.Errorf("the mark is %d", mark)
	}
}
