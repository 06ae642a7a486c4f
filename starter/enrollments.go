package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"perennial/config"
	"perennial/store"
)

func newEnrollments(c *console) *cobra.Command {
	cmd := family("enrollments", "See who stands where in which journey, and steer one by hand",
		`An enrollment is one customer's passage through one journey. List them, show one in full, and steer one by hand: freeze it,
let it go on, leave a step, end it. The same can be done in Temporal's UI.`,
		`  starter enrollments list --running --journey onboarding
  starter enrollments show 17
  starter enrollments pause 17`)
	cmd.AddCommand(newEnrollmentsList(c), newEnrollmentsShow(c))
	cmd.AddCommand(newUpdates(c)...)
	return cmd
}

func newEnrollmentsList(c *console) *cobra.Command {
	var filter store.EnrollmentFilter
	var limit int
	var before int64
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List enrollments, the newest first",
		Long:  "List enrollments, the newest first. Where they stand is as it was written down last; Temporal has the last word.",
		Example: `  starter enrollments list --running
  starter enrollments list --journey onboarding --step settle_in
  starter enrollments list --outcome exited --owner maria --json`,
		Args: takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if limit < 1 {
				return errLimit
			}
			settings, s, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			defer s.Close()
			found, err := s.Enrollments(cmd.Context(), filter, before, limit)
			if err != nil {
				return err
			}
			return c.show(found, func(p *page) { writeEnrollments(p, settings, found, limit) })
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&filter.Journey, "journey", "", "only those in this `journey`")
	flags.StringVar(&filter.Customer, "customer", "", "only those of the customer of this `id`")
	flags.StringVar(&filter.Step, "step", "", "only those at this `step`")
	flags.StringVar(&filter.Outcome, "outcome", "", "only those with this `outcome`: goal, completed, exited, failed, or one in full")
	flags.StringVar(&filter.Owner, "owner", "", "only those of the customers that the colleague of this `id` looks after")
	flags.BoolVar(&filter.Running, "running", false, "only those that have not ended")
	flags.IntVar(&limit, "limit", 50, "the most to list, as a `number`")
	flags.Int64Var(&before, "before", 0, "only those with a lower `id`: the next page")
	return cmd
}

func writeEnrollments(p *page, settings config.Config, found []store.Enrollment, limit int) {
	if len(found) == 0 {
		p.line("No enrollment fits.")
		return
	}
	p.table("", enrollmentHeadings(), enrollmentRows(found, true, utc))
	p.line("\n%s; times are UTC; %s.", count(int64(len(found)), "enrollment", "enrollments"), clockLine(settings))
	if len(found) == limit {
		p.line("There may be more: add --before %d.", found[len(found)-1].ID)
	}
}

func enrollmentHeadings() []string {
	return []string{"ID", "JOURNEY", "VERSION", "CUSTOMER", "KEY", "STATUS", "STEP", "WAITING FOR", "NEXT", "ENTERED", "ENDED"}
}

// enrollmentRows are the rows of a table of enrollments; withCustomer where they are not all of one.
func enrollmentRows(found []store.Enrollment, withCustomer bool, when func(time.Time) string) [][]string {
	rows := make([][]string, len(found))
	for i, e := range found {
		customer := ""
		if withCustomer {
			customer = e.Customer
		}
		rows[i] = []string{
			strconv.FormatInt(e.ID, 10), e.Journey, strconv.Itoa(e.Version), customer, e.Key, status(e),
			e.Step, e.WaitingFor, nextOf(e, when), when(e.EnteredAt), when(e.EndedAt),
		}
	}
	return rows
}

// nextOf is when an enrollment goes on by itself; empty where that is not known, and while it is paused.
func nextOf(e store.Enrollment, when func(time.Time) string) string {
	if e.Paused {
		return ""
	}
	return when(e.NextAt)
}

// status is how an enrollment is, in a word or an outcome.
func status(e store.Enrollment) string {
	switch {
	case !e.Running():
		return e.Outcome
	case e.Paused:
		return "paused"
	case e.StartedAt.IsZero():
		return "entered"
	}
	return "running"
}

// enrollmentByID reads one enrollment.
func enrollmentByID(ctx context.Context, s *store.Store, id int64) (store.Enrollment, error) {
	e, err := s.Enrollment(ctx, id)
	return e, notThere(err, fmt.Sprintf("enrollment %d", id), "`starter enrollments list` shows those there are")
}
