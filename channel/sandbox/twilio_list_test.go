package sandbox_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"
	"time"

	"perennial/channel/sandbox"
)

// list asks for messages as Twilio's customers do.
func (b *bench) list(t *testing.T, query string) (status int, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.url+"/2010-04-01/Accounts/"+sandbox.AccountSID+"/Messages.json"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.SetBasicAuth(sandbox.AccountSID, sandbox.AuthToken)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	return read(t, response)
}

func TestTheListIsAskedForAsStrictlyAsTheProviderWould(t *testing.T) {
	t.Parallel()
	b := setup(t, sandbox.Config{})
	for query, want := range map[string]int{
		"":                                     200,
		"?To=" + url.QueryEscape(phone):        200,
		"?PageSize=1000":                       200,
		"?Page=0":                              200,
		"?DateSent%3E=2026-05-04T00:00:00Z":    200,
		"?PageSize=0":                          400,
		"?PageSize=1001":                       400,
		"?PageSize=many":                       400,
		"?Page=1":                              400, // without the token of the page before
		"?Page=1&PageToken=PASM1":              200,
		"?DateSent=yesterday":                  400,
		"?To=":                                 400,
		"?Recipient=" + url.QueryEscape(phone): 400,
		"?Page=0&Page=1":                       400,
	} {
		if status, body := b.list(t, query); status != want {
			t.Errorf("%q: %d %s, want %d", query, status, body, want)
		}
	}
}

func TestPagesFollowEachOtherThoughMoreArrives(t *testing.T) {
	t.Parallel()
	b := setup(t, sandbox.Config{})
	for range 5 {
		b.send(t, "t-1")
	}
	seen := map[string]bool{}
	query := "?PageSize=2"
	for query != "" {
		_, body := b.list(t, query)
		var page struct {
			Messages []struct{ Sid, Created string }
			Next     *string `json:"next_page_uri"`
		}
		if err := json.Unmarshal([]byte(body), &page); err != nil {
			t.Fatal(err)
		}
		for _, m := range page.Messages {
			if seen[m.Sid] {
				t.Errorf("%s is on two pages", m.Sid)
			}
			seen[m.Sid] = true
		}
		query = ""
		if page.Next != nil {
			next, err := url.Parse(*page.Next)
			if err != nil {
				t.Fatal(err)
			}
			query = "?" + next.RawQuery
		}
		b.send(t, "t-2")
	}
	if len(seen) != 5 {
		t.Errorf("%d messages were listed, want 5", len(seen))
	}
}

func TestAMessageHasTheProvidersTime(t *testing.T) {
	t.Parallel()
	b := setup(t, sandbox.Config{})
	b.send(t, "t-1")
	_, body := b.list(t, "")
	var page struct {
		Messages []struct {
			Created string `json:"date_created"`
		}
	}
	if err := json.Unmarshal([]byte(body), &page); err != nil || len(page.Messages) != 1 {
		t.Fatal(body, err)
	}
	created, err := time.Parse(time.RFC1123Z, page.Messages[0].Created)
	if real := b.Messages()[0].RealAt; err != nil || real.Sub(created) >= time.Second || created.After(real) {
		t.Errorf("created %v, received %v, %v", created, real, err)
	}
}
