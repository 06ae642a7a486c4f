package importcsv_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/domain/segment"
	"perennial/store"
	"perennial/store/importcsv"
)

// known is what the profile catalogue of these tests says.
var known = segment.Catalogue{
	Attributes: []segment.Attribute{
		{Name: "birthday", Type: segment.Date},
		{Name: "points", Type: segment.Int, History: true},
		{Name: "city", Type: segment.String},
		{Name: "budget", Type: segment.Double},
		{Name: "member", Type: segment.Bool},
		{Name: "member_since", Type: segment.Date},
		{Name: "interests", Type: segment.ListOf(segment.String)},
	},
	Agreements: []segment.Attribute{{Name: "premium", Type: segment.Double, History: true}},
	Assets:     []segment.Attribute{{Name: "mileage", Type: segment.Int, History: true}, {Name: "model", Type: segment.String}},
}

type importer func(context.Context, *store.Store, string, importcsv.Options) (importcsv.Summary, error)

// imports imports rows under a header and answers the books, and why what was not taken was not.
func imports(t *testing.T, s *store.Store, run importer, at time.Time, lines ...string) (string, map[string]string) {
	t.Helper()
	summary, err := run(t.Context(), s, file(t, "rows.csv", strings.Join(lines, "\n")+"\n"), importcsv.Options{Catalogue: known, Now: at})
	if err != nil {
		t.Fatal(err)
	}
	if summary.Read != summary.Stored+summary.Unchanged+summary.Rejected {
		t.Errorf("the books don't balance: %+v", summary)
	}
	return books(summary), rejected(t, summary)
}

// with returns a store that knows these customers, all in Kathmandu.
func with(t *testing.T, ids ...string) *store.Store {
	t.Helper()
	s := open(t)
	customers(t, s, file(t, "customers.csv", "customer,time_zone\n"+strings.Join(ids, ",Asia/Kathmandu\n")+",Asia/Kathmandu\n"), importcsv.Options{})
	return s
}

// history is what the attributes of a customer were: "thing attribute value since".
func history(t *testing.T, s *store.Store, who string) []string {
	t.Helper()
	values, err := s.AttributeHistory(t.Context(), who, 1000)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, v := range values {
		lines = append(lines, fmt.Sprint(v.Thing, " ", v.Name, " ", v.Value, " ", v.At.UTC().Format(time.RFC3339)))
	}
	return lines
}

func TestAttributesOfTheCatalogueAreColumnsOfCustomers(t *testing.T) {
	t.Parallel()
	s := open(t)
	header := "customer,time_zone,birthday,points,city,budget,member,member_since,interests"
	full := "c-1,UTC,1981-10-02,12,Lyon,99.5,yes,2020-02-29,jazz; chess"
	got, reasons := imports(t, s, importcsv.Customers, noon(), header, full, "c-2,UTC,,1.5,,many,maybe,soon,;")
	if got != "2 2 0 0 5" {
		t.Errorf("got %s, %v", got, reasons)
	}
	for _, column := range []string{"points", "budget", "member", "member_since", "interests"} {
		if reasons["3 "+column] == "" {
			t.Errorf("%s: no reason in %v", column, reasons)
		}
	}
	want := map[string]any{
		"birthday": "1981-10-02", "points": 12.0, "city": "Lyon", "budget": 99.5, "member": true, "member_since": "2020-02-29",
		"interests": []any{"jazz", "chess"},
	}
	if p := profile(t, s, "c-1"); !reflect.DeepEqual(p.Attributes, want) {
		t.Errorf("got %v", p.Attributes)
	}
	if got, _ := imports(t, s, importcsv.Customers, noon().Add(time.Hour), header, full); got != "1 0 1 0 0" {
		t.Errorf("again: %s", got)
	}
	for n, points := range []string{"20", "20", "", "15"} {
		imports(t, s, importcsv.Customers, noon().Add(time.Duration(n+2)*time.Hour), header, "c-1,,,"+points+",,,,,jazz")
	}
	want["points"], want["interests"] = 15.0, []any{"jazz"}
	if p := profile(t, s, "c-1"); !reflect.DeepEqual(p.Attributes, want) {
		t.Errorf("changed: %v", p.Attributes)
	}
	if got, want := history(t, s, "c-1"), []string{" points 15 2026-05-04T17:00:00Z", " points 20 2026-05-04T14:00:00Z", " points 12 2026-05-04T12:00:00Z"}; !slices.Equal(got, want) {
		t.Errorf("the history: %q", got)
	}
}

