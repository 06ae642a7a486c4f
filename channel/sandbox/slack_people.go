package sandbox

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"net/http"
	netmail "net/mail"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"
)

// This file is who is in the workspace: everybody. A user id that looks like one is somebody's, and so is an e-mail address, whose
// user id is a hash of it.

var (
	slackUser         = regexp.MustCompile(`^[UW][A-Z0-9]{2,20}$`)
	slackConversation = regexp.MustCompile(`^D[A-Z0-9]{2,20}$`)
)

// workspace is what Slack remembers.
type workspace struct {
	mu     *sync.Mutex
	emails map[string]string // by user id, of those who were looked up by it
	open   map[string]string // the user id, by conversation
	last   int64             // the newest timestamp, in microseconds
}

func newWorkspace() workspace {
	return workspace{mu: new(sync.Mutex), emails: make(map[string]string), open: make(map[string]string)}
}

// address returns how somebody is shown and ordered faults for: by the e-mail address that they were looked up by, or their user id.
func (w *workspace) address(user string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if email := w.emails[user]; email != "" {
		return email
	}
	return user
}

// member returns the user id of a conversation that was opened, or "".
func (w *workspace) member(conversation string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.open[conversation]
}

// stamp returns a timestamp as Slack makes them: seconds and microseconds, and no two alike.
func (w *workspace) stamp(now time.Time) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.last = max(w.last+1, now.UnixMicro())
	return fmt.Sprintf("%d.%06d", w.last/1e6, w.last%1e6)
}

func (s *Sandbox) slackLookUp(w http.ResponseWriter, _ *http.Request, form url.Values) {
	email := form.Get("email")
	parsed, err := netmail.ParseAddress(email)
	if err != nil || parsed.Address != email {
		s.refuseSlack(w, "users_not_found", fmt.Sprintf("no user with the email %s", email), Refusal{})
		return
	}
	if s.faults.badAddress(email) {
		s.refuseSlack(w, "users_not_found", fmt.Sprintf("no user with the email %s", email), Refusal{Fault: BadAddress})
		return
	}
	sum := sha256.Sum256([]byte(strings.ToLower(email)))
	user := "U" + base32.StdEncoding.EncodeToString(sum[:])[:10]
	s.slack.mu.Lock()
	s.slack.emails[user] = email
	s.slack.mu.Unlock()
	answerSlack(w, map[string]any{"user": map[string]any{
		"id": user, "team_id": "T0SANDBOX", "deleted": false, "is_bot": false, "profile": map[string]any{"email": email},
	}})
}

func (s *Sandbox) slackOpen(w http.ResponseWriter, _ *http.Request, form url.Values) {
	user := form.Get("users")
	if user == "" {
		s.refuseSlack(w, "users_list_not_supplied", "", Refusal{})
		return
	}
	if !slackUser.MatchString(user) {
		s.refuseSlack(w, "user_not_found", fmt.Sprintf("no user %s", user), Refusal{})
		return
	}
	address := s.slack.address(user)
	if s.faults.badAddress(address) {
		s.refuseSlack(w, "user_not_found", fmt.Sprintf("no user %s", address), Refusal{Fault: BadAddress})
		return
	}
	conversation := "D" + user[1:]
	s.slack.mu.Lock()
	_, already := s.slack.open[conversation]
	s.slack.open[conversation] = user
	s.slack.mu.Unlock()
	answer := map[string]any{"channel": map[string]any{"id": conversation}}
	if form.Get("return_im") == "true" {
		answer["channel"] = map[string]any{"id": conversation, "is_im": true, "user": user}
		answer["no_op"], answer["already_open"] = already, already
	}
	answerSlack(w, answer)
}
