package smtp_test

import (
	"html"
	netmail "net/mail"
	"net/url"
	"strings"
	"testing"

	"perennial/channel"
	"perennial/channel/sandbox"
	"perennial/channel/smtp"
)

// headers sends a message and returns the headers that it arrived with.
func headers(t *testing.T, config smtp.Config) netmail.Header {
	t.Helper()
	return headersOf(t, config, message())
}

func headersOf(t *testing.T, config smtp.Config, m channel.Message) netmail.Header {
	t.Helper()
	box := newMailbox(t, behaviour{})
	config.URL = "smtp://" + box.address
	if _, err := newClient(t, config).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	mail, err := netmail.ReadMessage(strings.NewReader(box.taken()[0].content))
	if err != nil {
		t.Fatal(err)
	}
	return mail.Header
}

func TestTheUnsubscribeLinkIsOneClickAndSigned(t *testing.T) {
	t.Parallel()
	h := headers(t, smtp.Config{Unsubscribe: "https://care.example.com/unsubscribe?from=mail", UnsubscribeKey: "hunter2"})
	if got := h.Get("List-Unsubscribe-Post"); got != "List-Unsubscribe=One-Click" {
		t.Errorf("List-Unsubscribe-Post: %q", got)
	}
	link, err := url.Parse(strings.Trim(h.Get("List-Unsubscribe"), "<>"))
	if err != nil {
		t.Fatal(err)
	}
	if link.Scheme != "https" || link.Path != "/unsubscribe" || link.Query().Get("from") != "mail" {
		t.Errorf("the link is %s", link)
	}
	if touch, ok := smtp.UnsubscribeTouch("hunter2", link); !ok || touch != "t-42" {
		t.Errorf("touch %q, %v", touch, ok)
	}
	if _, ok := smtp.UnsubscribeTouch("another", link); ok {
		t.Error("another key's signature is taken")
	}
	other := *link
	other.RawQuery = strings.Replace(link.RawQuery, "t-42", "t-43", 1)
	if _, ok := smtp.UnsubscribeTouch("hunter2", &other); ok {
		t.Error("another touch's signature is taken")
	}
	if _, ok := smtp.UnsubscribeTouch("", link); ok {
		t.Error("an empty key verifies")
	}
}

func TestNoUnsubscribeLinkIsPromisedThatNothingServes(t *testing.T) {
	t.Parallel()
	h := headers(t, smtp.Config{})
	if h.Get("List-Unsubscribe")+h.Get("List-Unsubscribe-Post") != "" {
		t.Errorf("the headers are %v", h)
	}
	for _, config := range []smtp.Config{
		{Unsubscribe: "mailto:care@example.com", UnsubscribeKey: "k"},
		{Unsubscribe: "https://care.example.com/unsubscribe"},
	} {
		config.URL, config.From = "smtp://localhost", "hello@example.com"
		if _, err := smtp.New(config); err == nil || !strings.Contains(err.Error(), "unsubscribe") {
			t.Errorf("%+v: %v", config, err)
		}
	}
}

// mails sends a message and returns its text and its HTML as they arrived.
func mails(t *testing.T, config smtp.Config, m channel.Message) sandbox.Message {
	t.Helper()
	box, url := sandboxed(t)
	config.URL = url
	if _, err := newClient(t, config).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	return box.Messages()[0]
}

func TestTheLinkStandsInTheFootOfEachMailToACustomer(t *testing.T) {
	t.Parallel()
	config := smtp.Config{Unsubscribe: "http://127.0.0.1:8420/unsubscribe", UnsubscribeKey: "hunter2"}
	m := message()
	m.HTML, m.Language = "<html><body><p>Hi</p></body></html>", "zh-CN"
	got := mails(t, config, m)
	link := smtp.UnsubscribeLink(config.Unsubscribe, config.UnsubscribeKey, m.Touch)
	if want := text + "\n\n-- \n退订: " + link; got.Text != want {
		t.Errorf("the text is\n%s\nwant\n%s", got.Text, want)
	}
	if want := `<a href="` + html.EscapeString(link) + `"`; !strings.Contains(got.HTML, want) || !strings.HasSuffix(got.HTML, "退订</a></p>\n</body></html>") {
		t.Errorf("the HTML is\n%s", got.HTML)
	}
	m.Colleague = true
	if got := mails(t, config, m); got.Text != text || got.HTML != m.HTML {
		t.Errorf("a colleague gets\n%s\n%s", got.Text, got.HTML)
	}
}

func TestAButtonIsPromisedOnlyWhereMailProgramsTakeIt(t *testing.T) {
	t.Parallel()
	h := headers(t, smtp.Config{Unsubscribe: "http://care.example.com/unsubscribe", UnsubscribeKey: "k"})
	if h.Get("List-Unsubscribe")+h.Get("List-Unsubscribe-Post") != "" {
		t.Errorf("the headers are %v", h)
	}
}

func TestColleaguesCantUnsubscribe(t *testing.T) {
	t.Parallel()
	m := message()
	m.Colleague = true
	h := headersOf(t, smtp.Config{Unsubscribe: "https://care.example.com/unsubscribe", UnsubscribeKey: "hunter2"}, m)
	if h.Get("List-Unsubscribe")+h.Get("List-Unsubscribe-Post") != "" {
		t.Errorf("the headers are %v", h)
	}
}

func TestRobotsAreToldNotToAnswer(t *testing.T) {
	t.Parallel()
	if got := headers(t, smtp.Config{}).Get("Auto-Submitted"); got != "auto-generated" {
		t.Errorf("Auto-Submitted: %q", got)
	}
}
