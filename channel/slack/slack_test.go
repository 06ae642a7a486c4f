package slack_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"perennial/channel"
	"perennial/channel/sandbox"
	"perennial/channel/slack"
)

const (
	user  = "U012AB3CD"
	email = "jo.doe@customer.example"
	text  = "Your visit is on Tuesday at ten."
)

func message() channel.Message {
	return channel.Message{Touch: "t-42", To: user, Text: text}
}

// newClient returns a client, without pace, of whatever answers at the address.
func newClient(t *testing.T, address string) *slack.Client {
	t.Helper()
	return newPacedClient(t, address, time.Nanosecond)
}

func newPacedClient(t *testing.T, address string, every time.Duration) *slack.Client {
	t.Helper()
	client, err := slack.New(slack.Config{Token: sandbox.SlackToken, BaseURL: address + sandbox.SlackPath, Every: every})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// newSandbox returns a sandbox, its address, and what was asked of it.
func newSandbox(t *testing.T, config sandbox.Config) (box *sandbox.Sandbox, address string, asked func() []string) {
	t.Helper()
	box = sandbox.New(config)
	t.Cleanup(box.Close)
	address, asked = counting(t, func() http.Handler { return box.Handler() })
	return box, address, asked
}

// counting returns the address of a server that has others answer, and the methods that were asked for.
func counting(t *testing.T, answers func() http.Handler) (address string, asked func() []string) {
	t.Helper()
	var mu sync.Mutex
	var methods []string
	address = answering(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		methods = append(methods, r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:])
		mu.Unlock()
		answers().ServeHTTP(w, r)
	})
	return address, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(methods)
	}
}

// answering returns the address of a server that answers as told.
func answering(t *testing.T, handle http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	return server.URL
}

// opensAnd opens any conversation and has a handler answer to whatever else is asked.
func opensAnd(handle http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/conversations.open") {
			_, _ = io.WriteString(w, `{"ok":true,"channel":{"id":"D012AB3CD"}}`)
			return
		}
		handle(w, r)
	}
}

// requireError checks an error's class and code, and that it holds nothing personal.
func requireError(t *testing.T, err error, kind channel.Kind, code string) *channel.Error {
	t.Helper()
	e, ok := errors.AsType[*channel.Error](err)
	if !ok {
		t.Fatalf("got %v, not a channel error", err)
	}
	if e.Kind != kind || e.Code != code {
		t.Errorf("got %s with code %q, want %s with code %q", e.Kind, e.Code, kind, code)
	}
	for _, secret := range []string{user, email, "customer.example", text, sandbox.SlackToken} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("the error quotes what it must not: %q", err)
		}
	}
	return e
}

func TestSendDeliversTheMessageWithItsTouch(t *testing.T) {
	t.Parallel()
	for _, to := range []string{user, email} {
		t.Run(to, func(t *testing.T) {
			t.Parallel()
			box, address, _ := newSandbox(t, sandbox.Config{})
			m := message()
			m.To, m.Text = to, "Ann & co <b>\n<!channel> *yes*"
			receipt, err := newClient(t, address).Send(t.Context(), m)
			if err != nil {
				t.Fatal(err)
			}
			received := box.Messages()
			if len(received) != 1 {
				t.Fatalf("%d messages were received, want 1", len(received))
			}
			got := received[0]
			if got.Address != to || got.Text != m.Text || got.Touch != "t-42" || got.Channel != sandbox.Slack {
				t.Errorf("received %+v", got)
			}
			if receipt.ProviderID != got.ID || !strings.HasPrefix(got.ID, "D") {
				t.Errorf("receipt %q for message %q", receipt.ProviderID, got.ID)
			}
		})
	}
}

func TestAConversationIsOpenedOnce(t *testing.T) {
	t.Parallel()
	_, address, asked := newSandbox(t, sandbox.Config{})
	client := newClient(t, address)
	m := message()
	m.To = email
	for range 3 {
		if _, err := client.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"users.lookupByEmail", "conversations.open", "chat.postMessage", "chat.postMessage", "chat.postMessage"}
	if got := asked(); !slices.Equal(got, want) {
		t.Errorf("asked for %v", got)
	}
}

