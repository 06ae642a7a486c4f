package activities

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"

	"perennial/store"
	"perennial/workflows"
)

// A touch in doubt whose enrollment ends or goes on meanwhile, by a goal, an exit or a skipped step, is asked about by the sweep: nothing waits for it, but the
// ledger is to say what became of it.

const (
	leftAtATime   = 5               // a sweep has other things to do
	askedByTheWay = 5 * time.Second // so that the server hears of the sweep in time
)

// settleLeftBehind asks about some of the touches in doubt that were left behind, and says of how many it became known what became of them.
func (d *Deliveries) settleLeftBehind(ctx context.Context, patience workflows.Patience) (settled int, err error) {
	call := patience.Call()
	left, err := d.Store.DoubtsLeftBehind(ctx, settles*call, call, leftAtATime)
	if err != nil {
		return 0, err
	}
	var failed []error
	for _, touch := range left {
		alive(ctx)
		err := d.settle(ctx, touch, patience)
		var later *temporal.ApplicationError
		switch {
		case err == nil:
			settled++
		case errors.As(err, &later) && !later.NonRetryable(): // not known yet
		default:
			failed = append(failed, err)
		}
	}
	return settled, errors.Join(failed...)
}

func (d *Deliveries) settle(ctx context.Context, touch store.Touch, patience workflows.Patience) error {
	e, err := d.Store.Enrollment(ctx, touch.Enrollment)
	if err != nil {
		return err
	}
	v, err := d.Versions.get(ctx, e.Journey, e.Version)
	if err != nil {
		return err
	}
	r := workflows.DeliverRequest{Channel: touch.Channel, Due: touch.DueAt, Patience: patience, Touch: workflows.Touch{
		TouchKey: touch.TouchKey.TouchKey, Enrollment: e.ID, Journey: e.Journey, Version: e.Version, Customer: e.Customer, Key: e.Key,
		Kind: touch.Kind, Template: touch.Template, Topic: touch.Topic,
	}}
	var c *claimed
	err = d.Store.InTx(ctx, func(tx *store.Tx) error {
		who, err := tx.LockProfile(ctx, e.Customer)
		if err == nil {
			c, err = d.doubtful(ctx, tx, v, who, r, touch)
		}
		return err
	})
	if err != nil {
		return err
	}
	c.left = true
	_, err = d.inquire(ctx, r, c)
	return err
}
