package smtp

import (
	"context"
	"time"
)

// Check connects to the server and logs in as a send does, and says no more. Every error is a [*channel.Error].
func (c *Client) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.sessions.timeout)
	defer cancel()
	s, err := c.sessions.dial(ctx)
	if err != nil {
		return classifyDial(err)
	}
	c.sessions.keep(s, time.Now())
	return nil
}
