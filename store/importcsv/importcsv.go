package importcsv

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"perennial/domain/customer"
	"perennial/domain/segment"
	"perennial/store"
)

// batchSize is how many rows are merged in one transaction: enough to be quick, few enough to lock customers only briefly.
const batchSize = 500

// Options say how to read a file.
type Options struct {
	// Columns names the column of a field where it is not called as expected: field to column. See [CustomerFields] and the like.
	Columns map[string]string

	// Region is where phone numbers without + are at home when the customer's country is not known: ISO 3166-1 alpha-2, such as "US".
	// Defaults to none: such a number is then rejected, since a guess would write to strangers.
	Region string

	// Rejected is the file for rows and addresses that were not taken. Defaults to FILE.rejected.csv beside the file, or in the working
	// folder where that one can't be written to; where that is the file that is imported, it is replaced. It is only made when there is
	// something to put into it.
	Rejected string

	// Now is the time by the stack's clock. Defaults to real time.
	Now time.Time

	// Catalogue says which attributes customers, agreements and assets have, each in a column of its name. Defaults to none.
	Catalogue segment.Catalogue

	// Progress is called after each batch with the bytes read of the whole. Defaults to nothing.
	Progress func(done, total int64)
}

// withNow are the options with their default time.
func (o Options) withNow() Options {
	if o.Now.IsZero() {
		o.Now = time.Now()
	}
	return o
}

// Summary is what became of a file's rows: Read = Stored + Unchanged + Rejected.
type Summary struct {
	Read      int64 `json:"read"`
	Stored    int64 `json:"stored"`    // rows that added or changed something
	Unchanged int64 `json:"unchanged"` // rows whose content was known
	Rejected  int64 `json:"rejected"`  // rows that were not taken at all
	Notes     int64 `json:"notes"`     // addresses, consents and attributes that were not taken, of rows that were

	RejectedFile string   `json:"rejected_file,omitempty"`   // where rejected rows and notes are; empty where there are none
	Ignored      []string `json:"ignored_columns,omitempty"` // columns that no field uses
}

// Customers imports customers from a CSV file. After an error the summary tells what was stored before it; importing again is safe.
func Customers(ctx context.Context, st *store.Store, path string, o Options) (Summary, error) {
	o = o.withNow()
	fields := customerFields()
	more := attributes(o.Catalogue.Attributes).beside(fields)
	reader := customerReader{options: o, attributes: more, zones: zones{}}
	return run(ctx, st, path, o, append(fields, more.fields()...), reader.read,
		func(i *store.Import, rows []store.CustomerRow) ([]store.Verdict, error) {
			i.History = more.history()
			return i.Customers(ctx, rows, o.Now)
		})
}

// Purchases imports purchases of customers whom the store knows. A purchase is known by its order_id, where that is mapped and not empty;
// otherwise by its content and its ordinal among equal rows of the file, so that equal rows are purchases of their own.
func Purchases(ctx context.Context, st *store.Store, path string, o Options) (Summary, error) {
	return run(ctx, st, path, o, purchaseFields(), readPurchase,
		func(i *store.Import, rows []store.PurchaseRow) ([]store.Verdict, error) {
			return i.Purchases(ctx, rows)
		})
}

// Colleagues imports colleagues from a CSV file, as [Customers] does customers.
func Colleagues(ctx context.Context, st *store.Store, path string, o Options) (Summary, error) {
	o = o.withNow()
	reader := colleagueReader{zones: zones{}}
	return run(ctx, st, path, o, colleagueFields(), reader.read,
		func(i *store.Import, rows []store.ColleagueRow) ([]store.Verdict, error) {
			return i.Colleagues(ctx, rows, o.Now)
		})
}

// Absences imports absences of colleagues whom the store knows. The same days of a colleague twice are one absence.
func Absences(ctx context.Context, st *store.Store, path string, o Options) (Summary, error) {
	o = o.withNow()
	return run(ctx, st, path, o, absenceFields(), readAbsence,
		func(i *store.Import, rows []store.AbsenceRow) ([]store.Verdict, error) {
			return i.Absences(ctx, rows, o.Now)
		})
}

