package gateway_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"perennial/gateway"
)

func TestItRefusesToLetEverybodyIn(t *testing.T) {
	t.Parallel()
	for _, address := range []string{":8420", "0.0.0.0:8420", "[::]:8420", "192.0.2.7:8420", "gateway.example:8420", "8420"} {
		if _, err := gateway.New(gateway.Config{Address: address, Ready: ready}); err == nil || !strings.Contains(err.Error(), "set GATEWAY_TOKEN") {
			t.Errorf("%s without a token: %v", address, err)
		}
		if _, err := gateway.New(gateway.Config{Address: address, Ready: ready, Token: token}); err != nil {
			t.Errorf("%s with a token: %v", address, err)
		}
	}
	for _, address := range []string{"127.0.0.1:8420", "localhost:8420", "[::1]:8420"} {
		if _, err := gateway.New(gateway.Config{Address: address, Ready: ready}); err != nil {
			t.Errorf("%s without a token: %v", address, err)
		}
	}
}

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
			if api.header.Get("WWW-Authenticate") != "Bearer" || !strings.HasPrefix(page.header.Get("WWW-Authenticate"), "Basic ") {
				t.Errorf("asks for %q and %q", api.header.Get("WWW-Authenticate"), page.header.Get("WWW-Authenticate"))
			}
		})
	}
}

func TestWithoutATokenOnlyItsOwnNamesAreAnswered(t *testing.T) {
	t.Parallel()
	d := open(t, func(c *gateway.Config) { c.Token = "" })
	for host, want := range map[string]int{
		"localhost:8420": http.StatusOK, "127.0.0.1": http.StatusOK, "[::1]:8420": http.StatusOK, "gateway.example": http.StatusOK,
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
	d := open(t, func(c *gateway.Config) { c.Token = "" })
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
