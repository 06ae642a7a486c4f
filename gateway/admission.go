package gateway

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"perennial/store"
)

// Who may use the gateway: whoever carries a token whose role may. A gateway that is for this machine alone, and for which no token was ever made,
// does without; then it answers only those who called it by a name that leads nowhere else, so that no web page can read a customer's page
// through a name that it points at us.

const (
	needToken = `carry a token: "Authorization: Bearer <token>", of those that "starter tokens create" makes, or GATEWAY_TOKEN` //nolint:gosec // G101: it says what to carry
	needName  = `without a token the gateway answers to localhost only: make one with "starter tokens create", or set GATEWAY_TOKEN, to use it by another name`
	needLater = "it can't be found out now who you are; try again in a moment"
)

// caller is who came in: the carrier of a token, or anybody on this machine where there is none.
type caller struct {
	store.Token

	session bool // they signed in, and came with a cookie
}

type callerKey struct{}

func withCaller(ctx context.Context, who caller) context.Context {
	return context.WithValue(ctx, callerKey{}, who)
}

// callerOf is who sent the request of a context.
func callerOf(ctx context.Context) caller {
	who, _ := ctx.Value(callerKey{}).(caller)
	return who
}

// refusal is why a request is not answered.
type refusal struct {
	status int
	why    string
}

// admit finds out who sends a request, and whether they may use a door.
func (g *Gateway) admit(r *http.Request, d door) (who caller, no *refusal) {
	ring, err := g.keys.current(r.Context())
	if err != nil {
		return caller{}, &refusal{http.StatusServiceUnavailable, needLater}
	}
	authorization := r.Header.Get("Authorization")
	if authorization == "" && g.local && ring.empty() {
		if !loopback(r.Host) {
			return caller{}, &refusal{http.StatusForbidden, needName}
		}
		return caller{}, nil
	}
	token, good := ring.find(tokenOf(authorization))
	who = caller{Token: token}
	if authorization == "" && d.proof == aReader {
		token, good = g.signedIn(r, ring)
		who = caller{token, true}
	}
	switch {
	case !good && g.local && ring.empty() && loopback(r.Host): // a token that nobody asked for is no harm
		return caller{}, nil
	case !good:
		return caller{}, &refusal{http.StatusUnauthorized, needToken}
	case !slices.Contains(d.roles, who.Role):
		return caller{}, &refusal{http.StatusForbidden, "this token is for " + string(who.Role) + "; this needs one for " + either(d.roles)}
	}
	g.keys.used(r.Context(), token)
	if !g.limits.ofToken(token.ID) {
		return caller{}, &refusal{http.StatusTooManyRequests, "this token asks too often; slow down"}
	}
	return who, nil
}

func either(roles []store.Role) string {
	words := make([]string, len(roles))
	for i, role := range roles {
		words[i] = string(role)
	}
	return strings.Join(words, " or ")
}

// refuse answers a request that may not come in. Who asks for a customer's page with a browser is asked to sign in.
func (g *Gateway) refuse(w http.ResponseWriter, r *http.Request, d door, no refusal) {
	if no.status == http.StatusUnauthorized && d.proof == aReader && r.Header.Get("Authorization") == "" && wantsPage(r) {
		g.toSignIn(w, r)
		return
	}
	if no.status == http.StatusUnauthorized && !g.limits.ofStranger(g.remote(r)) {
		no = refusal{http.StatusTooManyRequests, strangersAreMany}
	}
	switch no.status {
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", "Bearer")
	case http.StatusTooManyRequests:
		w.Header().Set("Retry-After", retryAfter)
	}
	if !strings.HasPrefix(r.URL.Path, "/v1/") {
		respond(w, no.status, no.why)
		return
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(no.status)
	_ = json.NewEncoder(w).Encode(huma.NewError(no.status, no.why)) // a caller that has gone needs no answer
}

// unproven answers a request whose signature is not what it must be. It says whether that is worth a line in the log: not of those who keep trying.
func (g *Gateway) unproven(w http.ResponseWriter, r *http.Request, why string) (news bool) {
	if !g.limits.ofStranger(g.remote(r)) {
		w.Header().Set("Retry-After", retryAfter)
		respond(w, http.StatusTooManyRequests, strangersAreMany)
		return false
	}
	respond(w, http.StatusForbidden, why)
	return true
}

// tokenOf returns the token that a header carries: as a bearer's, or as a password.
func tokenOf(authorization string) string {
	scheme, token, _ := strings.Cut(authorization, " ")
	if strings.EqualFold(scheme, "Bearer") {
		return token
	}
	request := http.Request{Header: http.Header{"Authorization": {authorization}}}
	_, password, _ := request.BasicAuth()
	return password
}

// sameHash compares in constant time.
func sameHash(a, b [sha256.Size]byte) bool { return subtle.ConstantTimeCompare(a[:], b[:]) == 1 }

// onlyHere says whether a gateway can be reached from this machine only: by the address that it listens on, and by the one that others are told.
func onlyHere(address, publicURL string) bool {
	public, err := url.Parse(publicURL)
	return loopback(address) && err == nil && (publicURL == "" || loopback(public.Host))
}

// loopback says whether an address, with its port or without, can be reached from this machine only.
func loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = strings.Trim(address, "[]")
	}
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
