package slack_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"testing"
	"time"

	"perennial/channel"
	"perennial/channel/sandbox"
)

func TestSlackFindsWhatItTookByTheTouch(t *testing.T) {
	t.Parallel()
	for _, to := range []string{user, email} {
		t.Run(to, func(t *testing.T) {
			t.Parallel()
			box, address, _ := newSandbox(t, sandbox.Config{})
			m := message()
			m.To = to
			box.SetFault(to, sandbox.Cut, 1)
			_, err := newClient(t, address).Send(t.Context(), m)
			_ = requireError(t, err, channel.Unknown, "")
			other := m
			other.Touch = "t-43"
			client := newClient(t, address) // another process, which remembers no conversation
			if _, err := client.Send(t.Context(), other); err != nil {
				t.Fatal(err)
			}
			found, err := client.Ask(t.Context(), m, time.Now())
			if err != nil || !slices.Equal(found.Ours, []string{box.Messages()[0].ID}) || len(found.Others) != 0 || found.Partial {
				t.Errorf("found %+v, %v", found, err)
			}
			m.Touch = "t-44"
			found, err = client.Ask(t.Context(), m, time.Now())
			if err != nil || len(found.Ours)+len(found.Others) != 0 || found.Partial {
				t.Errorf("of a touch that it never had: %+v, %v", found, err)
			}
		})
	}
}

func TestTheWholeConversationIsReadAndNoMoreThanIsBearable(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		messages int
		partial  bool
	}{{250, false}, {600, true}} {
		t.Run(fmt.Sprint(test.messages), func(t *testing.T) {
			t.Parallel()
			box, address, _ := newSandbox(t, sandbox.Config{})
			client := newClient(t, address)
			for n := range test.messages {
				m := message()
				m.Touch = fmt.Sprintf("t-%d", n)
				if _, err := client.Send(t.Context(), m); err != nil {
					t.Fatal(err)
				}
			}
			m := message()
			m.Touch = "t-0"
			found, err := client.Ask(t.Context(), m, time.Now())
			if err != nil || found.Partial != test.partial || (len(found.Ours) == 1) == test.partial {
				t.Errorf("found %+v, %v", found, err)
			}
			if !test.partial && found.Ours[0] != box.Messages()[0].ID {
				t.Errorf("found %v, want %s", found.Ours, box.Messages()[0].ID)
			}
		})
	}
}

func TestAskingSlackFailsAsCallsDo(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		status int
		answer map[string]any
		kind   channel.Kind
		code   string
	}{
		{200, map[string]any{"ok": false, "error": "missing_scope", "needed": "im:history"}, channel.Misconfigured, "missing_scope"},
		{429, map[string]any{"ok": false, "error": "ratelimited"}, channel.Throttled, "ratelimited"},
		{200, map[string]any{"ok": false, "error": "internal_error"}, channel.Temporary, "internal_error"},
		{502, nil, channel.Temporary, "502"},
	} {
		t.Run(test.code, func(t *testing.T) {
			t.Parallel()
			address := answering(t, opensAnd(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(test.status)
				if test.answer == nil {
					_, _ = io.WriteString(w, email)
					return
				}
				_ = json.NewEncoder(w).Encode(test.answer)
			}))
			_, err := newClient(t, address).Ask(t.Context(), message(), time.Now())
			_ = requireError(t, err, test.kind, test.code)
		})
	}
}
