package chaos

import (
	"strings"
	"testing"
	"time"
)

func TestTheReportSaysWhatKeptItFromKnowingAndOutOfHowMany(t *testing.T) {
	t.Parallel()
	r := Report{
		Seed: 7, Length: time.Minute, Touches: 12, Expected: 9, Messages: 11, Late: 2, Latest: 40 * time.Second,
		Unconfirmed: []Unconfirmed{
			{Touch: "1.packed.1.1", Channel: "sms", Taken: true, Why: "worker 1: kill -9 0.4 s after the claim"},
			{Touch: "2.packed.1.1", Channel: "sms", Why: "worker 1: kill -9 1.2 s after the claim"},
			{Touch: "3.packed.1.1", Channel: "email", Taken: true, Why: "provider: cut"},
		},
		Struck: []Struck{{Blow: Blow{Victim: worker1, How: Kill}}},
	}
	r.Lost.add("touch 4.packed.1.1 is sent, and no provider took it")
	var b strings.Builder
	if err := r.Print(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"BROKEN  1 times in 1m0s, seed 7", "worker 1, kill -9            1", "touches lost                  1   of 12 touches in the ledger, 9 that had to be",
		"touch 4.packed.1.1 is sent, and no provider took it", "touches twice                 0   of 11 messages",
		"LATE  2 events were carried on more than 10s after they were taken, the latest after 40s", "     2  worker 1: kill -9\n", "     1  provider: cut\n",
		"1.packed.1.1             sms    the provider has it          worker 1: kill -9 0.4 s after the claim",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is missing in\n%s", want, b.String())
		}
	}
}
