package chaos

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"perennial/domain/clock"
)

// Told is something that the product took: it answered that it had it.
type Told struct {
	ID       string    `json:"id"` // of the event
	Type     string    `json:"type"`
	Customer string    `json:"customer"`
	Key      string    `json:"key,omitempty"` // of the enrollment that it enters
	Tries    int       `json:"tries"`
	At       time.Time `json:"at"` // when it was taken, in real time
}

// load hands in events as a careful client does: with an id of their own, at one gateway and then at the other, until one says that it has it.
type load struct {
	gateways []string // base addresses
	clock    clock.Clock
	people   []*person
	client   *http.Client

	mu     sync.Mutex
	told   []Told
	tries  int
	fatal  error
	wait   sync.WaitGroup
	nextID int
}

// How often events come, on average, and how long the client waits.
const (
	everyEvent  = 350 * time.Millisecond
	clientTime  = 3 * time.Second
	clientPause = 100 * time.Millisecond
	clientMost  = 2 * time.Second
)

// entering are the events that let somebody enter, each with the name of its key.
func entering() map[string]string {
	return map[string]string{"order.placed": "order_id", "visit.completed": "visit_id", "offer.asked": "offer_id", "invoice.sent": "invoice_id"}
}

// journeyOf is the journey that an event enters; empty where it enters none.
func journeyOf(kind string) string {
	return map[string]string{"order.placed": "order", "visit.completed": "question", "offer.asked": "offers", "invoice.sent": "invoice"}[kind]
}

func newLoad(gateways []string, c clock.Clock, people []*person) *load {
	return &load{gateways: gateways, clock: c, people: people, client: &http.Client{Transport: gatewayTransport, Timeout: clientTime}}
}

// run hands in events that nobody's message leads to, until ctx ends; what was begun is finished by wait.
func (l *load) run(ctx context.Context, alive context.Context, seed uint64) {
	dice := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // the same in every run of a seed
	kinds := []string{"order.placed", "order.placed", "visit.completed", "visit.completed", "invoice.sent", "offer.asked"}
	for sleep(ctx, time.Duration(float64(everyEvent)*(0.5+dice.Float64()))) == nil {
		kind := kinds[dice.IntN(len(kinds))]
		who := l.people[dice.IntN(len(l.people))]
		l.happen(alive, kind, who.id)
	}
}

// happen tells of something that happened to a customer, in the background.
func (l *load) happen(ctx context.Context, kind, customer string) {
	l.happenThen(ctx, kind, customer, func(time.Time) {})
}

// happenThen is happen, and then does something once that was taken.
func (l *load) happenThen(ctx context.Context, kind, customer string, then func(at time.Time)) {
	l.mu.Lock()
	l.nextID++
	t := Told{ID: fmt.Sprintf("e-%d", l.nextID), Type: kind, Customer: customer}
	data := map[string]any{}
	if name := entering()[kind]; name != "" {
		t.Key = fmt.Sprintf("k-%d", l.nextID)
		data[name] = t.Key
	}
	if kind == "payment.received" {
		data["payment_id"] = t.ID
	}
	first := l.nextID
	l.mu.Unlock()
	body, err := json.Marshal([]any{map[string]any{"id": t.ID, "type": kind, "customer": customer, "at": l.clock.At(time.Now()).UTC(), "data": data}})
	if err != nil {
		l.fail(err)
		return
	}
	l.wait.Go(func() { l.insist(ctx, t, body, first, then) })
}

// insist tries until it is taken.
func (l *load) insist(ctx context.Context, t Told, body []byte, first int, then func(at time.Time)) {
	pause := clientPause
	for {
		t.Tries++
		status, err := l.post(ctx, l.gateways[(first+t.Tries)%len(l.gateways)], body)
		if status == http.StatusAccepted {
			t.At = time.Now()
			l.took(t)
			then(t.At)
			return
		}
		if err == nil && status < 500 {
			l.fail(fmt.Errorf("event %s, %s: the gateway answers with status %d", t.ID, t.Type, status))
			return
		}
		if sleep(ctx, pause) != nil {
			l.fail(fmt.Errorf("event %s was not taken in %d tries: %w", t.ID, t.Tries, err))
			return
		}
		pause = min(2*pause, clientMost)
	}
}

func (l *load) post(ctx context.Context, gateway string, body []byte) (status int, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, gateway+"/v1/events", bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := l.client.Do(request)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return 0, err
	}
	return answer.StatusCode, nil
}

func (l *load) took(t Told) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.told = append(l.told, t)
	l.tries += t.Tries
}

func (l *load) fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fatal == nil {
		l.fatal = err
	}
}
