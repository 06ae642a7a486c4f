package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"go.temporal.io/sdk/client"

	"perennial/channel/sandbox"
	"perennial/domain/clock"
	"perennial/domain/journey"
	"perennial/store"
	"perennial/store/importcsv"
)

// Config is the stack that the business runs on, and how long it lives.
type Config struct {
	Store     *store.Store
	Temporal  client.Client
	Sandbox   *sandbox.Sandbox
	Gateway   string // base address
	Clock     clock.Clock
	Start     time.Time      // when the first day begins, by the stack's clock: it is waited for
	Plans     []journey.Plan // published
	Customers int
	Days      int
	Seed      uint64
	Progress  func(Progress) // called about four times a second
}

// Progress is how far the demo has come.
type Progress struct {
	Now      time.Time // the stack's time
	Done     float64   // 0 to 1
	Received int       // messages that customers received
	Answered int
	Running  int
	Ended    int
}

// business is the demo under way.
type business struct {
	Config

	people    map[string]*person // by id
	byAddress map[string]*person
	steps     map[string]journey.Step
	start     time.Time
	end       time.Time
	acts      []act // by time, soonest first
	seen      int64 // sequence number of the last message looked at
	messages  int
	http      *http.Client
}

// poll is how often customers look at their phones, in real time.
const poll = 20 * time.Millisecond

// Run lets the business live, and says what became of it.
func Run(ctx context.Context, c Config) (Summary, error) {
	b, err := open(ctx, c)
	if err != nil {
		return Summary{}, err
	}
	if err := b.live(ctx); err != nil {
		return Summary{}, err
	}
	return b.sum(ctx)
}

func open(ctx context.Context, c Config) (*business, error) {
	b := &business{
		Config: c, people: map[string]*person{}, byAddress: map[string]*person{}, steps: map[string]journey.Step{},
		http: &http.Client{Timeout: 30 * time.Second},
	}
	for _, plan := range c.Plans {
		for _, step := range plan.Steps {
			b.steps[step.ID] = step
		}
	}
	b.start = c.Start
	b.end = b.start.AddDate(0, 0, c.Days)
	made, err := customers(c.Customers, c.Seed)
	if err != nil {
		return nil, err
	}
	for _, who := range made {
		p := &person{customer: who, withdrawn: map[string]time.Time{}}
		b.people[who.id], b.byAddress[who.phone], b.byAddress[who.email] = p, p, p
		b.plan(walkIn(p, c.Seed, b.start, c.Days))
	}
	return b, b.importCustomers(ctx, made)
}

// importCustomers takes the same way in as operations do: a CSV file.
func (b *business) importCustomers(ctx context.Context, made []customer) (err error) {
	folder, err := os.MkdirTemp("", "perennial-demo-")
	if err != nil {
		return fmt.Errorf("write the demo's customers: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	var file bytes.Buffer
	if err := write(&file, made); err != nil {
		return fmt.Errorf("write the demo's customers: %w", err)
	}
	path := filepath.Join(folder, "customers.csv")
	if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
		return fmt.Errorf("write the demo's customers: %w", err)
	}
	summary, err := importcsv.Customers(ctx, b.Store, path, importcsv.Options{Now: b.start})
	if err != nil {
		return err
	}
	if summary.Stored != int64(len(made)) || summary.Notes > 0 {
		return fmt.Errorf("import the demo's customers: %d of %d were stored", summary.Stored, len(made))
	}
	return nil
}

// live lets customers read and act until the last day is over.
func (b *business) live(ctx context.Context) error {
	ticks := time.NewTicker(poll)
	defer ticks.Stop()
	var reported time.Time
	for {
		now := b.Clock.At(time.Now()).UTC()
		if now.After(b.end) {
			return nil
		}
		b.read()
		for len(b.acts) > 0 && !b.acts[0].at.After(now) {
			next := b.acts[0]
			b.acts = b.acts[1:]
			if err := b.do(ctx, next); err != nil {
				return err
			}
		}
		if b.Progress != nil && time.Since(reported) > 250*time.Millisecond {
			reported = time.Now()
			if err := b.report(ctx, now); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-ticks.C:
		}
	}
}

// read lets customers read what arrived since.
func (b *business) read() {
	for _, m := range b.Sandbox.After(b.seen) {
		b.seen = m.Seq
		p := b.byAddress[m.Address]
		if m.Reply || p == nil {
			continue
		}
		b.messages++
		if next, will := react(p, m, b.steps[stepOf(m.Touch)], b.Seed); will {
			b.plan(next)
		}
	}
}

func (b *business) plan(next act) {
	at, _ := slices.BinarySearchFunc(b.acts, next, func(x, y act) int { return x.at.Compare(y.at) })
	b.acts = slices.Insert(b.acts, at, next)
}

// do is what customers do, by the doors that customers have.
func (b *business) do(ctx context.Context, a act) error {
	p := a.customer
	switch a.kind {
	case buy:
		p.bought++
		return b.happen(ctx, a, "purchase", map[string]any{"order_id": a.id, "quantity": 1, "amount": 20, "currency": "USD"})
	case complain:
		return b.happen(ctx, a, "complaint.opened", nil)
	case withdraw:
		if err := b.happen(ctx, a, "consent.changed", map[string]any{"topic": "marketing", "granted": false}); err != nil {
			return err
		}
		p.withdrawn["marketing"] = b.Clock.At(time.Now())
	case answer:
		p.answered++
		_, err := b.Sandbox.Answer(ctx, sandbox.Reply{Address: a.message.Address, Channel: a.message.Channel, Text: a.score})
		return err
	}
	return nil
}

// happen hands in an event, again if the gateway can't take it now.
func (b *business) happen(ctx context.Context, a act, kind string, data map[string]any) error {
	body, err := json.Marshal(map[string]any{"id": a.id + "-" + string(a.kind), "type": kind, "customer": a.customer.id, "at": a.at, "data": data})
	if err != nil {
		return fmt.Errorf("event %s: %w", a.id, err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, b.Gateway+"/v1/events", bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("event %s: %w", a.id, err)
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := b.http.Do(request)
	if err != nil {
		return fmt.Errorf("event %s: %w", a.id, err)
	}
	text, err := io.ReadAll(answer.Body)
	if err = errors.Join(err, answer.Body.Close()); err != nil {
		return fmt.Errorf("event %s: %w", a.id, err)
	}
	if answer.StatusCode != http.StatusAccepted {
		return fmt.Errorf("event %s: the gateway answers %s: %s", a.id, answer.Status, text)
	}
	return nil
}

func (b *business) report(ctx context.Context, now time.Time) error {
	p := Progress{Now: now, Done: max(0, float64(now.Sub(b.start))/float64(b.end.Sub(b.start))), Received: b.messages}
	for _, who := range b.people {
		p.Answered += who.answered
	}
	found, err := b.enrollments(ctx)
	if err != nil {
		return err
	}
	for _, e := range found {
		if e.Running() {
			p.Running++
			continue
		}
		p.Ended++
	}
	b.Progress(p)
	return nil
}

// enrollments are all that there are.
func (b *business) enrollments(ctx context.Context) ([]store.Enrollment, error) {
	var all []store.Enrollment
	for before := int64(0); ; {
		page, err := b.Store.Enrollments(ctx, store.EnrollmentFilter{}, before, 500)
		if err != nil {
			return nil, err
		}
		all = append(all, page...)
		if len(page) < 500 {
			return all, nil
		}
		before = page[len(page)-1].ID
	}
}
