package sandbox

import (
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"perennial/channel/twilio"
)

// This file is what the sandbox calls: webhooks, signed as Twilio signs them.

const (
	receiptsAtOnce = 256 // more receipts than this under way are dropped, as none is promised
	webhookTimeout = 15 * time.Second
)

func newHTTPClient() *http.Client {
	transport := &http.Transport{MaxIdleConnsPerHost: 16, IdleConnTimeout: 30 * time.Second}
	return &http.Client{
		Transport:     transport,
		Timeout:       webhookTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// postReceipt posts what became of a message to its status callback, in the background. It never waits.
func (s *Sandbox) postReceipt(m Message, callback string) {
	select {
	case s.receipts <- struct{}{}:
	default:
		s.config.Logger.Warn("sandbox: a receipt was dropped: too many are under way", "touch", m.Touch)
		return
	}
	s.background.Go(func() {
		defer func() { <-s.receipts }()
		for _, r := range s.receiptsOf(m) {
			select {
			case <-time.After(r.after):
			case <-s.alive.Done():
				return
			}
			if err := s.postOne(s.alive, m, callback, r); err != nil {
				s.config.Logger.Warn("sandbox: a receipt was not taken", "touch", m.Touch, "error", err)
			}
		}
	})
}

func (s *Sandbox) receiptForm(m Message, status string) url.Values {
	form := url.Values{
		"AccountSid":    {s.config.AccountSID},
		"ApiVersion":    {"2010-04-01"},
		"From":          {twilioAddress(m, m.Sender)},
		"MessageSid":    {m.ID},
		"MessageStatus": {status},
		"SmsSid":        {m.ID},
		"SmsStatus":     {status},
		"To":            {twilioAddress(m, m.Address)},
	}
	if status == "undelivered" {
		form.Set("ErrorCode", unknownHandset)
	}
	return form
}

// unknownHandset is Twilio's code for a number that nobody has.
const unknownHandset = "30005"

// postSigned posts a form with a signature as Twilio does, and returns what Twilio is told to say in return. An error unless it is taken; it
// holds no part of the form.
func (s *Sandbox) postSigned(ctx context.Context, address string, form url.Values, signature string) (said string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return "", fmt.Errorf("preparing the webhook's request: %w", err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	request.Header.Set(twilio.SignatureHeader, signature)
	answer, err := s.call(request)
	if err != nil {
		return "", err
	}
	var twiML struct{ Message string }
	if len(answer) == 0 {
		return "", nil
	}
	if err := xml.Unmarshal(answer, &twiML); err != nil {
		return "", fmt.Errorf("the gateway answered no TwiML: %w", err)
	}
	return twiML.Message, nil
}

func (s *Sandbox) call(request *http.Request) (answer []byte, err error) {
	response, err := s.http.Do(request)
	if err != nil {
		return nil, fmt.Errorf("calling the gateway: %w", err)
	}
	answer, err = io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if closeErr := response.Body.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return nil, fmt.Errorf("reading the gateway's answer: %w", err)
	}
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return nil, fmt.Errorf("the gateway answered %s", response.Status)
	}
	return answer, nil
}
