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

// The events of a customer who wrote to us, and of one whose message a person has to read.
const (
	messageReceived = "message.received"
	messageUnclear  = "message.unclear"
)

// message is what a customer wrote.
type message struct {
	id      string
	at      time.Time
	channel customer.Channel
	from    string // address
	text    string
	wish    wish // what the carrier took it for, where it says so

	answered string // the touch that it says it answers, where it says so
	oneWay   bool   // nothing can be said in return by the way it came
}

// understood is what a message means.
type understood struct {
	id     string        // the message's
	heard  heard         // how a message came, and what it was taken for; zero where it is none
	events []store.Event // the first is the message's own; none where it is nobody's
	unread *store.Reply  // for a person to read, where nobody here understood it
	say    string        // in return, where somebody expects a word; empty says nothing
	from   confirmation  // the address of a customer's that the message came from
}

// heard is how a message came, and what it was taken for: a wish, or one of these.
type heard struct {
	channel customer.Channel
	meaning string
}

const (
	anAnswer  = "answer"
	forPeople = "unclear" // a person has to read it
	ofNobody  = "nobody"  // it comes from nobody's address
)

// confirmation is an address at which somebody can be reached, since they write from there; or at which one customer wants no more, whoever said so.
type confirmation struct {
	channel   customer.Channel
	address   string
	wantsMore bool   // they say so
	wantsNone bool   // they told the provider
	customer  string // with wantsNone
}

// reply understands a message.received that names its sender by address.
func (g *Gateway) reply(ctx context.Context, e Event) (understood, error) {
	field := func(name string) string {
		text, _ := e.Data[name].(string)
		return text
	}
	channel, from := customer.Channel(field("channel")), field("from")
	if from == "" || !slices.Contains(customer.Channels, channel) {
		return understood{}, e.bad("customer", "whom does it concern? A message.received may have data.channel, such as email, and data.from instead")
	}
	if strings.ContainsRune(from, 0) || len(from) > maxAddress {
		return understood{}, e.bad("data.from", "write the address that the message came from")
	}
	return g.understand(ctx, message{id: e.ID, at: e.At.UTC(), channel: channel, from: from, text: field("text"), answered: field("in_reply_to"), oneWay: true})
}

// maxAddress is the longest address there is: an e-mail address, by RFC 5321.
const maxAddress = 254

// hear takes a message that came by a provider's webhook, once. It answers what is to be said in return, and says so once.
func (g *Gateway) hear(ctx context.Context, m message) (say string, err error) {
	u, err := g.understand(ctx, m)
	if err != nil {
		return "", err
	}
	accepted, err := g.take(ctx, []understood{u})
	if err != nil || accepted[0].Status == duplicate || accepted[0].Status == erased {
		return "", err
	}
	return u.say, nil
}

// understand finds out whose message it is, and what it says: which messages they want, the answer to a question that they were asked, or
// something for a person to read. Of a customer not the address is kept, but the id.
func (g *Gateway) understand(ctx context.Context, m message) (understood, error) {
	// What the database can't keep says nothing: half characters, and zeros.
	m.text, m.from = keepable(m.text), keepable(m.from)
	// Understood once, it is not understood again: by now it would answer another question.
	before, err := g.Store.Event(ctx, m.id)
	if err == nil {
		return understood{id: m.id, events: []store.Event{before}}, nil
	}
	if !errors.Is(err, store.ErrNotFound) {
		return understood{}, err
	}
	customers, err := g.whose(ctx, m)
	if err != nil {
		return understood{}, err
	}
	if len(customers) == 0 {
		unread := &store.Reply{ID: m.id, Channel: m.channel, Address: m.from, Text: m.text, At: m.at}
		return understood{id: m.id, heard: heard{m.channel, ofNobody}, unread: unread}, nil
	}
	text := m.text
	if m.channel == customer.Email {
		text = written(text)
	}
	wants, word := wishOf(text, languagesOf(customers))
	if m.wish != noWish {
		wants = m.wish
	}
	if wants != noWish && (wants != helpWish || m.channel != customer.Email) { // a mail that says help is for a person, as nobody else answers it
		return g.grant(ctx, m, wants, word, customers)
	}
	asked, err := g.openAsk(ctx, customers, m.answered)
	if err != nil {
		return understood{}, err
	}
	if asked.ID != "" {
		score, ok := numberOf(text)
		if !ok && g.satisfaction(ctx, asked.Template) {
			score, ok = scoreOf(text)
		}
		if ok {
			return m.answers(asked, score)
		}
	}
	return g.unclear(ctx, m, customers, asked)
}

