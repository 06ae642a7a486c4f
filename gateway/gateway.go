package gateway

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"perennial/domain/clock"
	"perennial/domain/contact"
	"perennial/store"
	"perennial/telemetry"
)

// Dispatcher carries on to the journeys what was stored: an event, and what a provider said of a touch.
type Dispatcher interface {
	Dispatch(context.Context, store.Event) error
	DispatchReceipt(context.Context, store.Touch) error
}

// Config is what a gateway needs.
type Config struct {
	Store      *store.Store
	Dispatcher Dispatcher
	Clock      clock.Clock
	Log        *slog.Logger

	// Address is where it listens. One that is not loopback needs a token.
	Address string

	// Token is what callers carry: "Authorization: Bearer <token>", or as the password where a browser asks. Empty lets in everybody on
	// this machine.
	Token string

	// PublicURL is the base address under which providers reach it. Their signatures are checked against it.
	PublicURL string

	// TwilioToken is the secret with which Twilio signs its webhooks. Empty refuses them all.
	TwilioToken string

	// SlackSecret is the app's signing secret, with which Slack signs what it tells us. Empty refuses it all.
	SlackSecret string

	// Slack says what we say in return to a direct message. Defaults to nobody: we say nothing there.
	Slack Speaker

	// UnsubscribeKey is the secret that signs the unsubscribe links in mails. Empty takes none.
	UnsubscribeKey string

	// Policy is the contact policy that holds: it names the surveys that ask how satisfied somebody is. Defaults to contact.Standard.
	Policy func(context.Context) (contact.Policy, error)

	// BounceKey is the secret that signs the addresses to which mails bounce. Empty takes no report of a mail.
	BounceKey string

	// TemporalUI is the base address of Temporal's UI, and Namespace the one that the enrollments' workflows run in: the customer's page
	// links there. Without TemporalUI it links nowhere.
	TemporalUI, Namespace string

	// Patience is how long, in real time, a caller is kept waiting while its events are carried on; the sweeper carries on what is left
	// then. Defaults to 5 s.
	Patience time.Duration

	// Ready says whether what the gateway stands on is there. Defaults to asking the database.
	Ready func(context.Context) error

	// Telemetry is what it tells of itself. Defaults to nothing.
	Telemetry *telemetry.Telemetry
}

// readyTimeout bounds the question whether the gateway is ready; in real time.
const readyTimeout = 2 * time.Second

// Gateway is the HTTP handler.
type Gateway struct {
	Config

	handler             http.Handler
	events              telemetry.Dispatcher // the Dispatcher's events, counted
	types               eventTypes
	pageTemplate        *template.Template
	unsubscribeTemplate *template.Template
}

// New returns a gateway, or says why it would not be safe to run.
func New(c Config) (*Gateway, error) {
	if c.Token == "" && !loopback(c.Address) {
		return nil, errors.New("the gateway would let everybody in: set GATEWAY_TOKEN, or listen on a loopback address such as 127.0.0.1:8420")
	}
	c.Patience = cmp.Or(c.Patience, 5*time.Second)
	if c.Policy == nil {
		c.Policy = func(context.Context) (contact.Policy, error) { return contact.Standard(), nil }
	}
	if c.Ready == nil {
		c.Ready = c.Store.Ping
	}
	if c.Telemetry == nil {
		c.Telemetry = telemetry.Off()
	}
	pageTemplate, err := template.New("page").Parse(pageSource)
	if err != nil {
		return nil, fmt.Errorf("read the template of the customer's page: %w", err)
	}
	unsubscribeTemplate, err := template.New("unsubscribe").Parse(unsubscribeSource)
	if err != nil {
		return nil, fmt.Errorf("read the template of the page to unsubscribe: %w", err)
	}
	g := &Gateway{Config: c, events: c.Telemetry.Dispatcher(c.Dispatcher), pageTemplate: pageTemplate, unsubscribeTemplate: unsubscribeTemplate}
	mux := http.NewServeMux()
	g.routes(mux)
	// A browser must not be brought to hand in events by a page of somebody else's.
	protection := http.NewCrossOriginProtection()
	// Mail programs post here from wherever they are, and the link's signature is all that counts: no cookie or token goes with it.
	protection.AddInsecureBypassPattern("POST " + UnsubscribePath)
	g.handler = c.Telemetry.Requests(protection.Handler(mux))
	return g, nil
}

func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) { g.handler.ServeHTTP(w, r) }

func (g *Gateway) routes(mux *http.ServeMux) {
	description := huma.DefaultConfig("Perennial gateway", "1")
	description.Info.Description = "Facts from outside come in here: purchases, visits, answers. Each is stored once, by its id."
	description.Components.SecuritySchemes = map[string]*huma.SecurityScheme{"token": {Type: "http", Scheme: "bearer"}}
	description.CreateHooks = nil // no $schema field in answers
	description.SchemasPath = ""  // and so no address for it
	description.DocsPath = ""     // that page runs scripts from elsewhere, beside pages that say who customers are
	api := humago.New(mux, description)
	api.UseMiddleware(g.admit(api))
	g.eventRoutes(api)
	mux.HandleFunc("POST "+SMSPath, g.twilioMessage)
	mux.HandleFunc("POST "+StatusPath, g.twilioStatus)
	mux.HandleFunc("POST "+SlackPath, g.slackEvents)
	mux.HandleFunc("POST "+MailPath, g.admitReader(g.mailIn))
	mux.HandleFunc("POST "+BouncePath, g.admitReader(g.mailIn))
	mux.HandleFunc("GET "+UnsubscribePath, g.unsubscribePage)
	mux.HandleFunc("POST "+UnsubscribePath, g.unsubscribe)
	mux.HandleFunc("GET /customers/{id}", g.admitReader(g.customerPage))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { respond(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", g.readyz)
	// Nothing personal is in them, but how much business there is: whoever reads them carries the token, as for everything else.
	mux.HandleFunc("GET /metrics", g.admitReader(g.Telemetry.Metrics().ServeHTTP))
}

// readyz says whether the database and Temporal answer.
func (g *Gateway) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
	defer cancel()
	if err := g.Ready(ctx); err != nil {
		respond(w, http.StatusServiceUnavailable, "not ready: "+err.Error())
		return
	}
	respond(w, http.StatusOK, "ready")
}

func (g *Gateway) now() time.Time { return g.Clock.At(time.Now()).UTC() }

func respond(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text + "\n")) // a caller that has gone needs no answer
}
