package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"perennial/activities"
	"perennial/config"
	"perennial/deploy/stack/stacktest"
	"perennial/domain/customer"
	"perennial/store"
	"perennial/workflows"
)

// business is a database, and where it says so a Temporal, a gateway and a worker, on which commands are run.
type business struct {
	t         *testing.T
	settings  config.Config
	namespace string
	store     *store.Store
	answers   io.Reader // of somebody at a terminal; nil where there is none
	stdin     string    // of the commands that read it
}

// newBusiness has an empty database that is migrated, and nothing else.
func newBusiness(t *testing.T) *business {
	t.Helper()
	b := unmigrated(t)
	if _, _, err := b.store.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return b
}

func unmigrated(t *testing.T) *business {
	t.Helper()
	b := &business{t: t, settings: config.Config{
		DatabaseURL:     config.Secret(stacktest.Postgres(t)),
		TemporalUIURL:   "http://127.0.0.1:8233",
		GatewayAddress:  "127.0.0.1:1", // nobody listens there
		TemporalAddress: "127.0.0.1:1",
		GatewayToken:    "a word",
		Patience:        time.Second,
	}}
	var err error
	if b.store, err = store.Open(t.Context(), b.settings.DatabaseURL.Reveal()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.store.Close)
	return b
}

// result is what a command left behind.
type result struct {
	out, errs string
	code      int
}

// run runs one command as the program does.
func (b *business) run(args ...string) result {
	b.t.Helper()
	return b.runUntil(b.t.Context(), nil, args...)
}

// runUntil runs one command in a context of its own; what it writes first also goes to seen, if there is one.
func (b *business) runUntil(ctx context.Context, seen chan<- string, args ...string) result {
	b.t.Helper()
	var out, errs bytes.Buffer
	c := &console{
		stdin: strings.NewReader(b.stdin), answers: b.answers, stdout: &tee{&out, seen}, stderr: &tee{&errs, seen},
		config: func() (config.Config, error) { return b.settings, nil },
		temporal: func(c config.Config) (client.Options, error) {
			return client.Options{HostPort: c.TemporalAddress, Namespace: b.namespace}, nil
		},
	}
	code := execute(ctx, c, args)
	return result{out.String(), errs.String(), code}
}

// tee keeps what is written, and tells of it.
type tee struct {
	kept *bytes.Buffer
	seen chan<- string
}

func (t *tee) Write(text []byte) (int, error) {
	select {
	case t.seen <- string(text):
	default: // nobody looks, or it was not the first
	}
	return t.kept.Write(text)
}

// does runs a command that must succeed, and returns what it printed.
func (b *business) does(args ...string) string {
	b.t.Helper()
	r := b.run(args...)
	if r.code != 0 {
		b.t.Fatalf("starter %s: exit code %d\n%s%s", strings.Join(args, " "), r.code, r.out, r.errs)
	}
	return r.out
}

// refuses runs a command that must fail with an error that says these words, on one line.
func (b *business) refuses(words string, args ...string) {
	b.t.Helper()
	r := b.run(args...)
	if r.code != 1 || !strings.Contains(r.errs, words) || strings.Count(r.errs, "\n") != 1 || !strings.HasPrefix(r.errs, "starter: ") {
		b.t.Errorf("starter %s: got exit code %d and %q, want one line with %q", strings.Join(args, " "), r.code, r.errs, words)
	}
	if strings.Contains(r.errs+r.out, "Usage:") {
		b.t.Errorf("starter %s: an error brings the usage along", strings.Join(args, " "))
	}
}

// reads runs a command with --json and decodes what it printed.
func (b *business) reads(into any, args ...string) {
	b.t.Helper()
	if err := json.Unmarshal([]byte(b.does(append(args, "--json")...)), into); err != nil {
		b.t.Fatalf("starter %s --json: %v", strings.Join(args, " "), err)
	}
}

// says checks that a text has all these words.
func says(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, word := range words {
		if !strings.Contains(text, word) {
			t.Errorf("%q is missing in\n%s", word, text)
		}
	}
}

// file writes a file and returns its path.
func (b *business) file(name, text string) string {
	b.t.Helper()
	path := filepath.Join(b.t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		b.t.Fatal(err)
	}
	return path
}

