package gateway_test

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/gateway"
	"perennial/store"
)

// live gives a customer a life: enrollments that stand and ended in every way, and touches of every state.
func (d *door) live(who string) {
	d.Helper()
	day := func(n, hour int) time.Time { return time.Date(2026, 5, 4+n, 11+hour, 0, 0, 0, time.UTC) }
	must := func(err error) {
		d.Helper()
		if err != nil {
			d.Fatal(err)
		}
	}
	ctx := d.Context()
	ends := func(e store.Enrollment, step, outcome string, at time.Time) {
		must(d.store.Project(ctx, e.ID, store.Projection{Step: step}, at))
		must(d.store.Finish(ctx, e.ID, outcome, at))
	}
	d.took(`[{"id":"p-1-` + who + `","type":"purchase","customer":"` + who + `","at":"2026-03-02T02:00:00Z","data":{"amount":129.9}},
		{"id":"p-2-` + who + `","type":"purchase","customer":"` + who + `","at":"2026-05-01T06:00:00Z","data":{"amount":59}},
		{"id":"s-1-` + who + `","type":"survey.answered","customer":"` + who + `","at":"2026-03-09T02:00:00Z","data":{"survey":"satisfaction","score":4}},
		{"id":"c-1-` + who + `","type":"consent.changed","customer":"` + who + `","data":{"topic":"newsletter","granted":false}}]`)

	first := d.enroll("onboarding", who, "order-1987", day(-63, 0))
	welcome := d.sent(touch(first, "welcome", journey.Send, customer.SMS, day(-63, 1)), day(-63, 1))
	_, _, err := d.store.Receive(ctx, store.Receipt{Touch: welcome.ID, State: store.TouchDelivered, At: day(-63, 1)})
	must(err)
	d.sent(touch(first, "how_is_it", journey.Ask, customer.Email, day(-57, 1)), day(-57, 1))
	tells := touch(first, "tell_owner", journey.Notify, customer.Slack, day(-50, 1))
	tells.Topic, tells.Colleague = "", "rep-02"
	d.sent(tells, day(-50, 1))
	ends(first, "thanks", "goal", day(-3, -5))

	failing := d.enroll("return_visit", who, "", day(-50, 0))
	ends(failing, "invite", "failed: the template visit-invite can't be read", day(-49, 0))
	left := d.enroll("birthday", who, "", day(-40, 0))
	_, err = d.store.RecordSkip(ctx, touch(left, "card", journey.Send, "", day(-40, 2)), store.TouchSkipped, "no_consent", day(-40, 2))
	must(err)
	ends(left, "card", "exited: complaint.opened", day(-39, 0))
	whole := d.enroll("care_tips", who, "", day(-30, 0))
	tip := d.claim(touch(whole, "tip_1", journey.Send, customer.SMS, day(-30, 2)), day(-30, 2))
	_, err = d.store.Fail(ctx, tip.ID, tip.Attempt, "twilio: the address can't be reached (21211)", "21211", day(-30, 2))
	must(err)
	tip = d.sent(touch(whole, "tip_2", journey.Send, customer.SMS, day(-23, 2)), day(-23, 2))
	_, _, err = d.store.Receive(ctx, store.Receipt{Touch: tip.ID, State: store.TouchUndelivered, Code: "30003", At: day(-23, 3)})
	must(err)
	tip = d.claim(touch(whole, "tip_3", journey.Send, customer.Email, day(-16, 2)), day(-16, 2))
	_, err = d.store.Unconfirmed(ctx, tip.ID, tip.Attempt, "nobody knows whether it was sent", "", day(-16, 2))
	must(err)
	_, err = d.store.RecordSkip(ctx, touch(whole, "tip_4", journey.Send, customer.Email, day(-9, 2)), store.TouchExpired, "expired", day(-9, 2))
	must(err)
	ends(whole, "tip_4", "completed", day(-8, 0))

	paused := d.enroll("renewal", who, "agreement-31", day(-6, 0))
	must(d.store.Project(ctx, paused.ID, store.Projection{Step: "remind", NextAt: day(9, 0), WaitingFor: "time to pass", Paused: true}, day(-1, 0)))
	second := d.enroll("onboarding", who, "order-2041", day(-3, 0))
	released := d.claim(touch(second, "welcome", journey.Send, customer.Email, day(-3, 1)), day(-3, 1))
	_, err = d.store.Release(ctx, released.ID, released.Attempt, "421")
	must(err)
	d.claim(touch(second, "how_is_it", journey.Ask, customer.Email, day(0, 0)), day(0, 0))
	must(d.store.Project(ctx, second.ID, store.Projection{Step: "how_is_it", NextAt: day(5, -1), WaitingFor: "the customer's answer"}, day(0, 0)))
	changed, err := d.store.MarkAddressBad(ctx, who, customer.SMS, "+12015550103", "bad_address", day(-23, 3))
	must(err)
	if !changed {
		d.Fatal("the address was not marked")
	}
}

