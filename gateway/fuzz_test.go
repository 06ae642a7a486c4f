package gateway

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"perennial/channel/slack"
	"perennial/channel/twilio"
	"perennial/domain/clock"
	"perennial/domain/customer"
	"perennial/store"
)

// closed is a gateway without a database: whatever is not refused before that is asked breaks it.
func closed(f *testing.F) *Gateway {
	f.Helper()
	g, err := New(f.Context(), Config{
		Store: &store.Store{}, Clock: clock.Clock{}, Log: slog.New(slog.DiscardHandler), Address: "127.0.0.1:8420", Token: "a word",
		PublicURL: "https://gateway.example", TwilioToken: "a secret", SlackSecret: "another secret",
		Limits: Limits{Token: 1e9, TokenBurst: 1e9, Link: 1e9, LinkBurst: 1e9, Stranger: 1e9, StrangerBurst: 1e9}, // none that fuzzing comes to
	})
	if err != nil {
		f.Fatal(err)
	}
	return g
}

// mustRefuse fails unless a request is refused.
func mustRefuse(t *testing.T, g *Gateway, path, body string, header http.Header) {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "https://gateway.example"+path, strings.NewReader(body))
	r.Header = header
	w := httptest.NewRecorder()
	g.ServeHTTP(w, r)
	if w.Code != http.StatusForbidden && w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("it was not signed, and answered with %d", w.Code)
	}
}

// FuzzTwilioForms takes anything for what Twilio posts: what is not signed is refused, and what is signed is a message or a receipt that can be kept.
func FuzzTwilioForms(f *testing.F) {
	g := closed(f)
	for _, seed := range []string{
		"MessageSid=SM0123&From=%2B12015550101&To=%2B12025550123&Body=STOP&OptOutType=STOP",
		"MessageSid=SM0123&From=whatsapp%3A%2B12015550101&Body=%F0%9F%91%8D&NumMedia=0",
		"MessageSid=SM0123&MessageStatus=undelivered&ErrorCode=30005&To=%2B12015550101",
		"MessageSid=SM0123&MessageStatus=delivered&ErrorCode=99999999999999999999&To=%00",
		"MessageSid=&From=&Body=", "MessageSid=a%2Fb", "%zz", "a=1;b=2", "From=%ff%fe&MessageSid=SM1&Body=%ed%a0%80",
	} {
		f.Add(seed, "1.welcome.1.1", "c2lnbmVk")
	}
	f.Fuzz(func(t *testing.T, body, touch, signature string) {
		header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, twilio.SignatureHeader: {signature}}
		mustRefuse(t, g, SMSPath, body, header)
		form, err := url.ParseQuery(body)
		if err != nil {
			return
		}
		if m, err := incoming(form); err == nil {
			keptAsItIs(t, m)
			if strings.HasPrefix(m.from, twilio.WhatsAppPrefix) && m.channel == customer.SMS {
				t.Errorf("an SMS comes from %q", m.from)
			}
		}
		if r, news := receiptIn(form, touch); news {
			if r.State == "" || r.Touch == "" && r.ProviderID == "" || !storable(r.Touch) || !storable(r.ProviderID) {
				t.Errorf("a receipt of nothing: %+v", r)
			}
			if strings.Trim(r.Code, "0123456789") != "" || len(r.Code) > maxCode {
				t.Errorf("the code is %q", r.Code)
			}
		}
	})
}

// keptAsItIs fails unless a message has what the database needs to keep it.
func keptAsItIs(t *testing.T, m message) {
	t.Helper()
	if store.CheckID(m.id) != nil || m.from == "" || len(m.from) > maxAddress || !slices.Contains(customer.Channels, m.channel) {
		t.Errorf("it was taken for a message: %+v", m)
	}
	for _, text := range []string{keepable(m.text), keepable(m.from)} {
		if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
			t.Errorf("the database can't keep %q", text)
		}
	}
}

