package sandbox

import (
	"bytes"
	"crypto/rand"
	_ "embed"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// This file is the page: every address at the left, at the right what one of them received and a line to type an answer, or what
// all received. Newest first, so that what matters is on the screen without scrolling. It works without JavaScript; with it, the
// page follows what arrives.

// What a page shows at most; the rest is still in the JSON.
const (
	pageMessages  = 200
	pageAddresses = 300
	pageRefusals  = 50
)

var (
	//go:embed page.html
	pageHTML string
	//go:embed page.css
	pageCSS string
	//go:embed page.js
	pageJS string

	pageTemplate = template.Must(template.New("page").Parse(pageHTML))
)

// view is what the page shows.
type view struct {
	CSS       template.CSS
	JS        template.JS
	Nonce     string
	Now       string // the stack's time
	Rate      int64  // 0 for real time
	Self      string // where this page is found again
	Last      int64  // the newest sequence number on the page
	Total     int    // messages received
	Search    string
	Selected  string // the address whose conversation is shown; empty: everybody's
	Channel   string // of that conversation: one number may have two
	Problem   string // why an answer could not be given
	Draft     string // the answer that could not be given
	Addresses []address
	Hidden    int // addresses beyond those shown
	Bubbles   []bubble
	Older     int // messages beyond those shown
	Refusals  []refusal
}

// address is one line at the left.
type address struct {
	Address  string
	Channel  string
	Link     string
	Snippet  string
	Time     string
	Count    int
	Selected bool
}

// bubble is one message or answer.
type bubble struct {
	Message
	Day      string // set where the day differs from the bubble's before
	Time     string
	Link     string
	Segments int    // of an SMS
	Again    bool   // the touch was received before: nobody should see this
	Told     string // what the sender was told, where it was not that the message was taken
}

// refusal is one line of the list of refused requests.
type refusal struct {
	Refusal
	Time string
}

func (s *Sandbox) page(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	s.render(w, http.StatusOK, s.view(query.Get("channel"), query.Get("address"), query.Get("search")))
}

// pageReply takes the answer typed on the page.
func (s *Sandbox) pageReply(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "The answer can't be read.", http.StatusBadRequest)
		return
	}
	reply := Reply{Address: r.PostForm.Get("address"), Channel: r.PostForm.Get("channel"), Text: r.PostForm.Get("text")}
	if _, err := s.Answer(r.Context(), reply); err != nil {
		v := s.view(reply.Channel, reply.Address, "")
		v.Problem, v.Draft = err.Error(), reply.Text
		s.render(w, statusOf(err), v)
		return
	}
	http.Redirect(w, r, link(reply.Channel, reply.Address, ""), http.StatusSeeOther)
}

