package importcsv

import (
	"context"
	"fmt"
	"time"

	"perennial/domain/problem"
	"perennial/domain/segment"
	"perennial/store"
)

// Readings imports readings of assets that the store knows, such as the mileage of a car. All of them are kept, in whatever order they come, and
// the newest is the value of the asset's attribute. Where the profile catalogue names attributes of assets, a reading is one of them.
func Readings(ctx context.Context, st *store.Store, path string, o Options) (Summary, error) {
	o = o.withNow()
	reader := readingReader{now: o.Now, known: o.Catalogue.Assets}
	return run(ctx, st, path, o, readingFields(), reader.read,
		func(i *store.Import, rows []store.ReadingRow) ([]store.Verdict, error) {
			return i.Readings(ctx, rows, o.Now)
		})
}

// readingFields are what a row can say of a reading.
func readingFields() []field {
	return []field{
		{name: "customer", columns: []string{"customer", "customer_id"}, required: true},
		{name: "asset", columns: []string{"asset", "asset_id"}, required: true},
		{name: "reading", columns: []string{"reading"}, required: true},
		{name: "value", columns: []string{"value"}, required: true},
		{name: "read_on", columns: []string{"read_on", "read_at", "date"}, required: true},
	}
}

// readingReader reads rows of readings.
type readingReader struct {
	now   time.Time
	known []segment.Attribute // empty where nobody says which there are
}

// read reads one reading; whatever can't be read rejects it.
func (c readingReader) read(r row) (store.ReadingRow, []store.Problem, *store.Problem) {
	out := store.ReadingRow{Line: r.line}
	of := segment.Double
	bad := r.read([]cell{
		{"customer", func(s string) error { out.Customer = s; return store.CheckID(s) }},
		{"asset", func(s string) error { out.Asset = s; return store.CheckID(s) }},
		{"reading", func(s string) (err error) { out.Name = s; of, err = c.typeOf(s); return err }},
		{"value", func(s string) (err error) { out.Value, err = valueOf(of, s); return err }},
		{"read_on", func(s string) (err error) { out.At, err = readPast(s, c.now); return err }},
	}, "customer", "asset", "reading", "value", "read_on")
	out.Content = hashOf(r.get("value"), out.At.String())
	return out, nil, bad
}

// typeOf is the type of a reading's values.
func (c readingReader) typeOf(name string) (segment.Type, error) {
	var names []string
	for _, known := range c.known {
		if known.Name == name {
			return known.Type, nil
		}
		names = append(names, known.Name)
	}
	if len(c.known) > 0 {
		mend := problem.Suggest(name, names)
		if mend == "" {
			mend = "add it to the assets of the profile catalogue"
		}
		return "", fmt.Errorf("the profile catalogue has no such attribute of assets; %s", mend)
	}
	return segment.Double, store.CheckReading(name)
}
