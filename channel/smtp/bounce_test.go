package smtp_test

import (
	"errors"
	"strings"
	"testing"

	"perennial/channel"
	"perennial/channel/smtp"
)

const bounceKey = "hunter2"

// returnPath is the address to which the mail of a touch bounces.
func returnPath(t *testing.T, touch string) string {
	t.Helper()
	box := newMailbox(t, behaviour{})
	m := message()
	m.Touch = touch
	if _, err := newClient(t, smtp.Config{URL: "smtp://" + box.address, Domain: "mail.example.com", BounceKey: bounceKey}).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	return box.taken()[0].sender
}

// report is a delivery report as mail servers write them; status are the fields of the recipient.
func report(to, status string) string {
	return strings.ReplaceAll(`From: Mail Delivery System <mailer-daemon@mx.example.net>
To: `+to+`
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net
Arrival-Date: Mon, 4 May 2026 12:00:00 +0000

`+status+`

--b
Content-Type: text/rfc822-headers

From: Example Ltd <hello@example.com>
To: <`+address+`>
Subject: Your visit

--b--
`, "\n", "\r\n")
}

func status(action, code, diagnostic string) string {
	s := "Final-Recipient: rfc822; moved." + address + "\nOriginal-Recipient: rfc822;" + address + "\nAction: " + action + "\nStatus: " + code
	if diagnostic != "" {
		s += "\nRemote-MTA: dns; mx.example.org\nDiagnostic-Code: " + diagnostic
	}
	return s
}

func TestReportsSayWhatBecameOfAMail(t *testing.T) {
	t.Parallel()
	to := returnPath(t, "7.welcome.1.1")
	for name, c := range map[string]struct {
		status string
		want   smtp.Report
	}{
		"no such mailbox":     {status("failed", "5.1.1", "smtp; 550 5.1.1 <x>: Recipient address rejected"), smtp.Report{Fate: smtp.Bounced, Code: "5.1.1", Kind: channel.BadAddress}},
		"said by code alone":  {status("failed", "5.0.0", "smtp; 550 no such user"), smtp.Report{Fate: smtp.Bounced, Code: "5.0.0", Kind: channel.BadAddress}},
		"the domain is gone":  {status("Failed", "5.4.4 (host not found)", ""), smtp.Report{Fate: smtp.Bounced, Code: "5.4.4", Kind: channel.BadAddress}},
		"mailbox full":        {status("failed", "5.2.2", "smtp;\n 552 5.2.2 over quota"), smtp.Report{Fate: smtp.Bounced, Code: "5.2.2", Kind: channel.Temporary}},
		"taken for spam":      {status("failed", "5.7.1", "smtp; 550 5.7.1 blocked"), smtp.Report{Fate: smtp.Bounced, Code: "5.7.1", Kind: channel.Rejected}},
		"given up after days": {status("failed", "4.4.1", ""), smtp.Report{Fate: smtp.Bounced, Code: "4.4.1", Kind: channel.Temporary}},
		"still being tried":   {status("delayed", "4.4.1", ""), smtp.Report{Fate: smtp.Delayed, Code: "4.4.1"}},
		"handed on":           {status("relayed", "2.0.0", ""), smtp.Report{Fate: smtp.Delayed, Code: "2.0.0"}},
		"arrived":             {status("delivered", "2.1.5", ""), smtp.Report{Fate: smtp.Arrived, Code: "2.1.5"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.want.Touch, c.want.To = "7.welcome.1.1", address
			for how, mail := range map[string]string{
				"as it comes": report("<"+to+">", c.status),
				"in capitals": report(strings.ToUpper(to), c.status),
				"delivered":   "Delivered-To: " + to + "\r\n" + report("undisclosed-recipients:;", c.status),
			} {
				if got, err := smtp.ReadReport(strings.NewReader(mail), bounceKey, ""); err != nil || got != c.want {
					t.Errorf("%s: %+v, %v, want %+v", how, got, err, c.want)
				}
			}
			if got, err := smtp.ReadReport(strings.NewReader(report("hello@example.com", c.status)), bounceKey, to); err != nil || got != c.want {
				t.Errorf("told by the server: %+v, %v", got, err)
			}
		})
	}
}

func TestAForgedReportIsNotTaken(t *testing.T) {
	t.Parallel()
	to := returnPath(t, "7.welcome.1.1")
	dead := status("failed", "5.1.1", "")
	for _, forged := range []string{
		"bounce+7.welcome.1.1@mail.example.com", "bounce+7.welcome.1.1+@mail.example.com", strings.Replace(to, "+7.", "+8.", 1), "hello@example.com", "",
		strings.Replace(to, "@", "x@", 1),
	} {
		if got, err := smtp.ReadReport(strings.NewReader(report(forged, dead)), bounceKey, forged); !errors.Is(err, smtp.ErrNotOurs) {
			t.Errorf("%q: %+v, %v", forged, got, err)
		}
	}
	if _, err := smtp.ReadReport(strings.NewReader(report(to, dead)), "another", ""); !errors.Is(err, smtp.ErrNotOurs) {
		t.Errorf("another key: %v", err)
	}
	if _, err := smtp.ReadReport(strings.NewReader(report(to, dead)), "", ""); !errors.Is(err, smtp.ErrNotOurs) {
		t.Errorf("no key: %v", err)
	}
}

func TestWhatIsNoReportIsNotTakenForOne(t *testing.T) {
	t.Parallel()
	to := returnPath(t, "7.welcome.1.1")
	for name, mail := range map[string]string{
		"a holiday note":   "To: " + to + "\r\nSubject: Away\r\n\r\nI am away until 5.1.1.\r\n",
		"another report":   strings.Replace(report(to, status("failed", "5.1.1", "")), "delivery-status;", "disposition-notification;", 1),
		"without a status": report(to, "X-Nothing: at all"),
		"nothing":          "\r\n",
	} {
		if got, err := smtp.ReadReport(strings.NewReader(mail), bounceKey, ""); !errors.Is(err, smtp.ErrNoReport) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestATouchThatLeavesNoRoomBouncesToTheSender(t *testing.T) {
	t.Parallel()
	if got := returnPath(t, "7."+strings.Repeat("x", 60)+".1.1"); got != "hello@example.com" {
		t.Errorf("it bounces to %s", got)
	}
}

// FuzzReports reads anything as a report: it ends, and what it takes was signed.
func FuzzReports(f *testing.F) {
	f.Add(report("bounce+7.welcome.1.1+abc@mail.example.com", status("failed", "5.1.1", "smtp; 550 no")))
	f.Add("Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\n--b--")
	f.Add("")
	f.Fuzz(func(t *testing.T, mail string) {
		if got, err := smtp.ReadReport(strings.NewReader(mail), bounceKey, ""); err == nil {
			t.Errorf("nobody signed this, and it is %+v", got)
		}
	})
}
