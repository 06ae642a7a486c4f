package smtp_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http/httptest"
	netmail "net/mail"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	gosmtp "github.com/emersion/go-smtp"

	"perennial/channel"
	"perennial/channel/sandbox"
	"perennial/channel/smtp"
)

const (
	address = "jo.doe@customer.example"
	text    = "Your visit is on Tuesday at ten."
)

func message() channel.Message {
	return channel.Message{Touch: "t-42", To: address, Subject: "Your visit, 您的预约", Text: text}
}

// behaviour is how a test's server behaves. What is nil, it takes.
type behaviour struct {
	sender    answer
	recipient answer
	content   answer // after all of it was read
	login     func(user, password string) error
}

// answer is what a server says to one command, or does to the connection instead.
type answer func(net.Conn) error

// mailbox is a real SMTP server that keeps what it took.
type mailbox struct {
	behaviour
	address string

	mu    sync.Mutex
	mails []taken
	conns []net.Conn
}

type taken struct{ sender, recipient, content string }

func newMailbox(t *testing.T, b behaviour) *mailbox {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	box := &mailbox{behaviour: b, address: listener.Addr().String()}
	server := gosmtp.NewServer(box)
	server.Domain = "mailbox.test"
	server.AllowInsecureAuth = true
	server.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(listener) })
	t.Cleanup(func() { _ = server.Close(); _ = listener.Close(); serving.Wait() })
	return box
}

func (b *mailbox) NewSession(c *gosmtp.Conn) (gosmtp.Session, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.conns = append(b.conns, c.Conn())
	if b.login != nil {
		return &loginSession{visit{box: b, conn: c}}, nil
	}
	return &visit{box: b, conn: c}, nil
}

func (b *mailbox) taken() []taken {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.mails
}

func (b *mailbox) connections() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.conns)
}

func (b *mailbox) cutAll() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, conn := range b.conns {
		_ = conn.Close()
	}
}

// visit is one connection.
type visit struct {
	box  *mailbox
	conn *gosmtp.Conn
	now  taken
}

func (v *visit) Reset()        { v.now = taken{} }
func (v *visit) Logout() error { return nil }

func (v *visit) Mail(from string, _ *gosmtp.MailOptions) error {
	v.now.sender = from
	return v.ask(v.box.sender)
}

func (v *visit) Rcpt(to string, _ *gosmtp.RcptOptions) error {
	v.now.recipient = to
	return v.ask(v.box.recipient)
}

func (v *visit) Data(r io.Reader) error {
	content, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	v.now.content = string(content)
	v.box.mu.Lock() // before the answer: who hears it, or hears the line being cut, finds the mail among the taken
	defer v.box.mu.Unlock()
	if err := v.ask(v.box.content); err != nil {
		return err
	}
	v.box.mails = append(v.box.mails, v.now)
	return nil
}

func (v *visit) ask(a answer) error {
	if a == nil {
		return nil
	}
	return a(v.conn.Conn())
}

// loginSession is a visit that asks for a login.
type loginSession struct{ visit }

func (l *loginSession) AuthMechanisms() []string { return []string{sasl.Plain} }

func (l *loginSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error { return l.box.login(user, password) }), nil
}

// saying answers with a code and a text that quotes the address, as servers do.
func saying(code int, enhanced gosmtp.EnhancedCode) answer {
	return func(net.Conn) error {
		return &gosmtp.SMTPError{Code: code, EnhancedCode: enhanced, Message: "<" + address + ">: no"}
	}
}

func newClient(t *testing.T, config smtp.Config) *smtp.Client {
	t.Helper()
	if config.From == "" {
		config.From = "Example Ltd <hello@example.com>"
	}
	client, err := smtp.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// requireError checks an error's class and code, and that it holds nothing personal.
func requireError(t *testing.T, err error, kind channel.Kind, code string) {
	t.Helper()
	e, ok := errors.AsType[*channel.Error](err)
	if !ok {
		t.Fatalf("got %v, not a channel error", err)
	}
	if e.Kind != kind || e.Code != code {
		t.Errorf("got %s with code %q, want %s with code %q", e.Kind, e.Code, kind, code)
	}
	for _, secret := range []string{address, "customer.example", text, "hello@example.com", "hunter2"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("the error quotes what it must not: %q", err)
		}
	}
}

