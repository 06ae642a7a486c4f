package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"perennial/store"
)

// TestManyEnrollmentsAreSteeredTogetherAndGoOnAtAPace freezes a journey with all who are in it, and lets them go on.
func TestManyEnrollmentsAreSteeredTogetherAndGoOnAtAPace(t *testing.T) {
	t.Parallel()
	const size, pace = 12, 6
	b := newBusiness(t).withTemporal().withGateway().withWorker()
	var rows strings.Builder
	rows.WriteString("customer,name,phone,time_zone,channels,consents\n")
	for n := range size {
		fmt.Fprintf(&rows, "m-%d,Somebody,+1201555%04d,Europe/London,sms,service\n", n, n)
	}
	b.does("import", "customers", b.file("many.csv", rows.String()))
	b.does("journeys", "publish", "--dir", journeys(t), "-m", "First")
	for n := range size {
		b.does("event", "purchase", "--customer", fmt.Sprintf("m-%d", n), "--id", fmt.Sprintf("e-%d", n), "--data", "amount=29.30", "--data", fmt.Sprintf("order_id=o-%d", n), "--data", "quantity=1")
	}
	paused := func() (n int) {
		var found []store.Enrollment
		b.reads(&found, "enrollments", "list", "--journey", "onboarding")
		for _, e := range found {
			if e.Paused {
				n++
			}
		}
		return n
	}
	says(t, b.does("enrollments", "pause", "--journey", "onboarding"), "12 enrollments fit that can be asked to pause.", "Add --yes")
	if n := paused(); n != 0 {
		t.Fatalf("%d are paused, and they were only to be counted", n)
	}
	says(t, b.does("enrollments", "pause", "--journey", "onboarding", "--yes"), "Asked 12 enrollments to pause: 12 did.")
	says(t, b.does("enrollments", "pause", "--journey", "onboarding", "--yes"), "0 enrollments fit that can be asked to pause.")
	if n := paused(); n != size {
		t.Fatalf("%d of %d are paused", n, size)
	}
	began := time.Now()
	var became steered
	b.reads(&became, "enrollments", "resume", "--journey", "onboarding", "--rate", fmt.Sprint(pace), "--yes")
	if became.Fit != size || became.Done != size || became.Ended != 0 || len(became.Failed) != 0 {
		t.Errorf("resumed: %+v", became)
	}
	// The first one goes on at once.
	if took, least := time.Since(began), (size-1)*time.Second/pace; took < least {
		t.Errorf("%d went on in %v, and at %d a second they need %v", size, took, pace, least)
	}
	if n := paused(); n != 0 {
		t.Errorf("%d are still paused", n)
	}
	var found []store.Enrollment
	b.reads(&found, "enrollments", "list", "--journey", "onboarding", "--limit", "2")
	two := []string{fmt.Sprint(found[0].ID), fmt.Sprint(found[1].ID)}
	says(t, b.does("enrollments", "exit", two[0], two[1], "--reason", "moved away"), "Asked 2 enrollments to exit: 2 did.")
	r := b.run("enrollments", "pause", two[0], two[1])
	if r.code != 1 {
		t.Errorf("exit code %d", r.code)
	}
	says(t, r.out, "NOT DONE: enrollment "+two[0]+" has ended: exited: moved away")
	var deeds []store.Deed
	b.reads(&deeds, "audit", "--deed", store.Resumed, "--limit", "100")
	if len(deeds) != 2*size {
		t.Errorf("the audit log has %d lines of %d that were resumed", len(deeds), size)
	}
}

func TestWhoIsToBeSteeredMustBeClear(t *testing.T) {
	t.Parallel()
	b := newBusiness(t)
	b.refuses("say which", "enrollments", "pause")
	b.refuses("not both", "enrollments", "pause", "17", "--journey", "onboarding")
	b.refuses("--rate is a number", "enrollments", "resume", "--journey", "onboarding", "--rate", "-1")
	b.refuses("is no id of an enrollment", "enrollments", "pause", "all")
}

// What was written down and has no workflow yet can't be frozen, and must not be left out in silence: it would start, and send.
func TestWhatHasNotStartedYetIsToldWhereAllAreToBeFrozen(t *testing.T) {
	t.Parallel()
	b := newBusiness(t).withCustomers().withTemporal()
	e := b.enter("c-1", "onboarding")
	says(t, b.does("enrollments", "pause", "--journey", "onboarding"), "1 enrollment fits that can be asked to pause.")
	r := b.run("enrollments", "pause", "--journey", "onboarding", "--yes")
	if r.code != 1 {
		t.Errorf("exit code %d", r.code)
	}
	says(t, r.out, fmt.Sprintf("NOT DONE: enrollment %d has been written down and its workflow not started yet: try again", e.ID))
}
