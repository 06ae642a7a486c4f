package demo

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"go.temporal.io/sdk/client"

	"perennial/channel/sandbox"
	"perennial/domain/clock"
	"perennial/domain/journey"
	"perennial/domain/segment"
	"perennial/gateway"
	"perennial/store"
)

// Config is the stack that the business runs on, and how long it lives.
type Config struct {
	Store     *store.Store
	Temporal  client.Client
	Sandbox   *sandbox.Sandbox
	Gateway   string // base address
	Clock     clock.Clock
	Start     time.Time // when the first day begins, by the stack's clock: it is waited for
	Catalogue segment.Catalogue
	Publish   func(context.Context) ([]journey.Plan, error) // publishes the journeys, in the moment before the first day
	Customers int
	Days      int
	Seed      uint64
	Progress  func(Progress) // called about once a second
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
	steps     map[string]map[string]journey.Step // by journey and id
	enrolled  map[int64]enrollment
	received  map[string]int // messages by address
	start     time.Time
	end       time.Time
	acts      []act // by time, soonest first
	seen      int64 // sequence number of the last message looked at
	messages  int
	http      *http.Client
}

const (
	// poll is how often customers look at their phones, in real time.
	poll = 20 * time.Millisecond

	// reporting is how often progress is told, in real time.
	reporting = time.Second

	// publishing is how long before the first day the journeys are published, in real time: nobody may enter much earlier, and scans should find
	// everything in place.
	publishing = 600 * time.Millisecond

	// quiet is how long before the end customers stop acting, in the stack's time: what they did last can still take effect.
	quiet = 24 * time.Hour
)

// Run lets the business live, and says what became of it.
func Run(ctx context.Context, c Config) (Summary, error) {
	b, err := open(ctx, c)
	if err != nil {
		return Summary{}, err
	}
	if err := b.begin(ctx); err != nil {
		return Summary{}, err
	}
	if err := b.live(ctx); err != nil {
		return Summary{}, err
	}
	return b.sum(ctx)
}

// open makes up the customers and imports what is known of them.
func open(ctx context.Context, c Config) (*business, error) {
	b := &business{
		Config: c, people: map[string]*person{}, byAddress: map[string]*person{}, steps: map[string]map[string]journey.Step{},
		enrolled: map[int64]enrollment{}, received: map[string]int{}, start: c.Start, end: c.Start.AddDate(0, 0, c.Days),
		http: &http.Client{Timeout: 30 * time.Second},
	}
	made, err := customers(c.Customers, c.Seed, b.start, c.Days)
	if err != nil {
		return nil, err
	}
	for _, who := range made {
		p := newPerson(who)
		b.people[who.id] = p
		for _, address := range who.addresses() {
			b.byAddress[address] = p
			b.forecast(address)
		}
		for _, a := range ownAccord(p, c.Seed, b.start, c.Days) {
			b.plan(a)
		}
	}
	return b, b.importFiles(ctx, made)
}

// addresses are those that the customer has.
func (c customer) addresses() []string {
	return slices.DeleteFunc([]string{c.phone, c.email, c.slack}, func(address string) bool { return address == "" })
}

