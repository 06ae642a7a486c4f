package main

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"perennial/domain/clock"
	"perennial/domain/journey"
	"perennial/store"
)

func TestAWorkerStartsThoughAScheduleCantBeMade(t *testing.T) {
	t.Parallel()
	plan := looking("true")
	plan.Encoding = journey.PlanEncoding
	plan.Journey = strings.Repeat("long-", 300) // longer than any id that Temporal takes
	encoded, err := json.Marshal(plan)
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	b := openMain(t, clock.Starting(monday, time.Now(), rate), func(m *Main) {
		s, err := store.Open(t.Context(), m.Config.DatabaseURL.Reveal())
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		_, _, err = s.Publish(t.Context(), store.Version{Journey: plan.Journey, Hash: "1", Plan: encoded, Catalogue: []byte("{}"), PublishedAt: monday}, nil)
		if err != nil {
			t.Fatal(err)
		}
		m.Log = slog.New(slog.NewTextHandler(&log, nil))
	})
	defer b.main.Close()
	if !strings.Contains(log.String(), "left to the sweep") {
		t.Errorf("nothing is said of it:\n%s", log.String())
	}
	if _, err := b.main.client.ScheduleClient().GetHandle(t.Context(), sweepSchedule).Describe(t.Context()); err != nil {
		t.Errorf("the sweep is not scheduled: %v", err)
	}
}
