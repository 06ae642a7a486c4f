package sandbox_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	api "github.com/slack-go/slack"

	"perennial/channel"
	"perennial/channel/sandbox"
)

// sdk is Slack's SDK as anybody would use it.
func (b *bench) sdk(token string) *api.Client {
	return api.New(token, api.OptionAPIURL(b.url+sandbox.SlackPath))
}

// ask posts a form to a method and returns the error of the answer, empty for none.
func (b *bench) ask(t *testing.T, method string, form url.Values) string {
	t.Helper()
	response, err := http.PostForm(b.url+sandbox.SlackPath+method, form) //nolint:noctx // a test's own server
	if err != nil {
		t.Fatal(err)
	}
	status, body := read(t, response)
	var answer struct {
		OK    bool
		Error string
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil || status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
	if answer.OK != (answer.Error == "") {
		t.Errorf("the answer is neither: %s", body)
	}
	return answer.Error
}

func TestSlacksTokenIsChecked(t *testing.T) {
	t.Parallel()
	b := setup(t, sandbox.Config{})
	for token, want := range map[string]string{sandbox.SlackToken: "", "xoxb-another": "invalid_auth", "": "not_authed"} {
		if got := b.ask(t, "auth.test", url.Values{"token": {token}}); got != want {
			t.Errorf("%q: %q, want %q", token, got, want)
		}
	}
	who, err := b.sdk(sandbox.SlackToken).AuthTestContext(t.Context())
	if err != nil || who.User == "" || who.BotID == "" {
		t.Errorf("who we are: %+v, %v", who, err)
	}
	if len(b.Refused()) != 2 {
		t.Errorf("logged %+v", b.Refused())
	}
}

func TestSlackMessagesAreCheckedAsStrictlyAsTheProviderWould(t *testing.T) {
	t.Parallel()
	b := setup(t, sandbox.Config{})
	opened, _, _, err := b.sdk(sandbox.SlackToken).OpenConversationContext(t.Context(), &api.OpenConversationParameters{Users: []string{user}})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		field  string
		values []string // nil: the field is left out
		want   string
	}{
		{"as it should be", "text", []string{"Hello"}, ""},
		{"an unknown argument", "colour", []string{"red"}, "invalid_arg_name"},
		{"an argument twice", "text", []string{"Hello", "again"}, "invalid_arguments"},
		{"no text", "text", nil, "no_text"},
		{"blocks instead", "blocks", []string{`[{"type":"divider"}]`}, ""},
		{"blocks that are none", "blocks", []string{`{"type":"divider"}`}, "invalid_blocks_format"},
		{"too long", "text", []string{strings.Repeat("好", 40_001)}, "msg_too_long"},
		{"metadata without a type", "metadata", []string{`{"event_payload":{}}`}, "invalid_metadata_format"},
		{"metadata without a payload", "metadata", []string{`{"event_type":"x"}`}, "invalid_metadata_format"},
		{"metadata that is no JSON", "metadata", []string{`x`}, "invalid_metadata_format"},
		{"no conversation", "channel", nil, "channel_not_found"},
		{"a conversation that was never opened", "channel", []string{"D0NOBODY"}, "channel_not_found"},
		{"a user id instead of a conversation", "channel", []string{user}, "channel_not_found"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			form := url.Values{"token": {sandbox.SlackToken}, "channel": {opened.ID}, "text": {"Hello"}}
			form[test.field] = test.values
			if got := b.ask(t, "chat.postMessage", form); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
	for method, form := range map[string]url.Values{
		"users_not_found":         {"email": {"Jo <jo@customer.example>"}},
		"user_not_found":          {"users": {"jo"}},
		"users_list_not_supplied": {},
		"channel_not_found":       {"channel": {"D0NOBODY"}},
		"unknown_method":          {},
	} {
		asked := map[string]string{
			"users_not_found": "users.lookupByEmail", "user_not_found": "conversations.open", "users_list_not_supplied": "conversations.open",
			"channel_not_found": "conversations.history", "unknown_method": "chat.delete",
		}[method]
		form.Set("token", sandbox.SlackToken)
		if got := b.ask(t, asked, form); got != method {
			t.Errorf("%s: %q, want %q", asked, got, method)
		}
	}
}

func TestAConversationIsReadBackWithItsMetadata(t *testing.T) {
	t.Parallel()
	address, _ := gateway(t, http.StatusAccepted)
	b := setup(t, sandbox.Config{GatewayURL: address})
	for _, touch := range []string{"t-1", "t-2", "t-3"} {
		if _, err := b.slack.Send(t.Context(), channel.Message{Touch: touch, To: user, Text: "Hello & goodbye"}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.slack.Send(t.Context(), channel.Message{Touch: "t-4", To: inbox, Text: "Hello"}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Answer(t.Context(), sandbox.Reply{Address: user, Text: "Yes"}); err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(b.Messages()[0].ID, "/")
	sdk := b.sdk(sandbox.SlackToken)
	var touches []string
	for cursor := ""; ; {
		page, err := sdk.GetConversationHistoryContext(t.Context(), &api.GetConversationHistoryParameters{
			ChannelID: first, IncludeAllMetadata: true, Limit: 3, Cursor: cursor,
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range page.Messages {
			touch, _ := m.Metadata.EventPayload["touch"].(string)
			touches = append(touches, touch)
			if touch != "" && m.Text != "Hello &amp; goodbye" {
				t.Errorf("text %q", m.Text)
			}
		}
		if cursor = page.ResponseMetaData.NextCursor; cursor == "" {
			break
		}
	}
	if want := []string{"", "t-3", "t-2", "t-1"}; !slices.Equal(touches, want) { // the answer has no metadata
		t.Errorf("read back %q, want %q", touches, want)
	}
	_, second, _ := strings.Cut(b.Messages()[1].ID, "/")
	later, err := sdk.GetConversationHistoryContext(t.Context(), &api.GetConversationHistoryParameters{ChannelID: first, Oldest: second})
	if err != nil || len(later.Messages) != 2 || later.Messages[1].Metadata.EventType != "" {
		t.Errorf("after the second: %+v, %v", later, err)
	}
}

func TestSlacksFaultsQuoteTheAddress(t *testing.T) {
	t.Parallel()
	b := setup(t, sandbox.Config{})
	b.SetFault(inbox, sandbox.BadAddress, 0)
	_, err := b.slack.Send(t.Context(), channel.Message{Touch: "t-1", To: inbox, Text: "Hello"})
	if got := kindOf(t, err); got != channel.BadAddress {
		t.Errorf("got %q", got)
	}
	refused := b.Refused()
	if len(refused) != 1 || refused[0].Channel != sandbox.Slack || refused[0].Fault != sandbox.BadAddress || !strings.Contains(refused[0].Reason, inbox) {
		t.Errorf("logged %+v", refused)
	}
}

func TestSlacksTimestampsAreUnique(t *testing.T) {
	t.Parallel()
	b := setup(t, sandbox.Config{})
	seen := map[string]bool{}
	for range 50 {
		if _, err := b.slack.Send(t.Context(), channel.Message{Touch: "t-1", To: user, Text: "Hello"}); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range b.Messages() {
		if seen[m.ID] {
			t.Errorf("%s comes twice", m.ID)
		}
		seen[m.ID] = true
	}
}
