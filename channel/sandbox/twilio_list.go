package sandbox

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// This file is Twilio's list of messages, by which a sender finds out whether one was taken.

// filters is the published schema of the list's query: each parameter and what its value must be.
var filters = map[string]func(string) bool{
	"DateSent":  isInstant,
	"DateSent<": isInstant,
	"DateSent>": isInstant,
	"From":      isNumberOfAChannel,
	"Page":      between(0, 1<<30),
	"PageSize":  between(1, longestPage),
	"PageToken": isText,
	"To":        isNumberOfAChannel,
}

const (
	usualPage   = 50
	longestPage = 1000
	tokenPrefix = "PA" // of what leads from a page to the next
)

// checkQuery returns what Twilio would refuse the query with, or nil.
func checkQuery(query url.Values) *twilioError {
	for _, name := range slices.Sorted(maps.Keys(query)) {
		check, known := filters[name]
		if !known {
			return &twilioError{400, 20001, "Unknown parameter: " + name}
		}
		if len(query[name]) > 1 || !check(query.Get(name)) {
			return &twilioError{400, 20422, "Invalid Parameter: " + name}
		}
	}
	if page := query.Get("Page"); page != "" && page != "0" && !strings.HasPrefix(query.Get("PageToken"), tokenPrefix) {
		return &twilioError{400, 20422, "Invalid Parameter: Page needs the PageToken of the page before"}
	}
	return nil
}

// listMessages answers `GET …/Messages.json`, newest first, a page at a time.
func (s *Sandbox) listMessages(w http.ResponseWriter, r *http.Request) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		writeJSON(w, http.StatusBadRequest, twilioError{400, 20001, "The query can't be read"}.json())
		return
	}
	if problem := checkQuery(query); problem != nil {
		writeJSON(w, problem.status, problem.json())
		return
	}
	size := boundedInt(query.Get("PageSize"), usualPage, 1, longestPage)
	page := boundedInt(query.Get("Page"), 0, 0, 1<<30)
	after := strings.TrimPrefix(query.Get("PageToken"), tokenPrefix)
	var matching []Message
	for _, m := range s.listed() {
		if after != "" { // what arrived since the page before moves nothing
			if m.ID == after {
				after = ""
			}
			continue
		}
		if (m.Channel == SMS || m.Channel == WhatsApp) && matches(query.Get("To"), to(m)) && matches(query.Get("From"), from(m)) && !query.Has("DateSent") &&
			!query.Has("DateSent<") && !query.Has("DateSent>") { // nothing here has a date on which it was sent
			matching = append(matching, m)
		}
	}
	shown := matching[:min(size, len(matching))]
	writeJSON(w, http.StatusOK, s.listJSON(r.URL, shown, page, size, len(shown) < len(matching)))
}

func matches(wanted, have string) bool { return wanted == "" || wanted == have }

func isNumberOfAChannel(value string) bool { return value != "" && isText(value) && bare(value) != "" }

func between(low, high int) func(string) bool {
	return func(value string) bool {
		n, err := strconv.Atoi(value)
		return err == nil && n >= low && n <= high
	}
}
