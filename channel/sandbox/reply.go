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
)

// This file is how an answer, typed or made, reaches the stack: an SMS by Twilio's webhook, an e-mail by the gateway's door for events.

// Reply is an answer of a customer's.
type Reply struct {
	Address string `json:"address"` // where it comes from: a number or an e-mail address that received something
	Channel string `json:"channel"` // sms or email; empty: as the address looks
	Text    string `json:"text"`
}

// ReplyError is an answer that can't be given. Its text is for the person who typed it.
type ReplyError string

func (e ReplyError) Error() string { return string(e) }

// Answer delivers an answer and returns it as it is kept. An [ReplyError] is a mistake in the answer; any other error, that the stack
// did not take it.
func (s *Sandbox) Answer(ctx context.Context, r Reply) (Message, error) {
	if r.Channel == "" {
		r.Channel = channelOf(r.Address)
	}
	if strings.TrimSpace(r.Text) == "" {
		return Message{}, ReplyError("The answer is empty.")
	}
	answered, found := s.received.latest(r.Address)
	if !found || answered.Channel != r.Channel {
		return Message{}, ReplyError("This address has received nothing on that channel yet, so there is nothing to answer.")
	}
	m := Message{
		Channel: r.Channel,
		Address: r.Address,
		Sender:  answered.Sender,
		Text:    r.Text,
		Touch:   answered.Touch,
		Reply:   true,
	}
	m.At, m.RealAt = s.now()
	m.ID = newSID("SM")
	deliver := s.deliverSMS
	if r.Channel == Email {
		deliver = s.deliverEmail
	}
	if err := deliver(ctx, m); err != nil {
		return Message{}, err
	}
	return s.received.add(m), nil
}

func channelOf(address string) string {
	if strings.Contains(address, "@") {
		return Email
	}
	return SMS
}

func (s *Sandbox) deliverSMS(ctx context.Context, m Message) error {
	if s.config.InboundSMS == "" {
		return ReplyError("No webhook is set up for answers by SMS.")
	}
	form := url.Values{
		"AccountSid":  {s.config.AccountSID},
		"ApiVersion":  {"2010-04-01"},
		"Body":        {m.Text},
		"From":        {m.Address},
		"MessageSid":  {m.ID},
		"NumMedia":    {"0"},
		"NumSegments": {fmt.Sprint(segments(m.Text))},
		"SmsSid":      {m.ID},
		"SmsStatus":   {"received"},
		"To":          {m.Sender},
	}
	if err := s.postSigned(ctx, s.config.InboundSMS, form); err != nil {
		return fmt.Errorf("delivering the answer %s: %w", m.ID, err)
	}
	return nil
}

// mailEvent is an answer to an e-mail as the gateway takes it. Mail has no webhook that everybody shares, so it is an event.
type mailEvent struct {
	ID   string        `json:"id"`
	Type string        `json:"type"`
	At   time.Time     `json:"at"`
	Data mailEventData `json:"data"`
}

type mailEventData struct {
	Channel   string `json:"channel"`
	From      string `json:"from"`
	InReplyTo string `json:"in_reply_to,omitempty"` // a touch's id
	Text      string `json:"text"`
}

func (s *Sandbox) deliverEmail(ctx context.Context, m Message) error {
	if s.config.GatewayURL == "" {
		return ReplyError("No gateway is set up for answers by e-mail.")
	}
	body, err := json.Marshal(mailEvent{
		ID:   m.ID,
		Type: "message.received",
		At:   m.At,
		Data: mailEventData{Channel: Email, From: m.Address, InReplyTo: m.Touch, Text: m.Text},
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
	if err := s.call(request); err != nil {
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
