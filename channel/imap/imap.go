package imap

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"time"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// Mailbox is a mailbox that is read. One goroutine at a time may use it.
type Mailbox struct {
	Config

	server server
	failed map[goimap.UID]int // how often a mail could not be recorded: those come last
}

// New returns a mailbox, or says what is wrong with the config. It dials with the first use.
func New(config Config) (*Mailbox, error) {
	server, err := readServer(config.URL)
	if err != nil {
		return nil, fmt.Errorf("imap: %w", err)
	}
	return &Mailbox{Config: config.WithDefaults(), server: server, failed: map[goimap.UID]int{}}, nil
}

// Mail is one mail as it lies in the mailbox.
type Mail struct {
	Place string // where it lies, for a person who looks for it, such as "INBOX, UID 17"
	Raw   []byte // the mail as it came, up to MaxMail
}

// MaxMail bounds how much of a mail is read. What reports and people say comes before what they attach.
const MaxMail = 4 << 20

// Take records a mail. An error leaves it unseen, so that it comes again.
type Take func(context.Context, Mail) error

// Check logs in and looks whether the mailbox is there, and changes nothing.
func (m *Mailbox) Check(ctx context.Context) error {
	c, err := m.open(ctx, nil)
	if err != nil {
		return err
	}
	defer c.close()
	return c.within(func() error {
		_, err := c.Select(m.server.mailbox, &goimap.SelectOptions{ReadOnly: true}).Wait()
		return refused(err, "open the mailbox")
	})
}

// Watch gives each unseen mail to take, and marks it as seen once that has recorded it, until the context ends, which is no error, or the connection
// breaks. What take can't record now is tried again later, and holds up no other mail. through is told whenever nothing is left to take.
func (m *Mailbox) Watch(ctx context.Context, take Take, through func(context.Context)) error {
	news := make(chan struct{}, 1)
	c, err := m.open(ctx, news)
	if err != nil {
		return ended(ctx, err)
	}
	defer c.close()
	var box *goimap.SelectData
	err = c.within(func() (err error) {
		box, err = c.Select(m.server.mailbox, nil).Wait()
		return refused(err, "open the mailbox")
	})
	if err != nil {
		return ended(ctx, err)
	}
	if box.UIDValidity == 0 {
		return errors.New("imap: the server gives mails no lasting numbers (UIDVALIDITY)")
	}
	for {
		if err := m.round(ctx, c, take); err != nil {
			return ended(ctx, err)
		}
		if len(m.failed) == 0 && !stopped(ctx) {
			through(ctx)
		}
		if err := m.rest(ctx, c, news); err != nil || stopped(ctx) {
			return ended(ctx, err)
		}
	}
}

// ended takes the error of a connection that was closed because we were told to stop for what it is.
func ended(ctx context.Context, err error) error {
	if stopped(ctx) {
		return nil
	}
	return err
}

func stopped(ctx context.Context) bool { return ctx.Err() != nil }

// enough is how many mails in a row may fail before a round is given up: then it is not the mails.
const enough = 3

// round takes the mails that are unseen now.
func (m *Mailbox) round(ctx context.Context, c *connection, take Take) error {
	uids, err := m.unseen(c)
	if err != nil {
		return err
	}
	inRow := 0
	for _, uid := range uids {
		if stopped(ctx) || inRow == enough {
			return nil
		}
		raw, err := c.fetch(uid)
		if err != nil {
			return err
		}
		if raw == nil {
			continue // somebody has taken it away
		}
		mail := Mail{Place: fmt.Sprintf("%s, UID %d", m.server.mailbox, uid), Raw: raw}
		if err := take(ctx, mail); err != nil {
			inRow++
			m.failed[uid]++
			m.Log.Warn("A mail could not be recorded; it stays unseen, and is tried again.", "mail", mail.Place, "error", err)
			continue
		}
		inRow = 0
		delete(m.failed, uid)
		if err := c.see(uid); err != nil {
			return err
		}
	}
	return nil
}

// unseen are the mails to take: those that failed before come last, the older before the newer.
func (m *Mailbox) unseen(c *connection) ([]goimap.UID, error) {
	var uids []goimap.UID
	err := c.within(func() error {
		found, err := c.UIDSearch(&goimap.SearchCriteria{NotFlag: []goimap.Flag{goimap.FlagSeen, goimap.FlagDeleted}}, nil).Wait()
		if err == nil {
			uids = found.AllUIDs()
		}
		return refused(err, "look for mails")
	})
	for uid := range m.failed {
		if !slices.Contains(uids, uid) { // somebody has seen to it
			delete(m.failed, uid)
		}
	}
	slices.SortFunc(uids, func(a, b goimap.UID) int { return cmp.Or(cmp.Compare(m.failed[a], m.failed[b]), cmp.Compare(a, b)) })
	return uids, err
}

// rest waits until the server tells of a mail, or it is time to look.
func (m *Mailbox) rest(ctx context.Context, c *connection, news <-chan struct{}) error {
	select { // of what it told before: the round has been there, or looks again
	case <-news:
		return nil
	default:
	}
	var idle *imapclient.IdleCommand
	if c.Caps().Has(goimap.CapIdle) {
		err := c.within(func() (err error) { idle, err = c.Idle(); return refused(err, "wait for mails") })
		if err != nil {
			return err
		}
	}
	timer := time.NewTimer(m.Every)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return nil
	case <-news:
	case <-timer.C:
	case <-c.Closed():
		return errors.New("imap: the server has closed the connection")
	}
	if idle == nil {
		return nil
	}
	return c.within(func() error {
		return refused(errors.Join(idle.Close(), idle.Wait()), "wait for mails")
	})
}

