package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"perennial/domain/customer"
	"perennial/store"
)

// The journeys of the bench, by what an enrollment in them does.
const (
	journeyTouches = "bench-touches" // one touch after the other: all but the first are held
	journeyOne     = "bench-one"     // its first touch alone
	journeyWaits   = "bench-waits"   // the same touches, each after a wait that is shorter than the hold
	journeyWaitOne = "bench-wait-one"
	journeySleeps  = "bench-sleeps"  // waits for a year
	journeyListens = "bench-listens" // waits for a year, unless the customer buys
)

// Rate is how fast the clock of the stack runs during a bench: the hour for which a touch is held lasts a second.
const Rate = 3600

// hold is how long a touch is held, in real time, and wait how long a journey waits before: they are the policy's gap and the journeys' wait at
// the clock's rate.
const hold = time.Second

// policy lets everything out at any hour, but for the gap that holds each touch once. Nothing expires, however slow the machine is.
const policy = `topics:
  service: { priority: 1 }
valid: 360d
unconfirmed: never
decent_hours: daily 00:00-24:00
gap: { least: 1h, topics: [service] }
spread: off
`

const profile = `language: en
business:
  name: Willow & Pine
attributes: {}
`

const events = `events:
  purchase:
    description: The customer bought something
    data:
      order_id: string
`

const text = "Hi {{ customer.first_name | default: \"there\" }}, this is {{ business.name }}. Any question, just reply to this message.\n"

// Write writes the journeys that a bench runs into an empty folder, in the form in which operations write them.
func Write(folder string, size Size) error {
	touch := func(b *strings.Builder, n int) { fmt.Fprintf(b, "  - { id: touch_%d, send: hello }\n", n) }
	waitAndTouch := func(b *strings.Builder, n int) {
		fmt.Fprintf(b, "  - { id: wait_%d, wait: 30m }\n", n)
		touch(b, n)
	}
	files := map[string]string{
		"contact-policy.yaml": policy, "profile.yaml": profile, "events.yaml": events, "templates/hello.sms.en.liquid": text,
		journeyTouches + ".yaml": steps(journeyTouches, size.Touches, touch),
		journeyOne + ".yaml":     steps(journeyOne, 1, touch),
		journeyWaits + ".yaml":   steps(journeyWaits, size.Touches, waitAndTouch),
		journeyWaitOne + ".yaml": steps(journeyWaitOne, 1, waitAndTouch),
		journeySleeps + ".yaml":  heading(journeySleeps) + "steps:\n  - { id: sleep, wait: 1y }\n",
		journeyListens + ".yaml": heading(journeyListens) + "goal: { on: purchase }\nsteps:\n  - { id: sleep, wait: 1y }\n",
	}
	if err := os.MkdirAll(filepath.Join(folder, "templates"), 0o750); err != nil {
		return fmt.Errorf("write the journeys of the bench: %w", err)
	}
	for name, source := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(source), 0o600); err != nil {
			return fmt.Errorf("write the journeys of the bench: %w", err)
		}
	}
	return nil
}

func steps(name string, times int, write func(*strings.Builder, int)) string {
	var b strings.Builder
	b.WriteString(heading(name))
	b.WriteString("steps:\n")
	for n := range times {
		write(&b, n+1)
	}
	return b.String()
}

// heading begins a journey that customers enter by hand only.
func heading(name string) string {
	return "journey: " + name + "\ntitle: " + name + "\ntopic: service\nenter: { by: start, again: never }\n"
}

// importBatch is how many customers are imported at a time.
const importBatch = 1000

// need makes customers who have no past, until there are enough for count more to enter.
func (b *bench) need(ctx context.Context, count int) (err error) {
	total := b.entered + count
	if b.customers >= total {
		return nil
	}
	imp, err := b.Store.StartImport(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, imp.Close(ctx)) }()
	for b.customers < total {
		rows := make([]store.CustomerRow, min(importBatch, total-b.customers))
		for i := range rows {
			rows[i] = newCustomer(b.customers + i)
		}
		verdicts, err := imp.Customers(ctx, rows, b.now())
		if err != nil {
			return err
		}
		for _, v := range verdicts {
			if v.Reject != nil {
				return fmt.Errorf("import the customers of the bench: %s: %s", v.Reject.Field, v.Reject.Why)
			}
		}
		b.customers += len(rows)
		b.progress("customers", b.customers, total)
	}
	return nil
}

func newCustomer(n int) store.CustomerRow {
	return store.CustomerRow{
		Line: int64(n + 1), ID: fmt.Sprintf("b-%07d", n), Zone: "Europe/London", Country: "GB", Language: "en",
		Channels: []customer.Channel{customer.SMS}, Addresses: map[customer.Channel]string{customer.SMS: fmt.Sprintf("+1201%07d", n)},
		Consents: []string{"service"},
	}
}
