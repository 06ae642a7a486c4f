package contact_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"perennial/domain/contact"
)

func TestPeriodsAreReadAsOperationsWriteThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]contact.Period{
		"30m":    {Exact: 30 * time.Minute},
		"4h":     {Exact: 4 * time.Hour},
		"7d":     {Days: 7},
		"2w":     {Days: 14},
		"1w1d6h": {Days: 8, Exact: 6 * time.Hour},
	} {
		if got, err := contact.ParsePeriod(text); err != nil || got != want {
			t.Errorf("%s: got %+v, %v, want %+v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "7", "0d", "1mo", "-1d", "1h1d", "1.5h", "7 d", "99999w"} {
		if got, err := contact.ParsePeriod(text); err == nil {
			t.Errorf("%q is read as %s", text, got)
		}
	}
}

func TestAPeriodIsReadAsItIsWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := contact.Period{Days: rapid.IntRange(0, 400).Draw(t, "days"), Exact: time.Duration(rapid.IntRange(1, 50_000).Draw(t, "minutes")) * time.Minute}
		if got, err := contact.ParsePeriod(want.String()); err != nil || got != want {
			t.Fatalf("%s: got %+v, %v", want, got, err)
		}
	})
}
