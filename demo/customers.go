package demo

import (
	"encoding/csv"
	"fmt"
	"io"
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
	language string
	zone     *time.Location
	channels string
	hours    []hours  // none: any decent hour
	topics   []string // agreed to
	owner    string
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

// habits are the hours that customers name.
func habits() [][]hours {
	return [][]hours{
		nil,
		{{"mon-fri", workdays(), 9 * 60, 17 * 60}},
		{{"mon-fri", workdays(), 18*60 + 30, 20*60 + 30}, {"sat", []time.Weekday{time.Saturday}, 9 * 60, 12 * 60}},
		{{"fri-sat", []time.Weekday{time.Friday, time.Saturday}, 22 * 60, 1 * 60}},
		{{"sat-sun", []time.Weekday{time.Saturday, time.Sunday}, 10 * 60, 12 * 60}},
		{{"mon-fri", workdays(), 12 * 60, 13*60 + 30}},
	}
}

// customers makes up n customers from a seed. Phones come from a range that is reserved for fiction.
func customers(n int, seed uint64) ([]customer, error) {
	zones := []string{"America/New_York", "America/Los_Angeles", "Europe/London", "Asia/Shanghai", "Asia/Kolkata", "America/St_Johns", "Pacific/Apia"}
	given := []string{"Alder", "Birch", "Cedar", "Fern", "Hazel", "Ivy", "Laurel", "Linden", "Maple", "Olive", "Rowan", "Willow"}
	family := []string{"Brook", "Dale", "Field", "Heath", "Marsh", "Moor", "Ridge", "Vale"}
	chinese := []string{"木兰", "海棠", "杜鹃", "丁香", "茉莉", "梧桐"}
	made := make([]customer, n)
	for i := range made {
		id := fmt.Sprintf("c-%03d", i+1)
		d := dice{seed: seed, about: id}
		zone, err := time.LoadLocation(pick(d, "zone", zones))
		if err != nil {
			return nil, fmt.Errorf("make up customer %s: %w", id, err)
		}
		c := customer{
			id: id, language: "en", zone: zone,
			name:     pick(d, "given", given) + " " + pick(d, "family", family),
			phone:    fmt.Sprintf("+1201555%04d", 100+i),
			email:    fmt.Sprintf("c%03d@example.org", i+1),
			channels: pick(d, "channels", []string{"sms>email", "email>sms", "sms", "email"}),
			hours:    pick(d, "hours", habits()),
			topics:   pick(d, "topics", [][]string{{"service", "care", "marketing"}, {"service", "care", "marketing"}, {"service", "care"}, {"service"}, nil}),
			owner:    fmt.Sprintf("rep-%02d", i%5+1),
		}
		if zone.String() == "Asia/Shanghai" {
			c.language, c.name = "zh-CN", pick(d, "given", chinese)
		}
		made[i] = c
	}
	return made, nil
}

// write writes customers as the CSV file that operations import.
func write(w io.Writer, all []customer) error {
	rows := [][]string{{"customer", "name", "phone", "email", "language", "time_zone", "channels", "contact_windows", "consents", "owner"}}
	for _, c := range all {
		var windows []string
		for _, h := range c.hours {
			windows = append(windows, h.String())
		}
		rows = append(rows, []string{
			c.id, c.name, c.phone, c.email, c.language, c.zone.String(), c.channels, strings.Join(windows, "; "), strings.Join(c.topics, " "), c.owner,
		})
	}
	return csv.NewWriter(w).WriteAll(rows)
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
