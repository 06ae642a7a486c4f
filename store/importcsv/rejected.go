package importcsv

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// rejectedFile is where rows go that were not taken, or not whole: line, column and reason, then the row as it was, so that it can be
// mended and imported again. Only its owner can read it, since it holds addresses.
type rejectedFile struct {
	paths  []string // where it may be, the best place first
	header []string
	file   *os.File
	csv    *csv.Writer
}

func newRejectedFile(imported, wanted string, header []string) *rejectedFile {
	if wanted != "" {
		return &rejectedFile{paths: []string{wanted}, header: header}
	}
	beside := strings.TrimSuffix(imported, filepath.Ext(imported)) + ".rejected.csv"
	return &rejectedFile{paths: []string{beside, filepath.Base(beside)}, header: header}
}

// removeOld removes the file of an earlier import, which would be taken for this one's.
func (r *rejectedFile) removeOld() error {
	for _, path := range r.paths {
		err := os.Remove(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) && !unwritable(err) {
			return fmt.Errorf("remove the rejected rows of an earlier import: %w", err)
		}
	}
	return nil
}

func (r *rejectedFile) write(from row, column, reason string) error {
	if r.file == nil {
		if err := r.create(); err != nil {
			return fmt.Errorf("write down rejected rows: %w", err)
		}
	}
	record := append([]string{strconv.FormatInt(from.line, 10), column, reason}, from.cells...)
	return r.csv.Write(record)
}

func (r *rejectedFile) create() (err error) {
	for _, path := range r.paths {
		r.file, err = os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
		if err == nil {
			r.csv = csv.NewWriter(r.file)
			return r.csv.Write(append([]string{"line", "column", "reason"}, r.header...))
		}
		if !unwritable(err) {
			return err
		}
	}
	return err
}

// made is the path of the file, empty where nothing was rejected.
func (r *rejectedFile) made() string {
	if r.file == nil {
		return ""
	}
	return r.file.Name()
}

func (r *rejectedFile) close() error {
	if r.file == nil {
		return nil
	}
	r.csv.Flush()
	return errors.Join(r.csv.Error(), r.file.Close())
}
