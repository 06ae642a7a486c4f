package importcsv

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"perennial/store"
)

// table is a CSV file with a header, read row by row.
type table struct {
	file    *os.File
	bounded *bounded // the file, a row at a time
	csv     *csv.Reader
	line    int // where the row before began
	size    int64
	header  []string
	notes   int // how many columns at the beginning are those that [rejectedFile] adds: 0 or 3
	ignored []string
	at      map[string]int // field to index of its column
}

// row is one row of a table.
type row struct {
	line    int64
	cells   []string
	notes   int
	at      map[string]int
	problem *store.Problem // why it can't be read at all; nil where it can
}

// get returns the cell of a field, without the spaces around it; empty where the file has no such column.
func (r row) get(field string) string {
	n, ok := r.at[field]
	if !ok {
		return ""
	}
	return strings.TrimSpace(r.cells[n])
}

// openTable opens a file and finds the column of each field: the one named in columns, or else one that is called as usual. Upper and lower
// case are the same.
func openTable(path string, fields []field, columns map[string]string) (*table, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	t := &table{file: file, at: map[string]int{}}
	if err := t.begin(fields, columns); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), file.Close())
	}
	return t, nil
}

func (t *table) begin(fields []field, columns map[string]string) error {
	info, err := t.file.Stat()
	if err != nil {
		return err
	}
	t.size = info.Size()
	t.bounded = &bounded{file: t.file}
	t.bounded.refill()
	text, err := afterByteOrderMark(t.bounded)
	if err != nil {
		return err
	}
	t.csv = csv.NewReader(text)
	if t.csv.Comma, err = separator(text); err != nil {
		return err
	}
	t.csv.FieldsPerRecord = -1 // each row is judged on its own
	t.header, err = t.csv.Read()
	if errors.Is(err, io.EOF) {
		return errors.New("the file is empty; its first line must name the columns")
	}
	if err != nil {
		return fmt.Errorf("read the names of the columns: %w", atLine(1, err))
	}
	t.line, _ = t.csv.FieldPos(len(t.header) - 1)
	if len(t.header) > maxColumns {
		return fmt.Errorf("the first line names %d columns, and at most %d are read; is it the right file?", len(t.header), maxColumns)
	}
	for n, name := range t.header {
		if !utf8.ValidString(name) {
			return errors.New("the names of the columns are not UTF-8; save the file as UTF-8")
		}
		t.header[n] = strings.TrimSpace(name)
	}
	if ours := rejectedColumns(); len(t.header) > len(ours) && slices.Equal(t.header[:len(ours)], ours) {
		t.notes = len(ours)
	}
	return t.findColumns(fields, columns)
}

// afterByteOrderMark leaves out the mark that some programs begin UTF-8 with.
func afterByteOrderMark(file io.Reader) (*bufio.Reader, error) {
	text := bufio.NewReaderSize(file, 1<<16)
	start, err := text.Peek(3)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if bytes.HasPrefix(start, []byte{0xFF, 0xFE}) || bytes.HasPrefix(start, []byte{0xFE, 0xFF}) {
		return nil, errors.New("the file is UTF-16; save it as UTF-8")
	}
	if bytes.Equal(start, []byte{0xEF, 0xBB, 0xBF}) {
		if _, err := text.Discard(3); err != nil {
			return nil, err
		}
	}
	return text, nil
}

// separator is what stands between the cells: a comma, or where the first line has none, the semicolon or tab that spreadsheets write in many
// countries.
func separator(text *bufio.Reader) (rune, error) {
	start, err := text.Peek(text.Size())
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	first, _, _ := bytes.Cut(start, []byte("\n"))
	for _, separator := range ",;\t" {
		if bytes.ContainsRune(first, separator) {
			return separator, nil
		}
	}
	return ',', nil
}

func (t *table) findColumns(fields []field, columns map[string]string) error {
	for name := range columns {
		if !slices.ContainsFunc(fields, func(f field) bool { return f.name == name }) {
			return fmt.Errorf("there is no field %q; the fields are %s", name, sortedNames(fields))
		}
	}
	for _, f := range fields {
		wanted, named := columns[f.name]
		names := f.columns
		if named {
			names = []string{wanted}
		}
		found := t.indexes(names)
		switch {
		case len(found) > 1 && (named || sameName(t.header, found)):
			return fmt.Errorf("the file has the column %q twice", t.header[found[0]])
		case len(found) > 0:
			t.at[f.name] = found[0]
		case named || f.required:
			return fmt.Errorf("no column %q for %s; the columns are %s", names[0], f.name, strings.Join(t.header, ", "))
		}
	}
	for n, name := range t.header {
		used := n < t.notes
		for _, at := range t.at {
			used = used || at == n
		}
		if !used {
			t.ignored = append(t.ignored, name)
		}
	}
	return nil
}

// indexes are the columns that have one of these names, those of the first name first.
func (t *table) indexes(names []string) (found []int) {
	for _, name := range names {
		for n, column := range t.header {
			if n >= t.notes && strings.EqualFold(column, name) {
				found = append(found, n)
			}
		}
	}
	return found
}

func sameName(header []string, found []int) bool {
	return strings.EqualFold(header[found[0]], header[found[1]])
}

// next reads the next row; io.EOF after the last. A row that is not as CSV wants it has a problem; blank lines are no rows.
func (t *table) next() (row, error) {
	t.bounded.refill()
	cells, err := t.csv.Read()
	if broken, ok := errors.AsType[*csv.ParseError](err); ok {
		return row{
			line:    int64(broken.StartLine),
			problem: &store.Problem{Why: "the line is not CSV: " + broken.Err.Error()},
		}, nil
	}
	if err != nil {
		return row{}, atLine(t.line+1, err)
	}
	line, _ := t.csv.FieldPos(0)
	t.line, _ = t.csv.FieldPos(len(cells) - 1)
	if t.notes > 0 {
		for n := range cells {
			cells[n] = meant(cells[n])
		}
	}
	r := row{line: int64(line), cells: cells, notes: t.notes, at: t.at}
	if len(cells) != len(t.header) {
		r.problem = &store.Problem{Why: fmt.Sprintf("the row has %d cells, the header %d", len(cells), len(t.header))}
		return r, nil
	}
	for field, n := range t.at {
		if len(cells[n]) > maxCell {
			r.problem = &store.Problem{Field: field, Why: fmt.Sprintf("the cell is longer than %d bytes", maxCell)}
		}
		if !utf8.ValidString(cells[n]) || strings.ContainsRune(cells[n], 0) {
			r.problem = &store.Problem{Field: field, Why: "the cell is not UTF-8 text"}
		}
	}
	return r, nil
}

// column is what the file calls a field.
func (t *table) column(field string) string {
	if n, ok := t.at[field]; ok {
		return t.header[n]
	}
	return field
}

// done is how many bytes have been read.
func (t *table) done() int64 { return min(t.csv.InputOffset(), t.size) }

func (t *table) close() error { return t.file.Close() }