func TestThePageTellsWhoACustomerIsAndWhatWasDone(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	d.live("c-3")
	a := d.do(http.MethodGet, "/customers/c-3", "")
	a.says(t, http.StatusOK,
		`<h1 lang="zh-CN">林晓梅</h1>`, "5 of 5 stars", "in Asia/Shanghai it is", "Mon 4 May 2026, 19:0", "rep-02",
		"2, of 188.90 in all; the last on", "1 May 2026", "satisfaction: 4", "mei@example.org", "can’t be used: bad address",
		"e-mail, then SMS", "mon-fri 18:30-20:30", "Took back", "newsletter",
		">goal<", ">failed<", "the template visit-invite can&#39;t be read", ">exited<", ">completed<", ">paused<", ">running<",
		"the customer&#39;s answer", "version 1, enrollment 6, key order-2041",
		">delivered<", ">undelivered<", "did not arrive (30003)", ">unconfirmed<", "nobody knows whether it was sent",
		">skipped<", "the customer has not agreed to this topic", ">expired<", "held for longer than it is welcome",
		"twilio: the address can&#39;t be reached (21211)", "it was not sent yet, and will be tried again", "it is being sent", "told rep-02; onboarding",
		`href="https://temporal.example/namespaces/default/workflows/journey%2Fonboarding%2Fc-3%2Forder-2041"`,
	)
	title := regexp.MustCompile(`<title>(.*)</title>`).FindStringSubmatch(a.body)
	if title == nil || title[1] != "c-3 · Perennial" {
		t.Errorf("the title, which browsers remember, is %v", title)
	}
}

func TestThePageTellsWhatACustomerHas(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	d.importCSV("customer,time_zone,birthday\nc-7,Europe/Paris,1981-10-02\n")
	_, err := d.store.RecordEvents(t.Context(), []store.Event{
		{ID: "r-1", Type: store.EventReadingTaken, Customer: "c-7", At: monday, Data: []byte(`{"asset_id": "car-1", "reading": "hours_run", "value": 12000.5}`)},
		{ID: "n-1", Type: store.EventAgreementRenewed, Customer: "c-7", At: monday, Data: []byte(`{"agreement_id": "a-1", "renews_on": "2027-05-04"}`)},
		{ID: "p-1", Type: store.EventPurchase, Customer: "c-7", At: monday.AddDate(0, 0, -9), Data: []byte(`{"amount": 1}`)},
		{ID: "p-2", Type: store.EventPurchase, Customer: "c-7", At: monday, Data: []byte(`{"amount": 1}`)},
		{ID: "o-1", Type: store.EventComplaintOpened, Customer: "c-7", At: monday},
	}, monday)
	if err != nil {
		t.Fatal(err)
	}
	d.do(http.MethodGet, "/customers/c-7", "").says(t, http.StatusOK,
		"<dt>birthday</dt><dd>1981-10-02</dd>", "<dt>asset car-1</dt>", "hours run</span> 12000.5", "<dt>agreement a-1</dt>", "renews on</span> 2027-05-04",
		"as a rule 9 days from one to the next", ">open</span> <span class=\"soft\">since")
}

func TestThePageSaysWhenThereIsNothingToSay(t *testing.T) {
	t.Parallel()
	d := open(t, func(c *gateway.Config) { c.TemporalUI = "" })
	d.importCSV("customer,time_zone\nc-7,America/New_York\n")
	d.do(http.MethodGet, "/customers/c-7", "").says(t, http.StatusOK, ">c-7</h1>", "America/New_York", "None yet.", "nobody", ">nothing<", "any decent hour", "07:0")
	d.enroll("onboarding", "c-7", "", monday)
	if a := d.do(http.MethodGet, "/customers/c-7", ""); strings.Contains(a.body, "<a ") || !strings.Contains(a.body, "onboarding") {
		t.Errorf("it links somewhere:\n%s", a.body)
	}
}

func TestNoCustomerNoPage(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	for _, id := range []string{"c-9", "+12015550101", "someone@example.org", "%20"} {
		d.do(http.MethodGet, "/customers/"+id, "").says(t, http.StatusNotFound, "there is no such customer")
	}
	d.do(http.MethodPost, "/customers/c-1", "").says(t, http.StatusMethodNotAllowed)
}

func TestThePageRunsNothingAndIsKeptNowhere(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	d.importCSV("customer,time_zone,name\nc-7,Europe/Paris,<script>alert(1)</script>\n")
	a := d.do(http.MethodGet, "/customers/c-7", "")
	a.says(t, http.StatusOK, "&lt;script&gt;")
	styles := regexp.MustCompile(`(?s)<style>(.*?)</style>`).FindAllStringSubmatch(a.body, -1)
	if len(styles) != 1 || strings.Contains(a.body, "<script") || strings.Contains(a.body, "style=") {
		t.Fatalf("%d styles, or a script:\n%s", len(styles), a.body)
	}
	hash := sha256.Sum256([]byte(styles[0][1]))
	want := fmt.Sprintf("default-src 'none'; style-src 'sha256-%s'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
		base64.StdEncoding.EncodeToString(hash[:]))
	if got := a.header.Get("Content-Security-Policy"); got != want {
		t.Errorf("the policy is %s", got)
	}
	for name, want := range map[string]string{"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"} {
		if got := a.header.Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
}
