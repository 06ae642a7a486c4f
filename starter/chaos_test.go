package main

import (
	"context"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.temporal.io/sdk/client"

	"perennial/chaos"
	"perennial/config"
	"perennial/deploy/stack"
	"perennial/domain/clock"
	"perennial/store"
)

// These tests break whole machines. They run one after the other.

// shortChaos is a run with programs that are built for the test.
func shortChaos(t *testing.T, tags ...string) chaos.Config {
	t.Helper()
	folder := t.TempDir()
	args := append([]string{"build", "-o", folder + string(filepath.Separator)}, tags...)
	build := exec.CommandContext(t.Context(), "go", append(args, "perennial/starter", "perennial/worker")...)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the programs: %v\n%s", err, out)
	}
	root, err := stack.Here()
	if err != nil {
		t.Fatal(err)
	}
	return chaos.Config{
		Root: root, State: folder, Starter: filepath.Join(folder, "starter"), Worker: filepath.Join(folder, "worker"), Customers: 120, Seed: 1,
		Publish: publishChaos, Progress: io.Discard,
	}
}

// broken makes a run, and shows its report where the test fails.
func broken(t *testing.T, o chaos.Config) chaos.Report {
	t.Helper()
	o.Clock = clock.Starting(demoStart, time.Now(), chaos.Rate)
	report, err := chaos.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			var said strings.Builder
			_ = report.Print(&said)
			t.Logf("%s\n%s", strings.Join(report.Diary, "\n"), said.String())
		}
	})
	return report
}

func TestNothingIsLostWhenEverythingIsKilledAndStopped(t *testing.T) {
	o := shortChaos(t)
	o.Length = 45 * time.Second
	report := broken(t, o)
	if !report.OK() {
		t.Error("something was lost, or the run was too tame")
	}
}

// TestChaosNoticesSabotage breaks rules in workers that are built for it, and lets the database swallow complaints: what the run counts is then no
// longer zero.
func TestChaosNoticesSabotage(t *testing.T) {
	o := shortChaos(t, "-tags", "sabotage")
	o.Env = []string{"PERENNIAL_SABOTAGE=window,consent,double,forget,never,forgetful"}
	o.Calm, o.Quiet = 20*time.Second, 12*time.Second
	o.Publish = func(ctx context.Context, settings config.Config, s *store.Store, temporal client.Client, folder string) error {
		conn, err := pgx.Connect(ctx, settings.DatabaseURL.Reveal())
		if err != nil {
			return err
		}
		defer func() { _ = conn.Close(ctx) }()
		const swallow = `create function swallow() returns trigger language plpgsql as 'begin return null; end';
			create trigger swallow before insert on events for each row when (new.type = 'complaint.opened') execute function swallow()`
		if _, err := conn.Exec(ctx, swallow); err != nil {
			return err
		}
		return publishChaos(ctx, settings, s, temporal, folder)
	}
	report := broken(t, o)
	for what, count := range map[string]chaos.Count{
		"touches lost": report.Lost, "touches twice": report.Twice, "unexplained": report.Unexplained, "outside window": report.OutsideWindow,
		"without consent": report.WithoutConsent, "events lost": report.EventsLost, "stuck": report.Stuck,
	} {
		if count.Count == 0 {
			t.Errorf("%s: none was counted", what)
		}
	}
}
