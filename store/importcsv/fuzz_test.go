package importcsv

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"perennial/domain/customer"
	"perennial/domain/segment"
	"perennial/store"
)

// reader reads a row of one kind of file, and says what is wrong with it.
type reader func(row) (notes []store.Problem, reject *store.Problem)

func reads[R any](read func(row) (R, []store.Problem, *store.Problem)) reader {
	return func(r row) ([]store.Problem, *store.Problem) {
		_, notes, reject := read(r)
		return notes, reject
	}
}

// kind is one kind of file.
type kind struct {
	fields []field
	read   reader
}

func kinds() []kind {
	now := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	return []kind{
		{customerFields(), reads(customerReader{options: Options{Region: "US", Now: now}, zones: zones{}}.read)},
		{purchaseFields(), reads(readPurchase)},
		{colleagueFields(), reads(colleagueReader{zones: zones{}}.read)},
		{absenceFields(), reads(readAbsence)},
		{complaintFields(), reads(complaintReader{now: now}.read)},
		{readingFields(), reads(readingReader{now: now, known: []segment.Attribute{{Name: "mileage", Type: segment.Int}}}.read)},
		{thingFields(customer.Agreement), reads(thingReader{of: customer.Agreement}.read)},
	}
}

// FuzzCSV reads anything as each kind of file: it ends, no reason quotes a cell, and a row that is rejected is written so that it is read the same.
func FuzzCSV(f *testing.F) {
	for _, seed := range []string{
		"customer,name,phone,email,language,time_zone,country,channels,contact_windows,consents,owner,star\nc-1,Ada Fairley,+12015550101,ada@example.org,en,Europe/London,GB,sms>email,sat 9:00-12:00,service care,rep-01,4\n",
		"\xef\xbb\xbfcustomer;purchased_on;amount;currency\r\nc-1;2026-05-01;29,90;EUR\r\n\"c-2\r\n",
		"customer\tat\tamount\nc-1\t2026-05-04T10:00:00+02:00\t\"1\n2\"\n",
		"line,column,reason,customer,opened_on\n2,opened_on,this is no date,k-1,2026-13-01\n",
		"colleague,from,until\nrep-01,2026-05-04,2026-05-01\n",
		"\xff\xfec\x00u\x00", "a,a\n\n,\n", "\"", "customer,CUSTOMER\nx,y\n", "customer\n\x00\n\xff\n",
		"customer,name\nc-1,Ada Fairley,=1+2\n", // a cell too many
	} {
		for n := range kinds() {
			f.Add(seed, uint8(n))
		}
	}
	all, folder := kinds(), f.TempDir()
	f.Fuzz(func(t *testing.T, text string, n uint8) {
		kind := all[int(n)%len(all)]
		path := filepath.Join(folder, "file.csv")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		table, err := openTable(path, kind.fields, nil)
		if err != nil {
			return
		}
		again := filepath.Join(folder, "file"+rejectedSuffix)
		rejected := newRejectedFile(path, again, table.header[table.notes:], false)
		refused := refuse(t, table, kind.read, rejected)
		if err := errors.Join(table.close(), rejected.close(true)); err != nil {
			t.Fatal(err)
		}
		if len(refused) > 0 {
			sameRows(t, again, kind.fields, refused)
		}
	})
}

// refuse reads a table, writes down the rows that are not taken, and returns them.
func refuse(t *testing.T, table *table, read reader, rejected *rejectedFile) (refused [][]string) {
	t.Helper()
	for rows := int64(0); ; rows++ {
		r, err := table.next()
		if errors.Is(err, io.EOF) {
			return refused
		}
		if err != nil || rows > table.size {
			t.Fatalf("row %d of %d bytes: %v", rows, table.size, err)
		}
		problem := r.problem
		if problem == nil {
			_, problem = read(r)
		}
		if problem == nil {
			continue
		}
		if !utf8.ValidString(problem.Why) || problem.Why == "" {
			t.Errorf("the reason is %q", problem.Why)
		}
		if len(r.cells) > 0 {
			refused = append(refused, r.cells[min(r.notes, len(r.cells)):])
		}
		if err := rejected.write(r, table.column(problem.Field), problem.Why); err != nil {
			t.Fatal(err)
		}
	}
}

// sameRows checks that a rejected file has these rows.
func sameRows(t *testing.T, path string, fields []field, rows [][]string) {
	t.Helper()
	table, err := openTable(path, fields, nil)
	if err != nil {
		t.Fatalf("what was written can't be opened: %v", err)
	}
	defer func() { _ = table.close() }()
	for {
		r, err := table.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil || r.cells == nil {
			t.Fatalf("what was written can't be read: %+v, %v", r.problem, err)
		}
		got := r.cells[len(rejectedColumns()):]
		if len(got) == 0 {
			continue // a line that is no CSV has no cells
		}
		if len(rows) == 0 || !slices.Equal(unbroken(got), unbroken(rows[0])) {
			t.Fatalf("a row was written that is read as %q, left are %q", got, rows)
		}
		rows = rows[1:]
	}
	if len(rows) > 0 {
		t.Fatalf("%q were not written", rows)
	}
}

// unbroken writes line breaks in one way: a reader of CSV takes \r\n for \n.
func unbroken(cells []string) []string {
	same := make([]string, len(cells))
	for i, c := range cells {
		same[i] = strings.NewReplacer("\r", "", "\n", "").Replace(c)
	}
	return same
}

var e164 = regexp.MustCompile(`^\+[1-9]\d{6,14}$`)

// FuzzPhones reads anything as a phone number: what is read is E.164, and is read the same wherever one is.
func FuzzPhones(f *testing.F) {
	for _, seed := range [][2]string{
		{"+44 7700 900123", "GB"}, {"(201) 555-0123", "US"}, {"139 1234 5678", "CN"}, {"0171-1234567 ext. 5", "DE"}, {"tel:+1-201-555-0123;phone-context=example.com", ""},
		{"１３９１２３４５６７８", "CN"}, {"+", "ZZ"}, {"00442079460123", "FR"}, {"1-800-FLOWERS", "US"}, {"\x00", "\xff"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, written, region string) {
		number, err := phone(written, region)
		if err != nil {
			if len(err.Error()) > 100 {
				t.Errorf("the reason is %q", err)
			}
			return
		}
		if !e164.MatchString(number) {
			t.Errorf("%q in %q is read as %q", written, region, number)
		}
		for _, elsewhere := range []string{region, "US", "CN", ""} {
			if again, err := phone(number, elsewhere); err != nil || again != number {
				t.Errorf("%q in %q is read as %s, and that in %q as %q, %v", written, region, number, elsewhere, again, err)
			}
		}
	})
}
