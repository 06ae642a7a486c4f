package contact_test

import (
	"slices"
	"testing"
	"time"

	"perennial/domain/contact"
)

// calendar is one that this repository ships.
func calendar(t *testing.T, country string) contact.Calendar {
	t.Helper()
	all := shipped(t).Calendars
	i := slices.IndexFunc(all, func(c contact.Calendar) bool { return c.Country == country })
	if i < 0 {
		t.Fatalf("there is no calendar of %s", country)
	}
	return all[i]
}

// TestTheCalendarsFollowTheirLaws checks the dates against the rules by which they come about.
func TestTheCalendarsFollowTheirLaws(t *testing.T) {
	t.Parallel()
	us, gb := calendar(t, "US"), calendar(t, "GB")
	for _, year := range []int{2026, 2027} {
		for name, date := range map[string]time.Time{
			"Birthday of Martin Luther King, Jr.": nth(year, time.January, time.Monday, 3),
			"Washington's Birthday":               nth(year, time.February, time.Monday, 3),
			"Memorial Day":                        nth(year, time.June, time.Monday, 0),
			"Labor Day":                           nth(year, time.September, time.Monday, 1),
			"Columbus Day":                        nth(year, time.October, time.Monday, 2),
			"Thanksgiving Day":                    nth(year, time.November, time.Thursday, 4),
		} {
			rests(t, us, date, name)
		}
		for name, date := range map[string]time.Time{
			"Early May bank holiday": nth(year, time.May, time.Monday, 1),
			"Spring bank holiday":    nth(year, time.June, time.Monday, 0),
			"Summer bank holiday":    nth(year, time.September, time.Monday, 0),
			"Good Friday":            easter(year).AddDate(0, 0, -2),
			"Easter Monday":          easter(year).AddDate(0, 0, 1),
		} {
			rests(t, gb, date, name)
		}
	}
}

// TestWhatFallsOnAWeekendIsObservedOnAWeekday: on the Friday before or the Monday after in the United States, on the next free weekday in
// England and Wales.
func TestWhatFallsOnAWeekendIsObservedOnAWeekday(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ country, date, name string }{
		{"US", "2026-07-03", "Independence Day (observed)"},
		{"US", "2027-06-18", "Juneteenth National Independence Day (observed)"},
		{"US", "2027-07-05", "Independence Day (observed)"},
		{"US", "2027-12-24", "Christmas Day (observed)"},
		{"US", "2027-12-31", "New Year's Day (observed)"},
		{"GB", "2026-12-28", "Boxing Day (observed)"},
		{"GB", "2027-12-27", "Christmas Day (observed)"},
		{"GB", "2027-12-28", "Boxing Day (observed)"},
	} {
		date, err := time.Parse(time.DateOnly, c.date)
		if err != nil {
			t.Fatal(err)
		}
		rests(t, calendar(t, c.country), date, c.name)
	}
}

// TestTheChineseYearHasAsManyDaysOffAsWereAnnounced counts 2026: 33 days off, 6 weekend days worked.
func TestTheChineseYearHasAsManyDaysOffAsWereAnnounced(t *testing.T) {
	t.Parallel()
	cn := calendar(t, "CN")
	off, worked, fixed := 0, 0, 0
	for _, day := range cn.Days {
		if day.Date.Year() == 2026 {
			off++
		} else {
			fixed++
		}
		if _, works := cn.Works(day.Date); works {
			t.Errorf("%s is off and worked", day.Date)
		}
	}
	for _, day := range cn.Working {
		if day.Date.Year() == 2026 {
			worked++
		}
	}
	if off != 33 || worked != 6 {
		t.Errorf("2026 has %d days off and %d weekend days worked", off, worked)
	}
	if fixed < 13 {
		t.Errorf("2027 has %d days off, the law fixes 13", fixed)
	}
}

func rests(t *testing.T, c contact.Calendar, date time.Time, name string) {
	t.Helper()
	day, ok := c.Holiday(contact.DateOf(date, time.UTC))
	if !ok || day.Name != name {
		t.Errorf("%s: %s is %q, want %q", c.Country, date.Format(time.DateOnly), day.Name, name)
	}
	if weekday := date.Weekday(); weekday == time.Saturday || weekday == time.Sunday {
		t.Errorf("%s: %s is no weekday", c.Country, date.Format(time.DateOnly))
	}
}

// nth is the nth weekday of a month; the 0th is the last one of the month before.
func nth(year int, month time.Month, weekday time.Weekday, n int) time.Time {
	first := time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
	return first.AddDate(0, 0, (int(weekday-first.Weekday())+7)%7+7*(n-1))
}

// easter is Easter Sunday, by the rule of the paschal full moon as it holds from 1900 to 2199.
func easter(year int) time.Time {
	golden, century := year%19, year/100
	epact := (19*golden + century - century/4 - (8*century+13)/25 + 15) % 30
	epact -= epact / 28 * (1 - 29/(epact+1)*((21-golden)/11))
	weekday := (year + year/4 + epact + 2 - century + century/4) % 7
	moon := epact - weekday
	month := 3 + (moon+40)/44
	return time.Date(year, time.Month(month), moon+28-31*(month/4), 0, 0, 0, 0, time.UTC)
}
