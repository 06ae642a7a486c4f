package importcsv

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"perennial/domain/colleague"
	"perennial/domain/customer"
	"perennial/store"
)

// colleagueFields are what a row can say of a colleague.
func colleagueFields() []field {
	return []field{
		{name: "id", columns: []string{"colleague", "colleague_id", "id"}, required: true},
		{name: "name", columns: []string{"name"}},
		{name: "slack", columns: []string{"slack"}},
		{name: "email", columns: []string{"email", "e-mail"}},
		{name: "language", columns: []string{"language"}},
		{name: "zone", columns: []string{"time_zone", "timezone", "zone"}},
		{name: "country", columns: []string{"country"}},
		{name: "channels", columns: []string{"channels"}},
		{name: "working_hours", columns: []string{"working_hours"}},
		{name: "deputy", columns: []string{"deputy"}},
	}
}

// absenceFields are what a row can say of an absence.
func absenceFields() []field {
	return []field{
		{name: "colleague", columns: []string{"colleague", "colleague_id"}, required: true},
		{name: "from", columns: []string{"from"}, required: true},
		{name: "to", columns: []string{"to"}, required: true},
	}
}

// colleagueReader reads rows of colleagues.
type colleagueReader struct{ zones zones }

// read reads one colleague. Addresses that can't be used are noted; anything else that can't be read rejects the row.
func (c colleagueReader) read(r row) (store.ColleagueRow, []store.Problem, *store.Problem) {
	out := store.ColleagueRow{Line: r.line, Name: r.get("name")}
	bad := r.read([]cell{
		{"id", func(s string) error { out.ID = s; return store.CheckID(s) }},
		{"language", func(s string) (err error) { out.Language, err = readLanguage(s); return err }},
		{"zone", func(s string) error { out.Zone = s; return c.zones.check(s) }},
		{"country", func(s string) (err error) { out.Country, err = readCountry(s); return err }},
		{"channels", func(s string) (err error) { out.Channels, err = readChannels(s, colleague.Channels); return err }},
		{"working_hours", func(s string) (err error) { out.Hours, err = readHours(s); return err }},
		{"deputy", func(s string) error { out.Deputy = s; return store.CheckID(s) }},
	}, "id")
	if bad != nil {
		return out, nil, bad
	}
	var notes []store.Problem
	out.Addresses = map[customer.Channel]string{}
	for _, channel := range colleague.Channels {
		text := r.get(string(channel))
		if text == "" {
			continue
		}
		address, err := readAddress(channel, text, "")
		if err != nil {
			notes = append(notes, store.Problem{Field: string(channel), Why: err.Error()})
			continue
		}
		out.Addresses[channel] = address
	}
	return out, notes, nil
}

// readHours reads working hours, which are written as contact windows are.
func readHours(text string) (string, error) {
	hours, err := readWindows(text)
	if err != nil {
		_, why, _ := strings.Cut(err.Error(), `": `)
		return "", errors.New(cmp.Or(why, "write days and hours, such as \"mon-fri 09:00-18:00\""))
	}
	return hours, nil
}

// readAbsence reads one absence; whatever can't be read rejects it.
func readAbsence(r row) (store.AbsenceRow, []store.Problem, *store.Problem) {
	out := store.AbsenceRow{Colleague: r.get("colleague")}
	if err := store.CheckID(out.Colleague); err != nil {
		return out, nil, &store.Problem{Field: "colleague", Why: err.Error()}
	}
	for _, cell := range []struct {
		field string
		into  *time.Time
	}{{"from", &out.From}, {"to", &out.To}} {
		var err error
		if *cell.into, err = time.Parse(time.DateOnly, r.get(cell.field)); err != nil {
			return out, nil, &store.Problem{Field: cell.field, Why: "this is no date; write it as 2026-12-24"}
		}
	}
	if out.To.Before(out.From) {
		return out, nil, &store.Problem{Field: "to", Why: fmt.Sprintf("it lies before %s; write the last day of the absence", out.From.Format(time.DateOnly))}
	}
	return out, nil, nil
}