func TestAConversationThatIsGoneIsOpenedAgain(t *testing.T) {
	t.Parallel()
	var now atomic.Pointer[sandbox.Sandbox]
	restart := func() *sandbox.Sandbox {
		box := sandbox.New(sandbox.Config{})
		t.Cleanup(box.Close)
		now.Store(box)
		return box
	}
	restart()
	address, _ := counting(t, func() http.Handler { return now.Load().Handler() })
	client := newClient(t, address)
	if _, err := client.Send(t.Context(), message()); err != nil {
		t.Fatal(err)
	}
	box := restart() // which knows none of the conversations that the client remembers
	if _, err := client.Send(t.Context(), message()); err != nil {
		t.Fatal(err)
	}
	if got := len(box.Messages()); got != 1 {
		t.Errorf("%d messages were received", got)
	}
}

func TestWhatTheSandboxRefusesIsClassed(t *testing.T) {
	t.Parallel()
	tests := []struct {
		fault sandbox.Fault
		to    string
		kind  channel.Kind
		code  string
		after time.Duration
	}{
		{sandbox.BadAddress, user, channel.BadAddress, "user_not_found", 0},
		{sandbox.BadAddress, email, channel.BadAddress, "users_not_found", 0},
		{sandbox.Throttle, user, channel.Throttled, "ratelimited", time.Second},
		{sandbox.ServerError, user, channel.Unknown, "500", 0},
		{sandbox.InternalError, user, channel.Unknown, "internal_error", 0},
	}
	for _, test := range tests {
		t.Run(string(test.fault)+" "+test.to, func(t *testing.T) {
			t.Parallel()
			box, address, _ := newSandbox(t, sandbox.Config{})
			box.SetFault(test.to, test.fault, 1)
			client := newClient(t, address)
			m := message()
			m.To = test.to
			_, err := client.Send(t.Context(), m)
			if e := requireError(t, err, test.kind, test.code); e.RetryAfter != test.after {
				t.Errorf("retry after %s, want %s", e.RetryAfter, test.after)
			}
			if len(box.Messages()) != 0 {
				t.Error("it was received")
			}
			if _, err := client.Send(t.Context(), m); err != nil {
				t.Errorf("the next try: %v", err)
			}
		})
	}
}

func TestSomebodyWhoLeftIsABadAddressThoughWeRememberThem(t *testing.T) {
	t.Parallel()
	box, address, _ := newSandbox(t, sandbox.Config{})
	client := newClient(t, address)
	if _, err := client.Send(t.Context(), message()); err != nil {
		t.Fatal(err)
	}
	box.SetFault(user, sandbox.BadAddress, 0)
	_, err := client.Send(t.Context(), message())
	_ = requireError(t, err, channel.BadAddress, "user_not_found")
}

func TestWrongCredentialsAreMisconfigured(t *testing.T) {
	t.Parallel()
	_, address, _ := newSandbox(t, sandbox.Config{SlackToken: "xoxb-another"})
	_, err := newClient(t, address).Send(t.Context(), message())
	_ = requireError(t, err, channel.Misconfigured, "invalid_auth")
}

func TestAnAddressThatIsNoneIsNotAskedFor(t *testing.T) {
	t.Parallel()
	_, address, asked := newSandbox(t, sandbox.Config{})
	m := message()
	m.To = "jo doe"
	_, err := newClient(t, address).Send(t.Context(), m)
	_ = requireError(t, err, channel.BadAddress, "")
	if got := asked(); len(got) != 0 {
		t.Errorf("asked for %v", got)
	}
}

func TestACutAfterAcceptingIsUnknownAndNotRepeated(t *testing.T) {
	t.Parallel()
	box, address, _ := newSandbox(t, sandbox.Config{})
	client := newClient(t, address)
	// The first send leaves a connection behind: Go's transport repeats requests only on connections that were used before.
	if _, err := client.Send(t.Context(), message()); err != nil {
		t.Fatal(err)
	}
	box.SetFault(user, sandbox.Cut, 0)
	for range 3 {
		_, err := client.Send(t.Context(), message())
		_ = requireError(t, err, channel.Unknown, "")
	}
	if got := len(box.Messages()); got != 4 {
		t.Errorf("%d messages for 4 sends", got)
	}
}

