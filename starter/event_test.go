package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"perennial/gateway"
	"perennial/store"
)

func TestAnEventIsStoredOnce(t *testing.T) {
	t.Parallel()
	b := newBusiness(t).withCustomers().withTemporal().withGateway()
	says(t, b.does("event", "purchase", "--customer", "c-1", "--id", "e-1", "--at", "2026-05-04T10:30:00+02:00",
		"--data", "amount=29.30", "--data", "currency=USD", "--data", "order_id=2041"),
		"Event e-1 is stored: purchase of c-1.", "`starter enrollments list --customer c-1`")
	says(t, b.does("event", "purchase", "--customer", "c-1", "--id", "e-1", "--data", "amount=1"), "was there already")
	e, err := b.store.Event(t.Context(), "e-1")
	if err != nil || e.At.Hour() != 8 {
		t.Errorf("it happened at %v, %v", e.At, err)
	}
	who, err := b.store.Profile(t.Context(), "c-1")
	if err != nil || who.Purchases.Count != 1 || who.Purchases.Total != 29.3 {
		t.Errorf("purchases: %+v, %v", who.Purchases, err)
	}
	var accepted gateway.Accepted
	b.reads(&accepted, "event", "complaint.opened", "--customer", "c-2", "--data-json", `{"order_id": "7"}`)
	if accepted.Status != "stored" || store.CheckID(accepted.ID) != nil {
		t.Errorf("got %+v", accepted)
	}
}

func TestAnEventThatCannotBeTakenSaysWhy(t *testing.T) {
	t.Parallel()
	b := newBusiness(t).withCustomers().withTemporal().withGateway()
	b.refuses("unknown customer c-9; import the customer first", "event", "visit.completed", "--customer", "c-9")
	b.refuses("amount", "event", "purchase", "--customer", "c-1", "--data", "amount=much")
	b.refuses("is no type of event", "event", "Purchase", "--customer", "c-1")
	b.refuses("Name the customer", "event", "purchase")
	b.refuses("write it with its offset", "event", "purchase", "--customer", "c-1", "--at", "yesterday")
	b.refuses("is no JSON object", "event", "purchase", "--customer", "c-1", "--data-json", "[1]")
	b.refuses("no gateway answers at http://127.0.0.1:1", "event", "purchase", "--customer", "c-1", "--gateway", "http://127.0.0.1:1/")

	other := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(other.Close)
	b.refuses("is no gateway of Perennial", "event", "purchase", "--customer", "c-1", "--gateway", other.URL)

	stranger := *b
	stranger.settings.GatewayToken = "another word"
	stranger.refuses("set GATEWAY_TOKEN to one that", "event", "purchase", "--customer", "c-1")
}

func TestAnEventThatNoJourneyKnowsIsRefused(t *testing.T) {
	t.Parallel()
	b := newBusiness(t).withCustomers().withTemporal().withGateway()
	folder := journeys(t)
	refused := func() {
		t.Helper()
		b.refuses("no journey knows the event \"purchse\"; did you mean purchase?", "event", "purchse", "--customer", "c-1", "--dir", folder)
		b.refuses("purchase must bring quantity: add --data quantity=…; purchase has no data \"quantty\"; did you mean quantity?",
			"event", "purchase", "--customer", "c-1", "--dir", folder, "--data", "amount=1", "--data", "order_id=1", "--data", "quantty=1")
	}
	refused() // by the folder
	b.does("journeys", "publish", "--dir", folder, "-m", "First")
	folder = t.TempDir()
	refused() // by what is published
	r := b.run("event", "visit.completed", "--customer", "c-1", "--data", "vist_id=1")
	if r.code != 0 || r.errs != "starter: visit.completed has no data \"vist_id\"; did you mean visit_id?\n" {
		t.Errorf("data that is not known: %d, %s%s", r.code, r.out, r.errs)
	}
}

func TestDataIsTypedAsItLooks(t *testing.T) {
	t.Parallel()
	data, err := dataOf([]string{"score=5", "amount=29.30", "granted=true", "order_id=2041-A", "note=", "quoted=\"7\"", "list=[1]"})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"score": "json.Number 5", "amount": "json.Number 29.30", "granted": "bool true", "order_id": "string 2041-A",
		"note": "string ", "quoted": `string "7"`, "list": "string [1]",
	} {
		if got := fmt.Sprintf("%T %v", data[name], data[name]); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}
