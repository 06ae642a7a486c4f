package importcsv_test

import (
	"encoding/csv"
	"os"
	"strings"
	"testing"

	"perennial/store/importcsv"
)

func TestAFileThatWouldFillTheMemoryIsRefused(t *testing.T) {
	t.Parallel()
	s := open(t)
	for name, test := range map[string]struct{ text, want string }{
		"a quote that is never closed": {"id,time_zone,name\nc-1,UTC,A\nc-2,UTC,\"A\n" + strings.Repeat("c-3,UTC,B\n", 200_000), "line 3: the row is longer than 1 MB; is a quote opened in it and never closed?"},
		"a line without an end":        {"id,time_zone\n" + strings.Repeat("x", 3<<20), "line 2: the row is longer than 1 MB"},
		"a header without an end":      {strings.Repeat("id,", 1<<20), "line 1: the row is longer than 1 MB"},
		"a thousand columns and one":   {"id,time_zone" + strings.Repeat(",x", 999) + "\n", "names 1001 columns, and at most 1000 are read"},
		"nothing but NULs":             {strings.Repeat("\x00", 3<<20), "the row is longer than 1 MB"},
	} {
		_, err := importcsv.Customers(t.Context(), s, file(t, "bomb.csv", test.text), importcsv.Options{Now: noon()})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %.300v, want %s", name, err, test.want)
		}
	}
}

func TestACellThatIsTooLongIsRejectedAlone(t *testing.T) {
	t.Parallel()
	s := open(t)
	summary := customers(t, s, file(t, "long.csv", "id,time_zone,name\nc-1,UTC,"+strings.Repeat("x", 10_001)+"\nc-2,UTC,B\n"), importcsv.Options{})
	if got := rejected(t, summary); summary.Stored != 1 || !strings.Contains(got["2"]+got["2 name"], "longer than 10000 bytes") {
		t.Errorf("%s: %v", books(summary), got)
	}
}

// What is rejected goes to people, who open it with a spreadsheet; and comes back as it was.
func TestNoSpreadsheetRunsWhatWasRejected(t *testing.T) {
	t.Parallel()
	s := open(t)
	evil := []string{`=HYPERLINK("https://elsewhere.example","x")`, "+cmd|' /C calc'!A0", "@SUM(1)", "-1+cmd", "'=1", "\t=1", "Ada", "+12015550101", "'tis", "-5"}
	var text strings.Builder
	w := csv.NewWriter(&text)
	if err := w.Write([]string{"id", "time_zone", "name"}); err != nil {
		t.Fatal(err)
	}
	for _, name := range evil {
		if err := w.Write([]string{"c 1", "UTC", name}); err != nil { // an id that is refused
			t.Fatal(err)
		}
	}
	w.Flush()
	again := file(t, "evil.csv", text.String())
	for round := range 2 { // what was rejected is rejected again, the same
		summary := customers(t, s, again, importcsv.Options{})
		if summary.Rejected != int64(len(evil)) {
			t.Fatal(books(summary))
		}
		again = summary.RejectedFile
		source, err := os.ReadFile(again)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(strings.NewReader(string(source))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []string{`'` + evil[0], `'` + evil[1], `'` + evil[2], `'` + evil[3], `'` + evil[4], `'` + evil[5], evil[6], evil[7], evil[8], evil[9]} {
			if got := rows[i+1][len(rows[i+1])-1]; got != want {
				t.Errorf("round %d: got %q, want %q", round, got, want)
			}
		}
	}
}
