package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
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

// reply turns a message.received that names its sender by address into an event of a customer.
func (g *Gateway) reply(ctx context.Context, e Event) (store.Event, error) {
	field := func(name string) string {
		text, _ := e.Data[name].(string)
		return text
	}
	if field("from") == "" || field("channel") == "" {
		return store.Event{}, errors.New("customer: whom does it concern? A message.received may have data.channel and data.from instead")
	}
	return g.understand(ctx, received{
		id: e.ID, at: e.At.UTC(), channel: customer.Channel(field("channel")), from: field("from"), text: field("text"),
	})
}

// understand finds out whose message it is, and whether it answers the question that they were asked last. The address is not kept: the
// customer's id is.
func (g *Gateway) understand(ctx context.Context, m received) (store.Event, error) {
	customers, err := g.Store.CustomersByAddress(ctx, m.channel, m.from)
	if err != nil {
		return store.Event{}, err
	}
	if len(customers) == 0 {
		return store.Event{}, errNobody
	}
	event := store.Event{ID: m.id, Type: messageReceived, Customer: customers[0], At: m.at}
	data := map[string]any{"channel": m.channel, "text": m.text}
	score, isScore := scoreOf(m.text)
	asked, err := g.Store.OpenAsk(ctx, event.Customer)
	switch {
	case errors.Is(err, store.ErrNotFound):
	case err != nil:
		return store.Event{}, err
	case isScore:
		event.Type = journey.SurveyAnswered
		data = map[string]any{"survey": asked.Template, "score": score, "channel": m.channel, "touch": asked.ID}
	}
	if event.Data, err = json.Marshal(data); err != nil {
		return store.Event{}, fmt.Errorf("write down message %s: %w", m.id, err)
	}
	return event, nil
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