func TestAgreementsAreKnownByCustomerAndID(t *testing.T) {
	t.Parallel()
	s := with(t, "c-1", "c-2")
	header := "agreement,customer,kind,starts_on,renews_on,ended_on,premium"
	rows := []string{
		header,
		"a-1,c-1,insurance,2025-12-01,2026-12-01,,99.50",
		"a-1,c-2,insurance,,2027-01-01,,",
		"a-2,c-1,,,,,",
	}
	bad := []string{
		"a-1,c-1,insurance,,,,",         // 5: twice
		"a-3,c-9,insurance,,,,",         // 6: of nobody
		"a-3,c-1,,soon,,,",              // 7
		"a-3,c-1,,,2026-12-01T10:00Z,,", // 8: a day is wanted
		"a b,c-1,,,,,",                  // 9
		"12015550100,c-1,,,,,",          // 10: looks like a phone number
		",c-1,,,,,",                     // 11
		"a-4,c-1,,,,,much",              // 12: taken, but for this
	}
	got, reasons := imports(t, s, importcsv.Agreements, noon(), append(rows, bad...)...)
	if got != "11 4 0 7 1" {
		t.Errorf("got %s, %v", got, reasons)
	}
	for _, at := range []string{"5 agreement", "6 customer", "7 starts_on", "8 renews_on", "9 agreement", "10 agreement", "11 agreement", "12 premium"} {
		if reasons[at] == "" {
			t.Errorf("%s: no reason in %v", at, reasons)
		}
	}
	want := []customer.Thing{
		{Of: customer.Agreement, ID: "a-1", Kind: "insurance", Attributes: map[string]any{"starts_on": "2025-12-01", "renews_on": "2026-12-01", "premium": 99.5}},
		{Of: customer.Agreement, ID: "a-2", Attributes: map[string]any{}},
		{Of: customer.Agreement, ID: "a-4", Attributes: map[string]any{}},
	}
	if p := profile(t, s, "c-1"); !reflect.DeepEqual(p.Things, want) {
		t.Errorf("got %+v", p.Things)
	}
	if p := profile(t, s, "c-2"); len(p.Things) != 1 || p.Things[0].Attributes["renews_on"] != "2027-01-01" {
		t.Errorf("another customer's: %+v", p.Things)
	}
	if got, _ := imports(t, s, importcsv.Agreements, noon().Add(time.Hour), rows...); got != "3 0 3 0 0" {
		t.Errorf("again: %s", got)
	}
	if got, _ := imports(t, s, importcsv.Agreements, noon().Add(time.Hour), header, "a-1,c-1,,,2027-12-01,,", "a-2,c-1,cover,,,,", "a-4,c-1,,,,,"); got != "3 2 1 0 0" {
		t.Errorf("changed: %s", got)
	}
	p := profile(t, s, "c-1")
	if p.Things[0].Attributes["renews_on"] != "2027-12-01" || p.Things[0].Attributes["premium"] != 99.5 || p.Things[1].Kind != "cover" {
		t.Errorf("changed: %+v", p.Things)
	}
}

func TestAnImportOfWhatIsOlderThanAnEventOfTheSameDayKeepsTheEvents(t *testing.T) {
	t.Parallel()
	s := with(t, "c-1")
	imports(t, s, importcsv.Agreements, noon(), "agreement,customer,renews_on", "a-1,c-1,2026-12-01")
	_, err := s.RecordEvents(t.Context(), []store.Event{{
		ID: "e-1", Type: store.EventAgreementRenewed, Customer: "c-1", At: noon().Add(time.Hour), Data: []byte(`{"agreement_id": "a-1", "renews_on": "2027-12-01"}`),
	}}, noon())
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := imports(t, s, importcsv.Agreements, noon().Add(time.Minute), "agreement,customer,renews_on", "a-1,c-1,2026-12-01"); got != "1 0 1 0 0" {
		t.Errorf("a file from before the event: %s", got)
	}
	if got, _ := imports(t, s, importcsv.Agreements, noon().Add(2*time.Hour), "agreement,customer,renews_on", "a-1,c-1,2028-12-01"); got != "1 1 0 0 0" {
		t.Errorf("a file from after it: %s", got)
	}
	if got := profile(t, s, "c-1").Things[0].Attributes["renews_on"]; got != "2028-12-01" {
		t.Errorf("renewed on %v", got)
	}
}

