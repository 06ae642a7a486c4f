package contact

import "time"

// Date is a date without a time: 20260704 is 4 July 2026. It is a number so that dates compare as they follow each other.
type Date int

// DateOf returns the date that the calendar on a wall shows at t.
func DateOf(t time.Time, zone *time.Location) Date {
	year, month, day := t.In(zone).Date()
	return Date(year*10_000 + int(month)*100 + day)
}

// Weekday returns the day of the week on which a date falls.
func (d Date) Weekday() time.Weekday { return d.time().Weekday() }

// Year returns the year of a date.
func (d Date) Year() int { return int(d) / 10_000 }

// String writes a date as 2026-12-25.
func (d Date) String() string { return d.time().Format(time.DateOnly) }

func (d Date) time() time.Time {
	return time.Date(int(d)/10_000, time.Month(int(d)/100%100), int(d)%100, 0, 0, 0, 0, time.UTC)
}

func dateOf(t time.Time) Date { return DateOf(t, time.UTC) }
