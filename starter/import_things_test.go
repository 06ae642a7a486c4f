package main

import (
	"path/filepath"
	"testing"

	"perennial/store/importcsv"
)

func TestImportOfWhatCustomersHaveAndShowingIt(t *testing.T) {
	t.Parallel()
	b := newBusiness(t)
	folder := t.TempDir()
	file := func(name, text string) string {
		t.Helper()
		path := filepath.Join(folder, name)
		if err := writeFile(path, text); err != nil {
			t.Fatal(err)
		}
		return path
	}
	file("profile.yaml", `attributes:
  points: { type: int, history: true }
agreements:
  premium: { type: double }
assets:
  mileage: { type: int, history: true }
`)
	people := file("customers.csv", "customer,time_zone,points,shoe\nc-1,Europe/Paris,12,43\nc-2,Europe/Paris,many,44\n")
	adds := func(want importcsv.Summary, arguments ...string) {
		t.Helper()
		var got importcsv.Summary
		b.reads(&got, append([]string{"import"}, arguments...)...)
		if got.Read != want.Read || got.Stored != want.Stored || got.Unchanged != want.Unchanged || got.Rejected != want.Rejected || got.Notes != want.Notes {
			t.Errorf("%v: got %+v", arguments, got)
		}
	}
	adds(importcsv.Summary{Read: 2, Stored: 2, Notes: 1}, "customers", people, "--dir", folder)
	agreements := file("agreements.csv", "contract,customer,kind,renews_on,premium\na-1,c-1,insurance,2026-12-01,99.50\na-2,c-9,insurance,2026-12-01,\n")
	adds(importcsv.Summary{Read: 2, Stored: 1, Rejected: 1}, "agreements", agreements, "--dir", folder, "--map", "agreement=contract")
	assets := file("assets.csv", "asset,customer,kind,acquired_on\nx-1,c-1,car,2024-03-01\n")
	adds(importcsv.Summary{Read: 1, Stored: 1}, "assets", assets, "--dir", folder)
	readings := file("readings.csv", "asset,customer,reading,value,read_on\nx-1,c-1,mileage,12000,2026-04-01\nx-1,c-1,mileage,9000,2025-10-01\nx-1,c-1,milage,1,2025-10-01\n")
	adds(importcsv.Summary{Read: 3, Stored: 2, Rejected: 1}, "readings", readings, "--dir", folder)
	adds(importcsv.Summary{Read: 3, Unchanged: 2, Rejected: 1}, "readings", readings, "--dir", folder)
	complaints := file("complaints.csv", "customer,complaint,opened_on,resolved_on\nc-1,k-1,2025-05-01,\n")
	adds(importcsv.Summary{Read: 1, Stored: 1}, "complaints", complaints)

	says(t, b.does("customers", "show", "c-1"),
		"agreement a-1", "insurance", "renews_on 2026-12-01", "premium 99.5", "asset x-1", "mileage 12000", "acquired_on 2024-03-01",
		"points", "12", "9000", "open complaint", "import")
	var shown shownCustomer
	b.reads(&shown, "customers", "show", "c-1")
	if len(shown.Things) != 2 || shown.Things[1].Attributes["mileage"] != 12000.0 || len(shown.History) != 3 || len(shown.Complaints) != 1 {
		t.Errorf("got %+v, %+v, %+v", shown.Things, shown.History, shown.Complaints)
	}
}

func TestImportSaysWhatIsWrongWithTheCatalogue(t *testing.T) {
	t.Parallel()
	b := newBusiness(t)
	path := b.file("customers.csv", "customer,time_zone\nc-1,UTC\n")
	if err := writeFile(filepath.Join(filepath.Dir(path), "profile.yaml"), "attributes:\n  points: { type: whole }\n"); err != nil {
		t.Fatal(err)
	}
	b.refuses("profile.yaml:2:19: whole is no type", "import", "customers", path, "--dir", filepath.Dir(path))
	b.refuses("read the profile catalogue", "import", "customers", path, "--dir", filepath.Join(filepath.Dir(path), "nowhere"))
	says(t, b.does("import", "customers", path), "stored             1")
}
