package activities

import (
	"context"
	"errors"
	"fmt"

	"go.temporal.io/api/serviceerror"

	"perennial/domain/journey"
	"perennial/store"
	"perennial/workflows"
)

// DispatchReceipt tells the enrollment of a touch what its provider said of it: whether it arrived. Only a step with a fallback waits to hear that;
// others, and those that have ended, have it in the ledger. What fails is left to the sweep; being told twice does no harm.
func (e *Events) DispatchReceipt(ctx context.Context, t store.Touch) error {
	arrived := t.State == store.TouchDelivered
	if !t.Fallback || !arrived && t.State != store.TouchUndelivered {
		return nil
	}
	if err := e.tellOfReceipt(ctx, t, arrived); err != nil {
		return err
	}
	return e.Store.ReceiptTold(ctx, t)
}

func (e *Events) tellOfReceipt(ctx context.Context, t store.Touch, arrived bool) error {
	enrollment, err := e.Store.Enrollment(ctx, t.Enrollment)
	if err != nil || !enrollment.Running() {
		return err
	}
	id := workflows.WorkflowID(enrollment.Journey, enrollment.Customer, enrollment.Key)
	err = e.Temporal.SignalWorkflow(ctx, id, "", workflows.SignalReceipt, journey.Receipt{Touch: t.TouchKey.TouchKey, Arrived: arrived})
	if _, gone := errors.AsType[*serviceerror.NotFound](err); gone || err == nil {
		return nil
	}
	return fmt.Errorf("tell enrollment %d of a receipt of touch %s: %w", enrollment.ID, t.ID, err)
}