func TestSendDeliversTheMessageWithItsTouch(t *testing.T) {
	t.Parallel()
	box := newMailbox(t, behaviour{})
	client := newClient(t, smtp.Config{URL: "smtp://" + box.address, Domain: "mail.example.com", BounceKey: "hunter2"})
	for range 2 {
		receipt, err := client.Send(t.Context(), message())
		if err != nil {
			t.Fatal(err)
		}
		if receipt.ProviderID != "t-42@mail.example.com" {
			t.Errorf("receipt %q: it must be the same over retries", receipt.ProviderID)
		}
	}
	for _, mail := range box.taken() {
		if !strings.HasPrefix(mail.sender, "bounce+t-42+") || !strings.HasSuffix(mail.sender, "@mail.example.com") || mail.recipient != address {
			t.Errorf("from %s to %s", mail.sender, mail.recipient)
		}
		for _, part := range []string{"Message-ID: <t-42@mail.example.com>", `From: "Example Ltd" <hello@example.com>`, text} {
			if !strings.Contains(mail.content, part) {
				t.Errorf("%q is missing in\n%s", part, mail.content)
			}
		}
	}
}

func TestWithoutAKeyForBouncesTheSenderIsFrom(t *testing.T) {
	t.Parallel()
	box := newMailbox(t, behaviour{})
	receipt, err := newClient(t, smtp.Config{URL: "smtp://" + box.address}).Send(t.Context(), message())
	if err != nil {
		t.Fatal(err)
	}
	if receipt.ProviderID != "t-42@example.com" {
		t.Errorf("receipt %q", receipt.ProviderID)
	}
	if got := box.taken()[0].sender; got != "hello@example.com" {
		t.Errorf("envelope sender %q", got)
	}
}

// sandboxed is a sandbox that takes mail, and its URL.
func sandboxed(t *testing.T) (box *sandbox.Sandbox, url string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	box = sandbox.New(sandbox.Config{})
	ctx, cancel := context.WithCancel(t.Context())
	var serving sync.WaitGroup
	serving.Go(func() { _ = box.ServeSMTP(ctx, listener) })
	t.Cleanup(func() { cancel(); box.Close(); serving.Wait() })
	return box, "smtp://" + listener.Addr().String()
}

func TestTextAndHTMLArriveAsWritten(t *testing.T) {
	t.Parallel()
	box, url := sandboxed(t)
	m := message()
	m.Text = "您好，\n周二十点见。\n.\nA line that is a dot, and one that is long: " + strings.Repeat("ü", 400)
	m.HTML = "<p>您好，周二十点见。</p>"
	if _, err := newClient(t, smtp.Config{URL: url}).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	got := box.Messages()[0]
	if got.Subject != m.Subject || got.Text != m.Text || got.HTML != m.HTML || got.Address != address || got.Touch != "t-42" {
		t.Errorf("received %+v", got)
	}
}

func TestAnswersAreClassed(t *testing.T) {
	t.Parallel()
	type code = gosmtp.EnhancedCode
	tests := []struct {
		name string
		behaviour
		kind channel.Kind
		code string
	}{
		{"no such user", behaviour{recipient: saying(550, code{5, 1, 1})}, channel.BadAddress, "550 5.1.1"},
		{"no such user, says an old server", behaviour{recipient: saying(550, code{5, 0, 0})}, channel.BadAddress, "550 5.0.0"},
		{"the mailbox is switched off", behaviour{recipient: saying(550, code{5, 2, 1})}, channel.BadAddress, "550 5.2.1"},
		{"the mailbox is full", behaviour{recipient: saying(552, code{5, 2, 2})}, channel.Temporary, "552 5.2.2"},
		{"the receiver's policy", behaviour{recipient: saying(550, code{5, 7, 1})}, channel.Rejected, "550 5.7.1"},
		{"greylisted", behaviour{recipient: saying(450, code{4, 7, 1})}, channel.Throttled, "450 4.7.1"},
		{"the sender is refused", behaviour{sender: saying(550, code{5, 1, 8})}, channel.Misconfigured, "550 5.1.8"},
		{"log in first", behaviour{sender: saying(530, code{5, 7, 0})}, channel.Misconfigured, "530 5.7.0"},
		{"going down", behaviour{sender: saying(421, code{4, 3, 2})}, channel.Temporary, "421 4.3.2"},
		{"later, after the content", behaviour{content: saying(451, code{4, 3, 0})}, channel.Temporary, "451 4.3.0"},
		{"spam", behaviour{content: saying(554, code{5, 7, 1})}, channel.Rejected, "554 5.7.1"},
		{"no, after the content, says an old server", behaviour{content: saying(550, code{5, 0, 0})}, channel.Rejected, "550 5.0.0"},
		{"too large", behaviour{content: saying(552, code{5, 3, 4})}, channel.Rejected, "552 5.3.4"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			box := newMailbox(t, test.behaviour)
			_, err := newClient(t, smtp.Config{URL: "smtp://" + box.address}).Send(t.Context(), message())
			requireError(t, err, test.kind, test.code)
		})
	}
}

