package gateway

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"net/netip"
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

	// Token is one that callers may carry, beside those of the store: "Authorization: Bearer <token>", or as a password. Empty is none; where the
	// store has none either, everybody on this machine is let in.
	Token string

	// SessionKey is the secret that signs the cookies of those who signed in. Empty lets nobody sign in.
	SessionKey []byte

	// PublicURL is the base address under which providers reach it. Their signatures are checked against it. One that is not loopback needs a token.
	PublicURL string

	// Proxies are those whose X-Forwarded-For is believed. Defaults to none.
	Proxies []netip.Prefix

	// Limits are how often one may ask. Defaults to what its fields say.
	Limits Limits

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

	// Patience is how long, in real time, a caller is kept waiting while its events are carried on; what is left then is carried on later. Slack waits
	// three seconds for an answer, and says all of it again otherwise. Defaults to 2 s.
	Patience time.Duration

	// Ready says whether what the gateway stands on is there. Defaults to asking the database.
	Ready func(context.Context) error

	// Telemetry is what it tells of itself. Defaults to nothing.
	Telemetry *telemetry.Telemetry
}

// Gateway is the HTTP handler.
type Gateway struct {
	Config

	local  bool // it can be reached from this machine only
	keys   *keyring
	limits *limits
	health *health
	beside *beside

	handler             http.Handler
	routes              []Route
	events              telemetry.Dispatcher // the Dispatcher's events, counted
	types               eventTypes
	pageTemplate        *template.Template
	signInTemplate      *template.Template
	unsubscribeTemplate *template.Template
}

// New returns a gateway, or says why it would not be safe to run.
func New(ctx context.Context, c Config) (*Gateway, error) {
	c = c.withDefaults()
	g := &Gateway{
		Config: c, local: onlyHere(c.Address, c.PublicURL), keys: newKeyring(c), limits: newLimits(c.Limits), health: &health{ask: c.Ready}, beside: newBeside(),
		events: c.Telemetry.Dispatcher(c.Dispatcher),
	}
	if err := g.mayRun(ctx); err != nil {
		return nil, err
	}
	if err := g.readTemplates(); err != nil {
		return nil, err
	}
	router := &router{ServeMux: http.NewServeMux(), gateway: g}
	g.register(router)
	if err := router.complete(); err != nil {
		return nil, err
	}
	g.routes = router.routes
	// A browser must not be brought to hand in events by a page of somebody else's.
	protection := http.NewCrossOriginProtection()
	// Mail programs post here from wherever they are, and the link's signature is all that counts: no cookie or token goes with it.
	protection.AddInsecureBypassPattern("POST " + UnsubscribePath)
	g.handler = c.Telemetry.Requests(protection.Handler(router))
	return g, nil
}

// mayRun says why it would not be safe to run.
func (g *Gateway) mayRun(ctx context.Context) error {
	if g.local || g.Token != "" {
		return nil
	}
	known, err := g.keys.current(ctx)
	if err != nil {
		return err
	}
	if !known.anyGood() {
		return errors.New("others can reach the gateway, and nobody carries a token: make one with `starter tokens create`, set GATEWAY_TOKEN, " +
			"or keep GATEWAY_ADDRESS and PUBLIC_URL on a loopback address such as 127.0.0.1:8420")
	}
	return nil
}

func (g *Gateway) readTemplates() error {
	for _, page := range []struct {
		into         **template.Template
		name, source string
	}{
		{&g.pageTemplate, "the customer's page", pageSource},
		{&g.signInTemplate, "the page to sign in", signInSource},
		{&g.unsubscribeTemplate, "the page to unsubscribe", unsubscribeSource},
	} {
		read, err := template.New(page.name).Parse(page.source)
		if err != nil {
			return fmt.Errorf("read the template of %s: %w", page.name, err)
		}
		*page.into = read
	}
	return nil
}

func (c Config) withDefaults() Config {
	c.Patience = cmp.Or(c.Patience, 2*time.Second)
	if c.Policy == nil {
		c.Policy = func(context.Context) (contact.Policy, error) { return contact.Standard(), nil }
	}
	if c.Ready == nil && c.Store != nil {
		c.Ready = c.Store.Ping
	}
	if c.Telemetry == nil {
		c.Telemetry = telemetry.Off()
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

// Close ends what is still carried on beside requests that were answered. It is carried on later.
func (g *Gateway) Close() { g.beside.close() }

func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) { g.handler.ServeHTTP(w, r) }

// register gives every route its handler. Who may use it stands in doors.
func (g *Gateway) register(mux *router) {
	description := huma.DefaultConfig("Perennial gateway", "1")
	description.Info.Description = "Facts from outside come in here: purchases, visits, answers. Each is stored once, by its id."
	description.Components.SecuritySchemes = map[string]*huma.SecurityScheme{"token": {Type: "http", Scheme: "bearer"}}
	description.CreateHooks = nil // no $schema field in answers
	description.SchemasPath = ""  // and so no address for it
	description.DocsPath = ""     // that page runs scripts from elsewhere, beside pages that say who customers are
	api := humago.New(mux, description)
	g.eventRoutes(api)
	mux.HandleFunc("POST "+SMSPath, g.twilioMessage)
	mux.HandleFunc("POST "+StatusPath, g.twilioStatus)
	mux.HandleFunc("POST "+SlackPath, g.slackEvents)
	mux.HandleFunc("POST "+MailPath, g.mailIn)
	mux.HandleFunc("POST "+BouncePath, g.mailIn)
	mux.HandleFunc("GET "+UnsubscribePath, g.unsubscribePage)
	mux.HandleFunc("POST "+UnsubscribePath, g.unsubscribe)
	mux.HandleFunc("GET /customers/{id}", g.customerPage)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { respond(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", g.readyz)
	mux.HandleFunc("GET /metrics", g.Telemetry.Metrics().ServeHTTP)
	mux.HandleFunc("GET "+signInPath, g.signInPage)
	mux.HandleFunc("POST "+signInPath, g.signIn)
	mux.HandleFunc("POST "+signOutPath, g.signOut)
}

func (g *Gateway) now() time.Time { return g.Clock.At(time.Now()).UTC() }

func respond(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text + "\n")) // a caller that has gone needs no answer
}
