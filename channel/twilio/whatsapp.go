package twilio

import (
	"context"
	"encoding/json"
	"errors"
	"regexp"
	"strings"

	"perennial/channel"
)

// WhatsApp sends WhatsApp messages from one account. It is safe for concurrent use.
//
// WhatsApp takes free text only within 24 hours of the customer's last message. At any other time it takes content that it has
// approved, which is kept at Twilio and named by its id, with values for its placeholders.
type WhatsApp struct {
	client *Client
	from   string
}

const (
	// WhatsAppPrefix stands before a number that is reached by WhatsApp, in Twilio's API and in its webhooks.
	WhatsAppPrefix = "whatsapp:"

	// outsideSession is Twilio's code for free text outside the 24 hours.
	outsideSession = 63016

	// invalidVariables is Twilio's code for placeholders whose values can't be used.
	invalidVariables = 21656
)

var number = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// NewWhatsApp returns a sender, or everything that is wrong with the config.
func NewWhatsApp(config Config) (*WhatsApp, error) {
	client, err := New(config)
	var senderErr error
	if config.From != "" && !number.MatchString(config.From) && !messagingService.MatchString(config.From) {
		senderErr = errors.New("twilio: WhatsApp comes from a number such as +15005550006, or from a messaging service")
	}
	if err := errors.Join(err, senderErr); err != nil {
		return nil, err
	}
	w := &WhatsApp{client: client, from: config.From}
	if number.MatchString(w.from) {
		w.from = WhatsAppPrefix + w.from
	}
	return w, nil
}

// Send gives one message to Twilio. Every error is a [*channel.Error]; the context's deadline ends the call. Free text is refused
// before Twilio does it, unless the message says that the customer's 24 hours are open.
func (w *WhatsApp) Send(ctx context.Context, m channel.Message) (channel.Receipt, error) {
	if m.ContentSID == "" && !m.SessionOpen {
		return channel.Receipt{}, failure(channel.Rejected, outsideSession)
	}
	p := w.client.params(m, w.from)
	p.SetTo(whatsAppAddress(m.To))
	if m.ContentSID == "" {
		p.SetBody(m.Text)
		return w.client.create(ctx, p)
	}
	p.SetContentSid(m.ContentSID)
	if len(m.Variables) == 0 {
		return w.client.create(ctx, p)
	}
	variables, err := json.Marshal(m.Variables)
	if err != nil {
		return channel.Receipt{}, failure(channel.Rejected, invalidVariables)
	}
	p.SetContentVariables(string(variables))
	return w.client.create(ctx, p)
}

// whatsAppAddress is a number as Twilio names it where it is reached by WhatsApp.
func whatsAppAddress(number string) string {
	return WhatsAppPrefix + strings.TrimPrefix(number, WhatsAppPrefix)
}

// Close drops the connections that wait for the next call.
func (w *WhatsApp) Close() { w.client.Close() }
