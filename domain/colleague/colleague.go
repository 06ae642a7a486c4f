package colleague

import (
	"slices"
	"time"

	"perennial/domain/contact"
	"perennial/domain/customer"
)

// Colleague is somebody on our side.
type Colleague struct {
	ID        string
	Name      string
	Language  string         // BCP 47, such as "en" or "zh-CN"
	Zone      *time.Location // IANA zone, never nil
	Country   string         // ISO 3166-1 alpha-2, empty when unknown: then no public holiday holds
	Channels  []customer.Channel
	Addresses map[customer.Channel]customer.Address
	Hours     customer.Windows // working hours; empty means [OfficeHours]
	Absences  []Absence
	Deputy    string // id of the colleague who stands in; empty when nobody does
}

// Absence is days on which a colleague is not at work, both included, by the calendar of the colleague's zone.
type Absence struct{ From, To contact.Date }

// Channels are those on which colleagues are told, in the order of those who named none.
var Channels = []customer.Channel{customer.Slack, customer.Email}

// OfficeHours are the working hours of those who named none: Monday to Friday, 09:00 to 18:00.
var OfficeHours = customer.Windows{{
	Days: [7]bool{time.Monday: true, time.Tuesday: true, time.Wednesday: true, time.Thursday: true, time.Friday: true}, Opens: 9 * 60, Ends: 18 * 60,
}}

// Valid is how long it is of use to tell a colleague something where the journey does not say.
var Valid = contact.Period{Days: 7}

// Order is the channels on which the colleague wants to be told, the best first.
func (c *Colleague) Order() []customer.Channel {
	if len(c.Channels) == 0 {
		return Channels
	}
	return c.Channels
}

// WorkingHours are the colleague's own, or else [OfficeHours].
func (c *Colleague) WorkingHours() customer.Windows {
	if len(c.Hours) == 0 {
		return OfficeHours
	}
	return c.Hours
}

// Absent says whether the colleague is absent at an instant.
func (c *Colleague) Absent(at time.Time) bool {
	today := contact.DateOf(at, c.Zone)
	return slices.ContainsFunc(c.Absences, func(a Absence) bool { return a.From <= today && today <= a.To })
}

// celebrates says whether it is a public holiday of the colleague's country.
func (c *Colleague) celebrates(at time.Time, calendars []contact.Calendar) bool {
	for i := range calendars {
		if calendars[i].Country == c.Country {
			_, holiday := calendars[i].Holiday(contact.DateOf(at, c.Zone))
			return holiday
		}
	}
	return false
}

// channel is the first in the colleague's order that has a good address, for which the message is written, and that did not fail already.
func (c *Colleague) channel(q Question) (customer.Channel, bool) {
	for _, channel := range c.Order() {
		address, known := c.Addresses[channel]
		if known && address.Bad == "" && slices.Contains(q.Templates, channel) && !slices.Contains(q.Tried, Try{c.ID, channel}) {
			return channel, true
		}
	}
	return "", false
}
