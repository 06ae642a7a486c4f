package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"perennial/channel/slack"
	"perennial/channel/twilio"
)

// This file is how an answer, typed or made, reaches the stack: by SMS and WhatsApp through Twilio's webhook, by Slack through its Events API, by
// e-mail through the gateway's door for events. What the stack says in return is received like any message.

// Reply is an answer of a customer's.
type Reply struct {
	Address string `json:"address"` // where it comes from: an address that received something
	Channel string `json:"channel"` // empty: the one that it received something on last
	Text    string `json:"text"`
}

// ReplyError is an answer that can't be given. Its text is for the person who typed it.
type ReplyError string

func (e ReplyError) Error() string { return string(e) }

// Answer delivers an answer and returns it as it is kept. An [ReplyError] is a mistake in the answer; any other error, that the stack
// did not take it.
func (s *Sandbox) Answer(ctx context.Context, r Reply) (Message, error) {
	if strings.TrimSpace(r.Text) == "" {
		return Message{}, ReplyError("The answer is empty.")
	}
	answered, found := s.received.latest(r.Channel, r.Address)
	if !found {
		return Message{}, ReplyError("This address has received nothing on that channel yet, so there is nothing to answer.")
	}
	m := Message{
		Channel: answered.Channel,
		Address: r.Address,
		Sender:  answered.Sender,
		Text:    r.Text,
		Touch:   answered.Touch,
		Reply:   true,
	}
	m.At, m.RealAt = s.now()
	m.ID = newSID()
	kept := m.ID
	if m.Channel == Slack {
		conversation, _, _ := strings.Cut(answered.ID, "/")
		kept = conversation + "/" + s.slack.stamp(m.RealAt)
	}
	var said string
	var err error
	switch {
	case m.Channel == Slack && s.config.SlackEvents != "":
		err = s.deliverBySlack(ctx, m, kept)
	case m.Channel == Email || m.Channel == Slack:
		err = s.deliverEvent(ctx, m)
	default:
		said, err = s.deliverByTwilio(ctx, m)
	}
	if err != nil {
		return Message{}, err
	}
	m.ID = kept
	m = s.received.add(m)
	if said != "" {
		back := Message{ID: newSID(), Channel: m.Channel, Address: m.Address, Sender: m.Sender, Text: said, At: m.At, RealAt: m.RealAt}
		s.received.add(back)
	}
	return m, nil
}

// deliverByTwilio posts an answer to the webhook, and returns what that has Twilio say in return.
func (s *Sandbox) deliverByTwilio(ctx context.Context, m Message) (said string, err error) {
	if s.config.InboundSMS == "" {
		return "", ReplyError("No webhook is set up for answers by SMS and WhatsApp.")
	}
	form := url.Values{
		"AccountSid":  {s.config.AccountSID},
		"ApiVersion":  {"2010-04-01"},
		"Body":        {m.Text},
		"From":        {twilioAddress(m, m.Address)},
		"MessageSid":  {m.ID},
		"NumMedia":    {"0"},
		"NumSegments": {fmt.Sprint(segments(m.Text))},
		"SmsSid":      {m.ID},
		"SmsStatus":   {"received"},
		"To":          {twilioAddress(m, m.Sender)},
	}
	if m.Channel == WhatsApp {
		form.Set("ChannelPrefix", "whatsapp")
		form.Set("WaId", strings.TrimPrefix(m.Address, "+"))
	}
	said, err = s.postSigned(ctx, s.config.InboundSMS, form, twilio.Sign(s.config.AuthToken, s.config.InboundSMS, form))
	if err != nil {
		return "", fmt.Errorf("delivering the answer %s: %w", m.ID, err)
	}
	return said, nil
}

// deliverBySlack posts an answer as Slack's Events API does: https://docs.slack.dev/reference/events/message.im.
func (s *Sandbox) deliverBySlack(ctx context.Context, m Message, id string) error {
	conversation, stamp, _ := strings.Cut(id, "/")
	body, err := json.Marshal(map[string]any{
		"type": "event_callback", "team_id": "T0SANDBOX", "api_app_id": "A0SANDBOX", "event_id": "Ev" + strings.TrimPrefix(m.ID, "SM"),
		"event_time": m.RealAt.Unix(),
		"event": map[string]any{
			"type": "message", "channel": conversation, "channel_type": "im", "user": s.slack.member(conversation), "ts": stamp, "event_ts": stamp,
			"text": slackEscapes.Replace(m.Text),
		},
	})
	if err != nil {
		return fmt.Errorf("writing the answer %s: %w", m.ID, err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.config.SlackEvents, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("preparing the answer %s: %w", m.ID, err)
	}
	request.Header = slack.Sign(s.config.SlackSecret, body, time.Now())
	request.Header.Set("Content-Type", "application/json")
	if _, err := s.call(request); err != nil {
		return fmt.Errorf("delivering the answer %s: %w", m.ID, err)
	}
	return nil
}

// slackEscapes are the characters that Slack writes in another way.
var slackEscapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// answerEvent is an answer as the gateway takes it where it listens to no webhook of the provider's.
type answerEvent struct {
	ID   string          `json:"id"`
	Type string          `json:"type"`
	At   time.Time       `json:"at"`
	Data answerEventData `json:"data"`
}

type answerEventData struct {
	Channel   string `json:"channel"`
	From      string `json:"from"`
	InReplyTo string `json:"in_reply_to,omitempty"` // a touch's id
	Text      string `json:"text"`
}

func (s *Sandbox) deliverEvent(ctx context.Context, m Message) error {
	if s.config.GatewayURL == "" {
		return ReplyError("No gateway is set up for answers by e-mail and Slack.")
	}
	body, err := json.Marshal(answerEvent{
		ID:   m.ID,
		Type: "message.received",
		At:   m.At,
		Data: answerEventData{Channel: m.Channel, From: m.Address, InReplyTo: m.Touch, Text: m.Text},
	})
	if err != nil {
		return fmt.Errorf("writing the answer %s: %w", m.ID, err)
	}
	address := strings.TrimSuffix(s.config.GatewayURL, "/") + "/v1/events"
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("preparing the answer %s: %w", m.ID, err)
	}
	request.Header.Set("Content-Type", "application/json")
	if s.config.GatewayToken != "" {
		request.Header.Set("Authorization", "Bearer "+s.config.GatewayToken)
	}
	if _, err := s.call(request); err != nil {
		return fmt.Errorf("delivering the answer %s: %w", m.ID, err)
	}
	return nil
}

// statusOf is the HTTP status that an error of Answer is told with.
func statusOf(err error) int {
	if _, mistake := errors.AsType[ReplyError](err); mistake {
		return http.StatusUnprocessableEntity
	}
	return http.StatusBadGateway
}
