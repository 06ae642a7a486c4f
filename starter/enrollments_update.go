package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/spf13/cobra"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

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

// newUpdates returns the commands that steer an enrollment by hand.
func newUpdates(c *console) []*cobra.Command {
	var reason string
	exit := newUpdate(c, workflows.UpdateExit, "End an enrollment by hand",
		`End an enrollment by hand. Its outcome is "exited: " and the reason, which stands in histories: name nobody in it. What is
being sent at this moment is still sent.`,
		`  starter enrollments exit 17 --reason "moved away"`,
		func() ([]any, error) {
			if strings.TrimSpace(reason) == "" {
				return nil, errors.New("say why in a few words, such as --reason \"moved away\"")
			}
			return []any{workflows.ExitRequest{Reason: strings.TrimSpace(reason)}}, nil
		})
	exit.Flags().StringVar(&reason, "reason", "", "`why`, in a few words; no personal data")
	nothing := func() ([]any, error) { return nil, nil }
	return []*cobra.Command{
		newUpdate(c, workflows.UpdatePause, "Freeze an enrollment: nothing is sent until it is resumed",
			"Freeze an enrollment: nothing is sent until it is resumed. What is being sent at this moment is still sent.",
			"  starter enrollments pause 17", nothing),
		newUpdate(c, workflows.UpdateResume, "Let a paused enrollment go on",
			"Let a paused enrollment go on. What it waits for is planned anew.",
			"  starter enrollments resume 17", nothing),
		newUpdate(c, workflows.UpdateSkip, "Leave the step that is being done, and go on with the one after it",
			"Leave the step that is being done, such as a wait, and go on with the one after it.",
			"  starter enrollments skip 17", nothing),
		exit,
	}
}

func newUpdate(c *console, name, short, long, example string, arguments func() ([]any, error)) *cobra.Command {
	return &cobra.Command{
		Use: name + " ID", Short: short, Long: long, Example: example,
		Args: takes("the ID of an enrollment"),
		RunE: func(cmd *cobra.Command, args []string) error {
			given, err := arguments()
			if err != nil {
				return err
			}
			id, err := enrollmentID(args[0])
			if err != nil {
				return err
			}
			settings, s, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			defer s.Close()
			e, err := enrollmentByID(cmd.Context(), s, id)
			if err != nil {
				return err
			}
			if err := steerable(e); err != nil {
				return err
			}
			temporal, err := c.dial(cmd.Context(), settings)
			if err != nil {
				return err
			}
			defer temporal.Close()
			u := updated{Enrollment: e.ID, Journey: e.Journey, Customer: e.Customer}
			what := map[string]string{
				workflows.UpdatePause: store.Paused, workflows.UpdateResume: store.Resumed, workflows.UpdateSkip: store.Skipped, workflows.UpdateExit: store.Exited,
			}[name]
			asked := deed(settings, what, store.OfEnrollment, args[0], "")
			asked.Customer = e.Customer
			err = noted(cmd.Context(), s, asked, settings, func() (outcome string, err error) {
				u.Status, err = update(cmd.Context(), temporal, e, name, given)
				return cmp.Or(u.Outcome, "at step "+u.Step), err
			})
			if err != nil {
				return err
			}
			return c.show(u, func(p *page) { p.line("%s", sentence(u)) })
		},
	}
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

// updateError says what came in the way of an update, and what to do.
func updateError(err error, e store.Enrollment, name string) error {
	if err == nil {
		return nil
	}
	if _, gone := errors.AsType[*serviceerror.NotFound](err); gone {
		return fmt.Errorf("enrollment %d is not running in Temporal any more: see `starter enrollments show %d` in a minute", e.ID, e.ID)
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