// journeys is a copy of the journeys that we ship, to change.
func journeys(t *testing.T) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "journeys")
	if err := os.CopyFS(folder, os.DirFS("../journeys")); err != nil {
		t.Fatal(err)
	}
	return folder
}

// edit replaces text in a file, where it must be.
func edit(t *testing.T, path, old, replacement string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), old) {
		t.Fatalf("%s does not say %q", path, old)
	}
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(text), old, replacement)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// withCustomers knows c-1 in Shanghai and c-2 in New York, neither of whom agreed to anything.
func (b *business) withCustomers() *business {
	b.t.Helper()
	b.does("import", "customers", b.file("customers.csv", `id,name,phone,email,time_zone,language,channels,contact_windows,owner
c-1,林 晓,+8613800000001,c1@example.com,Asia/Shanghai,zh-CN,sms>email,sat-sun 10:00-12:00,maria
c-2,Ada Oakley,+12015550102,c2@example.com,America/New_York,en,email,,omar
`))
	return b
}

// enter enrolls a customer in version 1 of a journey by hand, without a workflow.
func (b *business) enter(customer, journey string) store.Enrollment {
	b.t.Helper()
	var e store.Enrollment
	err := b.store.InTx(b.t.Context(), func(tx *store.Tx) (err error) {
		e, _, err = tx.Enroll(b.t.Context(), store.NewEnrollment{Journey: journey, Version: 1, Customer: customer, EnteredAt: noon()})
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return e
}

func noon() time.Time { return time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC) }

// withTemporal has a namespace of its own.
func (b *business) withTemporal() *business {
	b.t.Helper()
	b.settings.TemporalAddress, b.namespace = stacktest.Temporal(b.t), stacktest.Namespace(b.t)
	return b
}

func (b *business) dial() client.Client {
	b.t.Helper()
	c, err := client.DialContext(b.t.Context(), client.Options{
		HostPort: b.settings.TemporalAddress, Namespace: b.namespace, Logger: log.NewStructuredLogger(slog.New(slog.DiscardHandler)),
	})
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(c.Close)
	return c
}

// withGateway has a gateway that serves until the test ends.
func (b *business) withGateway() *business {
	b.t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.t.Fatal(err)
	}
	b.settings.GatewayAddress = listener.Addr().String()
	ctx, cancel := context.WithCancel(b.t.Context())
	served := make(chan error, 1)
	options := client.Options{HostPort: b.settings.TemporalAddress, Namespace: b.namespace}
	logger := (&console{stderr: b.t.Output()}).logger(config.Config{})
	go func() { served <- serveGateway(ctx, b.settings, options, listener, logger) }()
	// The listener takes the connection at once, and the gateway answers when it serves.
	answer, err := http.Get("http://" + listener.Addr().String() + "/healthz")
	if err != nil {
		b.t.Fatal(errors.Join(err, <-served))
	}
	_ = answer.Body.Close()
	b.t.Cleanup(func() {
		cancel()
		if err := <-served; err != nil {
			b.t.Error(err)
		}
	})
	return b
}

// withWorker has a worker that runs journeys and reaches nobody: there is no provider.
func (b *business) withWorker() *business {
	b.t.Helper()
	j := &activities.Journeys{Store: b.store, Versions: activities.NewVersions(b.store), Policies: activities.NewPolicies(b.store), Clock: b.settings.Clock, Channels: customer.Channels}
	w := worker.New(b.dial(), workflows.JourneysQueue, worker.Options{})
	w.RegisterWorkflowWithOptions(workflows.Journey, workflow.RegisterOptions{Name: workflows.JourneyWorkflow})
	for name, f := range map[string]any{
		workflows.ActivityBegin: j.Begin, workflows.ActivityPlan: j.Plan, workflows.ActivitySchedule: j.Schedule,
		workflows.ActivityEvaluate: j.Evaluate, workflows.ActivityProject: j.Project, workflows.ActivityFinish: j.Finish,
	} {
		w.RegisterActivityWithOptions(f, activity.RegisterOptions{Name: name})
	}
	if err := w.Start(); err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(w.Stop)
	return b
}

func writeFile(path, text string) error { return os.WriteFile(path, []byte(text), 0o600) }

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
