package twilio_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"perennial/channel"
	"perennial/channel/sandbox"
	"perennial/channel/twilio"
)

const (
	number = "+15005550123"
	text   = "Your visit is on Tuesday at ten."
)

func message() channel.Message {
	return channel.Message{Touch: "t-42", To: number, Text: text}
}

// newClient returns a client of whatever answers at the address.
func newClient(t *testing.T, address string) *twilio.Client {
	t.Helper()
	client, err := twilio.New(twilio.Config{
		AccountSID:     sandbox.AccountSID,
		AuthToken:      sandbox.AuthToken,
		BaseURL:        address,
		From:           "+15005550006",
		StatusCallback: "https://gateway.example/v1/twilio/status?source=sms",
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// newSandbox returns a sandbox and its address.
func newSandbox(t *testing.T, config sandbox.Config) (*sandbox.Sandbox, string) {
	t.Helper()
	box := sandbox.New(config)
	server := httptest.NewServer(box.Handler())
	t.Cleanup(func() { box.Close(); server.Close() })
	return box, server.URL
}

// answering returns the address of a server that answers as told.
func answering(t *testing.T, handle http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	return server.URL
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
	for _, secret := range []string{number, number[1:], text, sandbox.AuthToken} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("the error quotes what it must not: %q", err)
		}
	}
	return e
}

func TestSendDeliversTheMessageWithItsTouch(t *testing.T) {
	t.Parallel()
	box, address := newSandbox(t, sandbox.Config{})
	receipt, err := newClient(t, address).Send(t.Context(), message())
	if err != nil {
		t.Fatal(err)
	}
	received := box.Messages()
	if len(received) != 1 {
		t.Fatalf("%d messages were received, want 1", len(received))
	}
	got := received[0]
	if got.Address != number || got.Text != text || got.Touch != "t-42" || got.Channel != sandbox.SMS {
		t.Errorf("received %+v", got)
	}
	if receipt.ProviderID != got.ID || !strings.HasPrefix(receipt.ProviderID, "SM") {
		t.Errorf("receipt %q for message %q", receipt.ProviderID, got.ID)
	}
}

func TestSendWorksBelowAPathOfTheBaseURL(t *testing.T) {
	t.Parallel()
	box := sandbox.New(sandbox.Config{})
	t.Cleanup(box.Close)
	address := answering(t, http.StripPrefix("/providers/twilio", box.Handler()).ServeHTTP)
	if _, err := newClient(t, address+"/providers/twilio/").Send(t.Context(), message()); err != nil {
		t.Fatal(err)
	}
}

func TestWhatTheSandboxRefusesIsSurelyNotSent(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		fault sandbox.Fault
		kind  channel.Kind
		code  string
		after time.Duration
	}{
		{"an address that the error quotes", sandbox.BadAddress, channel.BadAddress, "21211", 0},
		{"too many requests", sandbox.Throttle, channel.Throttled, "20429", time.Second},
		{"a failure of the provider's", sandbox.ServerError, channel.Unknown, "20500", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			box, address := newSandbox(t, sandbox.Config{})
			box.SetFault(number, test.fault, 1)
			client := newClient(t, address)
			_, err := client.Send(t.Context(), message())
			if e := requireError(t, err, test.kind, test.code); e.RetryAfter != test.after {
				t.Errorf("retry after %s, want %s", e.RetryAfter, test.after)
			}
			if len(box.Messages()) != 0 {
				t.Error("it was received")
			}
			if _, err := client.Send(t.Context(), message()); err != nil {
				t.Errorf("the next try: %v", err)
			}
		})
	}
}

func TestWrongCredentialsAreMisconfigured(t *testing.T) {
	t.Parallel()
	_, address := newSandbox(t, sandbox.Config{AuthToken: "another"})
	_, err := newClient(t, address).Send(t.Context(), message())
	_ = requireError(t, err, channel.Misconfigured, "20003")
}

func TestACutAfterAcceptingIsUnknownAndNotRepeated(t *testing.T) {
	t.Parallel()
	box, address := newSandbox(t, sandbox.Config{})
	client := newClient(t, address)
	// The first send leaves a connection behind: Go's transport repeats requests only on connections that were used before.
	if _, err := client.Send(t.Context(), message()); err != nil {
		t.Fatal(err)
	}
	box.SetFault(number, sandbox.Cut, 0)
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
	box, address := newSandbox(t, sandbox.Config{})
	box.SetFault(number, sandbox.Hang, 1)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err := newClient(t, address).Send(ctx, message())
	_ = requireError(t, err, channel.Unknown, "")
}

