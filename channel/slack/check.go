package slack

import (
	"context"
	"slices"
	"strings"
)

// What the app must be granted for what.
const (
	ScopeWrite   = "chat:write"       // to post a message
	ScopeOpen    = "im:write"         // to open a conversation
	ScopeHistory = "im:history"       // to be asked whether it took a message, and to tell us of answers
	ScopeEmail   = "users:read.email" // to find people by e-mail address
)

// Check asks Slack whether it takes our token, and returns which scopes the app was not granted; none where Slack does not say what it was granted. Every
// error is a [*channel.Error].
func (c *Client) Check(ctx context.Context) (missing []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	call, slack := c.call()
	who, _ := slack.AuthTestContext(ctx) // as in open
	if failed := call.outcome(opening); failed != nil {
		return nil, failed
	}
	if who == nil || who.Header.Get(scopesHeader) == "" {
		return nil, nil
	}
	granted := strings.FieldsFunc(who.Header.Get(scopesHeader), func(r rune) bool { return r == ',' || r == ' ' })
	for _, scope := range []string{ScopeWrite, ScopeOpen, ScopeHistory, ScopeEmail} {
		if !slices.Contains(granted, scope) {
			missing = append(missing, scope)
		}
	}
	return missing, nil
}

// scopesHeader is where Slack's answers say what the app was granted.
const scopesHeader = "X-Oauth-Scopes"
