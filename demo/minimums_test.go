package demo

import (
	"slices"
	"strings"
	"testing"
)

func TestADemoInWhichNothingHappensSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	idle := Summary{Customers: minimumCustomers, Days: minimumDays}
	missing := idle.TooLittle()
	for _, want := range []string{"customers who entered win-back", "messages that were held", "words to a colleague", "messages that were tried again"} {
		if !slices.ContainsFunc(missing, func(said string) bool { return strings.Contains(said, want+": 0, and a run like this has at least ") }) {
			t.Errorf("nothing says %q: %q", want, missing)
		}
	}
	idle.Days--
	if missing := idle.TooLittle(); len(missing) > 0 {
		t.Errorf("a shorter run has no minimums: %q", missing)
	}
}
