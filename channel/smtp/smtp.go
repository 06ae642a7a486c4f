package smtp

import (
	"context"
	"errors"
	netmail "net/mail"
	"net/url"
	"regexp"
	"strings"

	"github.com/wneessen/go-mail"

	"perennial/channel"
)

// Client sends e-mail from one sender by one server. It is safe for concurrent use.
type Client struct {
	from           *netmail.Address
	domain         string   // of Message-IDs and bounce addresses
	bounceKey      string   // empty: bounces go to the sender that people see
	unsubscribe    *url.URL // nil: no link
	unsubscribeKey string
	sessions       *pool
}

// New returns a client, or everything that is wrong with the config. It dials with the first message.
func New(config Config) (*Client, error) {
	config = config.WithDefaults()
	server, urlErr := readServer(config.URL)
	from, fromErr := readFrom(config.From)
	var domainErr error
	if config.Domain != "" && !domainName.MatchString(config.Domain) {
		domainErr = errors.New("smtp: the domain must be a name such as example.com")
	}
	unsubscribe, unsubscribeErr := readUnsubscribe(config.Unsubscribe, config.UnsubscribeKey)
	if err := errors.Join(urlErr, fromErr, domainErr, unsubscribeErr); err != nil {
		return nil, err
	}
	c := &Client{
		from: from, domain: config.Domain, bounceKey: config.BounceKey,
		unsubscribe: unsubscribe, unsubscribeKey: config.UnsubscribeKey,
	}
	if c.domain == "" {
		c.domain = from.Address[strings.LastIndex(from.Address, "@")+1:]
	}
	c.sessions = newPool(server, c.domain, config)
	return c, nil
}

// Send gives one e-mail to the server. Every error is a [*channel.Error]; the context's deadline ends the conversation.
// The receipt's id is the Message-ID, which is the same whenever a touch is sent.
func (c *Client) Send(ctx context.Context, m channel.Message) (channel.Receipt, error) {
	envelope, refused := c.envelope(m)
	if refused != nil {
		return channel.Receipt{}, refused
	}
	if err := c.sessions.send(ctx, envelope); err != nil {
		return channel.Receipt{}, err
	}
	return channel.Receipt{ProviderID: c.messageID(m.Touch)}, nil
}

// Close ends the connections that wait for the next message. Sends under way go on.
func (c *Client) Close() { c.sessions.close() }

// touchID is what a touch's id must look like to stand in an address.
var touchID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

func (c *Client) messageID(touch string) string { return touch + "@" + c.domain }

// envelope writes the e-mail. What can't be written is surely not sent.
func (c *Client) envelope(m channel.Message) (*mail.Msg, error) {
	if !touchID.MatchString(m.Touch) {
		return nil, failure(channel.Rejected, "touch")
	}
	envelope := mail.NewMsg(mail.WithNoDefaultUserAgent())
	envelope.FromMailAddress(c.from)
	if err := envelope.To(m.To); err != nil {
		return nil, failure(channel.BadAddress, "")
	}
	if address := BounceAddress(c.bounceKey, m.Touch, c.domain); c.bounceKey != "" && address != "" {
		if err := envelope.EnvelopeFrom(address); err != nil {
			return nil, failure(channel.Misconfigured, "")
		}
	}
	envelope.SetMessageIDWithValue(c.messageID(m.Touch))
	envelope.SetDate()
	// RFC 3834: no person pressed "send", so holiday notes and other robots must not answer.
	envelope.SetGenHeader("Auto-Submitted", "auto-generated")
	if c.unsubscribe != nil && !m.Colleague {
		link := unsubscribeLink(c.unsubscribe, c.unsubscribeKey, m.Touch)
		if oneClick(c.unsubscribe) {
			if err := envelope.SetListUnsubscribeOneClick(link); err != nil {
				return nil, failure(channel.Misconfigured, "")
			}
		}
		m.Text = withFoot(m.Text, m.Language, link)
		if m.HTML != "" {
			m.HTML = withFootHTML(m.HTML, m.Language, link)
		}
	}
	envelope.Subject(m.Subject)
	envelope.SetBodyString(mail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		envelope.AddAlternativeString(mail.TypeTextHTML, m.HTML)
	}
	return envelope, nil
}
