package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"perennial/activities"
	"perennial/domain/segment"
	"perennial/store"
)

// entering is what `enroll` was asked for.
type entering struct {
	journey   string
	segment   string
	customers []string
	asOf      string
	dryRun    bool
	limit     int
	yes       bool

	day string // what for those enter who have no day of their own: under the same words, so once a day, nobody enters twice
}

// enrollUnasked is how many customers may enter without --yes: what a slip of the hand does is then still small.
const enrollUnasked = 1_000

func newEnroll(c *console) *cobra.Command {
	var asked entering
	cmd := &cobra.Command{
		Use:   "enroll JOURNEY",
		Short: "Let customers enter a journey now, or say who would and why",
		Long: `Let customers enter the newest version of a journey now: those whom its own rule lets in, which is its segment or its date, or
those in a segment that is given here, or those who are named. Whether somebody may enter again is decided as ever: by "again" of the
journey; by hand nobody enters twice on one day. With --dry-run nobody enters: it says who would, and why, by facts that are not personal.

With --as-of customers are judged as at noon of that day (UTC): by the purchases, answers, complaints and events until then. What is not kept
with its date, such as the star, counts as it is now. They enter now all the same.`,
		Example: `  starter enroll win-back --dry-run
  starter enroll win-back --as-of 1998-04-01 --dry-run
  starter enroll win-back --segment 'customer.star >= 4 && customer.purchases.count >= 2' --limit 50
  starter enroll onboarding --customer c-1042 --customer c-1043`,
		Args: takes("the name of a JOURNEY"),
		RunE: func(cmd *cobra.Command, args []string) error {
			asked.journey = args[0]
			return asked.run(cmd.Context(), c)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&asked.segment, "segment", "", "CEL `expression`: who enters, in place of the journey's own rule")
	flags.StringArrayVar(&asked.customers, "customer", nil, "`id` of a customer who enters, in place of the journey's own rule; of several, only those in --segment where it is given. May be repeated")
	flags.StringVar(&asked.asOf, "as-of", "", "`date` such as 1998-04-01: judge by what was known then")
	flags.BoolVar(&asked.dryRun, "dry-run", false, "only say who would enter")
	flags.IntVar(&asked.limit, "limit", 0, "the most who enter, as a `number`, by the order of their ids; 0 is all")
	flags.BoolVar(&asked.yes, "yes", false, fmt.Sprintf("let even more than %d customers enter", enrollUnasked))
	return cmd
}

func (a entering) run(ctx context.Context, c *console) error {
	if a.limit < 0 {
		return errLimit
	}
	settings, s, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	now := settings.Now().UTC()
	a.day = "by hand " + now.Format(time.DateOnly)
	asOf, err := a.instant(now)
	if err != nil {
		return err
	}
	options, err := c.temporalOptions(settings)
	if err != nil {
		return err
	}
	door := entrance(settings, s, nil, options.Namespace, c.logger(settings))
	door.Hand = operator()
	if !a.dryRun {
		if door.Temporal, err = c.dial(ctx, settings); err != nil {
			return err
		}
		defer door.Temporal.Close()
	}
	rule, err := a.rule(ctx, door)
	if err != nil {
		return err
	}
	found, err := a.look(ctx, c, door, rule, asOf)
	if err != nil {
		return err
	}
	found.Journey, found.Version, found.DryRun, found.AsOf = rule.Journey(), rule.Version(), a.dryRun, asOf
	if a.dryRun {
		return c.show(found, found.write)
	}
	if would := len(found.entrants); would > enrollUnasked && !a.yes {
		return fmt.Errorf("%d customers would enter %s: look at them with --dry-run, and add --yes if that is what you want", would, a.journey)
	}
	if err := a.enter(ctx, c, door, rule, found); err != nil {
		return err
	}
	return c.show(found, found.write)
}

// instant is as of when customers are judged; zero is now.
func (a entering) instant(now time.Time) (time.Time, error) {
	if a.asOf == "" {
		return time.Time{}, nil
	}
	day, err := time.Parse(time.DateOnly, a.asOf)
	if err != nil {
		return time.Time{}, fmt.Errorf("--as-of %q is no day: write it as 1998-04-01", a.asOf)
	}
	at := day.Add(12 * time.Hour) // when it is that day nearly everywhere
	if at.After(now) {
		return time.Time{}, fmt.Errorf("--as-of %s lies ahead: nobody knows what will be known then", a.asOf)
	}
	return at, nil
}

// rule is who enters.
func (a entering) rule(ctx context.Context, door *activities.Entrance) (*activities.Rule, error) {
	if a.segment != "" || len(a.customers) > 0 {
		rule, err := door.ByHand(ctx, a.journey, a.segment)
		return rule, a.notPublished(err)
	}
	rule, err := door.OwnRule(ctx, a.journey)
	if errors.Is(err, activities.ErrNoRule) {
		return nil, fmt.Errorf("journey %s looks for nobody by itself: say who enters with --segment or --customer", a.journey)
	}
	return rule, a.notPublished(err)
}

func (a entering) notPublished(err error) error {
	return notThere(err, "published journey "+a.journey, "`starter journeys list` shows those there are")
}

// look judges the customers who are asked for, until as many as may enter were found.
func (a entering) look(ctx context.Context, c *console, door *activities.Entrance, rule *activities.Rule, asOf time.Time) (*enrolled, error) {
	found := &enrolled{Refused: map[store.Entry]int{}, Entrants: []entrantRow{}}
	if len(a.customers) > 0 {
		page, err := door.LookAt(ctx, rule, a.customers, asOf)
		if err != nil {
			return nil, notThere(err, "such customer", "an id is written as the import had it, such as c-1042")
		}
		return found, a.take(ctx, door, rule, page, found)
	}
	looked := c.countBar("looking at customers", -1)
	for after := ""; ; {
		page, err := door.Look(ctx, rule, after, asOf)
		if err != nil {
			return nil, err
		}
		if err := a.take(ctx, door, rule, page, found); err != nil {
			return nil, err
		}
		looked(page.Looked)
		if after = page.Last; after == "" || a.enough(found) {
			return found, nil
		}
	}
}

func (a entering) enough(found *enrolled) bool { return a.limit > 0 && len(found.entrants) >= a.limit }

// take asks of each who would enter whether they may, and why they would.
func (a entering) take(ctx context.Context, door *activities.Entrance, rule *activities.Rule, page activities.Page, found *enrolled) error {
	found.Looked += page.Looked
	for _, unclear := range page.Unclear {
		found.Unclear = append(found.Unclear, unclearRow{Customer: unclear.Customer, Why: unclear.Why.Error()})
	}
	for _, entrant := range page.Entrants {
		if a.enough(found) {
			found.More = true
			return nil
		}
		would, err := door.Would(ctx, rule, entrant, a.day)
		if err != nil {
			return err
		}
		if would != store.Entered {
			found.Refused[would]++
			continue
		}
		why, err := door.Why(ctx, rule, entrant)
		if err != nil {
			return err
		}
		found.add(entrant, why)
	}
	return nil
}

// enter lets those enter who were found.
func (a entering) enter(ctx context.Context, c *console, door *activities.Entrance, rule *activities.Rule, found *enrolled) error {
	entered := c.countBar("entering "+a.journey, int64(len(found.entrants)))
	rows := map[string]*entrantRow{}
	for i := range found.Entrants {
		rows[found.Entrants[i].id()] = &found.Entrants[i]
	}
	err := door.Admit(ctx, rule, found.entrants, a.day, func(done activities.Admitted) {
		entered(1)
		switch {
		case done.Err != nil:
			found.Unclear = append(found.Unclear, unclearRow{Customer: done.Customer.ID, Why: done.Err.Error()})
		case done.Entry == store.Entered:
			found.Entered++
			rows[rowID(done.Customer.ID, done.Key)].Enrollment = done.Enrollment.ID
		default: // somebody else let them in just now, or they did something that keeps them out
			found.Refused[done.Entry]++
		}
	})
	if err != nil {
		return fmt.Errorf("%w; %s entered before that, and the same command again lets the others in", err, count(int64(found.Entered), "customer", "customers"))
	}
	return nil
}

// countBar shows how many of a total were done, -1 for one that is not known; it does nothing where nobody watches.
func (c *console) countBar(what string, total int64) func(done int) {
	if !c.progress {
		return func(int) {}
	}
	bar := newBar(c.stderr, what, total)
	return func(done int) { _ = bar.Add(done) } // a bar that can't be drawn keeps nobody from entering
}

// because writes why somebody would enter.
func because(known []segment.Known) string {
	said := make([]string, len(known))
	for i, k := range known {
		said[i] = k.String()
	}
	return strings.Join(said, ", ")
}
