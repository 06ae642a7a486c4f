package store

import (
	"context"
	"time"

	"perennial/store/db"
)

// What customers have and what happened to them is imported in rows that name the customer. What those rows have in common is here.

// judgeOwners rejects the rows whose customer can have nothing, and answers where the others live.
func judgeOwners(ctx context.Context, q *db.Queries, ids []string) ([]Verdict, map[string]db.StandingOfCustomersRow, error) {
	standing, err := standingOf(ctx, q, ids)
	if err != nil {
		return nil, nil, err
	}
	verdicts := make([]Verdict, len(ids))
	for n, id := range ids {
		owner, known := standing[id]
		switch {
		case !known:
			verdicts[n] = reject("customer", "no such customer; import customers first")
		case owner.Erased:
			verdicts[n] = reject("customer", erasedCustomer)
		}
	}
	return verdicts, standing, nil
}

// When is an instant as a file has it.
type When struct {
	At       time.Time
	DateOnly bool // At has only a date: it is then noon of that day in the customer's zone
}

// in is the instant for a customer of that zone.
func (w When) in(z *zones, zone string) (time.Time, error) {
	if !w.DateOnly {
		return w.At, nil
	}
	local, err := z.load(zone)
	if err != nil {
		return time.Time{}, err
	}
	year, month, day := w.At.Date()
	return time.Date(year, month, day, 12, 0, 0, 0, local), nil
}

// String is the instant as a file has it.
func (w When) String() string {
	if w.DateOnly {
		return w.At.Format(time.DateOnly)
	}
	return w.At.UTC().Format(time.RFC3339)
}
