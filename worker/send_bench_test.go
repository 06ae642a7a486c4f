package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"

	"perennial/activities"
	"perennial/channel/sandbox"
	"perennial/channel/twilio"
	"perennial/deploy/stack/stacktest"
	"perennial/domain/clock"
	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/store"
	"perennial/store/importcsv"
	"perennial/telemetry"
	"perennial/workflows"
)

// BenchmarkSend makes touches, each through the ledger of a real database and at the sandbox: as if nobody counted, counted as in every worker, and
// traced too. They take turns, so that what else the machine does falls on all; the figures are medians.
func BenchmarkSend(b *testing.B) {
	kinds := []struct {
		name    string
		watched bool
		spans   bool
	}{{"unwatched", false, false}, {"counted", true, false}, {"traced", true, true}}
	took := make([][]time.Duration, len(kinds))
	all := make([]*sends, len(kinds))
	for i, kind := range kinds {
		all[i] = newSends(b, kind.watched, kind.spans)
		all[i].send(b, 0) // connects
	}
	for n := 1; b.Loop(); n++ {
		for turn := range kinds {
			i := (n + turn) % len(kinds)
			began := time.Now()
			all[i].send(b, n)
			took[i] = append(took[i], time.Since(began))
		}
	}
	for i, kind := range kinds {
		slices.Sort(took[i])
		b.ReportMetric(float64(took[i][len(took[i])/2].Microseconds()), kind.name+"-µs/send")
	}
}

// sends are touches to be made of one enrollment after another.
type sends struct {
	env      *testsuite.TestActivityEnvironment
	enrolled []store.Enrollment
}

func newSends(b *testing.B, watched, spans bool) *sends {
	b.Helper()
	s, err := store.Open(b.Context(), stacktest.Postgres(b))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(s.Close)
	if _, _, err := s.Migrate(b.Context()); err != nil {
		b.Fatal(err)
	}
	providers := sandbox.New(sandbox.Config{Clock: clock.Clock{}, Logger: slog.New(slog.DiscardHandler)})
	b.Cleanup(providers.Close)
	server := httptest.NewServer(providers.Handler())
	b.Cleanup(server.Close)
	sms, err := twilio.New(twilio.Config{AccountSID: sandbox.AccountSID, AuthToken: sandbox.AuthToken, BaseURL: server.URL, From: "+12025550123"})
	if err != nil {
		b.Fatal(err)
	}
	var sender activities.Sender = sms
	environment := (&testsuite.WorkflowTestSuite{}).NewTestActivityEnvironment()
	if watched {
		o := telemetry.Options{Service: "bench", Log: slog.New(slog.DiscardHandler)}
		if spans {
			o.Spans = tracetest.NewNoopExporter()
		}
		told, err := telemetry.New(b.Context(), o)
		if err != nil {
			b.Fatal(err)
		}
		options, err := told.Temporal(client.Options{})
		if err != nil {
			b.Fatal(err)
		}
		var interceptors []interceptor.WorkerInterceptor
		for _, i := range options.Interceptors {
			interceptors = append(interceptors, i.(interceptor.WorkerInterceptor))
		}
		environment.SetWorkerOptions(worker.Options{Interceptors: interceptors})
		sender = told.Sender(customer.SMS, sms)
	}
	d := &activities.Deliveries{
		Store: s, Versions: activities.NewVersions(s), Policies: activities.NewPolicies(s), Clock: alwaysNoon(),
		Senders: map[customer.Channel]activities.Sender{customer.SMS: sender}, Log: slog.New(slog.DiscardHandler),
	}
	environment.RegisterActivityWithOptions(d.Deliver, activity.RegisterOptions{Name: workflows.ActivityDeliver})
	return &sends{env: environment, enrolled: enrollEverybody(b, s)}
}

// alwaysNoon is a clock on which it is a Monday's noon in London, in the hours that everybody is welcome to be reached in.
func alwaysNoon() clock.Clock { return clock.Starting(monday, time.Now(), 2) }

const benchCustomers = 2000

func enrollEverybody(b *testing.B, s *store.Store) []store.Enrollment {
	b.Helper()
	var rows strings.Builder
	rows.WriteString("customer,name,phone,language,time_zone,channels,consents\n")
	for i := range benchCustomers {
		fmt.Fprintf(&rows, "c-%d,Customer %d,+1201555%04d,en,Europe/London,sms,service\n", i, i, i)
	}
	file := filepath.Join(b.TempDir(), "customers.csv")
	if err := os.WriteFile(file, []byte(rows.String()), 0o600); err != nil {
		b.Fatal(err)
	}
	if _, err := importcsv.Customers(b.Context(), s, file, importcsv.Options{Region: "US", Now: monday}); err != nil {
		b.Fatal(err)
	}
	plan := short()
	plan.Encoding = journey.PlanEncoding
	encoded, err := json.Marshal(plan)
	if err != nil {
		b.Fatal(err)
	}
	welcome := store.Template{Name: "welcome", Channel: customer.SMS, Language: "en", Source: "Welcome"}
	if _, _, err := s.Publish(b.Context(), store.Version{
		Journey: plan.Journey, Hash: "bench", Plan: encoded, Catalogue: []byte("{}"), PublishedAt: monday,
	}, []store.Template{welcome}); err != nil {
		b.Fatal(err)
	}
	enrolled := make([]store.Enrollment, benchCustomers)
	err = s.InTx(b.Context(), func(tx *store.Tx) (err error) {
		for i := range enrolled {
			enrolled[i], _, err = tx.Enroll(b.Context(), store.NewEnrollment{
				Journey: plan.Journey, Version: 1, Customer: fmt.Sprintf("c-%d", i), EnteredAt: monday, Again: plan.Enter.Again,
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return enrolled
}

// send makes the welcome of the nth customer.
func (s *sends) send(b *testing.B, n int) {
	b.Helper()
	if n >= len(s.enrolled) {
		b.Fatalf("only %d customers are enrolled: run it with -benchtime %dx at most", len(s.enrolled), len(s.enrolled)-1)
	}
	e := s.enrolled[n]
	answer, err := s.env.ExecuteActivity(workflows.ActivityDeliver, workflows.DeliverRequest{
		Touch: workflows.Touch{
			TouchKey: journey.TouchKey{Step: "welcome", Occurrence: 1, Try: 1}, Enrollment: e.ID, Journey: e.Journey, Version: e.Version,
			Customer: e.Customer, Kind: journey.Send, Template: "welcome", Topic: "service", Since: monday,
		},
		Channel: customer.SMS, Due: monday, Patience: workflows.DefaultPatience,
	})
	if err != nil {
		b.Fatal(err)
	}
	var delivered journey.Delivered
	if err := answer.Get(&delivered); err != nil || delivered.How != journey.Sent {
		b.Fatalf("%+v, %v", delivered, err)
	}
}
