package main

import (
	"slices"
	"strings"
	"testing"

	"perennial/store/importcsv"
)

const colleaguesCSV = `colleague,name,email,slack,language,time_zone,country,channels,working_hours,deputy
rep-01,Robin Oakley,rep01@example.com,U01REP,en,Europe/London,GB,email>slack,mon-thu 08:00-16:00,rep-02
rep-02,Sam Lorimer,rep02@example.com,,zh-CN,Asia/Shanghai,CN,,,
`

func TestColleaguesAreImportedListedAndShown(t *testing.T) {
	t.Parallel()
	b := newBusiness(t)
	says(t, b.does("colleagues", "list"), "There are no colleagues", "starter import colleagues FILE")
	path := b.file("colleagues.csv", colleaguesCSV)
	says(t, b.does("import", "colleagues", path), "stored             2")
	says(t, b.does("import", "colleagues", path), "unchanged          2")
	says(t, b.does("colleagues", "list"), "rep-01", "Robin Oakley", "mon-thu 08:00-16:00", "rep-02", "mon-fri 09:00-18:00", "2 colleagues")
	says(t, b.does("colleagues", "show", "rep-01"), "e-mail, then Slack", "rep01@example.com", "U01REP", "Europe/London", "deputy")
	b.refuses("there is no such colleague", "colleagues", "show", "rep-09")

	var summary importcsv.Summary
	b.reads(&summary, "import", "absences", b.file("absences.csv", "colleague,from,to\nrep-02,2199-12-24,2199-12-31\nrep-02,2199-12-24,2199-12-31\nrep-09,2199-12-24,2199-12-31\nrep-01,2199-12-24,2199-12-23\n"))
	if summary.Stored != 1 || summary.Unchanged != 1 || summary.Rejected != 2 {
		t.Errorf("absences: %+v", summary)
	}
	var shown shownColleague
	if b.reads(&shown, "colleagues", "show", "rep-02"); !slices.Equal(shown.Absences, []shownAbsence{{"2199-12-24", "2199-12-31"}}) || shown.Absent || shown.Hours != "mon-fri 09:00-18:00" {
		t.Errorf("shown: %+v", shown)
	}
}

func TestSomebodyIsAwayAndBackAgain(t *testing.T) {
	t.Parallel()
	b := newBusiness(t)
	b.does("import", "colleagues", b.file("colleagues.csv", colleaguesCSV))
	away := []string{"colleagues", "away", "rep-01", "--from", "2000-01-01", "--to", "2199-12-31"}
	for range 2 {
		says(t, b.does(away...), "away now", "2000-01-01 to 2199-12-31")
	}
	var all []shownColleague
	if b.reads(&all, "colleagues", "list"); len(all) != 2 || !all[0].Absent || all[1].Absent || len(all[0].Absences) != 1 {
		t.Errorf("listed: %+v", all)
	}
	silent(t, b.does(append(away, "--cancel")...), "away")
	b.refuses("has no absence of just these days", append(away, "--cancel")...)
	b.refuses("there is no such colleague", "colleagues", "away", "rep-09", "--from", "2199-01-01")
	b.refuses(`--from "" is no day`, "colleagues", "away", "rep-01")
	b.refuses("--to 2199-01-01 lies before --from 2199-01-02", "colleagues", "away", "rep-01", "--from", "2199-01-02", "--to", "2199-01-01")
}

func TestOwnersWhoAreNotKnownAreSaidAtImportAndByDoctor(t *testing.T) {
	t.Parallel()
	b := newBusiness(t)
	path := b.file("customers.csv", "customer,time_zone,owner\nc-1,Europe/London,rep-01\nc-2,Europe/London,rep-01\n")
	said := "1 owner or deputy is not known: rep-01; 2 customers are theirs"
	says(t, b.does("import", "customers", path), said, "starter import colleagues FILE")
	says(t, b.run("doctor").out, said)
	silent(t, b.does("import", "colleagues", b.file("colleagues.csv", colleaguesCSV)), "not known")
	silent(t, b.run("doctor").out, "not known")
}

// silent checks that a text lacks a word.
func silent(t *testing.T, text, word string) {
	t.Helper()
	if strings.Contains(text, word) {
		t.Errorf("%q is in\n%s", word, text)
	}
}
