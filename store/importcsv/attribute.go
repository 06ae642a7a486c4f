package importcsv

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"perennial/domain/segment"
	"perennial/store"
)

// attributes are those of the profile catalogue that a file may have, each in a column of its name.
type attributes []segment.Attribute

// beside are the attributes that no field of the file stands for already.
func (a attributes) beside(fields []field) attributes {
	taken := func(name string) bool {
		return slices.ContainsFunc(fields, func(f field) bool { return f.name == name || slices.Contains(f.columns, name) })
	}
	return slices.DeleteFunc(slices.Clone(a), func(known segment.Attribute) bool { return taken(known.Name) })
}

func (a attributes) fields() []field {
	fields := make([]field, len(a))
	for n, known := range a {
		fields[n] = field{name: known.Name, columns: []string{known.Name}}
	}
	return fields
}

// history names those whose former values are kept.
func (a attributes) history() []string {
	var names []string
	for _, known := range a {
		if known.History {
			names = append(names, known.Name)
		}
	}
	return names
}

// read reads a row's attributes into values. Those that are not of their type are noted.
func (a attributes) read(r row, values map[string]any) (notes []store.Problem) {
	for _, known := range a {
		text := r.get(known.Name)
		if text == "" {
			continue
		}
		value, err := valueOf(known.Type, text)
		if err != nil {
			notes = append(notes, store.Problem{Field: known.Name, Why: err.Error()})
			continue
		}
		values[known.Name] = value
	}
	return notes
}

var wholeNumber = regexp.MustCompile(`^-?[0-9]{1,15}$`)

// valueOf reads a cell as a value of a type, as JSON writes it.
func valueOf(t segment.Type, text string) (any, error) {
	if element, isList := t.Element(); isList {
		return listOf(element, text)
	}
	switch t {
	case segment.Int:
		if !wholeNumber.MatchString(text) {
			return nil, errors.New("this is no whole number; write it as 1250")
		}
		return strconv.ParseInt(text, 10, 64)
	case segment.Double:
		if !number.MatchString(text) {
			return nil, errors.New("this is no number; write it as 1250.50")
		}
		return strconv.ParseFloat(text, 64)
	case segment.Bool:
		switch strings.ToLower(text) {
		case "true", "yes":
			return true, nil
		case "false", "no":
			return false, nil
		}
		return nil, errors.New("write yes or no")
	case segment.Date:
		at, err := readInstant(text)
		return at.String(), err
	}
	return text, nil
}

// listOf reads values that are separated by semicolons.
func listOf(element segment.Type, text string) (any, error) {
	var values []any
	for part := range strings.SplitSeq(text, ";") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		value, err := valueOf(element, part)
		if err != nil {
			return nil, errors.New("one of these does not fit: " + err.Error())
		}
		values = append(values, value)
	}
	if values == nil {
		return nil, errors.New("write values with semicolons between them")
	}
	return values, nil
}

// checkDay wants a date without a time.
func checkDay(text string) error {
	if _, err := time.Parse(time.DateOnly, text); err != nil {
		return errors.New("this is no date; write it as 2026-05-04")
	}
	return nil
}
