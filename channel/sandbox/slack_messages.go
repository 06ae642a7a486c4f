package sandbox

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"perennial/channel/slack"
)

// This file is the messages of a workspace: one is posted, and a conversation is read back.

// longestSlack is in characters.
const longestSlack = 40_000

// slackMetadata is what a message carries for its sender.
type slackMetadata struct {
	EventType    string         `json:"event_type"`
	EventPayload map[string]any `json:"event_payload"`
}

// slackTouch returns the touch's id that a message carries in its metadata.
func slackTouch(form url.Values) string {
	var metadata slackMetadata
	if json.Unmarshal([]byte(form.Get("metadata")), &metadata) != nil {
		return ""
	}
	touch, _ := metadata.EventPayload[slack.MetadataTouch].(string)
	return touch
}

func (s *Sandbox) slackPost(w http.ResponseWriter, r *http.Request, form url.Values) {
	touch := slackTouch(form)
	user := s.slack.member(form.Get("channel"))
	if code := checkPost(form); code != "" {
		s.refuseSlack(w, code, "", Refusal{Touch: touch})
		return
	}
	if user == "" {
		s.refuseSlack(w, "channel_not_found", "", Refusal{Touch: touch})
		return
	}
	address := s.slack.address(user)
	if s.faults.badAddress(address) {
		s.refuseSlack(w, "channel_not_found", "no conversation with "+address, Refusal{Touch: touch, Fault: BadAddress})
		return
	}
	switch fault := s.faults.next(touch, address); fault {
	case Throttle:
		w.Header().Set("Retry-After", strconv.Itoa(throttledFor))
		s.refuse(Refusal{Channel: Slack, Code: "429", Reason: "ratelimited", Touch: touch, Fault: fault})
		writeJSON(w, http.StatusTooManyRequests, map[string]any{"ok": false, "error": "ratelimited"})
	case ServerError:
		s.refuse(Refusal{Channel: Slack, Code: "500", Reason: "an HTML page", Touch: touch, Fault: fault})
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = io.WriteString(w, "<!doctype html><title>Server Error</title>") // a reader that left has no use for the error
	case InternalError:
		s.refuseSlack(w, "internal_error", "", Refusal{Touch: touch, Fault: fault})
	case Hang:
		s.refuse(Refusal{Channel: Slack, Reason: "no answer", Touch: touch, Fault: fault})
		s.hang(r)
	case Stall:
		s.receiveSlack(form, address, fault)
		s.hang(r)
	case Late:
		s.later(func() { s.receiveSlack(form, address, fault) })
		panic(http.ErrAbortHandler)
	case Cut, Unlisted:
		s.receiveSlack(form, address, fault)
		panic(http.ErrAbortHandler) // net/http's way to close the connection without an answer
	default:
		m := s.receiveSlack(form, address, NoFault)
		conversation, stamp, _ := strings.Cut(m.ID, "/")
		answerSlack(w, map[string]any{"channel": conversation, "ts": stamp, "message": s.slackJSON(m, true)})
	}
}

// checkPost returns the code of what Slack would refuse, or "".
func checkPost(form url.Values) string {
	switch text := form.Get("text"); {
	case !slackConversation.MatchString(form.Get("channel")):
		return "channel_not_found"
	case form.Has("blocks") && !isJSON[[]map[string]any](form.Get("blocks")):
		return "invalid_blocks_format"
	case form.Has("metadata") && !isMetadata(form.Get("metadata")):
		return "invalid_metadata_format"
	case strings.TrimSpace(text) == "" && form.Get("blocks") == "":
		return "no_text"
	case utf8.RuneCountInString(text) > longestSlack:
		return "msg_too_long"
	}
	return ""
}

func isJSON[T any](text string) bool {
	var value T
	return json.Unmarshal([]byte(text), &value) == nil
}

func isMetadata(text string) bool {
	var metadata slackMetadata
	return json.Unmarshal([]byte(text), &metadata) == nil && metadata.EventType != "" && metadata.EventPayload != nil
}

