package demo

import (
	"fmt"
	"maps"
	"slices"
)

// minimum is something of which there must be so much, or the demo has shown nothing.
type minimum struct {
	what  string
	least int
	had   int
}

// The business for which the minimums hold. A smaller one, or one that lives shorter, has none.
const (
	minimumCustomers = 300
	minimumDays      = 60
)

// minimums are what a business of three hundred customers sees in sixty days, with room for the seed.
func (s Summary) minimums() []minimum {
	if s.Customers < minimumCustomers || s.Days < minimumDays {
		return nil
	}
	var all []minimum
	for _, name := range []string{"birthday", "holiday-greeting", "onboarding", "renewal", "return-visit", "win-back"} {
		all = append(all, minimum{"customers who entered " + name, 15, s.Journeys[name].Entered})
	}
	for _, name := range []string{"onboarding", "renewal", "win-back"} {
		all = append(all, minimum{"goals reached in " + name, 3, s.Journeys[name].Goal})
	}
	for _, name := range []string{"onboarding", "renewal", "return-visit", "win-back"} {
		all = append(all, minimum{"exits from " + name, 2, s.Journeys[name].Exited})
	}
	for _, name := range []string{"birthday", "holiday-greeting"} {
		all = append(all, minimum{"ways through " + name, 10, s.Journeys[name].Completed})
	}
	return append(all,
		minimum{"messages that were held", 100, total(s.Held)},
		minimum{"reasons to hold one", 4, len(s.Held)},
		minimum{"messages that were not sent for a reason", 40, total(s.Skipped)},
		minimum{"questions that were answered", 20, s.Asks.Answered},
		minimum{"customers who wanted to hear no more of something", 5, s.OptOuts},
		minimum{"messages that were tried again", 10, s.Retries},
		minimum{"messages that took another channel", 3, s.Fallbacks},
		minimum{"words to a colleague", 10, s.Notifies},
	)
}

// TooLittle says of what too little happened, each in a sentence.
func (s Summary) TooLittle() []string {
	var missing []string
	for _, m := range s.minimums() {
		if m.had < m.least {
			missing = append(missing, fmt.Sprintf("too few %s: %d, and a run like this has at least %d", m.what, m.had, m.least))
		}
	}
	return missing
}

func total(counts map[string]int) int {
	sum := 0
	for _, n := range slices.Collect(maps.Values(counts)) {
		sum += n
	}
	return sum
}
