package smtp

import (
	"errors"
	"net/url"
	"regexp"
	"strings"

	"github.com/emersion/go-message"
)

// This file is the feedback reports of mail providers (RFC 5965): somebody pressed the button that says spam. What is signed by us in the mail that
// they return names the touch, so that nobody can complain in somebody else's name.

// complaint is what a feedback report says.
type complaint struct {
	feedback string // the kind of report, in lower case
	touch    string
}

// Of the kinds of feedback, those by which somebody wants no more such mails. "not-spam" takes that back, "auth-failure" (RFC 6591) and "virus" are for
// whoever runs the mail server.
var unwanted = map[string]bool{"abuse": true, "fraud": true, "opt-out": true, "opt-out-list": true}

// errNoFeedback is a report that lacks what RFC 5965 asks for.
var errNoFeedback = errors.New("this is no feedback report (message/feedback-report with one Feedback-Type, RFC 5965)")

func (in Incoming) complained(c complaint, err error) (Incoming, error) {
	in.Kind, in.Touch = Complaint, c.touch
	switch {
	case err != nil:
		in.Kind, in.Why = Useless, err.Error()
	case !unwanted[c.feedback]:
		in.Kind, in.Why = Useless, "a feedback report of the kind "+c.feedback+", which is no complaint"
	case c.touch == "":
		in.Kind, in.Why = Useless, "a complaint about a mail in which nothing is signed by us"
	}
	return in, nil
}

// readComplaint reads a feedback report.
func readComplaint(mail *message.Entity, keys Keys) (complaint, error) {
	var c complaint
	parts := mail.MultipartReader()
	if parts == nil {
		return c, errNoFeedback
	}
	for range mostParts {
		part, err := parts.NextPart()
		if !readable(err) {
			break // the end, or cut off: what came before counts
		}
		kind, _, err := part.Header.ContentType()
		if err != nil {
			continue
		}
		switch kind {
		case "message/feedback-report":
			if err := c.readFeedback(part, keys); err != nil {
				return c, err
			}
		case "message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers":
			c.readReturned(part, keys)
		}
	}
	if c.feedback == "" {
		return c, errNoFeedback
	}
	return c, nil
}

// feedbackForm is what a Feedback-Type looks like; it is shown to people.
var feedbackForm = regexp.MustCompile(`^[a-z][a-z-]{0,30}$`)

func (c *complaint) readFeedback(part *message.Entity, keys Keys) error {
	fields, err := headerOf(part.Body)
	if err != nil {
		return errNoFeedback
	}
	kinds := fields.Values("Feedback-Type")
	if len(kinds) != 1 || c.feedback != "" {
		return errNoFeedback
	}
	c.feedback = strings.ToLower(strings.TrimSpace(kinds[0]))
	if !feedbackForm.MatchString(c.feedback) {
		c.feedback = ""
		return errNoFeedback
	}
	c.sign(bouncedTouch(keys.Bounce, strings.Trim(fields.Get("Original-Mail-From"), "<> ")))
	return nil
}

// readReturned looks for what we signed in the mail that a report returns.
func (c *complaint) readReturned(part *message.Entity, keys Keys) {
	header, err := headerOf(part.Body)
	if err != nil {
		return // then it names no touch
	}
	for _, name := range []string{"Return-Path", "X-Original-From", "Sender"} {
		c.sign(bouncedTouch(keys.Bounce, strings.Trim(header.Get(name), "<> ")))
	}
	for link := range strings.SplitSeq(header.Get("List-Unsubscribe"), ",") {
		if u, err := url.Parse(strings.Trim(link, "<> \t\r\n")); err == nil {
			c.sign(UnsubscribeTouch(keys.Unsubscribe, u))
		}
	}
}

// sign takes a touch whose signature is ours; the first one counts.
func (c *complaint) sign(touch string, ours bool) {
	if ours && c.touch == "" {
		c.touch = touch
	}
}
