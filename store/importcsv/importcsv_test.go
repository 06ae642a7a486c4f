package importcsv_test

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"perennial/deploy/stack/stacktest"
	"perennial/domain/customer"
	"perennial/domain/sharedtest"
	"perennial/store"
	"perennial/store/importcsv"
)

func noon() time.Time { return time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC) }

func open(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), stacktest.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	if _, _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// books are a summary's numbers: read, stored, unchanged, rejected, notes.
func books(s importcsv.Summary) string {
	return fmt.Sprint(s.Read, s.Stored, s.Unchanged, s.Rejected, s.Notes)
}

func customers(t *testing.T, s *store.Store, path string, o importcsv.Options) importcsv.Summary {
	t.Helper()
	o.Now = noon()
	summary, err := importcsv.Customers(t.Context(), s, path, o)
	if err != nil {
		t.Fatal(err)
	}
	if summary.Read != summary.Stored+summary.Unchanged+summary.Rejected {
		t.Errorf("the books don't balance: %+v", summary)
	}
	return summary
}

func purchases(t *testing.T, s *store.Store, path string, o importcsv.Options) importcsv.Summary {
	t.Helper()
	o.Now = noon()
	summary, err := importcsv.Purchases(t.Context(), s, path, o)
	if err != nil {
		t.Fatal(err)
	}
	if summary.Read != summary.Stored+summary.Unchanged+summary.Rejected {
		t.Errorf("the books don't balance: %+v", summary)
	}
	return summary
}