func TestAnswersAreClassed(t *testing.T) {
	t.Parallel()
	const page = "<html><body>Sorry, " + number + "</body></html>"
	tests := []struct {
		name   string
		status int
		body   string
		kind   channel.Kind
		code   string
	}{
		{"created, but the body is garbage", 201, page, channel.Unknown, ""},
		{"created, but without an id", 201, `{}`, channel.Unknown, ""},
		{"created, but the body is empty", 201, ``, channel.Unknown, ""},
		{"a success that creates nothing", 200, `{"sid":"SM1"}`, channel.Unknown, "200"},
		{"a redirect", 307, page, channel.Unknown, "307"},
		{"an HTML page of a gateway", 503, page, channel.Unknown, "503"},
		{"a failure with a code", 503, `{"code":20503}`, channel.Unknown, "20503"},
		{"a 4xx page that is not Twilio's", 403, page, channel.Unknown, "403"},
		{"a 401 page", 401, page, channel.Misconfigured, "401"},
		{"a 429 page", 429, page, channel.Throttled, "429"},
		{"no permission for a region", 400, `{"code":21408}`, channel.Misconfigured, "21408"},
		{"a forbidden account", 403, `{"code":70051}`, channel.Misconfigured, "70051"},
		{"not a mobile number", 400, `{"code":21614,"message":"` + number + `"}`, channel.BadAddress, "21614"},
		{"opted out", 400, `{"code":21610}`, channel.OptedOut, "21610"},
		{"a full queue", 400, `{"code":21611}`, channel.Temporary, "21611"},
		{"a code we don't know", 400, `{"code":29999,"message":"` + text + `"}`, channel.Rejected, "29999"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var requests atomic.Int64
			address := answering(t, func(w http.ResponseWriter, r *http.Request) {
				requests.Add(1)
				w.Header().Set("Location", r.URL.String())
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.body)
			})
			_, err := newClient(t, address).Send(t.Context(), message())
			_ = requireError(t, err, test.kind, test.code)
			if requests.Load() != 1 {
				t.Errorf("%d requests for one send", requests.Load())
			}
		})
	}
}

func TestRetryAfterIsReadInBothForms(t *testing.T) {
	t.Parallel()
	for value, wanted := range map[string]func(time.Duration) bool{
		"7": func(d time.Duration) bool { return d == 7*time.Second },
		time.Now().Add(time.Hour).UTC().Format(http.TimeFormat): func(d time.Duration) bool { return d > 0 && d <= time.Hour },
		"soon": func(d time.Duration) bool { return d == 0 },
		"-3":   func(d time.Duration) bool { return d == 0 },
	} {
		t.Run(value, func(t *testing.T) {
			t.Parallel()
			address := answering(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", value)
				w.WriteHeader(http.StatusTooManyRequests)
				_, _ = io.WriteString(w, `{"code":20429}`)
			})
			_, err := newClient(t, address).Send(t.Context(), message())
			if e := requireError(t, err, channel.Throttled, "20429"); !wanted(e.RetryAfter) {
				t.Errorf("retry after %s", e.RetryAfter)
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

func TestAFailedHandshakeIsSurelyNotSent(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.NotFoundHandler()) // its certificate is not trusted
	t.Cleanup(server.Close)
	_, err := newClient(t, server.URL).Send(t.Context(), message())
	_ = requireError(t, err, channel.Temporary, "")
}

func TestAConnectionCutAfterTheRequestIsUnknown(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Read(make([]byte, 1))
			_ = conn.Close()
		}
	}()
	_, err = newClient(t, "http://"+listener.Addr().String()).Send(t.Context(), message())
	_ = requireError(t, err, channel.Unknown, "")
}

func TestABodyCutHalfwayIsUnknown(t *testing.T) {
	t.Parallel()
	address := answering(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, `{"sid":"SM`)
	})
	_, err := newClient(t, address).Send(t.Context(), message())
	_ = requireError(t, err, channel.Unknown, "")
}

