package smtp

import (
	"bufio"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	netmail "net/mail"
	"regexp"
	"strconv"
	"strings"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // reports are in whatever characters their servers like
	"github.com/emersion/go-message/textproto"

	"perennial/channel"
)

// This file is what comes back: the address that a mail bounces to, which names its touch and is signed, so that nobody can have an address taken
// for a dead one by writing a report; and the reports themselves (RFC 3464).

// bouncePrefix begins the part before the @ of an address that bounces come to.
const bouncePrefix = "bounce+"

// longestLocal is the longest part before the @, by RFC 5321.
const longestLocal = 64

// BounceAddress is the envelope sender of a touch's mail; "" where its id leaves no room for one.
func BounceAddress(key, touch, domain string) string {
	local := bouncePrefix + touch + "+" + signBounce(key, touch)
	if len(local) > longestLocal {
		return ""
	}
	return local + "@" + domain
}

// signBounce is short, and in letters that a server may write in another case.
func signBounce(key, touch string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte("bounce\x00" + touch))
	return strings.ToLower(base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(mac.Sum(nil)[:10]))
}

// bouncedTouch returns the touch in an address of ours that we signed; an empty key signs nothing.
func bouncedTouch(key, address string) (touch string, ok bool) {
	local, _, _ := strings.Cut(strings.ToLower(address), "@")
	signed, found := strings.CutPrefix(local, bouncePrefix)
	end := strings.LastIndexByte(signed, '+')
	if key == "" || !found || end < 0 {
		return "", false
	}
	touch = signed[:end]
	return touch, hmac.Equal([]byte(signed[end+1:]), []byte(signBounce(key, touch)))
}

// Fate is what a report says became of a mail.
type Fate string

// What may become of a mail.
const (
	Arrived Fate = "delivered"
	Bounced Fate = "undelivered" // given up
	Delayed Fate = "delayed"     // being tried still, or handed on to a server that reports nothing
)

// Report is what a mail server reported of one mail of ours.
type Report struct {
	Touch string
	Fate  Fate
	Code  string       // RFC 3463, such as "5.1.1"
	Kind  channel.Kind // why it bounced; bad_address says that the address is no good, now or later
	To    string       // whom we had sent it to, by the report: personal
}

// The mails that are no report of a mail of ours.
var (
	ErrNoReport = errors.New("this is no delivery report (multipart/report with message/delivery-status, RFC 3464)")
	ErrNotOurs  = errors.New("this report came to no bounce address that we signed")
)

// mostParts bounds how many parts of a mail are looked at: a report has three.
const mostParts = 16

// ReadReport reads a delivery report as it came: the whole mail. The key is that of the bounce addresses. recipient is the address that the report
// came to, where the mail server told it; otherwise the mail's own headers are asked. The errors are ErrNoReport and ErrNotOurs, or say
// what can't be read; none quotes the mail.
func ReadReport(mail io.Reader, key, recipient string) (Report, error) {
	entity, err := message.Read(mail)
	if !readable(err) {
		return Report{}, ErrUnreadable
	}
	kind, params, err := entity.Header.ContentType()
	parts := entity.MultipartReader()
	if err != nil || kind != "multipart/report" || !strings.EqualFold(params["report-type"], "delivery-status") || parts == nil {
		return Report{}, ErrNoReport
	}
	touch, ours := reportedTouch(entity.Header, key, recipient)
	if !ours {
		return Report{}, ErrNotOurs
	}
	r := Report{Touch: touch}
	for range mostParts {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) || !readable(err) && r.Fate != "" {
			break // what came before it was cut off says it all
		}
		if !readable(err) {
			return Report{}, errors.New("the report's parts can't be read")
		}
		if err := r.readPart(part); err != nil {
			return Report{}, err
		}
	}
	if r.Fate == "" {
		return Report{}, ErrNoReport
	}
	return r, nil
}

// reportedTouch looks for an address that we signed where the report may have come to.
func reportedTouch(header message.Header, key, recipient string) (touch string, ours bool) {
	addresses := []string{recipient}
	for _, name := range []string{"Delivered-To", "X-Original-To", "Envelope-To", "To"} {
		for _, text := range header.Values(name) {
			list, err := netmail.ParseAddressList(text)
			if err != nil {
				addresses = append(addresses, strings.Trim(text, "<> "))
				continue
			}
			for _, a := range list {
				addresses = append(addresses, a.Address)
			}
		}
	}
	for _, address := range addresses {
		if touch, ours := bouncedTouch(key, address); ours {
			return touch, true
		}
	}
	return "", false
}

// readPart takes what a part of the report says: what became of the mail, or the header of the mail itself.
func (r *Report) readPart(part *message.Entity) error {
	kind, _, err := part.Header.ContentType()
	if err != nil {
		return nil //nolint:nilerr // a part that does not say what it is says nothing that we need
	}
	switch kind {
	case "message/delivery-status", "message/global-delivery-status":
		return r.readStatus(part.Body)
	case "message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers":
		sent, err := headerOf(part.Body)
		if err != nil {
			return nil //nolint:nilerr // then it does not say whom it went to
		}
		if to, err := netmail.ParseAddress(sent.Get("To")); err == nil {
			r.To = to.Address
		}
	}
	return nil
}

// readStatus reads the groups of fields of RFC 3464: one of the report, and one of each recipient. A mail of ours has one.
func (r *Report) readStatus(body io.Reader) error {
	lines := bufio.NewReader(body)
	for range mostParts {
		group, err := textproto.ReadHeader(lines)
		if err != nil && !errors.Is(err, io.EOF) {
			return errors.New("the report's status can't be read")
		}
		r.take(group)
		if err != nil {
			return nil //nolint:nilerr // it is the end
		}
	}
	return nil
}

// take takes what a group says of one recipient. That a mail bounced says more than anything else.
func (r *Report) take(group textproto.Header) {
	fate := map[string]Fate{"failed": Bounced, "delivered": Arrived, "delayed": Delayed, "relayed": Delayed, "expanded": Delayed}[strings.ToLower(group.Get("Action"))]
	if fate == "" || r.Fate == Bounced {
		return
	}
	r.Fate, r.Code, r.Kind = fate, statusForm.FindString(group.Get("Status")), ""
	if fate == Bounced {
		r.Kind = kindOf(atRecipient, replyCode(group.Get("Diagnostic-Code"), r.Code), r.Code)
	}
	for _, name := range []string{"Final-Recipient", "Original-Recipient"} { // the second is the one that we wrote
		if kind, address, found := strings.Cut(group.Get(name), ";"); found && strings.EqualFold(strings.TrimSpace(kind), "rfc822") && r.To == "" {
			r.To = strings.Trim(address, " <>")
		}
	}
}

var (
	statusForm = regexp.MustCompile(`[245]\.\d{1,3}\.\d{1,3}`)
	replyForm  = regexp.MustCompile(`^\s*smtp\s*;\s*([245]\d\d)\b`)
)

// replyCode is what the other server said, by the report; where it does not tell, the class of the status.
func replyCode(diagnostic, status string) int {
	if said := replyForm.FindStringSubmatch(strings.ToLower(diagnostic)); said != nil {
		code, _ := strconv.Atoi(said[1]) // three digits
		return code
	}
	class, err := strconv.Atoi(fmt.Sprintf("%.1s00", status))
	if err != nil {
		return 500
	}
	return class
}
