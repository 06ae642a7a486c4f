package main

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	gosmtp "github.com/emersion/go-smtp"

	"perennial/config"
	"perennial/domain/sharedtest"
	"perennial/store"
)

// The providers of this test are written anew, from what Twilio, Slack and the RFCs publish, and share nothing with the sandbox. Each refuses what it does not know
// by name or type, cuts its first call after it took the message, and is then asked.

// strict remembers what was wrong with the requests that a provider got, and what it took.
type strict struct {
	mu    sync.Mutex
	wrong []string
	calls int
	taken []map[string]string
	asked int
}

func (s *strict) refuse(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wrong = append(s.wrong, fmt.Sprintf(format, args...))
}

// take keeps a message, and says whether its sender is to get an answer.
func (s *strict) take(message map[string]string) (answer bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	s.taken = append(s.taken, message)
	return s.calls > 1
}

// list says what was taken, to whoever asks.
func (s *strict) list() []map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	return slices.Clone(s.taken)
}

// published is the published schema of Twilio's Messages resource: its parameters by method and name.
func publishedParameters(t *testing.T) map[string]map[string]parameter {
	t.Helper()
	var spec struct {
		Paths map[string]struct {
			Get struct {
				Parameters []struct {
					In     string    `json:"in"`
					Name   string    `json:"name"`
					Schema parameter `json:"schema"`
				} `json:"parameters"`
			} `json:"get"`
			Post struct {
				RequestBody struct {
					Content map[string]struct {
						Schema struct {
							Properties map[string]parameter `json:"properties"`
						} `json:"schema"`
					} `json:"content"`
				} `json:"requestBody"`
			} `json:"post"`
		} `json:"paths"`
	}
	if err := json.Unmarshal(sharedtest.Read(t, "specs", "twilio-messages.openapi.json"), &spec); err != nil {
		t.Fatal(err)
	}
	path := spec.Paths["/2010-04-01/Accounts/{AccountSid}/Messages.json"]
	get := map[string]parameter{}
	for _, p := range path.Get.Parameters {
		if p.In == "query" {
			get[p.Name] = p.Schema
		}
	}
	return map[string]map[string]parameter{
		http.MethodGet: get, http.MethodPost: path.Post.RequestBody.Content["application/x-www-form-urlencoded"].Schema.Properties,
	}
}

type parameter struct {
	Type    string   `json:"type"`
	Format  string   `json:"format"`
	Pattern string   `json:"pattern"`
	Minimum *float64 `json:"minimum"`
	Maximum *float64 `json:"maximum"`
}

// allows says whether a value is of the published type.
func (p parameter) allows(value string) bool {
	if p.Pattern != "" && !regexp.MustCompile(p.Pattern).MatchString(value) {
		return false
	}
	switch {
	case p.Type == "integer":
		n, err := strconv.ParseFloat(value, 64)
		return err == nil && n == float64(int64(n)) && (p.Minimum == nil || n >= *p.Minimum) && (p.Maximum == nil || n <= *p.Maximum)
	case p.Type == "boolean":
		return value == "true" || value == "false"
	case p.Format == "uri":
		u, err := url.Parse(value)
		return err == nil && u.IsAbs()
	case p.Format == "phone-number":
		return regexp.MustCompile(`^(whatsapp:)?\+[1-9][0-9]{6,14}$`).MatchString(value)
	case p.Format == "date-time":
		_, err := time.Parse(time.RFC3339, value)
		return err == nil
	}
	return true
}

// messages is Twilio's Messages resource.
type messages struct {
	strict

	account, token string
	parameters     map[string]map[string]parameter
}

