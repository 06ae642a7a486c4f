package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"perennial/deploy/stack/stacktest"
	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/store"
)

// openURL is open with the address, for tests that look into the tables themselves.
func openURL(t *testing.T) (*store.Store, *pgx.Conn) {
	t.Helper()
	url := stacktest.Postgres(t)
	s, err := store.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	if _, _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.WithoutCancel(t.Context())) })
	if _, err := conn.Exec(t.Context(), "set timezone = 'UTC'"); err != nil {
		t.Fatal(err)
	}
	return s, conn
}

// fill stores of a customer all that can be known of one: something in every table. Whatever is personal has the mark in it.
func fill(t *testing.T, s *store.Store, id, mark, phone string) {
	t.Helper()
	imp, err := s.StartImport(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	imp.History = []string{"nickname", "plate"}
	must := func(verdicts []store.Verdict, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range verdicts {
			if v.Reject != nil {
				t.Fatalf("rejected: %+v", v.Reject)
			}
		}
	}
	must(imp.Customers(t.Context(), []store.CustomerRow{{
		Line: 1, ID: id, Name: mark + " Fairley", Zone: "Europe/Paris", Language: "fr", Country: "FR", Windows: "sat 10:00-12:00", Owner: "rep-01", Star: 5,
		Channels: []customer.Channel{customer.SMS, customer.Email}, Consents: []string{"service", "marketing"},
		Addresses:  map[customer.Channel]string{customer.SMS: phone, customer.Email: mark + "@example.com", customer.Slack: "U0" + mark},
		Attributes: map[string]any{"nickname": mark, "birthday": "1980-02-29"},
	}}, noon()))
	must(imp.Purchases(t.Context(), []store.PurchaseRow{
		{Line: 1, Customer: id, OrderID: "o-" + id, Quantity: "1", Amount: "12.50", Currency: "EUR", At: store.When{At: noon()}},
	}))
	must(imp.Things(t.Context(), []store.ThingRow{
		{Line: 1, Customer: id, Of: customer.Asset, ID: "car-1", Kind: "car", Attributes: map[string]any{"plate": mark + "-1"}},
	}, noon()))
	if err := imp.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	record(t, s, event("bought-"+id, store.EventPurchase, id, map[string]any{"order_id": "p-" + id, "amount": 7, "note": mark}))
	e, _ := tryEnroll(t, s, store.NewEnrollment{Journey: "onboarding", Version: 1, Customer: id, EnteredBy: "bought-" + id, EnteredAt: noon()})
	tryEnroll(t, s, store.NewEnrollment{Journey: "birthday", Version: 1, Customer: id, EnteredFor: "2026-02-28", EnteredAt: noon()})
	for _, happened := range []store.Event{
		event("answered-"+id, store.EventSurveyAnswered, id, map[string]any{"survey": "satisfaction", "score": 2, "comment": mark}),
		event("said-"+id, store.EventConsentChanged, id, map[string]any{"topic": "marketing", "granted": false, "how": "reply", "channel": "sms", "wording": "stop"}),
		event("opened-"+id, store.EventComplaintOpened, id, map[string]any{"complaint_id": "k-" + id, "text": mark}),
		event("resolved-"+id, store.EventComplaintResolved, id, map[string]any{"complaint_id": "k-" + id}),
		event("wrote-"+id, "message.received", id, map[string]any{"channel": "sms", "text": "It is me, " + mark}),
	} {
		record(t, s, happened)
	}
	touch, _ := claim(t, s, touchOf(e, "welcome"), time.Minute)
	if _, err := s.Sent(t.Context(), touch.ID, "SM-"+mark, noon()); err != nil {
		t.Fatal(err)
	}
	held := store.Projection{Step: "how_is_it", WaitingFor: "the customer's hours", NextAt: noon(), Held: store.Held{Topic: "care", Since: noon()}}
	if err := s.Project(t.Context(), e.ID, held, noon()); err != nil {
		t.Fatal(err)
	}
	for _, r := range []store.Reply{
		{ID: "wrote-" + id, Customer: id, Channel: customer.SMS, At: noon()},
		{ID: "nobody-" + id, Channel: customer.Email, Address: " " + strings.ToUpper(mark) + "@example.com", Text: "Is it you? " + mark, At: noon()},
	} {
		if _, err := s.KeepReply(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	err = s.InTx(t.Context(), func(tx *store.Tx) error {
		if _, err := tx.SetAttributes(t.Context(), store.AttributeWrite{
			Customer: id, Enrollment: e.ID, Occurrence: fmt.Sprintf("%d.points.1", e.ID), Attributes: map[string]any{"nickname": mark + " II"},
			History: []string{"nickname"}, At: noon().Add(time.Hour),
		}); err != nil {
			return err
		}
		return tx.Note(t.Context(), store.Deed{
			At: noon(), By: store.ByToken("shop"), What: store.Paused, Of: store.OfEnrollment, Subject: fmt.Sprint(e.ID), Customer: id, Outcome: "done",
		})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// column is a column of a table.
type column struct{ table, name string }

// mentions are the columns that say whose a row is, of every table that refers to a customer, by foreign key or by the column's name.
func mentions(t *testing.T, conn *pgx.Conn) []column {
	t.Helper()
	rows, err := conn.Query(t.Context(), `
		select c.relname, a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
		where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
		  and (a.attname ~ 'customer' or (c.relname, a.attname) = ('customers', 'id')
		       or exists (select from pg_constraint k where k.confrelid = 'customers'::regclass and k.conrelid = c.oid and a.attnum = any(k.conkey)))
		order by 1, 2`)
	if err != nil {
		t.Fatal(err)
	}
	found, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (c column, err error) {
		err = r.Scan(&c.table, &c.name)
		return c, err
	})
	if err != nil || len(found) < 12 {
		t.Fatalf("the tables that refer to a customer are %v, %v", found, err)
	}
	everyRowSaysWhose(t, conn, found)
	return found
}

// everyRowSaysWhose fails where a table refers to a customer by way of others alone, such as an enrollment: its rows would be overlooked.
func everyRowSaysWhose(t *testing.T, conn *pgx.Conn, found []column) {
	t.Helper()
	rows, err := conn.Query(t.Context(), `
		with recursive theirs as (
			select 'customers'::regclass::oid as id
			union select k.conrelid from pg_constraint k join theirs t on k.confrelid = t.id)
		select id::regclass::text from theirs`)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		if !slices.ContainsFunc(found, func(c column) bool { return c.table == table }) {
			t.Errorf("%s refers to a customer by way of others: give it a column customer, so that it is exported and erased", table)
		}
	}
}

// rowsOf are the rows of a customer in a table, without the columns that are left out.
func rowsOf(t *testing.T, conn *pgx.Conn, c column, id string, without ...string) []string {
	t.Helper()
	var names []string
	err := conn.QueryRow(t.Context(), `select array_agg(quote_ident(column_name) order by ordinal_position) from information_schema.columns
		where table_schema = 'public' and table_name = $1 and column_name <> all($2)`, c.table, append([]string{}, without...)).Scan(&names)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := conn.Query(t.Context(), fmt.Sprintf("select row_to_json(r)::text from (select %s from %s where %s = $1) r", strings.Join(names, ", "), c.table, c.name), id)
	if err != nil {
		t.Fatal(err)
	}
	texts, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

func export(t *testing.T, s *store.Store, id string) (exported store.Export) {
	t.Helper()
	err := s.InTx(t.Context(), func(tx *store.Tx) (err error) {
		exported, err = tx.Export(t.Context(), id, noon())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return exported
}

// A table that is added and refers to a customer fails here until it has something in it and is part of the export.
func TestAnExportLeavesOutNothingThatIsKnown(t *testing.T) {
	t.Parallel()
	s, conn := openURL(t)
	fill(t, s, "c-0", "Zebedee", "+12015550100")
	erase(t, s, "c-0") // so that the address of the next one has a refusal
	fill(t, s, "c-1", "Zanzibar", "+12015550100")
	document, err := json.Marshal(export(t, s, "c-1"))
	if err != nil {
		t.Fatal(err)
	}
	whole := func(table string, rows []string) {
		t.Helper()
		if len(rows) == 0 {
			t.Errorf("%s has nothing of the customer: fill it in this test", table)
		}
		for _, row := range rows {
			compact, err := json.Marshal(json.RawMessage(row))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(document), string(compact)) {
				t.Errorf("the export leaves out this row of %s:\n%s", table, compact)
			}
		}
	}
	var refusal string
	err = conn.QueryRow(t.Context(), "select row_to_json(r)::text from refusals r where address = address_hash('whatsapp', '+12015550100')").Scan(&refusal)
	if err != nil {
		t.Fatal(err)
	}
	whole("refusals", []string{refusal})
	for _, c := range mentions(t, conn) {
		var without []string
		if c.table == "audit" {
			without = []string{"name"} // who of the staff did it is not about the customer
		}
		whole(c.table, rowsOf(t, conn, c, "c-1", without...))
	}
	if !strings.Contains(string(document), "Is it you? Zanzibar") {
		t.Error("the export leaves out what came from the customer's address before it was known whose it is")
	}
	if strings.Contains(string(document), "Zebedee") || strings.Contains(string(document), `"c-0"`) {
		t.Error("the export tells of somebody else")
	}
	about := export(t, s, "c-1").About
	parts := map[string]json.RawMessage{}
	if err := json.Unmarshal(document, &parts); err != nil {
		t.Fatal(err)
	}
	for part := range parts {
		if _, told := about[part]; !told && !slices.Contains([]string{"what", "format", "made_at", "about", "units"}, part) {
			t.Errorf("the document does not say what %s is", part)
		}
	}
}

func TestNobodyIsExportedWhoIsNotKnown(t *testing.T) {
	t.Parallel()
	s := open(t)
	err := s.InTx(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Export(t.Context(), "c-9", noon())
		return err
	})
	if !errors.Is(err, store.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

// markErased is the first phase of erasing, and leave the last.
func markErased(t *testing.T, s *store.Store, id string) {
	t.Helper()
	err := s.InTx(t.Context(), func(tx *store.Tx) error {
		_, err := tx.MarkErased(t.Context(), id, noon())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func leave(t *testing.T, s *store.Store, id string) (left bool, err error) {
	t.Helper()
	err = s.InTx(t.Context(), func(tx *store.Tx) (err error) {
		left, _, err = tx.Leave(t.Context(), id, noon())
		return err
	})
	return left, err
}

// erase erases a customer, whose enrollments end as their workflows would end them.
func erase(t *testing.T, s *store.Store, id string) {
	t.Helper()
	markErased(t, s, id)
	running, err := s.RunningOf(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range running {
		if err := s.Finish(t.Context(), e.ID, journey.ExitOutcome("erased"), noon()); err != nil {
			t.Fatal(err)
		}
	}
	if left, err := leave(t, s, id); err != nil || !left {
		t.Fatalf("left: %v, %v", left, err)
	}
}

// bare are the columns that may still say something of a customer who was erased. A column that is added fails the test until it is emptied, or
// stands here because it is a bare fact.
func bare() map[string][]string {
	return map[string][]string{
		"customers":   {"id", "closed_at", "erased_at", "left_at", "created_at", "updated_at"},
		"enrollments": {"id", "journey", "version", "customer", "key", "entered_at", "started_at", "step", "ended_at", "outcome", "updated_at"},
		"touches": {
			"id", "enrollment", "step", "occurrence", "try", "customer", "channel", "template", "topic", "kind", "state", "reason", "attempts", "provider_code",
			"due_at", "created_at", "claimed_at", "sent_at", "settled_at", "colleague", "asks", "asked_at",
		},
		"audit": {"id", "at", "door", "name", "deed", "of_kind", "subject", "customer", "outcome"},
	}
}

// unsaid are values that say nothing of anybody.
func unsaid(table, name string, value any) bool {
	if table == "customers" {
		return value == map[string]any{"zone": "UTC", "language": "en", "star": 3.0}[name] || unsaid("", name, value)
	}
	switch value := value.(type) {
	case nil:
		return true
	case string:
		return value == ""
	case bool:
		return !value
	case []any:
		return len(value) == 0
	case map[string]any:
		return len(value) == 0
	}
	return false
}

func TestNothingPersonalIsLeftOfWhoWasErased(t *testing.T) {
	t.Parallel()
	s, conn := openURL(t)
	fill(t, s, "c-1", "Zanzibar", "+12015550101")
	fill(t, s, "c-2", "Quagmire", "+12015550102")
	mentioned := mentions(t, conn)
	others := map[column][]string{}
	for _, c := range mentioned {
		others[c] = rowsOf(t, conn, c, "c-2")
	}
	if everywhere(t, conn, "Zanzibar") == nil {
		t.Fatal("the test finds nothing of a customer who is there")
	}
	erase(t, s, "c-1")
	for _, personal := range []string{"Zanzibar", "12015550101", "wrote-c-1", "o-c-1"} { // what the other has too is looked for column by column, below
		if left := everywhere(t, conn, personal); left != nil {
			t.Errorf("%s is still in %v", personal, left)
		}
	}
	for _, c := range mentioned {
		for _, text := range rowsOf(t, conn, c, "c-1") {
			var row map[string]any
			if err := json.Unmarshal([]byte(text), &row); err != nil {
				t.Fatal(err)
			}
			for name, value := range row {
				if !slices.Contains(bare()[c.table], name) && !unsaid(c.table, name, value) {
					t.Errorf("%s.%s still says %v", c.table, name, value)
				}
			}
		}
		if now := rowsOf(t, conn, c, "c-2"); !slices.Equal(now, others[c]) {
			t.Errorf("%s of another customer changed from\n%v to\n%v", c.table, others[c], now)
		}
	}
	if touches, err := s.CustomerTouches(t.Context(), "c-1", 10); err != nil || len(touches) != 1 || touches[0].State != store.TouchSent || touches[0].Step != "welcome" {
		t.Errorf("the ledger has %+v, %v", touches, err)
	}
}

// everywhere are the tables in which a text stands, whatever refers to whom.
func everywhere(t *testing.T, conn *pgx.Conn, text string) (in []string) {
	t.Helper()
	rows, err := conn.Query(t.Context(), "select quote_ident(table_name) from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE' order by 1")
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		var n int
		if err := conn.QueryRow(t.Context(), "select count(*) from "+table+" r where r::text ilike '%' || $1 || '%'", text).Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n > 0 {
			in = append(in, table)
		}
	}
	return in
}

func TestNobodyBringsAnErasedCustomerBackByMistake(t *testing.T) {
	t.Parallel()
	s := withCustomers(t, "c-1", "c-2")
	erase(t, s, "c-1")
	stored, err := s.RecordEvents(t.Context(), []store.Event{
		event("e-1", store.EventPurchase, "c-1", map[string]any{"amount": 7}),
		event("e-2", store.EventPurchase, "c-2", map[string]any{"amount": 7}),
	}, noon())
	if err != nil || stored[0] != (store.Stored{ID: "e-1", Erased: true}) || stored[1] != (store.Stored{ID: "e-2", Fresh: true}) {
		t.Errorf("events: %+v, %v", stored, err)
	}
	if _, err := s.Event(t.Context(), "e-1"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the event is there: %v", err)
	}
	imp, err := s.StartImport(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = imp.Close(t.Context()) }()
	customers, err := imp.Customers(t.Context(), []store.CustomerRow{{Line: 1, ID: "c-1", Name: "Ada", Zone: "Europe/Paris"}}, noon())
	if err != nil || customers[0].Reject == nil || !strings.Contains(customers[0].Reject.Why, "was erased; whoever comes back needs a new id") {
		t.Errorf("customers: %+v, %v", customers, err)
	}
	purchases, err := imp.Purchases(t.Context(), []store.PurchaseRow{{Line: 1, Customer: "c-1", Content: "a", Quantity: "1", Amount: "1", At: store.When{At: noon()}}})
	if err != nil || purchases[0].Reject == nil {
		t.Errorf("purchases: %+v, %v", purchases, err)
	}
	if _, entry := tryEnroll(t, s, store.NewEnrollment{Journey: "onboarding", Version: 1, Customer: "c-1", EnteredAt: noon()}); entry != store.HasLeft {
		t.Errorf("they entered: %s", entry)
	}
	who, err := s.Profile(t.Context(), "c-1")
	if err != nil || !who.Closed || who.Name != "" || len(who.Addresses) != 0 {
		t.Errorf("the tombstone is %+v, %v", who, err)
	}
}

func TestNothingIsStoredOfACustomerWhileTheyAreErased(t *testing.T) {
	t.Parallel()
	s := withCustomers(t, "c-1", "c-2")
	var all sync.WaitGroup
	for n := range 4 {
		all.Go(func() {
			for m := range 25 {
				id := fmt.Sprintf("e-%d-%d", n, m)
				batch := []store.Event{event(id, store.EventPurchase, "c-1", map[string]any{"amount": 7}), event("o"+id, "visit.completed", "c-2", nil)}
				if _, err := s.RecordEvents(t.Context(), batch, noon()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	erase(t, s, "c-1")
	all.Wait()
	if happened, err := s.Happened(t.Context(), "c-1", noon()); err != nil || len(happened) != 0 {
		t.Errorf("there are %v, %v", happened, err)
	}
	if happened, err := s.Happened(t.Context(), "c-2", noon()); err != nil || len(happened["visit.completed"]) != 100 {
		t.Errorf("of the other there are %d, %v", len(happened["visit.completed"]), err)
	}
}

func TestErasingWaitsForTheEndOfWhatTheyAreIn(t *testing.T) {
	t.Parallel()
	s := withCustomers(t, "c-1")
	e := enroll(t, s, "c-1")
	markErased(t, s, "c-1")
	if left, err := leave(t, s, "c-1"); left || !errors.Is(err, store.ErrStillIn) {
		t.Errorf("left: %v, %v", left, err)
	}
	who, err := s.Profile(t.Context(), "c-1")
	if err != nil || !who.Closed || len(who.Addresses) != 1 {
		t.Errorf("marked: %+v, %v", who, err)
	}
	waiting, err := s.LeavingCustomers(t.Context(), noon().Add(time.Second), 10)
	if err != nil || len(waiting) != 1 || waiting[0] != (store.Leaving{Customer: "c-1", Erased: true}) {
		t.Errorf("to be finished: %+v, %v", waiting, err)
	}
	if err := s.Finish(t.Context(), e.ID, "exited: erased", noon()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []bool{true, false} { // the second time there is nothing to do
		if left, err := leave(t, s, "c-1"); left != want || err != nil {
			t.Errorf("left: %v, %v, want %v", left, err, want)
		}
	}
	if waiting, err = s.LeavingCustomers(t.Context(), noon().Add(time.Second), 10); err != nil || len(waiting) != 0 {
		t.Errorf("to be finished: %+v, %v", waiting, err)
	}
}

func TestWhoeverIsClosedKeepsWhatIsKnownAndCanComeBack(t *testing.T) {
	t.Parallel()
	s := withCustomers(t, "c-1")
	do := func(change func(*store.Tx) (store.Standing, error)) (before store.Standing) {
		t.Helper()
		if err := s.InTx(t.Context(), func(tx *store.Tx) (err error) { before, err = change(tx); return err }); err != nil {
			t.Fatal(err)
		}
		return before
	}
	closing := func(tx *store.Tx) (store.Standing, error) {
		return tx.CloseCustomer(t.Context(), "c-1", "moved abroad", noon())
	}
	opening := func(tx *store.Tx) (store.Standing, error) { return tx.ReopenCustomer(t.Context(), "c-1", noon()) }
	if before := do(closing); before.Closed {
		t.Errorf("before: %+v", before)
	}
	if left, err := leave(t, s, "c-1"); !left || err != nil {
		t.Errorf("left: %v, %v", left, err)
	}
	if before := do(closing); before != (store.Standing{Closed: true, Done: true, Reason: "moved abroad"}) {
		t.Errorf("closed: %+v", before)
	}
	if who, err := s.Profile(t.Context(), "c-1"); err != nil || !who.Closed || len(who.Addresses) != 1 {
		t.Errorf("closed: %+v, %v", who, err)
	}
	if _, entry := tryEnroll(t, s, store.NewEnrollment{Journey: "onboarding", Version: 1, Customer: "c-1", EnteredAt: noon()}); entry != store.HasLeft {
		t.Errorf("they entered: %s", entry)
	}
	if !record(t, s, event("e-1", "visit.completed", "c-1", nil)) {
		t.Error("what happens to whoever is closed is not stored")
	}
	do(opening)
	enroll(t, s, "c-1")
	if before := do(opening); before != (store.Standing{}) {
		t.Errorf("reopened: %+v", before)
	}
	markErased(t, s, "c-1")
	if before := do(opening); !before.Erased {
		t.Errorf("erased: %+v", before)
	}
	if who, err := s.Profile(t.Context(), "c-1"); err != nil || !who.Closed {
		t.Errorf("whoever was erased is a customer again: %+v, %v", who, err)
	}
}

func TestANoOutlivesWhoeverSaidItAndWasErased(t *testing.T) {
	t.Parallel()
	s := withCustomers(t, "c-1")
	const phone = "+12015550000"
	record(t, s, event("e-1", store.EventConsentChanged, "c-1", map[string]any{"topic": "marketing", "granted": false}))
	if _, err := s.MarkAddressBad(t.Context(), "c-1", customer.SMS, phone, "opted_out", noon()); err != nil {
		t.Fatal(err)
	}
	erase(t, s, "c-1")
	again := store.CustomerRow{
		Line: 1, ID: "c-2", Zone: "Europe/Paris", Channels: []customer.Channel{customer.SMS, customer.WhatsApp}, Consents: []string{"marketing", "service"},
		Addresses: map[customer.Channel]string{customer.SMS: phone, customer.WhatsApp: phone},
	}
	verdicts := importCustomers(t, s, again)
	if len(verdicts[0].Notes) != 1 || !strings.Contains(verdicts[0].Notes[0].Why, "said no to marketing") {
		t.Errorf("the import says %+v", verdicts[0])
	}
	who, err := s.Profile(t.Context(), "c-2")
	if err != nil || who.Consents["marketing"] || !who.Consents["service"] {
		t.Errorf("consents: %v, %v", who.Consents, err)
	}
	if who.Addresses[customer.SMS].Bad != "opted_out" || who.Addresses[customer.WhatsApp].Bad != "" {
		t.Errorf("addresses: %+v", who.Addresses)
	}

	// Their own word is another matter.
	record(t, s, event("e-2", store.EventConsentChanged, "c-2", map[string]any{"topic": "marketing", "granted": true}))
	if changed, err := s.ConfirmAddress(t.Context(), customer.SMS, phone, true, noon()); err != nil || !changed {
		t.Errorf("START: %v, %v", changed, err)
	}
	if who, err = s.Profile(t.Context(), "c-2"); err != nil || !who.Consents["marketing"] || who.Addresses[customer.SMS].Bad != "" {
		t.Errorf("after their own yes: %v %+v, %v", who.Consents, who.Addresses, err)
	}
	third := again
	third.ID = "c-3"
	if verdicts = importCustomers(t, s, third); len(verdicts[0].Notes) != 0 {
		t.Errorf("after START the import says %+v", verdicts[0])
	}
}

func TestAReceiptOfAnErasedCustomersTouchBringsNoMessageIDBack(t *testing.T) {
	t.Parallel()
	s := withCustomers(t, "c-1")
	e := enroll(t, s, "c-1")
	touch, _ := claim(t, s, touchOf(e, "welcome"), time.Minute)
	erase(t, s, "c-1")
	if sent, err := s.Sent(t.Context(), touch.ID, "SM1", noon()); err != nil || sent.State != store.TouchSent || sent.ProviderID != "" {
		t.Errorf("sent: %+v, %v", sent, err)
	}
	got, moved, err := s.Receive(t.Context(), store.Receipt{Touch: touch.ID, State: store.TouchDelivered, ProviderID: "SM1", At: noon()})
	if err != nil || !moved || got.State != store.TouchDelivered || got.ProviderID != "" {
		t.Errorf("delivered: %+v, %v, %v", got, moved, err)
	}
}

// TestTheDatabasesStatisticsHoldNothingPersonal: what the planner has sampled would outlive whoever was erased.
func TestTheDatabasesStatisticsHoldNothingPersonal(t *testing.T) {
	t.Parallel()
	s, conn := openURL(t)
	for n := range 3 { // of one alone there are no bounds
		fill(t, s, fmt.Sprintf("c-%d", n), fmt.Sprintf("Zzyzx%d", n), fmt.Sprintf("+120155501%02d", n))
	}
	if _, err := conn.Exec(t.Context(), "analyze"); err != nil {
		t.Fatal(err)
	}
	rows, err := conn.Query(t.Context(), `
		select tablename, attname from pg_stats where schemaname = 'public'
		  and concat(most_common_vals, histogram_bounds, most_common_elems) ~* 'zzyzx|120155501|1980-02-29' order by 1, 2`)
	if err != nil {
		t.Fatal(err)
	}
	var held column
	if _, err := pgx.ForEachRow(rows, []any{&held.table, &held.name}, func() error {
		t.Errorf("samples of %s.%s are kept: alter table %s alter column %s set statistics 0", held.table, held.name, held.table, held.name)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}
