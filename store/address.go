package store

import (
	"context"
	"time"

	"perennial/domain/customer"
	"perennial/store/db"
)

// MarkAddressBad writes down why an address can't be used from now on. Nothing happens where the customer has another address on the
// channel by now, or where it was known to be bad before; changed says whether anything did.
func (s session) MarkAddressBad(
	ctx context.Context, id string, channel customer.Channel, value, reason string, at time.Time,
) (changed bool, err error) {
	n, err := s.q.MarkAddressBad(ctx, db.MarkAddressBadParams{
		Customer: id, Channel: string(channel), Value: value, Reason: &reason, At: at,
	})
	return n > 0, wrap(err, "mark the %s address of %s as bad", channel, id)
}

// CustomersByAddress returns the customers who are reached at an address, whom we wrote to last on that channel first: a reply is most
// likely theirs. Several share one where a family has one phone: what is said of the address (such as STOP) is said for all of them.
func (s session) CustomersByAddress(ctx context.Context, channel customer.Channel, value string) ([]string, error) {
	ids, err := s.q.CustomersByAddress(ctx, string(channel), value)
	return ids, wrap(err, "find the customers of an address on %s", channel)
}
