package main

import (
	"os"
	"testing"

	"perennial/store/importcsv"
)

func TestMigrateSaysFromWhereToWhere(t *testing.T) {
	t.Parallel()
	b := unmigrated(t)
	b.refuses("run `starter migrate`", "journeys", "list")
	says(t, b.does("migrate"), "went from version 0 to version ")
	says(t, b.does("migrate"), "is up to date")
	var m migrated
	if b.reads(&m, "migrate"); m.From != m.To || m.To == 0 {
		t.Errorf("a third time: %+v", m)
	}
}

func TestImportAddsUp(t *testing.T) {
	t.Parallel()
	b := newBusiness(t)
	path := b.file("clients.csv", `nr,name,mobile,email,zone
c-1,Ada Oakley,0170 1234567,c1@example.com,Europe/Berlin
c-2,Eve Lorimer,,not an address,Europe/Berlin
c-3,Gray Oakley,,,Europe/Nowhere
`)
	for _, want := range []importcsv.Summary{{Read: 3, Stored: 2, Rejected: 1, Notes: 1}, {Read: 3, Unchanged: 2, Rejected: 1, Notes: 1}} {
		var got importcsv.Summary
		b.reads(&got, "import", "customers", path, "--map", "id=nr", "--region", "DE")
		want.RejectedFile, want.Ignored = got.RejectedFile, got.Ignored
		if got.Read != want.Read || got.Stored != want.Stored || got.Unchanged != want.Unchanged || got.Rejected != want.Rejected || got.Notes != want.Notes {
			t.Errorf("got %+v, want %+v", got, want)
		}
		if _, err := os.Stat(got.RejectedFile); err != nil {
			t.Errorf("the rejected rows: %v", err)
		}
	}
	says(t, b.does("import", "customers", path, "--map", "id=nr"), "rows read", "rejected", "clients.rejected.csv says which and why")
	says(t, b.does("import", "purchases", b.file("p.csv", "customer,date,amount\nc-1,2026-05-01,9.50\nc-9,2026-05-01,1\n")), "stored             1", "rejected           1")
}

func TestImportRefusesWhatItCannotRead(t *testing.T) {
	t.Parallel()
	b := newBusiness(t)
	path := b.file("customers.csv", "customer,name\nc-1,Ada\n")
	b.refuses("no such file", "import", "customers", "nowhere.csv")
	b.refuses("write --map name=value", "import", "customers", path, "--map", "nr")
	b.refuses(`there is no field "phone"`, "import", "customers", path, "--map", "phone=nr")
	b.refuses("as in: starter import customers customers.csv", "import", "customers")
}
