package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/spf13/cobra"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"perennial/config"
	"perennial/store"
	"perennial/workflows"
)

// updated is what became of an enrollment that was asked for something.
type updated struct {
	Enrollment int64  `json:"enrollment"`
	Journey    string `json:"journey"`
	Customer   string `json:"customer"`
	workflows.Status
}

// newUpdates returns the commands that steer enrollments by hand.
func newUpdates(c *console) []*cobra.Command {
	var reason string
	exit := newUpdate(c, workflows.UpdateExit, "End enrollments by hand",
		`End one enrollment, some, or all that fit. Their outcome is "exited: " and the reason, which stands in histories: name nobody in it. What is
being sent at this moment is still sent. Without --yes all that fit are only counted.`,
		`  starter enrollments exit 17 --reason "moved away"
  starter enrollments exit --journey spring-offer --reason "the offer is over" --yes`,
		func() ([]any, error) {
			if strings.TrimSpace(reason) == "" {
				return nil, errors.New("say why in a few words, such as --reason \"moved away\"")
			}
			return []any{workflows.ExitRequest{Reason: strings.TrimSpace(reason)}}, nil
		})
	exit.Flags().StringVar(&reason, "reason", "", "`why`, in a few words; no personal data")
	nothing := func() ([]any, error) { return nil, nil }
	return []*cobra.Command{
		newUpdate(c, workflows.UpdatePause, "Freeze enrollments: nothing is sent until they are resumed",
			`Freeze one enrollment, some, or all that fit: nothing is sent until they are resumed. What is being sent at this moment is still sent. Without
--yes all that fit are only counted.`,
			`  starter enrollments pause 17
  starter enrollments pause 17 18 19
  starter enrollments pause --journey win-back --yes`, nothing),
		newUpdate(c, workflows.UpdateResume, "Let paused enrollments go on",
			`Let one paused enrollment go on, some, or all that fit. What they wait for is planned anew; what fell due meanwhile is sent, unless it has expired.
So that not everything is sent at once, many go on at a pace: 20 a second, or as --rate says. Interrupted, it goes on when it is called again.`,
			`  starter enrollments resume 17
  starter enrollments resume --journey win-back --yes
  starter enrollments resume --journey win-back --rate 2 --yes`, nothing),
		newUpdate(c, workflows.UpdateSkip, "Leave the step that is being done, and go on with the one after it",
			`Leave the step that is being done, such as a wait, and go on with the one after it: in one enrollment, some, or all that fit.`,
			`  starter enrollments skip 17
  starter enrollments skip --journey onboarding --step a_while --yes`, nothing),
		exit,
	}
}

func newUpdate(c *console, name, short, long, example string, arguments func() ([]any, error)) *cobra.Command {
	var asked steering
	cmd := &cobra.Command{
		Use: name + " [ID…]", Short: short, Long: long, Example: example,
		RunE: func(cmd *cobra.Command, ids []string) error {
			given, err := arguments()
			if err == nil {
				err = asked.check(ids)
			}
			if err != nil {
				return err
			}
			return asked.run(cmd.Context(), c, ids, name, given)
		},
	}
	pace := 0.0
	if name == workflows.UpdateResume {
		pace = resumePace
	}
	asked.flags(cmd.Flags(), pace)
	return cmd
}

// run steers those that were named, or counts those that fit.
func (a *steering) run(ctx context.Context, c *console, ids []string, name string, given []any) error {
	settings, s, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	chosen, err := a.chosen(ctx, s, ids, name)
	if err != nil {
		return err
	}
	if len(ids) == 0 && (!a.yes || len(chosen) == 0) {
		counted := steered{Fit: len(chosen), Failed: []unsteerable{}}
		return c.show(counted, func(p *page) { writeSteered(p, counted, name) })
	}
	temporal, err := c.dial(ctx, settings)
	if err != nil {
		return err
	}
	defer temporal.Close()
	if len(ids) == 1 {
		u, err := steer(ctx, settings, s, temporal, chosen[0], name, given)
		if err != nil {
			return err
		}
		return c.show(u, func(p *page) { p.line("%s", sentence(u)) })
	}
	became, err := a.many(ctx, c, settings, s, temporal, chosen, name, given)
	if err := errors.Join(err, c.show(became, func(p *page) { writeSteered(p, became, name) })); err != nil {
		return err
	}
	if n := len(became.Failed); n > 0 {
		return fmt.Errorf("%s not be steered: do it again, those that were are left as they are", count(int64(n), "enrollment could", "enrollments could"))
	}
	return nil
}

