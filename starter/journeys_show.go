package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"perennial/domain/journey"
	"perennial/domain/problem"
	"perennial/store"
)

// shownJourney is one version of a journey in full.
type shownJourney struct {
	Journey     string          `json:"journey"`
	Title       string          `json:"title"`
	Version     int             `json:"version"`
	Newest      int             `json:"newest_version"`
	PublishedAt time.Time       `json:"published_at"`
	Author      string          `json:"author,omitempty"`
	Message     string          `json:"message,omitempty"`
	Enters      string          `json:"enters"`
	When        string          `json:"enters_when,omitempty"`
	Running     int64           `json:"running"` // on this version
	Paused      int64           `json:"paused"`
	Source      string          `json:"source"` // the YAML, as written
	Templates   []shownTemplate `json:"templates"`

	Look *nextLook `json:"next_look,omitempty"` // where Temporal is at hand

	hash      string
	catalogue []byte
	looks     bool // for customers, itself
}

type shownTemplate struct {
	Name     string `json:"name"`
	Channel  string `json:"channel"`
	Language string `json:"language"`
	File     string `json:"file"`
	Source   string `json:"source"`
}

func newJourneysShow(c *console) *cobra.Command {
	var version int
	var templates bool
	cmd := &cobra.Command{
		Use:   "show JOURNEY",
		Short: "Show a version of a journey as it was written: the newest, or an earlier one",
		Long: `Show a version of a journey as it was written, with who published it, when and why, and the names of the templates that it
sends. With --templates their texts come too.`,
		Example: `  starter journeys show onboarding
  starter journeys show onboarding --version 3 --templates
  starter journeys show onboarding --json`,
		Args: takes("the name of a JOURNEY"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("version") && version < 1 {
				return errVersion(strconv.Itoa(version))
			}
			settings, s, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			defer s.Close()
			history, err := historyOf(cmd.Context(), s, args[0])
			if err != nil {
				return err
			}
			shown, err := readJourney(cmd.Context(), s, args[0], cmp.Or(version, history[0].Version), history)
			if err != nil {
				return err
			}
			if shown.looks && shown.Version == shown.Newest {
				for _, look := range c.looks(cmd.Context(), settings, s, []string{args[0]}) {
					shown.Look = &look
				}
			}
			return c.show(shown, func(p *page) { writeJourney(p, shown, templates) })
		},
	}
	cmd.Flags().IntVar(&version, "version", 0, "`number` of the version (default the newest)")
	cmd.Flags().BoolVar(&templates, "templates", false, "print the texts of its templates too")
	return cmd
}

func errVersion(text string) error {
	return fmt.Errorf("%s is no version: it is a number from 1, as `starter journeys history JOURNEY` shows it", text)
}

// historyOf returns the versions of a journey, at least one: one that was never published is an error that names the nearest.
func historyOf(ctx context.Context, s *store.Store, name string) ([]store.Publication, error) {
	history, err := s.Versions(ctx, name)
	if err != nil || len(history) > 0 {
		return history, err
	}
	names, err := s.JourneyNames(ctx)
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, errors.New("no journey is published yet: `starter journeys publish` does")
	}
	return nil, fmt.Errorf("no journey %q was ever published; %s", name, cmp.Or(problem.Suggest(name, names), "`starter journeys list` lists them"))
}

// readJourney reads a version that its history says is there.
func readJourney(ctx context.Context, s *store.Store, name string, number int, history []store.Publication) (shownJourney, error) {
	i := slices.IndexFunc(history, func(p store.Publication) bool { return p.Version == number })
	if i < 0 {
		return shownJourney{}, fmt.Errorf("there is no version %d of %s: the newest is %d", number, name, history[0].Version)
	}
	v, err := s.Version(ctx, name, number)
	if err != nil {
		return shownJourney{}, err
	}
	templates, err := s.Templates(ctx, name, number)
	if err != nil {
		return shownJourney{}, err
	}
	shown := shownJourney{
		Journey: name, Title: titleOf(v), Version: number, Newest: history[0].Version,
		PublishedAt: v.PublishedAt, Author: v.Author, Message: v.Message,
		Running: history[i].Running, Paused: history[i].Paused, Source: v.Source, Templates: []shownTemplate{},
		hash: v.Hash, catalogue: v.Catalogue,
	}
	if plan, err := journey.DecodePlan(v.Plan); err == nil { // a newer build's plan is not for us to read
		shown.Enters, shown.When, shown.looks = plan.Ways(), plan.Condition(), !plan.Enter.Every.IsZero()
	}
	for _, t := range templates {
		shown.Templates = append(shown.Templates, shownTemplate{
			Name: t.Name, Channel: string(t.Channel), Language: t.Language, File: templateFile(t), Source: t.Source,
		})
	}
	return shown, nil
}

