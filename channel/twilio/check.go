package twilio

import (
	"context"

	api "github.com/twilio/twilio-go/rest/api/v2010"
)

// Check asks Twilio whether it takes our credentials, by listing one message. Every error is a [*channel.Error].
func (c *Client) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	call := newBase(ctx, c)
	p := &api.ListMessageParams{}
	p.SetPageSize(1)
	if _, err := api.NewApiServiceWithClient(call).PageMessage(p, "", ""); err != nil {
		return classify(err, call.connected())
	}
	return nil
}