func TestACutAfterTheContentIsUnknown(t *testing.T) {
	t.Parallel()
	box := newMailbox(t, behaviour{content: net.Conn.Close})
	_, err := newClient(t, smtp.Config{URL: "smtp://" + box.address}).Send(t.Context(), message())
	requireError(t, err, channel.Unknown, "")
	if len(box.taken()) != 1 {
		t.Errorf("%d mails for one send", len(box.taken()))
	}
}

func TestAHangAfterTheContentIsUnknownWhenTheDeadlineComes(t *testing.T) {
	t.Parallel()
	box := newMailbox(t, behaviour{content: func(conn net.Conn) error {
		_, err := conn.Read(make([]byte, 1)) // until the sender gives up
		return err
	}})
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err := newClient(t, smtp.Config{URL: "smtp://" + box.address}).Send(ctx, message())
	requireError(t, err, channel.Unknown, "")
}

func TestACutBeforeTheContentIsSurelyNotSent(t *testing.T) {
	t.Parallel()
	box := newMailbox(t, behaviour{recipient: net.Conn.Close})
	_, err := newClient(t, smtp.Config{URL: "smtp://" + box.address}).Send(t.Context(), message())
	requireError(t, err, channel.Temporary, "")
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
	_, err = newClient(t, smtp.Config{URL: "smtp://" + listener.Addr().String()}).Send(t.Context(), message())
	requireError(t, err, channel.Temporary, "")
}

func TestAServerThatNeverGreetsIsSurelyNotSent(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0") // connects, and nobody accepts
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err = newClient(t, smtp.Config{URL: "smtp://" + listener.Addr().String()}).Send(ctx, message())
	requireError(t, err, channel.Temporary, "")
}