func profile(t *testing.T, s *store.Store, id string) customer.Profile {
	t.Helper()
	p, err := s.Profile(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// rejected is the file of rejected rows, by "line column".
func rejected(t *testing.T, summary importcsv.Summary) map[string]string {
	t.Helper()
	if summary.RejectedFile == "" {
		return nil
	}
	f, err := os.Open(summary.RejectedFile)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	r := csv.NewReader(f)
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	reasons := map[string]string{}
	for _, row := range rows[1:] {
		reasons[row[0]+" "+row[1]] = row[2]
	}
	return reasons
}

func TestTheWholeOfCDNOWIsTheSameAfterOneImportAndAfterTwo(t *testing.T) {
	t.Parallel()
	data := sharedtest.Path(t, "data", "cdnow")
	s := open(t)
	for n, want := range []string{"2357 2357 0 0", "2357 0 2357 0"} {
		o := importcsv.Options{Region: "US", Rejected: filepath.Join(t.TempDir(), "customers.rejected.csv")}
		got := customers(t, s, filepath.Join(data, "customers.csv"), o)
		if !strings.HasPrefix(books(got), want) || got.Notes != 0 {
			t.Errorf("import %d of customers: %+v", n+1, got)
		}
	}
	for n, want := range []string{"6919 6919 0 0 0", "6919 0 6919 0 0"} {
		if got := purchases(t, s, filepath.Join(data, "purchases.csv"), importcsv.Options{}); books(got) != want {
			t.Errorf("import %d of purchases: %+v", n+1, got)
		}
	}
	var people, bought int64
	for after := ""; ; {
		ids, err := s.CustomerIDs(t.Context(), after, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if len(ids) == 0 {
			break
		}
		for _, id := range ids {
			people++
			bought += profile(t, s, id).Purchases.Count
		}
		after = ids[len(ids)-1]
	}
	if people != 2357 || bought != 6919 {
		t.Errorf("%d customers bought %d times", people, bought)
	}
	first := profile(t, s, "c-0001")
	if first.Addresses[customer.SMS].Value != "+12015550100" || first.Windows.String() != "mon-fri 19:00-21:00" || !first.Consents["marketing"] {
		t.Errorf("got %+v", first)
	}
}

func TestWhatOneCustomerSaysComesOutAsItWasMeant(t *testing.T) {
	t.Parallel()
	s := open(t)
	path := file(t, "customers.csv", "\uFEFFID,Name,Mobile,E-Mail,Slack,WhatsApp,Language,TimeZone,Country,Channels,Contact_Windows,Consents,Owner,Star,Birthday,Shoe size\r\n"+
		"c-1, Wren Barlow ,0171 2345678,Wren@EXAMPLE.org,U012AB3CD,+12015550100,zh-cn,Europe/Berlin,de,Email > sms,SAT 09:00-12:00;mon-fri 18:30-20:30,care service care,rep-01,5,1981-10-02,43\r\n\r\n")
	summary := customers(t, s, path, importcsv.Options{})
	if books(summary) != "1 1 0 0 0" || fmt.Sprint(summary.Ignored) != "[Shoe size]" {
		t.Fatalf("got %+v, %v", summary, rejected(t, summary))
	}
	p := profile(t, s, "c-1")
	addresses := map[customer.Channel]customer.Address{
		customer.SMS: {Value: "+491712345678"}, customer.WhatsApp: {Value: "+12015550100"},
		customer.Email: {Value: "Wren@example.org"}, customer.Slack: {Value: "U012AB3CD"},
	}
	if !maps.Equal(p.Addresses, addresses) {
		t.Errorf("addresses: %v", p.Addresses)
	}
	got := fmt.Sprint(p.Name, "|", p.Language, "|", p.Zone, "|", p.Country, "|", p.Channels, "|", p.Windows, "|", p.Consents, "|", p.Owner, "|", p.Star, "|", p.Attributes)
	want := "Wren Barlow|zh-CN|Europe/Berlin|DE|[email sms]|sat 09:00-12:00; mon-fri 18:30-20:30|map[care:true service:true]|rep-01|5|map[birthday:1981-10-02]"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestWhatCantBeReadIsRejectedWithLineColumnAndReason(t *testing.T) {
	t.Parallel()
	s := open(t)
	path := file(t, "customers.csv", strings.Join([]string{
		"customer,phone,email,slack,time_zone,language,channels,contact_windows,star,birthday,country",
		`c-1,12,nobody,someone,UTC,,,,,,`,
		`+12015550100,,,,UTC,,,,,,`,
		`c-3,,,,Mars/Olympus,,,,,,`,
		`c-4,,,,UTC,english,,,,,`,
		`c-5,,,,UTC,,pigeon,,,,`,
		`c-6,,,,UTC,,sms>sms,,,,`,
		`c-7,,,,UTC,,,someday 09:00-10:00,,,`,
		`c-8,,,,UTC,,,,6,,`,
		`c-9,,,,UTC,,,,,02.10.1981,`,
		`c-10,,,,UTC,,,,,2099-01-01,`,
		`c-11,,,,UTC,,,,,,Atlantis`,
		`c-12,,,,,,,,,,`,
		`c-13,,UTC`,
		`c-14,,,,UTC,,,,,,,,,`,
		"c-15,\xff,,,UTC,,,,,,",
		`c-16,"a"b,,,UTC,,,,,,`,
		`c-1,,,,UTC,,,,,,`,
		`c-17,,,,UTC,,,,,,`,
	}, "\n"))
	summary := customers(t, s, path, importcsv.Options{})
	if books(summary) != "18 2 0 16 3" {
		t.Errorf("got %+v", summary)
	}
	if want := strings.TrimSuffix(path, ".csv") + ".rejected.csv"; summary.RejectedFile != want {
		t.Errorf("rejected rows are in %s", summary.RejectedFile)
	}
	reasons := rejected(t, summary)
	for _, at := range []string{
		"2 phone", "2 email", "2 slack", "3 customer", "4 time_zone", "5 language", "6 channels", "7 channels", "8 contact_windows", "9 star",
		"10 birthday", "11 birthday", "12 country", "13 time_zone", "14 ", "15 ", "16 phone", "17 ", "18 customer",
	} {
		if reasons[at] == "" {
			t.Errorf("%s: no reason", at)
		}
	}
	if len(reasons) != 19 || !strings.Contains(reasons["18 customer"], "line 2") {
		t.Errorf("got %v", reasons)
	}
	if p := profile(t, s, "c-1"); len(p.Addresses) != 0 {
		t.Errorf("addresses that can't be were stored: %v", p.Addresses)
	}
	if again := customers(t, s, file(t, "fixed.csv", "customer,time_zone\nc-17,UTC\n"), importcsv.Options{}); again.RejectedFile != "" {
		t.Errorf("nothing was rejected, yet there is %s", again.RejectedFile)
	}
}

func TestRejectedRowsAreMendedAndImportedUntilNoneIsLeft(t *testing.T) {
	t.Parallel()
	s := open(t)
	path := file(t, "clients.csv", "customer,name,time_zone\nc-1,Ada,Europe/London\nc-2,Grace,Europe/Nowhere\nc-3,Eve,Europe/Elsewhere\n")
	first := customers(t, s, path, importcsv.Options{})
	if books(first) != "3 1 0 2 0" {
		t.Fatalf("got %+v", first)
	}
	mend(t, first.RejectedFile, ",Europe/Nowhere", ",Europe/London")
	second := customers(t, s, first.RejectedFile, importcsv.Options{})
	if books(second) != "2 1 0 1 0" || len(second.Ignored) > 0 || second.RejectedFile != first.RejectedFile {
		t.Errorf("got %+v", second)
	}
	text, err := os.ReadFile(second.RejectedFile)
	if err != nil || !strings.HasPrefix(string(text), "line,column,reason,customer,name,time_zone\n") || strings.Count(string(text), "\n") != 2 ||
		!strings.HasSuffix(string(text), ",c-3,Eve,Europe/Elsewhere\n") {
		t.Errorf("after the second time: %s, %v", text, err)
	}
	mend(t, second.RejectedFile, ",Europe/Elsewhere", ",Europe/Paris")
	if third := customers(t, s, second.RejectedFile, importcsv.Options{}); books(third) != "1 1 0 0 0" || third.RejectedFile != "" {
		t.Errorf("got %+v", third)
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*")); err != nil || len(left) != 2 {
		t.Errorf("there are %v, %v", left, err)
	}
}

// mend replaces text in a file.
func mend(t *testing.T, path, old, replacement string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(text), old, replacement)), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestSemicolonsAndTabsSeparateWhereTheHeaderHasNoComma(t *testing.T) {
	t.Parallel()
	s := open(t)
	for n, separator := range []string{";", "\t"} {
		text := strings.ReplaceAll(fmt.Sprintf("customer|name|time_zone\nc-%d|\"Oakley, Ada\"|Europe/London\n", n), "|", separator)
		summary := customers(t, s, file(t, "clients.csv", text), importcsv.Options{})
		if books(summary) != "1 1 0 0 0" {
			t.Errorf("%q: %+v, %v", separator, summary, rejected(t, summary))
		}
		if got := profile(t, s, fmt.Sprint("c-", n)).Name; got != "Oakley, Ada" {
			t.Errorf("%q: the name is %q", separator, got)
		}
	}
}

func TestANumberWithoutCountryIsReadWhereItIsAtHomeOrNotAtAll(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ written, country, region, want string }{
		{"(201) 555-0100", "", "US", "+12015550100"},
		{"1-201-555-0100", "", "US", "+12015550100"},
		{"201.555.0100", "", "US", "+12015550100"},
		{"(201) 555-0100", "US", "", "+12015550100"},
		{"0171 2345678", "DE", "US", "+491712345678"},
		{"+44 7400 123456", "", "", "+447400123456"},
		{"(201) 555-0100", "", "", ""},
		{"201 555 0100 ext. 7", "", "US", ""},
		{"123", "", "US", ""},
		{"call me", "", "US", ""},
	} {
		t.Run(c.written+" in "+c.country+c.region, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			path := file(t, "customers.csv", fmt.Sprintf("customer,phone,time_zone,country\nc-1,%s,UTC,%s\n", c.written, c.country))
			summary := customers(t, s, path, importcsv.Options{Region: c.region})
			if got := profile(t, s, "c-1").Addresses[customer.SMS].Value; got != c.want || (summary.Notes == 1) != (c.want == "") {
				t.Errorf("got %q, %v", got, rejected(t, summary))
			}
		})
	}
}

func TestAnEmptyCellLeavesWhatIsStored(t *testing.T) {
	t.Parallel()
	s := open(t)
	header := "customer,name,phone,time_zone,channels,star,consents\n"
	customers(t, s, file(t, "a.csv", header+"c-1,Wren,+12015550100,UTC,sms,5,care\n"), importcsv.Options{})
	if got := customers(t, s, file(t, "b.csv", header+"c-1,,,,,,\n"), importcsv.Options{}); books(got) != "1 0 1 0 0" {
		t.Errorf("got %+v", got)
	}
	if got := customers(t, s, file(t, "c.csv", "customer,star\nc-1,4\n"), importcsv.Options{}); books(got) != "1 1 0 0 0" {
		t.Errorf("got %+v", got)
	}
	p := profile(t, s, "c-1")
	if p.Name != "Wren" || p.Star != 4 || p.Addresses[customer.SMS].Value != "+12015550100" || len(p.Channels) != 1 || !p.Consents["care"] {
		t.Errorf("got %+v", p)
	}
}

func TestANoThatCameAfterTheFileStays(t *testing.T) {
	t.Parallel()
	s := open(t)
	path := file(t, "customers.csv", "customer,time_zone,consents\nc-1,UTC,care marketing\n")
	customers(t, s, path, importcsv.Options{})
	err := s.RecordConsent(t.Context(), store.Consent{Customer: "c-1", Topic: "marketing", At: noon().Add(time.Hour), Source: "reply"})
	if err != nil {
		t.Fatal(err)
	}
	summary := customers(t, s, path, importcsv.Options{})
	if books(summary) != "1 0 1 0 1" || !strings.Contains(rejected(t, summary)["2 consents"], "marketing") {
		t.Errorf("got %+v, %v", summary, rejected(t, summary))
	}
	if p := profile(t, s, "c-1"); p.Consents["marketing"] || !p.Consents["care"] {
		t.Errorf("got %v", p.Consents)
	}
}

func TestANewAddressIsGoodUntilItProvesBad(t *testing.T) {
	t.Parallel()
	s := open(t)
	old := file(t, "old.csv", "customer,phone,time_zone\nc-1,+12015550100,UTC\n")
	customers(t, s, old, importcsv.Options{})
	if _, err := s.MarkAddressBad(t.Context(), "c-1", customer.SMS, "+12015550100", "bad_address", noon()); err != nil {
		t.Fatal(err)
	}
	customers(t, s, old, importcsv.Options{})
	if a := profile(t, s, "c-1").Addresses[customer.SMS]; a.Bad == "" {
		t.Error("the same address became good again")
	}
	customers(t, s, file(t, "new.csv", "customer,phone\nc-1,+12015550101\n"), importcsv.Options{})
	if a := profile(t, s, "c-1").Addresses[customer.SMS]; a.Bad != "" || a.Value != "+12015550101" {
		t.Errorf("got %+v", a)
	}
}

func TestEqualPurchasesAreEachRealAndAnOrderIsOne(t *testing.T) {
	t.Parallel()
	s := open(t)
	customers(t, s, file(t, "customers.csv", "customer,time_zone\nc-1,Pacific/Apia\nc-2,UTC\n"), importcsv.Options{})
	path := file(t, "purchases.csv", strings.Join([]string{
		"customer,date,quantity,amount,currency,number",
		"c-1,1997-01-01,1,10,usd,",
		"c-1,1997-01-01,1,10,USD,",
		"c-1,1997-01-01,1,10,USD,o-1",
		"c-2,1997-01-01T10:00:00+01:00,,-3.50,,o-1",
		"c-1,1997-01-01,1,10,USD,o-1",
		"c-1,1997-01-01,2,10,USD,o-1",
		"c-9,1997-01-01,1,10,USD,",
		"c-1,yesterday,1,10,USD,",
		"c-1,1997-01-01,one,10,USD,",
		"c-1,1997-01-01,1,1e9,USD,",
		"c-1,1997-01-01,1,10,dollars,",
		"wren@example.org,1997-01-01,1,10,USD,",
	}, "\n"))
	o := importcsv.Options{Columns: map[string]string{"order_id": "Number"}}
	first := purchases(t, s, path, o)
	if books(first) != "12 4 1 7 0" {
		t.Errorf("got %+v, %v", first, rejected(t, first))
	}
	reasons := rejected(t, first)
	for _, at := range []string{"7 number", "8 customer", "9 date", "10 quantity", "11 amount", "12 currency", "13 customer"} {
		if reasons[at] == "" {
			t.Errorf("%s: no reason in %v", at, reasons)
		}
	}
	if second := purchases(t, s, path, o); books(second) != "12 0 5 7 0" {
		t.Errorf("again: %+v", second)
	}
	p := profile(t, s, "c-1").Purchases
	if p.Count != 3 || p.Total != 30 || !p.First.Equal(time.Date(1997, 1, 1, 23, 0, 0, 0, time.UTC)) { // noon of that day in Apia, 11 hours behind then
		t.Errorf("got %+v", p)
	}
	if p := profile(t, s, "c-2").Purchases; p.Total != -3.5 || !p.First.Equal(time.Date(1997, 1, 1, 9, 0, 0, 0, time.UTC)) {
		t.Errorf("got %+v", p)
	}
}

func TestOrdinalsRunOnOverBatches(t *testing.T) {
	t.Parallel()
	s := open(t)
	customers(t, s, file(t, "customers.csv", "customer,time_zone\nc-1,UTC\n"), importcsv.Options{})
	path := file(t, "purchases.csv", "customer,date,amount\n"+strings.Repeat("c-1,1997-01-01,10\n", 1203))
	var steps []int64
	o := importcsv.Options{Progress: func(done, total int64) {
		if total == 0 || done > total {
			t.Errorf("%d of %d", done, total)
		}
		steps = append(steps, done)
	}}
	if got := purchases(t, s, path, o); books(got) != "1203 1203 0 0 0" {
		t.Errorf("got %+v", got)
	}
	if got := purchases(t, s, path, importcsv.Options{}); books(got) != "1203 0 1203 0 0" {
		t.Errorf("again: %+v", got)
	}
	info, err := os.Stat(path)
	if err != nil || len(steps) != 3 || steps[2] != info.Size() {
		t.Errorf("progress %v of %d: %v", steps, info.Size(), err)
	}
}

func TestACustomerIsOneRowOfAFileHoweverFarApart(t *testing.T) {
	t.Parallel()
	s := open(t)
	var text strings.Builder
	text.WriteString("customer,time_zone\n")
	for n := range 600 {
		fmt.Fprintf(&text, "c-%d,UTC\n", n)
	}
	text.WriteString("c-0,Europe/Paris\n")
	path := file(t, "customers.csv", text.String())
	for _, want := range []string{"601 600 0 1 0", "601 0 600 1 0"} {
		if got := customers(t, s, path, importcsv.Options{}); books(got) != want {
			t.Errorf("got %+v, want %s", got, want)
		}
	}
}

func TestAFileThatCantBeReadSaysWhy(t *testing.T) {
	t.Parallel()
	s := open(t)
	for name, c := range map[string]struct {
		text    string
		columns map[string]string
		want    string
	}{
		"empty":          {"", nil, "empty"},
		"UTF-16":         {"\xff\xfec\x00", nil, "UTF-8"},
		"no id":          {"name,phone\n", nil, `no column "customer" for id; the columns are name, phone`},
		"mapped to none": {"customer\n", map[string]string{"zone": "tz"}, `no column "tz" for zone; the columns are customer`},
		"no such field":  {"customer\n", map[string]string{"shoe": "x"}, `no field "shoe"; the fields are birthday,`},
		"twice":          {"customer,Customer\n", nil, "twice"},
		"not UTF-8":      {"customer,\xe9\n", nil, "UTF-8"},
	} {
		_, err := importcsv.Customers(t.Context(), s, file(t, "customers.csv", c.text), importcsv.Options{Columns: c.columns})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := importcsv.Purchases(t.Context(), s, filepath.Join(t.TempDir(), "none.csv"), importcsv.Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

func TestAnImportThatIsStoppedKeepsWhatItStoredAndCanBeRunAgain(t *testing.T) {
	t.Parallel()
	s := open(t)
	customers(t, s, file(t, "customers.csv", "customer,time_zone\nc-1,UTC\n"), importcsv.Options{})
	path := file(t, "purchases.csv", "customer,date,amount\n"+strings.Repeat("c-1,1997-01-01,10\n", 1203))
	ctx, cancel := context.WithCancel(t.Context())
	summary, err := importcsv.Purchases(ctx, s, path, importcsv.Options{Progress: func(int64, int64) { cancel() }})
	if !errors.Is(err, context.Canceled) || summary.Stored != 500 {
		t.Fatalf("got %+v, %v", summary, err)
	}
	if got := purchases(t, s, path, importcsv.Options{}); books(got) != "1203 703 500 0 0" {
		t.Errorf("again: %+v", got)
	}
}

func TestOneImportAtATime(t *testing.T) {
	t.Parallel()
	s := open(t)
	i, err := s.StartImport(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	path := file(t, "customers.csv", "customer,time_zone\nc-1,UTC\n")
	if _, err := importcsv.Customers(t.Context(), s, path, importcsv.Options{}); !errors.Is(err, store.ErrImportRunning) {
		t.Errorf("got %v", err)
	}
	if err := i.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	customers(t, s, path, importcsv.Options{})
}
