package sandbox

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// This file is Slack's Web API as a bot meets it. Who is in the workspace is in slack_people.go, the messages in slack_messages.go.

const (
	maxSlackForm = 1 << 20 // with room for the longest text, encoded
	slackBot     = "perennial"
)

// slackMethod is one method of the API.
type slackMethod struct {
	handle    func(w http.ResponseWriter, r *http.Request, form url.Values)
	arguments []string // beside the token
}

func (s *Sandbox) slackMethods() map[string]slackMethod {
	return map[string]slackMethod{
		"auth.test":           {s.slackAuthTest, nil},
		"users.lookupByEmail": {s.slackLookUp, []string{"email"}},
		"conversations.open":  {s.slackOpen, []string{"channel", "prevent_creation", "return_im", "users"}},
		"chat.postMessage": {s.slackPost, []string{
			"as_user", "attachments", "blocks", "channel", "icon_emoji", "icon_url", "link_names", "markdown_text", "metadata", "mrkdwn",
			"parse", "reply_broadcast", "text", "thread_ts", "unfurl_links", "unfurl_media", "username",
		}},
		"conversations.history": {s.slackHistory, []string{"channel", "cursor", "include_all_metadata", "inclusive", "latest", "limit", "oldest"}},
	}
}

// slackMethod answers a call. Whatever Slack's answers say, they are 200.
func (s *Sandbox) slackMethod(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxSlackForm)
	if err := r.ParseForm(); err != nil {
		s.refuseSlack(w, "invalid_form_data", "", Refusal{})
		return
	}
	method, known := s.slackMethods()[r.PathValue("method")]
	if !known {
		s.refuseSlack(w, "unknown_method", "", Refusal{})
		return
	}
	if code := s.checkSlack(r, method); code != "" {
		s.refuseSlack(w, code, "", Refusal{Touch: slackTouch(r.PostForm)})
		return
	}
	method.handle(w, r, r.PostForm)
}

// checkSlack checks the token and the names of the arguments. Slack itself passes over many a wrong name; a sender that uses one is
// wrong all the same.
func (s *Sandbox) checkSlack(r *http.Request, method slackMethod) (code string) {
	token := r.PostForm.Get("token")
	if token == "" {
		token = strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	}
	if token == "" {
		return "not_authed"
	}
	if !same(token, s.config.SlackToken) {
		return "invalid_auth"
	}
	for _, name := range slices.Sorted(maps.Keys(r.PostForm)) {
		if name != "token" && !slices.Contains(method.arguments, name) {
			return "invalid_arg_name"
		}
		if len(r.PostForm[name]) > 1 || !utf8.ValidString(r.PostForm.Get(name)) {
			return "invalid_arguments"
		}
	}
	return ""
}

func (s *Sandbox) slackAuthTest(w http.ResponseWriter, _ *http.Request, _ url.Values) {
	w.Header().Set("X-OAuth-Scopes", "chat:write,im:history,im:write,users:read.email")
	answerSlack(w, map[string]any{
		"url": "https://sandbox.slack.example/", "team": "Sandbox", "team_id": "T0SANDBOX",
		"user": slackBot, "user_id": "U0SANDBOX", "bot_id": "B0SANDBOX",
	})
}

func answerSlack(w http.ResponseWriter, fields map[string]any) {
	fields["ok"] = true
	writeJSON(w, http.StatusOK, fields)
}

// refuseSlack answers with an error's code, and with what Slack says beside it, which quotes what the sender gave. The refusal says
// why.
func (s *Sandbox) refuseSlack(w http.ResponseWriter, code, detail string, why Refusal) {
	answer := map[string]any{"ok": false, "error": code}
	why.Channel, why.Code, why.Reason = Slack, code, code
	if detail != "" {
		answer["response_metadata"] = map[string]any{"messages": []string{"[ERROR] " + detail}}
		why.Reason = detail
	}
	s.refuse(why)
	writeJSON(w, http.StatusOK, answer)
}