func (m *messages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if user, password, _ := r.BasicAuth(); user != m.account || password != m.token || r.URL.Path != "/2010-04-01/Accounts/"+m.account+"/Messages.json" {
		m.refuse("%s %s as %s", r.Method, r.URL.Path, user)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	given, err := url.ParseQuery(r.URL.RawQuery)
	if r.Method == http.MethodPost {
		err = errors.Join(err, r.ParseForm())
		given = r.PostForm
	}
	for name, values := range given {
		if published, known := m.parameters[r.Method][name]; !known || len(values) != 1 || !published.allows(values[0]) {
			m.refuse("%s with %s=%q", r.Method, name, values)
		}
	}
	if err != nil {
		m.refuse("%s that can't be read: %v", r.Method, err)
	}
	if r.Method == http.MethodGet {
		var page []map[string]string
		for _, message := range m.list() {
			if message["to"] == given.Get("To") {
				page = append(page, message)
			}
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"messages": page, "page": 0, "next_page_uri": nil})
		return
	}
	sid := fmt.Sprintf("SM%032d", time.Now().UnixNano())
	message := map[string]string{
		"sid": sid, "to": given.Get("To"), "from": given.Get("From"), "body": given.Get("Body"), "direction": "outbound-api",
		"date_created": time.Now().UTC().Format(time.RFC1123Z), "status": "queued",
	}
	if !m.take(message) {
		panic(http.ErrAbortHandler)
	}
	go m.report(given.Get("StatusCallback"), url.Values{"MessageSid": {sid}, "MessageStatus": {"delivered"}, "To": {given.Get("To")}, "AccountSid": {m.account}})
	w.WriteHeader(http.StatusCreated)
	_ = json.NewEncoder(w).Encode(message)
}

