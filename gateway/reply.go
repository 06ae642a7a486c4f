package gateway

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
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
	events, err := g.understand(ctx, message{id: e.ID, at: e.At.UTC(), channel: channel, from: field("from"), text: field("text")})
	if errors.Is(err, errNobody) {
		return nil, e.bad("data.from", err.Error())
	}
	return events, err
}

// understand finds out whose message it is, and what it says: that they want no more, the answer to a question that they were asked, or
// something for a person to read. The address is not kept: the customer's id is. The first event is the message's own.
func (g *Gateway) understand(ctx context.Context, m message) ([]store.Event, error) {
	// Understood once, it is not understood again: by now it would answer another question.
	before, err := g.Store.Event(ctx, m.id)
	if err == nil {
		return []store.Event{before}, nil
	}
	if !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	customers, err := g.Store.CustomersByAddress(ctx, m.channel, canonical(m.channel, m.from))
	if err != nil {
		return nil, err
	}
	if len(customers) == 0 {
		return nil, errNobody
	}
	m.text = strings.ReplaceAll(m.text, "\x00", "") // which the database can't keep, and which says nothing
	if isStop(m.text) {
		return g.stop(ctx, m, customers)
	}
	kind, who, data := messageReceived, customers[0], map[string]any{"channel": m.channel, "text": m.text}
	if score, ok := scoreOf(m.text); ok {
		asked, err := g.openAsk(ctx, customers)
		if err != nil {
			return nil, err
		}
		if asked.ID != "" {
			kind, who = journey.SurveyAnswered, asked.Customer
			data = map[string]any{"survey": asked.Template, "score": score, "channel": m.channel, "touch": asked.ID}
		}
	}
	event, err := m.event(m.id, kind, who, data)
	return []store.Event{event}, err
}

// canonical writes an address as the store has it: the domain of an e-mail address is in lower case.
func canonical(channel customer.Channel, address string) string {
	address = strings.TrimSpace(address)
	if at := strings.LastIndexByte(address, '@'); channel == customer.Email && at >= 0 {
		return address[:at] + strings.ToLower(address[at:])
	}
	return address
}

// openAsk returns the question that a message of one of these customers would answer; a zero touch where none is open.
func (g *Gateway) openAsk(ctx context.Context, customers []string) (store.Touch, error) {
	for _, who := range customers {
		asked, err := g.Store.OpenAsk(ctx, who)
		if err == nil || !errors.Is(err, store.ErrNotFound) {
			return asked, err
		}
	}
	return store.Touch{}, nil
}

// stop takes back whatever the customers of an address have agreed to: everybody who shares it, every topic.
func (g *Gateway) stop(ctx context.Context, m message, customers []string) ([]store.Event, error) {
	event, err := m.event(m.id, messageReceived, customers[0], map[string]any{"channel": m.channel, "text": m.text})
	if err != nil {
		return nil, err
	}
	events := []store.Event{event}
	for _, who := range customers {
		profile, err := g.Store.Profile(ctx, who)
		if err != nil {
			return nil, err
		}
		for _, topic := range slices.Sorted(maps.Keys(profile.Consents)) {
			if !profile.Consents[topic] {
				continue
			}
			event, err := m.event(m.derivedID(who, topic), journey.ConsentChanged, who, map[string]any{"topic": topic, "granted": false})
			if err != nil {
				return nil, err
			}
			events = append(events, event)
		}
	}
	return events, nil
}

// derivedID names what follows from the message for one customer and topic: the same for the same, and never too long or odd for an id.
func (m message) derivedID(who, topic string) string {
	sum := sha256.Sum256([]byte(m.id + "\x00" + who + "\x00" + topic))
	return "stop-" + hex.EncodeToString(sum[:16])
}

// event is an event that the message brings.
func (m message) event(id, kind, who string, data map[string]any) (store.Event, error) {
	encoded, err := json.Marshal(data)
	if err != nil {
		return store.Event{}, fmt.Errorf("write down message %s: %w", m.id, err)
	}
	return store.Event{ID: id, Type: kind, Customer: who, At: m.at, Data: encoded}, nil
}
