package importcsv

import (
	"context"
	"errors"
	"time"

	"perennial/store"
)

// Complaints imports complaints of customers whom the store knows, those that are open and those that were resolved. A complaint is known by its
// number, where there is one; otherwise by customer, day and its ordinal among equal rows of the file. They are history: no journey hears of them.
func Complaints(ctx context.Context, st *store.Store, path string, o Options) (Summary, error) {
	o = o.withNow()
	reader := complaintReader{now: o.Now}
	return run(ctx, st, path, o, complaintFields(), reader.read,
		func(i *store.Import, rows []store.ComplaintRow) ([]store.Verdict, error) {
			return i.Complaints(ctx, rows, o.Now)
		})
}

// complaintFields are what a row can say of a complaint.
func complaintFields() []field {
	return []field{
		{name: "customer", columns: []string{"customer", "customer_id"}, required: true},
		{name: "complaint", columns: []string{"complaint", "complaint_id"}},
		{name: "opened_on", columns: []string{"opened_on", "opened_at", "date"}, required: true},
		{name: "resolved_on", columns: []string{"resolved_on", "resolved_at"}},
	}
}

// complaintReader reads rows of complaints.
type complaintReader struct{ now time.Time }

// read reads one complaint; whatever can't be read rejects it.
func (c complaintReader) read(r row) (store.ComplaintRow, []store.Problem, *store.Problem) {
	out := store.ComplaintRow{Line: r.line, Number: r.get("complaint")}
	bad := r.read([]cell{
		{"customer", func(s string) error { out.Customer = s; return store.CheckID(s) }},
		{"opened_on", func(s string) (err error) { out.Opened, err = readPast(s, c.now); return err }},
		{"resolved_on", func(s string) (err error) {
			if out.Resolved, err = readPast(s, c.now); err == nil && out.Resolved.At.Before(out.Opened.At.Truncate(24*time.Hour)) {
				err = errors.New("it is before the complaint was opened")
			}
			return err
		}},
	}, "customer", "opened_on")
	out.Content = hashOf(out.Customer, "on", out.Opened.String())
	if out.Number != "" {
		out.Content = hashOf(out.Customer, "number", out.Number)
	}
	return out, nil, bad
}
