package gateway

import (
	"context"
	"errors"

	"perennial/channel"
	"perennial/domain/journey"
	"perennial/store"
)

// told is what a provider said of a touch, and what that says of the address that it went to.
type told struct {
	store.Receipt

	kind channel.Kind // why it did not arrive, where that is known
	to   string       // the address that it was sent to
}

// receive takes a provider's word on a touch, which may come twice, late, and of touches that nobody knows; found is false for those. It moves the
// ledger; where it did, the touch's enrollment hears of it at least once, and an address that proved bad is not used from now on.
func (g *Gateway) receive(ctx context.Context, r told) (found bool, err error) {
	t, moved, err := g.write(ctx, r)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	if err != nil || !moved {
		return true, err
	}
	left := g.beside.do(ctx, g.Patience, []func(context.Context){func(ctx context.Context) {
		if err := g.Dispatcher.DispatchReceipt(ctx, t); err != nil {
			// The ledger knows, and that the enrollment does not: it is told later.
			g.Log.Warn("A receipt was written down, and its enrollment could not be told.", "touch", t.ID, "error", err)
		}
	}})
	if left > 0 {
		g.Log.Warn("A receipt was written down, and its enrollment will be told later: too much is routed at the moment.", "touch", t.ID)
	}
	return true, nil
}

// write moves the ledger, and marks an address that proved bad in the same transaction.
func (g *Gateway) write(ctx context.Context, r told) (t store.Touch, moved bool, err error) {
	if r.State != store.TouchUndelivered {
		return g.Store.Receive(ctx, r.Receipt)
	}
	err = g.Store.InTx(ctx, func(tx *store.Tx) (err error) {
		t, moved, err = tx.Receive(ctx, r.Receipt)
		if err != nil || !moved || !r.proves(t) {
			return err
		}
		return markBad(ctx, tx, t, r)
	})
	return t, moved, err
}

// proves says whether the address that a touch went to is no good, by what was told.
func (r told) proves(t store.Touch) bool {
	return t.State == store.TouchUndelivered && (r.kind == channel.BadAddress || r.kind == channel.OptedOut) && r.to != ""
}

// markBad marks the address that a touch went to, if that still is the one of whoever it went to.
func markBad(ctx context.Context, tx *store.Tx, t store.Touch, r told) (err error) {
	address := canonical(t.Channel, r.to)
	if t.Kind == journey.Notify {
		_, err = tx.MarkColleagueAddressBad(ctx, t.Colleague, t.Channel, address, string(r.kind), r.At)
		return err
	}
	_, err = tx.MarkAddressBad(ctx, t.Customer, t.Channel, address, string(r.kind), r.At)
	return err
}
