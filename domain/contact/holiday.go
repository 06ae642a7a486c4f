package contact

import (
	"slices"
	"time"

	"perennial/domain/customer"
)

// Calendar is the public holidays of a country.
type Calendar struct {
	Country string `json:"country"` // ISO 3166-1 alpha-2
	Source  string `json:"source"`  // who says so
	First   int    `json:"first"`   // the years that it covers
	Last    int    `json:"last"`
	Days    []Day  `json:"days"`              // by date
	Working []Day  `json:"working,omitempty"` // weekend days on which the country works instead, by date
	Place   Place  `json:"place"`
}

// Day is one date in a calendar.
type Day struct {
	Date  Date   `json:"date"`
	Name  string `json:"name"`
	Place Place  `json:"place"`
}

// Holiday returns the public holiday on a date.
func (c Calendar) Holiday(date Date) (Day, bool) { return find(c.Days, date) }

// Works returns the reason for which the country works on a weekend day.
func (c Calendar) Works(date Date) (Day, bool) { return find(c.Working, date) }

func find(days []Day, date Date) (Day, bool) {
	i, ok := slices.BinarySearchFunc(days, date, func(d Day, date Date) int { return int(d.Date - date) })
	if !ok {
		return Day{}, false
	}
	return days[i], true
}

// holiday moves a touch of a topic that rests on public holidays past those of the customer's country.
func (d *decision) holiday(t time.Time) (at, until time.Time, ok bool) {
	calendar := d.calendar()
	if calendar == nil {
		return t, time.Time{}, true
	}
	at = t
	for range searchDays {
		tomorrow := customer.NextDate(at, d.who.Zone)
		if _, rests := calendar.Holiday(DateOf(at, d.who.Zone)); !rests {
			return at, d.restFrom(calendar, tomorrow), true
		}
		at = tomorrow
	}
	return time.Time{}, time.Time{}, false
}

// restFrom returns tomorrow when it is a holiday; zero when it is not: no permission lasts longer than a day.
func (d *decision) restFrom(calendar *Calendar, tomorrow time.Time) time.Time {
	if _, rests := calendar.Holiday(DateOf(tomorrow, d.who.Zone)); rests {
		return tomorrow
	}
	return time.Time{}
}

// calendar is that of the customer's country; nil where there is none, or where the topic takes no notice of it.
func (d *decision) calendar() *Calendar {
	if d.p.Holidays == nil || d.who.Country == "" || !d.concerns(d.p.Holidays.Topics) {
		return nil
	}
	for i := range d.p.Calendars {
		if d.p.Calendars[i].Country == d.who.Country {
			return &d.p.Calendars[i]
		}
	}
	return nil
}
