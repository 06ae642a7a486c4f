package gateway_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"perennial/channel/slack"
	"perennial/channel/smtp"
	"perennial/channel/twilio"
	"perennial/gateway"
	"perennial/store"
)

// Who comes to a door in the table below, in the order of its columns.
var comers = []string{"nobody", "wrong", "operations", "manager", "ingest", "metrics"}

// TestEveryRouteLetsInWhomItMayAndNobodyElse: the routes come from the gateway's own router. One that is new has no line here, and fails.
func TestEveryRouteLetsInWhomItMayAndNobodyElse(t *testing.T) {
	t.Parallel()
	const body = `{"id":"e-1","type":"visit.completed","customer":"c-1"}`
	want := map[string]struct {
		body     string
		statuses [6]int // of comers
	}{
		//                        nobody wrong operations manager ingest metrics
		"POST /v1/events":          {body, [6]int{401, 401, 202, 403, 202, 403}},
		"POST /v1/mail":            {"", [6]int{401, 401, 200, 403, 200, 403}},
		"POST /v1/mail/bounces":    {"", [6]int{401, 401, 200, 403, 200, 403}},
		"GET /customers/{id}":      {"", [6]int{401, 401, 200, 200, 403, 403}},
		"GET /metrics":             {"", [6]int{401, 401, 200, 403, 403, 200}},
		"POST /v1/twilio/messages": {"From=1", [6]int{403, 403, 403, 403, 403, 403}}, // no token stands in for Twilio's signature
		"POST /v1/twilio/status":   {"From=1", [6]int{403, 403, 403, 403, 403, 403}},
		"POST /v1/slack/events":    {"{}", [6]int{403, 403, 403, 403, 403, 403}},
		"GET /unsubscribe":         {"", [6]int{403, 403, 403, 403, 403, 403}}, // nor for a link of ours
		"POST /unsubscribe":        {"", [6]int{403, 403, 403, 403, 403, 403}},
		"GET /sign-in":             {"", [6]int{200, 200, 200, 200, 200, 200}},
		"POST /sign-in":            {"", [6]int{401, 401, 401, 401, 401, 401}}, // the token belongs in the form
		"POST /sign-out":           {"", [6]int{303, 303, 303, 303, 303, 303}},
		"GET /healthz":             {"", [6]int{200, 200, 200, 200, 200, 200}},
		"GET /readyz":              {"", [6]int{200, 200, 200, 200, 200, 200}},
		"GET /openapi.json":        {"", [6]int{200, 200, 200, 200, 200, 200}},
		"GET /openapi.yaml":        {"", [6]int{200, 200, 200, 200, 200, 200}},
		"GET /openapi-3.0.json":    {"", [6]int{200, 200, 200, 200, 200, 200}},
		"GET /openapi-3.0.yaml":    {"", [6]int{200, 200, 200, 200, 200, 200}},
	}
	d := open(t, generous).asIs()
	carried := map[string]string{"wrong": "Bearer perennial_WRONG"}
	for _, role := range store.Roles {
		carried[string(role)] = "Bearer " + d.token(role)
	}
	if len(carried)+1 != len(comers) {
		t.Fatalf("the table has no column for every role: %v", store.Roles)
	}
	d.enrollmentsOf("c-1")
	for _, route := range d.gateway.Routes() {
		expected, there := want[route.Pattern]
		if !there {
			t.Errorf("%s is not in this table: who may use it?", route.Pattern)
			continue
		}
		method, path, _ := strings.Cut(route.Pattern, " ")
		for i, who := range comers {
			a := d.do(method, strings.ReplaceAll(path, "{id}", "c-1"), expected.body, "Authorization", carried[who], "Content-Type", contentType(expected.body))
			if a.status != expected.statuses[i] {
				t.Errorf("%s by %s: status %d, want %d: %.200s", route.Pattern, who, a.status, expected.statuses[i], a.body)
			}
			if a.header.Get("X-Content-Type-Options") != "nosniff" || a.header.Get("Cache-Control") != "no-store" || a.header.Get("Referrer-Policy") != "no-referrer" ||
				!strings.HasPrefix(a.header.Get("Content-Security-Policy"), "default-src 'none'") || !strings.Contains(a.header.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
				t.Errorf("%s by %s: the answer may be kept, guessed at or framed: %v", route.Pattern, who, a.header)
			}
		}
	}
	if got := len(d.gateway.Routes()); got != len(want) {
		t.Errorf("there are %d routes, and %d in this table", got, len(want))
	}
}

