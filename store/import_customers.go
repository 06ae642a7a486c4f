package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"perennial/store/db"
)

// Customers takes in a batch of customers, and answers in their order; at is now, by the stack's clock. A customer who comes twice in one
// import, or was erased, is rejected the second time. Consents are added where the customer never gave a word on the topic: a file's yes
// does not overrule a no. Running enrollments hear what changed by events, "profile.changed" and "consent.changed", which the sweep routes.
func (i *Import) Customers(ctx context.Context, rows []CustomerRow, at time.Time) ([]Verdict, error) {
	var verdicts []Verdict
	err := i.batch(ctx, func(q *db.Queries) (err error) {
		verdicts, err = i.mergeCustomers(ctx, q, rows, at)
		return err
	})
	return verdicts, wrap(err, "import %d customers", len(rows))
}

func (i *Import) mergeCustomers(ctx context.Context, q *db.Queries, rows []CustomerRow, at time.Time) ([]Verdict, error) {
	verdicts, err := i.judgeCustomers(ctx, q, rows)
	if err != nil {
		return nil, err
	}
	if err := stageCustomers(ctx, q, rows, verdicts); err != nil {
		return nil, err
	}
	changed, err := mergeStaged(ctx, q, at)
	if err != nil {
		return nil, err
	}
	var words []said
	for n, r := range rows {
		if verdicts[n].Reject == nil {
			words = append(words, i.wordsOf(said{customer: r.ID, at: at}, r.Attributes)...)
		}
	}
	kept, err := keepValues(ctx, q, words, false)
	if err != nil {
		return nil, err
	}
	for id := range kept {
		changed[id.customer] = true
	}
	for n, r := range rows {
		verdicts[n].Stored = verdicts[n].Reject == nil && changed[r.ID]
	}
	return verdicts, noteWithdrawn(ctx, q, rows, verdicts)
}

// mergeStaged merges the staged batch, and answers whom it changed. Running enrollments of those for whom something changed that they go by
// are told by events, in the same transaction.
func mergeStaged(ctx context.Context, q *db.Queries, at time.Time) (changed map[string]bool, err error) {
	// Customers come first: addresses and consents refer to them.
	updated, err := q.UpdateImportedCustomers(ctx, at)
	if err != nil {
		return nil, err
	}
	added, err := q.InsertImportedCustomers(ctx, at)
	if err != nil {
		return nil, err
	}
	addressed, err := q.MergeImportedAddresses(ctx)
	if err != nil {
		return nil, err
	}
	if err := q.MarkRefusedAddresses(ctx); err != nil {
		return nil, err
	}
	agreed, err := q.AddImportedConsents(ctx, at)
	if err != nil {
		return nil, err
	}
	changed = map[string]bool{}
	noticeable := addressed
	for _, u := range updated {
		changed[u.ID] = true
		if u.Noticeable {
			noticeable = append(noticeable, u.ID)
		}
	}
	for _, id := range slices.Concat(added, addressed) {
		changed[id] = true
	}
	var who, topics []string
	for _, a := range agreed {
		changed[a.Customer] = true
		who, topics = append(who, a.Customer), append(topics, a.Topic)
	}
	if err := tellOfProfiles(ctx, q, "import", noticeable, 0, at); err != nil {
		return nil, err
	}
	return changed, q.TellOfConsents(ctx, at, who, topics)
}

// judgeCustomers rejects the rows that can't be taken, whatever they say.
func (i *Import) judgeCustomers(ctx context.Context, q *db.Queries, rows []CustomerRow) ([]Verdict, error) {
	ids := make([]string, len(rows))
	lines := make([]int64, len(rows))
	for n, r := range rows {
		ids[n], lines[n] = r.ID, r.Line
	}
	ordinals, first, err := seen(ctx, q, ids, lines)
	if err != nil {
		return nil, err
	}
	standing, err := standingOf(ctx, q, ids)
	if err != nil {
		return nil, err
	}
	if err := i.lookUpZones(ctx, q, rows); err != nil {
		return nil, err
	}
	verdicts := make([]Verdict, len(rows))
	for n, r := range rows {
		stored, known := standing[r.ID]
		switch {
		case ordinals[n] > 1:
			verdicts[n] = reject("id", "the customer is on line %d already", first[n])
		case stored.Erased:
			verdicts[n] = reject("id", erasedCustomer)
		case !known && r.Zone == "":
			verdicts[n] = reject("zone", "it is empty; a new customer needs a time zone such as Europe/Paris")
		case r.Zone != "" && !i.zones[r.Zone]:
			verdicts[n] = reject("zone", "the database's data of time zones does not have it; bring that up to date, or write a city nearby")
		}
	}
	return verdicts, nil
}

