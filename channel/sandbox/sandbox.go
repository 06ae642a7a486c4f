package sandbox

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"perennial/domain/clock"
)

// What a sandbox that is told nothing else takes as credentials: of Twilio, and of Slack.
const (
	AccountSID = "AC00000000000000000000000000000000"
	AuthToken  = "sandbox"
	SlackToken = "xoxb-sandbox" //nolint:gosec // opens nothing but the sandbox

	SlackSecret = "sandbox"
)

// SlackPath is below the sandbox's own address where Slack's Web API answers.
const SlackPath = "/slack/api/"

// Config says what the sandbox answers to, where answers and receipts go, and how it misbehaves.
type Config struct {
	// Clock is the stack's. Defaults to real time.
	Clock clock.Clock

	// AccountSID is the account that may send SMS and WhatsApp messages. Defaults to [AccountSID].
	AccountSID string

	// AuthToken is its secret, and signs webhooks. Defaults to [AuthToken].
	AuthToken string

	// SlackToken is the bot token that may send by Slack. Defaults to [SlackToken].
	SlackToken string

	// InboundSMS is the webhook that an answer by SMS or WhatsApp is posted to, signed, as Twilio does. Defaults to none: these
	// can't be answered.
	InboundSMS string

	// SlackEvents is the request URL that an answer by Slack is posted to, signed, as Slack's Events API does. Defaults to none: these
	// go to GatewayURL.
	SlackEvents string

	// SlackSecret signs them. Defaults to [SlackSecret].
	SlackSecret string

	// GatewayURL is the base address of the gateway, which takes an answer by e-mail as an event. Defaults to none: these
	// can't be answered.
	GatewayURL string

	// GatewayToken is the bearer token for the gateway. Defaults to none.
	GatewayToken string

	// Receipts makes the sandbox post `delivered` to the status callback of each SMS and WhatsApp message. Defaults to no receipts.
	Receipts bool

	// ReceiptDelay is how long after the message its receipt is posted, in real time. Defaults to 100 ms.
	ReceiptDelay time.Duration

	// Faults says how it misbehaves. Defaults to not at all.
	Faults Faults

	// ReceiptFaults says how receipts misbehave. Defaults to not at all.
	ReceiptFaults ReceiptFaults

	// Keep is how many messages are kept; older ones are forgotten. Defaults to 200,000.
	Keep int

	// Logger takes what goes wrong in the sandbox itself. Defaults to slog's.
	Logger *slog.Logger
}

// WithDefaults returns the config with what was left empty filled in.
func (c Config) WithDefaults() Config {
	if c.AccountSID == "" {
		c.AccountSID = AccountSID
	}
	if c.AuthToken == "" {
		c.AuthToken = AuthToken
	}
	if c.SlackToken == "" {
		c.SlackToken = SlackToken
	}
	if c.SlackSecret == "" {
		c.SlackSecret = SlackSecret
	}
	if c.ReceiptDelay == 0 {
		c.ReceiptDelay = 100 * time.Millisecond
	}
	if c.Keep == 0 {
		c.Keep = 200_000
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return c
}

// Sandbox is every provider at once. It is safe for concurrent use. Close it to end what it does in the background.
type Sandbox struct {
	config   Config
	received received
	faults   faults
	forged   forged
	slack    workspace
	http     *http.Client

	background sync.WaitGroup
	receipts   chan struct{} // one slot a receipt under way
	alive      context.Context
	close      context.CancelFunc
}

// New returns a sandbox that has received nothing.
func New(config Config) *Sandbox {
	config = config.WithDefaults()
	s := &Sandbox{
		config:   config,
		received: received{keep: config.Keep},
		faults:   newFaults(config.Faults),
		slack:    newWorkspace(),
		http:     newHTTPClient(),
		receipts: make(chan struct{}, receiptsAtOnce),
	}
	s.alive, s.close = context.WithCancel(context.Background())
	return s
}

// Close ends receipts under way and requests that hang, and waits for them.
func (s *Sandbox) Close() {
	s.close()
	s.background.Wait()
	s.http.CloseIdleConnections()
}

// Handler serves Twilio's API, Slack's, the page, and the sandbox's own JSON. Browsers may post only from the page itself.
func (s *Sandbox) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /2010-04-01/Accounts/{account}/Messages.json", s.authenticated(s.createMessage))
	mux.HandleFunc("GET /2010-04-01/Accounts/{account}/Messages.json", s.authenticated(s.listMessages))
	mux.HandleFunc("POST "+SlackPath+"{method}", s.slackMethod)
	mux.HandleFunc("GET /api/messages", s.apiMessages)
	mux.HandleFunc("GET /api/refused", s.apiRefused)
	mux.HandleFunc("POST /api/replies", s.apiReply)
	mux.HandleFunc("POST /api/faults", s.apiFault)
	mux.HandleFunc("GET /{$}", s.page)
	mux.HandleFunc("POST /reply", s.pageReply)
	return http.NewCrossOriginProtection().Handler(mux)
}

// now returns the stack's time and the real time.
func (s *Sandbox) now() (stack, real time.Time) {
	real = time.Now()
	return s.config.Clock.At(real).UTC(), real.UTC()
}