// templateFile is the file that a stored template was read from, in its folder of journeys.
func templateFile(t store.Template) string {
	return fmt.Sprintf("%s/%s.%s.%s.liquid", journey.TemplateFolder, t.Name, t.Channel, t.Language)
}

func writeJourney(p *page, shown shownJourney, templates bool) {
	which := fmt.Sprintf("version %d, the newest", shown.Version)
	if shown.Version != shown.Newest {
		which = fmt.Sprintf("version %d of %d", shown.Version, shown.Newest)
	}
	p.line("%s, %s: %s", shown.Journey, which, shown.Title)
	running := count(shown.Running, "enrollment is", "enrollments are") + " on this version"
	if shown.Paused > 0 {
		running += fmt.Sprintf(", %d of them paused", shown.Paused)
	}
	looks := ""
	if shown.Look != nil {
		looks = shown.Look.String()
	}
	p.fields(
		"published", utc(shown.PublishedAt)+" UTC by "+cmp.Or(shown.Author, "nobody who was named"),
		"why", shown.Message,
		"enters", shown.Enters,
		"when", shown.When,
		"looks", looks,
		"running", running,
		"templates", strings.Join(templateNames(shown.Templates), ", "),
	)
	writeFile := func(name, text string) {
		p.line("\n─── %s\n", name)
		p.WriteString(text)
		if !strings.HasSuffix(text, "\n") {
			p.line("")
		}
	}
	writeFile(shown.Journey+".yaml", shown.Source)
	if !templates {
		return
	}
	for _, t := range shown.Templates {
		writeFile(t.File, t.Source)
	}
}

// templateNames are the names of templates, each once, with the channels that each has.
func templateNames(templates []shownTemplate) []string {
	var names []string
	channels := map[string][]string{}
	for _, t := range templates {
		if _, seen := channels[t.Name]; !seen {
			names = append(names, t.Name)
		}
		if !slices.Contains(channels[t.Name], t.Channel) {
			channels[t.Name] = append(channels[t.Name], t.Channel)
		}
	}
	for i, name := range names {
		names[i] = fmt.Sprintf("%s (%s)", name, strings.Join(channels[name], " "))
	}
	return names
}

func newJourneysHistory(c *console) *cobra.Command {
	return &cobra.Command{
		Use:   "history JOURNEY",
		Short: "List the versions of a journey: who published each, when and why, and how many are in it",
		Example: `  starter journeys history onboarding
  starter journeys history onboarding --json`,
		Args: takes("the name of a JOURNEY"),
		RunE: func(cmd *cobra.Command, args []string) error {
			settings, s, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			defer s.Close()
			history, err := historyOf(cmd.Context(), s, args[0])
			if err != nil {
				return err
			}
			return c.show(history, func(p *page) {
				var rows [][]string
				for _, v := range history {
					rows = append(rows, []string{strconv.Itoa(v.Version), utc(v.PublishedAt), v.Author, inIt(v.Running, v.Paused), v.Message})
				}
				p.table("", []string{"VERSION", "PUBLISHED", "BY", "RUNNING", "WHY"}, rows)
				p.line("\nTimes are UTC; %s.", clockLine(settings))
				if len(history) > 1 {
					p.line("`starter journeys diff %s %d` shows what changed since version %d.", args[0], history[1].Version, history[1].Version)
				}
			})
		},
	}
}

// inIt says how many enrollments run, and how many of them are paused.
func inIt(running, paused int64) string {
	text := strconv.FormatInt(running, 10)
	if paused > 0 {
		text += fmt.Sprintf(", %d of them paused", paused)
	}
	return text
}
