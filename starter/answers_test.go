package main

import (
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