// run reads a file, hands batches of its rows to take, and keeps the books.
func run[R any](
	ctx context.Context, st *store.Store, path string, o Options, fields []field,
	read func(row) (R, []store.Problem, *store.Problem),
	take func(*store.Import, []R) ([]store.Verdict, error),
) (summary Summary, err error) {
	t, err := openTable(path, fields, o.Columns)
	if err != nil {
		return Summary{}, err
	}
	defer func() { err = errors.Join(err, t.close()) }()
	rejected := newRejectedFile(path, o.Rejected, t.header[t.notes:], t.notes > 0)
	if err := rejected.removeOld(); err != nil {
		return Summary{}, err
	}
	defer func() {
		err = errors.Join(err, rejected.close(err == nil))
		summary.RejectedFile = rejected.made()
	}()
	imp, err := st.StartImport(ctx)
	if err != nil {
		return Summary{}, err
	}
	defer func() { err = errors.Join(err, imp.Close(ctx)) }()

	b := batch[R]{table: t, rejected: rejected, summary: Summary{Ignored: t.ignored}}
	for {
		more, err := b.fill(read)
		if err != nil {
			return b.summary, fmt.Errorf("read %s: %w", path, err)
		}
		if err := b.settle(func(rows []R) ([]store.Verdict, error) { return take(imp, rows) }); err != nil {
			return b.summary, fmt.Errorf("import %s: %w", path, err)
		}
		if o.Progress != nil {
			o.Progress(t.done(), t.size)
		}
		if !more {
			return b.summary, nil
		}
	}
}

// batch is the rows at hand, in the order of the file.
type batch[R any] struct {
	table    *table
	rejected *rejectedFile
	summary  Summary
	pending  []pending[R]
}

type pending[R any] struct {
	row     row
	read    R // where verdict rejects nothing yet
	verdict store.Verdict
}

// fill reads the next rows; more is false at the end of the file.
func (b *batch[R]) fill(read func(row) (R, []store.Problem, *store.Problem)) (more bool, err error) {
	b.pending = b.pending[:0]
	for len(b.pending) < batchSize {
		r, err := b.table.next()
		if errors.Is(err, io.EOF) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		p := pending[R]{row: r}
		if p.verdict.Reject = r.problem; p.verdict.Reject == nil {
			p.read, p.verdict.Notes, p.verdict.Reject = read(r)
		}
		b.pending = append(b.pending, p)
	}
	return true, nil
}

// settle has the rows that could be read merged, and writes down what became of all of them.
func (b *batch[R]) settle(take func([]R) ([]store.Verdict, error)) error {
	var rows []R
	var at []int
	for n, p := range b.pending {
		if p.verdict.Reject == nil {
			rows, at = append(rows, p.read), append(at, n)
		}
	}
	if len(rows) > 0 {
		verdicts, err := take(rows)
		if err != nil {
			return err
		}
		for k, n := range at {
			v := &b.pending[n].verdict
			v.Stored, v.Reject, v.Notes = verdicts[k].Stored, verdicts[k].Reject, append(v.Notes, verdicts[k].Notes...)
		}
	}
	for _, p := range b.pending {
		if err := b.count(p); err != nil {
			return err
		}
	}
	return nil
}

func (b *batch[R]) count(p pending[R]) error {
	b.summary.Read++
	v := p.verdict
	if v.Reject != nil {
		b.summary.Rejected++
		return b.rejected.write(p.row, b.table.column(v.Reject.Field), v.Reject.Why)
	}
	if v.Stored {
		b.summary.Stored++
	} else {
		b.summary.Unchanged++
	}
	for _, note := range v.Notes {
		b.summary.Notes++
		if err := b.rejected.write(p.row, b.table.column(note.Field), note.Why+"; the rest of the row was taken"); err != nil {
			return err
		}
	}
	return nil
}

// field is something that a row can say.
type field struct {
	name     string
	columns  []string // what its column is called, the usual name first
	required bool
}

// CustomerFields are the fields of a customer, each with the names under which its column is found by itself.
func CustomerFields() map[string][]string { return fieldNames(customerFields()) }

// PurchaseFields are the fields of a purchase, likewise.
func PurchaseFields() map[string][]string { return fieldNames(purchaseFields()) }

// ThingFields are the fields of an agreement or an asset, beside the attributes that the profile catalogue adds.
func ThingFields(of customer.ThingKind) map[string][]string { return fieldNames(thingFields(of)) }

// ReadingFields are the fields of a reading, likewise.
func ReadingFields() map[string][]string { return fieldNames(readingFields()) }

// ComplaintFields are the fields of a complaint, likewise.
func ComplaintFields() map[string][]string { return fieldNames(complaintFields()) }

// ColleagueFields are the fields of a colleague, likewise.
func ColleagueFields() map[string][]string { return fieldNames(colleagueFields()) }

// AbsenceFields are the fields of an absence, likewise.
func AbsenceFields() map[string][]string { return fieldNames(absenceFields()) }

func fieldNames(fields []field) map[string][]string {
	names := make(map[string][]string, len(fields))
	for _, f := range fields {
		names[f.name] = slices.Clone(f.columns)
	}
	return names
}

func sortedNames(fields []field) string {
	return strings.Join(slices.Sorted(maps.Keys(fieldNames(fields))), ", ")
}