// steer asks one enrollment for something, and writes that into the audit log.
func steer(ctx context.Context, settings config.Config, s *store.Store, c client.Client, e store.Enrollment, name string, given []any) (updated, error) {
	u := updated{Enrollment: e.ID, Journey: e.Journey, Customer: e.Customer}
	if err := steerable(e); err != nil {
		return u, err
	}
	what := map[string]string{
		workflows.UpdatePause: store.Paused, workflows.UpdateResume: store.Resumed, workflows.UpdateSkip: store.Skipped, workflows.UpdateExit: store.Exited,
	}[name]
	asked := deed(settings, what, store.OfEnrollment, strconv.FormatInt(e.ID, 10), "")
	asked.Customer = e.Customer
	err := noted(ctx, s, asked, settings, func() (outcome string, err error) {
		u.Status, err = update(ctx, c, e, name, given)
		return cmp.Or(u.Outcome, "at step "+u.Step), err
	})
	return u, err
}

// steerable says why an enrollment can't be asked for anything.
func steerable(e store.Enrollment) error {
	if !e.Running() {
		return fmt.Errorf("enrollment %d has ended: %s, on %s UTC", e.ID, e.Outcome, utc(e.EndedAt))
	}
	if e.StartedAt.IsZero() {
		return fmt.Errorf("enrollment %d has been written down and its workflow not started yet: try again in some seconds, or see `starter doctor`", e.ID)
	}
	return nil
}

// update asks an enrollment's workflow for something, and waits until it is done.
func update(ctx context.Context, c client.Client, e store.Enrollment, name string, args []any) (workflows.Status, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*patience)
	defer cancel()
	var status workflows.Status
	handle, err := c.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		UpdateID: uuid.NewString(), WorkflowID: workflows.WorkflowID(e.Journey, e.Customer, e.Key),
		UpdateName: name, Args: args, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err == nil {
		err = handle.Get(ctx, &status)
	}
	return status, updateError(err, e, name)
}

// errNotRunning is that an enrollment ended while it was asked for something.
var errNotRunning = errors.New("is not running in Temporal any more")

// updateError says what came in the way of an update, and what to do.
func updateError(err error, e store.Enrollment, name string) error {
	if err == nil {
		return nil
	}
	if _, gone := errors.AsType[*serviceerror.NotFound](err); gone {
		return fmt.Errorf("enrollment %d %w: see `starter enrollments show %d` in a minute", e.ID, errNotRunning, e.ID)
	}
	if refused, ok := errors.AsType[*temporal.ApplicationError](err); ok {
		return fmt.Errorf("enrollment %d refuses to %s: %s", e.ID, name, refused.Message())
	}
	if _, late := errors.AsType[*client.WorkflowUpdateServiceTimeoutOrCanceledError](err); late || errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("no worker answered for enrollment %d within %v: is a worker running? `starter doctor` says; then try again", e.ID, 2*patience)
	}
	return fmt.Errorf("ask enrollment %d to %s: %w", e.ID, name, err)
}

// sentence says how an enrollment stands after it did what it was asked for.
func sentence(u updated) string {
	who := fmt.Sprintf("Enrollment %d, %s in %s,", u.Enrollment, u.Customer, u.Journey)
	switch {
	case u.Outcome != "":
		return who + " has ended: " + u.Outcome + "."
	case u.Paused:
		return who + " is paused at step " + u.Step + "."
	case u.NextAt.IsZero():
		return who + " is at step " + u.Step + "."
	}
	return who + " is at step " + u.Step + ", next at " + u.NextAt.UTC().Format("2006-01-02 15:04 UTC") + "."
}
