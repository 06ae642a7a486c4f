package sandbox_test

import (
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"perennial/channel"
	"perennial/channel/sandbox"
)

func TestThePageShowsWhatEverybodyReceivedNewestFirst(t *testing.T) {
	t.Parallel()
	b := setup(t, sandbox.Config{})
	if _, page := b.get(t, "/"); !strings.Contains(page, "Nobody has received anything yet") {
		t.Error("an empty page does not say so")
	}
	b.send(t, "t-1")
	b.send(t, "t-2")
	status, page := b.get(t, "/")
	if status != http.StatusOK {
		t.Fatalf("status %d", status)
	}
	page = html.UnescapeString(page)
	for _, part := range []string{phone, inbox, "Hello by SMS", "Hello by e-mail", "t-1", "t-2"} {
		if !strings.Contains(page, part) {
			t.Errorf("%q is not on the page", part)
		}
	}
	if strings.Index(page, `id="m4"`) > strings.Index(page, `id="m1"`) {
		t.Error("the oldest comes first")
	}
}

func TestThePageShowsOneConversation(t *testing.T) {
	t.Parallel()
	b := setup(t, sandbox.Config{})
	b.send(t, "t-1")
	_, page := b.get(t, "/?address="+url.QueryEscape(phone))
	if !strings.Contains(page, `id="m1"`) || strings.Contains(page, `id="m2"`) {
		t.Error("it is not this phone's alone")
	}
	_, page = b.get(t, "/?search=customer.example")
	if strings.Contains(html.UnescapeString(page), phone) || !strings.Contains(page, inbox) {
		t.Error("the search does not narrow the addresses")
	}
}

func TestOneNumberHasAConversationOnEachChannel(t *testing.T) {
	t.Parallel()
	b := setup(t, sandbox.Config{})
	b.send(t, "t-1")
	b.chat(t, "t-1")
	_, page := b.get(t, "/?channel=whatsapp&address="+url.QueryEscape(phone))
	for _, part := range []string{`id="m4"`, "HX0123456789abcdef0123456789abcdef", "<dt>1</dt>", "Avery", `<article class="whatsapp"`} {
		if !strings.Contains(page, part) {
			t.Errorf("%q is not in the conversation by WhatsApp", part)
		}
	}
	if strings.Contains(page, `id="m1"`) || strings.Contains(page, "received before") {
		t.Error("the number's SMS is in its conversation by WhatsApp")
	}
	if got := strings.Count(page, `aria-current="page"`); got != 1 {
		t.Errorf("%d conversations are chosen", got)
	}
	_, page = b.get(t, "/?channel=slack&address="+user)
	if !strings.Contains(page, "Hello by &lt;Slack&gt;") || !strings.Contains(page, `<article class="slack"`) {
		t.Error("the conversation by Slack does not show what was received")
	}
}

func TestThePageEscapesWhatItShows(t *testing.T) {
	t.Parallel()
	b := setup(t, sandbox.Config{})
	const script = `<script>alert(1)</script>`
	m := channel.Message{Touch: "t-1", To: inbox, Subject: script, Text: script, HTML: script}
	if _, err := b.email.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	_, page := b.get(t, "/?address="+url.QueryEscape(inbox))
	if strings.Contains(page, script) {
		t.Error("a message's markup is the page's")
	}
	if !strings.Contains(page, `<iframe sandbox srcdoc="&lt;script&gt;`) {
		t.Error("the HTML is not shown in a frame of its own")
	}
}

func TestThePageMarksATouchThatWasReceivedTwice(t *testing.T) {
	t.Parallel()
	b := setup(t, sandbox.Config{})
	b.send(t, "t-1")
	if _, page := b.get(t, "/"); strings.Contains(page, "received before") {
		t.Error("a first touch is marked")
	}
	b.send(t, "t-1")
	if _, page := b.get(t, "/"); strings.Count(page, "received before") != 2 {
		t.Error("a second touch is not marked")
	}
}

func TestAnAnswerIsTypedOnThePage(t *testing.T) {
	t.Parallel()
	address, calls := gateway(t, http.StatusOK)
	b := setup(t, sandbox.Config{InboundSMS: address})
	b.send(t, "t-1")
	answer := func(text string) (status int, page string) {
		response, err := http.PostForm(b.url+"/reply", url.Values{"address": {phone}, "channel": {"sms"}, "text": {text}}) //nolint:noctx // a test's own server
		if err != nil {
			t.Fatal(err)
		}
		return read(t, response)
	}
	status, page := answer("See you there")
	<-calls
	if status != http.StatusOK || !strings.Contains(page, "See you there") || !strings.Contains(page, `class="sms reply"`) {
		t.Errorf("%d, and the page does not show the answer", status)
	}
	status, page = answer(" ")
	if status != http.StatusUnprocessableEntity || !strings.Contains(page, `role="alert"`) {
		t.Errorf("%d, and the page does not say what is wrong", status)
	}
}

func TestOtherSitesCanNotAnswer(t *testing.T) {
	t.Parallel()
	b := setup(t, sandbox.Config{})
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.url+"/reply", strings.NewReader("text=hi"))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Origin", "https://elsewhere.example")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	if status, _ := read(t, response); status != http.StatusForbidden {
		t.Errorf("status %d", status)
	}
}
