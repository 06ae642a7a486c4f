package demo

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// customer is a made-up customer, as this package knows them.
type customer struct {
	id       string
	name     string
	phone    string
	email    string
	slack    string // user id; empty for most
	language string
	country  string
	zone     *time.Location
	channels string
	hours    []hours  // none: any decent hour
	topics   []string // agreed to
	owner    string   // colleague
	star     int
	birthday time.Time // zero where they did not say
	past
}

// hours are when a customer wants to be reached, in local time.
type hours struct {
	days     string // as operations write them
	on       []time.Weekday
	from, to int // minutes after midnight; a to before from lies on the next day
}

func (h hours) String() string {
	return fmt.Sprintf("%s %02d:%02d-%02d:%02d", h.days, h.from/60, h.from%60, h.to/60, h.to%60)
}

// decent are the hours of who named none.
func decent() []hours { return []hours{{"daily", everyDay(), 9 * 60, 20 * 60}} }

func workdays() []time.Weekday {
	return []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}
}

func everyDay() []time.Weekday { return append(workdays(), time.Saturday, time.Sunday) }

// habits are the hours that customers name; every second one names none. None is shorter than three hours, less than a second of the demo's time:
// on a machine that is busy with other things too, a message would come too late for a shorter one day after day.
func habits() [][]hours {
	return [][]hours{
		nil, nil, nil, nil, nil,
		{{"mon-fri", workdays(), 9 * 60, 17 * 60}},
		{{"mon-fri", workdays(), 17 * 60, 20*60 + 30}, {"sat", []time.Weekday{time.Saturday}, 9 * 60, 13 * 60}},
		{{"fri-sat", []time.Weekday{time.Friday, time.Saturday}, 21 * 60, 2 * 60}},
		{{"sat-sun", []time.Weekday{time.Saturday, time.Sunday}, 9 * 60, 14 * 60}},
		{{"mon-fri", workdays(), 11 * 60, 15 * 60}},
	}
}

// place is where a house of the business has its customers.
type place struct{ zone, country string }

// places are where customers live: a house in three towns, and some who moved away and still come.
func places() []place {
	newYork, london, shanghai := place{"America/New_York", "US"}, place{"Europe/London", "GB"}, place{"Asia/Shanghai", "CN"}
	return []place{
		newYork, newYork, newYork, london, london, london, shanghai, shanghai,
		{"America/Los_Angeles", "US"}, {"America/St_Johns", "CA"}, {"Asia/Kolkata", "IN"},
	}
}

// Fictional numbers: 555-0100 to 555-0199 of each of these areas are nobody's.
var areas = []string{"201", "203", "205", "206", "207", "208", "209", "212", "213", "214"} //nolint:gochecknoglobals // a list that does not change

const numbersPerArea = 100

// MostCustomers is how many customers can be made up: there are no more numbers that are nobody's.
func MostCustomers() int { return numbersPerArea * len(areas) }

// customers makes up n customers from a seed, as they are when the business opens on its first day.
func customers(n int, seed uint64, opens time.Time, days int) ([]customer, error) {
	if n > MostCustomers() {
		return nil, fmt.Errorf("make up %d customers: there are fictional phone numbers for %d", n, MostCustomers())
	}
	given := []string{"Alder", "Birch", "Cedar", "Fern", "Hazel", "Ivy", "Laurel", "Linden", "Maple", "Olive", "Rowan", "Willow"}
	family := []string{"Brook", "Dale", "Field", "Heath", "Marsh", "Moor", "Ridge", "Vale"}
	chinese := []string{"木兰", "海棠", "杜鹃", "丁香", "茉莉", "梧桐"}
	made := make([]customer, n)
	for i := range made {
		id := fmt.Sprintf("c-%03d", i+1)
		d := dice{seed: seed, about: id}
		home := pick(d, "zone", places())
		zone, err := time.LoadLocation(home.zone)
		if err != nil {
			return nil, fmt.Errorf("make up customer %s: %w", id, err)
		}
		c := customer{
			id: id, language: "en", zone: zone, country: home.country,
			name:     pick(d, "given", given) + " " + pick(d, "family", family),
			phone:    fmt.Sprintf("+1%s555%04d", areas[i/numbersPerArea], 100+i%numbersPerArea),
			email:    fmt.Sprintf("c%03d@example.org", i+1),
			channels: pick(d, "channels", []string{"sms>email", "sms>email", "email>sms", "email>sms", "sms", "email", "slack>email"}),
			hours:    pick(d, "hours", habits()),
			topics:   pick(d, "topics", [][]string{everything(), everything(), everything(), everything(), {"service", "care"}, {"service", "care"}, {"service"}, nil}),
			owner:    colleagueID(int(d.number("owner") % colleagueCount)),
			star:     pick(d, "star", []int{1, 2, 3, 3, 3, 3, 4, 4, 5}),
			birthday: birthday(d, opens, days),
		}
		if strings.HasPrefix(c.channels, "slack") {
			c.slack = fmt.Sprintf("U0CUST%04d", i+1)
		}
		if home.country == "CN" {
			c.language, c.name = "zh-CN", pick(d, "given", chinese)
		}
		c.past = pastOf(c, d, opens, days)
		made[i] = c
	}
	return made, nil
}

// WorthWatching is the id of a customer to whom much is going to happen; of the first one where there is none.
func WorthWatching(c Config) (string, error) {
	made, err := customers(c.Customers, c.Seed, c.Start, c.Days)
	if err != nil {
		return "", err
	}
	last := c.Start.AddDate(0, 0, c.Days)
	for _, who := range made {
		soon := slices.ContainsFunc(who.agreements, func(a agreement) bool { return a.renews.Before(last) })
		if soon && who.life == regular && who.hours == nil && len(who.topics) == len(everything()) && len(ownAccord(newPerson(who), c.Seed, c.Start, c.Days)) > 1 {
			return who.id, nil
		}
	}
	return made[0].id, nil
}

func everything() []string { return []string{"service", "care", "marketing"} }

// birthday is a day of any year and month, but none that is just past when the business opens, nor so near its last day that whether a greeting
// still fits is a matter of minutes.
func birthday(d dice, opens time.Time, days int) time.Time {
	if !d.percent("tells the birthday", 80) {
		return time.Time{}
	}
	in := 3 + int(d.number("birthday")%355)
	if in >= days-4 && in <= days+2 {
		in -= 10
	}
	next := opens.AddDate(0, 0, max(3, in))
	return time.Date(1950+int(d.number("born")%55), next.Month(), next.Day(), 0, 0, 0, 0, time.UTC)
}

// awake says by the clock on the customer's wall whether they want to be reached.
func (c customer) awake(at time.Time) bool {
	wall := at.In(c.zone)
	minute, today := wall.Hour()*60+wall.Minute(), wall.Weekday()
	yesterday := (today + 6) % 7
	named := c.hours
	if len(named) == 0 {
		named = decent()
	}
	for _, h := range named {
		if h.from < h.to && slices.Contains(h.on, today) && minute >= h.from && minute < h.to {
			return true
		}
		if h.from > h.to && (slices.Contains(h.on, today) && minute >= h.from || slices.Contains(h.on, yesterday) && minute < h.to) {
			return true
		}
	}
	return false
}
