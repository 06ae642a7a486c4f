package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"perennial/domain/journey"
	"perennial/store"
)

// retiredJourney is what became of a journey that nobody enters any more.
type retiredJourney struct {
	Journey string `json:"journey"`
	Version int    `json:"version"`
	Running int64  `json:"running"` // on all versions: they finish

	Schedules string `json:"schedules,omitempty"` // what is to be said of its schedule; empty where that is as it should be
}

func newJourneysRetire(c *console) *cobra.Command {
	var message, author string
	cmd := &cobra.Command{
		Use:   "retire JOURNEY",
		Short: "Let nobody enter a journey any more; those who are in it finish",
		Long: `Publish a version of a journey that nobody enters: not by an event, a segment or a date, not from another journey and not by hand. Those
who are in it finish on the version that they are in. Its file, where there still is one, is left as it is: publishing it again lets
customers in again.`,
		Example: `  starter journeys retire win-back --message "Replaced by return-visit"`,
		Args:    takes("the name of a JOURNEY"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if strings.TrimSpace(message) == "" {
				return errors.New("say why in a few words, such as --message \"Replaced by return-visit\"")
			}
			settings, s, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			defer s.Close()
			retired, looked, err := retire(cmd.Context(), s, args[0], author, message, settings.Now().UTC())
			if err != nil {
				return err
			}
			if looked {
				retired.Schedules = c.schedule(cmd.Context(), settings, s)
			}
			return c.show(retired, func(p *page) { writeRetired(p, retired) })
		},
	}
	cmd.Flags().StringVarP(&message, "message", "m", "", "`why`, for those who read the list later")
	cmd.Flags().StringVar(&author, "author", username(), "`name` of who retires it")
	return cmd
}

// retire publishes the newest version of a journey once more, as one that nobody enters. It also says whether it looked for customers itself.
func retire(ctx context.Context, s *store.Store, name, author, why string, now time.Time) (retired retiredJourney, looked bool, err error) {
	history, err := historyOf(ctx, s, name)
	if err != nil {
		return retiredJourney{}, false, err
	}
	newest, err := s.Version(ctx, name, history[0].Version)
	if err != nil {
		return retiredJourney{}, false, err
	}
	plan, err := journey.DecodePlan(newest.Plan)
	switch {
	case err != nil:
		return retiredJourney{}, false, err
	case plan.Enter.Retired:
		return retiredJourney{}, false, fmt.Errorf("%s is retired already, as version %d", name, newest.Number)
	}
	templates, err := s.Templates(ctx, name, newest.Number)
	if err != nil {
		return retiredJourney{}, false, err
	}
	version := newest
	if version.Plan, err = json.Marshal(plan.Retire()); err != nil {
		return retiredJourney{}, false, fmt.Errorf("encode the plan of journey %s: %w", name, err)
	}
	sum := sha256.Sum256([]byte("retired " + newest.Hash))
	version.Hash, version.EntersOn = hex.EncodeToString(sum[:]), ""
	version.Source = fmt.Sprintf("# Retired: nobody enters, whatever stands below. What was version %d:\n\n%s", newest.Number, newest.Source)
	version.Author, version.Message, version.PublishedAt = author, why, now
	retired = retiredJourney{Journey: name}
	if retired.Version, _, err = publishNoted(ctx, s, version, templates, store.Retired); err != nil {
		return retiredJourney{}, false, err
	}
	for _, v := range history {
		retired.Running += v.Running
	}
	return retired, !plan.Enter.Every.IsZero(), nil
}

func writeRetired(p *page, retired retiredJourney) {
	p.line("Retired %s as version %d. Nobody enters it any more.", retired.Journey, retired.Version)
	if retired.Running > 0 {
		p.line("%s in it: each finishes on its version.", count(retired.Running, "enrollment is", "enrollments are"))
	}
	p.line("Publishing the journey again lets customers in again.")
	if retired.Schedules != "" {
		p.line("%s", retired.Schedules)
	}
}

// filesGone are the journeys that let customers in and are not in the folder any more.
func filesGone(library *journey.Library, newest []store.NewestPlan) []string {
	there := map[string]bool{}
	for _, compiled := range library.Journeys {
		there[compiled.Plan.Journey] = true
	}
	var gone []string
	for _, n := range newest {
		if there[n.Journey] {
			continue
		}
		plan, err := journey.DecodePlan(n.Plan)
		if err != nil || !plan.Enter.Retired {
			gone = append(gone, n.Journey)
		}
	}
	return gone
}
