package gateway

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// How long the question whether the gateway is ready may take, and how long its answer holds: everybody may ask, as often as they like, and what it
// stands on must not suffer from that. In real time.
const (
	readyTimeout = 2 * time.Second
	readyAge     = time.Second
)

// health is whether what the gateway stands on is there.
type health struct {
	ask func(context.Context) error

	mu   sync.Mutex
	at   time.Time
	last error
}

// now asks, unless that was done just now.
func (h *health) now(ctx context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if time.Since(h.at) < readyAge {
		return h.last
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readyTimeout)
	defer cancel()
	h.last = h.ask(ctx)
	h.at = time.Now()
	return h.last
}

// readyz says whether the database and Temporal answer.
func (g *Gateway) readyz(w http.ResponseWriter, r *http.Request) {
	if err := g.health.now(r.Context()); err != nil {
		respond(w, http.StatusServiceUnavailable, "not ready: "+err.Error())
		return
	}
	respond(w, http.StatusOK, "ready")
}
