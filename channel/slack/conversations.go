package slack

import (
	"context"
	"regexp"
	"strings"
	"sync"

	api "github.com/slack-go/slack"

	"perennial/channel"
)

// This file finds the conversation with somebody: by user id or e-mail address, and then from memory.

// userID is what Slack's ids of people look like.
var userID = regexp.MustCompile(`^[UW][A-Z0-9]{2,}$`)

// conversations remembers which conversation is whose. What it forgets costs one or two calls.
type conversations struct {
	most int

	mu sync.Mutex
	of map[string]string
}

func newConversations(most int) *conversations {
	return &conversations{most: most, of: make(map[string]string)}
}

func (c *conversations) get(address string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.of[address]
}

// put remembers a conversation, for which any other is forgotten once there are too many.
func (c *conversations) put(address, conversation string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for other := range c.of {
		if len(c.of) < c.most {
			break
		}
		delete(c.of, other)
	}
	c.of[address] = conversation
}

func (c *conversations) forget(address string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.of, address)
}

// open asks Slack for the conversation with an address and remembers it.
func (c *Client) open(ctx context.Context, address string) (string, *channel.Error) {
	user := address
	if strings.Contains(address, "@") {
		var failed *channel.Error
		if user, failed = c.lookUp(ctx, address); failed != nil {
			return "", failed
		}
	}
	if !userID.MatchString(user) {
		return "", failure(channel.BadAddress, "")
	}
	call, slack := c.call()
	// The SDK's error says less than the call does, and may quote the address.
	opened, _, _, _ := slack.OpenConversationContext(ctx, &api.OpenConversationParameters{Users: []string{user}})
	if failed := call.outcome(opening); failed != nil {
		return "", failed
	}
	if opened == nil || opened.ID == "" {
		return "", failure(channel.Temporary, "")
	}
	c.conversations.put(address, opened.ID)
	return opened.ID, nil
}

// lookUp asks Slack who has an e-mail address.
func (c *Client) lookUp(ctx context.Context, email string) (string, *channel.Error) {
	call, slack := c.call()
	user, _ := slack.GetUserByEmailContext(ctx, email) // as in open
	if failed := call.outcome(opening); failed != nil {
		return "", failed
	}
	if user == nil || user.ID == "" {
		return "", failure(channel.Temporary, "")
	}
	return user.ID, nil
}
