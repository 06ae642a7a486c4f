package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"perennial/domain/customer"
	"perennial/store/db"
)

// MarkAddressBad writes down why an address can't be used from now on. Nothing happens where the customer has another address on the
// channel by now, or where it was known to be bad before; changed says whether anything did. A customer who can't be reached any more then has an event
// "customer.unreachable", which the sweep routes.
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

// ConfirmAddress writes down that somebody wrote to us from an address: it can be used again, whoever has it. One at which they told the provider to
// stop can be only where they say that they want our messages again. Running enrollments hear of it by an event "profile.changed", which the
// sweep routes. changed says whether any address was bad.
func (s session) ConfirmAddress(ctx context.Context, channel customer.Channel, value string, wantsMore bool, at time.Time) (changed bool, err error) {
	n, err := s.q.ConfirmAddress(ctx, db.ConfirmAddressParams{Channel: string(channel), Value: value, OptedIn: wantsMore, At: at})
	return n > 0, wrap(err, "confirm an address on %s", channel)
}

// Unreachable is a customer who can't be reached on any channel that they want.
type Unreachable struct {
	Customer  string          `json:"customer"`
	Owner     string          `json:"owner,omitempty"`
	Addresses []UnusedAddress `json:"addresses"` // those that there are, the longest unused first
}

// UnusedAddress is why an address is not used. It does not say what the address is.
type UnusedAddress struct {
	Channel customer.Channel `json:"channel"`
	Reason  string           `json:"reason,omitempty"` // empty where it is good, and its channel is none that the customer wants
	Since   time.Time        `json:"since,omitzero"`
}

// UnreachableCustomers returns up to limit customers who can't be reached, in order of id; those of one owner, or all where that is empty. It reads
// every customer, so it is for people's questions.
func (s session) UnreachableCustomers(ctx context.Context, owner string, limit int) ([]Unreachable, error) {
	rows, err := s.q.UnreachableCustomers(ctx, owner, int64(limit))
	if err != nil {
		return nil, wrap(err, "list the customers who can't be reached")
	}
	all := make([]Unreachable, len(rows))
	for i, r := range rows {
		all[i] = Unreachable{Customer: r.ID, Owner: r.Owner}
		if err := json.Unmarshal(r.Addresses, &all[i].Addresses); err != nil {
			return nil, fmt.Errorf("read the addresses of %s: %w", r.ID, err)
		}
	}
	return all, nil
}
