package main

import (
	"strings"
	"testing"
	"time"

	"perennial/store"
)

func TestEveryWordOfACustomersIsListed(t *testing.T) {
	t.Parallel()
	b := newBusiness(t).withCustomers()
	says(t, b.does("customers", "consents", "c-1"), "c-1 never gave a word")
	for i, c := range []store.Consent{
		{Topic: "marketing", Granted: true, Source: "form"},
		{Topic: "marketing", Source: store.SourceReply, Channel: "sms", Wording: "stop"},
	} {
		c.Customer, c.At = "c-1", noon().Add(time.Duration(i)*time.Hour)
		if err := b.store.RecordConsent(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	says(t, b.does("customers", "consents", "c-1"), "2026-05-04 13:00", "no", "reply", "SMS", "stop", "yes", "form")
	var log []store.Consent
	b.reads(&log, "customers", "consents", "c-1")
	if len(log) != 2 || log[0].Wording != "stop" {
		t.Errorf("the log is %+v", log)
	}
	b.refuses("no such customer", "customers", "consents", "c-99")
}

func TestMessagesForAPersonAreListedAndRead(t *testing.T) {
	t.Parallel()
	b := newBusiness(t).withCustomers()
	says(t, b.does("replies", "list"), "There is nothing to read.")
	if _, err := b.store.RecordEvents(t.Context(), []store.Event{
		{ID: "m-1", Type: "message.received", Customer: "c-1", At: noon(), Data: []byte(`{"channel":"sms","text":"my knee\nhurts"}`)},
	}, noon()); err != nil {
		t.Fatal(err)
	}
	for _, r := range []store.Reply{
		{ID: "m-1", Customer: "c-1", Channel: "sms", At: noon()},
		{ID: "m-2", Channel: "email", Address: "someone@example.org", Text: "hi", At: noon().Add(time.Hour)},
	} {
		if _, err := b.store.KeepReply(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	says(t, b.does("replies", "list"), "c-1", "maria", "SMS", "my knee hurts", "someone@example.org", "hi", "2 messages")
	b.refuses("no such message", "replies", "read", "m-1", "m-9")
	b.refuses("needs the ID of a message", "replies", "read")
	says(t, b.does("replies", "read", "m-1", "--by", "maria"), "1 message is read")
	var left []store.Reply
	b.reads(&left, "replies", "list")
	if len(left) != 1 || left[0].ID != "m-2" {
		t.Errorf("left are %+v", left)
	}
	says(t, b.does("replies", "list", "--all", "--owner", "maria"), "m-1", "2026-05-04 12:00", "1 message;")
}

func TestCustomersWhoCantBeReachedAreListedWithTheReason(t *testing.T) {
	t.Parallel()
	b := newBusiness(t).withCustomers()
	says(t, b.does("customers", "unreachable"), "Every customer can be reached.")
	if _, err := b.store.MarkAddressBad(t.Context(), "c-2", "email", "c2@example.com", "bad_address", noon()); err != nil {
		t.Fatal(err)
	}
	out := b.does("customers", "unreachable")
	says(t, out, "c-2", "omar", "e-mail", "bad address", "2026-05-04 12:00", "SMS", "not a channel that they want", "1 customer;")
	if strings.Contains(out, "c2@example.com") || strings.Contains(out, "c-1") {
		t.Errorf("it says too much:\n%s", out)
	}
	says(t, b.does("customers", "unreachable", "--owner", "maria"), "Every customer can be reached.")
}
