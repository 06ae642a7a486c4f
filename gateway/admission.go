package gateway

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// Who may use the gateway: whoever carries its token. A gateway on a loopback address may do without one; then it answers only those who
// called it by a name that leads nowhere else, so that no web page can read a customer's page through a name that it points at us.

const (
	needToken = `carry the gateway's token: "Authorization: Bearer <GATEWAY_TOKEN>"`
	needName  = "without a token the gateway answers to localhost and PUBLIC_URL only: set GATEWAY_TOKEN to use it by another name"
)

// refused says why a request may not be answered, and with which status; 0 admits it.
func (g *Gateway) refused(authorization, host string) (status int, why string) {
	switch {
	case g.Token == "" && !g.ours(host):
		return http.StatusForbidden, needName
	case g.Token != "" && !sameSecret(tokenOf(authorization), g.Token):
		return http.StatusUnauthorized, needToken
	}
	return 0, ""
}

// admit guards the API.
func (g *Gateway) admit(api huma.API) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		status, why := g.refused(ctx.Header("Authorization"), ctx.Host())
		if status == 0 {
			next(ctx)
			return
		}
		if status == http.StatusUnauthorized {
			ctx.SetHeader("WWW-Authenticate", "Bearer")
		}
		_ = huma.WriteErr(api, ctx, status, why) // a caller that has gone needs no answer
	}
}

// admitReader guards a page: a browser asks for the token as a password.
func (g *Gateway) admitReader(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		status, why := g.refused(r.Header.Get("Authorization"), r.Host)
		if status == 0 {
			next(w, r)
			return
		}
		if status == http.StatusUnauthorized {
			w.Header().Set("WWW-Authenticate", `Basic realm="Perennial: any name, and the gateway's token as password", charset="UTF-8"`)
		}
		respond(w, status, why)
	}
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

// sameSecret compares in constant time.
func sameSecret(a, b string) bool {
	hashA, hashB := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(hashA[:], hashB[:]) == 1
}

// ours says whether a request's Host is this machine's own name for itself, or that of the public address.
func (g *Gateway) ours(host string) bool {
	public, err := url.Parse(g.PublicURL)
	return loopback(host) || err == nil && public.Host != "" && strings.EqualFold(host, public.Host)
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
