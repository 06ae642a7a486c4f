package channel

import (
	"errors"
	"fmt"
	"time"
)

// Message is one message to one customer, or to a colleague about one.
type Message struct {
	Touch    string        // the touch's id, which the provider carries back to us
	Trace    string        // where the touch's trace stands, which it carries back too where it can; empty where nothing is traced
	To       string        // by channel: a number in E.164, an e-mail address, or for Slack a user id or an e-mail address
	Country  string        // the reader's, two letters of ISO 3166 such as GB, by which SMS choose their sender; may be empty
	Subject  string        // e-mail only
	Text     string        // plain text
	HTML     string        // e-mail only; empty means plain text alone
	Language string        // of the text, BCP 47; may be empty
	Valid    time.Duration // how long from now, in real time, the provider may go on trying; 0 is the provider's default

	// WhatsApp only: the approved content to send, and what stands for its placeholders. With a content id Text is not sent.
	ContentSID string
	Variables  map[string]string

	// Colleague says that it goes to somebody on our side: it has no button to unsubscribe.
	Colleague bool

	// SessionOpen says that the customer wrote on WhatsApp within the last 24 hours, so that a Text without a content id may be
	// sent. Nobody who does not know sets it.
	SessionOpen bool
}

// Receipt is what a provider said when it took a message.
type Receipt struct {
	ProviderID string // the provider's own id of the message
}

// Kind classes why a send did not end in a receipt. What follows from each is DESIGN §7.
type Kind string

const (
	BadAddress    Kind = "bad_address"   // surely not sent: the address can't be reached, now or later
	OptedOut      Kind = "opted_out"     // surely not sent: the customer told the provider to stop
	Rejected      Kind = "rejected"      // surely not sent: the provider refuses this content
	Throttled     Kind = "throttled"     // surely not sent: too fast, retry when told
	Temporary     Kind = "temporary"     // surely not sent: retry later
	Misconfigured Kind = "misconfigured" // surely not sent: our credentials or settings are wrong
	Unknown       Kind = "unknown"       // it may have been sent
)

// Error is a send that did not end in a receipt. Its text is for a manager and carries no address, no message text and none
// of the provider's own words, since providers echo addresses.
type Error struct {
	Kind       Kind
	Provider   string        // "twilio", "smtp", "slack"
	Code       string        // the provider's code, such as "21211", "550" or "user_not_found"; may be empty
	RetryAfter time.Duration // real time; only with Throttled and Temporary, 0 when the provider did not say
}

var sentences = map[Kind]string{
	BadAddress:    "the address can't be reached",
	OptedOut:      "the customer opted out at the provider",
	Rejected:      "the provider refused the message",
	Throttled:     "the provider asks us to slow down",
	Temporary:     "the provider can't take the message right now",
	Misconfigured: "the provider refuses our credentials or settings",
	Unknown:       "the provider did not say whether it took the message",
}

func (e *Error) Error() string {
	if e.Code == "" {
		return fmt.Sprintf("%s: %s", e.Provider, sentences[e.Kind])
	}
	return fmt.Sprintf("%s: %s (%s)", e.Provider, sentences[e.Kind], e.Code)
}

// AsError returns the channel error inside err. Any other error counts as Unknown: only a provider's package may say that
// something was surely not sent.
func AsError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{Kind: Unknown, Provider: "provider"}
}