func TestAHangIsUnknownWhenTheDeadlineComes(t *testing.T) {
	t.Parallel()
	box, address, _ := newSandbox(t, sandbox.Config{})
	client := newClient(t, address)
	box.SetFault(user, sandbox.Hang, 1)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	_, err := client.Send(ctx, message())
	_ = requireError(t, err, channel.Unknown, "")
}

func TestAnswersToAMessageAreClassed(t *testing.T) {
	t.Parallel()
	const page = "<html><body>Sorry, " + email + "</body></html>"
	tests := []struct {
		name   string
		status int
		body   string
		kind   channel.Kind
		code   string
	}{
		{"taken, but the body is garbage", 200, page, channel.Unknown, ""},
		{"taken, but without a timestamp", 200, `{"ok":true}`, channel.Unknown, ""},
		{"taken, but the body is empty", 200, ``, channel.Unknown, ""},
		{"refused without a reason", 200, `{"ok":false}`, channel.Unknown, ""},
		{"refused without a reason, with a timestamp", 200, `{"ok":false,"channel":"D1","ts":"1.2"}`, channel.Unknown, ""},
		{"a failure of Slack's", 200, `{"ok":false,"error":"fatal_error"}`, channel.Unknown, "fatal_error"},
		{"another failure of Slack's", 200, `{"ok":false,"error":"internal_error"}`, channel.Unknown, "internal_error"},
		{"an HTML page of a gateway", 503, page, channel.Unknown, "503"},
		{"a redirect", 307, page, channel.Unknown, "307"},
		{"a page that is not Slack's", 403, page, channel.Unknown, "403"},
		{"a 401 page", 401, page, channel.Misconfigured, "401"},
		{"a 429 page", 429, page, channel.Throttled, "429"},
		{"throttled with 200", 200, `{"ok":false,"error":"ratelimited"}`, channel.Throttled, "ratelimited"},
		{"archived", 200, `{"ok":false,"error":"is_archived"}`, channel.BadAddress, "is_archived"},
		{"too long", 200, `{"ok":false,"error":"msg_too_long"}`, channel.Rejected, "msg_too_long"},
		{"our token was revoked", 200, `{"ok":false,"error":"token_revoked"}`, channel.Misconfigured, "token_revoked"},
		{"our own account is gone", 200, `{"ok":false,"error":"account_inactive"}`, channel.Misconfigured, "account_inactive"},
		{"a scope is missing", 200, `{"ok":false,"error":"missing_scope","needed":"chat:write"}`, channel.Misconfigured, "missing_scope"},
		{"not authenticated", 200, `{"ok":false,"error":"not_authed"}`, channel.Misconfigured, "not_authed"},
		{"away for a while", 200, `{"ok":false,"error":"service_unavailable"}`, channel.Temporary, "service_unavailable"},
		{"a code we don't know", 200, `{"ok":false,"error":"some_new_rule"}`, channel.Rejected, "some_new_rule"},
		{"a code that quotes an address", 200, `{"ok":false,"error":"no_user ` + email + `"}`, channel.Rejected, ""},
		{"an error beside what we sent", 200, `{"ok":false,"error":"no_text","response_metadata":{"messages":["` + text + `"]}}`, channel.Rejected, "no_text"},
		{"an error of another form", 200, `{"ok":false,"error":{"code":1}}`, channel.Unknown, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var posts atomic.Int64
			address := answering(t, opensAnd(func(w http.ResponseWriter, r *http.Request) {
				if posts.Add(1) > 1 && test.kind != channel.BadAddress {
					t.Error("it was posted again")
				}
				w.Header().Set("Location", r.URL.String())
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.body)
			}))
			_, err := newClient(t, address).Send(t.Context(), message())
			_ = requireError(t, err, test.kind, test.code)
		})
	}
}