func TestAnEndedContextBeforeTheCallIsSurelyNotSent(t *testing.T) {
	t.Parallel()
	box, address := newSandbox(t, sandbox.Config{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := newClient(t, address).Send(ctx, message())
	_ = requireError(t, err, channel.Temporary, "")
	if len(box.Messages()) != 0 {
		t.Error("it was received")
	}
}

func TestConnectionsAreUsedAgainAfterErrors(t *testing.T) {
	t.Parallel()
	var connections atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"code":21610}`)
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
		_ = requireError(t, err, channel.OptedOut, "21610")
	}
	if connections.Load() != 1 {
		t.Errorf("%d connections for 5 calls", connections.Load())
	}
}

func TestWhatASendAsksFor(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		valid time.Duration
		want  string
	}{
		{"the provider's default", 0, ""},
		{"within the bounds", 90 * time.Minute, "5400"},
		{"too short", time.Millisecond, "1"},
		{"too long", 100 * time.Hour, "36000"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			request := capture(t, func(m *channel.Message) { m.Valid = test.valid })
			if got := request.form.Get("ValidityPeriod"); got != test.want {
				t.Errorf("ValidityPeriod %q, want %q", got, test.want)
			}
		})
	}
}

func TestTheSenderIsThatOfTheCustomersCountry(t *testing.T) {
	t.Parallel()
	service := "MG" + strings.Repeat("0a", 16)
	for country, want := range map[string]url.Values{
		"GB": {"From": {"+447700900123"}},
		"US": {"MessagingServiceSid": {service}},
		"FR": {"From": {"+15005550006"}},
		"":   {"From": {"+15005550006"}},
	} {
		forms := make(chan url.Values, 1)
		client, err := twilio.New(twilio.Config{
			AccountSID: sandbox.AccountSID, AuthToken: sandbox.AuthToken, From: "+15005550006",
			FromByCountry: map[string]string{"GB": "+447700900123", "US": service},
			BaseURL: answering(t, func(w http.ResponseWriter, r *http.Request) {
				_ = r.ParseForm()
				forms <- r.PostForm
				w.WriteHeader(http.StatusCreated)
				_, _ = io.WriteString(w, `{"sid":"SM1"}`)
			}),
		})
		if err != nil {
			t.Fatal(err)
		}
		m := message()
		m.Country = country
		if _, err := client.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		got := <-forms
		if got.Get("From") != want.Get("From") || got.Get("MessagingServiceSid") != want.Get("MessagingServiceSid") {
			t.Errorf("%q: sent by %q %q, want %v", country, got.Get("From"), got.Get("MessagingServiceSid"), want)
		}
	}
}

func TestTheCallbackCarriesTheTouchBesideItsOwnQuery(t *testing.T) {
	t.Parallel()
	request := capture(t, func(m *channel.Message) { m.Touch = "a&b=c" })
	callback, err := url.Parse(request.form.Get("StatusCallback"))
	if err != nil {
		t.Fatal(err)
	}
	if got := twilio.TouchIn(callback); got != "a&b=c" {
		t.Errorf("touch %q", got)
	}
	if callback.Query().Get("source") != "sms" {
		t.Errorf("the callback lost its own query: %s", callback)
	}
}

func TestTheCallbackCarriesTheTraceWhereThereIsOne(t *testing.T) {
	t.Parallel()
	const trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	for _, want := range []string{"", trace} {
		request := capture(t, func(m *channel.Message) { m.Trace = want })
		callback, err := url.Parse(request.form.Get("StatusCallback"))
		if err != nil {
			t.Fatal(err)
		}
		if got := twilio.TraceIn(callback); got != want || callback.Query().Has("trace") != (want != "") {
			t.Errorf("trace %q, want %q: %s", got, want, callback)
		}
	}
}

func TestNoIdempotencyKeyIsSent(t *testing.T) {
	t.Parallel()
	request := capture(t, func(*channel.Message) {})
	for name := range request.header {
		if strings.Contains(strings.ToLower(name), "idempotency") {
			t.Errorf("%s is set: Go's transport would repeat the POST by itself", name)
		}
	}
}

func TestNewSaysAllThatIsWrong(t *testing.T) {
	t.Parallel()
	_, err := twilio.New(twilio.Config{BaseURL: "localhost:8080", StatusCallback: "/status", FromByCountry: map[string]string{"gb": "+447700900123"}})
	if err == nil {
		t.Fatal("an empty config was taken")
	}
	for _, part := range []string{"account SID", "auth token", "sender", "country", "base URL", "status callback"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("nothing is said of the %s in %q", part, err)
		}
	}
}

// request is what one send asked for.
type request struct {
	header http.Header
	form   url.Values
}

// capture sends a message, changed as told, and returns what was asked for.
func capture(t *testing.T, change func(*channel.Message)) request {
	t.Helper()
	requests := make(chan request, 1)
	address := answering(t, func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		requests <- request{r.Header, r.PostForm}
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, `{"sid":"SM1"}`)
	})
	m := message()
	change(&m)
	if _, err := newClient(t, address).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	return <-requests
}
