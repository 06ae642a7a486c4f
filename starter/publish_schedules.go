package main

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"go.temporal.io/sdk/client"

	"perennial/activities"
	"perennial/config"
	"perennial/domain/clock"
	"perennial/domain/journey"
	"perennial/store"
)

// checkScans refuses journeys of these names, all where there are none, that look for customers more often than a schedule can by this clock.
func checkScans(library *journey.Library, names []string, c clock.Clock) error {
	chosen, err := choose(library, names)
	if err != nil {
		return err
	}
	for _, compiled := range chosen {
		if every := compiled.Plan.Enter.Every; !every.IsZero() {
			if _, err := activities.ScanInterval(compiled.Plan.Journey, every, c); err != nil {
				return err
			}
		}
	}
	return nil
}

// scheduled are the journeys of these names that have a schedule by what is published, or should have one by what will be.
func scheduled(ctx context.Context, s *store.Store, library *journey.Library, names []string) ([]string, error) {
	var found []string
	for _, compiled := range library.Journeys {
		if !compiled.Plan.Enter.Every.IsZero() {
			found = append(found, compiled.Plan.Journey)
		}
	}
	newest, err := s.NewestPlans(ctx)
	if err != nil {
		return nil, err
	}
	for _, n := range newest {
		plan, err := journey.DecodePlan(n.Plan)
		if err == nil && !plan.Enter.Every.IsZero() && !slices.Contains(found, n.Journey) {
			found = append(found, n.Journey)
		}
	}
	return slices.DeleteFunc(found, func(name string) bool { return !slices.Contains(names, name) }), nil
}

// schedule brings the schedules in line with what was published, and returns what to say where that could not be done now: what was published stays
// published, and every worker mends the schedules in its sweeps.
func (c *console) schedule(ctx context.Context, settings config.Config, s *store.Store) string {
	err := func() error {
		temporal, err := c.dial(ctx, settings)
		if err != nil {
			return err
		}
		defer temporal.Close()
		_, err = schedules(settings, s, temporal).Reconcile(ctx)
		return err
	}()
	if err == nil {
		return ""
	}
	return "Schedules are not set yet: " + err.Error() + "\nA worker sets them within seconds of reaching Temporal; nothing has to be published again."
}

func schedules(settings config.Config, s *store.Store, temporal client.Client) *activities.Schedules {
	return &activities.Schedules{Store: s, Temporal: temporal, Clock: settings.Clock, Log: slog.New(slog.DiscardHandler)}
}

// nextLook is when customers are looked at next, to see who enters a journey.
type nextLook struct {
	Journey string    `json:"journey"`
	At      time.Time `json:"at,omitzero"` // by the stack's clock; zero where its schedule is paused
}

// String says when, and how not to wait for it.
func (n nextLook) String() string {
	when := "its schedule is paused"
	if !n.At.IsZero() {
		when = "next look " + n.At.UTC().Format("Mon 2 Jan 15:04 UTC")
	}
	return fmt.Sprintf("%s; `starter enroll %s` looks now", when, n.Journey)
}

// looks asks Temporal when customers are looked at next for journeys that have a schedule. It is of use to know, and nothing fails without.
func (c *console) looks(ctx context.Context, settings config.Config, s *store.Store, names []string) []nextLook {
	temporal, err := c.dial(ctx, settings)
	if err != nil {
		return nil
	}
	defer temporal.Close()
	all := schedules(settings, s, temporal)
	var found []nextLook
	for _, name := range names {
		if at, there, err := all.Next(ctx, name); err == nil && there {
			look := nextLook{Journey: name}
			if !at.IsZero() {
				look.At = settings.Clock.At(at).UTC()
			}
			found = append(found, look)
		}
	}
	return found
}