func TestReadingsOfAssetsThatAreKnown(t *testing.T) {
	t.Parallel()
	s := with(t, "c-1", "c-2")
	imports(t, s, importcsv.Assets, noon(), "asset,customer,kind,model", "x-1,c-1,car,Wren 2", "x-1,c-2,car,")
	header := "asset,customer,reading,value,read_on"
	rows := []string{
		header,
		"x-1,c-1,mileage,12000,2026-04-01",
		"x-1,c-1,mileage,9000,2025-10-01",           // late
		"x-1,c-1,mileage,12050,2026-04-01",          // the same day: the greater one counts
		"x-1,c-1,mileage,8000,2025-10-01T08:00:00Z", // before noon there
		"x-1,c-1,mileage,9000,2025-10-01",           // the same
		"x-9,c-1,mileage,1,2026-04-01",
		"x-1,c-9,mileage,1,2026-04-01",
		"x-1,c-1,milage,1,2026-04-01",
		"x-1,c-1,mileage,far,2026-04-01",
		"x-1,c-1,mileage,1,2062-04-01",
		"x-1,c-1,,1,2026-04-01",
		"x-1,c-1,mileage,,2026-04-01",
	}
	got, reasons := imports(t, s, importcsv.Readings, noon(), rows...)
	if got != "12 4 1 7 0" {
		t.Errorf("got %s, %v", got, reasons)
	}
	for _, at := range []string{"7 asset", "8 customer", "9 reading", "10 value", "11 read_on", "12 reading", "13 value"} {
		if reasons[at] == "" {
			t.Errorf("%s: no reason in %v", at, reasons)
		}
	}
	if !strings.Contains(reasons["9 reading"], "mileage") {
		t.Errorf("no mend: %s", reasons["9 reading"])
	}
	if got := profile(t, s, "c-1").Things[0].Attributes; !reflect.DeepEqual(got, map[string]any{"mileage": 12050.0, "model": "Wren 2"}) {
		t.Errorf("got %v", got)
	}
	want := []string{ // noon in Kathmandu is a quarter past six
		"x-1 mileage 12000 2026-04-01T06:15:00Z", "x-1 mileage 12050 2026-04-01T06:15:00Z",
		"x-1 mileage 8000 2025-10-01T08:00:00Z", "x-1 mileage 9000 2025-10-01T06:15:00Z",
	}
	kept := history(t, s, "c-1")
	slices.Sort(kept[:2]) // of one instant
	if !slices.Equal(kept, want) {
		t.Errorf("the history: %q", kept)
	}
	if got, _ := imports(t, s, importcsv.Readings, noon().Add(time.Hour), rows...); got != "12 0 5 7 0" {
		t.Errorf("again: %s", got)
	}
}

// people returns what names one customer after the other of whom nothing is told yet but that they have the assets x-1 and x-2.
func people(t *testing.T, s *store.Store) (next func() string) {
	t.Helper()
	const block = 250
	n := 0
	return func() string {
		if n%block == 0 {
			who, what := []string{"customer,time_zone"}, []string{"customer,asset"}
			for k := range block {
				who = append(who, fmt.Sprintf("c-%d,Pacific/Apia", n+k))
				what = append(what, fmt.Sprintf("c-%d,x-1", n+k), fmt.Sprintf("c-%d,x-2", n+k))
			}
			imports(t, s, importcsv.Customers, noon(), who...)
			imports(t, s, importcsv.Assets, noon(), what...)
		}
		n++
		return fmt.Sprintf("c-%d", n-1)
	}
}

func TestReadingsComeToTheSameInWhateverOrderAndHoweverOften(t *testing.T) {
	t.Parallel()
	s := open(t)
	next := people(t, s)
	rapid.Check(t, func(rt *rapid.T) {
		rows := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) string {
			return fmt.Sprintf("%s,mileage,%d,2026-04-0%d", rapid.SampledFrom([]string{"x-1", "x-2"}).Draw(rt, "asset"),
				rapid.IntRange(1, 4).Draw(rt, "value"), rapid.IntRange(1, 4).Draw(rt, "day"))
		}), 1, 10).Draw(rt, "rows")
		tell := func(files ...[]string) ([]customer.Thing, []string) {
			who := next()
			for _, rows := range files {
				lines := []string{"customer,asset,reading,value,read_on"}
				for _, row := range rows {
					lines = append(lines, who+","+row)
				}
				imports(t, s, importcsv.Readings, noon(), lines...)
			}
			kept := history(t, s, who)
			slices.Sort(kept)
			return profile(t, s, who).Things, kept
		}
		things, kept := tell(rows)
		shuffled := rapid.Permutation(rows).Draw(rt, "order")
		cut := rapid.IntRange(0, len(rows)).Draw(rt, "cut")
		again, keptAgain := tell(shuffled[cut:], shuffled[:cut], rows)
		if !reflect.DeepEqual(things, again) || !slices.Equal(kept, keptAgain) {
			rt.Errorf("once: %+v %q, otherwise: %+v %q", things, kept, again, keptAgain)
		}
	})
}

