package twilio

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	api "github.com/twilio/twilio-go/rest/api/v2010"

	"perennial/channel"
)

// This file asks Twilio whether it took a message. Twilio has no reference of ours to look one up by: what it lists is compared by recipient, time and text.

const (
	// listed is how many messages are asked for at once, and mostPages how often.
	listed    = 100
	mostPages = 10

	// skew is by how much Twilio's clock and ours may differ.
	skew = 15 * time.Minute

	// listOrder bounds how far the order of the list, by when a message was sent, is from the order in which they were created: Twilio goes on trying for 10
	// hours at most.
	listOrder = 24 * time.Hour

	byAPI = "outbound-api" // the direction of what we send; what our webhook answers is outbound-reply
)

// Ask asks Twilio for the messages to a recipient since an instant, in real time: those with the text of this one, and all others. Every error is a
// [*channel.Error].
func (c *Client) Ask(ctx context.Context, m channel.Message, since time.Time) (channel.Found, error) {
	return c.ask(ctx, m.To, m.Text, since)
}

// Ask is [Client.Ask] for WhatsApp. Approved content is shown as Twilio made it, so a message of it is told by its text only where that is the same.
func (w *WhatsApp) Ask(ctx context.Context, m channel.Message, since time.Time) (channel.Found, error) {
	return w.client.ask(ctx, whatsAppAddress(m.To), m.Text, since)
}

func (c *Client) ask(ctx context.Context, to, text string, since time.Time) (found channel.Found, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	since = since.Add(-skew)
	token, number := "", ""
	for range mostPages {
		call := newBase(ctx, c)
		p := &api.ListMessageParams{}
		p.SetTo(to)
		p.SetPageSize(listed)
		page, err := api.NewApiServiceWithClient(call).PageMessage(p, token, number)
		if err != nil {
			return channel.Found{}, classify(err, call.connected())
		}
		old := sortOut(page.Messages, text, since, &found)
		token, number = next(page.NextPageUri)
		if token == "" || old {
			slices.Reverse(found.Ours) // the list has the newest first
			return found, nil
		}
	}
	slices.Reverse(found.Ours)
	found.Partial = true
	return found, nil
}

// sortOut puts the messages of a page where they belong, and says whether all of them are so old that those on later pages are too.
func sortOut(page []api.ApiV2010Message, text string, since time.Time, found *channel.Found) (old bool) {
	old = len(page) > 0
	for _, m := range page {
		created, err := time.Parse(time.RFC1123Z, value(m.DateCreated))
		known := err == nil // without its time it is as good as new
		old = old && known && created.Before(since.Add(-listOrder))
		switch {
		case value(m.Direction) != byAPI || value(m.Sid) == "" || known && created.Before(since):
		case sameText(value(m.Body), text):
			found.Ours = append(found.Ours, *m.Sid)
		default:
			found.Others = append(found.Others, *m.Sid)
		}
	}
	return old
}

// sameText compares what Twilio shows with what it was given. It may trim the ends.
func sameText(shown, given string) bool {
	return strings.TrimSpace(given) != "" && strings.TrimSpace(shown) == strings.TrimSpace(given)
}

// next returns what asks for the next page; no token where there is none.
func next(uri *string) (token, number string) {
	u, err := url.Parse(value(uri))
	if err != nil {
		return "", ""
	}
	return u.Query().Get("PageToken"), u.Query().Get("Page")
}

func value(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
