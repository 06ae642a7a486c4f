package main

import (
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"perennial/domain/journey"
	"perennial/store"
)

func newJourneys(c *console) *cobra.Command {
	cmd := family("journeys", "Write, check, publish and compare journeys",
		`Journeys are YAML files in one folder, journeys/ as a rule, with their templates and catalogues. Check them as you write,
publish them when they are right. A version that was published never changes: customers who are in it finish on it.`,
		`  starter journeys new thank-you
  starter journeys check
  starter journeys publish --message "Ask a week later"
  starter journeys list
  starter journeys results
  starter journeys diff onboarding`)
	cmd.AddCommand(newJourneysNew(c), newJourneysCheck(c), newJourneysPublish(c), newJourneysRetire(c), newJourneysList(c), newJourneysResults(c), newJourneysShow(c),
		newJourneysHistory(c), newJourneysDiff(c), newJourneysSchema(c))
	return cmd
}

// listedJourney is a journey as the list shows it.
type listedJourney struct {
	Journey     string    `json:"journey"`
	Title       string    `json:"title"`
	Version     int       `json:"version"`
	Enters      string    `json:"enters"`
	EntersOn    string    `json:"enters_on,omitempty"` // the type of event, where one lets customers in
	PublishedAt time.Time `json:"published_at"`
	Author      string    `json:"author,omitempty"`
	Message     string    `json:"message,omitempty"`
	Running     int64     `json:"running"` // on all versions
	Paused      int64     `json:"paused"`
}

func newJourneysList(c *console) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the journeys that are published, and how many customers are in each",
		Example: `  starter journeys list
  starter journeys list --json`,
		Args: takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			settings, s, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			defer s.Close()
			listed, err := s.Journeys(cmd.Context())
			if err != nil {
				return err
			}
			all := make([]listedJourney, len(listed))
			for i, l := range listed {
				all[i] = listedJourney{
					Journey: l.Journey, Title: titleOf(l.Version), Version: l.Number, Enters: waysInto(l.Version), EntersOn: l.EntersOn,
					PublishedAt: l.PublishedAt, Author: l.Author, Message: l.Message,
				}
				for _, at := range l.Running {
					all[i].Running += at.Running
					all[i].Paused += at.Paused
				}
			}
			return c.show(all, func(p *page) {
				if len(all) == 0 {
					p.line("No journey is published yet: write one, and run `starter journeys publish --message \"why\"`.")
					return
				}
				writeJourneys(p, all)
				p.line("\nTimes are UTC; %s.", clockLine(settings))
			})
		},
	}
}

// titleOf is the title of a stored version.
func titleOf(v store.Version) string {
	plan, err := journey.DecodePlan(v.Plan)
	if err != nil {
		return "(published by a newer build)"
	}
	return plan.Title
}

// waysInto says how customers come into a stored version; empty where a newer build published it.
func waysInto(v store.Version) string {
	plan, err := journey.DecodePlan(v.Plan)
	if err != nil {
		return ""
	}
	return plan.Ways()
}

func writeJourneys(p *page, all []listedJourney) {
	var rows [][]string
	for _, j := range all {
		rows = append(rows, []string{
			j.Journey, j.Title, j.Enters, strconv.Itoa(j.Version), utc(j.PublishedAt), j.Author, inIt(j.Running, j.Paused), j.Message,
		})
	}
	p.table("", []string{"JOURNEY", "TITLE", "ENTERS", "VERSION", "PUBLISHED", "BY", "RUNNING", "WHY"}, rows)
}
