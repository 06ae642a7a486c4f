package twilio

import (
	"errors"
	"net/http"
	"strconv"

	"perennial/channel"
)

// provider names us in errors.
const provider = "twilio"

// classify turns what a call ended with, other than a message, into an outcome:
//
//   - surely not sent: no connection was had, so nothing left; 429; a 4xx with a code of Twilio's, which says why; 401
//   - unknown: all else. A 5xx, an HTML page, a redirect, a success that can't be read, a time-out, a cut.
//
// The error returned says nothing that err says: it may quote the request.
func classify(err error, connected bool) *channel.Error {
	r, refused := errors.AsType[*refusal](err)
	if !refused && !connected {
		return failure(channel.Temporary, 0)
	}
	if !refused {
		return failure(channel.Unknown, 0)
	}
	e := failure(r.kind(), r.code)
	if e.Code == "" {
		e.Code = strconv.Itoa(r.status)
	}
	if e.Kind == channel.Throttled || e.Kind == channel.Temporary {
		e.RetryAfter = r.retryAfter
	}
	return e
}

func (r *refusal) kind() channel.Kind {
	if r.status == http.StatusTooManyRequests {
		return channel.Throttled
	}
	if r.status == http.StatusUnauthorized {
		return channel.Misconfigured
	}
	if r.status < 400 || r.status > 499 || r.code == 0 {
		return channel.Unknown
	}
	if kind, known := KindOf(r.code); known {
		return kind
	}
	if kind, known := statuses[r.status]; known {
		return kind
	}
	return channel.Rejected
}

// statuses class a 4xx whose code is in no table of ours.
var statuses = map[int]channel.Kind{
	http.StatusForbidden:      channel.Misconfigured,
	http.StatusNotFound:       channel.Misconfigured, // the account in the path
	http.StatusRequestTimeout: channel.Temporary,
	http.StatusConflict:       channel.Temporary,
}

func failure(kind channel.Kind, code int) *channel.Error {
	e := &channel.Error{Kind: kind, Provider: provider}
	if code != 0 {
		e.Code = strconv.Itoa(code)
	}
	return e
}
