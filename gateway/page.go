package gateway

import (
	"bytes"
	_ "embed"
	"errors"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"

	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/store"
)

//go:embed page.html
var pageSource string

// pageTouches is how many touches the page shows.
const pageTouches = 50

// page is what the customer's page shows. It alone says who a customer is.
type page struct {
	Profile     customer.Profile
	Addresses   []pageAddress
	Consents    []pageConsent
	Enrollments []store.Enrollment
	Touches     []store.Touch
	Now         time.Time
}

type pageAddress struct {
	Channel customer.Channel
	customer.Address
}

type pageConsent struct {
	Topic   string
	Granted bool
}

// customerPage shows who a customer is, what they prefer, and what was done.
func (g *Gateway) customerPage(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	shown, err := g.page(r, id)
	if errors.Is(err, store.ErrNotFound) {
		respond(w, http.StatusNotFound, "there is no such customer")
		return
	}
	if err != nil {
		g.Log.Error("A customer's page can't be shown.", "customer", id, "error", err)
		respond(w, http.StatusServiceUnavailable, "the page can't be shown now")
		return
	}
	var b bytes.Buffer
	if err := pageTemplate(shown.Profile.Zone).Execute(&b, shown); err != nil {
		g.Log.Error("A customer's page can't be written.", "customer", id, "error", err)
		respond(w, http.StatusInternalServerError, "the page can't be shown")
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	header.Set("Cache-Control", "no-store")
	header.Set("Referrer-Policy", "no-referrer")
	_, _ = w.Write(b.Bytes()) // a reader who has gone needs no answer
}

func (g *Gateway) page(r *http.Request, id string) (page, error) {
	who, err := g.Store.Profile(r.Context(), id)
	if err != nil {
		return page{}, err
	}
	p := page{Profile: who, Now: g.now()}
	for _, c := range slices.Concat(who.Channels, customer.Channels) {
		address, known := who.Addresses[c]
		if known && !slices.ContainsFunc(p.Addresses, func(a pageAddress) bool { return a.Channel == c }) {
			p.Addresses = append(p.Addresses, pageAddress{c, address})
		}
	}
	for topic, granted := range who.Consents {
		p.Consents = append(p.Consents, pageConsent{topic, granted})
	}
	slices.SortFunc(p.Consents, func(a, b pageConsent) int { return strings.Compare(a.Topic, b.Topic) })
	if p.Enrollments, err = g.Store.Enrollments(r.Context(), store.EnrollmentFilter{Customer: id}, 0, pageTouches); err != nil {
		return page{}, err
	}
	p.Touches, err = g.Store.CustomerTouches(r.Context(), id, pageTouches)
	return p, err
}

// pageTemplate writes times as they are on the customer's wall.
func pageTemplate(zone *time.Location) *template.Template {
	return template.Must(template.New("page").Funcs(template.FuncMap{
		"local": func(t time.Time) string {
			if t.IsZero() {
				return "–"
			}
			return t.In(zone).Format("Mon 2 Jan 2006, 15:04")
		},
		"date":   func(t time.Time) string { return t.In(zone).Format("2 Jan 2006") },
		"failed": journey.HasFailed,
		"stars":  func(n int) string { return strings.Repeat("★", n) + strings.Repeat("☆", max(0, 5-n)) },
	}).Parse(pageSource))
}
