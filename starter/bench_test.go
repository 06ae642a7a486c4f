package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"perennial/bench"
	"perennial/config"
	"perennial/deploy/stack/stacktest"
	"perennial/workflows"
)

// shortBench is one that says nothing of speed, but does all that a long one does.
func shortBench(t *testing.T) benchOptions {
	t.Helper()
	o := benchOptions{size: bench.Size{Rounds: 1, Running: 2, Touches: 3, Starts: 2, Reactions: 2, Sleepers: 4}}
	o.state, o.freePorts = t.TempDir(), true
	o.worker = filepath.Join(o.state, "worker")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", o.worker, "perennial/worker")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the worker: %v\n%s", err, out)
	}
	t.Cleanup(func() {
		if t.Failed() {
			log, _ := os.ReadFile(filepath.Join(o.state, "log", "worker.log"))
			t.Logf("%s", tail(log, 4000))
		}
	})
	return o
}

// complete says what a report lacks. What a touch costs does not depend on the machine.
func complete(t *testing.T, r bench.Report) {
	t.Helper()
	for name, rate := range map[string]bench.Spread{
		"floor, touches": r.Floor.TouchesPerSecond, "ours, touches": r.Ours.TouchesPerSecond, "ratio, touches": r.Ratio.TouchesPerSecond,
		"floor, starts": r.Floor.StartsPerSecond, "ours, starts": r.Ours.StartsPerSecond, "ratio, starts": r.Ratio.StartsPerSecond,
	} {
		if rate.Min <= 0 || rate.Median < rate.Min || rate.Max < rate.Median {
			t.Errorf("%s: %+v", name, rate)
		}
	}
	if r.Touch.Events > 13 || r.Touch.Transitions > 7 || r.Touch.Events < 12 || r.Touch.Bytes <= 0 {
		t.Errorf("a held touch costs %+v, and may cost 13 events and 7 transitions", r.Touch)
	}
	if r.WaitAndTouch.Events > 20 || r.WaitAndTouch.Transitions > 10 || r.WaitAndTouch.Events <= r.Touch.Events {
		t.Errorf("a wait and a held touch cost %+v, and may cost 20 events and 10 transitions", r.WaitAndTouch)
	}
	if want := (bench.Cost{Events: 12, Transitions: 7, Bytes: r.Floor.Touch.Bytes}); r.Floor.Touch != want {
		t.Errorf("a touch of the floor costs %+v, want %+v", r.Floor.Touch, want)
	}
	if r.Reaction.Count != 2 || r.Reaction.P50 <= 0 || r.Reaction.P99 < r.Reaction.P50 || r.Lateness.Count < 2 || r.Lateness.Max <= 0 {
		t.Errorf("reaction %+v, lateness %+v", r.Reaction, r.Lateness)
	}
	if r.Sleeping.Enrollments != 4 || r.Sleeping.OurBytes == nil || r.Sleeping.WorkerRSSBytes == nil || *r.Sleeping.WorkerRSSBytes <= 0 {
		t.Errorf("sleeping: %+v", r.Sleeping)
	}
	if r.Machine.Cores < 1 || r.Versions.Server == "" || r.Versions.Shards < 1 || r.Versions.PostgreSQL == "" {
		t.Errorf("%+v, %+v", r.Machine, r.Versions)
	}
}

func TestBenchMeasuresEverythingAndATouchCostsWhatItMay(t *testing.T) {
	t.Parallel()
	c := &console{stdout: io.Discard, stderr: io.Discard, config: config.Default}
	report, err := c.runBench(t.Context(), shortBench(t))
	if err != nil {
		t.Fatal(err)
	}
	complete(t, report)
	if report.Sleeping.TemporalBytes == nil {
		t.Error("nobody measured Temporal's database")
	}
	var said strings.Builder
	if err := report.Print(&said); err != nil || !strings.Contains(said.String(), "a held touch") {
		t.Errorf("%v: %s", err, said.String())
	}
}

func TestBenchLeavesNothingInAnotherTemporal(t *testing.T) {
	address, namespace := stacktest.Temporal(t), stacktest.Namespace(t)
	t.Setenv("TEMPORAL_ADDRESS", address)
	t.Setenv("TEMPORAL_NAMESPACE", namespace)
	t.Setenv("DATABASE_URL", "postgres://somebody-elses.invalid/database")
	c := &console{stdout: io.Discard, stderr: io.Discard, config: config.Load, temporal: config.Config.TemporalOptions}
	report, err := c.runBench(t.Context(), shortBench(t))
	if err != nil {
		t.Fatal(err)
	}
	complete(t, report)

	temporal, err := client.Dial(client.Options{HostPort: address, Namespace: namespace})
	if err != nil {
		t.Fatal(err)
	}
	defer temporal.Close()
	for left := int64(1); left > 0; { // deleting goes on after it was asked for
		count, err := temporal.CountWorkflow(t.Context(), &workflowservice.CountWorkflowExecutionsRequest{Namespace: namespace})
		if err != nil {
			t.Fatal(err)
		}
		if left = count.GetCount(); left > 0 {
			<-time.After(50 * time.Millisecond)
		}
	}
	schedules, err := temporal.ScheduleClient().List(t.Context(), client.ScheduleListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if schedules.HasNext() {
		t.Error("a schedule is left")
	}
}

func TestBenchRefusesATemporalInWhichAPerennialHasWorked(t *testing.T) {
	address, namespace := stacktest.Temporal(t), stacktest.Namespace(t)
	temporal, err := client.Dial(client.Options{HostPort: address, Namespace: namespace})
	if err != nil {
		t.Fatal(err)
	}
	defer temporal.Close()
	options := client.StartWorkflowOptions{ID: "journey/onboarding/c-1", TaskQueue: workflows.JourneysQueue}
	if _, err := temporal.ExecuteWorkflow(t.Context(), options, workflows.JourneyWorkflow); err != nil {
		t.Fatal(err)
	}
	for seen := int64(0); seen == 0; { // visibility may follow
		count, err := temporal.CountWorkflow(t.Context(), &workflowservice.CountWorkflowExecutionsRequest{Namespace: namespace})
		if err != nil {
			t.Fatal(err)
		}
		seen = count.GetCount()
	}
	t.Setenv("TEMPORAL_ADDRESS", address)
	t.Setenv("TEMPORAL_NAMESPACE", namespace)
	c := &console{stdout: io.Discard, stderr: io.Discard, config: config.Load, temporal: config.Config.TemporalOptions}
	o := benchOptions{size: bench.Whole()}
	o.state = t.TempDir()
	if _, err := c.runBench(t.Context(), o); err == nil || !strings.Contains(err.Error(), "TEMPORAL_NAMESPACE") {
		t.Errorf("got %v", err)
	}
}
