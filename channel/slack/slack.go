package slack

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	api "github.com/slack-go/slack"

	"perennial/channel"
)

const (
	// DefaultBaseURL is where Slack itself answers.
	DefaultBaseURL = "https://slack.com/api/"

	// MetadataEvent is the type of the metadata that carries a touch's id, MetadataTouch its key there.
	MetadataEvent = "perennial_touch"
	MetadataTouch = "touch"

	// callTimeout ends a send whose context has no earlier deadline.
	callTimeout = 30 * time.Second

	// longestWait is how long a send waits for its turn in a conversation, holding its worker's place. For longer it is throttled.
	longestWait = 3 * time.Second
)

// Config says which app sends.
type Config struct {
	// Token is the app's bot token, xoxb-…, with the scopes chat:write, im:write and im:history, and users:read.email to find people by e-mail
	// address. Required.
	Token string

	// BaseURL is where the Web API answers, such as the sandbox's address. Defaults to [DefaultBaseURL].
	BaseURL string

	// Every is the least time between two messages in one conversation. Defaults to 1 s, which is what Slack asks for.
	Every time.Duration

	// Remember is how many conversations are remembered, so that they need not be opened again. Defaults to 10,000.
	Remember int
}

// WithDefaults returns the config with what was left empty filled in.
func (c Config) WithDefaults() Config {
	if c.BaseURL == "" {
		c.BaseURL = DefaultBaseURL
	}
	if c.Every == 0 {
		c.Every = time.Second
	}
	if c.Remember == 0 {
		c.Remember = 10_000
	}
	return c
}

func (c Config) validate() error {
	var errs []error
	if strings.TrimSpace(c.Token) == "" {
		errs = append(errs, errors.New("slack: the bot token is missing"))
	}
	u, err := url.Parse(c.BaseURL)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		errs = append(errs, errors.New("slack: the base URL must look like "+DefaultBaseURL))
	}
	if c.Every < 0 || c.Remember < 0 {
		errs = append(errs, errors.New("slack: the pace and the number of conversations can't be below zero"))
	}
	return errors.Join(errs...)
}

// Client sends direct messages from one app. It is safe for concurrent use.
type Client struct {
	config        Config
	http          *http.Client
	conversations *conversations
	pace          *pace
}

// New returns a client, or everything that is wrong with the config.
func New(config Config) (*Client, error) {
	config = config.WithDefaults()
	if err := config.validate(); err != nil {
		return nil, err
	}
	config.BaseURL = strings.TrimRight(config.BaseURL, "/") + "/"
	return &Client{
		config:        config,
		http:          newHTTPClient(),
		conversations: newConversations(config.Remember),
		pace:          newPace(config.Every),
	}, nil
}

// Send posts one direct message to a user id or an e-mail address. Every error is a [*channel.Error]; the context's deadline ends
// the calls. The receipt's id is the conversation and the message's timestamp in it, with a slash between them.
func (c *Client) Send(ctx context.Context, m channel.Message) (channel.Receipt, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	if known := c.conversations.get(m.To); known != "" {
		receipt, failed := c.post(ctx, known, m)
		if failed == nil {
			return receipt, nil
		}
		if failed.Kind != channel.BadAddress {
			return channel.Receipt{}, failed
		}
		c.conversations.forget(m.To) // surely not sent: what we remembered is no longer so
	}
	conversation, failed := c.open(ctx, m.To)
	if failed != nil {
		return channel.Receipt{}, failed
	}
	receipt, failed := c.post(ctx, conversation, m)
	if failed != nil {
		return channel.Receipt{}, failed
	}
	return receipt, nil
}

// Close drops the connections that wait for the next call.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// post waits for the conversation's turn and posts the message, once.
func (c *Client) post(ctx context.Context, conversation string, m channel.Message) (channel.Receipt, *channel.Error) {
	if failed := c.wait(ctx, conversation); failed != nil {
		return channel.Receipt{}, failed
	}
	call, slack := c.call()
	// The SDK's error says less than the call does, and may quote the text.
	_, timestamp, _ := slack.PostMessageContext(ctx, conversation,
		api.MsgOptionText(m.Text, true),
		api.MsgOptionMetadata(api.SlackMetadata{EventType: MetadataEvent, EventPayload: map[string]any{MetadataTouch: m.Touch}}),
		api.MsgOptionDisableLinkUnfurl(),
		api.MsgOptionDisableMediaUnfurl(),
	)
	if failed := call.outcome(posting); failed != nil {
		return channel.Receipt{}, failed
	}
	if timestamp == "" {
		return channel.Receipt{}, failure(channel.Unknown, "")
	}
	return channel.Receipt{ProviderID: conversation + "/" + timestamp}, nil
}

func (c *Client) wait(ctx context.Context, conversation string) *channel.Error {
	most := longestWait
	if deadline, ok := ctx.Deadline(); ok {
		most = max(min(most, time.Until(deadline)), 0)
	}
	wait, mine := c.pace.reserve(conversation, time.Now(), most)
	if !mine {
		e := failure(channel.Throttled, "pace")
		e.RetryAfter = wait
		return e
	}
	if wait == 0 {
		return nil
	}
	turn := time.NewTimer(wait)
	defer turn.Stop()
	select {
	case <-turn.C:
		return nil
	case <-ctx.Done():
		return failure(channel.Temporary, "")
	}
}

// call returns the SDK's client for one call, and what will know how it ended. The SDK's own retries stay off: throttled messages
// are retried by whoever asked, and any other retry could post a message twice.
func (c *Client) call() (*call, *api.Client) {
	one := &call{http: c.http}
	return one, api.New(c.config.Token, api.OptionAPIURL(c.config.BaseURL), api.OptionHTTPClient(one))
}
