package slack

import (
	"context"
	"slices"
	"strconv"
	"time"

	api "github.com/slack-go/slack"

	"perennial/channel"
)

// This file asks Slack whether it took a message: the conversation is read back, and the touch's id is looked for in the metadata of what we said there. For
// that the app needs the scope im:history.

const (
	// read is how many messages are asked for at once, and mostPages how often.
	read      = 100
	mostPages = 5

	// skew is by how much Slack's clock and ours may differ.
	skew = 15 * time.Minute
)

// Ask asks Slack for what was said in the conversation with somebody since an instant, in real time. A message that carries the touch's id is this one, and no
// other is. Every error is a [*channel.Error].
func (c *Client) Ask(ctx context.Context, m channel.Message, since time.Time) (found channel.Found, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	conversation := c.conversations.get(m.To)
	if conversation == "" {
		var failed *channel.Error
		if conversation, failed = c.open(ctx, m.To); failed != nil {
			return channel.Found{}, failed
		}
	}
	asked := &api.GetConversationHistoryParameters{
		ChannelID: conversation, IncludeAllMetadata: true, Limit: read,
		Oldest: strconv.FormatInt(since.Add(-skew).Unix(), 10) + ".000000",
	}
	for range mostPages {
		call, slack := c.call()
		history, _ := slack.GetConversationHistoryContext(ctx, asked) // the SDK's error says less than the call does
		if failed := call.outcome(opening); failed != nil {
			c.conversations.forget(m.To) // it may be another one by now
			return channel.Found{}, failed
		}
		if history == nil {
			return channel.Found{}, failure(channel.Temporary, "")
		}
		for _, said := range history.Messages {
			if said.Metadata.EventType == MetadataEvent && said.Metadata.EventPayload[MetadataTouch] == m.Touch {
				found.Ours = append(found.Ours, conversation+"/"+said.Timestamp)
			}
		}
		asked.Cursor = history.ResponseMetaData.NextCursor
		if !history.HasMore || asked.Cursor == "" {
			slices.Reverse(found.Ours) // the history has the newest first
			return found, nil
		}
	}
	found.Partial = true
	return found, nil
}
