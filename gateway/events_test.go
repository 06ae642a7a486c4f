package gateway_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"perennial/domain/segment"
	"perennial/gateway"
	"perennial/store"
)

func TestOneEventIsStoredAndRouted(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	got := d.took(`{"id":"e-1","type":"purchase","customer":"c-1","at":"2026-05-04T10:30:00+02:00","data":{"amount":29.30,"order_id":2041}}`)
	if !slices.Equal(got, []gateway.Accepted{{ID: "e-1", Status: "stored"}}) {
		t.Errorf("got %v", got)
	}
	d.data("e-1", "purchase", "c-1", `{"amount":29.30,"order_id":2041}`)
	e := d.event("e-1")
	if want := time.Date(2026, 5, 4, 8, 30, 0, 0, time.UTC); !e.At.Equal(want) || e.ReceivedAt.Before(monday) {
		t.Errorf("it happened at %v and came at %v", e.At, e.ReceivedAt)
	}
	if got := d.routed.types(); !slices.Equal(got, []string{"purchase c-1"}) {
		t.Errorf("routed: %v", got)
	}
	p, err := d.store.Profile(t.Context(), "c-1")
	if err != nil || p.Purchases.Count != 1 || p.Purchases.Total != 29.3 {
		t.Errorf("purchases: %+v, %v", p.Purchases, err)
	}
}

func TestABatchIsStoredInItsOrder(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	got := d.took(` [{"id":"e-2","type":"visit.completed","customer":"c-2"}, {"id":"e-1","type":"visit.completed","customer":"c-1"}, {"id":"e-2","type":"visit.completed","customer":"c-2"}]`)
	want := []gateway.Accepted{{ID: "e-2", Status: "stored"}, {ID: "e-1", Status: "stored"}, {ID: "e-2", Status: "duplicate"}}
	if !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
	if got := d.routed.types(); !slices.Equal(got, []string{"visit.completed c-1", "visit.completed c-2"}) {
		t.Errorf("routed: %v", got)
	}
}

func TestAThousandEventsFit(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	batch := func(n int) string {
		events := make([]string, n)
		for i := range events {
			events[i] = fmt.Sprintf(`{"id":"e-%d","type":"visit.completed","customer":"c-1"}`, i)
		}
		return "[" + strings.Join(events, ",") + "]"
	}
	d.hand(batch(1001)).says(t, http.StatusUnprocessableEntity, "holds up to 1000 events, and this one has 1001")
	if d.event("e-0") != nil {
		t.Error("some were stored")
	}
	if got := d.took(batch(1000)); len(got) != 1000 || len(d.routed.types()) != 1000 {
		t.Errorf("%d were stored and %d routed", len(got), len(d.routed.types()))
	}
}

func TestWhatHappenedToAnErasedCustomerIsLeftOutAndTheRestOfItsBatchIsStored(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	err := d.store.InTx(t.Context(), func(tx *store.Tx) error {
		_, err := tx.MarkErased(t.Context(), "c-1", monday)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	got := d.took(`[{"id":"e-1","type":"purchase","customer":"c-1","data":{"amount":10}},{"id":"e-2","type":"purchase","customer":"c-2","data":{"amount":10}}]`)
	if got[0].Status != "erased" || got[1].Status != "stored" {
		t.Errorf("got %v", got)
	}
	if d.event("e-1") != nil || d.event("e-2") == nil || len(d.routed.types()) != 1 {
		t.Errorf("stored: %v, %v; routed: %v", d.event("e-1"), d.event("e-2"), d.routed.types())
	}
}

func TestTheSameIDIsTheSameEvent(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	d.took(`{"id":"e-1","type":"purchase","customer":"c-1","data":{"amount":10}}`)
	if got := d.took(`{"id":"e-1","type":"purchase","customer":"c-2","data":{"amount":99}}`); got[0].Status != "duplicate" {
		t.Errorf("got %v", got)
	}
	d.data("e-1", "purchase", "c-1", `{"amount":10}`)
	if got := d.routed.types(); len(got) != 1 {
		t.Errorf("routed: %v", got)
	}
}

func TestTheSameEventAtOnceIsStoredOnce(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			d.hand(`[{"id":"e-2","type":"purchase","customer":"c-1","data":{"amount":10}},{"id":"e-1","type":"purchase","customer":"c-1","data":{"amount":10}}]`).
				says(t, http.StatusAccepted)
		})
	}
	all.Wait()
	p, err := d.store.Profile(t.Context(), "c-1")
	if err != nil || p.Purchases.Count != 2 || len(d.routed.types()) != 2 {
		t.Errorf("purchases: %+v, %v; routed: %v", p.Purchases, err, d.routed.types())
	}
}

