package activities

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflow/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"perennial/domain/clock"
	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/store"
	"perennial/workflows"
)

// Entrance lets customers into journeys. By whatever way they come, an event, a scan, a date, another journey or somebody's hand, they come
// through here: the database decides and writes the enrollment, then its workflow is started. A crash between the two is made up for by the sweep.
type Entrance struct {
	Store     *store.Store
	Versions  *Versions
	Temporal  client.Client
	Namespace string
	Clock     clock.Clock
	Patience  workflows.Patience
	Pages     string // public base address of the customers' pages

	// Hand is who lets customers enter by hand: each entry is then written into the audit log. Nobody where they enter by themselves.
	Hand store.Doer

	Log *slog.Logger
}

// enroll writes the enrollment of a customer who enters this version of a journey now, or answers what is in the way. Of n only who enters, and
// what for, is needed.
func (e *Entrance) enroll(ctx context.Context, v *version, n store.NewEnrollment) (enrollment store.Enrollment, entry store.Entry, err error) {
	n = e.newcomer(v, n)
	err = e.Store.InTx(ctx, func(tx *store.Tx) (err error) {
		enrollment, entry, err = tx.Enroll(ctx, n)
		return err
	})
	return enrollment, entry, err
}

// newcomer adds to who enters, and what for, which version of which journey they enter; it is now, unless it was said when.
func (e *Entrance) newcomer(v *version, n store.NewEnrollment) store.NewEnrollment {
	n.Journey, n.Version, n.Again = v.plan.Journey, v.number, v.plan.Enter.Again
	if n.EnteredAt.IsZero() {
		n.EnteredAt = e.now()
	}
	return n
}

// startWritten starts the workflow of an enrollment that was written.
func (e *Entrance) startWritten(ctx context.Context, enrollment store.Enrollment) error {
	v, err := e.Versions.get(ctx, enrollment.Journey, enrollment.Version)
	if err != nil {
		return err
	}
	who, err := e.Store.Profile(ctx, enrollment.Customer)
	if err != nil {
		return err
	}
	return e.start(ctx, v, enrollment, who)
}

// start starts the workflow of an enrollment, once: the run that is there already may be this one. Where no event entered them, it is told what the
// customer did since they were looked at, when there was nobody to tell.
func (e *Entrance) start(ctx context.Context, v *version, enrollment store.Enrollment, who customer.Profile) error {
	input := workflows.Enrollment{
		ID: enrollment.ID, Journey: enrollment.Journey, Title: v.plan.Title, Version: enrollment.Version,
		Customer: enrollment.Customer, Key: enrollment.Key, EnteredBy: enrollment.EnteredBy,
		Star: who.Star, Owner: who.Owner, Clock: e.Clock, Patience: e.Patience,
	}
	if e.Pages != "" {
		input.Page = e.Pages + "/customers/" + enrollment.Customer
	}
	_, err := e.Temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID:                                       input.WorkflowID(),
		TaskQueue:                                workflows.JourneysQueue,
		WorkflowIDReusePolicy:                    enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		WorkflowIDConflictPolicy:                 enums.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		TypedSearchAttributes:                    input.Attributes(),
		Memo:                                     map[string]any{workflows.MemoEnrollment: enrollment.ID},
		StaticSummary:                            input.Summary(),
	}, workflows.JourneyWorkflow, input)
	if _, there := errors.AsType[*serviceerror.WorkflowExecutionAlreadyStarted](err); there {
		err = e.ours(ctx, input)
	}
	if err != nil {
		return err
	}
	if enrollment.EnteredBy == "" {
		missed, err := e.Store.EventsReceived(ctx, enrollment.Customer, enrollment.EnteredAt, v.plan.Listens())
		if err != nil {
			return err
		}
		if err := e.catchUp(ctx, enrollment, missed); err != nil {
			return err
		}
	}
	return e.Store.MarkStarted(ctx, enrollment.ID, e.now())
}

// ours says whether the run that is there is that of this enrollment. The run of an earlier one may take a moment to close after its end was
// written down; the event is routed again then.
func (e *Entrance) ours(ctx context.Context, input workflows.Enrollment) error {
	described, err := e.Temporal.DescribeWorkflowExecution(ctx, input.WorkflowID(), "")
	if err != nil {
		return err
	}
	id, err := enrollmentOf(described.GetWorkflowExecutionInfo())
	if err != nil {
		return err
	}
	if id != input.ID {
		return fmt.Errorf("enrollment %d waits for the run of enrollment %d to close", input.ID, id)
	}
	return nil
}

// enrollmentOf is the row id of the enrollment that a run belongs to.
func enrollmentOf(info *workflow.WorkflowExecutionInfo) (int64, error) {
	var id int64
	err := converter.GetDefaultDataConverter().FromPayload(info.GetMemo().GetFields()[workflows.MemoEnrollment], &id)
	if err != nil {
		return 0, fmt.Errorf("read the enrollment of run %s: %w", info.GetExecution().GetWorkflowId(), err)
	}
	return id, nil
}

// catchUp tells an enrollment that has been started what was routed before it was there. Telling it twice does no harm.
func (e *Entrance) catchUp(ctx context.Context, begun store.Enrollment, missed []store.Event) error {
	for _, event := range missed {
		if err := e.signal(ctx, begun, event); err != nil {
			return err
		}
	}
	return nil
}

// signal tells an enrollment that has been started of an event.
func (e *Entrance) signal(ctx context.Context, running store.Enrollment, event store.Event) error {
	id := workflows.WorkflowID(running.Journey, running.Customer, running.Key)
	err := e.Temporal.SignalWorkflow(ctx, id, "", workflows.SignalEvent, journey.Event{ID: event.ID, Type: event.Type, At: event.At})
	if _, gone := errors.AsType[*serviceerror.NotFound](err); gone {
		return nil // it has ended; if not by itself, the sweep writes that down
	}
	return err
}

func (e *Entrance) now() time.Time { return e.Clock.At(time.Now()).UTC() }