func TestLogin(t *testing.T) {
	t.Parallel()
	login := behaviour{login: func(user, password string) error {
		if user == "jo" && password == "hunter2" {
			return nil
		}
		return gosmtp.ErrAuthFailed
	}}
	t.Run("right", func(t *testing.T) {
		t.Parallel()
		box := newMailbox(t, login)
		if _, err := newClient(t, smtp.Config{URL: "smtp://jo:hunter2@" + box.address}).Send(t.Context(), message()); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("wrong", func(t *testing.T) {
		t.Parallel()
		box := newMailbox(t, login)
		_, err := newClient(t, smtp.Config{URL: "smtp://jo:wrong@" + box.address}).Send(t.Context(), message())
		requireError(t, err, channel.Misconfigured, "535")
	})
	t.Run("unknown to the server", func(t *testing.T) {
		t.Parallel()
		box := newMailbox(t, behaviour{})
		_, err := newClient(t, smtp.Config{URL: "smtp://jo:hunter2@" + box.address}).Send(t.Context(), message())
		requireError(t, err, channel.Misconfigured, "")
	})
}

func TestMissingSTARTTLSIsMisconfiguredWhereItIsMandatory(t *testing.T) {
	t.Parallel()
	box := newMailbox(t, behaviour{})
	_, err := newClient(t, smtp.Config{URL: "smtp://" + box.address + "?tls=mandatory"}).Send(t.Context(), message())
	requireError(t, err, channel.Misconfigured, "")
	if _, err := newClient(t, smtp.Config{URL: "smtp://" + box.address + "?tls=opportunistic"}).Send(t.Context(), message()); err != nil {
		t.Error(err)
	}
}

func TestACertificateThatNobodyTrustsIsMisconfigured(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(nil)
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	t.Cleanup(server.Close)
	_, err := newClient(t, smtp.Config{URL: "smtps://" + server.Listener.Addr().String()}).Send(t.Context(), message())
	requireError(t, err, channel.Misconfigured, "")
}

func TestABadMessageIsRefusedBeforeDialing(t *testing.T) {
	t.Parallel()
	box := newMailbox(t, behaviour{})
	client := newClient(t, smtp.Config{URL: "smtp://" + box.address})
	for name, test := range map[string]struct {
		change func(*channel.Message)
		kind   channel.Kind
		code   string
	}{
		"no address":              {func(m *channel.Message) { m.To = "" }, channel.BadAddress, ""},
		"a number":                {func(m *channel.Message) { m.To = "+15005550006" }, channel.BadAddress, ""},
		"two addresses":           {func(m *channel.Message) { m.To = address + ", " + address }, channel.BadAddress, ""},
		"an address of two lines": {func(m *channel.Message) { m.To = address + "\r\nDATA" }, channel.BadAddress, ""},
		"a touch of two lines":    {func(m *channel.Message) { m.Touch = "t\r\nBcc: x" }, channel.Rejected, "touch"},
	} {
		t.Log(name)
		m := message()
		test.change(&m)
		_, err := client.Send(t.Context(), m)
		requireError(t, err, test.kind, test.code)
	}
	if box.connections() != 0 {
		t.Error("it dialed")
	}
}

func TestConnectionsAreKept(t *testing.T) {
	t.Parallel()
	box := newMailbox(t, behaviour{})
	client := newClient(t, smtp.Config{URL: "smtp://" + box.address})
	for range 5 {
		if _, err := client.Send(t.Context(), message()); err != nil {
			t.Fatal(err)
		}
	}
	if box.connections() != 1 {
		t.Errorf("%d connections for 5 messages", box.connections())
	}
}

func TestADeadConnectionIsReplacedWithoutAWord(t *testing.T) {
	t.Parallel()
	box := newMailbox(t, behaviour{})
	client := newClient(t, smtp.Config{URL: "smtp://" + box.address})
	for range 3 {
		if _, err := client.Send(t.Context(), message()); err != nil {
			t.Fatal(err)
		}
		box.cutAll()
	}
	if len(box.taken()) != 3 {
		t.Errorf("%d mails for 3 messages", len(box.taken()))
	}
}

func TestOneBadRecipientDoesNotSpoilTheNext(t *testing.T) {
	t.Parallel()
	var bad atomic.Bool
	bad.Store(true)
	box := newMailbox(t, behaviour{recipient: func(conn net.Conn) error {
		if bad.Load() {
			return saying(550, gosmtp.EnhancedCode{5, 1, 1})(conn)
		}
		return nil
	}})
	client := newClient(t, smtp.Config{URL: "smtp://" + box.address, Connections: 1})
	_, err := client.Send(t.Context(), message())
	requireError(t, err, channel.BadAddress, "550 5.1.1")
	bad.Store(false)
	if _, err := client.Send(t.Context(), message()); err != nil {
		t.Fatal(err)
	}
}

func TestManySendAtOnceOverFewConnections(t *testing.T) {
	t.Parallel()
	box := newMailbox(t, behaviour{})
	client := newClient(t, smtp.Config{URL: "smtp://" + box.address, Connections: 3})
	var sending sync.WaitGroup
	for range 60 {
		sending.Go(func() {
			if _, err := client.Send(t.Context(), message()); err != nil {
				t.Error(err)
			}
		})
	}
	sending.Wait()
	if len(box.taken()) != 60 {
		t.Errorf("%d mails for 60 messages", len(box.taken()))
	}
	if box.connections() > 3 {
		t.Errorf("%d connections, where 3 are allowed", box.connections())
	}
}

func TestNewSaysAllThatIsWrong(t *testing.T) {
	t.Parallel()
	_, err := smtp.New(smtp.Config{URL: "http://jo:hunter2@localhost", From: "nobody", Domain: "a b"})
	if err == nil {
		t.Fatal("it was taken")
	}
	for _, part := range []string{"URL", "sender", "domain"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("nothing is said of the %s in %q", part, err)
		}
	}
	if strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the password is in the error: %q", err)
	}
}

// Whatever a subject brings along, it is a subject.
func TestASubjectEndsNoHeader(t *testing.T) {
	t.Parallel()
	for _, evil := range []string{
		"Hi\r\nBcc: everybody@example.org", "Hi\nBcc: everybody@example.org", "Hi\rBcc: everybody@example.org", "Hi\r\n\r\nBcc: everybody@example.org",
		"Hé\r\nBcc: everybody@example.org", "Hi\u2028Bcc: everybody@example.org", "Hi\x00\r\n\tBcc: everybody@example.org",
		strings.Repeat("long ", 40) + "\r\nBcc: everybody@example.org",
	} {
		m := message()
		m.Subject = evil
		box := newMailbox(t, behaviour{})
		if _, err := newClient(t, smtp.Config{URL: "smtp://" + box.address}).Send(t.Context(), m); err != nil {
			t.Errorf("%q: %v", evil, err)
			continue
		}
		taken := box.taken()[0]
		mail, err := netmail.ReadMessage(strings.NewReader(taken.content))
		if err != nil {
			t.Fatalf("%q: %v", evil, err)
		}
		if mail.Header.Get("Bcc") != "" || strings.Contains(taken.content, "\nBcc:") || strings.Contains(taken.content, "\rBcc:") {
			t.Errorf("%q brings a header along:\n%s", evil, taken.content)
		}
	}
}
