package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/store"
)

// messageReceived is the event of a customer who wrote to us.
const messageReceived = "message.received"

// errNobody says that no customer is reached at the address that a reply came from.
var errNobody = errors.New("no customer is reached at the address that this message came from")

// received is what a customer wrote.
type received struct {
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
	if field("from") == "" || field("channel") == "" {
		return nil, errors.New("customer: whom does it concern? A message.received may have data.channel and data.from instead")
	}
	return g.understand(ctx, received{
		id: e.ID, at: e.At.UTC(), channel: customer.Channel(field("channel")), from: field("from"), text: field("text"),
	})
}

// understand finds out whose message it is, and what it says: that they want no more, the answer to the question that they were asked last, or
// something for a person to read. The address is not kept: the customer's id is.
func (g *Gateway) understand(ctx context.Context, m received) ([]store.Event, error) {
	customers, err := g.Store.CustomersByAddress(ctx, m.channel, m.from)
	if err != nil {
		return nil, err
	}
	if len(customers) == 0 {
		return nil, errNobody
	}
	if isStop(m.text) {
		return g.stop(ctx, m, customers)
	}
	data := map[string]any{"channel": m.channel, "text": m.text}
	kind := messageReceived
	score, isScore := scoreOf(m.text)
	asked, err := g.Store.OpenAsk(ctx, customers[0])
	switch {
	case errors.Is(err, store.ErrNotFound):
	case err != nil:
		return nil, err
	case isScore:
		kind = journey.SurveyAnswered
		data = map[string]any{"survey": asked.Template, "score": score, "channel": m.channel, "touch": asked.ID}
	}
	event, err := m.event(m.id, kind, customers[0], data)
	return []store.Event{event}, err
}

// stop takes back whatever the customers of an address have agreed to: everybody who shares it, every topic.
func (g *Gateway) stop(ctx context.Context, m received, customers []string) ([]store.Event, error) {
	event, err := m.event(m.id, messageReceived, customers[0], map[string]any{"channel": m.channel, "text": m.text})
	if err != nil {
		return nil, err
	}
	events := []store.Event{event}
	for _, id := range customers {
		who, err := g.Store.Profile(ctx, id)
		if err != nil {
			return nil, err
		}
		for _, topic := range slices.Sorted(maps.Keys(who.Consents)) {
			event, err := m.event(m.id+":"+id+":"+topic, journey.ConsentChanged, id, map[string]any{"topic": topic, "granted": false})
			if err != nil {
				return nil, err
			}
			events = append(events, event)
		}
	}
	return events, nil
}

// event is an event that the message brings.
func (m received) event(id, kind, who string, data map[string]any) (store.Event, error) {
	encoded, err := json.Marshal(data)
	if err != nil {
		return store.Event{}, fmt.Errorf("write down message %s: %w", m.id, err)
	}
	return store.Event{ID: id, Type: kind, Customer: who, At: m.at, Data: encoded}, nil
}

// isStop says whether a message is exactly one of the words by which people and carriers say: no more.
func isStop(text string) bool {
	switch strings.ToLower(strings.Trim(norm.NFKC.String(text), " \t\r\n.!。")) {
	case "stop", "stopall", "unsubscribe", "cancel", "end", "quit", "td", "t", "退订":
		return true
	}
	return false
}

// score is a whole number from 1 to 5 and nothing else but a full stop or the like.
var score = regexp.MustCompile(`^([1-5])[.!。！]?$`)

// scoreOf reads an answer such as "4", "４" or " 5! ".
func scoreOf(text string) (int, bool) {
	found := score.FindStringSubmatch(strings.TrimSpace(norm.NFKC.String(text)))
	if found == nil {
		return 0, false
	}
	n, err := strconv.Atoi(found[1])
	return n, err == nil
}
