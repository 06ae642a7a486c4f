package twilio_test

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"perennial/channel"
	"perennial/channel/sandbox"
	"perennial/channel/twilio"
)

const content = "HX0123456789abcdef0123456789abcdef"

// approved is a message of approved content.
func approved() channel.Message {
	return channel.Message{Touch: "t-42", To: number, ContentSID: content, Variables: map[string]string{"1": "Avery", "shop": `Willow & "Pine"`}}
}

func newWhatsApp(t *testing.T, address string) *twilio.WhatsApp {
	t.Helper()
	client, err := twilio.NewWhatsApp(twilio.Config{
		AccountSID: sandbox.AccountSID, AuthToken: sandbox.AuthToken, BaseURL: address,
		From: "+15005550006", StatusCallback: "https://gateway.example/v1/twilio/status",
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

func TestApprovedContentIsDeliveredWithItsVariablesAndTouch(t *testing.T) {
	t.Parallel()
	box, address := newSandbox(t, sandbox.Config{})
	m := approved()
	m.Text = "what the content says, for us to read"
	receipt, err := newWhatsApp(t, address).Send(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	got := box.Messages()[0]
	if got.Channel != sandbox.WhatsApp || got.Address != number || got.Touch != "t-42" || got.ID != receipt.ProviderID || got.Text != "" {
		t.Errorf("received %+v", got)
	}
	if got.Content == nil || got.Content.SID != content || !maps.Equal(got.Content.Variables, m.Variables) {
		t.Errorf("content %+v", got.Content)
	}
}

func TestFreeTextOutsideTheSessionIsRefusedBeforeTwilioIsAsked(t *testing.T) {
	t.Parallel()
	box, address := newSandbox(t, sandbox.Config{})
	_, err := newWhatsApp(t, address).Send(t.Context(), message())
	_ = requireError(t, err, channel.Rejected, "63016")
	if len(box.Messages()) != 0 || len(box.Refused()) != 0 {
		t.Error("Twilio was asked")
	}
}

func TestFreeTextInsideTheSessionIsDelivered(t *testing.T) {
	t.Parallel()
	gateway := answering(t, func(http.ResponseWriter, *http.Request) {})
	box, address := newSandbox(t, sandbox.Config{InboundSMS: gateway})
	client := newWhatsApp(t, address)
	if _, err := client.Send(t.Context(), approved()); err != nil {
		t.Fatal(err)
	}
	free := message()
	free.SessionOpen = true
	_, err := client.Send(t.Context(), free) // we are wrong about the session
	_ = requireError(t, err, channel.Rejected, "63016")
	if _, err := box.Answer(t.Context(), sandbox.Reply{Channel: sandbox.WhatsApp, Address: number, Text: "Yes?"}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Send(t.Context(), free); err != nil {
		t.Fatal(err)
	}
	if got := box.Messages(); len(got) != 2 || got[1].Text != text || got[1].Content != nil {
		t.Errorf("received %+v", got)
	}
}

func TestWhatAWhatsAppMessageAsksFor(t *testing.T) {
	t.Parallel()
	properties, _ := createMessage(t)
	for name, change := range map[string]func(*channel.Message){
		"approved content":   func(m *channel.Message) { *m = approved() },
		"without variables":  func(m *channel.Message) { m.ContentSID = content },
		"inside the session": func(m *channel.Message) { m.SessionOpen = true },
		"with a validity":    func(m *channel.Message) { m.SessionOpen, m.Valid = true, time.Hour },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forms := make(chan url.Values, 1)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_ = r.ParseForm()
				forms <- r.PostForm
				w.WriteHeader(http.StatusCreated)
				_, _ = io.WriteString(w, `{"sid":"SM1"}`)
			}))
			t.Cleanup(server.Close)
			m := message()
			change(&m)
			if _, err := newWhatsApp(t, server.URL).Send(t.Context(), m); err != nil {
				t.Fatal(err)
			}
			form := <-forms
			if form.Get("To") != "whatsapp:"+number || form.Get("From") != "whatsapp:+15005550006" {
				t.Errorf("from %s to %s", form.Get("From"), form.Get("To"))
			}
			if (form.Get("Body") == "") == (form.Get("ContentSid") == "") {
				t.Errorf("it must have a body or content: %v", form)
			}
			if asked := form.Get("ContentVariables"); asked != "" {
				var variables map[string]string
				if err := json.Unmarshal([]byte(asked), &variables); err != nil || !maps.Equal(variables, m.Variables) {
					t.Errorf("variables %s, %v", asked, err)
				}
			}
			for field := range form {
				if _, known := properties[field]; !known {
					t.Errorf("%s is not in the published schema", field)
				}
			}
		})
	}
}

func TestWhatsAppsFaultsAreClassedAsThoseOfSMS(t *testing.T) {
	t.Parallel()
	tests := []struct {
		fault sandbox.Fault
		kind  channel.Kind
		code  string
	}{
		{sandbox.BadAddress, channel.BadAddress, "21211"},
		{sandbox.Throttle, channel.Throttled, "20429"},
		{sandbox.ServerError, channel.Unknown, "20500"},
		{sandbox.Cut, channel.Unknown, ""},
		{sandbox.Hang, channel.Unknown, ""},
	}
	for _, test := range tests {
		t.Run(string(test.fault), func(t *testing.T) {
			t.Parallel()
			box, address := newSandbox(t, sandbox.Config{})
			box.SetFault("whatsapp:"+number, test.fault, 1)
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			if _, err := newClient(t, address).Send(t.Context(), message()); err != nil {
				t.Errorf("the same number's SMS: %v", err)
			}
			_, err := newWhatsApp(t, address).Send(ctx, approved())
			_ = requireError(t, err, test.kind, test.code)
		})
	}
}

func TestNewWhatsAppSaysAllThatIsWrong(t *testing.T) {
	t.Parallel()
	_, err := twilio.NewWhatsApp(twilio.Config{From: "Willow"})
	if err == nil || !strings.Contains(err.Error(), "account SID") || !strings.Contains(err.Error(), "WhatsApp comes from") {
		t.Errorf("got %v", err)
	}
	if _, err := twilio.NewWhatsApp(twilio.Config{AccountSID: sandbox.AccountSID, AuthToken: "x", From: "MG" + strings.Repeat("0", 32)}); err != nil {
		t.Errorf("a messaging service: %v", err)
	}
}
