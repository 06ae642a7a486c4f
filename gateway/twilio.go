package gateway

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"perennial/channel/twilio"
	"perennial/domain/customer"
	"perennial/store"
)

// The webhooks to configure at Twilio: for incoming messages, and for receipts, to which the touch's id is added as ?touch=.
const (
	SMSPath    = "/v1/twilio/messages"
	StatusPath = "/v1/twilio/status"
)

// maxForm bounds a webhook's form.
const maxForm = 64 << 10

// twilioMessage takes an SMS or a WhatsApp message that a customer sent.
func (g *Gateway) twilioMessage(w http.ResponseWriter, r *http.Request) {
	form, ok := g.signed(w, r)
	if !ok {
		return
	}
	sid := form.Get("MessageSid")
	if err := store.CheckID(sid); err != nil {
		respond(w, http.StatusBadRequest, "MessageSid: "+err.Error())
		return
	}
	channel, from := customer.SMS, form.Get("From")
	if number, ok := strings.CutPrefix(from, twilio.WhatsAppPrefix); ok {
		channel, from = customer.WhatsApp, number
	}
	events, err := g.understand(r.Context(), message{id: "twilio:" + sid, at: g.now(), channel: channel, from: from, text: form.Get("Body")})
	if errors.Is(err, errNobody) {
		g.Log.Warn("A message came from an address of nobody's.", "message", sid)
		emptyTwiML(w)
		return
	}
	if err == nil {
		_, err = g.take(r.Context(), [][]store.Event{events})
	}
	if err != nil {
		g.Log.Error("A message could not be taken; Twilio's log keeps it.", "message", sid, "error", err)
		respond(w, http.StatusServiceUnavailable, "try again")
		return
	}
	emptyTwiML(w)
}

// receipts are Twilio's words for what became of a message; others tell nothing new.
var receipts = map[string]store.TouchState{
	"sent":        store.TouchSent,
	"delivered":   store.TouchDelivered,
	"read":        store.TouchDelivered,
	"undelivered": store.TouchUndelivered,
	"failed":      store.TouchUndelivered,
}

// twilioStatus takes a receipt.
func (g *Gateway) twilioStatus(w http.ResponseWriter, r *http.Request) {
	form, ok := g.signed(w, r)
	if !ok {
		return
	}
	state, known := receipts[form.Get("MessageStatus")]
	if !known {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	_, _, err := g.Store.Receive(r.Context(), store.Receipt{
		Touch: r.URL.Query().Get("touch"), ProviderID: form.Get("MessageSid"), State: state, Code: form.Get("ErrorCode"), At: g.now(),
	})
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		g.Log.Error("A receipt could not be taken; Twilio does not send it again.", "message", form.Get("MessageSid"), "error", err)
		respond(w, http.StatusServiceUnavailable, "try again")
		return
	}
	g.Telemetry.Receipt(r.Context(), "twilio", twilio.TouchIn(r.URL), state, twilio.TraceIn(r.URL))
	w.WriteHeader(http.StatusNoContent)
}

// signed returns the form of a webhook that Twilio signed, or refuses it.
func (g *Gateway) signed(w http.ResponseWriter, r *http.Request) (url.Values, bool) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxForm))
	if err != nil {
		respond(w, http.StatusRequestEntityTooLarge, "the form is too large")
		return nil, false
	}
	address := strings.TrimSuffix(g.PublicURL, "/") + r.URL.RequestURI()
	if !twilio.Verify(g.TwilioToken, address, body, r.Header.Get(twilio.SignatureHeader)) {
		g.Log.Warn("A webhook was refused: its signature is not Twilio's. Is PUBLIC_URL the address that Twilio calls?", "path", r.URL.Path)
		respond(w, http.StatusForbidden, "the signature is wrong")
		return nil, false
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		respond(w, http.StatusBadRequest, "the form can't be read")
		return nil, false
	}
	return form, true
}

// emptyTwiML tells Twilio to say nothing in return.
func emptyTwiML(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/xml")
	_, _ = io.WriteString(w, "<Response></Response>") // a caller that has gone needs no answer
}
