package smtp

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/wneessen/go-mail"
	gosmtp "github.com/wneessen/go-mail/smtp"

	"perennial/channel"
)

// When a connection is retired: servers close those that are old, idle or have sent much, and rather in the middle of a message.
const (
	oldestSession  = 5 * time.Minute
	longestIdle    = 30 * time.Second
	mostMessages   = 100
	goodbyeTimeout = 5 * time.Second
)

// pool keeps connections to the server for the next message, the youngest used first. Dialing, STARTTLS and login cost more than a
// message does.
type pool struct {
	server  server
	helo    string
	timeout time.Duration
	slots   chan struct{} // one a connection in use

	mu     sync.Mutex
	idle   []*session
	closed bool
}

// session is one connection. go-mail's client belongs to it alone, as it has state of its own about the connection.
type session struct {
	client *mail.Client
	smtp   *gosmtp.Client
	raw    net.Conn
	opened time.Time
	used   time.Time
	sent   int

	unwatch func() bool // ends the watch over the dial; false if it has struck
}

func newPool(server server, helo string, config Config) *pool {
	return &pool{server: server, helo: helo, timeout: config.Timeout, slots: make(chan struct{}, config.Connections)}
}

// send sends one message over a connection that waits, or a new one. A waiting connection that turns out to be dead is found out
// before anything of the message was said, and the next one is taken.
func (p *pool) send(ctx context.Context, envelope *mail.Msg) error {
	ctx, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
		return failure(channel.Temporary, "")
	}
	for {
		s := p.take(time.Now())
		waited := s != nil
		if !waited {
			var err error
			if s, err = p.dial(ctx); err != nil {
				return classifyDial(err)
			}
		}
		err := s.send(ctx, envelope)
		if err == nil {
			p.keep(s, time.Now())
			return nil
		}
		s.drop()
		if envelope.IsDelivered() {
			return nil // the server took it; what failed came after
		}
		if waited && isDead(err) && ctx.Err() == nil {
			continue
		}
		return classify(err)
	}
}

// isDead says that the connection was found dead before the message was begun.
func isDead(err error) bool {
	e, ok := errors.AsType[*mail.SendError](err)
	return ok && e.Reason == mail.ErrConnCheck
}

// send sends one message. The connection is closed when the context ends, which ends the conversation.
func (s *session) send(ctx context.Context, envelope *mail.Msg) error {
	stop := context.AfterFunc(ctx, func() { _ = s.raw.Close() }) // what it closes, it breaks: the error shows there
	err := s.client.SendWithSMTPClient(s.smtp, envelope)
	if !stop() && err == nil {
		err = ctx.Err() // taken, and the connection is gone
	}
	s.sent++
	return err
}

// drop closes the connection without a word: after an error nobody knows what the other side expects.
func (s *session) drop() { _ = s.raw.Close() }

// quit takes leave of the server.
func (s *session) quit() {
	if s.raw.SetDeadline(time.Now().Add(goodbyeTimeout)) == nil {
		_ = s.smtp.Quit() // whoever is gone already needs no goodbye
	}
	_ = s.raw.Close()
}

func (s *session) retired(now time.Time) bool {
	return now.Sub(s.opened) > oldestSession || now.Sub(s.used) > longestIdle || s.sent >= mostMessages
}

// take returns the connection used last, or nil if none waits that may be used.
func (p *pool) take(now time.Time) *session {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.idle) > 0 {
		s := p.idle[len(p.idle)-1]
		p.idle = p.idle[:len(p.idle)-1]
		if !s.retired(now) {
			return s
		}
		go s.quit()
	}
	return nil
}

// keep lets a connection wait for the next message.
func (p *pool) keep(s *session, now time.Time) {
	s.used = now
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || s.retired(now) {
		go s.quit()
		return
	}
	p.idle = append(p.idle, s)
}

func (p *pool) close() {
	p.mu.Lock()
	waiting := p.idle
	p.idle, p.closed = nil, true
	p.mu.Unlock()
	var leaving sync.WaitGroup
	for _, s := range waiting {
		leaving.Go(s.quit)
	}
	leaving.Wait()
}

// dial connects, starts TLS and logs in, all before the context ends.
func (p *pool) dial(ctx context.Context) (*session, error) {
	s := &session{opened: time.Now(), unwatch: func() bool { return true }}
	client, err := mail.NewClient(p.server.host, p.options(ctx, s)...)
	if err != nil {
		return nil, err
	}
	s.client = client
	s.smtp, err = client.DialToSMTPClientWithContext(ctx)
	if !s.unwatch() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		if s.raw != nil {
			s.drop() // go-mail leaves a connection open that fails after dialing
		}
		return nil, err
	}
	return s, nil
}

func (p *pool) options(ctx context.Context, s *session) []mail.Option {
	options := []mail.Option{
		mail.WithPort(p.server.port),
		mail.WithTimeout(p.timeout),
		mail.WithHELO(p.helo),
		mail.WithTLSPolicy(p.server.tls),
		mail.WithTLSConfig(p.tlsConfig()),
		mail.WithDialContextFunc(p.dialer(ctx, s)),
	}
	if p.server.tlsFirst {
		options = append(options, mail.WithSSL())
	}
	if p.server.user != "" {
		options = append(options,
			mail.WithUsername(p.server.user),
			mail.WithPassword(p.server.password),
			mail.WithOpportunisticSMTPAuth(mail.SMTPAuthPlain, mail.SMTPAuthLogin, mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthCramMD5),
		)
	}
	return options
}

func (p *pool) tlsConfig() *tls.Config {
	return &tls.Config{ServerName: p.server.host, MinVersion: tls.VersionTLS12}
}

// dialer dials for go-mail and keeps the connection within our reach: go-mail asks no context once it has dialed, so the context
// of the whole message closes the connection if it ends during the greeting or the login.
func (p *pool) dialer(whole context.Context, s *session) mail.DialContextFunc {
	dial := (&net.Dialer{}).DialContext
	if p.server.tlsFirst {
		dial = (&tls.Dialer{Config: p.tlsConfig()}).DialContext
	}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		s.raw = conn
		s.unwatch = context.AfterFunc(whole, func() { _ = conn.Close() }) // what it closes, it breaks: the error shows there
		return conn, nil
	}
}