func TestBeforeTheMessageNothingWasSent(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		status int
		body   string
		kind   channel.Kind
		code   string
	}{
		{"an HTML page", 502, "<html>" + email, channel.Temporary, "502"},
		{"a failure of Slack's", 200, `{"ok":false,"error":"internal_error"}`, channel.Temporary, "internal_error"},
		{"no reason", 200, `{"ok":false}`, channel.Temporary, ""},
		{"nobody named", 200, `{"ok":true}`, channel.Temporary, ""},
		{"throttled", 429, `{"ok":false,"error":"ratelimited"}`, channel.Throttled, "ratelimited"},
		{"nobody there", 200, `{"ok":false,"error":"users_not_found"}`, channel.BadAddress, "users_not_found"},
		{"switched off", 200, `{"ok":false,"error":"user_disabled"}`, channel.BadAddress, "user_disabled"},
		{"a scope is missing", 200, `{"ok":false,"error":"missing_scope"}`, channel.Misconfigured, "missing_scope"},
	}
	for _, test := range tests {
		for _, to := range []string{user, email} {
			t.Run(test.name+" "+to, func(t *testing.T) {
				t.Parallel()
				address := answering(t, func(w http.ResponseWriter, _ *http.Request) {
					w.WriteHeader(test.status)
					_, _ = io.WriteString(w, test.body)
				})
				m := message()
				m.To = to
				_, err := newClient(t, address).Send(t.Context(), m)
				_ = requireError(t, err, test.kind, test.code)
			})
		}
	}
}

func TestACutBeforeTheMessageIsSurelyNotSent(t *testing.T) {
	t.Parallel()
	address := answering(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	_, err := newClient(t, address).Send(t.Context(), message())
	_ = requireError(t, err, channel.Temporary, "")
}

func TestABodyCutHalfwayIsUnknown(t *testing.T) {
	t.Parallel()
	address := answering(t, opensAnd(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, `{"ok":true,"ts":"1.`)
	}))
	_, err := newClient(t, address).Send(t.Context(), message())
	_ = requireError(t, err, channel.Unknown, "")
}

func TestRetryAfterIsReadInBothForms(t *testing.T) {
	t.Parallel()
	for value, wanted := range map[string]func(time.Duration) bool{
		"7": func(d time.Duration) bool { return d == 7*time.Second },
		time.Now().Add(time.Hour).UTC().Format(http.TimeFormat): func(d time.Duration) bool { return d > 0 && d <= time.Hour },
		"soon": func(d time.Duration) bool { return d == 0 },
		"":     func(d time.Duration) bool { return d == 0 },
	} {
		t.Run(value, func(t *testing.T) {
			t.Parallel()
			var posts atomic.Int64
			address := answering(t, opensAnd(func(w http.ResponseWriter, _ *http.Request) {
				posts.Add(1)
				w.Header().Set("Retry-After", value)
				w.WriteHeader(http.StatusTooManyRequests)
			}))
			_, err := newClient(t, address).Send(t.Context(), message())
			if e := requireError(t, err, channel.Throttled, "429"); !wanted(e.RetryAfter) {
				t.Errorf("retry after %s", e.RetryAfter)
			}
			if posts.Load() != 1 {
				t.Errorf("%d posts for one send", posts.Load())
			}
		})
	}
}

func TestARefusedConnectionIsSurelyNotSent(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = newClient(t, "http://"+listener.Addr().String()).Send(t.Context(), message())
	_ = requireError(t, err, channel.Temporary, "")
}

