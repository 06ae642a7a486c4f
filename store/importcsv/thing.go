package importcsv

import (
	"context"

	"perennial/domain/customer"
	"perennial/domain/segment"
	"perennial/store"
)

// Agreements imports agreements of customers whom the store knows: what they are about, from when to when, and the attributes of the profile
// catalogue. An agreement is known by its customer and its id. Importing it again changes what the file says otherwise.
func Agreements(ctx context.Context, st *store.Store, path string, o Options) (Summary, error) {
	return importThings(ctx, st, path, o, customer.Agreement)
}

// Assets imports assets of customers, likewise.
func Assets(ctx context.Context, st *store.Store, path string, o Options) (Summary, error) {
	return importThings(ctx, st, path, o, customer.Asset)
}

func importThings(ctx context.Context, st *store.Store, path string, o Options, of customer.ThingKind) (Summary, error) {
	o = o.withNow()
	fields := thingFields(of)
	more := attributes(o.Catalogue.ThingAttributes(of)).beside(fields)
	reader := thingReader{of: of, attributes: more}
	return run(ctx, st, path, o, append(fields, more.fields()...), reader.read,
		func(i *store.Import, rows []store.ThingRow) ([]store.Verdict, error) {
			i.History = more.history()
			return i.Things(ctx, rows, o.Now)
		})
}

// thingFields are what a row can say of any thing of a kind.
func thingFields(of customer.ThingKind) []field {
	name := string(of)
	fields := []field{
		{name: name, columns: []string{name, name + "_id", "id"}, required: true},
		{name: "customer", columns: []string{"customer", "customer_id"}, required: true},
		{name: "kind", columns: []string{"kind"}},
	}
	return append(fields, attributes(datesOf(of)).fields()...)
}

// datesOf are the dates that any thing of a kind may have.
func datesOf(of customer.ThingKind) []segment.Attribute {
	return segment.Catalogue{}.ThingAttributes(of)
}

// thingReader reads rows of agreements or assets.
type thingReader struct {
	of         customer.ThingKind
	attributes attributes
}

// read reads one thing. Attributes of the catalogue that are not of their type are noted; anything else that can't be read rejects the row.
func (t thingReader) read(r row) (store.ThingRow, []store.Problem, *store.Problem) {
	out := store.ThingRow{Line: r.line, Of: t.of, Kind: r.get("kind"), Attributes: map[string]any{}}
	cells := []cell{
		{string(t.of), func(s string) error { out.ID = s; return store.CheckID(s) }},
		{"customer", func(s string) error { out.Customer = s; return store.CheckID(s) }},
	}
	for _, date := range datesOf(t.of) {
		cells = append(cells, cell{date.Name, func(s string) error { out.Attributes[date.Name] = s; return checkDay(s) }})
	}
	if bad := r.read(cells, string(t.of), "customer"); bad != nil {
		return out, nil, bad
	}
	return out, t.attributes.read(r, out.Attributes), nil
}
