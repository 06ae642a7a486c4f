package smtp

import (
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/url"
	"regexp"
	"strconv"
	"time"

	"github.com/wneessen/go-mail"
)

// Config says which server takes the mail, and whose it is.
type Config struct {
	// URL is the server: smtp://user:password@host:port, or smtps:// where TLS comes first. The ports default to 587 and 465.
	// Over smtp:// STARTTLS is mandatory, but for a server on loopback; `?tls=opportunistic` takes a server that has none.
	// Required.
	URL string

	// From is the sender that people see: an address, or a name and an address such as `Example <hello@example.com>`. Required.
	From string

	// Domain is ours: of Message-IDs, and of the addresses that bounces come back to. Defaults to From's domain.
	Domain string

	// BounceKey signs the envelope sender bounce+<touch>+<signature>@domain, by which [ReadReport] knows a bounce.
	// Defaults to none: bounces go to From.
	BounceKey string

	// Unsubscribe is the address at which the reader of a mail says that they want no more, by the link in its foot; where it is https, the
	// buttons of mail programs post there too (RFC 8058). The touch and a signature are added to its query, which [UnsubscribeTouch] reads.
	// Defaults to none: mails have neither.
	Unsubscribe string

	// UnsubscribeKey signs those links. Required with Unsubscribe.
	UnsubscribeKey string

	// Connections is how many are open at most. Defaults to 8.
	Connections int

	// Timeout is for dialing and for a conversation that its context does not end earlier. Defaults to 30 s.
	Timeout time.Duration
}

var domainName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$`)

// WithDefaults returns the config with what was left empty filled in.
func (c Config) WithDefaults() Config {
	if c.Connections == 0 {
		c.Connections = 8
	}
	if c.Timeout == 0 {
		c.Timeout = 30 * time.Second
	}
	return c
}

// server is a config's URL, read.
type server struct {
	host     string
	port     int
	tls      mail.TLSPolicy
	tlsFirst bool // smtps
	user     string
	password string
}

// policies are the values of the URL's `tls`.
var policies = map[string]mail.TLSPolicy{
	"mandatory":     mail.TLSMandatory,
	"opportunistic": mail.TLSOpportunistic,
}

// readServer reads the URL. Its errors don't quote it: it holds a password.
func readServer(address string) (server, error) {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "smtp" && u.Scheme != "smtps") || u.Hostname() == "" {
		return server{}, errors.New("smtp: the server's URL must look like smtp://user:password@host:port")
	}
	s := server{host: u.Hostname(), port: 587, tls: mail.TLSMandatory, tlsFirst: u.Scheme == "smtps", user: u.User.Username()}
	s.password, _ = u.User.Password()
	if s.tlsFirst {
		s.port = 465
	}
	if onLoopback(s.host) {
		s.tls = mail.NoTLS
	}
	if u.Port() != "" {
		s.port, err = strconv.Atoi(u.Port())
		if err != nil || s.port < 1 || s.port > 65535 {
			return server{}, errors.New("smtp: the server's port must be from 1 to 65535")
		}
	}
	if asked := u.Query().Get("tls"); asked != "" {
		policy, known := policies[asked]
		if !known {
			return server{}, fmt.Errorf("smtp: tls=%s: write mandatory or opportunistic", asked)
		}
		s.tls = policy
	}
	return s, nil
}

func onLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// readFrom reads the sender that people see.
func readFrom(from string) (*netmail.Address, error) {
	address, err := netmail.ParseAddress(from)
	if err != nil {
		return nil, errors.New("smtp: the sender must be an address such as hello@example.com, or Example <hello@example.com>")
	}
	return address, nil
}
