package importcsv

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"

	"perennial/store"
)

// cell is a field and what reads it.
type cell struct {
	field string
	read  func(text string) error
}

// read reads cells in their order. The first that can't be read rejects the row; one that is empty says nothing, unless it is needed.
func (r row) read(cells []cell, needed ...string) *store.Problem {
	for _, c := range cells {
		text := r.get(c.field)
		if text == "" && !slices.Contains(needed, c.field) {
			continue
		}
		if text == "" {
			return &store.Problem{Field: c.field, Why: "it is empty"}
		}
		if err := c.read(text); err != nil {
			return &store.Problem{Field: c.field, Why: err.Error()}
		}
	}
	return nil
}

// readInstant reads a date, or a date and time with its offset from UTC.
func readInstant(text string) (store.When, error) {
	if at, err := time.Parse(time.DateOnly, text); err == nil {
		return store.When{At: at, DateOnly: true}, nil
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return store.When{At: at}, nil
	}
	return store.When{}, errors.New("this is no date; write it as 1997-01-18, or with a time as 1997-01-18T14:30:00+01:00")
}

// ahead is how long a day may have begun somewhere on earth before it does in UTC.
const ahead = 14 * time.Hour

// readPast reads an instant, or a date, that has come.
func readPast(text string, now time.Time) (store.When, error) {
	when, err := readInstant(text)
	if err != nil {
		return when, err
	}
	if when.DateOnly {
		now = now.Add(ahead)
	}
	if when.At.After(now) {
		return when, errors.New("this date has not come yet")
	}
	return when, nil
}

// hashOf is what rows are known by that have no id of their own. It must never change.
func hashOf(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x1f")))
	return hex.EncodeToString(sum[:16])
}
