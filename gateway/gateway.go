package gateway

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"perennial/domain/clock"
	"perennial/store"
)

// Dispatcher carries a stored event on to the journeys.
type Dispatcher interface {
	Dispatch(context.Context, store.Event) error
}

// Config is what a gateway needs.
type Config struct {
	Store      *store.Store
	Dispatcher Dispatcher
	Clock      clock.Clock
	Log        *slog.Logger

	// Address is where it listens. One that is not loopback needs a token.
	Address string

	// Token is what callers carry: "Authorization: Bearer <token>", or as the password where a browser asks. Empty lets everybody in.
	Token string

	// PublicURL is the base address under which providers reach it. Their signatures are checked against it.
	PublicURL string

	// TwilioToken is the secret with which Twilio signs its webhooks. Empty refuses them all.
	TwilioToken string

	// Ready says whether what the gateway stands on is there.
	Ready func(context.Context) error
}

// Gateway is the HTTP handler.
type Gateway struct {
	Config

	mux *http.ServeMux
}

// New returns a gateway, or says why it would not be safe to run.
func New(c Config) (*Gateway, error) {
	if c.Token == "" && !loopback(c.Address) {
		return nil, errors.New("the gateway would let everybody in: set GATEWAY_TOKEN, or listen on a loopback address such as 127.0.0.1:8420")
	}
	g := &Gateway{Config: c, mux: http.NewServeMux()}
	humaConfig := huma.DefaultConfig("Perennial gateway", "1")
	humaConfig.Info.Description = "Facts from outside come in here: purchases, visits, answers. Each is stored once, by its id."
	humaConfig.Components.SecuritySchemes = map[string]*huma.SecurityScheme{"token": {Type: "http", Scheme: "bearer"}}
	humaConfig.CreateHooks = nil // no $schema field in answers
	api := humago.New(g.mux, humaConfig)
	api.UseMiddleware(g.requireToken(api))
	g.eventRoutes(api)
	g.mux.HandleFunc("POST "+SMSPath, g.twilioMessage)
	g.mux.HandleFunc("POST "+StatusPath, g.twilioStatus)
	g.mux.HandleFunc("GET /customers/{id}", g.withToken(g.customerPage))
	g.mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { respond(w, http.StatusOK, "ok") })
	g.mux.HandleFunc("GET /readyz", g.readyz)
	return g, nil
}

func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) { g.mux.ServeHTTP(w, r) }

// readyz says whether the database and Temporal answer.
func (g *Gateway) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if err := g.Ready(ctx); err != nil {
		respond(w, http.StatusServiceUnavailable, "not ready: "+err.Error())
		return
	}
	respond(w, http.StatusOK, "ready")
}

// requireToken guards the routes of the API but its own description.
func (g *Gateway) requireToken(api huma.API) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		if !g.admitted(ctx.Header("Authorization")) {
			_ = huma.WriteErr(api, ctx, http.StatusUnauthorized, "carry the gateway's token: \"Authorization: Bearer <GATEWAY_TOKEN>\"")
			return
		}
		next(ctx)
	}
}

// withToken guards a page: a browser asks for the token as a password.
func (g *Gateway) withToken(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !g.admitted(r.Header.Get("Authorization")) {
			w.Header().Set("WWW-Authenticate", `Basic realm="Perennial: any name, and the gateway's token as password", charset="UTF-8"`)
			respond(w, http.StatusUnauthorized, "the gateway's token is needed to read this page")
			return
		}
		next(w, r)
	}
}

// admitted compares in constant time.
func (g *Gateway) admitted(authorization string) bool {
	if g.Token == "" {
		return true
	}
	token, bearer := strings.CutPrefix(authorization, "Bearer ")
	if !bearer {
		request := http.Request{Header: http.Header{"Authorization": {authorization}}}
		_, token, _ = request.BasicAuth()
	}
	got, want := sha256.Sum256([]byte(token)), sha256.Sum256([]byte(g.Token))
	return subtle.ConstantTimeCompare(got[:], want[:]) == 1
}

func (g *Gateway) now() time.Time { return g.Clock.At(time.Now()).UTC() }

// loopback says whether an address can be reached from this machine only.
func loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func respond(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text + "\n")) // a caller that has gone needs no answer
}
