package main

import (
	"strings"
	"testing"

	"perennial/gateway"
	"perennial/store"
)

func TestAMailIsHandedInAsAMailServerDoes(t *testing.T) {
	t.Parallel()
	b := newBusiness(t).withCustomers().withGateway()
	says(t, b.does("mail", "list"), "There is nothing to look at.")
	b.stdin = "Message-ID: <1@example.com>\r\nFrom: c2@example.com\r\n\r\nmy knee hurts\r\n"
	says(t, b.does("mail", "take"), "A message of somebody's")
	says(t, b.does("mail", "bounce", "--to", "bounce+1.x.1.1@example.com"), "came before (reply)")
	b.stdin = "Auto-Submitted: auto-replied\r\nFrom: c2@example.com\r\n\r\nI am away\r\n"
	says(t, b.does("mail", "take"), "No person wrote it")
	b.stdin = "no header at all"
	var taken gateway.TakenMail
	b.reads(&taken, "mail", "take")
	if taken.Result != store.MailUnreadable || taken.Why == "" {
		t.Errorf("it is %+v", taken)
	}
	says(t, b.does("replies", "list"), "c-2", "my knee hurts")
	says(t, b.does("mail", "list"), "unreadable", "header can't be read", taken.ID, "1 mail;")
	says(t, b.does("mail", "list", "--all"), "reply", "automatic", "3 mails;")
	b.refuses("no such mail", "mail", "seen", "mail:0")
	b.refuses("needs the ID of a mail", "mail", "seen")
	says(t, b.does("mail", "seen", taken.ID, "--by", "maria"), "1 mail is seen to")
	says(t, b.does("mail", "list"), "There is nothing to look at.")
	b.stdin = ""
	b.refuses("there is no mail on standard input", "mail", "take")
}

func TestAMailServerKeepsAMailThatCantBeTakenNow(t *testing.T) {
	t.Parallel()
	b := newBusiness(t)
	b.stdin = "From: c2@example.com\r\n\r\nmy knee hurts\r\n"
	for _, change := range []func(){
		func() {}, // nobody listens
		func() { b.withGateway(); b.settings.GatewayToken = "another" },
	} {
		change()
		if r := b.run("mail", "take"); r.code != 75 || strings.Contains(r.errs, "knee") {
			t.Errorf("exit code %d: %s", r.code, r.errs)
		}
	}
}