func (s *Sandbox) receiveSlack(form url.Values, address string, fault Fault) Message {
	_, real := s.now()
	return s.receive(Message{
		ID:      form.Get("channel") + "/" + s.slack.stamp(real),
		Channel: Slack,
		Address: address,
		Sender:  slackBot,
		Text:    unescapeSlack(form.Get("text")),
		Touch:   slackTouch(form),
		Fault:   fault,
	})
}

// unescapeSlack shows a text as Slack does: three letters are escaped in it.
func unescapeSlack(text string) string {
	return strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">").Replace(text)
}

func escapeSlack(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
}

// slackHistory answers with what was said in a conversation, newest first, a page at a time.
func (s *Sandbox) slackHistory(w http.ResponseWriter, _ *http.Request, form url.Values) {
	conversation := form.Get("channel")
	if s.slack.member(conversation) == "" {
		s.refuseSlack(w, "channel_not_found", "", Refusal{})
		return
	}
	if code := checkHistory(form); code != "" {
		s.refuseSlack(w, code, "", Refusal{})
		return
	}
	inclusive := isTrue(form.Get("inclusive"))
	limit := boundedInt(form.Get("limit"), 100, 1, 999)
	var messages []map[string]any
	next := ""
	for _, m := range s.listed() {
		where, stamp, _ := strings.Cut(m.ID, "/")
		if m.Channel != Slack || where != conversation || !within(stamp, form.Get("oldest"), form.Get("latest"), inclusive) {
			continue
		}
		if cursor := form.Get("cursor"); cursor != "" && stamp > cursor {
			continue
		}
		if len(messages) == limit {
			next = stamp
			break
		}
		messages = append(messages, s.slackJSON(m, isTrue(form.Get("include_all_metadata"))))
	}
	answerSlack(w, map[string]any{
		"messages":          slices.Concat([]map[string]any{}, messages),
		"has_more":          next != "",
		"response_metadata": map[string]any{"next_cursor": next},
	})
}

// checkHistory returns the code of what Slack would refuse, or "".
func checkHistory(form url.Values) string {
	for _, stamp := range []struct{ argument, code string }{{"oldest", "invalid_ts_oldest"}, {"latest", "invalid_ts_latest"}, {"cursor", "invalid_cursor"}} {
		if given := form.Get(stamp.argument); given != "" && !slackStamp.MatchString(given) {
			return stamp.code
		}
	}
	for _, argument := range []string{"inclusive", "include_all_metadata"} {
		if form.Has(argument) && !slices.Contains([]string{"0", "1", "true", "false"}, form.Get(argument)) {
			return "invalid_arguments"
		}
	}
	if form.Has("limit") && !between(1, 999)(form.Get("limit")) {
		return "invalid_limit"
	}
	return ""
}

// slackStamp is what a timestamp of Slack's looks like; the sandbox's cursors are timestamps too.
var slackStamp = regexp.MustCompile(`^[0-9]{1,12}(\.[0-9]{1,6})?$`)

// within compares timestamps, which have all the same length for as long as we live.
func within(stamp, oldest, latest string, inclusive bool) bool {
	if inclusive && (stamp == oldest || stamp == latest) {
		return true
	}
	return (oldest == "" || stamp > oldest) && (latest == "" || stamp < latest)
}

func isTrue(value string) bool { return value == "1" || value == "true" }

func (s *Sandbox) slackJSON(m Message, metadata bool) map[string]any {
	conversation, stamp, _ := strings.Cut(m.ID, "/")
	answer := map[string]any{"type": "message", "ts": stamp, "text": escapeSlack(m.Text), "user": s.slack.member(conversation)}
	if m.Reply {
		return answer
	}
	answer["user"], answer["bot_id"] = "U0SANDBOX", "B0SANDBOX"
	if metadata && m.Touch != "" {
		answer["metadata"] = slackMetadata{EventType: slack.MetadataEvent, EventPayload: map[string]any{slack.MetadataTouch: m.Touch}}
	}
	return answer
}
