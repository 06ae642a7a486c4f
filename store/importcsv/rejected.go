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
	again  bool // it is the imported file itself, which is replaced once all of it has been read
	file   *os.File
	path   string // where the file is in the end
	csv    *csv.Writer
}

// rejectedColumns stand before those of the file that was imported.
func rejectedColumns() []string { return []string{"line", "column", "reason"} }

const rejectedSuffix = ".rejected.csv"

// newRejectedFile is that of a file that is imported; again where that one is itself such a file, which has been mended.
func newRejectedFile(imported, wanted string, header []string, again bool) *rejectedFile {
	if wanted != "" {
		return &rejectedFile{paths: []string{wanted}, header: header}
	}
	beside := strings.TrimSuffix(imported, filepath.Ext(imported)) + rejectedSuffix
	if again = again && strings.HasSuffix(imported, rejectedSuffix); again {
		beside = imported
	}
	return &rejectedFile{paths: []string{beside, filepath.Base(beside)}, header: header, again: again}
}

// removeOld removes the file of an earlier import, which would be taken for this one's.
func (r *rejectedFile) removeOld() error {
	if r.again {
		return nil
	}
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
	record := []string{strconv.FormatInt(from.line, 10), column, reason}
	for _, cell := range from.cells[min(from.notes, len(from.cells)):] {
		record = append(record, shown(cell))
	}
	return r.csv.Write(record)
}

func (r *rejectedFile) create() (err error) {
	for _, path := range r.paths {
		r.path = path
		if r.again {
			path += ".new"
		}
		r.file, err = os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
		if err == nil {
			r.csv = csv.NewWriter(r.file)
			return r.csv.Write(append(rejectedColumns(), r.header...))
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
	return r.path
}

// close ends the file. It takes the place of the imported one only where all of that was read.
func (r *rejectedFile) close(whole bool) error {
	if r.file == nil {
		return nil
	}
	r.csv.Flush()
	err := errors.Join(r.csv.Error(), r.file.Close())
	switch {
	case !r.again:
		return err
	case err == nil && whole:
		return os.Rename(r.file.Name(), r.path)
	}
	return errors.Join(err, os.Remove(r.file.Name()))
}
