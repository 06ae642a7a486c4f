package gateway

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"errors"
	"html/template"
	"net/http"

	"perennial/store"
)

//go:embed page.html
var pageSource string

//go:embed page.css
var pageStyle string

// pageRows is how many enrollments and how many touches the page shows, the newest.
const pageRows = 50

const noCustomer = "there is no such customer"

// customerPage shows who a customer is, what they prefer, and what was done. It alone says who a customer is.
func (g *Gateway) customerPage(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	if store.CheckID(id) != nil { // it may be an address, which must not get into a log
		respond(w, http.StatusNotFound, noCustomer)
		return
	}
	shown, err := g.pageOf(r.Context(), id)
	if errors.Is(err, store.ErrNotFound) {
		respond(w, http.StatusNotFound, noCustomer)
		return
	}
	if err != nil {
		g.Log.Error("A customer's page can't be shown.", "customer", id, "error", err)
		respond(w, http.StatusServiceUnavailable, "the page can't be shown now")
		return
	}
	var b bytes.Buffer
	if err := g.pageTemplate.Execute(&b, shown); err != nil {
		g.Log.Error("A customer's page can't be written.", "customer", id, "error", err)
		respond(w, http.StatusInternalServerError, "the page can't be shown")
		return
	}
	pageHeader(w.Header(), pageStyle, "'none'")
	_, _ = w.Write(b.Bytes()) // a reader who has gone needs no answer
}

// pageHeader says what a page of ours is and may do: it may have its own style, post its forms where posts says, and nothing else.
func pageHeader(header http.Header, pageStyle, posts string) {
	style := sha256.Sum256([]byte(pageStyle))
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Security-Policy", "default-src 'none'; style-src 'sha256-"+base64.StdEncoding.EncodeToString(style[:])+
		"'; base-uri 'none'; form-action "+posts+"; frame-ancestors 'none'")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cache-Control", "no-store")
}

// pageOf reads what the page of a customer shows.
func (g *Gateway) pageOf(ctx context.Context, id string) (page, error) {
	who, err := g.Store.Profile(ctx, id)
	if err != nil {
		return page{}, err
	}
	enrollments, err := g.Store.Enrollments(ctx, store.EnrollmentFilter{Customer: id}, 0, pageRows)
	if err != nil {
		return page{}, err
	}
	touches, err := g.Store.CustomerTouches(ctx, id, pageRows)
	if err != nil {
		return page{}, err
	}
	return page{
		Profile: who, Now: g.now(), Style: template.CSS(pageStyle), //nolint:gosec // G203: the style is our own file
		SignedIn:    callerOf(ctx).session,
		enrollments: enrollments, touches: touches, temporal: g.TemporalUI, namespace: g.Namespace,
	}, nil
}
