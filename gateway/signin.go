package gateway

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"perennial/store"
)

// This file is how a person with a browser carries a token: they sign in with it once, and a cookie stands for it for half a day. The cookie says
// which token it is, and is signed with a key of the database's, so every gateway knows it. It ends with its token: one that is revoked or over
// opens nothing, and neither does the cookie that stands for it.

const (
	signInPath  = "/sign-in"
	signOutPath = "/sign-out"
)

//go:embed signin.html
var signInSource string

//go:embed signin.css
var signInStyle string

// sessionTime is how long somebody stays signed in, in real time.
const sessionTime = 12 * time.Hour

// maxSignIn bounds the form.
const maxSignIn = 4 << 10

// cookieName is what the cookie is called. The prefix has browsers take it from this very host only, and by https only.
func (g *Gateway) cookieName() string {
	if g.secure() {
		return "__Host-perennial"
	}
	return "perennial"
}

// secure says whether browsers reach the gateway by https.
func (g *Gateway) secure() bool { return strings.HasPrefix(g.PublicURL, "https://") }

// session is the cookie of somebody who signed in; without a value it signs them out.
func (g *Gateway) session(value string, seconds int) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // G124: it is Secure wherever browsers would send it
		Name: g.cookieName(), Value: value, Path: "/", MaxAge: seconds, HttpOnly: true, Secure: g.secure(), SameSite: http.SameSiteStrictMode,
	}
}

// sessionValue stands for a token until an instant.
func (g *Gateway) sessionValue(t store.Token, until time.Time) string {
	said := fmt.Sprintf("%d.%d", t.ID, until.Unix())
	return said + "." + base64.RawURLEncoding.EncodeToString(g.signSession(said, t))
}

// signSession signs what a cookie says, for this token and no other that may come to have its id.
func (g *Gateway) signSession(said string, t store.Token) []byte {
	mac := hmac.New(sha256.New, g.SessionKey)
	fmt.Fprintf(mac, "session\x00%s\x00%x", said, t.Hash)
	return mac.Sum(nil)
}

// signedIn returns the token that a request's cookie stands for.
func (g *Gateway) signedIn(r *http.Request, ring tokens) (_ store.Token, good bool) {
	cookie, err := r.Cookie(g.cookieName())
	if err != nil || len(g.SessionKey) == 0 {
		return store.Token{}, false
	}
	end := strings.LastIndexByte(cookie.Value, '.')
	if end < 0 {
		return store.Token{}, false
	}
	id, until, _ := strings.Cut(cookie.Value[:end], ".")
	number, errID := strconv.ParseInt(id, 10, 64)
	seconds, errUntil := strconv.ParseInt(until, 10, 64)
	signature, errSignature := base64.RawURLEncoding.DecodeString(cookie.Value[end+1:])
	token, known := ring.byID(number)
	if errID != nil || errUntil != nil || errSignature != nil || !known {
		return store.Token{}, false
	}
	if !hmac.Equal(signature, g.signSession(cookie.Value[:end], token)) || !time.Now().Before(time.Unix(seconds, 0)) {
		return store.Token{}, false
	}
	return token, true
}

// wantsPage says whether somebody opens a page with a browser.
func wantsPage(r *http.Request) bool {
	return r.Method == http.MethodGet && strings.Contains(r.Header.Get("Accept"), "text/html")
}

// toSignIn leads somebody who wants a customer's page to sign in, and from there back. A browser that comes by a link of another site, such as the
// Temporal UI, keeps its cookie to itself; so it is made to ask once more, now from here.
func (g *Gateway) toSignIn(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Sec-Fetch-Site") == "cross-site" {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte("<!doctype html><html lang=\"en\"><title>Perennial</title><meta http-equiv=\"refresh\" content=\"0\"></html>\n"))
		return
	}
	// Relative, wherever a proxy has us: http.Redirect would make that an address of ours.
	w.Header().Set("Location", ".."+signInPath+"?to="+url.QueryEscape(r.PathValue("id")))
	w.WriteHeader(http.StatusSeeOther)
}

// signIn is what the page shows.
type signIn struct {
	To    string // the customer whose page they want; empty is none
	Who   string // the name of the token with which they are signed in
	Wrong string // why they are not
	Style template.CSS
}

// signInPage shows the form, or that they are signed in.
func (g *Gateway) signInPage(w http.ResponseWriter, r *http.Request) {
	shown := signIn{To: wantedCustomer(r.URL.Query().Get("to"))}
	if ring, err := g.keys.current(r.Context()); err == nil {
		token, _ := g.signedIn(r, ring)
		shown.Who = token.Name
	}
	g.writeSignIn(w, http.StatusOK, shown)
}

// wantedCustomer is a customer to go on to; what can be no id leads nowhere.
func wantedCustomer(id string) string {
	if store.CheckID(id) != nil {
		return ""
	}
	return id
}

func (g *Gateway) writeSignIn(w http.ResponseWriter, status int, shown signIn) {
	shown.Style = template.CSS(signInStyle) //nolint:gosec // G203: the style is our own file
	var b bytes.Buffer
	if err := g.signInTemplate.Execute(&b, shown); err != nil {
		g.Log.Error("The page to sign in can't be written.", "error", err)
		respond(w, http.StatusInternalServerError, "the page can't be shown")
		return
	}
	pageHeader(w.Header(), signInStyle, "'self'")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // a reader who has gone needs no answer
}

// signIn takes a token from the form.
func (g *Gateway) signIn(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxSignIn)
	token, to := strings.TrimSpace(r.PostFormValue("token")), wantedCustomer(r.PostFormValue("to"))
	from := g.remote(r)
	if !g.limits.strangerMayTry(from) {
		w.Header().Set("Retry-After", retryAfter)
		g.writeSignIn(w, http.StatusTooManyRequests, signIn{To: to, Wrong: "Too many tries failed. Wait a minute, and try again."})
		return
	}
	ring, err := g.keys.current(r.Context())
	if err != nil {
		g.writeSignIn(w, http.StatusServiceUnavailable, signIn{To: to, Wrong: "This can’t be looked up now. Try again in a moment."})
		return
	}
	found, good := ring.find(token)
	if !good {
		g.limits.ofStranger(from)
		g.writeSignIn(w, http.StatusUnauthorized, signIn{To: to, Wrong: "This token is not known here, or it is good no more."})
		return
	}
	if !slices.Contains(doors["GET /customers/{id}"].roles, found.Role) {
		g.writeSignIn(w, http.StatusForbidden, signIn{To: to, Wrong: "This token is for " + string(found.Role) + ": it opens no customer’s page."})
		return
	}
	g.keys.used(r.Context(), found)
	g.Log.Info("Somebody signed in.", "token", found.ID)
	http.SetCookie(w, g.session(g.sessionValue(found, time.Now().Add(sessionTime)), int(sessionTime.Seconds())))
	location := "." + signInPath
	if to != "" {
		location = "./customers/" + url.PathEscape(to)
	}
	w.Header().Set("Location", location)
	w.WriteHeader(http.StatusSeeOther)
}

// signOut takes the cookie back.
func (g *Gateway) signOut(w http.ResponseWriter, _ *http.Request) {
	http.SetCookie(w, g.session("", -1))
	w.Header().Set("Location", "."+signInPath)
	w.WriteHeader(http.StatusSeeOther)
}
