package twilio_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"perennial/channel"
	"perennial/channel/sandbox"
)

func TestTwilioFindsWhatItTookByRecipientTextAndTime(t *testing.T) {
	t.Parallel()
	box, address := newSandbox(t, sandbox.Config{})
	client := newClient(t, address)
	began := time.Now()
	for _, m := range []channel.Message{
		{Touch: "t-1", To: number, Text: text + "\n"}, {Touch: "t-2", To: number, Text: "Something else."}, {Touch: "t-3", To: "+15005550199", Text: text},
	} {
		box.SetFault(m.To, sandbox.Cut, 1)
		_, err := client.Send(t.Context(), m)
		_ = requireError(t, err, channel.Unknown, "")
	}
	got := box.Messages()
	found, err := client.Ask(t.Context(), channel.Message{To: number, Text: text}, began)
	if err != nil || !slices.Equal(found.Ours, []string{got[0].ID}) || !slices.Equal(found.Others, []string{got[1].ID}) || found.Partial {
		t.Errorf("found %+v, %v of %+v", found, err, got)
	}
	found, err = client.Ask(t.Context(), channel.Message{To: number, Text: text}, time.Now().Add(time.Hour))
	if err != nil || len(found.Ours)+len(found.Others) != 0 {
		t.Errorf("of later messages: %+v, %v", found, err)
	}
}

func TestWhatACallLeftNowhereIsNotFound(t *testing.T) {
	t.Parallel()
	box, address := newSandbox(t, sandbox.Config{})
	client := newClient(t, address)
	box.SetFault(number, sandbox.ServerError, 1)
	_, err := client.Send(t.Context(), message())
	_ = requireError(t, err, channel.Unknown, "20500")
	found, err := client.Ask(t.Context(), message(), time.Now())
	if err != nil || len(found.Ours)+len(found.Others) != 0 || found.Partial {
		t.Errorf("found %+v, %v", found, err)
	}
}

func TestTheWholeListIsRead(t *testing.T) {
	t.Parallel()
	box, address := newSandbox(t, sandbox.Config{})
	client := newClient(t, address)
	began := time.Now()
	for n := range 230 {
		m := message()
		if n > 0 {
			m.Text = fmt.Sprint("Message ", n)
		}
		if _, err := client.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	found, err := client.Ask(t.Context(), message(), began)
	if err != nil || !slices.Equal(found.Ours, []string{box.Messages()[0].ID}) || len(found.Others) != 229 || found.Partial {
		t.Errorf("found %d and %d others, partial %v, %v", len(found.Ours), len(found.Others), found.Partial, err)
	}
}

// listing answers with pages of a list that never ends, as old as told by the page's number, and remembers what was asked.
func listing(t *testing.T, created func(page int) time.Time) (address string, asked func() []url.Values) {
	t.Helper()
	var mu sync.Mutex
	var queries []url.Values
	address = answering(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		queries = append(queries, r.URL.Query())
		page := len(queries) - 1
		mu.Unlock()
		next := r.URL.Path + "?To=%2B15005550123&PageSize=100&Page=" + strconv.Itoa(page+1) + "&PageToken=PASM" + strconv.Itoa(page)
		messages := []map[string]any{}
		for n, direction := range []string{"outbound-api", "outbound-reply", "inbound"} {
			messages = append(messages, map[string]any{
				"sid": fmt.Sprintf("SM%d-%d", page, n), "direction": direction, "body": "Message", "date_created": created(page).UTC().Format(time.RFC1123Z),
			})
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"messages": messages, "next_page_uri": next})
	})
	return address, func() []url.Values {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(queries)
	}
}

func TestAListThatDoesNotEndIsLeftUnread(t *testing.T) {
	t.Parallel()
	now := time.Now()
	address, asked := listing(t, func(int) time.Time { return now })
	found, err := newClient(t, address).Ask(t.Context(), message(), now)
	if err != nil || !found.Partial || len(found.Others) != 10 || len(asked()) != 10 {
		t.Errorf("%d pages: %+v, %v", len(asked()), found, err)
	}
}

func TestPagesThatAreTooOldAreNotRead(t *testing.T) {
	t.Parallel()
	now := time.Now()
	address, asked := listing(t, func(page int) time.Time { return now.Add(-time.Duration(page) * 20 * time.Hour) })
	found, err := newClient(t, address).Ask(t.Context(), message(), now)
	if err != nil || found.Partial || len(found.Others) != 1 || len(asked()) != 3 {
		t.Errorf("%d pages: %+v, %v", len(asked()), found, err)
	}
}

func TestTheListRequestObeysThePublishedSchema(t *testing.T) {
	t.Parallel()
	parameters := listMessage(t)
	now := time.Now()
	for name, ask := range map[string]func(address string) (channel.Found, error){
		"SMS": func(address string) (channel.Found, error) {
			return newClient(t, address).Ask(t.Context(), message(), now)
		},
		"WhatsApp": func(address string) (channel.Found, error) {
			return newWhatsApp(t, address).Ask(t.Context(), approved(), now)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address, asked := listing(t, func(int) time.Time { return now })
			if _, err := ask(address); err != nil {
				t.Fatal(err)
			}
			for _, query := range asked() {
				for parameter, values := range query {
					schema, known := parameters[parameter]
					if !known || len(values) != 1 {
						t.Errorf("%s is not in the schema, or not once", parameter)
						continue
					}
					if !fits(schema, strings.TrimPrefix(values[0], "whatsapp:")) {
						t.Errorf("%s: %q is not of type %s %s", parameter, values[0], schema.Type, schema.Format)
					}
				}
			}
		})
	}
}

func TestAskingFailsAsCallsDo(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		status int
		body   string
		kind   channel.Kind
		code   string
	}{
		{401, `{"code":20003,"message":"` + number + `"}`, channel.Misconfigured, "20003"},
		{429, `{"code":20429}`, channel.Throttled, "20429"},
		{503, `<html>` + number, channel.Unknown, "503"},
		{200, `no JSON`, channel.Unknown, ""},
	} {
		t.Run(test.body, func(t *testing.T) {
			t.Parallel()
			address := answering(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.body)
			})
			_, err := newClient(t, address).Ask(t.Context(), message(), time.Now())
			_ = requireError(t, err, test.kind, test.code)
		})
	}
}

func TestApprovedContentIsNotToldByItsText(t *testing.T) {
	t.Parallel()
	box, address := newSandbox(t, sandbox.Config{})
	client := newWhatsApp(t, address)
	m := approved()
	m.Text = "what the content says, for us to read"
	if _, err := client.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	found, err := client.Ask(t.Context(), m, time.Now())
	if err != nil || len(found.Ours) != 0 || !slices.Equal(found.Others, []string{box.Messages()[0].ID}) {
		t.Errorf("found %+v, %v", found, err)
	}
	m.To = "+15005550199"
	found, err = client.Ask(t.Context(), m, time.Now())
	if err != nil || len(found.Ours)+len(found.Others) != 0 {
		t.Errorf("of somebody else: %+v, %v", found, err)
	}
}
