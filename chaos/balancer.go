package chaos

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"sync/atomic"
	"time"
)

// balanceTime is how long the balancer waits for a gateway to answer. What it gives up is lost to a provider that does not try again.
const balanceTime = 3 * time.Second

// balancer stands before the gateways, as it does where there are several: providers know its address alone. What the one gateway does not take
// it offers to the other.
type balancer struct {
	next     atomic.Uint64
	gateways []string // host and port
}

// serve passes requests on until ctx ends.
func (b *balancer) serve(ctx context.Context, listener net.Listener) error {
	proxy := &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.Out.URL.Scheme = "http" },
		Transport: b,
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) {
			w.WriteHeader(http.StatusBadGateway)
		},
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug),
	}
	server := &http.Server{Handler: proxy, ReadHeaderTimeout: balanceTime}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// RoundTrip offers a request to the gateways in turn. A connection that is refused was not heard; one that breaks later may have been, and is
// not offered again.
func (b *balancer) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	var err error
	if r.Body != nil {
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	first := b.next.Add(1)
	for i := range b.gateways {
		out := r.Clone(r.Context())
		out.Body = io.NopCloser(bytes.NewReader(body))
		out.URL.Host = b.gateways[(int(first%1024)+i)%len(b.gateways)]
		var answer *http.Response
		if answer, err = gatewayTransport.RoundTrip(out); err == nil {
			return answer, nil
		}
		if opened, is := errors.AsType[*net.OpError](err); !is || opened.Op != "dial" {
			return nil, err
		}
	}
	return nil, err
}

// gatewayTransport makes a connection for each request: one that was kept may lead to a process that was killed since.
var gatewayTransport = &http.Transport{ //nolint:gochecknoglobals // holds nothing
	DisableKeepAlives: true, ResponseHeaderTimeout: balanceTime,
	DialContext: (&net.Dialer{Timeout: balanceTime}).DialContext,
}
