package chaos

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"perennial/domain/customer"
	"perennial/store"
)

// person is a customer of the run. Everything personal is made up in a way in which nothing else is, so that it can be looked for.
type person struct {
	id        string
	name      string
	addresses map[string]string // by channel
	channels  []string          // in order
	zone      *time.Location
	odd, even bool // the hours at which they want to be reached, by the clock on their wall
	marketing bool // whether they agreed to it
}

// colleague is who looks after all of them.
const (
	colleague        = "rep-01"
	colleagueName    = "Quillon Vexmoor"
	colleagueAddress = "quillon.vexmoor@chaos.example.com"
)

// maxCustomers is how many phone numbers there are that are nobody's: 555-0100 to 555-0199 of some areas.
const maxCustomers = 400

func people(count int) []*person {
	zones := []string{"Europe/London", "America/New_York", "Asia/Shanghai", "America/Los_Angeles"}
	orders := [][]string{{"sms", "email"}, {"email", "sms"}, {"slack", "sms"}, {"sms", "slack"}, {"email", "slack"}}
	areas := []int{201, 202, 203, 205}
	var all []*person
	for n := range count {
		zone, err := time.LoadLocation(zones[n%len(zones)])
		if err != nil {
			zone = time.UTC
		}
		p := &person{
			id: fmt.Sprintf("c-%03d", n), name: fmt.Sprintf("Zephyrine%03d Quambleton", n), channels: orders[n%len(orders)], zone: zone,
			even: n%3 != 1, odd: n%3 != 0, marketing: n%4 != 3, addresses: map[string]string{},
		}
		for _, channel := range p.channels {
			p.addresses[channel] = map[string]string{
				"sms":   fmt.Sprintf("+1%d555%04d", areas[n/100], 100+n%100),
				"email": fmt.Sprintf("zephyrine%03d@chaos.example.org", n),
				"slack": fmt.Sprintf("U0ZEPHYR%03d", n),
			}[channel]
		}
		all = append(all, p)
	}
	return all
}

// open says by the clock on the customer's wall whether they want to be reached.
func (p *person) open(at time.Time) bool {
	if at.In(p.zone).Hour()%2 == 1 {
		return p.odd
	}
	return p.even
}

// windows are the same hours, as operations write them; empty where they want to be reached at any.
func (p *person) windows() string {
	if p.odd && p.even {
		return ""
	}
	first := 0
	if p.odd {
		first = 1
	}
	var hours []string
	for h := first; h < 24; h += 2 {
		hours = append(hours, fmt.Sprintf("daily %02d:00-%02d:00", h, h+1))
	}
	return strings.Join(hours, "; ")
}

func (p *person) topics() []string {
	if p.marketing {
		return []string{"service", "marketing"}
	}
	return []string{"service"}
}

// importPeople tells the product who they are.
func importPeople(ctx context.Context, s *store.Store, all []*person, now time.Time) (err error) {
	imp, err := s.StartImport(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, imp.Close(ctx)) }()
	var rows []store.CustomerRow
	for n, p := range all {
		row := store.CustomerRow{
			Line: int64(n + 1), ID: p.id, Name: p.name, Language: "en", Zone: p.zone.String(), Windows: p.windows(), Consents: p.topics(),
			Owner: colleague, Star: 3, Addresses: map[customer.Channel]string{},
		}
		for _, channel := range p.channels {
			row.Channels = append(row.Channels, customer.Channel(channel))
			row.Addresses[customer.Channel(channel)] = p.addresses[channel]
		}
		rows = append(rows, row)
	}
	verdicts, err := imp.Customers(ctx, rows, now)
	if err != nil {
		return err
	}
	more, err := imp.Colleagues(ctx, []store.ColleagueRow{{
		Line: 1, ID: colleague, Name: colleagueName, Language: "en", Zone: "Europe/London", Channels: []customer.Channel{customer.Email},
		Addresses: map[customer.Channel]string{customer.Email: colleagueAddress}, Hours: "daily 00:00-24:00",
	}}, now)
	if err != nil {
		return err
	}
	for _, v := range slices.Concat(verdicts, more) {
		if v.Reject != nil {
			return fmt.Errorf("import the customers of the run: %s: %s", v.Reject.Field, v.Reject.Why)
		}
	}
	return nil
}