// report posts a signed receipt.
func (m *messages) report(address string, form url.Values) {
	mac := hmac.New(sha1.New, []byte(m.token))
	mac.Write([]byte(address))
	for _, name := range slices.Sorted(maps.Keys(form)) {
		mac.Write([]byte(name + form.Get(name)))
	}
	request, err := http.NewRequest(http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		m.refuse("a callback to %q", address)
		return
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("X-Twilio-Signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	response, err := http.DefaultClient.Do(request)
	if err != nil || response.StatusCode > 299 {
		m.refuse("a receipt was not taken: %v, %v", response, err)
		return
	}
	_ = response.Body.Close()
}

// webAPI is Slack's Web API.
type webAPI struct {
	strict

	token string
}

func (a *webAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	method := strings.TrimPrefix(r.URL.Path, "/elsewhere/api/")
	allowed := map[string][]string{
		"conversations.open":    {"users", "return_im", "prevent_creation", "channel"},
		"chat.postMessage":      {"channel", "text", "metadata", "unfurl_links", "unfurl_media", "blocks", "mrkdwn", "parse", "thread_ts"},
		"conversations.history": {"channel", "cursor", "inclusive", "latest", "limit", "oldest", "include_all_metadata"},
	}[method]
	if err := r.ParseForm(); err != nil || allowed == nil || r.Method != http.MethodPost {
		a.refuse("%s %s: %v", r.Method, r.URL.Path, err)
	}
	if r.PostForm.Get("token") != a.token && r.Header.Get("Authorization") != "Bearer "+a.token {
		a.refuse("%s without the token", method)
	}
	for name, values := range r.PostForm {
		if name != "token" && (!slices.Contains(allowed, name) || len(values) != 1) {
			a.refuse("%s with %s=%q", method, name, values)
		}
	}
	answer := map[string]any{"ok": true, "channel": map[string]any{"id": "D012AB3CD"}}
	switch method {
	case "chat.postMessage":
		stamp := fmt.Sprintf("%d.000100", time.Now().Unix())
		if !a.take(map[string]string{"ts": stamp, "text": r.PostForm.Get("text"), "metadata": r.PostForm.Get("metadata")}) {
			panic(http.ErrAbortHandler)
		}
		answer = map[string]any{"ok": true, "channel": "D012AB3CD", "ts": stamp}
	case "conversations.history":
		if oldest, err := strconv.ParseFloat(r.PostForm.Get("oldest"), 64); err != nil || oldest <= 0 {
			a.refuse("oldest %q", r.PostForm.Get("oldest"))
		}
		said := []map[string]any{}
		for _, message := range a.list() {
			said = append(said, map[string]any{"type": "message", "ts": message["ts"], "text": message["text"], "metadata": json.RawMessage(message["metadata"])})
		}
		answer = map[string]any{"ok": true, "messages": said, "has_more": false}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}

// mailServer takes mail.
type mailServer struct{ strict }

func (m *mailServer) NewSession(*gosmtp.Conn) (gosmtp.Session, error) { return m, nil }
func (m *mailServer) Reset()                                          {}
func (m *mailServer) Logout() error                                   { return nil }
func (m *mailServer) Mail(string, *gosmtp.MailOptions) error          { return nil }
func (m *mailServer) Rcpt(string, *gosmtp.RcptOptions) error          { return nil }
func (m *mailServer) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	m.take(map[string]string{"text": string(text)})
	return err
}

func TestOtherProvidersTakeTheSandboxsPlaceByEnvironmentAlone(t *testing.T) {
	t.Parallel()
	parameters := publishedParameters(t)
	program := built(t, "")
	b := openAt(t, slowly(), func(c *config.Config) { c.Patience, c.TwilioWhatsAppFrom = 2*time.Second, "+12025550124" })
	defer b.main.Close()
	b.publishTo4()
	b.importCSV("customer,phone,whatsapp,slack,email,channels,language,time_zone,consents\n" + rows())

	twilio := &messages{account: b.main.Config.TwilioAccountSID, token: b.main.Config.TwilioAuthToken.Reveal(), parameters: parameters}
	slack, mail := &webAPI{token: b.main.Config.SlackBotToken.Reveal()}, &mailServer{}
	twilioServer, slackServer := httptest.NewServer(twilio), httptest.NewServer(slack)
	defer twilioServer.Close()
	defer slackServer.Close()
	listener, smtp := listen(t), gosmtp.NewServer(mail)
	go smtp.Serve(listener) //nolint:errcheck // it ends when it is closed
	defer func() { _ = smtp.Close() }()

	p := b.process(program, b.main.Config, // of two values of a variable the last one holds
		"TWILIO_API_URL="+twilioServer.URL, "SLACK_API_URL="+slackServer.URL+"/elsewhere/api/", "SMTP_URL=smtp://"+listener.Addr().String())
	defer func() {
		if err := p.Stop(); err != nil {
			t.Error(err)
		}
	}()
	for i, who := range crashers {
		b.happen(fmt.Sprintf("e-%d", i), "purchase", who.customer, purchase)
		b.eventually(who.customer+" goes on", func() bool { return b.enrollment(who.customer).Step == "wait" })
	}
	want := map[string]store.TouchState{"c-sms": store.TouchSent, "c-whatsapp": store.TouchDelivered, "c-slack": store.TouchSent, "c-email": store.TouchSent}
	for who, state := range want {
		b.eventually(who+"'s touch is "+string(state), func() bool {
			touches, err := b.store.Touches(t.Context(), b.enrollment(who).ID)
			return err == nil && len(touches) == 1 && touches[0].State == state
		})
	}
	for name, s := range map[string]*strict{"Twilio": &twilio.strict, "Slack": &slack.strict, "mail": &mail.strict} {
		s.mu.Lock()
		if len(s.wrong) > 0 {
			t.Errorf("%s was asked wrongly: %s", name, strings.Join(s.wrong, "; "))
		}
		if messages := map[string]int{"Twilio": 2, "Slack": 1, "mail": 1}[name]; len(s.taken) != messages || s.asked == 0 && name != "mail" {
			t.Errorf("%s took %d messages and was asked %d times", name, len(s.taken), s.asked)
		}
		s.mu.Unlock()
	}
	if got := len(b.sandbox.Messages()) + len(b.sandbox.Refused()); got != 0 {
		t.Errorf("the sandbox was called %d times", got)
	}
}