// Each is refused with the place of every mistake, and nothing of the request is stored.
func TestARequestWithAMistakeIsRefusedAsAWhole(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	const good = `{"id":"good","type":"purchase","customer":"c-1","data":{"amount":10}}`
	for _, c := range []struct {
		name, body string
		status     int
		says       []string
	}{
		{"one bad in a batch", `[` + good + `,{"id":"e-1","type":"purchase","customer":"c-1","data":{}}]`, 422, []string{`"body[1].data.amount"`, "event e-1: data.amount: write a number"}},
		{"every bad one is named", `[{"id":"e-1","customer":"c-1"},` + good + `,{"id":"e-2","type":"purchase","data":{"amount":1}}]`, 422, []string{`"body[0].type"`, `"body[2].customer"`, "event e-2: customer: whom does it concern?"}},
		{"a customer unknown", `[` + good + `,{"id":"e-1","type":"visit.completed","customer":"c-9"}]`, 422, []string{`"body[1].customer"`, "event e-1: customer: unknown customer c-9; import the customer first"}},
		{"one by itself", `{"id":"e-1","type":"purchase","customer":"c-1","data":{"amount":"much"}}`, 422, []string{`"body.data.amount"`}},
		{"no type", `{"id":"e-1","customer":"c-1"}`, 422, []string{`"body.type"`, "write what happened in lower case"}},
		{"a type in capitals", `{"id":"e-1","type":"Purchase!","customer":"c-1"}`, 422, []string{`"body.type"`}},
		{"no id", `{"type":"purchase","customer":"c-1"}`, 422, []string{`"body.id"`, "the id is empty"}},
		{"an id like a phone number", `{"id":"+12015550199","type":"visit.completed","customer":"c-1"}`, 422, []string{`"body.id"`, "looks like a phone number"}},
		{"an id like an address", `{"id":"someone@example.org","type":"visit.completed","customer":"c-1"}`, 422, []string{`"body.id"`, "looks like an e-mail address"}},
		{"a customer like a phone number", `{"id":"e-1","type":"visit.completed","customer":"+12015550199"}`, 422, []string{`"body.customer"`, "looks like a phone number"}},
		{"an id that is a number", `{"id":7,"type":"visit.completed","customer":"c-1"}`, 422, []string{`"body.id"`, "write a string"}},
		{"a time without its offset", `{"id":"e-1","type":"visit.completed","customer":"c-1","at":"2026-05-04 10:00"}`, 422, []string{`"body.at"`, "with its offset"}},
		{"data that is a list", `{"id":"e-1","type":"visit.completed","customer":"c-1","data":[1]}`, 422, []string{`"body.data"`, "write an object"}},
		{"data that can't be kept", `{"id":"e-1","type":"visit.completed","customer":"c-1","data":{"a":"\u0000"}}`, 422, []string{`"body.data"`, "U+0000"}},
		{"data that is nested without end", `{"id":"e-1","type":"visit.completed","customer":"c-1","data":` + strings.Repeat(`{"a":`, 5000) + "1" + strings.Repeat("}", 5000) + `}`, 422, []string{`"body.data"`, "more than 32 objects and lists in each other"}},
		{"lists without end", `{"id":"e-1","type":"visit.completed","customer":"c-1","data":{"a":` + strings.Repeat(`[`, 5000) + strings.Repeat("]", 5000) + `}}`, 422, []string{`"body.data"`, "in each other"}},
		{"nested deeper than JSON is read", strings.Repeat(`[`, 1_000_000), 400, []string{"is not JSON"}},
		{"data that is large", `{"id":"e-1","type":"visit.completed","customer":"c-1","data":{"note":"` + strings.Repeat("x", 300<<10) + `"}}`, 422, []string{`"body.data"`, "more than 256 KB"}},
		{"a number of a hundred thousand digits, written short", `{"id":"e-1","type":"visit.completed","customer":"c-1","data":{"n":1e100000}}`, 422, []string{`"body.data"`, "too large; write it as text"}},
		{"a number of as many places", `{"id":"e-1","type":"visit.completed","customer":"c-1","data":{"n":1` + strings.Repeat("0", 200) + `}}`, 422, []string{`"body.data"`, "too large"}},
		{"more events than a request holds", "[" + strings.Repeat(`{"id":"e-1"},`, 1000) + `{"id":"e-1"}]`, 422, []string{"up to 1000 events, and this one has 1001"}},
		{"a field of another name", `{"id":"e-1","type":"visit.completed","customer_id":"c-1"}`, 422, []string{`"body.customer_id"`, "there is no such field"}},
		{"no object", `["e-1"]`, 422, []string{`"body[0]"`, "write an object"}},
		{"null", `null`, 422, []string{"write an object"}},
		{"an empty batch", `[]`, 422, []string{"holds no event"}},
		{"no JSON", `id=e-1`, 400, []string{"is not JSON"}},
		{"half of JSON", `[` + good, 400, []string{"is not JSON"}},
		{"no body", ``, 400, []string{"body is required"}},
		{"a body too large", `{"id":"e-1","type":"visit.completed","customer":"c-1","data":{"note":"` + strings.Repeat("x", 4<<20) + `"}}`, 413, []string{"too large"}},
	} {
		t.Log(c.name)
		a := d.hand(c.body)
		a.says(t, c.status, c.says...)
		if strings.Contains(a.body, "5550199") || strings.Contains(a.body, "someone@") || strings.Contains(a.body, `"value"`) {
			t.Errorf("the answer repeats what it was given: %s", a.body)
		}
	}
	if d.event("good") != nil || d.event("e-1") != nil || len(d.routed.types()) > 0 {
		t.Error("something was stored")
	}
}

