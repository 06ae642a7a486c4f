package journey_test

import (
	"testing"
	"time"
	_ "time/tzdata" // calendar arithmetic is shown in zones, also where the machine has no database of them

	"pgregory.net/rapid"

	"perennial/domain/journey"
)

func TestSpansFollowTheCalendarOnTheCustomersWall(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ span, zone, from, want string }{
		"a month from 31 January is the last day of February":       {"1mo", "UTC", "2026-01-31T10:00:00Z", "2026-02-28T10:00:00Z"},
		"in a leap year the 29th":                                   {"1mo", "UTC", "2028-01-31T10:00:00Z", "2028-02-29T10:00:00Z"},
		"a month from 30 January, too":                              {"1mo", "UTC", "2026-01-30T10:00:00Z", "2026-02-28T10:00:00Z"},
		"a month from 28 February is not the last of March":         {"1mo", "UTC", "2026-02-28T10:00:00Z", "2026-03-28T10:00:00Z"},
		"three months from 30 November":                             {"3mo", "UTC", "2026-11-30T10:00:00Z", "2027-02-28T10:00:00Z"},
		"thirteen months":                                           {"13mo", "UTC", "2026-12-31T10:00:00Z", "2028-01-31T10:00:00Z"},
		"a year from a leap day":                                    {"1y", "UTC", "2028-02-29T10:00:00Z", "2029-02-28T10:00:00Z"},
		"four years from a leap day":                                {"4y", "UTC", "2028-02-29T10:00:00Z", "2032-02-29T10:00:00Z"},
		"a year and a month, in one":                                {"1y1mo", "UTC", "2027-01-31T10:00:00Z", "2028-02-29T10:00:00Z"},
		"months come before days":                                   {"1mo1d", "UTC", "2026-01-31T10:00:00Z", "2026-03-01T10:00:00Z"},
		"two weeks over the end of a year":                          {"2w", "UTC", "2026-12-25T10:00:00Z", "2027-01-08T10:00:00Z"},
		"a day over the change to summer is 23 hours":               {"1d", "America/New_York", "2026-03-07T20:00:00-05:00", "2026-03-08T20:00:00-04:00"},
		"a day over the change to winter is 25 hours":               {"1d", "America/New_York", "2026-10-31T09:00:00-04:00", "2026-11-01T09:00:00-05:00"},
		"24 hours are 24 hours":                                     {"24h", "America/New_York", "2026-03-07T20:00:00-05:00", "2026-03-08T21:00:00-04:00"},
		"a time that is skipped moves on by the gap":                {"1d", "America/New_York", "2026-03-07T02:30:00-05:00", "2026-03-08T03:30:00-04:00"},
		"by half an hour where the gap is half an hour":             {"1w", "Australia/Lord_Howe", "2026-09-27T02:15:00+10:30", "2026-10-04T02:45:00+11:00"},
		"a month over a change, by the wall":                        {"1mo", "Europe/London", "2026-03-15T09:00:00Z", "2026-04-15T09:00:00+01:00"},
		"an hour that comes twice keeps its wall time":              {"1d", "America/New_York", "2026-10-31T01:30:00-04:00", "2026-11-01T01:30:00-04:00"},
		"hours from an hour that comes twice start where they were": {"1h", "America/New_York", "2026-11-01T01:30:00-04:00", "2026-11-01T01:30:00-05:00"},
		"a midnight that is skipped":                                {"1d", "Africa/Cairo", "2026-04-23T00:30:00+02:00", "2026-04-24T01:30:00+03:00"},
		"a day and twelve hours":                                    {"1d12h", "America/New_York", "2026-03-07T12:00:00-05:00", "2026-03-09T00:00:00-04:00"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			span, err := journey.ParseSpan(c.span)
			if err != nil {
				t.Fatal(err)
			}
			z, err := time.LoadLocation(c.zone)
			if err != nil {
				t.Fatal(err)
			}
			if got := span.From(moment(t, c.from).In(z)); !got.Equal(moment(t, c.want)) {
				t.Errorf("%s from %s is %v, want %s", c.span, c.from, got, c.want)
			}
		})
	}
}

func moment(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// TestMonthsKeepTheDayAsFarAsTheMonthHasIt: some months later it is the same day of the month, or the last one where that month is shorter, at the
// same time on the wall wherever the wall shows it.
func TestMonthsKeepTheDayAsFarAsTheMonthHasIt(t *testing.T) {
	t.Parallel()
	zones := []string{"UTC", "America/New_York", "Asia/Shanghai", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia", "America/St_Johns"}
	rapid.Check(t, func(t *rapid.T) {
		z, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		from := time.Date(2024, 1, 1, 0, rapid.IntRange(0, 8*365*1440).Draw(t, "minute"), 0, 0, time.UTC).In(z)
		months := rapid.IntRange(1, 120).Draw(t, "months")
		got := journey.Span{Months: months}.From(from)
		if n := (got.Year()-from.Year())*12 + int(got.Month()) - int(from.Month()); n != months {
			t.Fatalf("%d months from %v is %v, which is %d", months, from, got, n)
		}
		last := time.Date(got.Year(), got.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
		if got.Day() != min(from.Day(), last) {
			t.Fatalf("%d months from %v is %v", months, from, got)
		}
		noGap := time.Date(got.Year(), got.Month(), got.Day(), from.Hour(), from.Minute(), 0, 0, z)
		if noGap.Hour() == from.Hour() && (got.Hour() != from.Hour() || got.Minute() != from.Minute()) {
			t.Fatalf("%d months from %v is %v", months, from, got)
		}
	})
}
