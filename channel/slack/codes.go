package slack

import "perennial/channel"

// codes is what the `error` of an answer with `ok: false` means to us. Any other code is of the message: Slack refused it, and a
// person should look.
var codes = map[string]channel.Kind{
	// Nobody is reached there.
	"user_not_found":    channel.BadAddress,
	"users_not_found":   channel.BadAddress, // by e-mail address
	"user_disabled":     channel.BadAddress,
	"user_not_visible":  channel.BadAddress, // a guest who may not see our app
	"cannot_dm_bot":     channel.BadAddress,
	"invalid_user_id":   channel.BadAddress,
	"channel_not_found": channel.BadAddress,
	"is_archived":       channel.BadAddress,

	// Our token, its scopes, our app, the workspace.
	"access_denied":             channel.Misconfigured,
	"account_inactive":          channel.Misconfigured, // of the token's own account, not of the customer's
	"accesslimited":             channel.Misconfigured,
	"ekm_access_denied":         channel.Misconfigured,
	"enterprise_is_restricted":  channel.Misconfigured,
	"invalid_auth":              channel.Misconfigured,
	"messages_tab_disabled":     channel.Misconfigured,
	"missing_scope":             channel.Misconfigured,
	"no_permission":             channel.Misconfigured,
	"not_allowed_token_type":    channel.Misconfigured,
	"not_authed":                channel.Misconfigured,
	"org_login_required":        channel.Misconfigured,
	"restricted_action":         channel.Misconfigured,
	"team_access_not_granted":   channel.Misconfigured,
	"team_not_found":            channel.Misconfigured,
	"token_expired":             channel.Misconfigured,
	"token_revoked":             channel.Misconfigured,
	"two_factor_setup_required": channel.Misconfigured,
	"unknown_method":            channel.Misconfigured, // SLACK_API_URL leads elsewhere

	// Slower, please.
	"message_limit_exceeded": channel.Throttled,
	"rate_limited":           channel.Throttled,
	"ratelimited":            channel.Throttled,

	// Later.
	"request_timeout":     channel.Temporary, // our request came in cut short
	"service_unavailable": channel.Temporary,
	"team_added_to_org":   channel.Temporary, // the workspace is being moved

	// The message itself.
	"invalid_blocks":          channel.Rejected,
	"invalid_metadata_format": channel.Rejected,
	"invalid_metadata_schema": channel.Rejected,
	"metadata_too_large":      channel.Rejected,
	"msg_blocks_too_long":     channel.Rejected,
	"msg_too_long":            channel.Rejected,
	"no_text":                 channel.Rejected,

	// Slack's own failures: "some aspect of the operation" may have succeeded.
	"fatal_error":    channel.Unknown,
	"internal_error": channel.Unknown,
}

// kindOf classes a code.
func kindOf(code string) channel.Kind {
	if kind, known := codes[code]; known {
		return kind
	}
	return channel.Rejected
}