// lookUpZones asks the database which of the rows' time zones it can reckon with, each zone once in an import.
func (i *Import) lookUpZones(ctx context.Context, q *db.Queries, rows []CustomerRow) error {
	var fresh []string
	for _, r := range rows {
		if _, asked := i.zones[r.Zone]; r.Zone != "" && !asked {
			i.zones[r.Zone] = true
			fresh = append(fresh, r.Zone)
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	unknown, err := q.UnknownZones(ctx, fresh)
	for _, zone := range unknown {
		i.zones[zone] = false
	}
	return err
}

func standingOf(ctx context.Context, q *db.Queries, ids []string) (map[string]db.StandingOfCustomersRow, error) {
	rows, err := q.StandingOfCustomers(ctx, ids)
	standing := make(map[string]db.StandingOfCustomersRow, len(rows))
	for _, r := range rows {
		standing[r.ID] = r
	}
	return standing, err
}

// stageCustomers fills the staging tables with the rows that were not rejected.
func stageCustomers(ctx context.Context, q *db.Queries, rows []CustomerRow, verdicts []Verdict) error {
	var customers []db.StageCustomersParams
	var addresses []db.StageAddressesParams
	var consents []db.StageConsentsParams
	for n, r := range rows {
		if verdicts[n].Reject != nil {
			continue
		}
		attributes, err := object(r.Attributes)
		if err != nil {
			return fmt.Errorf("customer %s: %w", r.ID, err)
		}
		customers = append(customers, db.StageCustomersParams{
			Line: r.Line, ID: r.ID, Name: orNull(r.Name), Language: orNull(r.Language), Zone: orNull(r.Zone),
			Country: orNull(r.Country), ContactWindows: orNull(r.Windows), Channels: words(r.Channels), Owner: orNull(r.Owner),
			Star: orNull(r.Star), Attributes: attributes,
		})
		for channel, value := range r.Addresses {
			addresses = append(addresses, db.StageAddressesParams{Customer: r.ID, Channel: string(channel), Value: value})
		}
		for _, topic := range r.Consents {
			consents = append(consents, db.StageConsentsParams{Line: r.Line, Customer: r.ID, Topic: topic})
		}
	}
	if _, err := q.StageCustomers(ctx, customers); err != nil {
		return err
	}
	if _, err := q.StageAddresses(ctx, addresses); err != nil {
		return err
	}
	_, err := q.StageConsents(ctx, consents)
	return err
}

// erasedCustomer is why nothing is taken of somebody who was erased.
const erasedCustomer = "the customer was erased; whoever comes back needs a new id"

// object is what JSON writes for attributes.
func object(attributes map[string]any) ([]byte, error) {
	if len(attributes) == 0 {
		return []byte("{}"), nil
	}
	return json.Marshal(attributes)
}

// words are the texts of a list, nil for an empty one: it says nothing.
func words[W ~string](list []W) (texts []string) {
	for _, w := range list {
		texts = append(texts, string(w))
	}
	return texts
}

// noteWithdrawn notes the consents that a file claims and the customer took back.
func noteWithdrawn(ctx context.Context, q *db.Queries, rows []CustomerRow, verdicts []Verdict) error {
	withdrawn, err := q.WithdrawnConsents(ctx)
	if err != nil {
		return err
	}
	refused, err := q.RefusedConsents(ctx)
	if err != nil || len(withdrawn)+len(refused) == 0 {
		return err
	}
	byLine := make(map[int64]int, len(rows))
	for n, r := range rows {
		byLine[r.Line] = n
	}
	for _, w := range withdrawn {
		v := &verdicts[byLine[w.Line]]
		v.Notes = append(v.Notes, Problem{Field: "consents", Why: "the customer said no to " + w.Topic + "; that stays"})
	}
	for _, w := range refused {
		v := &verdicts[byLine[w.Line]]
		v.Notes = append(v.Notes, Problem{
			Field: "consents", Why: "somebody at the same address said no to " + w.Topic + " before they were erased; only the customer's own yes changes that",
		})
	}
	return nil
}