func TestAnEndedContextBeforeTheCallIsSurelyNotSent(t *testing.T) {
	t.Parallel()
	box, address, _ := newSandbox(t, sandbox.Config{})
	client := newClient(t, address)
	if _, err := client.Send(t.Context(), message()); err != nil { // from here on the conversation is known
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := client.Send(ctx, message())
	_ = requireError(t, err, channel.Temporary, "")
	if len(box.Messages()) != 1 {
		t.Error("it was received")
	}
}

func TestOneConversationIsPacedAndNoOther(t *testing.T) {
	t.Parallel()
	box, address, _ := newSandbox(t, sandbox.Config{})
	client := newPacedClient(t, address, time.Hour)
	if _, err := client.Send(t.Context(), message()); err != nil {
		t.Fatal(err)
	}
	_, err := client.Send(t.Context(), message())
	if e := requireError(t, err, channel.Throttled, "pace"); e.RetryAfter <= 0 || e.RetryAfter > time.Hour {
		t.Errorf("retry after %s", e.RetryAfter)
	}
	m := message()
	m.To = email
	if _, err := client.Send(t.Context(), m); err != nil {
		t.Errorf("another conversation: %v", err)
	}
	if got := len(box.Messages()); got != 2 {
		t.Errorf("%d messages were received, want 2", got)
	}
}

func TestConnectionsAreUsedAgainAfterErrors(t *testing.T) {
	t.Parallel()
	var connections atomic.Int64
	server := httptest.NewUnstartedServer(opensAnd(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, strings.Repeat("Sorry. ", 10_000))
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	client := newClient(t, server.URL)
	for range 5 {
		_, err := client.Send(t.Context(), message())
		_ = requireError(t, err, channel.Unknown, "503")
	}
	if connections.Load() != 1 {
		t.Errorf("%d connections for 6 calls", connections.Load())
	}
}

func TestWhatASendAsksFor(t *testing.T) {
	t.Parallel()
	type request struct {
		header http.Header
		form   url.Values
	}
	requests := make(chan request, 1)
	address := answering(t, opensAnd(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		requests <- request{r.Header, r.PostForm}
		_, _ = io.WriteString(w, `{"ok":true,"channel":"D012AB3CD","ts":"1.2"}`)
	}))
	receipt, err := newClient(t, address).Send(t.Context(), message())
	if err != nil {
		t.Fatal(err)
	}
	if receipt.ProviderID != "D012AB3CD/1.2" {
		t.Errorf("receipt %q", receipt.ProviderID)
	}
	got := <-requests
	for name, want := range map[string]string{
		"channel": "D012AB3CD", "text": text, "unfurl_links": "false", "unfurl_media": "false",
		"metadata": `{"event_type":"perennial_touch","event_payload":{"touch":"t-42"}}`,
	} {
		if got.form.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, got.form.Get(name), want)
		}
	}
	for name := range got.header {
		if strings.Contains(strings.ToLower(name), "idempotency") {
			t.Errorf("%s is set: Go's transport would repeat the POST by itself", name)
		}
	}
}

func TestNewSaysAllThatIsWrong(t *testing.T) {
	t.Parallel()
	_, err := slack.New(slack.Config{BaseURL: "localhost:8080", Every: -1})
	if err == nil {
		t.Fatal("an empty config was taken")
	}
	for _, part := range []string{"bot token", "base URL", "pace"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("nothing is said of the %s in %q", part, err)
		}
	}
}

func TestCheckSaysWhatTheAppLacks(t *testing.T) {
	t.Parallel()
	_, address, _ := newSandbox(t, sandbox.Config{})
	if missing, err := newClient(t, address).Check(t.Context()); err != nil || len(missing) != 0 {
		t.Errorf("at the sandbox: %v, %v", missing, err)
	}
	for granted, want := range map[string]string{
		"":                               "[]", // Slack does not say
		"chat:write,im:write,im:history": "[users:read.email]",
		"chat:write, users:read.email":   "[im:write im:history]",
	} {
		address := answering(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-OAuth-Scopes", granted)
			_, _ = w.Write([]byte(`{"ok":true,"user_id":"U1"}`))
		})
		if missing, err := newClient(t, address).Check(t.Context()); err != nil || fmt.Sprint(missing) != want {
			t.Errorf("granted %q: %v, %v; want %s", granted, missing, err, want)
		}
	}
	address = answering(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"ok":false,"error":"token_revoked"}`))
	})
	_, err := newClient(t, address).Check(t.Context())
	_ = requireError(t, err, channel.Misconfigured, "token_revoked")
}
