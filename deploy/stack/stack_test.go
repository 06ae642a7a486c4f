package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
)

func TestAStackStartsAndStopsWhole(t *testing.T) {
	t.Parallel()
	s, err := Start(t.Context(), Options{State: t.TempDir(), Throwaway: true})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), s.DatabaseURL)
	if err != nil {
		t.Fatal(errors.Join(err, s.Stop()))
	}
	c, err := client.Dial(client.Options{HostPort: s.TemporalAddress})
	if err != nil {
		t.Fatal(errors.Join(err, s.Stop()))
	}
	c.Close()
	page, err := http.Get(s.TemporalUI)
	if err != nil || page.StatusCode != http.StatusOK {
		t.Errorf("Temporal's UI: %v", err)
	}
	if _, err := io.Copy(io.Discard, page.Body); err != nil {
		t.Error(err)
	}
	if err := errors.Join(page.Body.Close(), s.Stop()); err != nil {
		t.Error(err)
	}
	if err := conn.Ping(t.Context()); err == nil {
		t.Error("the database still answers")
	}
	_ = conn.Close(t.Context()) // its server is gone
}

func TestTemporalKeepsItsDataInPostgreSQL(t *testing.T) {
	t.Parallel()
	o := Options{State: t.TempDir(), TemporalOnPostgreSQL: true}
	const id = "journey/onboarding/c-1"
	for _, what := range []string{"start", "find again"} {
		s, err := Start(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		c, err := client.Dial(client.Options{HostPort: s.TemporalAddress})
		if err != nil {
			t.Fatal(errors.Join(err, s.Stop()))
		}
		if what == "start" {
			_, err = c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: id, TaskQueue: "journeys"}, "Journey")
		} else {
			_, err = c.DescribeWorkflowExecution(t.Context(), id, "")
			err = errors.Join(err, checkIndexes(t.Context(), c, s.DatabaseURL))
		}
		c.Close()
		if err = errors.Join(err, s.Stop()); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
}

// checkIndexes checks that Temporal's table of runs has an index for each search attribute but those that every step writes.
func checkIndexes(ctx context.Context, c client.Client, databaseURL string) error {
	namespace, err := c.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: client.DefaultNamespace})
	if err != nil {
		return err
	}
	at, err := pgx.ParseConfig(databaseURL)
	if err != nil {
		return err
	}
	at.Database = "temporal_visibility"
	conn, err := pgx.ConnectConfig(ctx, at)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }() // it only read
	attributes := namespace.GetConfig().GetCustomSearchAttributeAliases()
	if len(attributes) != 8 {
		return fmt.Errorf("search attributes are %v", attributes)
	}
	for column, name := range attributes {
		var indexed bool
		err := conn.QueryRow(ctx, "select exists (select from pg_indexes where tablename = 'executions_visibility' and strpos(indexdef, $1) > 0)",
			" "+strings.ToLower(column)+",").Scan(&indexed)
		if err != nil {
			return err
		}
		if everyStep := name == "Step" || name == "NextAt"; indexed == everyStep {
			return fmt.Errorf("%s, in column %s, has an index: %t", name, column, indexed)
		}
	}
	return nil
}

func TestOwnAddressesReplaceTheStacks(t *testing.T) {
	t.Parallel()
	s, err := Start(t.Context(), Options{State: t.TempDir(), DatabaseURL: "postgres://db.example.com/d", TemporalAddress: "temporal.example.com:7233"})
	if err != nil {
		t.Fatal(err)
	}
	if s.DatabaseURL != "postgres://db.example.com/d" || s.TemporalAddress != "temporal.example.com:7233" || s.TemporalUI != "" {
		t.Errorf("got %s, %s, %s", s.DatabaseURL, s.TemporalAddress, s.TemporalUI)
	}
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
}

func TestAPartThatDiesEndsTheStack(t *testing.T) {
	t.Parallel()
	s, err := Start(t.Context(), Options{State: t.TempDir(), DatabaseURL: "postgres://db.example.com/d", TemporalAddress: "temporal.example.com:7233"})
	if err != nil {
		t.Fatal(err)
	}
	worker, err := Command{Name: "worker", Path: "sh", Args: []string{"-c", "exit 1"}, Log: s.LogFile("worker")}.Start()
	if err != nil {
		t.Fatal(err)
	}
	s.Add("worker", worker)
	s.Go("gateway", func(ctx context.Context) error { <-ctx.Done(); return nil })
	if err := s.Wait(); err == nil {
		t.Error("the stack stands")
	}
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
}

func TestTheCloneIsFoundFromInside(t *testing.T) {
	t.Parallel()
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := Root("."); err != nil || got != filepath.Dir(filepath.Dir(here)) {
		t.Errorf("got %s, %v", got, err)
	}
	// The dev server is a module of its own inside the clone.
	if got, err := Root("../devserver"); err != nil || got != filepath.Dir(filepath.Dir(here)) {
		t.Errorf("from the dev server: got %s, %v", got, err)
	}
	if got, err := Root(t.TempDir()); err == nil {
		t.Errorf("outside: got %s", got)
	}
}
