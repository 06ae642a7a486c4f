package twilio

import (
	"strconv"

	"perennial/channel"
)

// KindOf classes one of Twilio's error codes, from an answer or from a status callback; false if we don't know it.
func KindOf(code int) (channel.Kind, bool) {
	kind, known := codes[code]
	return kind, known
}

// Proves returns what the error code of a status callback proves of a touch that did not arrive; "" where it is none that we know.
func Proves(code string) channel.Kind {
	number, err := strconv.Atoi(code)
	if err != nil {
		return ""
	}
	return codes[number]
}

// codes is what Twilio's error codes mean to us. Those from 30000 on come mostly in the callback, after a 201.
var codes = map[int]channel.Kind{
	// The address can't be reached.
	21211: channel.BadAddress, // To is not a valid number
	21604: channel.BadAddress, // To is missing
	21614: channel.BadAddress, // To is not a mobile number
	21635: channel.BadAddress, // To is a landline
	30005: channel.BadAddress, // unknown handset
	30006: channel.BadAddress, // landline or unreachable carrier

	63003: channel.BadAddress, // no such user on this channel
	63024: channel.BadAddress, // no WhatsApp on this number

	21610: channel.OptedOut, // the customer answered STOP

	// The content, or what carriers think of it. A person should look.
	21602: channel.Rejected, // no body
	21617: channel.Rejected, // longer than 1600 characters
	21619: channel.Rejected, // body missing or too long
	21654: channel.Rejected, // content variables without a content id
	21655: channel.Rejected, // no such content in this account
	21656: channel.Rejected, // content variables that can't be used: not JSON, empty, with line breaks
	30004: channel.Rejected, // blocked
	30007: channel.Rejected, // filtered as spam
	63005: channel.Rejected, // WhatsApp does not take this content
	63013: channel.Rejected, // against WhatsApp's policy
	63016: channel.Rejected, // WhatsApp outside its 24 hours: needs approved content
	63049: channel.Rejected, // WhatsApp keeps marketing from somebody who has had much of it

	20429: channel.Throttled, // too many requests
	63018: channel.Throttled, // WhatsApp's rate for this sender

	// Later. A handset that is unreachable is most often switched off, or out of reach.
	30003: channel.Temporary, // unreachable handset
	21611: channel.Temporary, // this sender's queue is full
	30001: channel.Temporary, // queue overflow

	// The account, its permissions, its sender.
	20003: channel.Misconfigured, // wrong credentials
	20005: channel.Misconfigured, // the account is not active
	20006: channel.Misconfigured, // access denied
	20404: channel.Misconfigured, // no such account
	21212: channel.Misconfigured, // From is not valid
	21219: channel.Misconfigured, // a trial account, and To is not verified
	21408: channel.Misconfigured, // no permission for To's region
	21603: channel.Misconfigured, // From is missing
	21606: channel.Misconfigured, // From is not ours or can't send SMS
	21609: channel.Misconfigured, // the status callback is not a valid URL
	21612: channel.Misconfigured, // no way from From to To
	21703: channel.Misconfigured, // the messaging service has no sender
	21705: channel.Misconfigured, // the messaging service is not valid
	21910: channel.Misconfigured, // From and To are of different channels
	63007: channel.Misconfigured, // From is no WhatsApp sender of this account

	20500: channel.Unknown, // Twilio's own failure
	30008: channel.Unknown, // the carrier does not say
}
