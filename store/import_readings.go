package store

import (
	"context"
	"time"

	"perennial/domain/customer"
	"perennial/store/db"
)

// ReadingRow is a reading of an asset as a file has it: the value of one of its attributes at an instant.
type ReadingRow struct {
	Line     int64 // unique in an import
	Customer string
	Asset    string
	Name     string // of the attribute
	Value    any    // as JSON writes it
	At       When
	Content  string // a hash of value and instant as the file has them: the same reading twice is one
}

// Readings takes in a batch of readings, and answers in their order; at is now, by the stack's clock. All are kept, in whatever order they come, and
// the newest of each counts; of several at one instant the greatest. A reading of an asset that is not known is rejected. Running
// enrollments hear of it by "profile.changed".
func (i *Import) Readings(ctx context.Context, rows []ReadingRow, at time.Time) ([]Verdict, error) {
	var verdicts []Verdict
	err := i.batch(ctx, func(q *db.Queries) (err error) {
		verdicts, err = i.mergeReadings(ctx, q, rows, at)
		return err
	})
	return verdicts, wrap(err, "import %d readings", len(rows))
}

func (i *Import) mergeReadings(ctx context.Context, q *db.Queries, rows []ReadingRow, at time.Time) ([]Verdict, error) {
	verdicts, standing, err := judgeReadings(ctx, q, rows)
	if err != nil {
		return nil, err
	}
	var words []said
	for n, r := range rows {
		if verdicts[n].Reject != nil {
			continue
		}
		taken, err := r.At.in(i.store.zones, standing[r.Customer].Zone)
		if err != nil {
			return nil, err
		}
		words = append(words, said{
			customer: r.Customer, of: customer.Asset, thing: r.Asset, name: r.Name, value: r.Value, at: taken, source: "import:" + r.Content,
		})
	}
	kept, err := keepValues(ctx, q, words, true)
	if err != nil {
		return nil, err
	}
	changed, err := mergeThings(ctx, q, words, true, at)
	if err != nil {
		return nil, err
	}
	for n, r := range rows {
		id := valueID{thingID{r.Customer, customer.Asset, r.Asset}, r.Name, "import:" + r.Content}
		verdicts[n].Stored = verdicts[n].Reject == nil && kept[id]
		delete(kept, id) // the same reading again in this batch adds nothing
	}
	return verdicts, tellOfThings(ctx, q, "import", changed, 0, at)
}

// judgeReadings rejects the readings of assets that are not known, and answers where their customers live.
func judgeReadings(ctx context.Context, q *db.Queries, rows []ReadingRow) ([]Verdict, map[string]db.StandingOfCustomersRow, error) {
	owners := make([]string, len(rows))
	kinds := make([]string, len(rows))
	assets := make([]string, len(rows))
	for n, r := range rows {
		owners[n], kinds[n], assets[n] = r.Customer, string(customer.Asset), r.Asset
	}
	verdicts, standing, err := judgeOwners(ctx, q, owners)
	if err != nil {
		return nil, nil, err
	}
	found, err := q.KnownThings(ctx, owners, kinds, assets)
	if err != nil {
		return nil, nil, err
	}
	known := make(map[thingID]bool, len(found))
	for _, t := range found {
		known[thingID{t.Customer, customer.ThingKind(t.OfKind), t.ID}] = true
	}
	for n, r := range rows {
		if verdicts[n].Reject == nil && !known[thingID{r.Customer, customer.Asset, r.Asset}] {
			verdicts[n] = reject("asset", "the customer has no such asset; import assets first")
		}
	}
	return verdicts, standing, nil
}
