package gateway

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"perennial/store"
)

// proof is how a request shows that it may come in.
type proof string

const (
	nothing     proof = "nothing"   // all may
	aToken      proof = "token"     // of one of the door's roles
	aReader     proof = "reader"    // such a token, or the cookie of somebody who signed in with one
	aSignature  proof = "signature" // of a provider, over the request: its handler looks at it
	aSignedLink proof = "link"      // that we made and signed: its handler looks at it
)

// door is what a route asks of those who use it. Operations may use whatever asks for a token.
type door struct {
	proof proof
	roles []store.Role
}

// doors are all ways in. A route that is not here is not served.
var doors = map[string]door{
	"POST /v1/events":         {aToken, []store.Role{store.Ingest, store.Operations}},
	"POST " + MailPath:        {aToken, []store.Role{store.Ingest, store.Operations}},
	"POST " + BouncePath:      {aToken, []store.Role{store.Ingest, store.Operations}},
	"GET /customers/{id}":     {aReader, []store.Role{store.Manager, store.Operations}},
	"GET /metrics":            {aToken, []store.Role{store.Metrics, store.Operations}}, // nothing personal, but how much business there is
	"POST " + SMSPath:         {proof: aSignature},
	"POST " + StatusPath:      {proof: aSignature},
	"POST " + SlackPath:       {proof: aSignature},
	"GET " + UnsubscribePath:  {proof: aSignedLink},
	"POST " + UnsubscribePath: {proof: aSignedLink},
	"GET " + signInPath:       {proof: nothing},
	"POST " + signInPath:      {proof: nothing},
	"POST " + signOutPath:     {proof: nothing},
	"GET /healthz":            {proof: nothing},
	"GET /readyz":             {proof: nothing},
	"GET /openapi.json":       {proof: nothing},
	"GET /openapi.yaml":       {proof: nothing},
	"GET /openapi-3.0.json":   {proof: nothing},
	"GET /openapi-3.0.yaml":   {proof: nothing},
}

// router serves routes by their doors. It is a mux as huma wants one, so that no route of huma's goes around it.
type router struct {
	*http.ServeMux

	gateway *Gateway
	routes  []Route
	unknown []string // routes without a door
}

// Route is one that the gateway serves.
type Route struct {
	Pattern string // as http.ServeMux has it: "GET /customers/{id}"
	Proof   string // nothing, token, reader, signature or link
	Roles   []store.Role
}

// HandleFunc serves a pattern through its door.
func (r *router) HandleFunc(pattern string, handle func(http.ResponseWriter, *http.Request)) {
	d, known := doors[pattern]
	if !known {
		r.unknown = append(r.unknown, pattern)
		return
	}
	r.routes = append(r.routes, Route{Pattern: pattern, Proof: string(d.proof), Roles: d.roles})
	r.ServeMux.HandleFunc(pattern, r.gateway.through(d, handle))
}

// complete says whether every route has its door, and every door its route.
func (r *router) complete() error {
	if len(r.unknown) > 0 {
		return fmt.Errorf("the gateway has no door for %s", strings.Join(r.unknown, ", "))
	}
	for _, pattern := range slices.Sorted(maps.Keys(doors)) {
		if !slices.ContainsFunc(r.routes, func(route Route) bool { return route.Pattern == pattern }) {
			return fmt.Errorf("the gateway has a door for %s, and no such route", pattern)
		}
	}
	return nil
}

// Routes are all routes that the gateway serves.
func (g *Gateway) Routes() []Route { return slices.Clone(g.routes) }

// through lets in by a door whoever proves that they may.
func (g *Gateway) through(d door, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		answersAreNobodyElses(w.Header())
		if d.proof != aToken && d.proof != aReader {
			next(w, r)
			return
		}
		who, no := g.admit(r, d)
		if no != nil {
			g.refuse(w, r, d, *no)
			return
		}
		next(w, r.WithContext(withCaller(r.Context(), who)))
	}
}

// answersAreNobodyElses says of every answer that nobody keeps it, takes it for something else, or shows it in a page of theirs. Pages of ours say
// more; see pageHeader.
func answersAreNobodyElses(header http.Header) {
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Content-Type-Options", "nosniff")
}
