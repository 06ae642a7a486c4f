package gateway

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"html/template"
	"net/http"
	"strconv"

	"perennial/channel/smtp"
	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/store"
)

// This file is the link in the foot of a mail (RFC 8058): a page on which its reader says that they want no more of a topic, or of anything, and
// takes that back. The link is signed, so it leads to no other customer or topic than those of its mail. Opening it changes nothing: mail
// programs and scanners open links too.

// UnsubscribePath is where the links of mails lead.
const UnsubscribePath = "/unsubscribe"

//go:embed unsubscribe.html
var unsubscribeSource string

//go:embed unsubscribe.css
var unsubscribeStyle string

// What the page's buttons post as "do". A mail program posts List-Unsubscribe=One-Click instead, which is the first of these.
const (
	doTopic      = "topic"      // no more of the mail's topic
	doEverything = "everything" // no more of anything
	doUndo       = "undo"       // as it was before
)

// oneClickField is what mail programs post, by RFC 8058.
const oneClickField, oneClickValue = "List-Unsubscribe", "One-Click"

// mailOf returns the touch that a link was sent with, and refuses the request where we did not sign it.
func (g *Gateway) mailOf(w http.ResponseWriter, r *http.Request) (store.Touch, bool) {
	id, signed := smtp.UnsubscribeTouch(g.UnsubscribeKey, r.URL)
	if !signed {
		g.unproven(w, r, "This link is not complete. Open it again from the message, or answer the message with STOP.")
		return store.Touch{}, false
	}
	if !g.limits.ofLink(id) {
		w.Header().Set("Retry-After", retryAfter)
		respond(w, http.StatusTooManyRequests, "This link was opened too often just now. Please try again in a moment.")
		return store.Touch{}, false
	}
	touch, err := g.Store.TouchByID(r.Context(), id)
	if errors.Is(err, store.ErrNotFound) || err == nil && (touch.Channel != customer.Email || touch.Kind == journey.Notify) {
		respond(w, http.StatusNotFound, "The message that this link came with is not known here any more.")
		return store.Touch{}, false
	}
	if err != nil {
		g.sorry(w, id, err)
		return store.Touch{}, false
	}
	return touch, true
}

func (g *Gateway) sorry(w http.ResponseWriter, touch string, err error) {
	g.Log.Error("A request to unsubscribe could not be taken.", "touch", touch, "error", err)
	respond(w, http.StatusServiceUnavailable, "This could not be done now. Please try again in a moment.")
}

// unsubscribePage shows what the reader gets, and the buttons that change it.
func (g *Gateway) unsubscribePage(w http.ResponseWriter, r *http.Request) {
	touch, ok := g.mailOf(w, r)
	if !ok {
		return
	}
	shown, err := g.choices(r.Context(), touch)
	if err == nil {
		err = g.writeChoices(w, shown)
	}
	if err != nil {
		g.sorry(w, touch.ID, err)
	}
}

// unsubscribe does what a button asks for.
func (g *Gateway) unsubscribe(w http.ResponseWriter, r *http.Request) {
	touch, ok := g.mailOf(w, r)
	if !ok {
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	what := r.PostFormValue("do") // reads multipart/form-data as well, which RFC 8058 allows
	program := r.PostFormValue(oneClickField) == oneClickValue
	if program {
		what = doTopic
	}
	if what != doTopic && what != doEverything && what != doUndo {
		respond(w, http.StatusBadRequest, "Nothing was asked for: use the buttons of the page.")
		return
	}
	if err := g.choose(r.Context(), touch, what); err != nil {
		g.sorry(w, touch.ID, err)
		return
	}
	if program {
		respond(w, http.StatusOK, "unsubscribed")
		return
	}
	// To the page itself, wherever a proxy has it: http.Redirect would make that an address of ours.
	w.Header().Set("Location", "?"+r.URL.RawQuery)
	w.WriteHeader(http.StatusSeeOther)
}

// choose changes what the customer of a mail agreed to. What stands already is left alone, so a button that is pressed twice acts once.
func (g *Gateway) choose(ctx context.Context, mail store.Touch, what string) error {
	standing, err := g.Store.LatestConsents(ctx, mail.Customer)
	if err != nil {
		return err
	}
	var changed []store.Event
	for _, c := range standing {
		if !chosen(c, mail, what) {
			continue
		}
		data, err := consentData(store.Consent{Topic: c.Topic, Granted: what == doUndo, Source: store.SourceUnsubscribe, Channel: customer.Email})
		if err != nil {
			return err
		}
		changed = append(changed, store.Event{
			// Named after the word that it answers to: two that come at once are one, and what is taken back can be said again.
			ID:   derivedID("unsubscribe", mail.ID, c.Topic, strconv.FormatInt(c.ID, 10)),
			Type: journey.ConsentChanged, Customer: mail.Customer, At: g.now(), Data: data,
		})
	}
	if len(changed) == 0 {
		return nil
	}
	_, err = g.take(ctx, []understood{{id: changed[0].ID, events: changed}})
	return err
}

// chosen says whether a button changes the word that stands on a topic. Undoing gives back only what was taken back by such a link.
func chosen(c store.Consent, mail store.Touch, what string) bool {
	switch what {
	case doTopic:
		return c.Granted && c.Topic == mail.Topic
	case doEverything:
		return c.Granted
	case doUndo:
		return !c.Granted && c.Source == store.SourceUnsubscribe
	}
	return false
}

// choices are what the page shows.
type choices struct {
	Words    choiceWords
	Business string
	Topic    string // of the mail, in the reader's words
	Gets     bool   // messages about the topic
	Others   bool   // or about another one
	Undo     bool   // there is something to undo
	Style    template.CSS
}

func (g *Gateway) choices(ctx context.Context, mail store.Touch) (choices, error) {
	who, err := g.Store.Profile(ctx, mail.Customer)
	if err != nil {
		return choices{}, err
	}
	standing, err := g.Store.LatestConsents(ctx, mail.Customer)
	if err != nil {
		return choices{}, err
	}
	words := choiceWordsIn(who.Language)
	c := choices{Words: words, Business: g.business(ctx), Topic: words.topic(mail.Topic), Style: template.CSS(unsubscribeStyle)} //nolint:gosec // G203: the style is our own file
	for _, s := range standing {
		c.Gets = c.Gets || s.Granted && s.Topic == mail.Topic
		c.Others = c.Others || s.Granted && s.Topic != mail.Topic
		c.Undo = c.Undo || chosen(s, mail, doUndo)
	}
	return c, nil
}

func (g *Gateway) writeChoices(w http.ResponseWriter, c choices) error {
	var b bytes.Buffer
	if err := g.unsubscribeTemplate.Execute(&b, c); err != nil {
		return err
	}
	pageHeader(w.Header(), unsubscribeStyle, "'self'")
	_, _ = w.Write(b.Bytes()) // a reader who has gone needs no answer
	return nil
}
