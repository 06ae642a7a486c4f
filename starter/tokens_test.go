package main

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"perennial/config"
)

func TestATokenIsShownOnceAndKeptAsAHash(t *testing.T) {
	t.Parallel()
	b := newBusiness(t)
	made := b.run("tokens", "create", "shop", "--role", "ingest")
	token := strings.TrimSpace(made.out)
	if made.code != 0 || !strings.HasPrefix(token, "perennial_") || len(token) < len("perennial_")+26 || strings.ContainsAny(token, " \n") {
		t.Fatalf("a script can't take it as it is: %q, %s", made.out, made.errs)
	}
	says(t, made.errs, "This is token 1, for ingest. It is not shown again; it ends on ")
	for _, other := range []string{b.does("tokens", "list"), b.does("tokens", "list", "--json"), made.errs} {
		if strings.Contains(other, token) || strings.Contains(other, token[len("perennial_"):]) {
			t.Errorf("it is shown again: %s", other)
		}
	}
	says(t, b.does("tokens", "list"), "shop", "ingest", "1 token;")
	all, err := b.store.Tokens(t.Context())
	if err != nil || len(all) != 1 || strings.Contains(string(all[0].Hash[:]), token) || all[0].ExpiresAt.Sub(all[0].CreatedAt) < 364*24*time.Hour {
		t.Errorf("kept: %+v, %v", all, err)
	}
}

func TestTokensAreListedAndRevoked(t *testing.T) {
	t.Parallel()
	b := newBusiness(t)
	says(t, b.does("tokens", "list"), "There is no token", "starter tokens create")
	var first, second struct {
		ID        int64     `json:"id"`
		Token     string    `json:"token"`
		ExpiresAt time.Time `json:"expires_at"`
	}
	b.reads(&first, "tokens", "create", "shop", "--role", "ingest", "--days", "0")
	b.reads(&second, "tokens", "create", "showroom", "--role", "manager", "--days", "90")
	if first.Token == second.Token || !first.ExpiresAt.IsZero() || second.ExpiresAt.Before(time.Now().AddDate(0, 0, 89)) {
		t.Errorf("got %+v and %+v", first, second)
	}
	says(t, b.does("tokens", "revoke", strconv.FormatInt(first.ID, 10)), "is revoked")
	b.does("tokens", "revoke", strconv.FormatInt(first.ID, 10)) // once more changes nothing
	var good, all []shownToken
	b.reads(&good, "tokens", "list")
	b.reads(&all, "tokens", "list", "--all")
	if len(good) != 1 || good[0].Name != "showroom" || len(all) != 2 || all[0].State != "revoked" {
		t.Errorf("good: %+v, all: %+v", good, all)
	}
	b.refuses("there is no such token", "tokens", "revoke", "99")
	b.refuses("is no id of a token", "tokens", "revoke", "shop")
	b.refuses("--role must be one of operations, manager, ingest, metrics", "tokens", "create", "shop")
	b.refuses("--role must be one of", "tokens", "create", "shop", "--role", "root")
	b.refuses("needs a name", "tokens", "create", " ", "--role", "ingest")
	b.refuses("--days must be at least 1", "tokens", "create", "shop", "--role", "ingest", "--days", "-1")
}

// What `starter event` carries may be any token that may hand in events.
func TestAnEventIsHandedInWithATokenOfItsRole(t *testing.T) {
	t.Parallel()
	b := newBusiness(t).withCustomers().withTemporal().withGateway()
	carrying := func(role string) *business {
		other := *b
		var made struct{ Token string }
		b.reads(&made, "tokens", "create", "somebody", "--role", role)
		other.settings.GatewayToken = config.Secret(made.Token)
		return &other
	}
	shop, manager := carrying("ingest"), carrying("manager")
	for shop.run("event", "visit.completed", "--customer", "c-1").code != 0 { // the gateway reads the tokens within seconds
		select {
		case <-t.Context().Done():
			t.Fatal("the token is never taken")
		case <-time.After(50 * time.Millisecond):
		}
	}
	manager.refuses("this token is for manager; this needs one for ingest or operations", "event", "visit.completed", "--customer", "c-1")
}
