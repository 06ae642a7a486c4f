package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"perennial/channel"
	"perennial/channel/slack"
	"perennial/domain/customer"
	"perennial/store"
)

// SlackPath is the request URL to give to Slack for events; the app subscribes to the bot event message.im.
const SlackPath = "/v1/slack/events"

// Speaker says something to one person on one channel.
type Speaker interface {
	Send(context.Context, channel.Message) (channel.Receipt, error)
}

// slackRequest is what Slack posts, as far as it concerns us. EventID is the same however often an event is posted.
type slackRequest struct {
	Type      string `json:"type"`
	Challenge string `json:"challenge"`
	EventID   string `json:"event_id"`
	Event     struct {
		Type    string `json:"type"`
		Subtype string `json:"subtype"`      // of edits, deletions and the like; a person's own message has none
		Kind    string `json:"channel_type"` // im is a direct message
		User    string `json:"user"`
		Bot     string `json:"bot_id"`
		Text    string `json:"text"`
	} `json:"event"`
}

// maxSlackBody bounds Slack's requests: a message has up to 40,000 characters.
const maxSlackBody = 1 << 20

// slackEvents takes what Slack tells: that this address is ours, and direct messages of people.
func (g *Gateway) slackEvents(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxSlackBody))
	if err != nil {
		respond(w, http.StatusRequestEntityTooLarge, "the request is too large")
		return
	}
	if !slack.Verify(g.SlackSecret, r.Header, body) {
		if g.unproven(w, r, "the signature is wrong or too old") {
			g.Log.Warn("A request was refused: its signature is not Slack's, or too old. Is SLACK_SIGNING_SECRET that of the app, and the clock right?", "path", r.URL.Path)
		}
		return
	}
	told, err := readSlack(body)
	if err != nil {
		respond(w, http.StatusBadRequest, err.Error())
		return
	}
	if told.Type == "url_verification" {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, told.Challenge) // nothing else: Slack compares it
		return
	}
	m, ok := slackMessage(told)
	if !ok {
		w.WriteHeader(http.StatusOK)
		return
	}
	m.at = g.now()
	say, err := g.hear(r.Context(), m)
	if err != nil {
		g.Log.Error("A message could not be taken; Slack brings it again.", "message", m.id, "error", err)
		respond(w, http.StatusServiceUnavailable, "try again")
		return
	}
	w.WriteHeader(http.StatusOK)
	_ = http.NewResponseController(w).Flush() // Slack waits three seconds, and what we say may take longer
	g.answerOnSlack(r.Context(), m, say)
}

// readSlack reads what Slack posts.
func readSlack(body []byte) (told slackRequest, err error) {
	if err := json.Unmarshal(body, &told); err != nil {
		return slackRequest{}, errors.New("the request can't be read")
	}
	return told, nil
}

// slackMessage is the message that a request tells of: what a person wrote to us alone. Our own messages come here too.
func slackMessage(told slackRequest) (message, bool) {
	e := told.Event
	if told.Type != "event_callback" || e.Type != "message" || e.Kind != "im" || e.Subtype != "" || e.Bot != "" || e.User == "" || len(e.User) > maxAddress || store.CheckID(told.EventID) != nil {
		return message{}, false
	}
	return message{
		id: "slack:" + told.EventID, channel: customer.Slack, from: e.User, text: slackText.Replace(e.Text),
	}, true
}

// slackText undoes what Slack writes instead of three characters.
var slackText = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

// speakTime is how long we try to say something in return, in real time.
const speakTime = 20 * time.Second

// answerOnSlack says something in return, once: what does not go out now is not worth a second try.
func (g *Gateway) answerOnSlack(ctx context.Context, m message, say string) {
	if say == "" || g.Slack == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), speakTime)
	defer cancel()
	if _, err := g.Slack.Send(ctx, channel.Message{Touch: m.id, To: m.from, Text: say}); err != nil {
		g.Log.Warn("What we say in return could not be said.", "message", m.id, "error", err)
	}
}