func contentType(body string) string {
	if strings.HasPrefix(body, "{") {
		return "application/json"
	}
	return "application/x-www-form-urlencoded"
}

// generous has limits that no test comes to by accident.
func generous(c *gateway.Config) {
	c.Limits = gateway.Limits{Token: 1e6, TokenBurst: 1e6, Link: 1e6, LinkBurst: 1e6, Stranger: 1e6, StrangerBurst: 1e6}
}

// token makes a token of a role.
func (d *door) token(role store.Role) string {
	d.Helper()
	_, token, err := d.store.CreateToken(d.Context(), string(role)+" of these tests", role, time.Now(), time.Time{})
	if err != nil {
		d.Fatal(err)
	}
	return token
}

// asIs follows no redirect.
func (d *door) asIs() *door {
	d.client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return d
}

// enrollmentsOf makes a page worth showing.
func (d *door) enrollmentsOf(who string) {
	d.Helper()
	d.enroll("onboarding", who, "", monday)
}

// until asks until the answer has this status. A gateway reads the tokens again within seconds.
func (d *door) until(status int, ask func() answer) {
	d.Helper()
	for {
		a := ask()
		if a.status == status {
			return
		}
		select {
		case <-d.Context().Done():
			d.Fatalf("it answers %d, want %d: %s", a.status, status, a.body)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func TestTokensAreChangedWithoutAGapAndWithoutARestart(t *testing.T) {
	t.Parallel()
	d := open(t, generous).asIs()
	first, before, err := d.store.CreateToken(t.Context(), "shop", store.Ingest, time.Now(), time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	with := func(token string) func() answer {
		return func() answer {
			return d.do(http.MethodPost, "/v1/events", `{"id":"e-1","type":"visit.completed","customer":"c-1"}`, "Authorization", "Bearer "+token, "Content-Type", "application/json")
		}
	}
	d.until(http.StatusAccepted, with(before))
	_, after, err := d.store.CreateToken(t.Context(), "shop, from May", store.Ingest, time.Now(), time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	d.until(http.StatusAccepted, with(after))
	with(before)().says(t, http.StatusAccepted) // both are good
	if err := d.store.RevokeToken(t.Context(), first, time.Now()); err != nil {
		t.Fatal(err)
	}
	d.until(http.StatusUnauthorized, with(before))
	with(after)().says(t, http.StatusAccepted)
	all, err := d.store.Tokens(t.Context())
	if err != nil || len(all) != 2 || all[0].UsedAt.IsZero() || all[1].UsedAt.IsZero() {
		t.Errorf("their use is not noted: %+v, %v", all, err)
	}
}

func TestATokenIsGoodUntilItEnds(t *testing.T) {
	t.Parallel()
	d := open(t, generous).asIs()
	_, short, err := d.store.CreateToken(t.Context(), "visitor", store.Manager, time.Now().Add(-time.Hour), time.Now().Add(-time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	d.do(http.MethodGet, "/customers/c-1", "", "Authorization", "Bearer "+short).says(t, http.StatusUnauthorized)
}

func TestRevokingTheLastTokenOpensNoDoor(t *testing.T) {
	t.Parallel()
	d := open(t, onlyHere)
	page := func() answer { return d.do(http.MethodGet, "/customers/c-1", "", "Authorization", "") }
	page().says(t, http.StatusOK)
	id, _, err := d.store.CreateToken(t.Context(), "me", store.Manager, time.Now(), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	d.until(http.StatusUnauthorized, page)
	if err := d.store.RevokeToken(t.Context(), id, time.Now()); err != nil {
		t.Fatal(err)
	}
	again, err := gateway.New(t.Context(), gateway.Config{Store: d.store, Address: "127.0.0.1:8420"})
	if err != nil {
		t.Fatal(err)
	}
	if a := serve(again, http.MethodGet, "/customers/c-1"); a != http.StatusUnauthorized {
		t.Errorf("the page answers %d", a)
	}
}

// While the database is away, nobody loses a token, and nobody gains one.
func TestTokensHoldWhileTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	d := open(t, generous).asIs()
	metrics := d.token(store.Metrics)
	ask := func(token string) func() answer {
		return func() answer { return d.do(http.MethodGet, "/metrics", "", "Authorization", "Bearer "+token) }
	}
	d.until(http.StatusOK, ask(metrics))
	d.store.Close()
	for range 3 {
		ask(metrics)().says(t, http.StatusOK)
		ask(token)().says(t, http.StatusOK)
		ask("perennial_WRONG")().says(t, http.StatusUnauthorized)
	}
}

func TestWhoKeepsFailingIsToldToWait(t *testing.T) {
	t.Parallel()
	d := open(t, func(c *gateway.Config) {
		c.Limits = gateway.Limits{Token: 1e6, TokenBurst: 1e6, Link: 1e6, LinkBurst: 1e6, StrangerBurst: 3}
	})
	tries := []func() answer{
		func() answer { return d.do(http.MethodGet, "/metrics", "", "Authorization", "Bearer guess") },
		func() answer {
			return d.do(http.MethodPost, "/v1/twilio/messages", "From=1", twilio.SignatureHeader, "guess")
		},
		func() answer { return d.do(http.MethodGet, "/unsubscribe?touch=1.a.1.1&sig=guess", "") },
		func() answer {
			return d.do(http.MethodPost, "/v1/slack/events", "{}", slack.SignatureHeader, "v0=guess")
		},
		func() answer { return d.signIn("guess", "") },
	}
	for i, try := range tries {
		if a := try(); i < 3 && (a.status != http.StatusUnauthorized && a.status != http.StatusForbidden) {
			t.Errorf("try %d: %d %s", i, a.status, a.body)
		} else if i >= 3 && (a.status != http.StatusTooManyRequests || a.header.Get("Retry-After") == "") {
			t.Errorf("try %d: status %d, wait %q", i, a.status, a.header.Get("Retry-After"))
		}
	}
	d.signIn(token, "").says(t, http.StatusTooManyRequests) // the form is closed to a right guess too
	if got := strings.Count(d.log.String(), "was refused"); got != 1 {
		t.Errorf("the log has %d refusals, want only those before it was too much:\n%s", got, d.log)
	}
	// Whoever proves who they are comes in, whatever others do from the same address: it may be that of a proxy.
	d.do(http.MethodGet, "/metrics", "").says(t, http.StatusOK)
	d.webhook("/v1/twilio/messages", url.Values{"MessageSid": {"SM1"}, "From": {"+12015550101"}, "Body": {"5"}}).says(t, http.StatusOK)
}

func TestATokenMayNotAskWithoutEnd(t *testing.T) {
	t.Parallel()
	d := open(t, func(c *gateway.Config) {
		generous(c)
		c.Limits.Token, c.Limits.TokenBurst = 0, 2
	})
	other := d.token(store.Ingest)
	event := `{"id":"e-1","type":"visit.completed","customer":"c-1"}`
	for range 2 {
		d.hand(event).says(t, http.StatusAccepted)
	}
	a := d.hand(event)
	a.says(t, http.StatusTooManyRequests, "slow down")
	if a.header.Get("Retry-After") == "" || a.header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("it does not say when: %v", a.header)
	}
	d.do(http.MethodPost, "/v1/events", event, "Authorization", "Bearer "+other, "Content-Type", "application/json").says(t, http.StatusAccepted)
}

func TestALinkMayNotBeOpenedWithoutEnd(t *testing.T) {
	t.Parallel()
	d := open(t, func(c *gateway.Config) {
		generous(c)
		c.Limits.Link, c.Limits.LinkBurst = 0, 2
	})
	path := func(touch string) string {
		link, err := url.Parse(smtp.UnsubscribeLink(publicURL+gateway.UnsubscribePath, mailKey, touch))
		if err != nil {
			t.Fatal(err)
		}
		return gateway.UnsubscribePath + "?" + link.RawQuery
	}
	for range 2 {
		d.do(http.MethodGet, path("1.a.1.1"), "").says(t, http.StatusNotFound)
	}
	d.do(http.MethodGet, path("1.a.1.1"), "").says(t, http.StatusTooManyRequests, "try again in a moment")
	d.do(http.MethodGet, path("1.b.1.1"), "").says(t, http.StatusNotFound)
}

// A proxy says whom it brings; what anybody else says of that is not believed.
func TestAnAddressIsWhatATrustedProxySays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, forwarded, next string // from whom the second request comes
		trusted, same         bool
	}{
		{"nobody is trusted", "192.0.2.1", "192.0.2.2", false, true},
		{"another caller", "192.0.2.1", "192.0.2.2", true, false},
		{"the same caller", "192.0.2.1", "192.0.2.1", true, true},
		{"what the caller made up", "192.0.2.7, 192.0.2.1", "192.0.2.8, 192.0.2.1", true, true},
		{"another of one IPv6 network", "2001:db8::1", "2001:db8::2", true, true},
		{"another IPv6 network", "2001:db8::1", "2001:db8:0:1::1", true, false},
		{"no address", "somebody", "nobody", true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			config := gateway.Config{Address: "127.0.0.1:8420", Token: token, Limits: gateway.Limits{StrangerBurst: 1}}
			if c.trusted {
				config.Proxies = loopbackNetworks
			}
			g, err := gateway.New(t.Context(), config)
			if err != nil {
				t.Fatal(err)
			}
			first, second := serve(g, http.MethodGet, "/metrics", "X-Forwarded-For", c.forwarded), serve(g, http.MethodGet, "/metrics", "X-Forwarded-For", c.next)
			want := http.StatusUnauthorized
			if c.same {
				want = http.StatusTooManyRequests
			}
			if first != http.StatusUnauthorized || second != want {
				t.Errorf("answers %d and %d", first, second)
			}
		})
	}
}

// browser is what a browser sends along when a person opens a page.
var browser = []string{"Authorization", "", "Accept", "text/html,application/xhtml+xml", "Sec-Fetch-Site", "none"}

// signIn sends the form.
func (d *door) signIn(token, to string) answer {
	d.Helper()
	form := url.Values{"token": {token}, "to": {to}}.Encode()
	return d.do(http.MethodPost, "/sign-in", form, "Authorization", "", "Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin")
}

// cookie is what the browser was told to keep, as it sends it back.
func cookie(a answer) string {
	kept, _, _ := strings.Cut(a.header.Get("Set-Cookie"), ";")
	return kept
}

func TestAManagerSignsInOnceToReadPages(t *testing.T) {
	t.Parallel()
	d := open(t, generous).asIs()
	manager := d.token(store.Manager)
	a := d.do(http.MethodGet, "/customers/c-1", "", browser...)
	if a.status != http.StatusSeeOther || a.header.Get("Location") != "../sign-in?to=c-1" {
		t.Fatalf("the page leads to %d %q", a.status, a.header.Get("Location"))
	}
	a = d.do(http.MethodGet, "/sign-in?to=c-1", "", browser...)
	a.says(t, http.StatusOK, `name="token"`, `name="to" value="c-1"`)
	if policy := a.header.Get("Content-Security-Policy"); !strings.Contains(policy, "form-action 'self'") || strings.Contains(a.body, "<script") {
		t.Errorf("the form may go to others: %s", policy)
	}
	a = d.signIn(manager, "c-1")
	if a.status != http.StatusSeeOther || a.header.Get("Location") != "./customers/c-1" {
		t.Fatalf("signing in leads to %d %q", a.status, a.header.Get("Location"))
	}
	for _, part := range []string{"__Host-perennial=", "; Path=/", "; HttpOnly", "; Secure", "; SameSite=Strict", "; Max-Age=43200"} {
		if !strings.Contains(a.header.Get("Set-Cookie"), part) {
			t.Errorf("the cookie lacks %q: %s", part, a.header.Get("Set-Cookie"))
		}
	}
	if strings.Contains(a.header.Get("Set-Cookie"), manager) {
		t.Error("the cookie has the token in it")
	}
	session := cookie(a)
	with := append(slices.Clone(browser), "Cookie", session)
	d.do(http.MethodGet, "/customers/c-1", "", with...).says(t, http.StatusOK, "Ada Fairley", `href="../sign-in"`)
	d.do(http.MethodGet, "/sign-in", "", with...).says(t, http.StatusOK, "You are signed in", "manager of these tests")
	// A cookie opens pages only: no other door takes one, so no page of somebody else's can make use of it.
	d.do(http.MethodPost, "/v1/events", `{}`, "Authorization", "", "Cookie", session).says(t, http.StatusUnauthorized)
	d.do(http.MethodGet, "/metrics", "", "Authorization", "", "Cookie", session).says(t, http.StatusUnauthorized)
	a = d.do(http.MethodPost, "/sign-out", "", with...)
	if a.status != http.StatusSeeOther || !strings.Contains(a.header.Get("Set-Cookie"), "Max-Age=0") {
		t.Errorf("signing out answers %d %s", a.status, a.header.Get("Set-Cookie"))
	}
}

func TestOnlyWhoMayReadPagesSignsIn(t *testing.T) {
	t.Parallel()
	d := open(t, generous).asIs()
	d.signIn(d.token(store.Ingest), "c-1").says(t, http.StatusForbidden, "opens no customer’s page")
	d.signIn("guess", "c-1").says(t, http.StatusUnauthorized, "not known here")
	d.signIn("", "c-1").says(t, http.StatusUnauthorized)
	d.signIn(strings.Repeat("x", 1<<20), "c-1").says(t, http.StatusUnauthorized)
	if a := d.signIn(token, "c-1"); a.status != http.StatusSeeOther { // GATEWAY_TOKEN
		t.Errorf("got %d %s", a.status, a.body)
	}
	// From elsewhere nobody is signed in, as whomever.
	a := d.do(http.MethodPost, "/sign-in", url.Values{"token": {token}}.Encode(), "Authorization", "", "Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "cross-site")
	if a.status != http.StatusForbidden || a.header.Get("Set-Cookie") != "" {
		t.Errorf("from elsewhere: %d %v", a.status, a.header)
	}
}

func TestSigningInLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	d := open(t, generous).asIs()
	for _, to := range []string{"//elsewhere.example", "https://elsewhere.example", `\\elsewhere.example`, "../../x", "javascript:alert(1)", "c-1\r\nSet-Cookie: a=b", "someone@example.org", ""} {
		a := d.signIn(token, to)
		if at := a.header.Get("Location"); !regexp.MustCompile(`^\./(sign-in|customers/[^/\\]+)$`).MatchString(at) || len(a.header.Values("Set-Cookie")) != 1 {
			t.Errorf("%q leads to %q", to, at)
		}
	}
}

func TestACookieIsTakenOnlyAsItWasGiven(t *testing.T) {
	t.Parallel()
	d := open(t, generous).asIs()
	id, manager, err := d.store.CreateToken(t.Context(), "manager", store.Manager, time.Now(), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	d.until(http.StatusSeeOther, func() answer { return d.signIn(manager, "c-1") })
	session := cookie(d.signIn(manager, "c-1"))
	page := func(cookie string) func() answer {
		return func() answer {
			return d.do(http.MethodGet, "/customers/c-1", "", "Authorization", "", "Cookie", cookie)
		}
	}
	page(session)().says(t, http.StatusOK)
	name, value, _ := strings.Cut(session, "=")
	part := strings.Split(value, ".")
	for what, forged := range map[string]string{
		"another token":      "0." + part[1] + "." + part[2],
		"a later end":        part[0] + "." + part[1] + "0." + part[2],
		"no signature":       part[0] + "." + part[1] + ".",
		"half a signature":   part[0] + "." + part[1] + "." + part[2][:10],
		"only a signature":   part[2],
		"nothing":            "",
		"no number":          "x." + part[1] + "." + part[2],
		"the token itself":   manager,
		"a moved full stop":  part[0] + part[1][:1] + "." + part[1][1:] + "." + part[2],
		"one that has ended": fmt.Sprintf("%s.%d.%s", part[0], time.Now().Add(-time.Hour).Unix(), part[2]),
	} {
		if a := page(name + "=" + forged)(); a.status != http.StatusUnauthorized {
			t.Errorf("with %s: status %d", what, a.status)
		}
	}
	if err := d.store.RevokeToken(t.Context(), id, time.Now()); err != nil {
		t.Fatal(err)
	}
	d.until(http.StatusUnauthorized, page(session)) // it ends with its token
}

// A page that links to us from another site, as the Temporal UI may, does not make people sign in twice.
func TestALinkFromAnotherSiteIsFollowedOnceMoreFromHere(t *testing.T) {
	t.Parallel()
	d := open(t, generous).asIs()
	a := d.do(http.MethodGet, "/customers/c-1", "", "Authorization", "", "Accept", "text/html", "Sec-Fetch-Site", "cross-site")
	a.says(t, http.StatusOK, `http-equiv="refresh" content="0"`)
	if strings.Contains(a.body, "Ada") {
		t.Error("it shows the page to whoever")
	}
}

// A door that looks at a signature has to read what was signed first: no more than a provider sends.
func TestDoorsReadNoMoreThanTheyNeed(t *testing.T) {
	t.Parallel()
	d := open(t, generous)
	for path, most := range map[string]int{"/v1/twilio/messages": 64 << 10, "/v1/twilio/status": 64 << 10, "/v1/slack/events": 1 << 20} {
		d.do(http.MethodPost, path, strings.Repeat("x", most+1), "Authorization", "").says(t, http.StatusRequestEntityTooLarge, "too large")
	}
	d.do(http.MethodPost, "/v1/mail/bounces", "Subject: x\r\n\r\n"+strings.Repeat("x", 5<<20)).says(t, http.StatusOK, "ignored") // nothing of it is kept
	d.hand(`{"id":"`+strings.Repeat("x", 5<<20)+`"}`).says(t, http.StatusRequestEntityTooLarge)
}

// What was overheard can be brought again: it changes nothing where it is the same, and by Slack's signature it is refused after five minutes.
func TestWhatWasOverheardIsOfNoUseLater(t *testing.T) {
	t.Parallel()
	d := open(t, func(c *gateway.Config) {
		generous(c)
		c.SlackSecret = "a secret of these tests"
	})
	body := `{"type":"event_callback","event_id":"Ev1","event":{"type":"message","channel_type":"im","user":"U1","text":"hello"}}`
	slackSays := func(ago time.Duration) answer {
		signed := slack.Sign("a secret of these tests", []byte(body), time.Now().Add(-ago))
		return d.do(http.MethodPost, "/v1/slack/events", body, "Authorization", "",
			slack.SignatureHeader, signed.Get(slack.SignatureHeader), slack.TimestampHeader, signed.Get(slack.TimestampHeader))
	}
	slackSays(4*time.Minute).says(t, http.StatusOK)
	slackSays(6*time.Minute).says(t, http.StatusForbidden, "too old")
	slackSays(-6*time.Minute).says(t, http.StatusForbidden)
	form := url.Values{"MessageSid": {"SM1"}, "From": {"+12015550101"}, "Body": {"hello"}} // Twilio's has no time in it
	for range 3 {
		d.webhook("/v1/twilio/messages", form).says(t, http.StatusOK)
	}
	replies, err := d.store.Replies(t.Context(), store.ReplyFilter{}, 10)
	if err != nil || len(replies) != 2 { // one of each
		t.Errorf("%d messages are kept, %v", len(replies), err)
	}
}
