package main

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/pflag"
	"go.temporal.io/sdk/client"
	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"

	"perennial/config"
	"perennial/store"
	"perennial/workflows"
)

// Many enrollments are steered as one is, each by an update of its own, a few at once. Those who are let go on together would all send what is due at once:
// that is why resuming has a pace by itself.

const (
	manyAtOnce = 16
	manyPage   = 500
	resumePace = 20 // a second
)

// steering is what a command that steers enrollments was asked for.
type steering struct {
	filter store.EnrollmentFilter
	pace   float64
	yes    bool
}

func (a *steering) flags(flags *pflag.FlagSet, pace float64) {
	flags.StringVar(&a.filter.Journey, "journey", "", "all in this `journey`")
	flags.StringVar(&a.filter.Step, "step", "", "all at this `step`")
	flags.StringVar(&a.filter.Customer, "customer", "", "all of the customer of this `id`")
	flags.StringVar(&a.filter.Owner, "owner", "", "all of the customers that the colleague of this `id` looks after")
	flags.Float64Var(&a.pace, "rate", pace, "the most a second, as a `number`; 0 is as fast as they answer")
	flags.BoolVar(&a.yes, "yes", false, "do it: without this, those that fit are only counted")
}

// filtered says that those to be steered are found by how they stand.
func (a *steering) filtered() bool { return a.filter != store.EnrollmentFilter{} }

// check says what is wrong with who was named.
func (a *steering) check(ids []string) error {
	switch {
	case len(ids) == 0 && !a.filtered():
		return errors.New("say which: the ID of an enrollment as `starter enrollments list` shows it, or all by --journey, --step, --customer or --owner")
	case len(ids) > 0 && a.filtered():
		return errors.New("name enrollments either by their IDs or by --journey, --step, --customer and --owner, not both")
	case a.pace < 0:
		return errors.New("--rate is a number of enrollments a second, such as 20; 0 is as fast as they answer")
	}
	return nil
}

// chosen are the enrollments to be steered that don't stand that way already, the oldest first.
func (a *steering) chosen(ctx context.Context, s *store.Store, ids []string, name string) (chosen []store.Enrollment, err error) {
	if len(ids) > 0 {
		return byIDs(ctx, s, ids)
	}
	filter := a.filter
	filter.Running = true
	for before := int64(0); ; {
		page, err := s.Enrollments(ctx, filter, before, manyPage)
		if err != nil {
			return nil, err
		}
		for _, e := range page {
			before = e.ID
			already := name == workflows.UpdatePause && e.Paused || name == workflows.UpdateResume && !e.Paused
			if !already {
				chosen = append(chosen, e)
			}
		}
		if len(page) < manyPage {
			slices.Reverse(chosen)
			return chosen, nil
		}
	}
}

func byIDs(ctx context.Context, s *store.Store, ids []string) ([]store.Enrollment, error) {
	chosen := make([]store.Enrollment, len(ids))
	for n, text := range ids {
		id, err := enrollmentID(text)
		if err != nil {
			return nil, err
		}
		if chosen[n], err = enrollmentByID(ctx, s, id); err != nil {
			return nil, err
		}
	}
	return chosen, nil
}

// steered is what became of many.
type steered struct {
	Fit    int           `json:"fit"`    // how many were to be steered
	Done   int           `json:"done"`   // did what they were asked for
	Ended  int           `json:"ended"`  // had ended meanwhile
	Failed []unsteerable `json:"failed"` // those that could not
	Asked  bool          `json:"asked"`  // false: they were only counted
}

// unsteerable is an enrollment that could not be steered.
type unsteerable struct {
	Enrollment int64  `json:"enrollment"`
	Why        string `json:"why"`
}

// many asks all of them, a few at once and at the pace. When it is interrupted, those that were asked have done it, and doing it again goes on with the others.
func (a *steering) many(ctx context.Context, c *console, settings config.Config, s *store.Store, temporal client.Client, chosen []store.Enrollment, name string, given []any) (steered, error) {
	became := steered{Fit: len(chosen), Asked: true, Failed: []unsteerable{}}
	pace := rate.NewLimiter(rate.Inf, 1)
	if a.pace > 0 {
		pace.SetLimit(rate.Limit(a.pace))
	}
	asked := c.countBar(name, int64(len(chosen)))
	var mu sync.Mutex
	var group errgroup.Group
	group.SetLimit(manyAtOnce)
	for _, e := range chosen {
		if err := pace.Wait(ctx); err != nil {
			break
		}
		group.Go(func() error {
			_, err := steer(ctx, settings, s, temporal, e, name, given)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				became.Done++
			case errors.Is(err, errNotRunning):
				became.Ended++
			default:
				became.Failed = append(became.Failed, unsteerable{e.ID, err.Error()})
			}
			asked(1)
			return nil
		})
	}
	err := errors.Join(group.Wait(), ctx.Err())
	slices.SortFunc(became.Failed, func(x, y unsteerable) int { return cmp.Compare(x.Enrollment, y.Enrollment) })
	return became, err
}

// writeSteered says what became of many, or how many fit.
func writeSteered(p *page, s steered, name string) {
	if !s.Asked {
		p.line("%s that can be asked to %s.", count(int64(s.Fit), "enrollment fits", "enrollments fit"), name)
		if s.Fit > 0 {
			p.line("Add --yes to do it.")
		}
		return
	}
	p.line("Asked %s to %s: %d did.", count(int64(s.Fit), "enrollment", "enrollments"), name, s.Done)
	if s.Ended > 0 {
		p.line("%d had ended meanwhile.", s.Ended)
	}
	for i, f := range s.Failed {
		if i == named {
			p.line("… and %d more.", len(s.Failed)-i)
			break
		}
		p.line("NOT DONE: %s.", strings.TrimSuffix(f.Why, "."))
	}
}