func TestThingsThatAreImportedTwiceAreAsAfterOnce(t *testing.T) {
	t.Parallel()
	s := open(t)
	next := people(t, s)
	rapid.Check(t, func(rt *rapid.T) {
		maybe := func(name string, of ...string) string { return rapid.SampledFrom(append(of, "")).Draw(rt, name) }
		var rows []string
		for n := range rapid.IntRange(1, 6).Draw(rt, "things") {
			rows = append(rows, fmt.Sprintf("a-%d,%s,%s,%s,%s", n, maybe("kind", "car", "house"), maybe("renews_on", "2026-12-01", "2027-01-01"),
				maybe("ended_on", "2026-04-01"), maybe("premium", "1.5", "2", "dear")))
		}
		who := next()
		tell := func(at time.Time, rows []string) string {
			lines := []string{"customer,agreement,kind,renews_on,ended_on,premium"}
			for _, row := range rows {
				lines = append(lines, who+","+row)
			}
			got, _ := imports(t, s, importcsv.Agreements, at, lines...)
			return got
		}
		tell(noon(), rows)
		things, kept := profile(t, s, who).Things, history(t, s, who)
		if got := tell(noon().Add(time.Hour), rapid.Permutation(rows).Draw(rt, "order")); !strings.HasPrefix(got, fmt.Sprintf("%d 0 %d 0 ", len(rows), len(rows))) {
			rt.Errorf("the second import: %s", got)
		}
		if again, keptAgain := profile(t, s, who).Things, history(t, s, who); !reflect.DeepEqual(things, again) || !slices.Equal(kept, keptAgain) {
			rt.Errorf("once: %+v %q, twice: %+v %q", things, kept, again, keptAgain)
		}
	})
}