// connection is a logged-in connection that hangs at nothing for longer than the timeout.
type connection struct {
	*imapclient.Client

	timeout time.Duration
	release func() bool
}

// open dials and logs in. It is closed when the context ends. news gets a word when the server tells of mails by itself.
func (m *Mailbox) open(ctx context.Context, news chan<- struct{}) (*connection, error) {
	options := &imapclient.Options{
		TLSConfig: &tls.Config{ServerName: m.server.host, MinVersion: tls.VersionTLS12},
		UnilateralDataHandler: &imapclient.UnilateralDataHandler{Mailbox: func(data *imapclient.UnilateralDataMailbox) {
			if data.NumMessages == nil || news == nil {
				return
			}
			select {
			case news <- struct{}{}:
			default:
			}
		}},
	}
	client, err := m.dial(ctx, options)
	if err != nil {
		return nil, unreached(err)
	}
	c := &connection{Client: client, timeout: m.Timeout}
	c.release = context.AfterFunc(ctx, func() { _ = client.Close() }) // which ends whatever waits for it
	err = c.within(func() error {
		return refused(errors.Join(client.WaitGreeting(), client.Login(m.server.user, m.server.password).Wait()), "log in")
	})
	if err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

func (m *Mailbox) dial(ctx context.Context, options *imapclient.Options) (*imapclient.Client, error) {
	ctx, cancel := context.WithTimeout(ctx, m.Timeout)
	defer cancel()
	dialer := &net.Dialer{}
	if m.server.tlsFirst {
		conn, err := (&tls.Dialer{NetDialer: dialer, Config: options.TLSConfig}).DialContext(ctx, "tcp", m.server.address)
		if err != nil {
			return nil, err
		}
		return imapclient.New(conn, options), nil
	}
	conn, err := dialer.DialContext(ctx, "tcp", m.server.address)
	if err != nil {
		return nil, err
	}
	if m.server.plain {
		return imapclient.New(conn, options), nil
	}
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Now()) })()
	client, err := imapclient.NewStartTLS(conn, options)
	if err != nil {
		_ = conn.Close() // it is of no use
	}
	return client, err
}

// within does something that ends with the connection, if it takes too long.
func (c *connection) within(do func() error) error {
	late := time.AfterFunc(c.timeout, func() { _ = c.Close() })
	defer late.Stop()
	return do()
}

func (c *connection) close() {
	c.release()
	_ = c.Close() // whatever was under way is done or of no use
}

// fetch reads a mail, and leaves it unseen; nil where it is not there any more.
func (c *connection) fetch(uid goimap.UID) (raw []byte, err error) {
	whole := &goimap.FetchItemBodySection{Peek: true, Partial: &goimap.SectionPartial{Size: MaxMail}}
	err = c.within(func() error {
		command := c.Fetch(goimap.UIDSetNum(uid), &goimap.FetchOptions{UID: true, BodySection: []*goimap.FetchItemBodySection{whole}})
		for message := command.Next(); message != nil; message = command.Next() {
			for item := message.Next(); item != nil; item = message.Next() {
				section, ok := item.(imapclient.FetchItemDataBodySection)
				if !ok || section.Literal == nil {
					continue
				}
				if raw, err = io.ReadAll(io.LimitReader(section.Literal, MaxMail)); err != nil {
					_ = command.Close() // it says no more than this
					return refused(err, "read a mail")
				}
			}
		}
		return refused(command.Close(), "read a mail")
	})
	return raw, err
}

// see marks a mail as seen.
func (c *connection) see(uid goimap.UID) error {
	return c.within(func() error {
		seen := &goimap.StoreFlags{Op: goimap.StoreFlagsAdd, Silent: true, Flags: []goimap.Flag{goimap.FlagSeen}}
		return refused(c.Store(goimap.UIDSetNum(uid), seen, nil).Close(), "mark a mail as seen")
	})
}

// refused rewrites an error: what servers say may name whom the mailbox belongs to.
func refused(err error, doing string) error {
	if err == nil {
		return nil
	}
	if answer, ok := errors.AsType[*goimap.Error](err); ok {
		code := ""
		if answer.Code != "" {
			code = " (" + string(answer.Code) + ")"
		}
		return fmt.Errorf("imap: the server refuses to let us %s: %s%s", doing, answer.Type, code)
	}
	return fmt.Errorf("imap: the connection broke, or was too slow, when we were to %s", doing)
}

// unreached rewrites the error of a server that was not reached, which names no more than its address.
func unreached(err error) error {
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		return errors.New("imap: the server does not answer in time")
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return errors.New("imap: the server's certificate is not one that we trust")
	}
	if answer, ok := errors.AsType[*goimap.Error](err); ok {
		return fmt.Errorf("imap: the server takes no STARTTLS: %s; use imaps://", answer.Type)
	}
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return fmt.Errorf("imap: the server can't be reached: %w", op.Err)
	}
	return errors.New("imap: the server can't be reached, or does not speak IMAP as the URL says")
}