func TestAnEventHappensNowUnlessItSaysWhen(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	d.took(`[{"id":"e-1","type":"visit.completed","customer":"c-1"},{"id":"e-2","type":"visit.completed","customer":"c-1","at":null,"data":null}]`)
	for _, id := range []string{"e-1", "e-2"} {
		if e := d.event(id); e.At.Before(monday) || e.At.After(e.ReceivedAt) || string(e.Data) != "{}" {
			t.Errorf("it happened at %v with %s", e.At, e.Data)
		}
	}
}

func TestAnEventThatNoJourneyKnowsIsStoredAndSaidToBe(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	visit := func(id, kind string) string { return `{"id":"` + id + `","type":"` + kind + `","customer":"c-1"}` }
	if got := d.took(visit("e-0", "visit.compleeted"))[0]; got.Note != "" { // nothing is published: nothing can be said
		t.Errorf("got %+v", got)
	}
	publish := func(number string, events ...segment.EventType) {
		catalogue, err := json.Marshal(segment.Catalogue{Events: events})
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = d.store.Publish(t.Context(), store.Version{Journey: "onboarding", Hash: number, Plan: []byte("{}"), Catalogue: catalogue, PublishedAt: monday}, nil)
		if err != nil {
			t.Fatal(err)
		}
	}
	publish("1", segment.EventType{Name: "visit.completed"}, segment.EventType{Name: "message.received"})
	got := d.took("[" + visit("e-1", "visit.compleeted") + "," + visit("e-2", "visit.completed") + "," + `{"id":"e-3","type":"consent.changed","customer":"c-1","data":{"topic":"care","granted":true}}` + "]")
	if got[0].Status != "stored" || !strings.Contains(got[0].Note, `no journey knows the event "visit.compleeted": it is stored`) || !strings.Contains(got[0].Note, `did you mean visit.completed?`) {
		t.Errorf("got %+v", got[0])
	}
	if got[1].Note != "" || got[2].Note != "" || d.event("e-1") == nil {
		t.Errorf("got %+v and %+v", got[1], got[2])
	}
	d.took(visit("e-4", "visit.compleeted"))
	if n := strings.Count(d.log.String(), "no journey knows"); n != 1 {
		t.Errorf("it is logged %d times", n)
	}
	publish("2", segment.EventType{Name: "visit.compleeted"})
	if got := d.took(visit("e-5", "visit.compleeted"))[0]; got.Note != "" {
		t.Errorf("after a journey knows it: %+v", got)
	}
}

func TestNumbersStayAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	d.took(`{"id":"e-1","type":"visit.completed","customer":"c-1","data":{"visit_id":12345678901234567890,"part":0.10}}`)
	if got := string(d.event("e-1").Data); got != `{"part": 0.10, "visit_id": 12345678901234567890}` {
		t.Errorf("got %s", got)
	}
}

func TestWhatCannotBeRoutedNowIsLeftToTheSweeper(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	d.routed.fail = errors.New("Temporal does not answer")
	if got := d.took(`[{"id":"e-1","type":"visit.completed","customer":"c-1"},{"id":"e-2","type":"visit.completed","customer":"c-1"}]`); got[0].Status != "stored" || got[1].Status != "stored" {
		t.Errorf("got %v", got)
	}
	left, err := d.store.Undispatched(t.Context(), monday.AddDate(0, 0, 1), 10)
	if err != nil || len(left) != 2 || len(d.routed.types()) != 2 {
		t.Errorf("left: %v, %v", left, err)
	}
	if !strings.Contains(d.log.String(), "routed later") || !strings.Contains(d.log.String(), "e-2") {
		t.Errorf("logged: %s", d.log)
	}
}

func TestACallerIsNotKeptWaitingForRouting(t *testing.T) {
	t.Parallel()
	d := open(t, func(c *gateway.Config) { c.Patience = time.Millisecond })
	d.routed.hang = true
	if got := d.took(`[{"id":"e-1","type":"visit.completed","customer":"c-1"},{"id":"e-2","type":"visit.completed","customer":"c-1"}]`); len(got) != 2 {
		t.Errorf("got %v", got)
	}
	if got := d.routed.types(); len(got) > 1 || d.event("e-2") == nil {
		t.Errorf("routed: %v", got)
	}
}

func TestWhatIsOursIsNotCalledTheCallersMistake(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	d.store.Close()
	for _, body := range []string{
		`{"id":"e-1","type":"visit.completed","customer":"c-1"}`,
		`{"id":"e-2","type":"message.received","data":{"channel":"email","from":"ben@example.org","text":"my knee hurts"}}`,
	} {
		d.hand(body).says(t, http.StatusServiceUnavailable, "send them again with the same ids")
	}
	d.do(http.MethodGet, "/customers/c-1", "").says(t, http.StatusServiceUnavailable)
}
