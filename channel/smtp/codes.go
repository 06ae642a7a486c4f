package smtp

import (
	"strings"

	"perennial/channel"
)

// stage is how far a conversation had come: the same code means other things of a recipient than of a content.
type stage string

const (
	atLogin     stage = "login"
	atSender    stage = "sender"
	atRecipient stage = "recipient"
	atContent   stage = "content"
)

// rule is what an answer means. What a rule leaves empty, it does not ask for.
type rule struct {
	stage    stage
	code     int    // RFC 5321; below 10: the first digit alone
	enhanced string // RFC 3463, or its beginning
	kind     channel.Kind
}

// rules are asked from the top; the first that fits decides. The last two fit anything.
var rules = []rule{
	// What the server says of itself and of us.
	{code: 530, kind: channel.Misconfigured}, // log in first, or TLS first
	{code: 534, kind: channel.Misconfigured}, // another kind of login
	{code: 535, kind: channel.Misconfigured}, // wrong credentials
	{code: 538, kind: channel.Misconfigured}, // login wants TLS
	{stage: atLogin, code: 5, kind: channel.Misconfigured},
	{enhanced: "5.1.7", kind: channel.Misconfigured}, // the sender's address, badly written
	{enhanced: "5.1.8", kind: channel.Misconfigured}, // the sender's domain does not exist
	{stage: atSender, code: 5, kind: channel.Misconfigured},

	// Slower, please: rate limits and greylists, too many at once.
	{enhanced: "4.7.", kind: channel.Throttled},
	{enhanced: "4.5.3", kind: channel.Throttled},
	{code: 4, kind: channel.Temporary}, // 421, 450, 451, 452 and the like

	// The mailbox is full: it may have room later.
	{enhanced: "5.2.2", kind: channel.Temporary},

	// The address. RFC 3463, X.1 and X.2; 5.4.1 and 5.4.4 are a domain that takes no mail.
	{enhanced: "5.1.", kind: channel.BadAddress},
	{enhanced: "5.2.1", kind: channel.BadAddress},
	{enhanced: "5.4.1", kind: channel.BadAddress},
	{enhanced: "5.4.4", kind: channel.BadAddress},

	// Our mail, or we, by the receiver's policy; too large; what it can't read.
	{enhanced: "5.7.", kind: channel.Rejected},
	{enhanced: "5.6.", kind: channel.Rejected},
	{enhanced: "5.3.4", kind: channel.Rejected},
	{code: 552, kind: channel.Rejected},
	{code: 554, kind: channel.Rejected},

	// A server without enhanced codes says no to a recipient.
	{stage: atRecipient, code: 550, kind: channel.BadAddress},
	{stage: atRecipient, code: 551, kind: channel.BadAddress},
	{stage: atRecipient, code: 553, kind: channel.BadAddress},
	{stage: atRecipient, code: 501, kind: channel.BadAddress}, // badly written
	{stage: atRecipient, code: 556, kind: channel.BadAddress}, // a domain that takes no mail, RFC 7504

	{code: 5, kind: channel.Rejected},
	{kind: channel.Temporary},
}

func (r rule) fits(at stage, code int, enhanced string) bool {
	if r.stage != "" && r.stage != at {
		return false
	}
	if r.code >= 10 && r.code != code || r.code > 0 && r.code < 10 && r.code != code/100 {
		return false
	}
	if strings.HasSuffix(r.enhanced, ".") {
		return strings.HasPrefix(enhanced, r.enhanced)
	}
	return r.enhanced == "" || r.enhanced == enhanced
}

// kindOf classes an answer of 4xx or 5xx.
func kindOf(at stage, code int, enhanced string) channel.Kind {
	for _, r := range rules {
		if r.fits(at, code, enhanced) {
			return r.kind
		}
	}
	return channel.Temporary
}
