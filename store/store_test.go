package store_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"perennial/deploy/stack/stacktest"
	"perennial/domain/customer"
	"perennial/store"
)

func TestMigratingIsDoneOnceHoweverManyTryAtOnce(t *testing.T) {
	t.Parallel()
	s, err := store.Open(t.Context(), stacktest.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if _, to, err := s.Migrate(t.Context()); err != nil || to == 0 {
				t.Errorf("migrated to %d: %v", to, err)
			}
		})
	}
	all.Wait()
	from, to, err := s.Migrate(t.Context())
	if err != nil || from != to {
		t.Errorf("a migrated database went from %d to %d: %v", from, to, err)
	}
}

func TestATransactionThatFailsLeavesNothing(t *testing.T) {
	t.Parallel()
	s := withCustomers(t, "c-1")
	stop := errors.New("stop")
	err := s.InTx(t.Context(), func(tx *store.Tx) error {
		if _, err := tx.RecordEvents(t.Context(), []store.Event{event("e-1", "visit.completed", "c-1", nil)}, noon()); err != nil {
			return err
		}
		return stop
	})
	if !errors.Is(err, stop) {
		t.Fatalf("got %v", err)
	}
	if _, err := s.Event(t.Context(), "e-1"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the event is there: %v", err)
	}
}

func TestErrorsOfTheDatabaseEchoNoValues(t *testing.T) {
	t.Parallel()
	s := withCustomers(t, "c-1")
	err := s.RecordConsent(t.Context(), store.Consent{
		Customer: "c-unknown", Topic: "service", At: noon(), Source: "+12015550199",
	})
	if err == nil {
		t.Fatal("a consent of nobody was taken")
	}
	i, err2 := s.StartImport(t.Context())
	if err2 != nil {
		t.Fatal(err2)
	}
	_, err2 = i.Customers(t.Context(), []store.CustomerRow{{
		Line: 1, ID: "c-2", Zone: "Europe/Paris", Country: "nowhere at all",
		Name: "Wren Barlow", Addresses: map[customer.Channel]string{customer.SMS: "+12015550199"},
	}}, noon())
	if err2 == nil {
		t.Fatal("a country of three words was taken")
	}
	if err := i.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{err.Error(), err2.Error()} {
		for _, secret := range []string{"Wren", "5550199", "nowhere"} {
			if strings.Contains(text, secret) {
				t.Errorf("%q holds %q", text, secret)
			}
		}
	}
	if _, ok := errors.AsType[*store.DatabaseError](err); !ok {
		t.Errorf("%v is no DatabaseError", err)
	}
}

func TestGeneratedCodeIsWhatTheQueriesSay(t *testing.T) {
	t.Parallel()
	sqlc, err := filepath.Abs(filepath.Join("..", ".state", "bin", "sqlc"))
	if err != nil {
		t.Fatal(err)
	}
	// Where it is there and not old, that is nothing; the first time it takes some minutes.
	if out, err := exec.CommandContext(t.Context(), "make", "-s", "-C", "..", "sqlc").CombinedOutput(); err != nil {
		t.Fatalf("build sqlc: %v\n%s", err, out)
	}
	folder := t.TempDir()
	for _, part := range []string{"sqlc.yaml", "staging.sql", "queries", "migrations"} {
		if err := copyAll(part, filepath.Join(folder, part)); err != nil {
			t.Fatal(err)
		}
	}
	generate := exec.CommandContext(t.Context(), sqlc, "generate")
	generate.Dir = folder
	if out, err := generate.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	want, got := goFiles(t, filepath.Join(folder, "db")), goFiles(t, "db")
	for name, text := range want {
		if got[name] != text {
			t.Errorf("db/%s is not what sqlc makes of the queries: run make generate", name)
		}
		delete(got, name)
	}
	delete(got, "doc.go")
	for name := range got {
		t.Errorf("db/%s is left over: run make generate", name)
	}
}

func copyAll(from, to string) error {
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return os.CopyFS(to, os.DirFS(from))
	}
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, text, 0o600)
}

func goFiles(t *testing.T, folder string) map[string]string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		texts[filepath.Base(name)] = string(text)
	}
	return texts
}

func TestIDsThatSayWhoSomebodyIsAreRefused(t *testing.T) {
	t.Parallel()
	good := []string{"c-1", "c-1042", "1042", "order.7", "0b9f3a1e-7c1d-4f8e-9a43-0f3c1e6c2a10", "客户-1"}
	bad := []string{
		"", "wren@example.org", "+12015550100", "12015550100", "(201) 555-0100", "201.555.0100", "a b", "a/b", "a\nb",
		"\xff", strings.Repeat("x", 201),
	}
	for _, id := range slices.Concat(good, bad) {
		err := store.CheckID(id)
		if want := slices.Contains(good, id); (err == nil) != want {
			t.Errorf("%q: %v", id, err)
		}
		if err != nil && id != "" && strings.Contains(err.Error(), id) {
			t.Errorf("the error repeats the id: %v", err)
		}
	}
}

func TestAfterAnImportTheDatabaseKnowsHowMuchThereIs(t *testing.T) {
	t.Parallel()
	s, conn := openURL(t)
	importCustomers(t, s, store.CustomerRow{Line: 1, ID: "c-1", Zone: "Europe/Paris"}, store.CustomerRow{Line: 2, ID: "c-2", Zone: "Europe/Paris"})
	var customers int
	if err := conn.QueryRow(t.Context(), "select reltuples from pg_class where relname = 'customers'").Scan(&customers); err != nil || customers != 2 {
		t.Errorf("it thinks of %d customers, and there are 2: %v", customers, err)
	}
}
