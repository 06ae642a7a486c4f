package chaos

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"perennial/channel/sandbox"
)

// crowd is the customers as they read their phones and inboxes, and do something about what they read.
type crowd struct {
	sandbox   *sandbox.Sandbox
	load      *load
	seed      uint64
	byAddress map[string]*person

	mu    sync.Mutex
	heard map[string]map[string]time.Time // by customer and topic: when the product had heard that they want no more of it; real time
	wrote map[string][]span               // by address: when they wrote
	told  []Told                          // messages that were taken
	said  map[string]int
	seen  int64
}

// span is from when to when something was on its way.
type span struct{ from, until time.Time }

func newCrowd(s *sandbox.Sandbox, l *load, seed uint64) *crowd {
	c := &crowd{
		sandbox: s, load: l, seed: seed, byAddress: map[string]*person{}, heard: map[string]map[string]time.Time{}, wrote: map[string][]span{},
		said: map[string]int{},
	}
	for _, p := range l.people {
		for _, address := range p.addresses {
			c.byAddress[address] = p
		}
	}
	return c
}

// poll is how often customers look at their phones.
const poll = 50 * time.Millisecond

// run lets customers read until ctx ends. What they began to say then is said to its end.
func (c *crowd) run(ctx, alive context.Context) {
	for sleep(ctx, poll) == nil {
		for _, m := range c.sandbox.After(c.seen) {
			c.seen = m.Seq
			if p := c.byAddress[m.Address]; p != nil && !m.Reply {
				c.react(ctx, alive, p, m)
			}
		}
	}
}

// react decides by a hash of the seed and of what was read: mostly nothing.
func (c *crowd) react(ctx, alive context.Context, p *person, m sandbox.Message) {
	step := stepOf(m.Touch)
	hash := fnv.New64a()
	_, _ = fmt.Fprintf(hash, "%d %s %s %s", c.seed, p.id, step, m.Touch)
	dice := rand.New(rand.NewPCG(c.seed, hash.Sum64())) //nolint:gosec // the same in every run of a seed
	percent := dice.IntN(100)
	after := 200*time.Millisecond + time.Duration(dice.Int64N(int64(2*time.Second)))
	do := func(kind string, what func(context.Context)) {
		c.mu.Lock()
		c.said[kind]++
		c.mu.Unlock()
		c.load.wait.Go(func() {
			if sleep(ctx, after) == nil {
				what(alive)
			}
		})
	}
	switch {
	case step == "how_was_it" && percent < 65:
		do("answers", func(ctx context.Context) { c.write(ctx, p, m, fmt.Sprint(1+dice.IntN(5))) })
	case step == "how_was_it" && percent < 75:
		do("words", func(ctx context.Context) { c.write(ctx, p, m, "Please don't stop, it was lovely.") })
	case step == "bill" && percent < 60:
		do("payments", func(ctx context.Context) { c.load.happen(ctx, "payment.received", p.id) })
	case step == "offer" && percent < 8, step == "confirmed" && percent < 5:
		do("STOP", func(ctx context.Context) { c.write(ctx, p, m, "STOP") })
	case step == "offer" && percent < 20, step == "packed" && percent < 5:
		do("complaints", func(ctx context.Context) { c.complain(ctx, p) })
	}
}

// writesAgain is the longest that a customer waits before they write again what the product did not take.
const writesAgain = 30 * time.Second

// write answers a message until the product has it. Each try is a message of its own, as nobody sends one again for them, so they come ever more seldom.
func (c *crowd) write(ctx context.Context, p *person, m sandbox.Message, text string) {
	from, pause := time.Now(), time.Second
	for tries := 1; ; tries++ {
		answer, err := c.sandbox.Answer(ctx, sandbox.Reply{Address: m.Address, Channel: m.Channel, Text: text})
		c.mu.Lock()
		c.wrote[m.Address] = append(c.wrote[m.Address], span{from, time.Now()})
		c.mu.Unlock()
		if err == nil {
			c.took(p, m.Channel, answer, text, tries)
			return
		}
		if _, mistake := errors.AsType[sandbox.ReplyError](err); mistake || sleep(ctx, pause) != nil {
			c.load.fail(fmt.Errorf("an answer to %s was not taken in %d tries: %w", m.Touch, tries, err))
			return
		}
		from, pause = time.Now(), min(2*pause, writesAgain)
	}
}

func (c *crowd) took(p *person, channel string, answer sandbox.Message, text string, tries int) {
	now := time.Now()
	t := Told{ID: answer.ID, Type: "message.received", Customer: p.id, Tries: tries, At: now}
	switch channel {
	case sandbox.SMS:
		t.ID = "twilio:" + answer.ID
	case sandbox.Slack:
		t.ID = "" // the event has an id of Slack's, which the sandbox does not keep
	}
	c.mu.Lock()
	c.told = append(c.told, t)
	c.mu.Unlock()
	if text == "STOP" {
		c.hear(p, now, "service", "marketing")
	}
}

// complain opens a complaint, after which there is no more marketing.
func (c *crowd) complain(ctx context.Context, p *person) {
	c.load.happenThen(ctx, "complaint.opened", p.id, func(at time.Time) { c.hear(p, at, "marketing") })
}

func (c *crowd) hear(p *person, at time.Time, topics ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.heard[p.id] == nil {
		c.heard[p.id] = map[string]time.Time{}
	}
	for _, topic := range topics {
		if _, before := c.heard[p.id][topic]; !before {
			c.heard[p.id][topic] = at
		}
	}
}

// words says what customers did, for people.
func (c *crowd) words() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var text strings.Builder
	for _, kind := range slices.Sorted(maps.Keys(c.said)) {
		fmt.Fprintf(&text, ", %d %s", c.said[kind], kind)
	}
	return text.String()
}
