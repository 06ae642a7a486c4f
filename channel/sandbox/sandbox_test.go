package sandbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"perennial/channel"
	"perennial/channel/sandbox"
	"perennial/channel/slack"
	"perennial/channel/smtp"
	"perennial/channel/twilio"
	"perennial/domain/clock"
)

const (
	phone = "+15005550123"
	inbox = "jo.doe@customer.example"
	user  = "U012AB3CD"
	ours  = "+15005550006"
)

// bench is a sandbox with all its doors open, and a sender for each channel.
type bench struct {
	*sandbox.Sandbox
	url      string
	sms      *twilio.Client
	whatsApp *twilio.WhatsApp
	email    *smtp.Client
	slack    *slack.Client
}

func setup(t *testing.T, config sandbox.Config) *bench {
	t.Helper()
	return setupWithCallback(t, config, "")
}

func setupWithCallback(t *testing.T, config sandbox.Config, callback string) *bench {
	t.Helper()
	b := &bench{Sandbox: sandbox.New(config)}
	server := httptest.NewServer(b.Handler())
	b.url = server.URL
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := b.ServeSMTP(ctx, listener); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() {
		cancel()
		b.Close()
		server.Close()
		serving.Wait()
	})
	if callback == "" {
		callback = "http://gateway.test/status"
	}
	account := twilio.Config{
		AccountSID: sandbox.AccountSID, AuthToken: sandbox.AuthToken, BaseURL: b.url, From: ours, StatusCallback: callback,
	}
	if b.sms, err = twilio.New(account); err != nil {
		t.Fatal(err)
	}
	if b.whatsApp, err = twilio.NewWhatsApp(account); err != nil {
		t.Fatal(err)
	}
	b.slack, err = slack.New(slack.Config{Token: sandbox.SlackToken, BaseURL: b.url + sandbox.SlackPath, Every: time.Nanosecond})
	if err != nil {
		t.Fatal(err)
	}
	b.email, err = smtp.New(smtp.Config{URL: "smtp://" + listener.Addr().String(), From: "hello@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.sms.Close(); b.whatsApp.Close(); b.email.Close(); b.slack.Close() })
	return b
}

// approved is a WhatsApp message of approved content.
func approved(touch string) channel.Message {
	return channel.Message{
		Touch: touch, To: phone, ContentSID: "HX0123456789abcdef0123456789abcdef", Variables: map[string]string{"1": "Avery", "2": "Tuesday"},
	}
}

// chat sends a touch by Slack and by WhatsApp and fails the test unless both take it.
func (b *bench) chat(t *testing.T, touch string) {
	t.Helper()
	if _, err := b.slack.Send(t.Context(), channel.Message{Touch: touch, To: user, Text: "Hello by <Slack>"}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.whatsApp.Send(t.Context(), approved(touch)); err != nil {
		t.Fatal(err)
	}
}

// send sends a touch on both channels and fails the test unless both take it.
func (b *bench) send(t *testing.T, touch string) {
	t.Helper()
	if _, err := b.sms.Send(t.Context(), channel.Message{Touch: touch, To: phone, Text: "Hello by SMS"}); err != nil {
		t.Fatal(err)
	}
	_, err := b.email.Send(t.Context(), channel.Message{Touch: touch, To: inbox, Subject: "Hello", Text: "Hello by e-mail", HTML: "<b>Hello</b>"})
	if err != nil {
		t.Fatal(err)
	}
}

func kindOf(t *testing.T, err error) channel.Kind {
	t.Helper()
	if err == nil {
		return ""
	}
	e, ok := errors.AsType[*channel.Error](err)
	if !ok {
		t.Fatalf("%v is not a channel error", err)
	}
	return e.Kind
}

func (b *bench) get(t *testing.T, path string) (status int, body string) {
	t.Helper()
	response, err := http.Get(b.url + path) //nolint:noctx // a test's own server
	if err != nil {
		t.Fatal(err)
	}
	return read(t, response)
}

func (b *bench) postJSON(t *testing.T, path, body string) (status int, answer string) {
	t.Helper()
	response, err := http.Post(b.url+path, "application/json", strings.NewReader(body)) //nolint:noctx // a test's own server
	if err != nil {
		t.Fatal(err)
	}
	return read(t, response)
}

func read(t *testing.T, response *http.Response) (status int, body string) {
	t.Helper()
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(content)
}

func TestBothChannelsAreReceivedInOneSequence(t *testing.T) {
	t.Parallel()
	b := setup(t, sandbox.Config{})
	b.send(t, "t-1")
	b.send(t, "t-2")
	all := b.Messages()
	if len(all) != 4 {
		t.Fatalf("%d messages, want 4", len(all))
	}
	for i, m := range all {
		if m.Seq != int64(i+1) || m.ID == "" || m.Reply {
			t.Errorf("message %d is %+v", i, m)
		}
	}
	if sms := all[0]; sms.Channel != sandbox.SMS || sms.Address != phone || sms.Sender != ours || sms.Text != "Hello by SMS" || sms.Touch != "t-1" {
		t.Errorf("the SMS is %+v", sms)
	}
	if mail := all[1]; mail.Channel != sandbox.Email || mail.Address != inbox || mail.Subject != "Hello" || mail.HTML != "<b>Hello</b>" || mail.Touch != "t-1" {
		t.Errorf("the e-mail is %+v", mail)
	}
	if after := b.After(3); len(after) != 1 || after[0].Seq != 4 {
		t.Errorf("after 3 came %+v", after)
	}
}

func TestMessagesCarryTheStacksTime(t *testing.T) {
	t.Parallel()
	start := time.Date(2030, 5, 6, 8, 0, 0, 0, time.UTC)
	stack := clock.Starting(start, time.Now(), 1000)
	b := setup(t, sandbox.Config{Clock: stack})
	b.send(t, "t-1")
	m := b.Messages()[0]
	if m.At.Before(start) || !m.At.Equal(stack.At(m.RealAt).UTC()) {
		t.Errorf("received at %s, really %s", m.At, m.RealAt)
	}
}

func TestTheOldestAreForgottenOnceItIsFull(t *testing.T) {
	t.Parallel()
	b := setup(t, sandbox.Config{Keep: 4})
	for range 5 {
		b.send(t, "t-1")
	}
	all := b.Messages()
	if len(all) > 4 || all[len(all)-1].Seq != 10 {
		t.Errorf("%d are kept, the last is %d", len(all), all[len(all)-1].Seq)
	}
	if after := b.After(9); len(after) != 1 {
		t.Errorf("after 9 came %d", len(after))
	}
}

func TestMachinesPageThroughWhatWasReceived(t *testing.T) {
	t.Parallel()
	b := setup(t, sandbox.Config{})
	b.send(t, "t-1")
	b.send(t, "t-2")
	var got []sandbox.Message
	next := int64(0)
	for {
		_, body := b.get(t, "/api/messages?limit=3&after="+strconv.FormatInt(next, 10))
		var page struct {
			Messages []sandbox.Message
			Next     int64
			Now      time.Time
		}
		if err := json.Unmarshal([]byte(body), &page); err != nil {
			t.Fatal(err)
		}
		if page.Now.IsZero() {
			t.Error("the page does not tell the stack's time")
		}
		if len(page.Messages) == 0 {
			break
		}
		got, next = append(got, page.Messages...), page.Next
	}
	if len(got) != 4 || next != 4 {
		t.Errorf("got %d messages up to %d", len(got), next)
	}
}

func TestTheListIsTwiliosOwn(t *testing.T) {
	t.Parallel()
	b := setup(t, sandbox.Config{})
	for range 3 {
		b.send(t, "t-1")
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
		b.url+"/2010-04-01/Accounts/"+sandbox.AccountSID+"/Messages.json?PageSize=2&To="+url.QueryEscape(phone), nil)
	if err != nil {
		t.Fatal(err)
	}
	request.SetBasicAuth(sandbox.AccountSID, sandbox.AuthToken)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_, body := read(t, response)
	var list struct {
		Messages []struct{ Sid, To, Body, Direction string }
		Next     *string `json:"next_page_uri"`
	}
	if err := json.Unmarshal([]byte(body), &list); err != nil {
		t.Fatal(err)
	}
	if len(list.Messages) != 2 || list.Next == nil {
		t.Fatalf("a page of %d, next %v", len(list.Messages), list.Next)
	}
	if m := list.Messages[0]; m.To != phone || m.Body != "Hello by SMS" || m.Direction != "outbound-api" || !strings.HasPrefix(m.Sid, "SM") {
		t.Errorf("listed %+v", m)
	}
}
