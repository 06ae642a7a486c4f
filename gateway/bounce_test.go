package gateway_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"perennial/channel/smtp"
	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/gateway"
	"perennial/store"
)

// bounce is a delivery report of a mail to an address.
func bounce(touch, to, action, code string) string {
	return strings.ReplaceAll(`To: <`+smtp.BounceAddress(mailKey, touch, "example.com")+`>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; `+to+`
Action: `+action+`
Status: `+code+`

--b--
`, "\n", "\r\n")
}

// bad is why an address of a customer's can't be used.
func (d *door) bad(who string, channel customer.Channel) string {
	d.Helper()
	p, err := d.store.Profile(d.Context(), who)
	if err != nil {
		d.Fatal(err)
	}
	return p.Addresses[channel].Bad
}

// What users complain of in systems of this kind: people whose mail bounced are retried for ever.
func TestAMailThatBouncedMarksItsAddress(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	sent, _ := d.mailed("c-1", "marketing")
	report := func(touch, to, action, code string) answer {
		return d.do(http.MethodPost, gateway.BouncePath, bounce(touch, to, action, code), "Content-Type", "message/rfc822")
	}
	state := func() store.TouchState {
		touch, err := d.store.TouchByID(t.Context(), sent.ID)
		if err != nil {
			t.Fatal(err)
		}
		return touch.State
	}
	report(sent.ID, "Ada.Fairley@example.org", "delayed", "4.4.1").says(t, http.StatusOK, `"result":"delayed"`)
	if state() != store.TouchSent {
		t.Errorf("after a delay it is %s", state())
	}
	for range 2 {
		report(sent.ID, "Ada.Fairley@EXAMPLE.org", "failed", "5.1.1").says(t, http.StatusOK, `"result":"undelivered"`, sent.ID)
	}
	if state() != store.TouchUndelivered || d.bad("c-1", customer.Email) != "bad_address" || d.bad("c-1", customer.SMS) != "" {
		t.Errorf("it is %s, the address %q", state(), d.bad("c-1", customer.Email))
	}
	if got := d.routed.receipts(); !slices.Equal(got, []string{sent.ID + " undelivered"}) {
		t.Errorf("told of %v", got)
	}
	full, _ := d.mailed("c-3", "service")
	report(full.ID, "mei@example.org", "failed", "5.2.2").says(t, http.StatusOK, `"result":"undelivered"`)
	moved, _ := d.mailed("c-2", "service")
	report(moved.ID, "ben.before@example.org", "failed", "5.1.1").says(t, http.StatusOK, `"result":"undelivered"`)
	if a, b := d.bad("c-3", customer.Email), d.bad("c-2", customer.Email); a != "" || b != "" {
		t.Errorf("a full mailbox is %q, and an address that was changed since %q", a, b)
	}
}

func TestReportsOfNobodysAreIgnored(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	sent, _ := d.mailed("c-1", "marketing")
	good := bounce(sent.ID, "Ada.Fairley@example.org", "failed", "5.1.1")
	for name, c := range map[string]struct{ body, says string }{
		"forged":   {strings.Replace(good, "To: <bounce+", "To: <bounce+9", 1), "came to no bounce address"},
		"no touch": {bounce("999.offer.1.1", "Ada.Fairley@example.org", "failed", "5.1.1"), "there is no such touch"},
		"a note":   {"Subject: Away\r\n\r\nI am away.\r\n", "whom it comes from"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d.do(http.MethodPost, gateway.BouncePath, c.body).says(t, http.StatusOK, `"ignored"`, c.says)
		})
	}
	d.do(http.MethodPost, gateway.BouncePath, good, "Authorization", "").says(t, http.StatusUnauthorized)
	d.do(http.MethodPost, gateway.BouncePath, good+strings.Repeat("x", 5<<20)).says(t, http.StatusOK, `"undelivered"`) // what is of use comes first
}

func TestAReceiptIsToldToTheEnrollmentOnce(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	n := touch(d.enroll("onboarding", "c-1", "", monday), "remind", journey.Send, customer.SMS, monday)
	n.Fallback = true
	sent := d.sent(n, monday)
	post := func(status string) {
		form := url.Values{"MessageSid": {sent.ProviderID}, "MessageStatus": {status}, "To": {"+12015550101"}}
		d.webhook(gateway.StatusPath+"?touch="+sent.ID, form).says(t, http.StatusNoContent)
	}
	for _, status := range []string{"queued", "sent", "undelivered", "undelivered", "delivered", "undelivered", "delivered"} {
		post(status)
	}
	if got := d.routed.receipts(); !slices.Equal(got, []string{sent.ID + " undelivered", sent.ID + " delivered"}) || !d.routed.told[0].Fallback {
		t.Errorf("told of %v", got)
	}
	d.routed.fail = http.ErrServerClosed
	other := d.sent(touch(d.enroll("birthday", "c-1", "", monday), "card", journey.Send, customer.SMS, monday), monday)
	d.webhook(gateway.StatusPath+"?touch="+other.ID, url.Values{"MessageSid": {"x"}, "MessageStatus": {"delivered"}}).says(t, http.StatusNoContent)
	if !strings.Contains(d.log.String(), "could not be told") {
		t.Errorf("logged: %s", d.log)
	}
}

func TestACallbackMarksTheAddressWhereItProvesIt(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	for i, c := range []struct{ code, to, bad string }{
		{"30003", "+12015550103", ""},            // switched off, perhaps
		{"30007", "+12015550103", ""},            // filtered
		{"30005", "+12015550199", ""},            // it went to another number, which is not theirs any more
		{"30005", "+12015550103", "bad_address"}, // unknown
	} {
		sent := d.sent(touch(d.enroll("journey-"+c.code+c.to[10:], "c-3", "", monday), "tip", journey.Send, customer.SMS, monday), monday)
		form := url.Values{"MessageSid": {sent.ProviderID}, "MessageStatus": {"undelivered"}, "ErrorCode": {c.code}, "To": {c.to}}
		d.webhook(gateway.StatusPath+"?touch="+sent.ID, form).says(t, http.StatusNoContent)
		if got := d.bad("c-3", customer.SMS); got != c.bad {
			t.Errorf("%d: after %s to %s the address is %q", i, c.code, c.to, got)
		}
	}
}
