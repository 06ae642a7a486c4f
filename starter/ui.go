package main

import (
	"context"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"perennial/domain/journey"
	"perennial/store"
	"perennial/workflows"
)

func newUI(c *console) *cobra.Command {
	cmd := family("ui", "Links into Temporal's UI for what managers ask every day",
		`Links into Temporal's UI for what managers ask every day. docs/managers.md says what is seen there.`,
		`  starter ui links
  starter ui links --journey onboarding`)
	cmd.AddCommand(newUILinks(c))
	return cmd
}

// uiLinks are links into Temporal's UI, and when they were made: some speak of this week.
type uiLinks struct {
	AsOf  time.Time `json:"as_of"`
	Links []uiLink  `json:"links"`

	clock string
}

func newUILinks(c *console) *cobra.Command {
	var name string
	cmd := &cobra.Command{
		Use:   "links [--journey NAME]",
		Short: "Print ready filters: due this week, unhappy and waiting, stuck, won back, paused, failed",
		Long: `Print a link into Temporal's UI for each of the questions that managers ask every day, made from the journeys and colleagues of this
installation: what is due this week and whose it is, who is unhappy and waiting, who is stuck, came back, is paused, has failed. With
--journey, who stands at which of its steps. Links speak of the time at which they are printed: print them anew each week.

A paused enrollment has no next time, and that is how the UI finds it: there is no attribute for it. Steps that wait for an event without
an end have none either and are left out, so an enrollment that was paused at one of those is found by starter enrollments list alone.`,
		Example: `  starter ui links
  starter ui links --journey onboarding
  starter ui links --json`,
		Args: takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			found, err := c.uiLinks(cmd.Context(), name)
			if err != nil {
				return err
			}
			return c.show(found, func(p *page) { writeLinks(p, found) })
		},
	}
	cmd.Flags().StringVar(&name, "journey", "", "by step of the `journey` of this name")
	return cmd
}

// uiLinks are the links of one journey, or where it names none, those of everything.
func (c *console) uiLinks(ctx context.Context, name string) (uiLinks, error) {
	settings, s, err := c.open(ctx)
	if err != nil {
		return uiLinks{}, err
	}
	defer s.Close()
	options, err := c.temporalOptions(settings)
	if err != nil {
		return uiLinks{}, err
	}
	plans, err := newestPlans(ctx, s)
	if err != nil {
		return uiLinks{}, err
	}
	colleagues, err := s.Colleagues(ctx, settings.Now())
	if err != nil {
		return uiLinks{}, err
	}
	questions := managersQuestions{plans: plans, colleagues: colleagues, now: settings.Now().UTC(), stuck: settings.Clock.At(time.Now().Add(-stuckAfter)).UTC()}
	found := uiLinks{AsOf: settings.Now().UTC(), clock: clockLine(settings)}
	if name == "" {
		found.Links = questions.all()
	} else {
		i := slices.IndexFunc(plans, func(p *journey.Plan) bool { return p.Journey == name })
		if i < 0 {
			return uiLinks{}, notThere(store.ErrNotFound, "published journey "+name, "`starter journeys list` shows those there are")
		}
		found.Links = stepsOf(plans[i])
	}
	for i, l := range found.Links {
		found.Links[i].URL = workflows.Listing(settings.TemporalUIURL, options.Namespace, l.Query)
	}
	return found, nil
}

// newestPlans are those of the newest version of every journey, by name.
func newestPlans(ctx context.Context, s *store.Store) ([]*journey.Plan, error) {
	newest, err := s.NewestPlans(ctx)
	if err != nil {
		return nil, err
	}
	plans := make([]*journey.Plan, len(newest))
	for i, n := range newest {
		if plans[i], err = journey.DecodePlan(n.Plan); err != nil {
			return nil, err
		}
	}
	return plans, nil
}

func writeLinks(p *page, found uiLinks) {
	if len(found.Links) == 0 {
		p.line("No journey is published yet: `starter journeys publish`.")
		return
	}
	for _, l := range found.Links {
		p.line("%s: %s", l.Name, l.About)
		p.line("  %s\n", l.URL)
	}
	p.line("Links that name days count from now; %s.", found.clock)
}
