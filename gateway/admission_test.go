package gateway_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"perennial/gateway"
	"perennial/store"
)

func TestItRefusesToLetEverybodyIn(t *testing.T) {
	t.Parallel()
	const here = "127.0.0.1:8420"
	for _, open := range []gateway.Config{
		{Address: ":8420"}, {Address: "0.0.0.0:8420"}, {Address: "[::]:8420"}, {Address: "192.0.2.7:8420"}, {Address: "gateway.example:8420"}, {Address: "8420"},
		{Address: here, PublicURL: "https://gateway.example"}, // a proxy brings everybody here
		{Address: here, PublicURL: "http://192.0.2.7:8420/perennial"},
	} {
		open.Ready = ready
		if _, err := gateway.New(t.Context(), open); err == nil || !strings.Contains(err.Error(), "starter tokens create") {
			t.Errorf("%s %s without a token: %v", open.Address, open.PublicURL, err)
		}
		open.Token = token
		if _, err := gateway.New(t.Context(), open); err != nil {
			t.Errorf("%s %s with a token: %v", open.Address, open.PublicURL, err)
		}
	}
	for _, closed := range []gateway.Config{
		{Address: here}, {Address: "localhost:8420"}, {Address: "[::1]:8420"}, {Address: here, PublicURL: "http://" + here}, {Address: here, PublicURL: "http://localhost"},
	} {
		closed.Ready = ready
		if _, err := gateway.New(t.Context(), closed); err != nil {
			t.Errorf("%s %s without a token: %v", closed.Address, closed.PublicURL, err)
		}
	}
}

// A token in the database is as good as GATEWAY_TOKEN; one that is over is none.
func TestItRunsForOthersOnceSomebodyCarriesAToken(t *testing.T) {
	t.Parallel()
	s := open(t, nil).store
	config := gateway.Config{Store: s, Address: ":8420"}
	id, _, err := s.CreateToken(t.Context(), "shop", store.Ingest, time.Now(), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := gateway.New(t.Context(), config); err != nil {
		t.Errorf("somebody carries a token: %v", err)
	}
	if err := s.RevokeToken(t.Context(), id, time.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := gateway.New(t.Context(), config); err == nil {
		t.Error("nobody carries a token any more, and it runs")
	}
}

// onlyHere is a gateway for this machine alone, which asks for no token.
func onlyHere(c *gateway.Config) { c.Token, c.PublicURL = "", "http://127.0.0.1:8420" }

func ready(context.Context) error { return nil }

func TestTheTokenOpensTheAPIAndThePage(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	basic := func(password string) string {
		request := http.Request{Header: http.Header{}}
		request.SetBasicAuth("anybody", password)
		return request.Header.Get("Authorization")
	}
	for _, c := range []struct {
		name, authorization string
		admitted            bool
	}{
		{"bearer", "Bearer " + token, true},
		{"bearer in lower case", "bearer " + token, true},
		{"password", basic(token), true},
		{"nothing", "", false},
		{"another token", "Bearer another", false},
		{"an empty token", "Bearer ", false},
		{"its beginning", "Bearer " + token[:4], false},
		{"another password", basic("another"), false},
		{"another scheme", "Digest " + token, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			api := d.do(http.MethodPost, "/v1/events", `{"id":"e-1","type":"visit.completed","customer":"c-1"}`, "Authorization", c.authorization)
			page := d.do(http.MethodGet, "/customers/c-1", "", "Authorization", c.authorization)
			if c.admitted {
				api.says(t, http.StatusAccepted)
				page.says(t, http.StatusOK, "Ada Fairley")
				return
			}
			api.says(t, http.StatusUnauthorized, "GATEWAY_TOKEN")
			page.says(t, http.StatusUnauthorized, "GATEWAY_TOKEN")
			if api.header.Get("WWW-Authenticate") != "Bearer" || page.header.Get("WWW-Authenticate") != "Bearer" {
				t.Errorf("asks for %q and %q", api.header.Get("WWW-Authenticate"), page.header.Get("WWW-Authenticate"))
			}
		})
	}
}

func TestWithoutATokenOnlyItsOwnNamesAreAnswered(t *testing.T) {
	t.Parallel()
	d := open(t, onlyHere)
	for host, want := range map[string]int{
		"localhost:8420": http.StatusOK, "127.0.0.1": http.StatusOK, "[::1]:8420": http.StatusOK, "gateway.example": http.StatusForbidden,
		"rebound.example": http.StatusForbidden, "192.0.2.7:8420": http.StatusForbidden,
	} {
		page := d.do(http.MethodGet, "/customers/c-1", "", "Authorization", "", "Host", host)
		if page.status != want {
			t.Errorf("%s: status %d: %s", host, page.status, page.body)
		}
	}
	d.do(http.MethodPost, "/v1/events", `{}`, "Authorization", "", "Host", "rebound.example").says(t, http.StatusForbidden, "GATEWAY_TOKEN")
}

func TestAPageElsewhereCanHandInNothing(t *testing.T) {
	t.Parallel()
	d := open(t, onlyHere)
	body := `{"id":"e-1","type":"visit.completed","customer":"c-1"}`
	for _, headers := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://elsewhere.example"}} {
		if a := d.do(http.MethodPost, "/v1/events", body, headers...); a.status != http.StatusForbidden {
			t.Errorf("%v: status %d", headers, a.status)
		}
	}
	if d.event("e-1") != nil {
		t.Error("it was stored")
	}
}
