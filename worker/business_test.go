package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"perennial/activities"
	"perennial/channel/sandbox"
	"perennial/config"
	"perennial/deploy/stack/stacktest"
	"perennial/domain/clock"
	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/domain/segment"
	"perennial/gateway"
	"perennial/store"
	"perennial/store/importcsv"
	"perennial/telemetry"
	"perennial/workflows"
)

// business is a whole stack of its own for one test: its database, its namespace, its sandbox, gateway and worker.
type business struct {
	*testing.T

	main    *Main
	store   *store.Store
	sandbox *sandbox.Sandbox
	gateway string // its address
	handler *gateway.Gateway
	clock   clock.Clock
	stop    chan any
	stopped chan error
}

// rate makes a day last a second, and an hour 42 ms.
const rate = 86400

// monday is when the stack's clock starts, noon in London.
var monday = time.Date(2026, 5, 4, 11, 0, 0, 0, time.UTC)

// open starts a business without a worker.
func open(t *testing.T) *business {
	t.Helper()
	return openAt(t, clock.Starting(monday, time.Now(), rate))
}

// openAt starts a business with a clock of its own, and where something is changed with another configuration.
func openAt(t *testing.T, stack clock.Clock, changes ...func(*config.Config)) *business {
	t.Helper()
	return openMain(t, stack, func(m *Main) {
		for _, change := range changes {
			change(&m.Config)
		}
	})
}

// openMain starts a business whose worker is changed before it opens.
func openMain(t *testing.T, stack clock.Clock, change func(*Main)) *business {
	t.Helper()
	b := &business{T: t, clock: stack}
	url := stacktest.Postgres(t)
	var err error
	if b.store, err = store.Open(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.store.Close)
	if _, _, err := b.store.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	gatewayListener := listen(t)
	b.gateway = "http://" + gatewayListener.Addr().String()
	b.sandbox = sandbox.New(sandbox.Config{
		Clock: b.clock, InboundSMS: b.gateway + gateway.SMSPath, GatewayURL: b.gateway, SlackEvents: b.gateway + gateway.SlackPath, Receipts: true, Logger: quiet(),
	})
	t.Cleanup(b.sandbox.Close)
	providers := httptest.NewServer(b.sandbox.Handler())
	t.Cleanup(providers.Close)
	mail := listen(t)
	go b.sandbox.ServeSMTP(context.WithoutCancel(t.Context()), mail) //nolint:errcheck // it ends when its listener closes
	t.Cleanup(func() { _ = mail.Close() })                           // the sandbox closes it too

	b.main = &Main{
		Config: config.Config{
			DatabaseURL: config.Secret(url), PublicURL: b.gateway, WorkerAddress: "127.0.0.1:0",
			TwilioAccountSID: sandbox.AccountSID, TwilioAuthToken: sandbox.AuthToken, TwilioAPIURL: providers.URL, TwilioFrom: "+12025550123",
			SMTPURL: config.Secret("smtp://" + mail.Addr().String()), MailFrom: "Perennial <care@example.com>",
			SlackBotToken: sandbox.SlackToken, SlackAPIURL: providers.URL + sandbox.SlackPath,
			Patience: 2 * time.Second, Clock: b.clock,
		},
		Temporal: client.Options{HostPort: stacktest.Temporal(t), Namespace: stacktest.Namespace(t), Identity: "worker"},
		Log:      quiet(),
	}
	change(b.main)
	if err := b.main.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	watched, err := telemetry.New(t.Context(), telemetry.Options{Service: "perennial-gateway", Clock: b.clock, Log: quiet(), Spans: b.main.Spans})
	if err != nil {
		t.Fatal(err)
	}
	mailKey, err := b.store.MailKey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b.handler, err = gateway.New(t.Context(), gateway.Config{
		Store: b.store, Clock: b.clock, Log: quiet(), Address: gatewayListener.Addr().String(), PublicURL: b.gateway,
		TwilioToken: sandbox.AuthToken, Dispatcher: b.events(), Ready: b.store.Ping, Telemetry: watched,
		UnsubscribeKey: mailKey, BounceKey: mailKey, SlackSecret: sandbox.SlackSecret,
	})
	if err != nil {
		t.Fatal(err)
	}
	server := &httptest.Server{Listener: gatewayListener, Config: &http.Server{Handler: b.handler}}
	server.Start()
	t.Cleanup(server.Close)
	return b
}

// setup starts a whole business.
func setup(t *testing.T) *business {
	t.Helper()
	b := open(t)
	b.work()
	return b
}

// work starts the worker.
func (b *business) work() {
	b.stop, b.stopped = make(chan any), make(chan error, 1)
	go func() { b.stopped <- b.main.Run(b.stop) }()
	b.Cleanup(func() {
		close(b.stop)
		if err := <-b.stopped; err != nil {
			b.Errorf("the worker ended badly: %v", err)
		}
		b.main.Close()
	})
	b.Cleanup(b.record)
}

func (b *business) events() *activities.Events {
	return &activities.Events{Entrance: b.entrance()}
}

