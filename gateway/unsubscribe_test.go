package gateway_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"perennial/channel/smtp"
	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/gateway"
	"perennial/store"
)

// mailKey signs the links of these tests.
const mailKey = "a key of these tests"

// mailed sends a mail about a topic, and returns the link in it: its path and query.
func (d *door) mailed(who, topic string) (store.Touch, string) {
	d.Helper()
	n := touch(d.enroll("offers-"+topic, who, "", monday), "offer", journey.Send, customer.Email, monday)
	n.Topic = topic
	sent := d.sent(n, monday)
	link, err := url.Parse(smtp.UnsubscribeLink(publicURL+gateway.UnsubscribePath, mailKey, sent.ID))
	if err != nil {
		d.Fatal(err)
	}
	return sent, gateway.UnsubscribePath + "?" + link.RawQuery
}

// press posts a button of the page, as a browser does, and fails unless the page follows; what it says then is answered.
func (d *door) press(link, button string) answer {
	d.Helper()
	a := d.do(http.MethodPost, link, "do="+button, "Authorization", "", "Content-Type", "application/x-www-form-urlencoded", "Origin", "null")
	a.says(d.T, http.StatusOK)
	return a
}

func TestOpeningTheLinkChangesNothing(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	d.named("Willow & Pine")
	_, link := d.mailed("c-1", "marketing")
	a := d.do(http.MethodGet, link, "", "Authorization", "")
	a.says(t, http.StatusOK, "Willow &amp; Pine", "You get messages about offers and news from us.", "No more about offers and news", "No more messages at all", `lang="en"`)
	for _, personal := range []string{"Ada", "Fairley", "example.org", "5550101", "c-1", "Undo"} {
		if strings.Contains(a.body, personal) {
			t.Errorf("the page says %q:\n%s", personal, a.body)
		}
	}
	d.do(http.MethodHead, link, "", "Authorization", "").says(t, http.StatusOK)
	if got := d.consents("c-1"); got != "map[care:true marketing:true service:true]" || len(d.routed.types()) != 0 {
		t.Errorf("consents: %s, routed %v", got, d.routed.types())
	}
	if got := a.header.Get("Content-Security-Policy"); !strings.Contains(got, "default-src 'none'") || !strings.Contains(got, "form-action 'self'") {
		t.Errorf("the policy is %s", got)
	}
}

func TestTheButtonOfAMailProgramUnsubscribesAtOnce(t *testing.T) {
	t.Parallel()
	multipart := "--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--x--\r\n"
	for name, c := range map[string]struct{ kind, body string }{
		"a form":         {"application/x-www-form-urlencoded", "List-Unsubscribe=One-Click"},
		"multipart form": {"multipart/form-data; boundary=x", multipart},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := open(t, nil)
			_, link := d.mailed("c-1", "marketing")
			var all sync.WaitGroup
			for range 4 { // mail programs may press twice
				all.Go(func() {
					d.do(http.MethodPost, link, c.body, "Authorization", "", "Content-Type", c.kind, "Origin", "https://mail.example", "Sec-Fetch-Site", "cross-site").
						says(t, http.StatusOK, "unsubscribed")
				})
			}
			all.Wait()
			if got := d.consents("c-1"); got != "map[care:true marketing:false service:true]" {
				t.Errorf("consents: %s", got)
			}
			if got := d.routed.types(); !slices.Equal(got, []string{"consent.changed c-1"}) {
				t.Errorf("routed: %v", got)
			}
			log, err := d.store.ConsentLog(t.Context(), "c-1", 1)
			if err != nil || log[0].Source != store.SourceUnsubscribe || log[0].Channel != customer.Email || log[0].Granted {
				t.Errorf("log: %+v, %v", log, err)
			}
		})
	}
}

func TestThePageTakesBackATopicOrEverythingAndUndoesIt(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	_, link := d.mailed("c-1", "marketing")
	d.took(`{"id":"e-1","type":"consent.changed","customer":"c-1","data":{"topic":"care","granted":false}}`)
	for _, c := range []struct{ button, says, consents string }{
		{"topic", "You get no more messages about offers and news from us.", "map[care:false marketing:false service:true]"},
		{"topic", "You get no more messages about offers and news from us.", "map[care:false marketing:false service:true]"}, // twice
		{"everything", "You get no more messages from us.", "map[care:false marketing:false service:false]"},
		{"undo", "You get messages about offers and news from us.", "map[care:false marketing:true service:true]"}, // and not care, which was refused elsewhere
		{"everything", "You get no more messages from us.", "map[care:false marketing:false service:false]"},       // again, from the same mail
	} {
		d.press(link, c.button).says(t, http.StatusOK, c.says)
		if got := d.consents("c-1"); got != c.consents {
			t.Errorf("after %s: %s", c.button, got)
		}
	}
	for _, body := range []string{"", "do=", "do=delete", "List-Unsubscribe=No"} {
		d.do(http.MethodPost, link, body, "Authorization", "", "Content-Type", "application/x-www-form-urlencoded").says(t, http.StatusBadRequest, "use the buttons")
	}
}

func TestTheLinkLeadsToNoOtherCustomerOrTopic(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	mine, link := d.mailed("c-1", "marketing")
	hers, _ := d.mailed("c-3", "service")
	query := func(change func(url.Values)) string {
		_, raw, _ := strings.Cut(link, "?")
		values, err := url.ParseQuery(raw)
		if err != nil {
			t.Fatal(err)
		}
		change(values)
		return gateway.UnsubscribePath + "?" + values.Encode()
	}
	for name, turned := range map[string]string{
		"another touch":        query(func(v url.Values) { v.Set("touch", hers.ID) }),
		"another touch beside": query(func(v url.Values) { v["touch"] = []string{hers.ID, mine.ID} }),
		"no signature":         query(func(v url.Values) { v.Del("sig") }),
		"another signature":    query(func(v url.Values) { v.Set("sig", strings.Repeat("A", 43)) }),
		"nothing":              gateway.UnsubscribePath,
	} {
		d.do(http.MethodGet, turned, "", "Authorization", "").says(t, http.StatusForbidden)
		if a := d.do(http.MethodPost, turned, "List-Unsubscribe=One-Click", "Authorization", "", "Content-Type", "application/x-www-form-urlencoded"); a.status != http.StatusForbidden {
			t.Errorf("%s: status %d: %s", name, a.status, a.body)
		}
	}
	other := query(func(v url.Values) { v.Set("topic", "service"); v.Set("customer", "c-3") })
	d.press(other, "topic&topic=service&customer=c-3")
	if a, b := d.consents("c-1"), d.consents("c-3"); a != "map[care:true marketing:false service:true]" || b != "map[service:true]" {
		t.Errorf("consents: %s and %s", a, b)
	}
	gone := smtp.UnsubscribeLink(publicURL+gateway.UnsubscribePath, mailKey, "999.offer.1.1")
	_, raw, _ := strings.Cut(gone, "?")
	d.do(http.MethodGet, gateway.UnsubscribePath+"?"+raw, "", "Authorization", "").says(t, http.StatusNotFound)
	closed := open(t, func(c *gateway.Config) { c.UnsubscribeKey = "" })
	closed.do(http.MethodGet, link, "", "Authorization", "").says(t, http.StatusForbidden)
}

func TestThePageSpeaksTheCustomersLanguage(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	_, link := d.mailed("c-3", "service")
	d.do(http.MethodGet, link, "", "Authorization", "").says(t, http.StatusOK, `lang="zh"`, "您目前会收到我们关于“购买与服务”的消息。", "不再接收任何消息")
}