// begin waits until the first day is about to begin, and publishes the journeys. From then on scans find who enters.
func (b *business) begin(ctx context.Context) error {
	at := b.Clock.Real(b.start).Add(-publishing)
	if late := time.Since(at); late > 0 {
		return fmt.Errorf("the business could not open: when its first day began, this machine was still setting it up, %.1f s late. "+
			"Run it again when the machine is less busy, or with a lower rate", late.Seconds())
	}
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(time.Until(at)):
	}
	plans, err := b.Publish(ctx)
	for _, plan := range plans {
		steps := map[string]journey.Step{}
		for _, step := range plan.Steps {
			steps[step.ID] = step
		}
		b.steps[plan.Journey] = steps
	}
	return err
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
		if err := b.read(ctx); err != nil {
			return err
		}
		for len(b.acts) > 0 && !b.acts[0].at.After(now) {
			next := b.acts[0]
			b.acts = b.acts[1:]
			if err := b.do(ctx, next); err != nil {
				return err
			}
		}
		if b.Progress != nil && time.Since(reported) > reporting {
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
func (b *business) read(ctx context.Context) error {
	for _, m := range b.Sandbox.After(b.seen) {
		b.seen = m.Seq
		p := b.byAddress[m.Address]
		if p == nil || m.Reply || !ofJourney(m) {
			continue // a colleague's, what a customer wrote, or a word in return
		}
		b.messages++
		b.received[m.Address]++
		b.forecast(m.Address)
		e, err := b.enrollmentOf(ctx, m.Touch)
		if err != nil {
			return err
		}
		if next, will := react(p, m, e, b.Seed); will {
			b.plan(next)
		}
	}
	return nil
}

// plan notes what somebody will do, unless the last evening has come by then.
func (b *business) plan(next act) {
	if next.at.After(b.end.Add(-quiet)) {
		return
	}
	at, _ := slices.BinarySearchFunc(b.acts, next, func(x, y act) int { return x.at.Compare(y.at) })
	b.acts = slices.Insert(b.acts, at, next)
}

// do is what customers do, by the doors that customers have.
func (b *business) do(ctx context.Context, a act) error {
	p := a.customer
	switch a.kind {
	case buy:
		return b.happen(ctx, a, "purchase", map[string]any{"order_id": a.id, "quantity": 1, "amount": 240, "currency": "USD"})
	case comeBy:
		return b.comeBy(ctx, a)
	case renew, end:
		return b.settle(ctx, a)
	case complain:
		if next, will := settle(a, b.Seed); will {
			b.plan(next)
		}
		return b.happen(ctx, a, "complaint.opened", nil)
	case resolve:
		data := map[string]any{"complaint": a.about}
		if a.about == complaintID(p.customer) {
			data = map[string]any{"complaint_id": a.about}
		}
		return b.happen(ctx, a, "complaint.resolved", data)
	case withdraw:
		if err := b.happen(ctx, a, "consent.changed", map[string]any{"topic": "marketing", "granted": false}); err != nil {
			return err
		}
		b.withdrawn(p, "marketing")
	case stop:
		if err := b.reply(ctx, a, "STOP"); err != nil {
			return err
		}
		b.withdrawn(p, p.topics...)
	case answer:
		p.answered++
		return b.reply(ctx, a, a.text)
	case write:
		return b.reply(ctx, a, a.text)
	case nothing:
	}
	return nil
}

// withdrawn notes that the stack has heard of a customer who wants to hear no more of these.
func (b *business) withdrawn(p *person, topics ...string) {
	for _, topic := range topics {
		if _, before := p.withdrawn[topic]; !before && slices.Contains(p.topics, topic) {
			p.withdrawn[topic] = b.Clock.At(time.Now())
		}
	}
}

// comeBy is a visit, at which the mileage is read.
func (b *business) comeBy(ctx context.Context, a act) error {
	if err := b.happen(ctx, a, "visit.completed", map[string]any{"visit_id": a.id}); err != nil || len(a.customer.cars) == 0 {
		return err
	}
	one := a.customer.cars[0]
	km := one.mileage[len(one.mileage)-1].km + int(a.at.Sub(b.start).Hours())
	return b.event(ctx, eventID(a)+"-mileage", "reading.taken", a, map[string]any{"asset_id": one.id, "reading": "mileage", "value": km})
}

// settle renews an agreement for a year, or ends it; what is settled stays so.
func (b *business) settle(ctx context.Context, a act) error {
	i := slices.IndexFunc(a.customer.agreements, func(g agreement) bool { return g.id == a.about })
	if i < 0 || a.customer.settled[a.about] {
		return nil
	}
	a.customer.settled[a.about] = true
	if a.kind == end {
		return b.happen(ctx, a, "agreement.ended", map[string]any{"agreement_id": a.about})
	}
	renews := a.customer.agreements[i].renews.AddDate(1, 0, 0)
	return b.happen(ctx, a, "agreement.renewed", map[string]any{"agreement_id": a.about, "renews_on": day(renews)})
}

// reply answers a message on the phone or in the inbox that it came to.
func (b *business) reply(ctx context.Context, a act, text string) error {
	a.customer.wrote = append(a.customer.wrote, b.Clock.At(time.Now()).UTC())
	_, err := b.Sandbox.Answer(ctx, sandbox.Reply{Address: a.message.Address, Channel: a.message.Channel, Text: text})
	return err
}

// happen hands in the event of an act.
func (b *business) happen(ctx context.Context, a act, kind string, data map[string]any) error {
	return b.event(ctx, eventID(a), kind, a, data)
}

// event hands in an event at the gateway, as other systems do.
func (b *business) event(ctx context.Context, id, kind string, a act, data map[string]any) error {
	at := a.at
	if !a.happened.IsZero() {
		at = a.happened
	}
	_, err := gateway.HandIn(ctx, b.http, b.Gateway, "", gateway.Event{ID: id, Type: kind, Customer: a.customer.id, At: at, Data: data})
	return err
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

// enrollments are all that there are, oldest first.
func (b *business) enrollments(ctx context.Context) ([]store.Enrollment, error) {
	var all []store.Enrollment
	for before := int64(0); ; {
		page, err := b.Store.Enrollments(ctx, store.EnrollmentFilter{}, before, 500)
		if err != nil {
			return nil, err
		}
		all = append(all, page...)
		if len(page) < 500 {
			slices.Reverse(all)
			return all, nil
		}
		before = page[len(page)-1].ID
	}
}
