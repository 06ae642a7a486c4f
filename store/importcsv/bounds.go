package importcsv

import (
	"errors"
	"fmt"
	"io"
	"regexp"
)

// The limits of a file. They are far above what systems export and far below what hurts; how many rows it has is free.
const (
	maxRow     = 1 << 20 // bytes
	maxCell    = 10_000  // bytes
	maxColumns = 1_000
)

// errLongRow is a row that does not end.
var errLongRow = fmt.Errorf("the row is longer than %d MB; is a quote opened in it and never closed?", maxRow>>20)

// bounded gives no more of a file than one row may have, so that a quote that is never closed does not take all of it into memory.
type bounded struct {
	file io.Reader
	left int
}

// refill lets the next row be read. What was read ahead counts as part of it.
func (b *bounded) refill() { b.left = maxRow }

// Read implements io.Reader.
func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errLongRow
	}
	n, err := b.file.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

// atLine says where a row does not end.
func atLine(line int, err error) error {
	if errors.Is(err, errLongRow) {
		return fmt.Errorf("line %d: %w", line, errLongRow)
	}
	return err
}

// What a spreadsheet would run rather than show, and what only looks like it: a number, such as that of a phone.
var (
	formula   = regexp.MustCompile(`^'*[=+\-@\t\r]`)
	plainSign = regexp.MustCompile(`^[+-]?[0-9 ().-]+$`)
)

// shown writes a cell so that no spreadsheet runs it: a file of customers may say what a customer wrote. [meant] takes that back.
func shown(cell string) string {
	if formula.MatchString(cell) && !plainSign.MatchString(cell) {
		return "'" + cell
	}
	return cell
}

// meant is what a cell said that was written by shown.
func meant(cell string) string {
	if cell != "" && cell[0] == '\'' && formula.MatchString(cell) {
		return cell[1:]
	}
	return cell
}
