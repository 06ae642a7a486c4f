package store_test

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/tern/v2/migrate"

	"perennial/deploy/stack/stacktest"
)

// migrated returns a connection to a fresh database with this build's schema, and what migrated it.
func migrated(t *testing.T) (*pgx.Conn, *migrate.Migrator) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), stacktest.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.WithoutCancel(t.Context())) })
	m, err := migrate.NewMigrator(t.Context(), conn, "public.schema_version")
	if err != nil {
		t.Fatal(err)
	}
	if err := m.LoadMigrations(os.DirFS("migrations")); err != nil {
		t.Fatal(err)
	}
	if err := m.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return conn, m
}

func TestEveryMigrationCanBeUndoneAndDoneAgain(t *testing.T) {
	t.Parallel()
	conn, m := migrated(t)
	if err := m.MigrateTo(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	var left int
	err := conn.QueryRow(t.Context(), `
		select (select count(*) from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and relname <> 'schema_version')
		     + (select count(*) from pg_proc where pronamespace = 'public'::regnamespace)`).Scan(&left)
	if err != nil || left != 0 {
		t.Errorf("%d tables and functions are left: %v", left, err)
	}
	if err := m.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestWhatIsWrittenOnceCantBeChanged(t *testing.T) {
	t.Parallel()
	conn, _ := migrated(t)
	_, err := conn.Exec(t.Context(), `
		insert into customers (id, zone, created_at, updated_at) values ('c-1', 'UTC', now(), now());
		insert into consents (customer, topic, granted, at, source) values ('c-1', 'care', true, now(), 'import');
		insert into journey_versions (journey, version, hash, source, plan, catalogue, published_at)
		values ('onboarding', 1, 'a', 'journey: onboarding', '', '', now());
		insert into journey_templates (journey, version, name, channel, language, source)
		values ('onboarding', 1, 'welcome', 'sms', 'en', 'Hello');
		insert into attribute_values (customer, of_kind, thing, name, value, at, source) values ('c-1', '', '', 'points', '7', now(), 'import:1');
		insert into contact_policies (number, hash, sources, compiled, published_at) values (1, 'a', '{}', '', now());
		insert into audit (at, door, name, deed, outcome) values (now(), 'cli', 'maria@ops-1', 'published', 'version 1');`)
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{
		"update consents set granted = false",
		"update attribute_values set value = '8'",
		"update journey_versions set source = ''",
		"delete from journey_versions",
		"update journey_templates set source = ''",
		"update contact_policies set compiled = ''",
		"delete from contact_policies",
		"update audit set outcome = ''",
		"delete from audit",
		"truncate audit",
	} {
		if _, err := conn.Exec(t.Context(), statement); err == nil {
			t.Errorf("%s: it worked", statement)
		}
	}
}

// The statements of hot paths. Those of lists for people, which read all there is, are not among them.
func hotStatements() []string {
	return []string{
		"LockCustomer", "Profiles", "CustomerIDs", "OpenCustomerIDs", "CustomersByAddress", "MarkAddressBad", "StandIns", "MarkColleagueAddressBad",
		"TriesOfOccurrence", "WroteAttributes",
		"LockEventCustomers", "StandingOfCustomers", "LeavingCustomers", "RunningOfCustomer", "EventsByIDs", "UndispatchedEvents", "MarkDispatched", "CountDispatchAttempt", "WroteSince", "EventsSince", "EventsReceived", "Happened",
		"NewestPolicyNumber", "NewestPolicy", "NewestHash", "JourneyVersion", "NewestVersion", "VersionsEnteringOn", "Templates",
		"EnrollmentEnteredBy", "EnrollmentEnteredFor", "EnrollmentsEnteredForDays", "LatestEnrollment", "Enrollment", "MarkStarted", "Project", "Finish", "Listening",
		"RunningEnrollments", "NotStarted",
		"Touch", "ReleaseTouch", "SendTouch", "FailTouch", "UnconfirmTouch", "ReceiveTouch", "TouchByProviderID",
		"TouchesOfEnrollment", "TouchesOfCustomer", "UnconfirmedTouches", "OpenAsk",
	}
}

func TestEveryStatementOfAHotPathHasItsIndex(t *testing.T) {
	t.Parallel()
	conn, _ := migrated(t)
	if _, err := conn.Exec(t.Context(), "set enable_seqscan = off; set plan_cache_mode = force_generic_plan"); err != nil {
		t.Fatal(err)
	}
	statements := generatedStatements(t)
	for _, name := range hotStatements() {
		sql, ok := statements[name]
		if !ok {
			t.Errorf("there is no statement %s", name)
			continue
		}
		if plan := explain(t, conn, name, sql); strings.Contains(plan, "Seq Scan") {
			t.Errorf("%s reads a whole table:\n%s", name, plan)
		}
	}
}

// generatedStatements are the statements of package db by name, with their parameters numbered.
func generatedStatements(t *testing.T) map[string]string {
	t.Helper()
	one := regexp.MustCompile("(?s)= `-- name: ([A-Za-z]+) :[a-z]+\n(.*?)`")
	statements := map[string]string{}
	for name, text := range goFiles(t, "db") {
		if !strings.HasSuffix(name, ".sql.go") {
			continue
		}
		for _, found := range one.FindAllStringSubmatch(text, -1) {
			statements[found[1]] = found[2]
		}
	}
	return statements
}

// explain is the plan of a statement for these parameters, or for whatever ones where there are none.
func explain(t *testing.T, conn *pgx.Conn, name, sql string, arguments ...string) string {
	t.Helper()
	if _, err := conn.Exec(t.Context(), fmt.Sprintf("prepare %s as %s", name, sql)); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	execute := "explain execute " + name
	for n := len(arguments); strings.Contains(sql, fmt.Sprintf("$%d", n+1)); n++ {
		arguments = append(arguments, "null")
	}
	if len(arguments) > 0 {
		execute += "(" + strings.Join(arguments, ", ") + ")"
	}
	rows, err := conn.Query(t.Context(), execute, pgx.QueryExecModeSimpleProtocol)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return strings.Join(lines, "\n")
}

func TestBirthdaysThatAreDaysAreADateAgainWhenThingsAreUndone(t *testing.T) {
	t.Parallel()
	conn, m := migrated(t)
	_, err := conn.Exec(t.Context(), `
		insert into customers (id, zone, attributes, created_at, updated_at)
		select id, 'UTC', attributes::jsonb, now(), now() from (values
			('c-1', '{"birthday": "1980-02-29", "tier": "gold"}'), ('c-2', '{"birthday": "1980-02-30"}'), ('c-3', '{"birthday": "in May"}'),
			('c-4', '{"birthday": 7}'), ('c-5', '{"birthday": null}'), ('c-6', '{"birthday": "1980-02-29T10:00:00Z"}'), ('c-7', '{}')) v (id, attributes)`)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.MigrateTo(t.Context(), 9); err != nil {
		t.Fatal(err)
	}
	var kept string
	err = conn.QueryRow(t.Context(), `select string_agg(id || ' ' || birthday, ', ' order by id) from customers`).Scan(&kept)
	if err != nil || kept != "c-1 1980-02-29" {
		t.Errorf("kept %q, %v", kept, err)
	}
	if err := m.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	err = conn.QueryRow(t.Context(), `select attributes::text from customers where id = 'c-1'`).Scan(&kept)
	if err != nil || kept != `{"tier": "gold", "birthday": "1980-02-29"}` {
		t.Errorf("and back: %s, %v", kept, err)
	}
}
