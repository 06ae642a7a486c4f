package main

import (
	"testing"

	"perennial/store"
)

func TestResultsTellHowJourneysDo(t *testing.T) {
	t.Parallel()
	b, _ := withVersions(t)
	says(t, b.does("journeys", "results"), "Nobody entered.")
	for key, e := range map[string]struct{ customer, outcome string }{
		"1": {"c-1", "goal"}, "2": {"c-2", "exited: complaint.opened"}, "3": {"c-2", "exited: complaint.opened"}, "4": {"c-2", "failed: no such step"}, "5": {"c-1", ""},
	} {
		err := b.store.InTx(t.Context(), func(tx *store.Tx) error {
			entered, _, err := tx.Enroll(t.Context(), store.NewEnrollment{Journey: "onboarding", Version: 1, Customer: e.customer, Key: key, EnteredAt: noon()})
			if err != nil || e.outcome == "" {
				return err
			}
			return tx.Finish(t.Context(), entered.ID, e.outcome, noon())
		})
		if err != nil {
			t.Fatal(err)
		}
	}

	says(t, b.does("journeys", "results"), "JOURNEY     ENTERED  RUNNING  GOAL      COMPLETED  EXITED    FAILED",
		"onboarding  5        1        1 (25 %)  0          2 (50 %)  1 (25 %)")
	says(t, b.does("journeys", "results", "onboarding"), "onboarding  1        5", "onboarding  1        exited: complaint.opened  2 (50 %)", "failed: no such step")
	var mine []results
	b.reads(&mine, "journeys", "results", "--owner", "maria")
	if len(mine) != 1 || mine[0].Entered != 2 || mine[0].Running != 1 || mine[0].Goal != 1 || len(mine[0].Why) != 0 {
		t.Errorf("of maria's customers it tells %+v", mine)
	}
	says(t, b.does("journeys", "results", "--since", "2026-05-04", "--until", "2026-05-04"), "onboarding  5")
	says(t, b.does("journeys", "results", "--until", "2026-05-03"), "Nobody entered.")
	says(t, b.does("journeys", "results", "--since", "2026-05-05"), "Nobody entered.")
	b.refuses("--until \"yesterday\" is no day: write it as 2026-11-01", "journeys", "results", "--until", "yesterday")
	b.refuses(`no journey "onbording" was ever published; did you mean onboarding?`, "journeys", "results", "onbording")
}
