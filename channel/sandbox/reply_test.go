package sandbox_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"perennial/channel/sandbox"
	"perennial/channel/slack"
	"perennial/channel/twilio"
)

// call is a request that a gateway got.
type call struct {
	path   string
	header http.Header
	body   []byte
}

// gateway stands where the real one would, and hands on what it got.
func gateway(t *testing.T, status int) (address string, calls chan call) {
	t.Helper()
	calls = make(chan call, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.WriteHeader(status)
		calls <- call{r.RequestURI, r.Header, body}
	}))
	t.Cleanup(server.Close)
	return server.URL, calls
}

func TestAnAnswerBySMSComesAsTwilioWouldBringIt(t *testing.T) {
	t.Parallel()
	address, calls := gateway(t, http.StatusOK)
	webhook := address + "/v1/twilio/inbound"
	b := setup(t, sandbox.Config{InboundSMS: webhook})
	b.send(t, "t-1")
	status, body := b.postJSON(t, "/api/replies", `{"address":"`+phone+`","channel":"sms","text":"好的 & thanks"}`)
	if status != http.StatusCreated {
		t.Fatalf("%d %s", status, body)
	}
	got := <-calls
	if !twilio.Verify(sandbox.AuthToken, webhook, got.body, got.header.Get(twilio.SignatureHeader)) {
		t.Error("the signature does not verify")
	}
	form, err := url.ParseQuery(string(got.body))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"From": phone, "To": ours, "Body": "好的 & thanks", "AccountSid": sandbox.AccountSID, "NumMedia": "0",
	} {
		if form.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, form.Get(name), want)
		}
	}
	if !strings.HasPrefix(form.Get("MessageSid"), "SM") {
		t.Errorf("MessageSid is %q", form.Get("MessageSid"))
	}
	if len(b.Messages()) != 2 {
		t.Error("the answer counts as received")
	}
}

func TestAnAnswerByEmailComesAsAnEvent(t *testing.T) {
	t.Parallel()
	address, calls := gateway(t, http.StatusAccepted)
	b := setup(t, sandbox.Config{GatewayURL: address + "/", GatewayToken: "secret"})
	b.send(t, "t-1")
	status, body := b.postJSON(t, "/api/replies", `{"address":"`+inbox+`","text":"Yes"}`)
	if status != http.StatusCreated {
		t.Fatalf("%d %s", status, body)
	}
	got := <-calls
	if got.path != "/v1/events" || got.header.Get("Authorization") != "Bearer secret" {
		t.Errorf("it came to %s with %v", got.path, got.header)
	}
	var event struct {
		ID, Type, At string
		Data         struct {
			Channel, From, Text string
			InReplyTo           string `json:"in_reply_to"`
		}
	}
	if err := json.Unmarshal(got.body, &event); err != nil {
		t.Fatal(err)
	}
	d := event.Data
	if event.ID == "" || event.At == "" || event.Type != "message.received" || d.Channel != "email" || d.From != inbox || d.InReplyTo != "t-1" || d.Text != "Yes" {
		t.Errorf("the event is %s", got.body)
	}
}

func TestAnAnswerByWhatsAppComesAsTwilioWouldBringIt(t *testing.T) {
	t.Parallel()
	address, calls := gateway(t, http.StatusOK)
	b := setup(t, sandbox.Config{InboundSMS: address})
	b.send(t, "t-1")
	b.chat(t, "t-2")
	b.send(t, "t-3")
	status, body := b.postJSON(t, "/api/replies", `{"address":"`+phone+`","channel":"whatsapp","text":"Yes"}`)
	if status != http.StatusCreated || !strings.Contains(body, `"channel":"whatsapp"`) || !strings.Contains(body, `"touch":"t-2"`) {
		t.Fatalf("%d %s", status, body)
	}
	got := <-calls
	if !twilio.Verify(sandbox.AuthToken, address, got.body, got.header.Get(twilio.SignatureHeader)) {
		t.Error("the signature does not verify")
	}
	form, err := url.ParseQuery(string(got.body))
	if err != nil {
		t.Fatal(err)
	}
	if form.Get("From") != "whatsapp:"+phone || form.Get("To") != "whatsapp:"+ours || form.Get("Body") != "Yes" {
		t.Errorf("it came as %v", form)
	}
}

