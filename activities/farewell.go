package activities

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"perennial/domain/clock"
	"perennial/domain/journey"
	"perennial/store"
	"perennial/workflows"
)

// Why enrollments of customers who have left end.
const (
	exitClosed = "closed"
	exitErased = "erased"
)

// Farewell lets customers leave: it closes or erases them. Each begins with a mark, in one transaction, from which on nothing is sent. What follows
// may be cut short anywhere: doing it again finishes it, and so does the next sweep.
type Farewell struct {
	Store    *store.Store
	Temporal client.Client
	Clock    clock.Clock
	Log      *slog.Logger
}

// Left is what became of a customer who leaves.
type Left struct {
	Customer string `json:"customer"`
	Before   bool   `json:"before"`            // they had left already: nothing was to be done
	Ended    int    `json:"enrollments_ended"` // by this
	Removed  int64  `json:"rows_removed"`      // of what was known of them
}

// Close ends the relation with a customer, for a reason in the closer's words. What is known of them stays. ErrNotFound where there is none.
func (f *Farewell) Close(ctx context.Context, id, why string, by store.Doer) (Left, error) {
	err := f.Store.InTx(ctx, func(tx *store.Tx) error {
		before, err := tx.CloseCustomer(ctx, id, why, f.now())
		if err != nil || before.Closed {
			return err
		}
		return tx.Note(ctx, f.deed(store.Closed, id, by, "begun: nothing is sent from now on"))
	})
	if err != nil {
		return Left{}, err
	}
	return f.Finish(ctx, id, by, nil)
}

// Mark marks a customer as erased: nothing is sent from now on. Finish does the rest. ErrNotFound where there is no such customer.
func (f *Farewell) Mark(ctx context.Context, id string, by store.Doer) error {
	return f.Store.InTx(ctx, func(tx *store.Tx) error {
		before, err := tx.MarkErased(ctx, id, f.now())
		if err != nil || before.Erased {
			return err
		}
		return tx.Note(ctx, f.deed(store.Erased, id, by, "begun: nothing is sent from now on"))
	})
}

// Erase removes all that is known of a customer. ErrNotFound where there is none.
func (f *Farewell) Erase(ctx context.Context, id string, by store.Doer) (Left, error) {
	if err := f.Mark(ctx, id, by); err != nil {
		return Left{}, err
	}
	return f.Finish(ctx, id, by, nil)
}

// Finish does what is left to do of a customer who was marked as closed or erased: it ends what they are in, and then removes what is known of the
// erased. After each enrollment it calls told, which may be nil.
func (f *Farewell) Finish(ctx context.Context, id string, by store.Doer, told func()) (Left, error) {
	left := Left{Customer: id}
	erased, err := f.end(ctx, id, &left, told)
	if err != nil {
		return left, fmt.Errorf("let customer %s leave: %w", id, err)
	}
	err = f.Store.InTx(ctx, func(tx *store.Tx) error {
		done, removed, err := tx.Leave(ctx, id, f.now())
		if err != nil || !done {
			left.Before = !done
			return err
		}
		left.Removed = removed
		what, outcome := store.Closed, fmt.Sprintf("done: %d enrollments ended", left.Ended)
		if erased {
			what, outcome = store.Erased, fmt.Sprintf("%s, %d rows removed", outcome, removed)
		}
		return tx.Note(ctx, f.deed(what, id, by, outcome))
	})
	return left, err
}

// end ends all that a customer is in.
func (f *Farewell) end(ctx context.Context, id string, left *Left, told func()) (erased bool, err error) {
	who, err := f.Store.Standing(ctx, id)
	if err != nil || !who.Closed {
		return false, err
	}
	reason := exitClosed
	if who.Erased {
		reason = exitErased
	}
	running, err := f.Store.RunningOf(ctx, id)
	if err != nil {
		return false, err
	}
	var failed []error
	for _, e := range running {
		err := f.endOne(ctx, e, reason)
		if told != nil {
			told()
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("enrollment %d: %w", e.ID, err))
			continue
		}
		left.Ended++
	}
	return who.Erased, errors.Join(failed...)
}

// exitPatience is how long a run may take to end, in real time. A sweep that waits so long must not seem dead to the server.
const exitPatience = 10 * time.Second

// errUnanswered is that no worker answered for a run.
var errUnanswered = errors.New("no worker answered; the worker's sweep ends it as soon as one runs, and so does doing this again")

// endOne ends one enrollment and its run. A run that is not there may be about to start: it finds its enrollment ended then, or is found by the second
// look.
func (f *Farewell) endOne(ctx context.Context, e store.Enrollment, reason string) error {
	err := f.exit(ctx, e, reason)
	if gone(err) {
		if err := f.Store.Finish(ctx, e.ID, journey.ExitOutcome(reason), f.now()); err != nil {
			return err
		}
		if err = f.exit(ctx, e, reason); gone(err) {
			return nil
		}
	}
	if errors.Is(err, errUnanswered) && reason == exitErased {
		// What somebody wants to be forgotten must not wait for a run that hangs. Its touches are refused since the mark.
		f.Log.Warn("A run did not answer and is terminated, since its customer was erased.", "enrollment", e.ID)
		err = f.Temporal.TerminateWorkflow(ctx, workflows.WorkflowID(e.Journey, e.Customer, e.Key), "", "the customer was erased")
		if gone(err) {
			err = nil
		}
	}
	if err != nil {
		return err
	}
	return f.Store.Finish(ctx, e.ID, journey.ExitOutcome(reason), f.now()) // it did so itself, unless its end had been under way or it was terminated
}

// exit asks a run to end, and waits until it has.
func (f *Farewell) exit(ctx context.Context, e store.Enrollment, reason string) error {
	patient, cancel := context.WithTimeout(ctx, exitPatience)
	defer cancel()
	handle, err := f.Temporal.UpdateWorkflow(patient, client.UpdateWorkflowOptions{
		UpdateID: uuid.NewString(), WorkflowID: workflows.WorkflowID(e.Journey, e.Customer, e.Key),
		UpdateName: workflows.UpdateExit, Args: []any{workflows.ExitRequest{Reason: reason}}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err == nil {
		err = handle.Get(patient, nil)
	}
	if _, late := errors.AsType[*client.WorkflowUpdateServiceTimeoutOrCanceledError](err); (late || errors.Is(err, context.DeadlineExceeded)) && ctx.Err() == nil {
		return errUnanswered
	}
	if refused(err) { // its end is under way
		return nil
	}
	return err
}

func gone(err error) bool {
	_, is := errors.AsType[*serviceerror.NotFound](err)
	return is
}

// refused says whether a run did not take what it was asked: it has come to its end.
func refused(err error) bool {
	_, is := errors.AsType[*temporal.ApplicationError](err)
	return is
}

func (f *Farewell) deed(what, id string, by store.Doer, outcome string) store.Deed {
	return store.Deed{At: f.now(), By: by, What: what, Of: store.OfCustomer, Subject: id, Customer: id, Outcome: outcome}
}

func (f *Farewell) now() time.Time { return f.Clock.At(time.Now()).UTC() }
