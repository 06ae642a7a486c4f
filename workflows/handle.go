package workflows

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"go.temporal.io/sdk/workflow"

	"perennial/domain/journey"
)

// handle registers the updates. Each only passes on what is asked and wakes the loop.
func (r *run) handle() {
	r.update(UpdatePause, "Freeze this enrollment: nothing is sent until it is resumed.", func() journey.Happened { return journey.PauseAsked{} })
	r.update(UpdateResume, "Let a paused enrollment go on.", func() journey.Happened { return journey.ResumeAsked{} })
	r.update(UpdateSkip, "Leave the step that is being done, and go on with the one after it.", func() journey.Happened { return journey.SkipAsked{} })
	r.must(workflow.SetUpdateHandlerWithOptions(r.ctx, UpdateExit,
		func(ctx workflow.Context, request ExitRequest) (Status, error) {
			return r.ask(ctx, journey.ExitAsked{Reason: request.Reason})
		},
		workflow.UpdateHandlerOptions{
			Description: `End this enrollment. Argument: {"reason": "why, in a few words"}.`,
			Validator: func(request ExitRequest) error {
				if request.Reason == "" || len(request.Reason) > journey.MaxReason || strings.ContainsFunc(request.Reason, unicode.IsControl) {
					return fmt.Errorf(`exit needs a reason of one line, at most %d bytes: {"reason": "moved away"}`, journey.MaxReason)
				}
				return r.acceptable()
			},
		}))
}

func (r *run) update(name, description string, asked func() journey.Happened) {
	r.must(workflow.SetUpdateHandlerWithOptions(r.ctx, name,
		func(ctx workflow.Context) (Status, error) { return r.ask(ctx, asked()) },
		workflow.UpdateHandlerOptions{Description: description, Validator: r.acceptable}))
}

// acceptable refuses what comes after the end.
func (r *run) acceptable() error {
	if r.state.Finished() {
		return errors.New("this enrollment has ended: " + r.state.Outcome)
	}
	return nil
}

// ask passes on what is asked, and answers where the enrollment stands once the machine has heard of it. An update acts once: its id is unique
// in one run only, so those that acted are carried to the next.
func (r *run) ask(ctx workflow.Context, asked journey.Happened) (Status, error) {
	id := workflow.GetCurrentUpdateInfo(ctx).ID
	if !slices.Contains(r.updates, id) {
		r.updates = append(r.updates, id)
		done := false
		r.controls.Send(ctx, control{asked: asked, done: &done})
		if err := workflow.Await(ctx, func() bool { return done || r.ended }); err != nil {
			return Status{}, err
		}
	}
	return Status{
		Step: r.state.Step, Phase: string(r.state.Phase), NextAt: r.state.Until, Paused: r.state.Paused, Outcome: r.state.Outcome,
	}, nil
}

// must panics on what only a mistake in this package can cause: the workflow task fails and is retried by the mended code.
func (r *run) must(err error) {
	if err != nil {
		panic(err)
	}
}
