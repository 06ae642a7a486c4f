package segment

import (
	"encoding/json"
	"math"
	"time"

	"cel.dev/cel-go/common/types"

	"perennial/domain/customer"
)

// activation lays the facts out as expressions name them. All dates are in the customer's zone. What is absent has no entry, and so has what is of
// another type than the catalogue says: the catalogue of a version stays as it was published, whatever type an attribute has since become.
func activation(cat Catalogue, f Facts) map[string]any {
	zone := f.zone()
	answers := f.Answers
	if answers == nil {
		answers = map[string]float64{}
	}
	vars := map[string]any{
		"customer": customerFacts(cat, f.Profile, zone),
		"answer":   answers,
		"now":      f.Now.In(zone),
		"today":    midnight(f.Now.In(zone)),
	}
	if f.Event != nil {
		vars["event"] = eventFacts(cat, *f.Event, zone)
	}
	for _, of := range customer.ThingKinds {
		vars[string(of)] = types.WrapErr(factError("no " + string(of) + " is at hand"))
	}
	if f.Thing != nil {
		vars[string(f.Thing.Of)] = thingFacts(cat, *f.Thing, zone)
	}
	return vars
}

func customerFacts(cat Catalogue, p customer.Profile, zone *time.Location) map[string]any {
	purchases := map[string]any{"count": p.Purchases.Count, "total": p.Purchases.Total}
	if !p.Purchases.First.IsZero() {
		purchases["first"] = p.Purchases.First.In(zone)
	}
	if !p.Purchases.Last.IsZero() {
		purchases["last"] = p.Purchases.Last.In(zone)
	}
	if p.Purchases.GapDays > 0 {
		purchases["gap_days"] = p.Purchases.GapDays
	}
	facts := map[string]any{
		"id": p.ID, "language": p.Language, "country": p.Country, "star": p.Star, "owner": p.Owner, "purchases": purchases,
	}
	setAttributes(facts, cat.Attributes, p.Attributes, zone)
	return facts
}

func eventFacts(cat Catalogue, e Event, zone *time.Location) map[string]any {
	facts := map[string]any{"id": e.ID, "type": e.Type, "at": e.At.In(zone)}
	event, _ := cat.Event(e.Type)
	for _, d := range event.Data {
		if value, ok := d.Type.Value(e.Data[d.Name], zone); ok {
			facts[d.Name] = value
		}
	}
	return facts
}

func thingFacts(cat Catalogue, t customer.Thing, zone *time.Location) map[string]any {
	facts := map[string]any{"id": t.ID, "kind": t.Kind}
	setAttributes(facts, cat.ThingAttributes(t.Of), t.Attributes, zone)
	return facts
}

func setAttributes(facts map[string]any, attributes []Attribute, raw map[string]any, zone *time.Location) {
	for _, a := range attributes {
		if value, ok := a.Type.Value(raw[a.Name], zone); ok {
			facts[a.Name] = value
		}
	}
}

// Value returns raw, as it comes from decoded JSON or from a database, as string, int64, float64, bool, time.Time, or a []any of
// these; ok is false when it is of another type. A date may be a time, RFC 3339 text, or a day such as "2026-05-04".
func (t Type) Value(raw any, zone *time.Location) (value any, ok bool) {
	if element, isList := t.Element(); isList {
		return listValue(element, raw, zone)
	}
	switch t {
	case String:
		value, ok = raw.(string)
	case Bool:
		value, ok = raw.(bool)
	case Int:
		value, ok = intValue(raw)
	case Double:
		value, ok = doubleValue(raw)
	case Date:
		value, ok = dateValue(raw, zone)
	}
	return value, ok
}

func listValue(element Type, raw any, zone *time.Location) (any, bool) {
	var items []any
	switch raw := raw.(type) {
	case []any:
		items = raw
	case []string:
		for _, item := range raw {
			items = append(items, item)
		}
	default:
		return nil, false
	}
	values := make([]any, len(items))
	for i, item := range items {
		value, ok := element.Value(item, zone)
		if !ok {
			return nil, false
		}
		values[i] = value
	}
	return values, true
}

func intValue(raw any) (int64, bool) {
	switch n := raw.(type) {
	case int64:
		return n, true
	case int:
		return int64(n), true
	case float64:
		return wholeNumber(n)
	case json.Number:
		if value, err := n.Int64(); err == nil {
			return value, true
		}
		value, err := n.Float64() // such as 12000.0
		if err != nil {
			return 0, false
		}
		return wholeNumber(value)
	}
	return 0, false
}

func wholeNumber(n float64) (int64, bool) {
	const exact = 1 << 53 // beyond it a float64 skips whole numbers
	if n != math.Trunc(n) || math.Abs(n) > exact {
		return 0, false
	}
	return int64(n), true
}

func doubleValue(raw any) (float64, bool) {
	switch n := raw.(type) {
	case float64:
		return n, true
	case int64:
		return float64(n), true
	case int:
		return float64(n), true
	case json.Number:
		value, err := n.Float64()
		return value, err == nil
	}
	return 0, false
}

func dateValue(raw any, zone *time.Location) (time.Time, bool) {
	switch d := raw.(type) {
	case time.Time:
		return d.In(zone), true
	case string:
		if day, ok := dayValue(d, zone); ok {
			return day, true
		}
		at, err := time.Parse(time.RFC3339, d)
		return at.In(zone), err == nil
	}
	return time.Time{}, false
}
