package store

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/domain/segment"
)

// The attributes that events write, beside readings.
const (
	renewsOn = "renews_on"
	endedOn  = "ended_on"
)

// CheckReading says why a reading can't have a name, nil if it can: it becomes an attribute of the asset, and none that every asset has.
func CheckReading(name string) error {
	every := func(a segment.Attribute) bool { return a.Name == name }
	if !segment.Word(name) || name == "id" || name == "kind" || slices.ContainsFunc(segment.Catalogue{}.ThingAttributes(customer.Asset), every) {
		return errors.New("this is no name of a reading; write lower-case words joined by underscores, such as mileage")
	}
	return nil
}

// ownDay is an instant of which a profile keeps the day, in the customer's zone.
type ownDay time.Time

// things reads what an event says of an agreement or an asset.
func (r *dataReader) things(e Event) []said {
	about := said{customer: e.Customer, of: customer.Agreement, at: e.At, source: "event:" + e.ID}
	const ownID = "the business's own id of it, without spaces or slashes, such as a-17"
	switch e.Type {
	case EventAgreementRenewed:
		var until string
		r.need("agreement_id", ownID, (*thingRef)(&about.thing))
		r.need("renews_on", "the day on which it is due again, such as 2027-05-04", (*day)(&until))
		renewed, runs := about, about
		renewed.name, renewed.value = renewsOn, until
		runs.name = endedOn // it has none from now on
		return []said{renewed, runs}
	case EventAgreementEnded:
		r.need("agreement_id", ownID, (*thingRef)(&about.thing))
		about.name, about.value = endedOn, ownDay(e.At)
	case EventReadingTaken:
		var value string
		about.of = customer.Asset
		r.need("asset_id", ownID, (*thingRef)(&about.thing))
		r.need("reading", "the name of an attribute of assets in lower-case words, such as mileage", (*reading)(&about.name))
		r.need("value", "a number, without an exponent and of at most 20 digits", (*decimal)(&value))
		about.value = json.Number(value)
	}
	return []said{about}
}

// applyThings stores what events say of agreements and assets. Running enrollments hear of what that changed by "profile.changed": those that wait for a
// date of theirs listen for that, and not for every event that may move it. Those that are about another thing need not hear of it.
func (tx *Tx) applyThings(ctx context.Context, changes []change, now time.Time) error {
	var words []said
	for _, c := range changes {
		words = append(words, c.things...)
	}
	if len(words) == 0 {
		return nil
	}
	err := tx.inOwnDays(ctx, words)
	if err != nil {
		return wrap(err, "look up the zones of %d customers", len(words))
	}
	if _, err := keepValues(ctx, tx.q, words, true); err != nil {
		return wrap(err, "store %d values of things", len(words))
	}
	changed, err := mergeThings(ctx, tx.q, words, true, now)
	if err != nil {
		return wrap(err, "store %d values of things", len(words))
	}
	return wrap(tellOfThings(ctx, tx.q, "event", changed, 0, now), "tell of %d things", len(changed))
}

// inOwnDays turns instants into days.
func (tx *Tx) inOwnDays(ctx context.Context, words []said) error {
	var ids []string
	for _, w := range words {
		if _, ok := w.value.(ownDay); ok {
			ids = append(ids, w.customer)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	standing, err := standingOf(ctx, tx.q, ids)
	if err != nil {
		return err
	}
	for i, w := range words {
		at, ok := w.value.(ownDay)
		if !ok {
			continue
		}
		local, err := tx.zones.load(standing[w.customer].Zone)
		if err != nil {
			return err
		}
		words[i].value = time.Time(at).In(local).Format(time.DateOnly)
	}
	return nil
}

// Changed is the thing that a "profile.changed" speaks of: only that changed. Other events name none, and nor does one that tells of more.
func (e Event) Changed() (of customer.ThingKind, id string, ok bool) {
	if e.Type != journey.ProfileChanged || len(e.Data) == 0 {
		return "", "", false
	}
	var data struct {
		Of    customer.ThingKind `json:"of"`
		Thing string             `json:"thing"`
	}
	if err := json.Unmarshal(e.Data, &data); err != nil || data.Thing == "" {
		return "", "", false // everybody is told
	}
	return data.Of, data.Thing, true
}
