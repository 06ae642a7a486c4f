package journey_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"perennial/domain/journey"
)

func TestSpansAreReadAsOperationsWriteThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]journey.Span{
		"30s":       {Exact: 30 * time.Second},
		"15m":       {Exact: 15 * time.Minute},
		"36h":       {Exact: 36 * time.Hour},
		"3d":        {Days: 3},
		"2w":        {Days: 14},
		"1mo":       {Months: 1},
		"1y":        {Years: 1},
		"1y6mo2w3d": {Years: 1, Months: 6, Days: 17},
		"1d12h30m":  {Days: 1, Exact: 12*time.Hour + 30*time.Minute},
		"100y":      {Years: 100},
	} {
		if got, err := journey.ParseSpan(text); err != nil || got != want {
			t.Errorf("%s: got %+v, %v, want %+v", text, got, err, want)
		}
	}
}

func TestWhatIsNoSpanSaysWhy(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":       " is no length of time",
		"3":      "3 is no length of time",
		"-3d":    "-3d is no length of time",
		"3 d":    "3 d is no length of time",
		"1.5d":   "1.5d is no length of time",
		"0d0h":   "a length of time must be longer than nothing",
		"3h2d":   "the units of 3h2d are out of order",
		"1d1d":   "the units of 1d1d are out of order",
		"101y":   "101y is too long",
		"99999d": "99999d is too long",
		"100y1s": "100y1s is too long",
	} {
		if got, err := journey.ParseSpan(text); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, %v, want %s", text, got, err, want)
		}
	}
}

func TestASpanIsReadAsItIsWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := journey.Span{
			Years:  rapid.IntRange(0, 50).Draw(t, "years"),
			Months: rapid.IntRange(0, 100).Draw(t, "months"),
			Days:   rapid.IntRange(0, 1000).Draw(t, "days"),
			Exact:  time.Duration(rapid.IntRange(1, 1_000_000).Draw(t, "seconds")) * time.Second,
		}
		if got, err := journey.ParseSpan(want.String()); err != nil || got != want {
			t.Fatalf("%s: got %+v, %v", want, got, err)
		}
	})
}