func (b *business) entrance() *activities.Entrance {
	return &activities.Entrance{
		Store: b.store, Versions: activities.NewVersions(b.store), Temporal: b.main.client, Namespace: b.main.Temporal.Namespace,
		Clock: b.clock, Patience: workflows.Patience(b.main.Config.Patience), Pages: b.gateway, Log: quiet(),
	}
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// catalogue is what the tests' journeys speak of.
var catalogue = segment.Catalogue{Attributes: []segment.Attribute{{Name: "handover", Type: segment.Date}, {Name: "points", Type: segment.Int}}}

// publish publishes a plan with a text for each of its templates on sms, slack and email.
func (b *business) publish(plan journey.Plan) {
	b.Helper()
	plan.Encoding = journey.PlanEncoding
	encoded, err := json.Marshal(plan)
	if err != nil {
		b.Fatal(err)
	}
	types, err := json.Marshal(catalogue)
	if err != nil {
		b.Fatal(err)
	}
	var templates []store.Template
	for _, step := range plan.Steps {
		if step.Template != "" {
			templates = append(templates,
				store.Template{Name: step.Template, Channel: customer.SMS, Language: "en", Source: "Hello {{ customer.name | default: \"there\" }}, this is " + step.Template},
				store.Template{Name: step.Template, Channel: customer.Slack, Language: "en", Source: "{{ customer.name | default: \"Somebody\" }}: " + step.Template},
				store.Template{Name: step.Template, Channel: customer.Email, Language: "en", Source: "---\nsubject: " + step.Template + "\n---\nHello {{ customer.name | default: \"there\" }}"})
		}
	}
	_, _, err = b.store.Publish(b.Context(), store.Version{
		Journey: plan.Journey, Hash: string(encoded), Plan: encoded, Catalogue: types, EntersOn: plan.Enter.On, Listens: plan.Listens(), PublishedAt: monday,
	}, templates)
	if err != nil {
		b.Fatal(err)
	}
}

// person is a customer of these tests.
type person struct{ id, name, phone, email, channels, windows, consents string }

var ada = person{"c-1", "Ada Fairley", "+12015550101", "c1@example.org", "sms>email", "", "service care marketing"}

func (b *business) know(p person) {
	b.Helper()
	b.importCSV("customer,name,phone,email,language,time_zone,channels,contact_windows,consents,owner\n" +
		fmt.Sprintf("%s,%s,%s,%s,en,Europe/London,%s,%s,%s,rep-01\n", p.id, p.name, p.phone, p.email, p.channels, p.windows, p.consents))
}

// happen hands an event in at the gateway's door.
func (b *business) happen(id, kind, who string, data string) {
	b.Helper()
	if data == "" {
		data = "{}"
	}
	body := fmt.Sprintf(`{"id":%q,"type":%q,"customer":%q,"at":%q,"data":%s}`, id, kind, who, b.clock.At(time.Now()).UTC().Format(time.RFC3339Nano), data)
	answer, err := http.Post(b.gateway+"/v1/events", "application/json", strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(answer.Body)
	if answer.StatusCode != http.StatusAccepted {
		b.Fatalf("event %s: %s %s", id, answer.Status, text)
	}
}

// eventually waits until something is so; what never is so fails by the test's own deadline.
func (b *business) eventually(what string, so func() bool) {
	b.Helper()
	deadline := time.Now().Add(2 * time.Minute)
	for !so() {
		if time.Now().After(deadline) {
			b.Fatalf("never: %s\n%s", what, b.story())
		}
		select {
		case <-b.Context().Done():
			b.Fatal(b.Context().Err())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// story is what the ledger and the enrollments say, for a test that failed.
func (b *business) story() string {
	ctx := context.WithoutCancel(b.Context())
	var s strings.Builder
	enrollments, _ := b.store.Enrollments(ctx, store.EnrollmentFilter{}, 0, 20)
	for _, e := range enrollments {
		fmt.Fprintf(&s, "%+v\n", e)
		touches, _ := b.store.Touches(ctx, e.ID)
		for _, t := range touches {
			fmt.Fprintf(&s, "  %s %s %s %s %s\n", t.ID, t.Channel, t.State, t.Reason, t.ProviderCode)
		}
	}
	return s.String()
}

// enrollment returns the customer's only enrollment, or a zero one.
func (b *business) enrollment(who string) store.Enrollment {
	b.Helper()
	found, err := b.store.Enrollments(b.Context(), store.EnrollmentFilter{Customer: who}, 0, 10)
	if err != nil {
		b.Fatal(err)
	}
	if len(found) == 0 {
		return store.Enrollment{}
	}
	return found[0]
}

// ends waits for the outcome of the customer's enrollment.
func (b *business) ends(who, outcome string) store.Enrollment {
	b.Helper()
	b.eventually("the enrollment of "+who+" ends", func() bool { return b.enrollment(who).Outcome != "" })
	e := b.enrollment(who)
	if e.Outcome != outcome {
		b.Errorf("outcome %q, want %q\n%s", e.Outcome, outcome, b.story())
	}
	return e
}

// got returns what an address received from us.
func (b *business) got(address string) []sandbox.Message {
	var got []sandbox.Message
	for _, m := range b.sandbox.After(0) {
		if m.Address == address && !m.Reply {
			got = append(got, m)
		}
	}
	return got
}

// status is how the UI shows a run.
func (b *business) status(e store.Enrollment) enums.WorkflowExecutionStatus {
	b.Helper()
	described, err := b.main.client.DescribeWorkflowExecution(b.Context(), workflows.WorkflowID(e.Journey, e.Customer, e.Key), "")
	if err != nil {
		b.Fatal(err)
	}
	return described.GetWorkflowExecutionInfo().GetStatus()
}

func (b *business) importCSV(text string) {
	b.Helper()
	file := filepath.Join(b.TempDir(), "customers.csv")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	summary, err := importcsv.Customers(b.Context(), b.store, file, importcsv.Options{Region: "US", Now: monday})
	if err != nil || summary.Rejected+summary.Notes > 0 {
		b.Fatalf("import: %+v %v", summary, err)
	}
}
