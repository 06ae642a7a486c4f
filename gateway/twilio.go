package gateway

import (
	"encoding/xml"
	"errors"
	"fmt"
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
	m, err := incoming(form)
	if err != nil {
		respond(w, http.StatusBadRequest, err.Error())
		return
	}
	m.at = g.now()
	say, err := g.hear(r.Context(), m)
	if err != nil {
		g.Log.Error("A message could not be taken; Twilio's log keeps it.", "message", m.id, "error", err)
		respond(w, http.StatusServiceUnavailable, "try again")
		return
	}
	if m.wish != noWish || m.channel == customer.SMS && answeredByTwilio(m.text) {
		say = "" // one word in return is enough
	}
	twiML(w, say)
}

// incoming is the message that a form of Twilio's tells of.
func incoming(form url.Values) (message, error) {
	sid := form.Get("MessageSid")
	if err := store.CheckID(sid); err != nil {
		return message{}, fmt.Errorf("MessageSid: %w", err)
	}
	m := message{id: "twilio:" + sid, channel: customer.SMS, from: form.Get("From"), text: form.Get("Body"), wish: optOuts[form.Get("OptOutType")]}
	if number, ok := strings.CutPrefix(m.from, twilio.WhatsAppPrefix); ok {
		m.channel, m.from = customer.WhatsApp, number
	}
	if m.from == "" || len(m.from) > maxAddress {
		return message{}, errors.New("the number that the message comes from, From, is missing")
	}
	return m, nil
}

// optOuts are Twilio's words for what it took a message for, where the account has words of its own (Advanced Opt-Out). Then it has answered it.
var optOuts = map[string]wish{"STOP": stopWish, "START": startWish, "HELP": helpWish}

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
	receipt, news := receiptIn(form, twilio.TouchIn(r.URL))
	if !news {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	receipt.At = g.now()
	if _, err := g.receive(r.Context(), receipt); err != nil {
		g.Log.Error("A receipt could not be taken; Twilio does not send it again.", "message", form.Get("MessageSid"), "error", err)
		respond(w, http.StatusServiceUnavailable, "try again")
		return
	}
	g.Telemetry.Receipt(r.Context(), "twilio", twilio.TouchIn(r.URL), receipt.State, twilio.TraceIn(r.URL))
	w.WriteHeader(http.StatusNoContent)
}

// receiptIn is what a form of Twilio's tells of a touch, which may be empty; news is false where it tells nothing that counts.
func receiptIn(form url.Values, touch string) (receipt told, news bool) {
	state, known := receipts[form.Get("MessageStatus")]
	code := form.Get("ErrorCode")
	if len(code) > maxCode || strings.ContainsFunc(code, func(r rune) bool { return r < '0' || r > '9' }) {
		code = "" // a number, where there is one
	}
	return told{
		Receipt: store.Receipt{Touch: touch, ProviderID: form.Get("MessageSid"), State: state, Code: code},
		kind:    twilio.Proves(code), to: strings.TrimPrefix(form.Get("To"), twilio.WhatsAppPrefix),
	}, known && storable(touch) && storable(form.Get("MessageSid")) && (touch != "" || form.Get("MessageSid") != "")
}

// maxCode is longer than any error code of a provider's.
const maxCode = 10

// storable says whether the database could look for an id at all.
func storable(id string) bool { return id == "" || store.CheckID(id) == nil }

// signed returns the form of a webhook that Twilio signed, or refuses it.
func (g *Gateway) signed(w http.ResponseWriter, r *http.Request) (url.Values, bool) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxForm))
	if err != nil {
		respond(w, http.StatusRequestEntityTooLarge, "the form is too large")
		return nil, false
	}
	address := strings.TrimSuffix(g.PublicURL, "/") + r.URL.RequestURI()
	if !twilio.Verify(g.TwilioToken, address, body, r.Header.Get(twilio.SignatureHeader)) {
		if g.unproven(w, r, "the signature is wrong") {
			g.Log.Warn("A webhook was refused: its signature is not Twilio's. Is PUBLIC_URL the address that Twilio calls?", "path", r.URL.Path)
		}
		return nil, false
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		respond(w, http.StatusBadRequest, "the form can't be read")
		return nil, false
	}
	return form, true
}

// twiML tells Twilio what to say in return; nothing, where that is empty.
func twiML(w http.ResponseWriter, say string) {
	response := struct {
		XMLName xml.Name `xml:"Response"`
		Message string   `xml:",omitempty"`
	}{Message: say}
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	_ = xml.NewEncoder(w).Encode(response) // a caller that has gone needs no answer
}
