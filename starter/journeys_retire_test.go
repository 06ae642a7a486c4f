package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
)

func TestARetiredJourneyLetsNobodyInUntilItIsPublishedAgain(t *testing.T) {
	t.Parallel()
	b := newBusiness(t).withCustomers()
	folder := journeys(t)
	b.does("journeys", "publish", "--dir", folder, "-m", "First")
	b.enter("c-1", "onboarding")
	file := filepath.Join(folder, "onboarding.yaml")
	written := readFile(t, file)
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	const gone = "onboarding is published and its file is gone: it goes on letting customers in; `starter journeys retire onboarding --message \"why\"` ends that"
	says(t, b.does("journeys", "publish", "--dir", folder, "--dry-run"), gone)
	says(t, b.does("journeys", "publish", "--dir", folder, "-m", "Once more"), gone, "Nothing to publish")
	if out := b.does("journeys", "publish", "win-back", "--dir", folder, "--dry-run"); strings.Contains(out, "gone") {
		t.Errorf("only win-back was asked for:\n%s", out)
	}

	b.refuses("say why in a few words", "journeys", "retire", "onboarding")
	b.refuses("did you mean onboarding?", "journeys", "retire", "onbording", "-m", "Over")
	says(t, b.does("journeys", "retire", "onboarding", "-m", "Over"), "Retired onboarding as version 2", "1 enrollment is in it: each finishes on its version")
	b.refuses("onboarding is retired already, as version 2", "journeys", "retire", "onboarding", "-m", "Over")
	entering, err := b.store.EnteringOn(t.Context(), "purchase")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range entering {
		if v.Journey == "onboarding" {
			t.Error("a purchase still enters it")
		}
	}
	b.refuses("it is retired: nobody enters it", "enroll", "onboarding", "--customer", "c-2", "--dry-run")
	b.refuses("it is retired: nobody enters it", "enroll", "onboarding", "--dry-run")
	var all []listedJourney
	b.reads(&all, "journeys", "list")
	for _, j := range all {
		if j.Journey == "onboarding" && (j.Enters != "retired" || j.Running != 1 || j.EntersOn != "" || j.Message != "Over") {
			t.Errorf("listed as %+v", j)
		}
	}
	says(t, b.does("journeys", "show", "onboarding"), "retired", "# Retired: nobody enters, whatever stands below. What was version 1:")
	if out := b.does("journeys", "publish", "--dir", folder, "--dry-run"); strings.Contains(out, "gone") {
		t.Errorf("one that is retired needs no file:\n%s", out)
	}

	if err := writeFile(file, written); err != nil {
		t.Fatal(err)
	}
	says(t, b.does("journeys", "publish", "onboarding", "--dir", folder, "-m", "Back"), "onboarding: version 2 → 3", "It is retired: customers enter it again", "Published onboarding as version 3")
	if v, err := b.store.Version(t.Context(), "onboarding", 0); err != nil || v.EntersOn != "purchase" || v.Source != written {
		t.Errorf("got %+v, %v", v, err)
	}
}

func TestAJourneyThatLooksForCustomersSaysWhenAndStopsWhenRetired(t *testing.T) {
	t.Parallel()
	b := newBusiness(t).withTemporal()
	folder := journeys(t)
	out := b.does("journeys", "publish", "win-back", "--dir", folder, "-m", "First")
	says(t, out, "win-back: next look ", " UTC; `starter enroll win-back` looks now.")
	var shown shownJourney
	b.reads(&shown, "journeys", "show", "win-back")
	if shown.Look == nil || !shown.Look.At.After(time.Now()) || shown.Look.At.After(time.Now().Add(25*time.Hour)) {
		t.Errorf("next look %+v", shown.Look)
	}
	says(t, b.does("journeys", "show", "win-back"), "next look ")
	if err := b.dial().ScheduleClient().GetHandle(t.Context(), "enter-win-back").Pause(t.Context(), client.SchedulePauseOptions{}); err != nil {
		t.Fatal(err)
	}
	says(t, b.does("journeys", "show", "win-back"), "its schedule is paused; `starter enroll win-back` looks now")
	b.listsSchedule("win-back")
	b.does("journeys", "retire", "win-back", "-m", "Over")
	if every := b.schedule("win-back"); every != 0 {
		t.Errorf("it is still looked for customers every %v", every)
	}
}

func TestPublishSaysWhomJourneysTellAndNobodyKnows(t *testing.T) {
	t.Parallel()
	b := newBusiness(t)
	folder := journeys(t)
	if err := writeFile(filepath.Join(folder, "told.yaml"), `journey: told
title: Telling
enter: { by: start }
steps:
  - { id: first, notify: rep-07, with: unhappy-customer }
  - { id: second, notify: robin, with: unhappy-customer }
  - { id: third, notify: owner, with: unhappy-customer }
`); err != nil {
		t.Fatal(err)
	}
	says(t, b.does("journeys", "publish", "told", "--dir", folder, "--dry-run"), "Nobody knows the colleagues rep-07, robin, whom a journey tells")
	b.does("import", "colleagues", b.file("colleagues.csv", "colleague,name,email,language,time_zone\nrep-07,Robin Oakley,rep07@example.com,en,Europe/London\n"))
	says(t, b.does("journeys", "publish", "told", "--dir", folder, "--dry-run"), "Nobody knows the colleague robin, whom a journey tells")
	edit(t, filepath.Join(folder, "told.yaml"), "robin", "rep-07")
	if out := b.does("journeys", "publish", "told", "--dir", folder, "-m", "First"); strings.Contains(out, "Nobody knows") {
		t.Errorf("both are known:\n%s", out)
	}
}
