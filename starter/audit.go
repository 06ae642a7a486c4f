package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"perennial/config"
	"perennial/store"
)

// operator is who runs the command, as the audit log names them: the system's user and machine, "maria@ops-1".
func operator() store.Doer {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	user := username()
	if user == "" {
		user = "unknown"
	}
	return store.Doer{Door: store.DoorCLI, Name: user + "@" + host}
}

// deed is something that the operator does now, to something of a kind.
func deed(settings config.Config, what, of, subject, outcome string) store.Deed {
	d := store.Deed{At: settings.Now().UTC(), By: operator(), What: what, Of: of, Subject: subject, Outcome: outcome}
	if of == store.OfCustomer {
		d.Customer = subject
	}
	return d
}

// noted does what no transaction of ours holds, and writes into the audit log that it was begun, and then what came of it.
func noted(ctx context.Context, s *store.Store, d store.Deed, settings config.Config, do func() (outcome string, err error)) error {
	d.Outcome = "begun"
	if err := s.Note(ctx, d); err != nil {
		return err
	}
	outcome, err := do()
	d.At, d.Outcome = settings.Now().UTC(), outcome
	if err != nil {
		d.Outcome = "failed"
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience) // also where it was interrupted
	defer cancel()
	return errors.Join(err, s.Note(ctx, d))
}

// auditing is what `audit` was asked for.
type auditing struct {
	filter       store.DeedFilter
	since, until string
	before       int64
	limit        int
}

func newAudit(c *console) *cobra.Command {
	var asked auditing
	cmd := &cobra.Command{
		Use:   "audit",
		Short: "Show who did what: the audit log, the newest first",
		Long: `Show who did what, when, to what, and what came of it, the newest first: published, retired, paused, resumed, skipped, exited, closed,
reopened, erased, exported, imported, consents changed by hand, tokens created and revoked, and whatever else people change. The log holds ids and no
personal data, and nobody can change it by way of Perennial. What takes its time stands there twice, as begun and with what came of it. Times are UTC.`,
		Example: `  starter audit
  starter audit --customer c-1042
  starter audit --deed erased --since 2026-11-01
  starter audit --by maria@ops-1 --json`,
		Args: takes(),
		RunE: func(cmd *cobra.Command, _ []string) error { return asked.run(cmd.Context(), c) },
	}
	flags := cmd.Flags()
	flags.StringVar(&asked.filter.Who, "by", "", "only what this `one` did: a user@host, a token's name, or cli, token, customer, worker")
	flags.StringVar(&asked.filter.What, "deed", "", "only this `deed`, such as published or erased")
	flags.StringVar(&asked.filter.Customer, "customer", "", "only what concerns the customer of this `id`")
	flags.StringVar(&asked.filter.Subject, "on", "", "only what was done to this `id` of a journey, an enrollment, …")
	flags.StringVar(&asked.since, "since", "", "the first `day` of interest, such as 2026-11-01")
	flags.StringVar(&asked.until, "until", "", "the last `day` of interest, included")
	flags.Int64Var(&asked.before, "before", 0, "only what was written down before the entry of this `number`: the next page")
	flags.IntVar(&asked.limit, "limit", 100, "the most to list, as a `number`")
	return cmd
}

func (a auditing) run(ctx context.Context, c *console) error {
	if a.limit < 1 {
		return errLimit
	}
	var err error
	if a.filter.Since, a.filter.Until, err = daysOfFlags(a.since, a.until); err != nil {
		return err
	}
	settings, s, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	deeds, err := s.Deeds(ctx, a.filter, a.before, a.limit)
	if err != nil {
		return err
	}
	return c.show(deeds, func(p *page) {
		if len(deeds) == 0 {
			p.line("The audit log has nothing of that.")
			return
		}
		p.table("", []string{"WHEN", "WHO", "DID", "TO", "CUSTOMER", "OUTCOME", "NUMBER"}, deedRows(deeds))
		p.line("\nTimes are UTC; %s.", clockLine(settings))
		if len(deeds) == a.limit {
			p.line("There may be more: --before %d shows the next.", deeds[len(deeds)-1].ID)
		}
	})
}

// daysOfFlags reads the flags for the first and the last day of interest: from when it begins until it has ended. A zero is no bound.
func daysOfFlags(first, last string) (since, until time.Time, err error) {
	if since, err = dayOfFlag("since", first); err != nil {
		return since, until, err
	}
	if until, err = dayOfFlag("until", last); err != nil || until.IsZero() {
		return since, until, err
	}
	return since, until.AddDate(0, 0, 1), nil
}

// dayOfFlag reads a day; zero where it is left out.
func dayOfFlag(flag, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("--%s %q is no day: write it as 2026-11-01", flag, text)
	}
	return day, nil
}

func deedRows(deeds []store.Deed) [][]string {
	rows := make([][]string, len(deeds))
	for i, d := range deeds {
		to := d.Of
		if d.Subject != "" {
			to += " " + d.Subject
		}
		rows[i] = []string{utc(d.At), d.By.String(), d.What, to, d.Customer, d.Outcome, fmt.Sprint(d.ID)}
	}
	return rows
}