func TestAnAnswerBySlackComesAsAnEvent(t *testing.T) {
	t.Parallel()
	address, calls := gateway(t, http.StatusAccepted)
	b := setup(t, sandbox.Config{GatewayURL: address})
	b.chat(t, "t-1")
	status, body := b.postJSON(t, "/api/replies", `{"address":"`+user+`","text":"Yes"}`)
	if status != http.StatusCreated {
		t.Fatalf("%d %s", status, body)
	}
	got := string((<-calls).body)
	for _, part := range []string{`"type":"message.received"`, `"channel":"slack"`, `"from":"` + user + `"`, `"in_reply_to":"t-1"`, `"text":"Yes"`} {
		if !strings.Contains(got, part) {
			t.Errorf("the event lacks %s: %s", part, got)
		}
	}
}

func TestAnAnswerBySlackComesAsSlackWouldBringIt(t *testing.T) {
	t.Parallel()
	address, calls := gateway(t, http.StatusOK)
	b := setup(t, sandbox.Config{SlackEvents: address + "/v1/slack/events"})
	b.chat(t, "t-1")
	if status, body := b.postJSON(t, "/api/replies", `{"address":"`+user+`","text":"1 < 2"}`); status != http.StatusCreated {
		t.Fatalf("%d %s", status, body)
	}
	got := <-calls
	if got.path != "/v1/slack/events" || !slack.Verify(sandbox.SlackSecret, got.header, got.body) {
		t.Errorf("it came to %s with %v", got.path, got.header)
	}
	var told struct {
		Type  string
		ID    string `json:"event_id"`
		Event struct {
			Type, Channel, User, Text string
			Kind                      string `json:"channel_type"`
		}
	}
	if err := json.Unmarshal(got.body, &told); err != nil {
		t.Fatal(err)
	}
	e := told.Event
	if told.Type != "event_callback" || !strings.HasPrefix(told.ID, "Ev") || e.Type != "message" || e.Channel != "D"+user[1:] || e.Kind != "im" ||
		e.User != user || e.Text != "1 &lt; 2" {
		t.Errorf("it brought %s", got.body)
	}
}

func TestWhatIsSaidInReturnIsReceived(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "<Response><Message>Willow &amp; Pine: goodbye</Message></Response>")
	}))
	t.Cleanup(server.Close)
	b := setup(t, sandbox.Config{InboundSMS: server.URL})
	b.send(t, "t-1")
	if status, body := b.postJSON(t, "/api/replies", `{"address":"`+phone+`","text":"TD"}`); status != http.StatusCreated {
		t.Fatalf("%d %s", status, body)
	}
	all := b.Messages()
	if last := all[len(all)-1]; len(all) != 3 || last.Reply || last.Address != phone || last.Text != "Willow & Pine: goodbye" {
		t.Errorf("received %+v", all)
	}
}

func TestAnAnswerThatIsNotTakenIsNotKept(t *testing.T) {
	t.Parallel()
	address, _ := gateway(t, http.StatusInternalServerError)
	b := setup(t, sandbox.Config{InboundSMS: address})
	b.send(t, "t-1")
	tests := []struct {
		name   string
		body   string
		status int
	}{
		{"the gateway fails", `{"address":"` + phone + `","text":"Yes"}`, http.StatusBadGateway},
		{"nothing was received there", `{"address":"+15005550199","text":"Yes"}`, http.StatusUnprocessableEntity},
		{"an empty answer", `{"address":"` + phone + `","text":" "}`, http.StatusUnprocessableEntity},
		{"no gateway for e-mail", `{"address":"` + inbox + `","text":"Yes"}`, http.StatusUnprocessableEntity},
		{"not JSON", `yes`, http.StatusBadRequest},
	}
	for _, test := range tests {
		if status, body := b.postJSON(t, "/api/replies", test.body); status != test.status {
			t.Errorf("%s: %d %s, want %d", test.name, status, body, test.status)
		}
	}
	if _, page := b.get(t, "/?address="+url.QueryEscape(phone)); strings.Contains(page, "answered") {
		t.Error("the page shows an answer")
	}
}

func TestReceiptsArePostedSigned(t *testing.T) {
	t.Parallel()
	address, calls := gateway(t, http.StatusOK)
	callback := address + "/v1/twilio/status"
	b := setupWithCallback(t, sandbox.Config{Receipts: true, ReceiptDelay: 1}, callback)
	b.send(t, "t-1")
	got := <-calls
	if got.path != "/v1/twilio/status?touch=t-1" {
		t.Errorf("it came to %s", got.path)
	}
	if !twilio.Verify(sandbox.AuthToken, address+got.path, got.body, got.header.Get(twilio.SignatureHeader)) {
		t.Error("the signature does not verify")
	}
	form, err := url.ParseQuery(string(got.body))
	if err != nil {
		t.Fatal(err)
	}
	if form.Get("MessageStatus") != "delivered" || form.Get("MessageSid") != b.Messages()[0].ID {
		t.Errorf("the receipt is %v", form)
	}
}
