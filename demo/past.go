package demo

import (
	"fmt"
	"time"
)

// past is what a customer did before the business opens, and what they have.
type past struct {
	life       life
	purchases  []time.Time // days
	cars       []car
	agreements []agreement
	complained time.Time // the day of a complaint that is still open; zero where there is none
}

// life is how a customer stands to the business.
type life string

const (
	newcomer life = "newcomer" // will buy for the first time
	regular  life = "regular"  // buys and comes by
	lapsed   life = "lapsed"   // has not been seen for longer than is usual for them, or soon will not have been
)

type car struct {
	id       string
	title    string
	acquired time.Time
	mileage  []reading
}

type reading struct {
	on time.Time
	km int
}

type agreement struct {
	id      string
	kind    string
	title   string
	renews  time.Time
	premium int
}

// pastOf makes up the past of a customer. Dates on which a journey would look at them in the hours in which the business opens or closes are
// left out: who enters is then not a matter of minutes.
func pastOf(c customer, d dice, opens time.Time, days int) past {
	today := opens.Truncate(24 * time.Hour)
	p := past{life: pick(d, "life", []life{newcomer, regular, regular, lapsed})}
	if p.life == newcomer {
		return p
	}
	p.purchases = purchases(p.life, d, today, days)
	p.cars = cars(c, d, today, p.purchases)
	p.agreements = agreements(c, d, today, days)
	if p.life == regular && d.percent("has complained", 8) {
		p.complained = today.AddDate(0, 0, -d.days("complained", 2, 20))
	}
	return p
}

// purchases are evenly spaced, so that what is usual for a customer is known: a regular is far from being missed, one who lapsed is missed since
// before the first day, or on one of the days to come.
func purchases(kind life, d dice, today time.Time, days int) []time.Time {
	gap := d.days("gap", 150, 400)
	last := today.AddDate(0, 0, -d.days("last bought", 5, 50))
	if kind == lapsed {
		gap = d.days("gap", 60, 140)
		missed := -d.days("missed for", 2, 60)
		if d.percent("missed later", 50) {
			missed = d.days("missed from", 2, max(2, days-8))
		}
		last = today.AddDate(0, 0, missed-2*gap)
	}
	made := make([]time.Time, 2+d.number("purchases")%4)
	for i := range made {
		made[i] = last.AddDate(0, 0, -gap*(len(made)-1-i))
	}
	return made
}

func cars(c customer, d dice, today time.Time, bought []time.Time) []car {
	titles := []string{"the blue estate", "the red hatchback", "the grey van", "the white coupé", "the green off-roader"}
	if c.language == "zh-CN" {
		titles = []string{"蓝色旅行车", "红色两厢车", "灰色面包车", "白色轿跑", "绿色越野车"}
	}
	made := make([]car, 1)
	if d.percent("two cars", 15) {
		made = make([]car, 2)
	}
	for i := range made {
		one := fmt.Sprintf("car %d ", i)
		made[i] = car{id: fmt.Sprintf("car-%s-%d", c.id[2:], i+1), title: pick(d, one+"title", titles), acquired: bought[0]}
		perDay := d.days(one+"a day", 20, 70)
		for _, on := range bought {
			made[i].mileage = append(made[i].mileage, reading{on, 10 + perDay*int(on.Sub(bought[0]).Hours()/24)})
		}
		made[i].mileage = append(made[i].mileage, reading{today.AddDate(0, 0, -1), 20 + perDay*int(today.Sub(bought[0]).Hours()/24)})
	}
	return made
}

func agreements(c customer, d dice, today time.Time, days int) []agreement {
	var made []agreement
	for _, offered := range []struct {
		kind, title, chinese string
		percent              uint64
		premium              int
	}{{"insurance", "car insurance", "车险", 65, 540}, {"service-plan", "service plan", "保养套餐", 35, 290}} {
		if !d.percent("has "+offered.kind, offered.percent) {
			continue
		}
		a := agreement{
			id: fmt.Sprintf("%s-%s", offered.kind, c.id[2:]), kind: offered.kind, title: offered.title,
			renews: renewal(d, offered.kind, today, days), premium: offered.premium + 10*d.days("premium "+offered.kind, 0, 40),
		}
		if c.language == "zh-CN" {
			a.title = offered.chinese
		}
		made = append(made, a)
	}
	return made
}

// renewal is the day on which an agreement is due: of some soon, of most so that sixty days before it fall into the business's days, of some later.
func renewal(d dice, kind string, today time.Time, days int) time.Time {
	in := 62 + d.days(kind+" is due in", 0, max(1, days-8))
	switch share := d.number(kind+" is due") % 100; {
	case share < 40:
		in = d.days(kind+" is due soon in", 34, 58)
	case share >= 80:
		in = 60 + days + d.days(kind+" is due later in", 10, 200)
	}
	return today.AddDate(0, 0, in)
}