func (s *Sandbox) render(w http.ResponseWriter, status int, v view) {
	var page bytes.Buffer
	if err := pageTemplate.Execute(&page, v); err != nil {
		s.config.Logger.Error("sandbox: the page can't be rendered", "error", err)
		http.Error(w, "The page can't be shown.", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:; connect-src 'self'; "+
		"form-action 'self'; base-uri 'none'; script-src 'nonce-"+v.Nonce+"'")
	w.WriteHeader(status)
	_, _ = w.Write(page.Bytes()) // a reader that left has no use for the error
}

func (s *Sandbox) view(channel, selected, search string) view {
	now, _ := s.now()
	all := s.received.after(0)
	if latest, found := s.received.latest("", selected); channel == "" && found {
		channel = latest.Channel
	}
	v := view{
		CSS:      template.CSS(pageCSS), //nolint:gosec // ours, embedded
		JS:       template.JS(pageJS),   //nolint:gosec // ours, embedded
		Nonce:    rand.Text(),
		Now:      now.Format("Mon 2 Jan 2006 15:04"),
		Self:     link(channel, selected, search),
		Search:   search,
		Selected: selected,
		Channel:  channel,
	}
	if s.config.Clock.Scaled() {
		v.Rate = s.config.Clock.Rate
	}
	if len(all) > 0 {
		v.Last = all[len(all)-1].Seq
	}
	for _, m := range all {
		if !m.Reply {
			v.Total++
		}
	}
	v.Addresses, v.Hidden = addresses(all, v, now)
	v.Bubbles, v.Older = bubbles(all, v)
	v.Refusals = refusals(s.Refused())
	return v
}

// addresses lists who received something, newest first.
func addresses(all []Message, v view, now time.Time) (list []address, hidden int) {
	index := make(map[[2]string]int)
	for _, m := range slices.Backward(all) {
		if !strings.Contains(m.Address, v.Search) {
			continue
		}
		key := [2]string{m.Channel, m.Address}
		if i, seen := index[key]; seen {
			if i < pageAddresses && !m.Reply {
				list[i].Count++
			}
			continue
		}
		index[key] = len(index)
		if len(list) == pageAddresses {
			hidden++
			continue
		}
		one := address{
			Address:  m.Address,
			Channel:  m.Channel,
			Link:     link(m.Channel, m.Address, v.Search),
			Snippet:  snippet(m),
			Time:     shortTime(m.At, now),
			Selected: m.Address == v.Selected && m.Channel == v.Channel,
		}
		if !m.Reply {
			one.Count = 1
		}
		list = append(list, one)
	}
	return list, hidden
}

// bubbles lists a conversation, or everybody's, newest first.
func bubbles(all []Message, v view) (list []bubble, older int) {
	again := receivedAgain(all)
	for _, m := range slices.Backward(all) {
		if !v.shows(m) {
			continue
		}
		if len(list) == pageMessages {
			older++
			continue
		}
		b := bubble{Message: m, Time: m.At.Format("15:04"), Link: link(m.Channel, m.Address, v.Search), Again: again[m.Seq], Told: told[m.Fault]}
		if m.Channel == SMS {
			b.Segments = segments(m.Text)
		}
		if day := m.At.Format("Monday 2 January 2006"); len(list) == 0 || list[len(list)-1].At.Format("Monday 2 January 2006") != day {
			b.Day = day
		}
		list = append(list, b)
	}
	return list, older
}

// shows says whether a message is of the conversation that is shown.
func (v view) shows(m Message) bool {
	if v.Selected == "" {
		return strings.Contains(m.Address, v.Search)
	}
	return m.Address == v.Selected && m.Channel == v.Channel
}

// told says on the page what the sender of a message was told.
var told = map[Fault]string{Cut: "the sender was cut off and can't know that this arrived"}

// receivedAgain finds the messages whose touch the same address had received before.
func receivedAgain(all []Message) map[int64]bool {
	again := make(map[int64]bool)
	seen := make(map[[3]string]bool)
	for _, m := range all {
		if m.Reply || m.Touch == "" {
			continue
		}
		key := [3]string{m.Channel, m.Address, m.Touch}
		again[m.Seq] = seen[key]
		seen[key] = true
	}
	return again
}

func refusals(all []Refusal) []refusal {
	var list []refusal
	for _, f := range slices.Backward(all[max(len(all)-pageRefusals, 0):]) {
		list = append(list, refusal{f, f.At.Format("2 Jan 15:04")})
	}
	return list
}

func snippet(m Message) string {
	text := m.Text
	if m.Subject != "" {
		text = m.Subject
	}
	if m.Content != nil {
		text = "approved content"
	}
	if m.Reply {
		text = "↩ " + text
	}
	letters := []rune(strings.Join(strings.Fields(text), " "))
	return string(letters[:min(len(letters), 80)])
}

func shortTime(at, now time.Time) string {
	if at.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return at.Format("15:04")
	}
	return at.Format("2 Jan")
}

// link returns where the page shows a conversation, keeping what is searched for.
func link(channel, address, search string) string {
	query := url.Values{"address": {address}}
	if channel != "" {
		query.Set("channel", channel)
	}
	if search != "" {
		query.Set("search", search)
	}
	return fmt.Sprintf("/?%s", query.Encode())
}
