package twilio

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/twilio/twilio-go/client"

	"perennial/channel"
)

// base carries the SDK's requests of one call: the SDK has no context and a fixed host, and its own client loses the status and
// Retry-After of an error and leaves its body open. base sends to the base URL, under the call's context, reads every body to its
// end, and keeps of a refusal only what can hold no address: status, code and Retry-After.
type base struct {
	ctx    context.Context //nolint:containedctx // lives for one call; the SDK's interface has no room for a context
	client *Client
	got    atomic.Bool // whether the request got a connection to be written on
}

var _ client.BaseClient = (*base)(nil)

// maxBody bounds what is read of an answer.
const maxBody = 1 << 20

func newBase(ctx context.Context, c *Client) *base {
	b := &base{client: c}
	b.ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { b.got.Store(true) },
	})
	return b
}

// connected says whether anything of the request can have left.
func (b *base) connected() bool { return b.got.Load() }

// refusal is an answer that is not a success.
type refusal struct {
	status     int
	code       int // Twilio's code; 0 when the body had none, such as a proxy's HTML page
	retryAfter time.Duration
}

func (r *refusal) Error() string {
	return fmt.Sprintf("twilio answered %d (code %d)", r.status, r.code)
}

// SendRequest implements [client.BaseClient]. JSON bodies are not sent: nothing we call has one.
func (b *base) SendRequest(method, rawURL string, data url.Values, headers map[string]any, _ ...byte) (*http.Response, error) {
	request, err := b.request(method, rawURL, data)
	if err != nil {
		return nil, err
	}
	for name, value := range headers {
		request.Header.Set(name, fmt.Sprint(value))
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "perennial twilio-go/"+client.LibraryVersion)
	request.SetBasicAuth(b.client.config.AccountSID, b.client.config.AuthToken)

	response, err := b.client.http.Do(request)
	if err != nil {
		return nil, err
	}
	body, err := readAll(response.Body)
	if err != nil {
		return nil, err
	}
	if !succeeded(method, response.StatusCode) {
		return nil, &refusal{
			status:     response.StatusCode,
			code:       codeIn(body),
			retryAfter: retryAfter(response.Header, time.Now()),
		}
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}

func (b *base) request(method, rawURL string, data url.Values) (*http.Request, error) {
	target, err := url.Parse(rawURL)
	if err != nil {
		return nil, fmt.Errorf("parsing the SDK's URL: %w", err)
	}
	target.Scheme, target.Host = b.client.base.Scheme, b.client.base.Host
	target.Path = strings.TrimSuffix(b.client.base.Path, "/") + target.Path
	if method == http.MethodGet || method == http.MethodDelete {
		target.RawQuery = data.Encode()
		return http.NewRequestWithContext(b.ctx, method, target.String(), nil)
	}
	request, err := http.NewRequestWithContext(b.ctx, method, target.String(), strings.NewReader(data.Encode()))
	if err != nil {
		return nil, err
	}
	channel.NeverLate(request)
	return request, nil
}

// succeeded: a message is created by 201 and nothing else.
func succeeded(method string, status int) bool {
	if method == http.MethodPost {
		return status == http.StatusCreated
	}
	return status == http.StatusOK
}

func readAll(body io.ReadCloser) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(body, maxBody))
	if closeErr := body.Close(); err == nil {
		err = closeErr
	}
	return content, err
}

// codeIn returns Twilio's code in an error's JSON body, or 0.
func codeIn(body []byte) int {
	var answer struct {
		Code int `json:"code"`
	}
	if json.Unmarshal(body, &answer) != nil {
		return 0
	}
	return answer.Code
}

// retryAfter reads the header in both its forms, seconds and a date; 0 is absent or not to be understood.
func retryAfter(header http.Header, now time.Time) time.Duration {
	value := header.Get("Retry-After")
	if seconds, err := strconv.Atoi(value); err == nil {
		return time.Duration(max(seconds, 0)) * time.Second
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return max(at.Sub(now), 0)
}

// AccountSid implements [client.BaseClient].
func (b *base) AccountSid() string { return b.client.config.AccountSID }

// SetTimeout implements [client.BaseClient]; the call's context bounds it already.
func (b *base) SetTimeout(time.Duration) {}

// SetOauth implements [client.BaseClient]; we authenticate by the account's token.
func (b *base) SetOauth(client.OAuth) {}

// OAuth implements [client.BaseClient].
func (b *base) OAuth() client.OAuth { return nil }