// FuzzSlackRequests takes anything for what Slack posts: what is not signed is refused, and what is signed is a message of a person's, or nothing.
func FuzzSlackRequests(f *testing.F) {
	g := closed(f)
	for _, seed := range []string{
		`{"type":"event_callback","event_id":"Ev1","event":{"type":"message","channel_type":"im","user":"U012AB3CD","text":"4 stars &amp; more"}}`,
		`{"type":"event_callback","event_id":"Ev1","event":{"type":"message","subtype":"bot_message","channel_type":"im","bot_id":"B1","text":"hi"}}`,
		`{"type":"url_verification","challenge":"3eZbrw1aB"}`,
		`{"type":"event_callback","event_id":"E v/1","event":{"type":"message","channel_type":"im","user":"\u0000"}}`,
		// What buttons would post, which nothing here does: a form, and the JSON in it.
		`payload=%7B%22type%22%3A%22block_actions%22%2C%22user%22%3A%7B%22id%22%3A%22U012AB3CD%22%7D%7D`,
		`{"type":"block_actions","user":{"id":"U012AB3CD"},"actions":[{"action_id":"answer","value":"5"}]}`,
		`[]`, `null`, `{"event":"x"}`, `{"type":1}`, "",
	} {
		f.Add(seed, "v0=00", "1700000000")
	}
	f.Fuzz(func(t *testing.T, body, signature, stamp string) {
		header := http.Header{slack.SignatureHeader: {signature}, slack.TimestampHeader: {stamp}}
		mustRefuse(t, g, SlackPath, body, header)
		if slack.Verify("another secret", slack.Sign("a secret", []byte(body), time.Now()), []byte(body)) {
			t.Error("another secret's signature was taken")
		}
		told, err := readSlack([]byte(body))
		if err != nil {
			return
		}
		if m, ok := slackMessage(told); ok {
			keptAsItIs(t, m)
			if told.Event.Bot != "" || told.Event.Subtype != "" || told.Type != "event_callback" {
				t.Errorf("no person wrote %+v", told)
			}
		}
	})
}

// FuzzEvents takes anything for what is posted to the events door: each event is read, or its mistake is the caller's and quotes no value of theirs.
func FuzzEvents(f *testing.F) {
	for _, seed := range []string{
		`{"id":"order-2041","type":"purchase","customer":"c-1042","at":"2026-05-04T10:00:00+02:00","data":{"order_id":"2041","amount":29.90,"currency":"USD"}}`,
		`[{"id":"a","type":"visit.completed","customer":"c-1"},{"id":"b","type":"survey.answered","customer":"c-1","data":{"survey":"s","score":5}}]`,
		`{"id":"mail-311","type":"message.received","data":{"channel":"email","from":"someone@example.com","text":"5"}}`,
		`{"id":"k","type":"consent.changed","customer":"c-1","data":{"topic":"care","granted":true,"how":"form","channel":"email"}}`,
		`{"id":"r","type":"reading.taken","customer":"c-1","data":{"asset_id":"x","reading":"mileage","value":1e308}}`,
		`{"id":"n","type":"agreement.renewed","customer":"c-1","data":{"agreement_id":"a","renews_on":"2027-13-01"}}`,
		`{"id":"\u0000","type":"x","customer":"\ud800","data":{"a":{"b":[[[[1]]]]}}}`, `[]`, `[1]`, `{"at":"x"}`, `{"id":"a","type":"t","extra":1}`, strings.Repeat("[", 10_000),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		s, err := openSubmission([]byte(body))
		if err != nil {
			if _, answer := errors.AsType[huma.StatusError](err); !answer {
				t.Errorf("no answer: %v", err)
			}
			return
		}
		for _, raw := range s.events {
			e, err := readEvent(raw)
			if err == nil && e.Type != messageReceived {
				var event store.Event
				if event, err = e.stored(); err == nil {
					err = store.CheckEvent(event)
				}
			}
			if _, bad := errors.AsType[*store.BadEventError](err); err != nil && !bad {
				t.Errorf("what is the caller's mistake is called ours: %v", err)
			}
			if err != nil && !utf8.ValidString(err.Error()) {
				t.Errorf("the reason is %q", err)
			}
		}
	})
}
