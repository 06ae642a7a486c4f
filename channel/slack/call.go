package slack

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"sync/atomic"
	"time"

	"perennial/channel"
)

// call carries the SDK's request of one call and keeps of its answer what decides the outcome. The SDK takes `ok: false` without an
// error for a success, a 429 whose Retry-After is a date for an unknown error, and leaves bodies unread, which costs the connection.
type call struct {
	http *http.Client
	got  atomic.Bool // whether the request got a connection to be written on

	status     int // 0: no answer
	retryAfter time.Duration
	answer     *answer // nil: none that can be read
}

// answer is what all of Slack's answers have.
type answer struct {
	OK    bool   `json:"ok"`
	Error string `json:"error"`
}

// maxBody bounds what is read of an answer.
const maxBody = 1 << 20

// Do makes the request, once.
func (c *call) Do(request *http.Request) (*http.Response, error) {
	request = request.WithContext(httptrace.WithClientTrace(request.Context(), &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { c.got.Store(true) },
	}))
	channel.NeverLate(request)
	response, err := c.http.Do(request) //nolint:gosec // the address is the operator's
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody))
	if closeErr := response.Body.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return nil, err
	}
	c.status, c.retryAfter = response.StatusCode, retryAfter(response.Header, time.Now())
	var a answer
	if json.Unmarshal(body, &a) == nil {
		c.answer = &a
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}

// connected says whether anything of the request can have left.
func (c *call) connected() bool { return c.got.Load() }

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

// newHTTPClient returns an HTTP client that never sends a request again: it follows no redirect, and Go's transport repeats a
// POST on a broken connection only if it has an Idempotency-Key header, which we never set.
func newHTTPClient() *http.Client {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Client{
		Timeout: callTimeout,
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
