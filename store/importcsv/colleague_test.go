package importcsv_test

import (
	"maps"
	"testing"

	"perennial/store"
	"perennial/store/importcsv"
)

func colleagues(t *testing.T, s *store.Store, path string, o importcsv.Options) importcsv.Summary {
	t.Helper()
	o.Now = noon()
	summary, err := importcsv.Colleagues(t.Context(), s, path, o)
	if err != nil {
		t.Fatal(err)
	}
	return summary
}

func absences(t *testing.T, s *store.Store, path string, o importcsv.Options) importcsv.Summary {
	t.Helper()
	o.Now = noon()
	summary, err := importcsv.Absences(t.Context(), s, path, o)
	if err != nil {
		t.Fatal(err)
	}
	return summary
}

func TestColleaguesThatCantBeReadSayWhy(t *testing.T) {
	t.Parallel()
	s := open(t)
	path := file(t, "staff.csv", `nr,name,slack,email,zone,channels,working_hours,deputy
rep-1,Robin,U012AB3CD,rep1@example.com,Europe/London,email > slack,mon-fri 08:00-16:00,rep-2
rep-2,Sam,sam,rep2@example.com,Europe/London,,,
rep-3,,,,Europe/London,sms>email,,
rep-4,,,,Europe/London,,9-18,
rep-5,,,,Europe/Nowhere,,,
rep-6,,,,Europe/London,,,rep 1
rep@example.com,,,,Europe/London,,,
`)
	summary := colleagues(t, s, path, importcsv.Options{Columns: map[string]string{"id": "nr"}})
	if got := books(summary); got != "7 2 0 5 1" {
		t.Errorf("the books: %s", got)
	}
	want := map[string]string{
		"3 slack":         "this is no Slack user id, such as U012AB3CD; the rest of the row was taken",
		"4 channels":      "one of these is no channel here; write an order such as slack>email of slack, email",
		"5 working_hours": `write days and hours, such as "mon-fri 18:30-20:30"`,
		"6 zone":          "this is no time zone; write an IANA name such as Europe/Paris",
		"7 deputy":        "the id has spaces or unprintable characters in it",
		"8 nr":            "the id looks like an e-mail address; use an opaque one such as c-1042",
	}
	if got := rejected(t, summary); !maps.Equal(got, want) {
		t.Errorf("rejected: %q", got)
	}
	if got := books(colleagues(t, s, path, importcsv.Options{Columns: map[string]string{"id": "nr"}})); got != "7 0 2 5 1" {
		t.Errorf("the second time: %s", got)
	}
}

func TestAbsencesThatCantBeReadSayWhy(t *testing.T) {
	t.Parallel()
	s := open(t)
	colleagues(t, s, file(t, "staff.csv", "colleague,time_zone\nrep-1,Europe/London\n"), importcsv.Options{})
	path := file(t, "away.csv", `colleague,first,to
rep-1,2026-12-24,2026-12-31
rep-1,2026-12-24,2026-12-31
rep-1,2026-12-24,2026-12-23
rep-1,24.12.2026,2026-12-31
rep-1,2026-12-24,
rep-9,2026-12-24,2026-12-31
`)
	summary := absences(t, s, path, importcsv.Options{Columns: map[string]string{"from": "first"}})
	if got := books(summary); got != "6 1 1 4 0" {
		t.Errorf("the books: %s", got)
	}
	want := map[string]string{
		"4 to":        "it lies before 2026-12-24; write the last day of the absence",
		"5 first":     "this is no date; write it as 2026-12-24",
		"6 to":        "this is no date; write it as 2026-12-24",
		"7 colleague": "there is no such colleague; import colleagues first",
	}
	if got := rejected(t, summary); !maps.Equal(got, want) {
		t.Errorf("rejected: %q", got)
	}
	if got := books(absences(t, s, path, importcsv.Options{Columns: map[string]string{"from": "first"}})); got != "6 0 2 4 0" {
		t.Errorf("the second time: %s", got)
	}
}
