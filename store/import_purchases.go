package store

import (
	"context"
	"fmt"

	"perennial/store/db"
)

// Purchases takes in a batch of purchases, and answers in their order. A purchase of nobody whom the store knows is rejected, and so is
// one whose order is stored with another quantity, amount or currency.
func (i *Import) Purchases(ctx context.Context, rows []PurchaseRow) ([]Verdict, error) {
	var verdicts []Verdict
	err := i.batch(ctx, func(q *db.Queries) (err error) {
		verdicts, err = i.mergePurchases(ctx, q, rows)
		return err
	})
	return verdicts, wrap(err, "import %d purchases", len(rows))
}

// purchaseID is what the primary key of purchases holds.
type purchaseID struct{ customer, key string }

func (i *Import) mergePurchases(ctx context.Context, q *db.Queries, rows []PurchaseRow) ([]Verdict, error) {
	verdicts, staged, err := i.judgePurchases(ctx, q, rows)
	if err != nil {
		return nil, err
	}
	if _, err := q.StagePurchases(ctx, staged); err != nil {
		return nil, err
	}
	byLine := make(map[int64]int, len(rows))
	for n, r := range rows {
		byLine[r.Line] = n
	}
	added, err := q.AddImportedPurchases(ctx)
	if err != nil {
		return nil, err
	}
	isNew := make(map[purchaseID]bool, len(added))
	for _, a := range added {
		isNew[purchaseID{a.Customer, a.Key}] = true
	}
	for _, s := range staged {
		id := purchaseID{s.Customer, s.Key}
		verdicts[byLine[s.Line]].Stored = isNew[id]
		delete(isNew, id) // the same order again in this batch adds nothing
	}
	clashing, err := q.ClashingPurchases(ctx)
	for _, line := range clashing {
		verdicts[byLine[line]] = reject("order_id", "this order is known with another quantity, amount or currency")
	}
	return verdicts, err
}

// judgePurchases rejects the purchases of customers who can have none, and gives the others their keys and times.
func (i *Import) judgePurchases(ctx context.Context, q *db.Queries, rows []PurchaseRow) ([]Verdict, []db.StagePurchasesParams, error) {
	ids := make([]string, len(rows))
	for n, r := range rows {
		ids[n] = r.Customer
	}
	verdicts, standing, err := judgeOwners(ctx, q, ids)
	if err != nil {
		return nil, nil, err
	}
	keys, err := purchaseKeys(ctx, q, rows)
	if err != nil {
		return nil, nil, err
	}
	var staged []db.StagePurchasesParams
	for n, r := range rows {
		if verdicts[n].Reject != nil {
			continue
		}
		at, err := r.At.in(i.store.zones, standing[r.Customer].Zone)
		if err != nil {
			return nil, nil, fmt.Errorf("customer %s: %w", r.Customer, err)
		}
		staged = append(staged, db.StagePurchasesParams{
			Line: r.Line, Customer: r.Customer, Key: keys[n], OrderID: orNull(r.OrderID),
			Quantity: r.Quantity, Amount: r.Amount, Currency: r.Currency, PurchasedAt: at,
		})
	}
	return verdicts, staged, nil
}

// purchaseKeys are what purchases are known by: the order's id, or else the content and how often it has come so far in this file. Two
// equal rows are two purchases; the same two rows imported again are the same two.
func purchaseKeys(ctx context.Context, q *db.Queries, rows []PurchaseRow) ([]string, error) {
	keys := make([]string, len(rows))
	var contents []string
	var lines []int64
	var at []int
	for n, r := range rows {
		if r.OrderID != "" {
			keys[n] = orderKey(r.OrderID)
			continue
		}
		contents, lines, at = append(contents, r.Content), append(lines, r.Line), append(at, n)
	}
	ordinals, _, err := seen(ctx, q, contents, lines)
	if err != nil {
		return nil, err
	}
	for k, n := range at {
		keys[n] = fmt.Sprintf("import:%s:%d", rows[n].Content, ordinals[k])
	}
	return keys, nil
}