// enrolled puts a customer into a journey that hears of all that these tests tell.
func enrolled(t *testing.T, s *store.Store, who string) {
	t.Helper()
	err := s.InTx(t.Context(), func(tx *store.Tx) error {
		_, _, err := tx.Enroll(t.Context(), store.NewEnrollment{Journey: "care", Version: 1, Customer: who, EnteredAt: noon()})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestImportedComplaintsAreHistoryThatNoJourneyHearsOf(t *testing.T) {
	t.Parallel()
	s := with(t, "c-1", "c-2")
	enrolled(t, s, "c-1")
	rows := []string{
		"customer,complaint,opened_on,resolved_on",
		"c-1,k-1,2025-05-01,2025-05-09",
		"c-1,,2025-06-01,", // two on one day, without numbers, are two
		"c-1,,2025-06-01,",
		"c-1,k-2,2025-07-01,",
		"c-2,k-1,2025-05-01,", // numbers are the customer's
		"c-1,k-1,2025-05-01,", // 7: twice
		"c-9,k-1,2025-05-01,", // 8
		"c-1,k-3,2062-05-01,", // 9
		"c-1,k-3,2025-05-01,2025-04-30",
		"c-1,k-3,,",
	}
	got, reasons := imports(t, s, importcsv.Complaints, noon(), rows...)
	if got != "10 5 0 5 0" {
		t.Errorf("got %s, %v", got, reasons)
	}
	for _, at := range []string{"7 complaint", "8 customer", "9 opened_on", "10 resolved_on", "11 opened_on"} {
		if reasons[at] == "" {
			t.Errorf("%s: no reason in %v", at, reasons)
		}
	}
	if open := profile(t, s, "c-1").Complaints; len(open) != 3 || !open[0].At.Equal(time.Date(2025, 6, 1, 6, 15, 0, 0, time.UTC)) {
		t.Errorf("open: %+v", open)
	}
	happened, err := s.Happened(t.Context(), "c-1", noon())
	if err != nil || len(happened[store.EventComplaintOpened]) != 4 || len(happened[store.EventComplaintResolved]) != 1 {
		t.Errorf("happened: %v: %v", happened, err)
	}
	events, err := s.Undispatched(t.Context(), noon().AddDate(1, 0, 0), 100)
	if err != nil {
		t.Fatal(err)
	}
	if len(events) != 1 || events[0].Customer != "c-1" || events[0].Type != journey.ProfileChanged {
		t.Errorf("journeys hear of %+v", events)
	}
	if got, _ := imports(t, s, importcsv.Complaints, noon().Add(time.Hour), rows...); got != "10 0 5 5 0" {
		t.Errorf("again: %s", got)
	}
	got, reasons = imports(t, s, importcsv.Complaints, noon().Add(time.Hour), rows[0], "c-1,k-2,2025-07-01,2025-07-02", "c-1,,2025-06-01,2025-06-02", "c-2,k-1,2025-05-02,")
	if got != "3 2 0 1 0" || reasons["4 opened_on"] == "" {
		t.Errorf("resolved meanwhile: %s, %v", got, reasons)
	}
	if open := profile(t, s, "c-1").Complaints; len(open) != 1 {
		t.Errorf("still open: %+v", open)
	}
}

func TestAComplaintThatWasToldAsItHappenedIsNotOpenedAgainByAFile(t *testing.T) {
	t.Parallel()
	s := with(t, "c-1")
	_, err := s.RecordEvents(t.Context(), []store.Event{{
		ID: "o-1", Type: store.EventComplaintOpened, Customer: "c-1", At: noon().Add(-time.Hour), Data: []byte(`{"complaint_id": "k-1"}`),
	}}, noon())
	if err != nil {
		t.Fatal(err)
	}
	header := "customer,complaint,opened_on,resolved_on"
	if got, _ := imports(t, s, importcsv.Complaints, noon(), header, "c-1,k-1,2026-05-04,"); got != "1 0 1 0 0" {
		t.Errorf("opened: %s", got)
	}
	if open := profile(t, s, "c-1").Complaints; len(open) != 1 || open[0].Event != "o-1" {
		t.Errorf("open: %+v", open)
	}
	if got, _ := imports(t, s, importcsv.Complaints, noon(), header, "c-1,k-1,2026-05-04,2026-05-04"); got != "1 1 0 0 0" {
		t.Errorf("resolved: %s", got)
	}
	if open := profile(t, s, "c-1").Complaints; len(open) != 0 {
		t.Errorf("open: %+v", open)
	}
}

func TestWhoeverEnteredJustNowIsNotToldOfComplaintsThatWereImportedSince(t *testing.T) {
	t.Parallel()
	s := with(t, "c-1")
	record := func(id, kind string, receivedAt time.Time) {
		t.Helper()
		if _, err := s.RecordEvents(t.Context(), []store.Event{{ID: id, Type: kind, Customer: "c-1", At: noon()}}, receivedAt); err != nil {
			t.Fatal(err)
		}
	}
	record("v-1", "visit.completed", noon())
	imports(t, s, importcsv.Complaints, noon().Add(time.Second), "customer,opened_on", "c-1,2019-05-01")
	record("o-1", store.EventComplaintOpened, noon().Add(2*time.Second))
	missed, err := s.EventsSince(t.Context(), "c-1", "v-1", []string{store.EventComplaintOpened})
	if err != nil || len(missed) != 1 || missed[0].ID != "o-1" {
		t.Errorf("told of %+v: %v", missed, err)
	}
}

func TestAnImportOfThingsWakesThoseWhoWaitForThem(t *testing.T) {
	t.Parallel()
	s := with(t, "c-1", "c-2")
	enrolled(t, s, "c-1")
	told := func() int {
		t.Helper()
		events, err := s.Undispatched(t.Context(), noon().AddDate(1, 0, 0), 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			if e.Customer != "c-1" || e.Type != journey.ProfileChanged {
				t.Errorf("told of %+v", e)
			}
		}
		return len(events)
	}
	for n, rows := range [][]string{
		{"customer,agreement,renews_on", "c-1,a-1,2026-12-01", "c-1,a-2,2026-12-01", "c-2,a-1,2026-12-01"},
		{"customer,agreement,renews_on", "c-1,a-1,2026-11-01"},
		{"customer,agreement,renews_on", "c-1,a-1,2026-11-01"}, // nothing new
	} {
		imports(t, s, importcsv.Agreements, noon().Add(time.Duration(n)*time.Hour), rows...)
		if got := told(); got != min(n+1, 2) {
			t.Errorf("after import %d they were told %d times", n+1, got)
		}
	}
}

func TestAThingIsOneRowOfAFileHoweverFarApart(t *testing.T) {
	t.Parallel()
	s := with(t, "c-1")
	lines := []string{"customer,asset,mileage"}
	for n := range 1201 {
		lines = append(lines, fmt.Sprintf("c-1,x-%d,%d", n, n))
	}
	lines = append(lines, "c-1,x-0,7")
	for _, want := range []string{"1202 1201 0 1 0", "1202 0 1201 1 0"} {
		if got, _ := imports(t, s, importcsv.Assets, noon(), lines...); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if got := len(profile(t, s, "c-1").Things); got != 1201 {
		t.Errorf("%d things", got)
	}
}
