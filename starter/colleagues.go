package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"perennial/config"
	"perennial/domain/colleague"
	"perennial/domain/contact"
	"perennial/domain/customer"
	"perennial/store"
)

// shownColleague is what is known of a colleague. It says who they are.
type shownColleague struct {
	ID        string             `json:"id"`
	Name      string             `json:"name,omitempty"`
	Language  string             `json:"language"`
	Zone      string             `json:"zone"`
	Country   string             `json:"country,omitempty"`
	Channels  []customer.Channel `json:"channels"` // in order
	Addresses []shownAddress     `json:"addresses"`
	Hours     string             `json:"working_hours"`
	Deputy    string             `json:"deputy,omitempty"`
	Absences  []shownAbsence     `json:"absences"` // that have not ended
	Absent    bool               `json:"absent"`   // now
}

type shownAbsence struct {
	From string `json:"from"`
	To   string `json:"to"` // included
}

func newColleagues(c *console) *cobra.Command {
	cmd := family("colleagues", "Show who is told of customers, and when they are away",
		"Show the colleagues who look after customers: how and when they are told, who stands in, and when they are away.",
		`  starter colleagues list
  starter colleagues show rep-01
  starter colleagues away rep-01 --from 2026-12-24 --to 2027-01-03`)
	cmd.AddCommand(newColleaguesList(c), newColleaguesShow(c), newColleaguesAway(c))
	return cmd
}

func newColleaguesList(c *console) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List all colleagues",
		Long:  "List all colleagues, with working hours, who stands in, and the absence that comes next or is now.",
		Example: `  starter colleagues list
  starter colleagues list --json`,
		Args: takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			settings, s, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			defer s.Close()
			all, err := s.Colleagues(cmd.Context(), settings.Now())
			if err != nil {
				return err
			}
			shown := make([]shownColleague, len(all))
			for i, one := range all {
				shown[i] = shownColleagueOf(one, settings.Now())
			}
			return c.show(shown, func(p *page) { writeColleagues(p, settings, shown) })
		},
	}
}

func newColleaguesShow(c *console) *cobra.Command {
	return &cobra.Command{
		Use:   "show ID",
		Short: "Show one colleague: addresses, working hours, absences, deputy",
		Long:  "Show one colleague: addresses, working hours, absences, deputy. The output says who they are: mind where it goes.",
		Example: `  starter colleagues show rep-01
  starter colleagues show rep-01 --json`,
		Args: takes("the ID of a colleague"),
		RunE: func(cmd *cobra.Command, args []string) error {
			settings, s, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			defer s.Close()
			shown, err := readColleague(cmd.Context(), s, args[0], settings.Now())
			if err != nil {
				return err
			}
			return c.show(shown, func(p *page) { writeColleague(p, settings, shown) })
		},
	}
}

func newColleaguesAway(c *console) *cobra.Command {
	var from, to string
	var cancel bool
	cmd := &cobra.Command{
		Use:   "away ID --from DAY [--to DAY]",
		Short: "Write down that a colleague is away, from one day to another",
		Long: `Write down that a colleague is away, from one day to another, both included, by the calendar of the colleague's zone. Their deputy is
told meanwhile. What is held for a colleague is looked at again within seconds.`,
		Example: `  starter colleagues away rep-01 --from 2026-12-24 --to 2027-01-03
  starter colleagues away rep-01 --from 2026-12-24 --to 2027-01-03 --cancel`,
		Args: takes("the ID of a colleague"),
		RunE: func(cmd *cobra.Command, args []string) error {
			first, last, err := days(from, to)
			if err != nil {
				return err
			}
			settings, s, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			defer s.Close()
			var changed bool
			err = s.InTx(cmd.Context(), func(tx *store.Tx) (err error) {
				change, what := tx.AddAbsence, store.AbsenceAdded
				if cancel {
					change, what = tx.RemoveAbsence, store.AbsenceRemoved
				}
				if changed, err = change(cmd.Context(), args[0], first, last, settings.Now().UTC()); err != nil || !changed {
					return err
				}
				days := first.Format(time.DateOnly) + " to " + last.Format(time.DateOnly)
				return tx.Note(cmd.Context(), deed(settings, what, store.OfColleague, args[0], days))
			})
			if err != nil {
				return notThere(err, "such colleague", "`starter colleagues list` says who there is")
			}
			if cancel && !changed {
				return fmt.Errorf("%s has no absence of just these days; `starter colleagues show %s` lists them", args[0], args[0])
			}
			shown, err := readColleague(cmd.Context(), s, args[0], settings.Now())
			if err != nil {
				return err
			}
			return c.show(shown, func(p *page) { writeColleague(p, settings, shown) })
		},
	}
	cmd.Flags().StringVar(&from, "from", "", "the first `day`, such as 2026-12-24")
	cmd.Flags().StringVar(&to, "to", "", "the last `day`, included; one day where it is left out")
	cmd.Flags().BoolVar(&cancel, "cancel", false, "take the absence of just these days back")
	return cmd
}

