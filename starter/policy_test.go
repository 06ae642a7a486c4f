package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"perennial/domain/contact"
	"perennial/store"
)

// narrow is a policy whose law leaves nothing to who wants to be reached at night.
const narrow = `topics:
  service: { priority: 1 }
  marketing: { priority: 2, valid: 3d }
  care: { priority: 3 }
decent_hours: daily 09:00-20:00
legal_hours:
  default: daily 08:00-21:00
gap: 4h
`

// withPolicy is a copy of the journeys that we ship, with a contact policy of the test's own.
func withPolicy(t *testing.T, policy string) string {
	t.Helper()
	folder := journeys(t)
	if err := os.RemoveAll(filepath.Join(folder, contact.CalendarFolder)); err != nil {
		t.Fatal(err)
	}
	if err := writeFile(filepath.Join(folder, contact.PolicyFile), policy); err != nil {
		t.Fatal(err)
	}
	return folder
}

func TestPublishPublishesAChangedContactPolicy(t *testing.T) {
	t.Parallel()
	b := newBusiness(t)
	folder := withPolicy(t, narrow)
	publish := func(args ...string) string {
		t.Helper()
		return b.does(append([]string{"journeys", "publish", "--dir", folder, "--author", "maria", "-m", "x"}, args...)...)
	}
	says(t, b.does("policy", "show"), "No contact policy is published")
	says(t, publish("--dry-run"), "contact policy: new, as publication 1.", "dry run")
	if n, err := b.store.NewestPolicyNumber(t.Context()); n != 0 || err != nil {
		t.Fatalf("a dry run published policy %d, %v", n, err)
	}
	says(t, publish(), "Published the contact policy as publication 1, ", "onboarding as version 1")
	says(t, publish(), "contact policy: unchanged, publication 1", "Nothing to publish")
	edit(t, filepath.Join(folder, contact.PolicyFile), "gap: 4h", "gap: 6h")
	says(t, publish("onboarding"), "Nothing to publish") // only what is named
	var done publications
	b.reads(&done, "journeys", "publish", "--dir", folder, "-m", "x")
	if done.Policy == nil || *done.Policy != (publishedPolicy{Number: 2, Fresh: true}) || done.Journeys[0].Fresh {
		t.Errorf("published %+v", done)
	}
	says(t, b.does("policy", "show"), "Contact policy 2", "─── contact-policy.yaml", "gap: 6h")
	_, policy, err := holding(t.Context(), b.store)
	if err != nil || policy.Gap == nil || policy.Gap.Least.String() != "6h" {
		t.Errorf("the policy that holds: %+v, %v", policy.Gap, err)
	}
}

func TestABadContactPolicyIsNotPublished(t *testing.T) {
	t.Parallel()
	b := newBusiness(t)
	folder := withPolicy(t, strings.Replace(narrow, "gap: 4h", "gap: soon", 1))
	file := filepath.Join(folder, contact.PolicyFile)
	for _, command := range [][]string{
		{"policy", "check", folder}, {"journeys", "check", folder}, {"journeys", "publish", "--dir", folder, "-m", "x"},
	} {
		r := b.run(command...)
		if r.code != 1 {
			t.Errorf("%v: exit code %d", command, r.code)
		}
		says(t, r.out+r.errs, file+":8:6: ")
	}
	if n, err := b.store.NewestPolicyNumber(t.Context()); n != 0 || err != nil || len(listed(b)) != 0 {
		t.Errorf("published: policy %d, %d journeys, %v", n, len(listed(b)), err)
	}
	edit(t, file, "gap: soon", "gap: 4h")
	says(t, b.does("policy", "check", folder), "No mistakes in "+file, "3 topics")
}

func TestExplainSaysWhatEachRuleSays(t *testing.T) {
	t.Parallel()
	b := newBusiness(t).withCustomers()
	folder := withPolicy(t, narrow)
	b.does("journeys", "publish", "--dir", folder, "-m", "First")
	record := func(topic string) {
		t.Helper()
		err := b.store.RecordConsent(t.Context(), store.Consent{Customer: "c-1", Topic: topic, Granted: true, At: noon(), Source: "event"})
		if err != nil {
			t.Fatal(err)
		}
	}
	says(t, b.does("policy", "explain", "c-1", "--topic", "marketing"), "consent", "never asked about marketing", "Asked was contact policy 1.")
	says(t, b.does("policy", "explain", "c-1", "--topic", "marketig"), "The policy has no topic marketig; did you mean marketing?")
	record("marketing")
	text := b.does("policy", "explain", "c-1", "--topic", "marketing", "--at", "2026-05-08 11:00", "--template", "welcome")
	says(t, text, "May we reach c-1 about marketing, welcome on Fri 8 May 2026 11:00", "sat-sun 10:00-12:00", "contact-policy.yaml:7", "hold until Sat 9 May 2026 10:00")

	var e explanation
	b.reads(&e, "policy", "explain", "c-1", "--topic", "marketing", "--at", "2026-05-09T02:30:00Z", "--dir", folder)
	if e.Answer.Verdict != contact.Send || e.Answer.Channel != "sms" || e.Policy != 0 || e.Rules[len(e.Rules)-1].Rule != contact.RuleAnswer {
		t.Errorf("explained: %+v", e)
	}
	b.refuses("no such customer", "policy", "explain", "c-9", "--topic", "care")
	b.refuses("--topic marketing", "policy", "explain", "c-1")
	b.refuses("no journey sends a template", "policy", "explain", "c-1", "--topic", "care", "--template", "welcom")
	b.refuses("write a time on the customer's wall", "policy", "explain", "c-1", "--topic", "care", "--at", "soon")
}

func TestCustomersWhomThePolicyLeavesNoTimeAreListedAtPublishAndImport(t *testing.T) {
	t.Parallel()
	b := newBusiness(t)
	folder := withPolicy(t, narrow)
	night := b.file("night.csv", `id,email,time_zone,channels,contact_windows
c-7,c7@example.com,Asia/Shanghai,email,daily 22:00-02:00
c-8,c8@example.com,Asia/Shanghai,email,fri-sat 20:00-01:00
c-9,c9@example.com,Asia/Shanghai,email,daily 22:00-02:00
`)
	if out := b.does("import", "customers", night); strings.Contains(out, "no time") {
		t.Errorf("nothing is against them yet:\n%s", out)
	}
	words := []string{"For 2 customers no time is left", "daily 22:00-02:00", "c-7, c-9", "contact-policy.yaml:7"}
	says(t, b.does("journeys", "publish", "--dir", folder, "-m", "First"), words...)
	says(t, b.does("import", "customers", night), words...)
}
