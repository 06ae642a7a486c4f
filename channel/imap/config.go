package imap

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"time"
)

// Config says which mailbox is read.
type Config struct {
	// URL is the mailbox: imaps://user:password@host:993/INBOX, or imap:// where TLS follows by STARTTLS, which is mandatory but for a server on
	// loopback. The ports default to 993 and 143, the mailbox to INBOX. An @ in the user's name is written %40. Required.
	URL string

	// Every is how often the mailbox is looked at, in real time, beside what the server tells of by itself. Defaults to 1 minute.
	Every time.Duration

	// Timeout is for dialing, and for each command. Defaults to 1 minute.
	Timeout time.Duration

	// Log is told of mails that could not be recorded. Defaults to slog.Default().
	Log *slog.Logger
}

// WithDefaults returns the config with what was left empty filled in.
func (c Config) WithDefaults() Config {
	c.Every, c.Timeout = cmp.Or(c.Every, time.Minute), cmp.Or(c.Timeout, time.Minute)
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return c
}

// server is a config's URL, read.
type server struct {
	address  string // host and port
	host     string
	tlsFirst bool // imaps
	plain    bool // no TLS at all: a server on loopback
	user     string
	password string
	mailbox  string
}

// example is what a URL looks like.
const example = "imaps://user:password@host:993/INBOX" //nolint:gosec // G101: it is nobody's password

// readServer reads the URL. Its errors don't quote it: it holds a password.
func readServer(address string) (server, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "imap" && u.Scheme != "imaps" || u.Hostname() == "" {
		return server{}, errors.New("the mailbox's URL must look like " + example)
	}
	s := server{host: u.Hostname(), tlsFirst: u.Scheme == "imaps", user: u.User.Username(), mailbox: strings.Trim(u.Path, "/")}
	s.password, _ = u.User.Password()
	s.mailbox = cmp.Or(s.mailbox, "INBOX")
	if s.user == "" || s.password == "" {
		return server{}, fmt.Errorf("the mailbox's URL needs a user and a password: write %s, with @ in either as %%40", example)
	}
	if u.RawQuery != "" || u.Fragment != "" {
		return server{}, fmt.Errorf("the mailbox's URL ends with its name: write %s, with ? as %%3F and # as %%23", example)
	}
	port := cmp.Or(u.Port(), map[bool]string{true: "993", false: "143"}[s.tlsFirst])
	s.address = net.JoinHostPort(s.host, port)
	s.plain = !s.tlsFirst && onLoopback(s.host)
	return s, nil
}

func onLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
