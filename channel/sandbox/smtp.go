package sandbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"time"

	gosmtp "github.com/emersion/go-smtp"
)

// This file is the sandbox as a mail server: it takes mail for everybody and delivers it to the page.

const (
	largestMail   = 10 << 20
	mailRecipient = 100
	mailIdle      = 5 * time.Minute
)

// ServeSMTP takes mail on the listener until the context ends, and then returns nil.
func (s *Sandbox) ServeSMTP(ctx context.Context, listener net.Listener) error {
	server := gosmtp.NewServer(gosmtp.BackendFunc(func(c *gosmtp.Conn) (gosmtp.Session, error) {
		return &mailSession{sandbox: s, conn: c}, nil
	}))
	server.Domain = "sandbox.localhost"
	server.MaxRecipients = mailRecipient
	server.MaxMessageBytes = largestMail
	server.ReadTimeout = mailIdle
	server.WriteTimeout = mailIdle
	server.EnableSMTPUTF8 = true
	server.ErrorLog = slog.NewLogLogger(s.config.Logger.Handler(), slog.LevelDebug)

	stop := context.AfterFunc(ctx, func() {
		_ = server.Close()
		_ = listener.Close() // which the server does not know of yet if the context ends this early
	})
	defer stop()
	err := server.Serve(listener)
	if ctx.Err() != nil {
		return nil
	}
	return fmt.Errorf("serving SMTP: %w", err)
}

// mailSession is one sender's connection.
type mailSession struct {
	sandbox *Sandbox
	conn    *gosmtp.Conn
	sender  string
	to      []string
}

func (m *mailSession) Reset() { m.sender, m.to = "", nil }

func (m *mailSession) Logout() error { return nil }

func (m *mailSession) Mail(from string, _ *gosmtp.MailOptions) error {
	m.sender = from
	return nil
}

func (m *mailSession) Rcpt(to string, _ *gosmtp.RcptOptions) error {
	if m.sandbox.faults.badAddress(to) {
		return m.refuse("", BadAddress, 550, gosmtp.EnhancedCode{5, 1, 1},
			fmt.Sprintf("<%s>: Recipient address rejected: User unknown", to))
	}
	m.to = append(m.to, to)
	return nil
}

// Data takes the mail itself. Faults other than a bad address happen here, where the mail tells its touch.
func (m *mailSession) Data(r io.Reader) error {
	content, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	mail, err := readMail(bytes.NewReader(content))
	if err != nil {
		return m.refuse("", NoFault, 554, gosmtp.EnhancedCode{5, 6, 0}, "The message can't be read")
	}
	if mail.messageID == "" {
		return m.refuse("", NoFault, 554, gosmtp.EnhancedCode{5, 6, 0}, "The message has no Message-ID")
	}
	touch, _, _ := strings.Cut(mail.messageID, "@")
	switch fault := m.sandbox.faults.next(touch, m.to[0]); fault {
	case Throttle:
		return m.refuse(touch, fault, 450, gosmtp.EnhancedCode{4, 7, 1},
			fmt.Sprintf("<%s>: Recipient is receiving mail too quickly", m.to[0]))
	case ServerError, InternalError:
		return m.refuse(touch, fault, 451, gosmtp.EnhancedCode{4, 3, 0},
			fmt.Sprintf("<%s>: Temporary lookup failure", m.to[0]))
	case Hang:
		m.sandbox.refuse(Refusal{Channel: Email, Reason: "no answer", Touch: touch, Fault: fault})
		return m.hang()
	case Stall:
		m.receive(mail, touch, fault)
		return m.hang()
	case Late:
		to := m.to // the session may take another mail meanwhile
		m.sandbox.later(func() { (&mailSession{sandbox: m.sandbox, to: to}).receive(mail, touch, fault) })
		return m.conn.Conn().Close()
	case Cut, Unlisted:
		m.receive(mail, touch, fault)
		return m.conn.Conn().Close()
	default:
		m.receive(mail, touch, NoFault)
		return nil
	}
}

func (m *mailSession) receive(mail mail, touch string, fault Fault) {
	for _, to := range m.to {
		m.sandbox.receive(Message{
			ID:      mail.messageID,
			Channel: Email,
			Address: to,
			Sender:  mail.from,
			Subject: mail.subject,
			Text:    mail.text,
			HTML:    mail.html,
			Touch:   touch,
			Fault:   fault,
		})
	}
}

func (m *mailSession) refuse(touch string, fault Fault, code int, enhanced gosmtp.EnhancedCode, text string) error {
	m.sandbox.refuse(Refusal{Channel: Email, Code: fmt.Sprint(code), Reason: text, Touch: touch, Fault: fault})
	return &gosmtp.SMTPError{Code: code, EnhancedCode: enhanced, Message: text}
}

// hang answers nothing until the sender closes the connection, or the sandbox does.
func (m *mailSession) hang() error {
	raw := m.conn.Conn()
	stop := context.AfterFunc(m.sandbox.alive, func() { _ = raw.Close() })
	defer stop()
	if err := raw.SetReadDeadline(time.Time{}); err != nil {
		return err
	}
	_, err := raw.Read(make([]byte, 1))
	return errors.Join(err, raw.Close())
}
