package twilio

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	api "github.com/twilio/twilio-go/rest/api/v2010"

	"perennial/channel"
)

const (
	// DefaultBaseURL is where Twilio itself answers.
	DefaultBaseURL = "https://api.twilio.com"

	// callTimeout ends a call whose context has no earlier deadline.
	callTimeout = 30 * time.Second

	// Twilio's bounds for ValidityPeriod.
	shortestValid = time.Second
	longestValid  = 36000 * time.Second

	// touchParam carries the touch's id in the query of the status callback, and traceParam where its trace stands.
	touchParam = "touch"
	traceParam = "trace"
)

// Config says which account sends, and as whom.
type Config struct {
	// AccountSID is the account: AC and 32 hexadecimal digits. Required.
	AccountSID string

	// AuthToken is the account's secret. It authenticates our calls and signs Twilio's. Required.
	AuthToken string

	// BaseURL is where the Messages API answers, such as the sandbox's address. Defaults to [DefaultBaseURL].
	BaseURL string

	// From is the sender: a number in E.164, an alphanumeric sender, or a messaging service (MG and 32 hexadecimal digits). WhatsApp
	// comes from a number or a messaging service. Required.
	From string

	// FromByCountry is the sender of SMS to customers of some countries, by the two letters of ISO 3166: many countries take no
	// SMS from a foreign number. Defaults to none: From sends to all.
	FromByCountry map[string]string

	// StatusCallback is the public URL that Twilio posts receipts to. The touch's id is added to its query.
	// Defaults to none: no receipts.
	StatusCallback string
}

var (
	accountSID       = regexp.MustCompile(`^AC[0-9a-fA-F]{32}$`)
	messagingService = regexp.MustCompile(`^MG[0-9a-fA-F]{32}$`)
	country          = regexp.MustCompile(`^[A-Z]{2}$`)
)

// WithDefaults returns the config with what was left empty filled in.
func (c Config) WithDefaults() Config {
	if c.BaseURL == "" {
		c.BaseURL = DefaultBaseURL
	}
	return c
}

func (c Config) validate() error {
	var errs []error
	if !accountSID.MatchString(c.AccountSID) {
		errs = append(errs, errors.New("twilio: the account SID must be AC and 32 hexadecimal digits"))
	}
	if c.AuthToken == "" {
		errs = append(errs, errors.New("twilio: the auth token is missing"))
	}
	if c.From == "" {
		errs = append(errs, errors.New("twilio: the sender is missing: give a number such as +15005550006, or a messaging service"))
	}
	for _, code := range slices.Sorted(maps.Keys(c.FromByCountry)) {
		if !country.MatchString(code) || c.FromByCountry[code] == "" {
			errs = append(errs, fmt.Errorf("twilio: the sender for country %q: give two capital letters such as GB, and a sender", code))
		}
	}
	if _, err := parseHTTP(c.BaseURL); err != nil {
		errs = append(errs, fmt.Errorf("twilio: the base URL: %w", err))
	}
	if c.StatusCallback != "" {
		if _, err := parseHTTP(c.StatusCallback); err != nil {
			errs = append(errs, fmt.Errorf("twilio: the status callback: %w", err))
		}
	}
	return errors.Join(errs...)
}

func parseHTTP(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return nil, errors.New("write a URL such as https://example.com")
	}
	return u, nil
}

// Client sends SMS from one account. It is safe for concurrent use.
type Client struct {
	config   Config
	base     *url.URL
	callback *url.URL // nil: no receipts
	http     *http.Client
}

// New returns a client, or everything that is wrong with the config.
func New(config Config) (*Client, error) {
	config = config.WithDefaults()
	if err := config.validate(); err != nil {
		return nil, err
	}
	c := &Client{config: config, http: newHTTPClient()}
	c.base, _ = parseHTTP(config.BaseURL)
	if config.StatusCallback != "" {
		c.callback, _ = parseHTTP(config.StatusCallback)
	}
	return c, nil
}

// newHTTPClient returns an HTTP client that never sends a request again: it follows no redirect, and Go's transport repeats a
// POST on a broken connection only if it has an Idempotency-Key header, which we never set.
func newHTTPClient() *http.Client {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Client{
		Transport: &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			DialContext:         dialer.DialContext,
			TLSHandshakeTimeout: 10 * time.Second,
			ForceAttemptHTTP2:   true,
			MaxIdleConnsPerHost: 64,
			IdleConnTimeout:     90 * time.Second,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Send gives one SMS to Twilio. Every error is a [*channel.Error]; the context's deadline ends the call.
func (c *Client) Send(ctx context.Context, m channel.Message) (channel.Receipt, error) {
	from := c.config.From
	if own, ok := c.config.FromByCountry[m.Country]; ok {
		from = own
	}
	p := c.params(m, from)
	p.SetTo(m.To)
	p.SetBody(m.Text)
	return c.create(ctx, p)
}

// Close drops the connections that wait for the next call.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// create makes the call.
func (c *Client) create(ctx context.Context, p *api.CreateMessageParams) (channel.Receipt, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	call := newBase(ctx, c)
	answer, err := api.NewApiServiceWithClient(call).CreateMessage(p)
	if err != nil {
		return channel.Receipt{}, classify(err, call.connected())
	}
	if answer.Sid == nil || *answer.Sid == "" {
		return channel.Receipt{}, failure(channel.Unknown, 0)
	}
	return channel.Receipt{ProviderID: *answer.Sid}, nil
}

// params is what every message asks for, whatever its channel.
func (c *Client) params(m channel.Message, from string) *api.CreateMessageParams {
	p := &api.CreateMessageParams{}
	if messagingService.MatchString(from) {
		p.SetMessagingServiceSid(from)
	} else {
		p.SetFrom(from)
	}
	if c.callback != nil {
		p.SetStatusCallback(callbackFor(c.callback, m))
	}
	if m.Valid > 0 {
		p.SetValidityPeriod(int(min(max(m.Valid, shortestValid), longestValid) / time.Second))
	}
	return p
}

// callbackFor returns the status callback with the touch's id in its query, which Twilio signs with the rest of the URL.
func callbackFor(callback *url.URL, m channel.Message) string {
	u := *callback
	query := u.Query()
	query.Set(touchParam, m.Touch)
	if m.Trace != "" {
		query.Set(traceParam, m.Trace)
	}
	u.RawQuery = query.Encode()
	return u.String()
}

// TouchIn returns the touch's id that the URL of a status callback carries, or "".
func TouchIn(callback *url.URL) string {
	return strings.TrimSpace(callback.Query().Get(touchParam))
}

// TraceIn returns where the touch's trace stood, as the URL of a status callback carries it, or "".
func TraceIn(callback *url.URL) string {
	return strings.TrimSpace(callback.Query().Get(traceParam))
}