func keepable(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\ufffd"), "\x00", "")
}

// satisfaction says whether a survey asks how satisfied somebody is, by the contact policy: words and faces answer that and no other question.
// Where the policy names no such survey, each may be one.
func (g *Gateway) satisfaction(ctx context.Context, survey string) bool {
	policy, err := g.Policy(ctx)
	if err != nil {
		g.Log.Warn("The contact policy can't be read: of answers only numbers are understood.", "error", err)
		return false
	}
	return policy.Satisfied == nil || slices.Contains(policy.Satisfied.Surveys, survey)
}

// answers is the message as the answer to a question.
func (m message) answers(asked store.Touch, score int) (understood, error) {
	u, err := m.of(asked.Customer, anAnswer)
	if err != nil {
		return understood{}, err
	}
	answer, err := m.event(derivedID("answer", m.id), journey.SurveyAnswered, asked.Customer,
		map[string]any{"survey": asked.Template, "score": score, "channel": m.channel, "touch": asked.ID})
	u.events = append(u.events, answer)
	return u, err
}

// unclear is a message for a person to read. The first that comes in answer to a question is told what would answer it.
func (g *Gateway) unclear(ctx context.Context, m message, customers []customer.Profile, asked store.Touch) (understood, error) {
	who := customers[0]
	u, err := m.of(who.ID, forPeople)
	if err != nil {
		return understood{}, err
	}
	u.unread = &store.Reply{ID: m.id, Customer: who.ID, Channel: m.channel, At: m.at}
	if asked.Customer == who.ID { // otherwise it is most likely no answer, but of whom we wrote to last
		u.unread.Touch = asked.ID
		before, err := g.Store.AnsweredUnclearly(ctx, asked.ID)
		if err != nil {
			return understood{}, err
		}
		if !before && !m.oneWay {
			u.say = sentenceIn(who.Language, g.business(ctx), unclearAnswer)
			return u, nil
		}
	}
	tell, err := m.event(derivedID("unclear", m.id), messageUnclear, who.ID, map[string]any{"channel": m.channel})
	u.events = append(u.events, tell)
	return u, err
}

// of is the message as one of a customer's, taken for something, and nothing more.
func (m message) of(who, meaning string) (understood, error) {
	event, err := m.event(m.id, messageReceived, who, map[string]any{"channel": m.channel, "text": m.text})
	from := confirmation{channel: m.channel, address: canonical(m.channel, m.from)}
	return understood{id: m.id, heard: heard{m.channel, meaning}, events: []store.Event{event}, from: from}, err
}

// whose returns the customers who are reached where a message came from, whom we wrote to last first; none where it is nobody's.
func (g *Gateway) whose(ctx context.Context, m message) ([]customer.Profile, error) {
	ids, err := g.Store.CustomersByAddress(ctx, m.channel, canonical(m.channel, m.from))
	if err != nil {
		return nil, err
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

// openAsk returns the question that a message of one of these customers would answer, the touch that it says it answers before others; a zero touch
// where none is open.
func (g *Gateway) openAsk(ctx context.Context, customers []customer.Profile, answered string) (store.Touch, error) {
	for _, who := range customers {
		asked, err := g.Store.OpenAsk(ctx, who.ID, answered)
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
