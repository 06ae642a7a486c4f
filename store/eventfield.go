package store

import (
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"time"

	"perennial/domain/customer"
)

// dataReader reads the fields of an event's data, and keeps the first thing that is wrong with them.
type dataReader struct {
	fields map[string]json.RawMessage
	field  string // what is wrong, "" while nothing is
	want   string
}

// need reads a field that must be there.
func (r *dataReader) need(name, want string, into any) {
	if _, there := r.fields[name]; !there && r.field == "" {
		r.field, r.want = name, want
	}
	r.may(name, want, into)
}

// may reads a field if it is there.
func (r *dataReader) may(name, want string, into any) {
	raw, there := r.fields[name]
	if !there || r.field != "" {
		return
	}
	if string(raw) == "null" || json.Unmarshal(raw, into) != nil {
		r.field, r.want = name, want
	}
}

// What JSON values may be, beyond what their type says. Each is read into the string that it is a form of.
type (
	name     string // not empty
	text     string // a string, or a number taken as it is written: some shops number their orders
	decimal  string // a number that a sum can take: no exponent, no endless digits
	currency string // ISO 4217, or empty

	fewLetters  string // a word or two: no address and no sentence fits in
	channelName string // a channel

	thingRef string // the id of a thing: it becomes the key of enrollments
	reading  string // the name of an attribute that is read
	day      string // "2026-05-04"
)

var (
	errUnfit     = errors.New("unfit")
	decimalForm  = regexp.MustCompile(`^-?[0-9]{1,20}(\.[0-9]{1,20})?$`)
	currencyForm = regexp.MustCompile(`^([A-Z]{3})?$`)
	lettersForm  = regexp.MustCompile(`^[\p{L}\p{M}][\p{L}\p{M} -]{0,39}$`)
)

func (n *name) UnmarshalJSON(raw []byte) error {
	err := json.Unmarshal(raw, (*string)(n))
	if err == nil && *n == "" {
		return errUnfit
	}
	return err
}

func (t *text) UnmarshalJSON(raw []byte) error {
	if json.Unmarshal(raw, (*string)(t)) == nil {
		return nil
	}
	var number json.Number
	err := json.Unmarshal(raw, &number)
	*t = text(number)
	return err
}

func (d *decimal) UnmarshalJSON(raw []byte) error {
	var number json.Number
	if err := json.Unmarshal(raw, &number); err != nil {
		return err
	}
	if len(number) > 22 || !decimalForm.MatchString(number.String()) {
		return errUnfit
	}
	*d = decimal(number)
	return nil
}

func (c *currency) UnmarshalJSON(raw []byte) error {
	err := json.Unmarshal(raw, (*string)(c))
	if err == nil && !currencyForm.MatchString(string(*c)) {
		return errUnfit
	}
	return err
}

func (f *fewLetters) UnmarshalJSON(raw []byte) error {
	err := json.Unmarshal(raw, (*string)(f))
	if err == nil && !lettersForm.MatchString(string(*f)) {
		return errUnfit
	}
	return err
}

func (i *thingRef) UnmarshalJSON(raw []byte) error {
	if err := json.Unmarshal(raw, (*text)(i)); err != nil {
		return err
	}
	return CheckID(string(*i))
}

func (n *reading) UnmarshalJSON(raw []byte) error {
	if err := json.Unmarshal(raw, (*string)(n)); err != nil {
		return err
	}
	return CheckReading(string(*n))
}

func (c *channelName) UnmarshalJSON(raw []byte) error {
	err := json.Unmarshal(raw, (*string)(c))
	if err == nil && !slices.Contains(customer.Channels, customer.Channel(*c)) {
		return errUnfit
	}
	return err
}

func (d *day) UnmarshalJSON(raw []byte) error {
	if err := json.Unmarshal(raw, (*string)(d)); err != nil {
		return err
	}
	_, err := time.Parse(time.DateOnly, string(*d))
	return err
}
