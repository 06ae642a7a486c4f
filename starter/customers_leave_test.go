package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"perennial/store"
)

func TestAnExportIsOneDocumentThatSaysWhatItIs(t *testing.T) {
	t.Parallel()
	b := newBusiness(t).withCustomers()
	folder := journeys(t)
	b.does("journeys", "publish", "--dir", folder, "--message", "first")
	file := filepath.Join(t.TempDir(), "c-1.json")
	says(t, b.does("customers", "export", "c-1", "--file", file), "All that is known of c-1 is in")
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others may read it: %v, %v", info.Mode(), err)
	}
	var exported store.Export
	if err := json.Unmarshal([]byte(readFile(t, file)), &exported); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(exported.What, "All that Perennial knows of one customer") || exported.Format != 1 || len(exported.Addresses) != 2 || exported.About["events"] == "" {
		t.Errorf("the document is %+v", exported)
	}
	if exported.Units["asset.mileage"] != "km" || exported.Units["customer.points"] != "points" {
		t.Errorf("the units are %v", exported.Units)
	}
	says(t, string(exported.Customer), "林 晓", "Asia/Shanghai")
	printed := b.does("customers", "export", "c-1")
	if err := json.Unmarshal([]byte(printed), &exported); err != nil || len(exported.Deeds) != 1 {
		t.Errorf("printed: %v, with %d deeds, want the export before", err, len(exported.Deeds))
	}
	b.refuses("there is a file "+file+" already", "customers", "export", "c-1", "--file", file)
	b.refuses("there is no such customer", "customers", "export", "c-9", "--file", file+"2")
	if _, err := os.Stat(file + "2"); !os.IsNotExist(err) {
		t.Error("half a document is left behind")
	}
}

// The parts of an export are a format that others read: each is described in docs/privacy.md.
func TestThePageOnPrivacyDescribesEveryPartOfAnExport(t *testing.T) {
	t.Parallel()
	document, err := json.Marshal(store.Export{})
	if err != nil {
		t.Fatal(err)
	}
	var parts map[string]any
	if err := json.Unmarshal(document, &parts); err != nil {
		t.Fatal(err)
	}
	page := readFile(t, "../docs/privacy.md")
	for part := range parts {
		if !strings.Contains(page, "| `"+part+"` |") {
			t.Errorf("docs/privacy.md does not say what %s is", part)
		}
	}
}

func TestErasingAsksFirst(t *testing.T) {
	t.Parallel()
	b := newBusiness(t).withCustomers()
	b.refuses("erasing customer c-1 can't be undone: add --yes", "customers", "erase", "c-1")
	for _, answer := range []string{"no\n", "", "y\n", "\n"} {
		b.answers = strings.NewReader(answer)
		r := b.run("customers", "erase", "c-1", "c-2")
		if r.code != 1 || !strings.Contains(r.errs, "Erase 2 customers?") || !strings.Contains(r.errs, "nobody was erased") {
			t.Errorf("to %q: %+v", answer, r)
		}
	}
	if who, err := b.store.Profile(t.Context(), "c-1"); err != nil || who.Closed {
		t.Errorf("%+v, %v", who, err)
	}
	b.answers = strings.NewReader("yes\n")
	says(t, b.does("customers", "erase", "c-1"), "Erased 1 customer: 0 enrollments ended, ", "rows removed")
	b.answers = nil
	says(t, b.does("customers", "erase", "c-1", "--yes"), "1 customer was erased before")
	says(t, b.does("customers", "show", "c-1"), "erased", "nothing is left of what was known")
	b.refuses("customer c-1 was erased: nothing is left of them; import them under a new id", "customers", "reopen", "c-1")
}

func TestErasingSeveralTellsOfEach(t *testing.T) {
	t.Parallel()
	b := newBusiness(t).withCustomers()
	b.refuses("ids.txt:2: the id looks like a phone number", "customers", "erase", "--yes", "--from", b.file("ids.txt", "c-1\n+12015550102\n"))
	b.refuses("who is to be erased?", "customers", "erase", "--yes", "--from", b.file("ids.txt", "\n\n"))
	b.refuses("read the ids of who is to be erased", "customers", "erase", "--yes", "--from", "nowhere.txt")
	r := b.run("customers", "erase", "--yes", "--from", b.file("ids.txt", "c-1\nc-9\n\nc-2\nc-1\n"))
	if r.code != 1 || !strings.Contains(r.errs, "there is no customer c-9") {
		t.Errorf("%+v", r)
	}
	says(t, r.out, "Erased 2 customers")
}

// Nobody can end what they are in: the mark holds all the same, and the command says so.
func TestErasingWithoutATemporalMarksAndSaysWhatIsLeftToDo(t *testing.T) {
	t.Parallel()
	b := newBusiness(t).withCustomers()
	b.does("journeys", "publish", "--dir", journeys(t), "--message", "first")
	b.enter("c-1", "onboarding")
	r := b.run("customers", "erase", "c-1", "c-2", "--yes")
	if r.code != 1 || !strings.Contains(r.errs, "not finished: c-1") || !strings.Contains(r.errs, "nothing is sent to them from now on") {
		t.Errorf("%+v", r)
	}
	says(t, r.out, "Erased 1 customer")
	who, err := b.store.Profile(t.Context(), "c-1")
	if err != nil || !who.Closed || who.Name == "" {
		t.Errorf("c-1 is %+v, %v", who, err)
	}
}

func TestClosingWantsAReasonAndShowsIt(t *testing.T) {
	t.Parallel()
	b := newBusiness(t).withCustomers()
	b.refuses("say why in a few words", "customers", "close", "c-1")
	b.refuses("there is no such customer", "customers", "close", "c-9", "--reason", "moved abroad")
	says(t, b.does("customers", "close", "c-1", "--reason", "moved abroad"), "Customer c-1 is closed: nothing more is sent. 0 enrollments ended.")
	says(t, b.does("customers", "close", "c-1", "--reason", "again"), "had left before")
	says(t, b.does("customers", "show", "c-1"), "nothing more is sent; moved abroad")
	says(t, b.does("customers", "reopen", "c-1"), "is a customer again")
	says(t, b.does("customers", "reopen", "c-1"), "is not closed")
	b.refuses("there is no such customer", "customers", "reopen", "c-9")
}

func TestAnEventOfAnErasedCustomerIsRefusedInWords(t *testing.T) {
	t.Parallel()
	b := newBusiness(t).withTemporal().withGateway().withCustomers()
	b.does("journeys", "publish", "--dir", journeys(t), "--message", "first")
	b.does("customers", "erase", "c-1", "--yes")
	says(t, b.does("event", "visit.completed", "--customer", "c-1"), "Customer c-1 was erased", "needs a new id")
	rejected := b.does("import", "customers", b.file("again.csv", "customer,name,time_zone\nc-1,Ada,Europe/Paris\n"))
	says(t, rejected, "NOT TAKEN: 1 row")
}
