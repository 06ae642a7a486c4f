package chaos

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// shown is how many things of a kind are told one by one.
const shown = 10

// Count is how often something was that must not be, and what it was.
type Count struct {
	Count int      `json:"count"`
	What  []string `json:"what,omitempty"` // the first few
}

func (c *Count) add(what string) {
	c.Count++
	if len(c.What) < shown {
		c.What = append(c.What, what)
	}
}

// Unconfirmed is a touch of which nobody knows whether it was sent.
type Unconfirmed struct {
	Touch   string `json:"touch"`
	Channel string `json:"channel"`
	Code    string `json:"code"`
	Taken   bool   `json:"taken"` // the provider took it, by its own record
	Why     string `json:"why"`   // what kept the product from knowing; empty where nothing explains it
}

// Report is what a run found.
type Report struct {
	Seed   uint64        `json:"seed"`
	Length time.Duration `json:"length"`

	// What must not be.
	Lost           Count `json:"touches_lost"`
	Twice          Count `json:"touches_twice"`
	Unexplained    Count `json:"unconfirmed_unexplained"`
	OutsideWindow  Count `json:"outside_window"`
	WithoutConsent Count `json:"without_consent"`
	EventsLost     Count `json:"events_lost"`
	Stuck          Count `json:"enrollments_stuck"`
	Forged         Count `json:"forged_receipts_taken"`
	Personal       Count `json:"personal_data"`

	// Out of how many.
	Touches  int `json:"touches"`     // that the ledger has
	Expected int `json:"expected"`    // that enrollments had to make
	Messages int `json:"messages"`    // that providers took, of journeys
	Words    int `json:"words"`       // and in return to what somebody wrote
	Events   int `json:"events"`      // that the product said that it had
	Effects  int `json:"effects"`     // waits that an event had to end
	Tries    int `json:"tries"`       // that this took
	Late     int `json:"events_late"` // events that were carried on more than 10 s after they were taken: by a sweep, as a rule

	Latest time.Duration `json:"events_latest"` // the latest of them

	Enrollments int `json:"enrollments"` //
	Forgeries   int `json:"forgeries"`
	Runs        int `json:"runs"`
	LogLines    int `json:"log_lines"`

	Unconfirmed []Unconfirmed `json:"unconfirmed"`
	Tame        []string      `json:"too_tame,omitempty"` // what was done or seen too little for the counts to mean something
	Struck      []Struck      `json:"struck"`
	Diary       []string      `json:"diary"`
}

// counts are all that must be zero, with words and out of how many.
func (r *Report) counts() []struct {
	what  string
	count Count
	of    string
} {
	return []struct {
		what  string
		count Count
		of    string
	}{
		{"touches lost", r.Lost, fmt.Sprintf("%d touches in the ledger, %d that had to be", r.Touches, r.Expected)},
		{"touches twice", r.Twice, fmt.Sprintf("%d messages that providers took", r.Messages)},
		{"unconfirmed, unexplained", r.Unexplained, fmt.Sprintf("%d unconfirmed", len(r.Unconfirmed))},
		{"outside window", r.OutsideWindow, fmt.Sprintf("%d messages", r.Messages)},
		{"without consent", r.WithoutConsent, fmt.Sprintf("%d messages, %d words in return", r.Messages, r.Words)},
		{"events lost", r.EventsLost, fmt.Sprintf("%d events taken in %d tries, %d waits that they ended", r.Events, r.Tries, r.Effects)},
		{"enrollments stuck", r.Stuck, fmt.Sprintf("%d enrollments", r.Enrollments)},
		{"forged receipts taken", r.Forged, fmt.Sprintf("%d forged", r.Forgeries)},
		{"personal data", r.Personal, fmt.Sprintf("%d histories, %d lines of logs, %d touches", r.Runs, r.LogLines, r.Touches)},
	}
}

// OK says whether nothing happened that must not, in a run that was wild enough to mean it.
func (r *Report) OK() bool {
	for _, c := range r.counts() {
		if c.count.Count > 0 {
			return false
		}
	}
	return len(r.Tame) == 0
}

// tooLittle says what was seen too little of.
func tooLittle(r Report) []string {
	var missing []string
	for _, least := range []struct {
		what string
		of   int
		want int
	}{
		{"messages", r.Messages, int(r.Length.Seconds())},
		{"events taken", r.Events, int(r.Length.Seconds())},
		{"waits that events ended", r.Effects, int(r.Length.Minutes())},
		{"forged receipts", r.Forgeries, int(r.Length.Minutes())},
	} {
		if least.of < least.want {
			missing = append(missing, fmt.Sprintf("%s: %d, want %d", least.what, least.of, least.want))
		}
	}
	return missing
}

// Print writes the report for people.
func (r *Report) Print(to io.Writer) error {
	var b strings.Builder
	strikes := map[string]int{}
	for _, s := range r.Struck {
		strikes[s.Victim+", "+string(s.How)]++
	}
	fmt.Fprintf(&b, "BROKEN  %d times in %v, seed %d\n", len(r.Struck), r.Length, r.Seed)
	for _, what := range slices.Sorted(maps.Keys(strikes)) {
		fmt.Fprintf(&b, "  %-28s %d\n", what, strikes[what])
	}
	b.WriteString("\nCOUNTS\n")
	for _, c := range r.counts() {
		fmt.Fprintf(&b, "  %-26s %4d   of %s\n", c.what, c.count.Count, c.of)
		for _, what := range c.count.What {
			fmt.Fprintf(&b, "      %s\n", what)
		}
	}
	if r.Late > 0 {
		fmt.Fprintf(&b, "\nLATE  %d events were carried on more than %v after they were taken, the latest after %v\n", r.Late, late, r.Latest.Round(time.Second))
	}
	r.printUnconfirmed(&b)
	for _, missing := range r.Tame {
		fmt.Fprintf(&b, "\nTOO TAME  %s", missing)
	}
	_, err := io.WriteString(to, b.String()+"\n")
	return err
}

// printUnconfirmed writes what kept the product from knowing, first how often and then touch by touch.
func (r *Report) printUnconfirmed(b *strings.Builder) {
	if len(r.Unconfirmed) == 0 {
		return
	}
	causes := map[string]int{}
	for _, u := range r.Unconfirmed {
		cause, _, _ := strings.Cut(u.Why, " after the claim")
		if at := strings.LastIndexByte(cause, ' '); cause != u.Why && strings.HasSuffix(cause, " s") {
			cause = cause[:strings.LastIndexByte(cause[:at], ' ')]
		}
		causes[cause]++
	}
	fmt.Fprintf(b, "\nUNCONFIRMED  %d, of which nobody can find out whether they were sent; none is sent again\n", len(r.Unconfirmed))
	for _, cause := range slices.Sorted(maps.Keys(causes)) {
		fmt.Fprintf(b, "  %4d  %s\n", causes[cause], cmp.Or(cause, "nothing explains it"))
	}
	for _, u := range r.Unconfirmed {
		taken := "the provider has not got it"
		if u.Taken {
			taken = "the provider has it"
		}
		fmt.Fprintf(b, "  %-24s %-6s %-28s %s\n", u.Touch, u.Channel, taken, u.Why)
	}
}
