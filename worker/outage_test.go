package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"perennial/channel/sandbox"
	"perennial/config"
	"perennial/domain/clock"
	"perennial/domain/contact"
	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/store"
)

// offer is a journey that is of use for half an hour.
func offer() journey.Plan {
	return journey.Plan{
		Journey: "offer", Title: "An offer of the moment",
		Enter: journey.Enter{On: "visit.completed", Again: journey.Again{Rule: journey.Never}},
		Steps: []journey.Step{{ID: "offer", Verb: journey.Send, Next: journey.End, Template: "offer", Topic: "service", Valid: journey.Span{Exact: 30 * time.Minute}}},
	}
}

// TestAnHoursOutageLosesNothingAndFloodsNobody lets the provider of SMS hang, the mail server fail and Slack throttle for an hour of the stack's time, which is
// half a minute, while people are to be greeted on each, and others get an offer that is of use for half an hour.
func TestAnHoursOutageLosesNothingAndFloodsNobody(t *testing.T) {
	t.Parallel()
	const (
		perChannel = 24
		patience   = time.Second
	)
	b := openAt(t, clock.Starting(monday, time.Now(), 120), func(c *config.Config) { c.Patience = patience })
	b.work()
	b.publish(greeting())
	b.publish(offer())
	faults := map[customer.Channel]sandbox.Fault{customer.SMS: sandbox.Hang, customer.Email: sandbox.ServerError, customer.Slack: sandbox.Throttle}

	var rows strings.Builder
	rows.WriteString("customer,name,phone,email,slack,language,time_zone,channels,consents\n")
	on := map[string]customer.Channel{} // by address
	var greeted, offered []string
	for _, channel := range customer.Channels {
		fault := faults[channel]
		if fault == sandbox.NoFault {
			continue
		}
		for n := range 2 * perChannel {
			id := fmt.Sprintf("%s-%d", channel, n)
			addresses := map[customer.Channel]string{channel: map[customer.Channel]string{
				customer.SMS: phoneOf(n), customer.Email: mailOf(n), customer.Slack: fmt.Sprintf("U%08d", n),
			}[channel]}
			fmt.Fprintf(&rows, "%s,Somebody,%s,%s,%s,en,Europe/London,%s,service\n", id, addresses[customer.SMS], addresses[customer.Email], addresses[customer.Slack], channel)
			on[addresses[channel]] = channel
			b.sandbox.SetFault(addresses[channel], fault, 0)
			if n < perChannel { // the others are offered something
				greeted = append(greeted, id)
			} else {
				offered = append(offered, id)
			}
		}
	}
	b.importCSV(rows.String())

	began := b.clock.At(time.Now())
	b.buy(greeted)
	b.eventually("every channel's breaker opens", func() bool { return len(b.resting()) == len(faults) })
	for _, id := range offered {
		b.happen("v-"+id, "visit.completed", id, "")
	}
	b.eventually("an hour has passed", func() bool { return b.clock.At(time.Now()).Sub(began) > time.Hour })
	if open := b.resting(); len(open) != len(faults) {
		t.Errorf("after an hour only these are at rest: %+v", open)
	}
	if n := len(b.sandbox.Messages()); n > 0 {
		t.Errorf("%d messages were received meanwhile", n)
	}
	// At first each touch may call once, before the breaker opens; then one tries now and then. What hangs is asked about by other requests.
	called := map[string]int{}
	for _, r := range b.sandbox.Refused() {
		called[r.Channel]++
	}
	for channel, n := range called {
		if n > perChannel+16 {
			t.Errorf("%s was called %d times meanwhile", channel, n)
		}
	}

	for address := range on {
		b.sandbox.SetFault(address, sandbox.NoFault, 0)
	}
	b.eventually("everybody is greeted", func() bool { return len(b.sandbox.Messages()) >= len(greeted) })
	b.eventually("the offers are given up", func() bool { return b.skipped("offer", offered) == len(offered) })
	got := map[string]int{}
	arrived := map[customer.Channel][]time.Time{}
	for _, m := range b.sandbox.Messages() {
		got[m.Address]++
		if got[m.Address] > 1 || strings.Contains(m.Text, "offer") {
			t.Errorf("received: %+v", m)
		}
		arrived[on[m.Address]] = append(arrived[on[m.Address]], m.RealAt)
	}
	if len(got) != len(greeted) {
		t.Errorf("%d were greeted, want %d", len(got), len(greeted))
	}
	breakers, err := b.store.Breakers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range breakers {
		times := arrived[s.Channel]
		slices.SortFunc(times, time.Time.Compare)
		if s.Open() || s.Tries == 0 {
			t.Errorf("in the end the breaker is %+v", s)
		}
		// The pace is that of TestWhatHasGatheredIsLetThroughAtAPaceThatGrows, from when the breaker was closed: a moment after the first arrival.
		for n, at := range times {
			steps := at.Sub(times[0]).Seconds() / (patience / 3).Seconds()
			if most := 3 + (math.Pow(2, steps)-1)/math.Ln2*(patience/3).Seconds(); float64(n) > most {
				t.Errorf("%s: %d had arrived after %v, and the pace is for %.1f", s.Channel, n, at.Sub(times[0]), most)
				break
			}
		}
	}
}

// resting are the breakers that are open.
func (b *business) resting() []store.Breaker {
	b.Helper()
	all, err := b.store.Breakers(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	return slices.DeleteFunc(all, func(s store.Breaker) bool { return !s.Open() })
}

// skipped is how many of these have let a touch of a template expire.
func (b *business) skipped(template string, who []string) (n int) {
	b.Helper()
	for _, id := range who {
		touches, err := b.store.CustomerTouches(b.Context(), id, 10)
		if err != nil {
			b.Fatal(err)
		}
		for _, touch := range touches {
			if touch.Template == template && touch.State == store.TouchExpired && touch.Reason == string(contact.Expired) {
				n++
			}
		}
	}
	return n
}
