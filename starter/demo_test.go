package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"perennial/config"
	"perennial/demo"
)

// These tests let the demo's business live for a few days and do to its worker what happens to workers. They run one after the other:
// a machine that is busy with several at once says nothing about lateness.

// shortDemo is a demo of some days, two real seconds each, and of few customers, with a worker's program built for the test.
func shortDemo(t *testing.T, days int, tags ...string) demoOptions {
	t.Helper()
	o := demoOptions{days: days, rate: 43200, seed: 1, customers: 60}
	o.state, o.freePorts = t.TempDir(), true
	o.worker = filepath.Join(o.state, "worker")
	args := append([]string{"build", "-o", o.worker}, tags...)
	build := exec.CommandContext(t.Context(), "go", append(args, "perennial/worker")...)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the worker: %v\n%s", err, out)
	}
	return o
}

// lived runs a demo, and shows its summary where the test fails.
func lived(t *testing.T, o demoOptions, meanwhile func(context.Context, *machine)) demo.Summary {
	t.Helper()
	var said bytes.Buffer
	c := &console{stdout: &said, stderr: io.Discard, config: config.Load, temporal: config.Config.TemporalOptions} // which the demo must not look at
	summary, err := c.runDemo(t.Context(), o, meanwhile)
	t.Cleanup(func() {
		if t.Failed() {
			log, _ := os.ReadFile(filepath.Join(o.state, "log", "worker.log"))
			t.Logf("%s\n%s", said.String(), tail(log, 4000))
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return summary
}

func TestEveryDemoBeginsAtTheSamePointBetweenTwoScans(t *testing.T) {
	t.Parallel()
	for _, rate := range []int64{17280, 43200, 1000} {
		turn := max(time.Second, (24 * time.Hour / time.Duration(rate)).Truncate(time.Second))
		for _, took := range []time.Duration{0, 1234 * time.Millisecond, 17 * time.Second, time.Hour} {
			now := time.Date(2026, 11, 26, 0, 31, 7, 123456789, time.UTC)
			first := demoClock(rate, took, now).Real(demoStart)
			if at := time.Duration(first.UnixNano() % int64(turn)); (at - demoPhase).Abs() > time.Millisecond {
				t.Errorf("rate %d, after %v: it begins %v after a scan's turn", rate, took, at)
			}
			if left := first.Sub(now); left < min(2*took, demoSetUpMost) || left < demoSetUpLeast || left > demoSetUpMost+2*turn {
				t.Errorf("rate %d, after %v: %v are left to set up", rate, took, left)
			}
		}
	}
}

func TestWhatIsNoSummaryIsRefusedBeforeTheDemoRuns(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for name, text := range map[string]string{"before.json": "no JSON", "another.json": `{"customers": 300, "days": 60, "seed": 2}`} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{
		"before.json":  "is no summary of a demo",
		"missing.json": "read the summary to compare with",
		"another.json": "300 customers, 60 days and seed 1 can't be compared with 300 customers, 60 days and seed 2",
	} {
		_, err := demoOptions{customers: 300, days: 60, seed: 1, compare: filepath.Join(folder, name)}.toCompareWith()
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}

func tail(text []byte, n int) []byte { return text[max(0, len(text)-n):] }

func TestDemoDoesNothingThatMustNotBeDone(t *testing.T) {
	// Somebody's real stack, which the demo must leave alone.
	for _, name := range []string{"DATABASE_URL", "TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE", "TWILIO_API_URL", "SMTP_URL"} {
		t.Setenv(name, "somebody-elses")
	}
	summary := lived(t, shortDemo(t, 12), nil)
	if !summary.OK() {
		t.Errorf("violations %+v, lost %v", summary.Violations, summary.Lost)
	}
	for _, name := range []string{"onboarding", "renewal", "return-visit", "win-back"} {
		if summary.Journeys[name].Entered < 5 {
			t.Errorf("%d entered %s", summary.Journeys[name].Entered, name)
		}
	}
	if summary.Received < 60 || summary.Asks.Answered < 3 || summary.Skipped["no_consent"] < 5 || summary.Held["outside_window"] < 5 || summary.Notifies < 3 {
		t.Errorf("too little happened: %d received, %+v, skipped %v, held %v, %d notifies", summary.Received, summary.Asks, summary.Skipped, summary.Held, summary.Notifies)
	}
	if summary.TooLittle() != nil {
		t.Errorf("a short demo has minimums: %q", summary.TooLittle())
	}
}

func TestDemoSurvivesAWorkerThatIsKilledTwentyTimes(t *testing.T) {
	const kills = 20
	killed := 0
	o := shortDemo(t, 13)
	o.rate = 17280 // that of `make demo`
	summary := lived(t, o, func(ctx context.Context, m *machine) {
		for killed < kills {
			select {
			case <-ctx.Done():
				return
			case <-time.After(3 * time.Second):
			}
			if err := m.worker.Replace(); err != nil {
				t.Errorf("kill the worker: %v", err)
				return
			}
			killed++
		}
	})
	if killed < kills {
		t.Errorf("the worker was killed %d times only", killed)
	}
	if summary.Violations.Twice > 0 || summary.Violations.WithoutConsent > 0 || len(summary.Lost) > 0 {
		t.Errorf("violations %+v, lost %v", summary.Violations, summary.Lost)
	}
	if most := kills + 8; len(summary.Unconfirmed) > most { // those in flight, and those whose providers were cut
		t.Errorf("%d touches are unconfirmed: %v", len(summary.Unconfirmed), summary.Unconfirmed)
	}
	if summary.Received < 60 {
		t.Errorf("%d messages were received", summary.Received)
	}
	t.Logf("killed %d times: %d received, %d unconfirmed, violations %+v", killed, summary.Received, len(summary.Unconfirmed), summary.Violations)
}

func TestDemoSurvivesAWorkerThatIsStoppedPastItsLease(t *testing.T) {
	summary := lived(t, shortDemo(t, 12), func(ctx context.Context, m *machine) {
		pause := func(d time.Duration) bool {
			select {
			case <-ctx.Done():
				return false
			case <-time.After(d):
				return true
			}
		}
		for pause(2 * time.Second) {
			m.worker.Signal(syscall.SIGSTOP)
			going := pause(demoPatience * 2)
			m.worker.Signal(syscall.SIGCONT)
			if !going {
				return
			}
		}
	})
	if summary.Violations.Twice > 0 || len(summary.Lost) > 0 {
		t.Errorf("violations %+v, lost %v", summary.Violations, summary.Lost)
	}
}

// TestDemoNoticesSabotage breaks one rule at a time, in a worker that is built for it: what the demo counts is then no longer zero.
func TestDemoNoticesSabotage(t *testing.T) {
	for rule, violations := range map[string]func(demo.Violations) int{
		"window":  func(v demo.Violations) int { return v.OutsideWindow },
		"consent": func(v demo.Violations) int { return v.WithoutConsent },
		"claim":   func(v demo.Violations) int { return v.Twice },
	} {
		t.Run(rule, func(t *testing.T) {
			o := shortDemo(t, 7, "-tags", "sabotage")
			o.env = []string{"PERENNIAL_SABOTAGE=" + rule}
			o.seed = 2
			summary := lived(t, o, nil)
			if violations(summary.Violations) == 0 {
				t.Errorf("without the rule %s the demo counts %+v", rule, summary.Violations)
			}
		})
	}
}