// days reads the days of an absence.
func days(from, to string) (first, last time.Time, err error) {
	if to == "" {
		to = from
	}
	if first, err = time.Parse(time.DateOnly, from); err != nil {
		return first, last, fmt.Errorf("--from %q is no day; write the first one as 2026-12-24", from)
	}
	if last, err = time.Parse(time.DateOnly, to); err != nil {
		return first, last, fmt.Errorf("--to %q is no day; write the last one as 2026-12-24", to)
	}
	if last.Before(first) {
		return first, last, fmt.Errorf("--to %s lies before --from %s", to, from)
	}
	return first, last, nil
}

func readColleague(ctx context.Context, s *store.Store, id string, now time.Time) (shownColleague, error) {
	all, err := s.StandIns(ctx, id, now)
	if err != nil {
		return shownColleague{}, err
	}
	one, known := all[id]
	if !known {
		return shownColleague{}, notThere(store.ErrNotFound, "such colleague", "`starter colleagues list` says who there is")
	}
	return shownColleagueOf(one, now), nil
}

func shownColleagueOf(c colleague.Colleague, now time.Time) shownColleague {
	shown := shownColleague{
		ID: c.ID, Name: c.Name, Language: c.Language, Zone: c.Zone.String(), Country: c.Country, Channels: c.Order(), Addresses: []shownAddress{},
		Hours: c.WorkingHours().String(), Deputy: c.Deputy, Absences: []shownAbsence{}, Absent: c.Absent(now),
	}
	for _, channel := range colleague.Channels {
		if address, known := c.Addresses[channel]; known {
			shown.Addresses = append(shown.Addresses, shownAddress{channel, address.Value, address.Bad})
		}
	}
	for _, a := range c.Absences {
		if a.To >= contact.DateOf(now, c.Zone) {
			shown.Absences = append(shown.Absences, shownAbsence{a.From.String(), a.To.String()})
		}
	}
	return shown
}

// String writes an absence for people.
func (a shownAbsence) String() string {
	if a.From == a.To {
		return a.From
	}
	return a.From + " to " + a.To
}

func writeColleagues(p *page, settings config.Config, all []shownColleague) {
	if len(all) == 0 {
		p.line("There are no colleagues: `starter import colleagues FILE` brings them.")
		return
	}
	rows := make([][]string, len(all))
	for i, c := range all {
		away := ""
		if len(c.Absences) > 0 {
			away = c.Absences[0].String()
		}
		rows[i] = []string{c.ID, c.Name, c.Zone, c.Hours, c.Deputy, away}
	}
	p.table("", []string{"COLLEAGUE", "NAME", "ZONE", "WORKING HOURS", "DEPUTY", "AWAY"}, rows)
	p.line("\n%s; %s.", count(int64(len(all)), "colleague", "colleagues"), clockLine(settings))
}

func writeColleague(p *page, settings config.Config, c shownColleague) {
	p.line("Colleague %s", c.ID)
	p.line("")
	fields := []string{"name", c.Name, "language", c.Language, "zone", c.Zone, "country", c.Country}
	for _, a := range c.Addresses {
		value := a.Value
		if a.Bad != "" {
			value += "  not used: " + a.Bad
		}
		fields = append(fields, a.Channel.Title(), value)
	}
	order := make([]string, len(c.Channels))
	for i, channel := range c.Channels {
		order[i] = channel.Title()
	}
	fields = append(fields, "is told by", strings.Join(order, ", then "), "working hours", c.Hours, "deputy", c.Deputy)
	for i, a := range c.Absences {
		label := "away"
		if i == 0 && c.Absent {
			label = "away now"
		}
		fields = append(fields, label, a.String())
	}
	p.fields(fields...)
	p.line("\nDays and hours are those of %s; %s.", c.Zone, clockLine(settings))
}

// writeUnknownColleagues says who is named and not known.
func writeUnknownColleagues(p *page, unknown []store.UnknownColleague) {
	if len(unknown) > 0 {
		p.line("%s. Nobody is told where a journey notifies them: `starter import colleagues FILE`.", unknownColleagues(unknown))
	}
}
