package store

import (
	"context"
	"maps"
	"slices"
	"time"

	"perennial/domain/customer"
	"perennial/store/db"
)

// ThingRow is an agreement or an asset as a file has it. What is empty says nothing: what is stored stays.
type ThingRow struct {
	Line       int64 // unique in an import
	Customer   string
	Of         customer.ThingKind
	ID         string
	Kind       string
	Attributes map[string]any // by name, as JSON writes them; a date is "2026-05-04"
}

// Things takes in a batch of agreements or assets, and answers in their order; at is now, by the stack's clock, and what a file says holds from then
// on. Words that repeat what is known change nothing. A thing that comes twice in one import is rejected the second time, and so is what
// belongs to nobody. Running enrollments hear of it by "profile.changed".
func (i *Import) Things(ctx context.Context, rows []ThingRow, at time.Time) ([]Verdict, error) {
	var verdicts []Verdict
	err := i.batch(ctx, func(q *db.Queries) (err error) {
		verdicts, err = i.mergeThings(ctx, q, rows, at)
		return err
	})
	return verdicts, wrap(err, "import %d things", len(rows))
}

func (i *Import) mergeThings(ctx context.Context, q *db.Queries, rows []ThingRow, at time.Time) ([]Verdict, error) {
	verdicts, err := judgeThings(ctx, q, rows)
	if err != nil {
		return nil, err
	}
	var words []said
	for n, r := range rows {
		if verdicts[n].Reject != nil {
			continue
		}
		about := said{customer: r.Customer, of: r.Of, thing: r.ID, kind: r.Kind, at: at}
		words = append(append(words, about), i.wordsOf(about, r.Attributes)...)
	}
	kept, err := keepValues(ctx, q, words, false)
	if err != nil {
		return nil, err
	}
	changed, err := mergeThings(ctx, q, words, false, at)
	if err != nil {
		return nil, err
	}
	stored := map[thingID]bool{}
	for _, id := range changed {
		stored[id] = true
	}
	for id := range kept {
		stored[id.thingID] = true
	}
	for n, r := range rows {
		verdicts[n].Stored = verdicts[n].Reject == nil && stored[thingID{r.Customer, r.Of, r.ID}]
	}
	return verdicts, tellOfThings(ctx, q, "import", changed, 0, at)
}

// wordsOf says each attribute, in the order of their names; those in the import's History are kept by when they were imported.
func (i *Import) wordsOf(about said, attributes map[string]any) []said {
	var words []said
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		word := about
		word.name, word.value = name, attributes[name]
		if slices.Contains(i.History, name) {
			word.source = "import:" + about.at.UTC().Format(time.RFC3339Nano)
		}
		words = append(words, word)
	}
	return words
}

// judgeThings rejects the rows that can't be taken, whatever they say.
func judgeThings(ctx context.Context, q *db.Queries, rows []ThingRow) ([]Verdict, error) {
	owners := make([]string, len(rows))
	keys := make([]string, len(rows))
	lines := make([]int64, len(rows))
	for n, r := range rows {
		owners[n], lines[n] = r.Customer, r.Line
		keys[n] = r.Customer + " " + string(r.Of) + " " + r.ID // there is no space in any of them
	}
	verdicts, _, err := judgeOwners(ctx, q, owners)
	if err != nil {
		return nil, err
	}
	ordinals, first, err := seen(ctx, q, keys, lines)
	if err != nil {
		return nil, err
	}
	for n, r := range rows {
		if verdicts[n].Reject == nil && ordinals[n] > 1 {
			verdicts[n] = reject(string(r.Of), "the %s is on line %d already", r.Of, first[n])
		}
	}
	return verdicts, nil
}
