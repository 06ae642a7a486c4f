package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"perennial/domain/journey"
	"perennial/store"
)

// results are how those fare who entered a journey, or one version of it.
type results struct {
	Journey string `json:"journey"`
	Version int    `json:"version,omitempty"` // only where one journey was asked for
	Entered int64  `json:"entered"`
	Running int64  `json:"running"` // those paused among them
	Paused  int64  `json:"paused"`

	Goal      int64            `json:"goal"`
	Completed int64            `json:"completed"`
	Exited    int64            `json:"exited"`
	Failed    int64            `json:"failed"`
	Why       map[string]int64 `json:"why"` // those that exited or failed, by outcome
}

// asking is what `journeys results` was asked for.
type asking struct {
	filter       store.OutcomeFilter
	since, until string
}

func newJourneysResults(c *console) *cobra.Command {
	var asked asking
	cmd := &cobra.Command{
		Use:   "results [JOURNEY]",
		Short: "Say how journeys do: how many entered, are in it, reached the goal, or ended otherwise",
		Long: `Say how journeys do: how many customers entered each, how many are in it, and how the others ended. GOAL did what the journey is for, COMPLETED came to its
last step without, EXITED was ended before, FAILED could not go on: tell an engineer. In brackets is the share of those who have ended.
With a JOURNEY it is told by version, with why enrollments exited or failed, the most frequent first. Days are those of UTC on which customers entered.`,
		Example: `  starter journeys results
  starter journeys results renewal
  starter journeys results --since 2026-10-01 --until 2026-12-31
  starter journeys results --owner rep-02 --json`,
		Args: takesUpTo(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				asked.filter.Journey = args[0]
			}
			return asked.run(cmd.Context(), c)
		},
	}
	cmd.Flags().StringVar(&asked.filter.Owner, "owner", "", "only customers of the colleague with this `id`")
	cmd.Flags().StringVar(&asked.since, "since", "", "only who entered on this `day` or later, such as 2026-10-01")
	cmd.Flags().StringVar(&asked.until, "until", "", "only who entered on this `day` or before")
	return cmd
}

func (a asking) run(ctx context.Context, c *console) (err error) {
	if a.filter.Since, a.filter.Until, err = daysOfFlags(a.since, a.until); err != nil {
		return err
	}
	settings, s, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	if a.filter.Journey != "" {
		if _, err := historyOf(ctx, s, a.filter.Journey); err != nil {
			return err
		}
	}
	counted, err := s.Outcomes(ctx, a.filter)
	if err != nil {
		return err
	}
	all := resultsOf(counted, a.filter.Journey != "")
	return c.show(all, func(p *page) {
		if len(all) == 0 {
			p.line("Nobody entered.")
			return
		}
		writeResults(p, all)
		p.line("\n%s.", clockLine(settings))
	})
}

// resultsOf sums up what was counted, for each version or for each journey.
func resultsOf(counted []store.Outcomes, byVersion bool) []results {
	all := []results{}
	for _, o := range counted {
		if !byVersion {
			o.Version = 0
		}
		if last := len(all) - 1; last < 0 || all[last].Journey != o.Journey || all[last].Version != o.Version {
			all = append(all, results{Journey: o.Journey, Version: o.Version, Why: map[string]int64{}})
		}
		all[len(all)-1].add(o)
	}
	return all
}

func (r *results) add(o store.Outcomes) {
	r.Entered += o.Enrollments
	r.Paused += o.Paused
	kind, why, _ := strings.Cut(o.Outcome, ": ")
	if why != "" {
		r.Why[o.Outcome] += o.Enrollments
	}
	switch kind {
	case "":
		r.Running += o.Enrollments
	case journey.OutcomeGoal:
		r.Goal += o.Enrollments
	case journey.OutcomeCompleted:
		r.Completed += o.Enrollments
	case "exited":
		r.Exited += o.Enrollments
	default:
		r.Failed += o.Enrollments
	}
}

func writeResults(p *page, all []results) {
	var rows, whys [][]string
	for _, r := range all {
		version := ""
		if r.Version > 0 {
			version = strconv.Itoa(r.Version)
		}
		rows = append(rows, []string{
			r.Journey, version, strconv.FormatInt(r.Entered, 10), inIt(r.Running, r.Paused),
			r.share(r.Goal), r.share(r.Completed), r.share(r.Exited), r.share(r.Failed),
		})
		frequent := func(one, other string) int {
			return cmp.Or(cmp.Compare(r.Why[other], r.Why[one]), cmp.Compare(one, other))
		}
		for _, why := range slices.SortedFunc(maps.Keys(r.Why), frequent) {
			whys = append(whys, []string{r.Journey, version, why, r.share(r.Why[why])})
		}
	}
	p.table("", []string{"JOURNEY", "VERSION", "ENTERED", "RUNNING", "GOAL", "COMPLETED", "EXITED", "FAILED"}, rows)
	if all[0].Version > 0 && len(whys) > 0 {
		p.line("")
		p.table("", []string{"JOURNEY", "VERSION", "WHY", "COUNT"}, whys)
	}
}

// share says how many ended so, and which share they are of those who have ended.
func (r results) share(count int64) string {
	if count == 0 {
		return "0"
	}
	return fmt.Sprintf("%d (%.0f %%)", count, 100*float64(count)/float64(r.Entered-r.Running))
}
