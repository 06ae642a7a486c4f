package stack

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"
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
		}
		c.Close()
		if err = errors.Join(err, s.Stop()); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
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
