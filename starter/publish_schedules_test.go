package main

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"perennial/domain/clock"
)

// schedule is how often a journey looks for customers, in real time; 0 where it has no schedule.
func (b *business) schedule(journey string) time.Duration {
	b.t.Helper()
	described, err := b.dial().ScheduleClient().GetHandle(b.t.Context(), "enter-"+journey).Describe(b.t.Context())
	if _, none := errors.AsType[*serviceerror.NotFound](err); none {
		return 0
	}
	if err != nil {
		b.t.Fatal(err)
	}
	return described.Schedule.Spec.Intervals[0].Every
}

// listsSchedule returns once visibility knows the schedule of a journey, which is what finds those that are to go.
func (b *business) listsSchedule(journey string) {
	b.t.Helper()
	temporal := b.dial()
	for {
		entries, err := temporal.ScheduleClient().List(b.t.Context(), client.ScheduleListOptions{})
		if err != nil {
			b.t.Fatal(err)
		}
		for entries.HasNext() {
			entry, err := entries.Next()
			if err != nil {
				b.t.Fatal(err)
			}
			if entry.ID == "enter-"+journey {
				return
			}
		}
	}
}

func TestPublishSetsTheSchedulesOfJourneysThatLookForCustomers(t *testing.T) {
	t.Parallel()
	b := newBusiness(t).withTemporal()
	folder := journeys(t)
	out := b.does("journeys", "publish", "--dir", folder, "-m", "First")
	if strings.Contains(out, "Schedules are not set") || b.schedule("win-back") != 24*time.Hour || b.schedule("birthday") != 24*time.Hour || b.schedule("onboarding") != 0 {
		t.Errorf("win-back every %v, birthday every %v, onboarding every %v\n%s", b.schedule("win-back"), b.schedule("birthday"), b.schedule("onboarding"), out)
	}
	b.listsSchedule("win-back")
	edit(t, filepath.Join(folder, "win-back.yaml"), "every: 1d", "every: 6h")
	b.does("journeys", "publish", "win-back", "--dir", folder, "-m", "More often")
	if every := b.schedule("win-back"); every != 6*time.Hour {
		t.Errorf("after a change: every %v", every)
	}
	if err := writeFile(filepath.Join(folder, "win-back.yaml"), `journey: win-back
title: Winning back
topic: care
enter: { by: start }
steps:
  - { id: rest, wait: 1d }
`); err != nil {
		t.Fatal(err)
	}
	b.does("journeys", "publish", "win-back", "--dir", folder, "-m", "Only when started")
	if every := b.schedule("win-back"); every != 0 {
		t.Errorf("one that looks for nobody has a schedule: every %v", every)
	}
}

func TestPublishWithoutTemporalSaysWhatHappensToTheSchedules(t *testing.T) {
	t.Parallel()
	b := newBusiness(t)
	folder := journeys(t)
	out := b.does("journeys", "publish", "win-back", "--dir", folder, "-m", "First")
	says(t, out, "Published win-back as version 1.", "Schedules are not set yet: no Temporal answers at 127.0.0.1:1", "A worker sets them within seconds")
	if out := b.does("journeys", "publish", "onboarding", "--dir", folder, "-m", "First"); strings.Contains(out, "Schedules") {
		t.Errorf("onboarding needs none:\n%s", out)
	}
}

func TestPublishRefusesAClockThatIsTooFast(t *testing.T) {
	t.Parallel()
	b := newBusiness(t)
	folder := journeys(t)
	b.settings.Clock = clock.Starting(noon(), time.Now(), 100_000)
	b.refuses("journey win-back looks for customers every 1d, which is less than a second", "journeys", "publish", "win-back", "--dir", folder, "-m", "First")
	if all := listed(b); len(all) != 0 {
		t.Errorf("published: %+v", all)
	}
}
