package smtp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"regexp"
	"strconv"

	"github.com/wneessen/go-mail"

	"perennial/channel"
)

// provider names us in errors.
const provider = "smtp"

// classify turns what a message that was not taken ended with into an outcome:
//
//   - surely not sent: an answer of 4xx or 5xx, to whatever was said, and any failure up to the recipient and before the content
//   - unknown: the content was under way or said to its end, and no answer came
//
// Whether the message was taken is asked first, of the message: go-mail also returns errors of what came after. The error returned
// says nothing that err says: servers quote addresses.
func classify(err error) *channel.Error {
	e, ok := errors.AsType[*mail.SendError](err)
	if !ok {
		return failure(channel.Unknown, "")
	}
	if code := e.ErrorCode(); code != 0 {
		enhanced := enhancedIn(e)
		return failure(kindOf(stageOf(e.Reason), code, enhanced), codeText(code, enhanced))
	}
	switch e.Reason {
	case mail.ErrGetSender, mail.ErrGetRcpts, mail.ErrSMTPMailFrom, mail.ErrSMTPRcptTo, mail.ErrSMTPData, mail.ErrConnCheck:
		return failure(channel.Temporary, "")
	case mail.ErrNoUnencoded:
		return failure(channel.Misconfigured, "")
	default:
		return failure(channel.Unknown, "")
	}
}

// classifyDial turns a connection that was not had into an outcome: surely not sent, whatever it was.
func classifyDial(err error) *channel.Error {
	if answer, ok := errors.AsType[*textproto.Error](err); ok {
		return failure(kindOf(atLogin, answer.Code, ""), codeText(answer.Code, ""))
	}
	if ofNetwork(err) {
		return failure(channel.Temporary, "")
	}
	// Neither the server nor the network said it, so our settings did: no STARTTLS, no login that both know, a wrong certificate.
	return failure(channel.Misconfigured, "")
}

func ofNetwork(err error) bool {
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	_, garbled := errors.AsType[textproto.ProtocolError](err)
	return garbled || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

func stageOf(reason mail.SendErrReason) stage {
	switch reason {
	case mail.ErrSMTPMailFrom:
		return atSender
	case mail.ErrSMTPRcptTo:
		return atRecipient
	default:
		return atContent
	}
}

// enhancedCode is a code of RFC 3463. go-mail takes the first thing of that look from the answer, an IP address too.
var enhancedCode = regexp.MustCompile(`^[45]\.[0-7]\.[0-9]{1,2}$`)

func enhancedIn(e *mail.SendError) string {
	if code := e.EnhancedStatusCode(); enhancedCode.MatchString(code) {
		return code
	}
	return ""
}

func codeText(code int, enhanced string) string {
	if enhanced == "" {
		return strconv.Itoa(code)
	}
	return fmt.Sprintf("%d %s", code, enhanced)
}

func failure(kind channel.Kind, code string) *channel.Error {
	return &channel.Error{Kind: kind, Provider: provider, Code: code}
}
