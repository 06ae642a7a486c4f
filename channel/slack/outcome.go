package slack

import (
	"net/http"
	"regexp"
	"strconv"

	"perennial/channel"
)

// provider names us in errors.
const provider = "slack"

// stage is how far a send had come. Before the message is posted nothing can have been sent, whatever happened.
type stage string

const (
	opening stage = "opening"
	posting stage = "posting"
)

// outcome turns what a call ended with into nil, where Slack said yes, or into the class of its failure:
//
//   - surely not sent: no connection was had, so nothing left; 429; 401; `ok: false` with a code, but for those of Slack's own failures
//   - unknown: all else. A 5xx, an HTML page, a redirect, `ok: false` without a code, an answer that can't be read, a time-out, a cut.
//
// Nothing that was unknown of opening a conversation is: it is surely not sent, and tried again.
func (c *call) outcome(at stage) *channel.Error {
	e := c.failure()
	if e == nil {
		return nil
	}
	if e.Kind == channel.Unknown && at == opening {
		e.Kind = channel.Temporary
	}
	if e.Kind == channel.Throttled || e.Kind == channel.Temporary {
		e.RetryAfter = c.retryAfter
	}
	return e
}

func (c *call) failure() *channel.Error {
	switch {
	case !c.connected():
		return failure(channel.Temporary, "")
	case c.status == http.StatusTooManyRequests:
		return failure(channel.Throttled, c.said("429"))
	case c.status == http.StatusUnauthorized:
		return failure(channel.Misconfigured, c.said("401"))
	case c.status == 0:
		return failure(channel.Unknown, "")
	case c.status != http.StatusOK:
		return failure(channel.Unknown, strconv.Itoa(c.status))
	case c.answer == nil:
		return failure(channel.Unknown, "")
	case c.answer.OK:
		return nil
	case c.answer.Error == "":
		return failure(channel.Unknown, "")
	}
	return failure(kindOf(c.answer.Error), c.said(""))
}

// codeForm is what Slack's codes look like. What looks otherwise may be an address, and is not passed on.
var codeForm = regexp.MustCompile(`^[a-z][a-z_]{1,63}$`)

// said returns the code of the answer, or what stands for it.
func (c *call) said(otherwise string) string {
	if c.answer != nil && codeForm.MatchString(c.answer.Error) {
		return c.answer.Error
	}
	return otherwise
}

func failure(kind channel.Kind, code string) *channel.Error {
	return &channel.Error{Kind: kind, Provider: provider, Code: code}
}
