package segment_test

import (
	"testing"
	"time"

	"perennial/domain/customer"
	"perennial/domain/segment"
)

func TestTheCalendarIsTheCustomers(t *testing.T) {
	t.Parallel()
	e := segment.NewEvaluator(parse(t))
	for source, want := range map[string]bool{
		// It is 9 March, 23:30 in New York.
		`today == date('2026-03-09') && now > today && now < date('2026-03-10')`: true,
		`within(now, days(0))`:                                                           true,
		`within(date('2026-03-09'), days(1))`:                                            true,
		`within(date('2026-03-08'), days(1))`:                                            false, // its midnight is longer ago
		`within(date('2026-06-09'), months(3))`:                                          true,
		`within(date('2026-06-10'), months(3))`:                                          false,
		`has(customer.birthday) && anniversary(customer.birthday) == date('2026-02-28')`: true,
		`anniversary(customer.purchases.first) == date('2027-01-31')`:                    true, // the first is a year after it
		`anniversary(timestamp('2020-03-10T02:00:00Z')) == today`:                        true, // 9 March in New York
		`date('2026-03-08') + days(1) - date('2026-03-08') == duration('23h')`:           true, // the clocks change
	} {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			if got, err := e.Bool(t.Context(), source, facts(t)); err != nil || got != want {
				t.Errorf("got %v, %v, want %v", got, err, want)
			}
		})
	}
}

func TestAnAnniversaryIsTheNearestToNow(t *testing.T) {
	t.Parallel()
	e := segment.NewEvaluator(parse(t))
	for _, c := range []struct{ born, now, want string }{
		{"1990-05-04", "2026-05-04", "2026-05-04"},
		{"1990-05-04", "2026-05-05", "2026-05-04"},
		{"1990-01-02", "2025-12-26", "2026-01-02"}, // over New Year, forward
		{"1990-12-31", "2026-01-02", "2025-12-31"}, // and back
		{"2024-02-29", "2026-02-28", "2026-02-28"}, // no such day that year
		{"2024-02-29", "2028-03-01", "2028-02-29"},
		{"2026-05-04", "2026-05-04", "2027-05-04"}, // no anniversary on the day itself
		{"2026-05-04", "2027-05-04", "2027-05-04"},
		{"2030-05-04", "2026-05-04", "2031-05-04"}, // nor before it
	} {
		f := facts(t)
		f.Profile.Attributes["birthday"] = c.born
		f.Now = day(t, c.now, f.Profile.Zone).Add(12 * time.Hour)
		got, err := e.Time(t.Context(), "anniversary(customer.birthday)", f)
		if want := day(t, c.want, f.Profile.Zone); err != nil || !got.Equal(want) {
			t.Errorf("of %s at %s: got %v, %v, want %s", c.born, c.now, got, err, c.want)
		}
	}
}

func TestWhatNeverHappenedHasNoAnniversary(t *testing.T) {
	t.Parallel()
	e := segment.NewEvaluator(parse(t))
	for _, name := range []string{"UTC", "America/New_York", "Pacific/Kiritimati"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		f := facts(t)
		f.Profile.Zone = zone
		f.Now = time.Date(2027, 1, 1, 9, 0, 0, 0, zone) // an anniversary of the beginning of the year 1
		for _, source := range []string{"anniversary(last('purchase'))", "anniversary(last('purchase') + days(3))", "anniversary(last('purchase')) - days(7)"} {
			if got, err := e.Time(t.Context(), source, f); err != nil || !got.IsZero() {
				t.Errorf("%s in %s: got %v, %v", source, name, got, err)
			}
		}
	}
}

// A day may begin at one o'clock, where clocks are put forward at midnight. However it is written, it is the same instant.
func TestADayIsTheSameHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	e := segment.NewEvaluator(parse(t))
	for _, c := range []struct{ zone, day string }{
		{"Asia/Beirut", "2026-03-29"}, {"Africa/Cairo", "2026-04-24"}, {"America/Santiago", "2026-09-06"}, {"Atlantic/Azores", "2026-03-29"}, {"Asia/Shanghai", "2026-05-04"},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		f := facts(t)
		f.Profile.Zone, f.Profile.Attributes["birthday"] = zone, c.day
		f.Thing = &customer.Thing{Of: customer.Asset, ID: "car-1", Attributes: map[string]any{"acquired_on": "2020" + c.day[4:]}}
		f.Now = day(t, c.day, zone).Add(12 * time.Hour)
		source := `today == date('` + c.day + `') && customer.birthday == today && anniversary(asset.acquired_on) == today && today - days(1) + days(1) == today`
		if got, err := e.Bool(t.Context(), source, f); err != nil || !got {
			t.Errorf("%s in %s: got %v, %v", c.day, c.zone, got, err)
		}
	}
}

func TestImpossibleDatesAreRefused(t *testing.T) {
	t.Parallel()
	env, err := segment.NewEnv(parse(t), segment.Scope{})
	if err != nil {
		t.Fatal(err)
	}
	for source, want := range map[string]segment.Issue{
		`now < date('2026-02-30')`:                {Offset: 11, What: `"2026-02-30" is no day of the calendar`, Mend: "write a day such as date('2026-12-24')"},
		`now < date('24.12.2026')`:                {Offset: 11, What: `"24.12.2026" is no day of the calendar`, Mend: "write a day such as date('2026-12-24')"},
		`now < date(customer.owner)`:              {Offset: 19, What: "date() takes a day that is written out", Mend: "write a day such as date('2026-12-24')"},
		`now < timestamp('2026-13-01T00:00:00Z')`: {Offset: 16, What: "this is no instant", Mend: "write it as timestamp('2026-05-04T09:00:00Z'), or a day as date('2026-05-04')"},
		`now - now < duration('3 days')`:          {Offset: 21, What: "this is no length of time on a clock", Mend: "write hours, minutes or seconds as duration('36h'), or days as days(2)"},
		`now < now + days(9000000)`:               {Offset: 17, What: "days() of so large a number is no date", Mend: "write a smaller one"},
		`now < '2026-12-24'`:                      {Offset: 4, What: "< can't be applied to date and string", Mend: "write the day as date('2026-12-24')"},
		`now < now + 30`:                          {Offset: 10, What: "+ can't be applied to date and int", Mend: "write the number as a length of time, such as days(30)"},
		`within(now, 30)`:                         {Offset: 6, What: "within can't be applied to date and int", Mend: "write within(customer.purchases.last, days(90))"},
		`customer.owner.matches('[')`:             {Offset: 23, What: "this is no pattern", Mend: "write a regular expression (RE2)"},
	} {
		issues, _ := env.Check(source, segment.Bool)
		if len(issues) != 1 || issues[0] != want {
			t.Errorf("%s: got %+v, want %+v", source, issues, want)
		}
	}
}

func day(t *testing.T, text string, zone *time.Location) time.Time {
	t.Helper()
	at, err := time.ParseInLocation(time.DateOnly, text, zone)
	if err != nil {
		t.Fatal(err)
	}
	return at
}
