package gateway

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/store"
)

// messageReceived is the event of a customer who wrote to us.
const messageReceived = "message.received"

// errNobody says that no customer is reached at the address that a message came from.
var errNobody = errors.New("no customer is reached at the address that this message came from")

// message is what a customer wrote.
type message struct {
	id      string
	at      time.Time
	channel customer.Channel
	from    string // address
	text    string
	wish    wish // what the carrier took it for, where it says so
}

// understood is what a message means.
type understood struct {
	events []store.Event // the first is the message's own
	say    string        // in return, where somebody expects a word; empty says nothing
}

// reply turns a message.received that names its sender by address into events of a customer.
func (g *Gateway) reply(ctx context.Context, e Event) ([]store.Event, error) {
	field := func(name string) string {
		text, _ := e.Data[name].(string)
		return text
	}
	channel := customer.Channel(field("channel"))
	if field("from") == "" || !slices.Contains(customer.Channels, channel) {
		return nil, e.bad("customer", "whom does it concern? A message.received may have data.channel, such as email, and data.from instead")
	}
	u, err := g.understand(ctx, message{id: e.ID, at: e.At.UTC(), channel: channel, from: field("from"), text: field("text")})
	if errors.Is(err, errNobody) {
		return nil, e.bad("data.from", err.Error())
	}
	return u.events, err
}

// hear takes a message that came by a provider's webhook, once. It answers what is to be said in return, and says so once.
func (g *Gateway) hear(ctx context.Context, m message) (say string, err error) {
	u, err := g.understand(ctx, m)
	if err != nil {
		return "", err
	}
	accepted, err := g.take(ctx, [][]store.Event{u.events})
	if err != nil || accepted[0].Status != stored {
		return "", err
	}
	return u.say, nil
}

// understand finds out whose message it is, and what it says: which messages they want, the answer to a question that they were asked, or
// something for a person to read. The address is not kept: the customer's id is.
func (g *Gateway) understand(ctx context.Context, m message) (understood, error) {
	// Understood once, it is not understood again: by now it would answer another question.
	before, err := g.Store.Event(ctx, m.id)
	if err == nil {
		return understood{events: []store.Event{before}}, nil
	}
	if !errors.Is(err, store.ErrNotFound) {
		return understood{}, err
	}
	customers, err := g.whose(ctx, m)
	if err != nil {
		return understood{}, err
	}
	m.text = strings.ReplaceAll(m.text, "\x00", "") // which the database can't keep, and which says nothing
	text := m.text
	if m.channel == customer.Email {
		text = written(text)
	}
	if wants, word := wishOf(text, languagesOf(customers)); wants != noWish || m.wish != noWish {
		if m.wish != noWish {
			wants = m.wish
		}
		return g.grant(ctx, m, wants, word, customers)
	}
	kind, who, data := messageReceived, customers[0].ID, map[string]any{"channel": m.channel, "text": m.text}
	if score, ok := scoreOf(text); ok {
		asked, err := g.openAsk(ctx, customers)
		if err != nil {
			return understood{}, err
		}
		if asked.ID != "" {
			kind, who = journey.SurveyAnswered, asked.Customer
			data = map[string]any{"survey": asked.Template, "score": score, "channel": m.channel, "touch": asked.ID}
		}
	}
	event, err := m.event(m.id, kind, who, data)
	return understood{events: []store.Event{event}}, err
}

// whose returns the customers who are reached where a message came from, whom we wrote to last first.
func (g *Gateway) whose(ctx context.Context, m message) ([]customer.Profile, error) {
	ids, err := g.Store.CustomersByAddress(ctx, m.channel, canonical(m.channel, m.from))
	if err != nil {
		return nil, err
	}
	if len(ids) == 0 {
		return nil, errNobody
	}
	customers := make([]customer.Profile, len(ids))
	for i, id := range ids {
		if customers[i], err = g.Store.Profile(ctx, id); err != nil {
			return nil, err
		}
	}
	return customers, nil
}

// canonical writes an address as the store has it: the domain of an e-mail address is in lower case.
func canonical(channel customer.Channel, address string) string {
	address = strings.TrimSpace(address)
	if at := strings.LastIndexByte(address, '@'); channel == customer.Email && at >= 0 {
		return address[:at] + strings.ToLower(address[at:])
	}
	return address
}

// languagesOf are the languages of customers, in their order.
func languagesOf(customers []customer.Profile) []string {
	languages := make([]string, len(customers))
	for i, who := range customers {
		languages[i] = who.Language
	}
	return languages
}

// openAsk returns the question that a message of one of these customers would answer; a zero touch where none is open.
func (g *Gateway) openAsk(ctx context.Context, customers []customer.Profile) (store.Touch, error) {
	for _, who := range customers {
		asked, err := g.Store.OpenAsk(ctx, who.ID)
		if err == nil || !errors.Is(err, store.ErrNotFound) {
			return asked, err
		}
	}
	return store.Touch{}, nil
}

// derivedID names what follows from the message for one customer and topic: the same for the same, and never too long or odd for an id.
func (m message) derivedID(what, who, topic string) string { return derivedID(what, m.id, who, topic) }

func derivedID(what string, from ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(from, "\x00")))
	return what + "-" + hex.EncodeToString(sum[:16])
}

// event is an event that the message brings.
func (m message) event(id, kind, who string, data map[string]any) (store.Event, error) {
	encoded, err := json.Marshal(data)
	if err != nil {
		return store.Event{}, fmt.Errorf("write down message %s: %w", m.id, err)
	}
	return store.Event{ID: id, Type: kind, Customer: who, At: m.at, Data: encoded}, nil
}
