package activities_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"

	"perennial/activities"
	"perennial/channel"
	"perennial/channel/sandbox"
	"perennial/channel/twilio"
	"perennial/deploy/stack/stacktest"
	"perennial/domain/clock"
	"perennial/domain/contact"
	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/domain/segment"
	"perennial/store"
	"perennial/store/importcsv"
	"perennial/workflows"
)

// bench is a delivery with its database and its provider.
type bench struct {
	*testing.T

	store      *store.Store
	box        *sandbox.Sandbox
	deliveries *activities.Deliveries
	enrollment int64
	providers  string // where the sandbox answers
}

const phone = "+12015550101"

// noon is a Monday noon in London: within decent hours.
var noon = time.Date(2026, 5, 4, 11, 0, 0, 0, time.UTC)

func setup(t *testing.T) *bench {
	t.Helper()
	b := &bench{T: t}
	var err error
	if b.store, err = store.Open(t.Context(), stacktest.Postgres(t)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.store.Close)
	if _, _, err := b.store.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	// At this rate the clock stands almost still at noon.
	stack := clock.Starting(noon, time.Now(), 2)
	b.box = sandbox.New(sandbox.Config{Clock: stack, Late: time.Second, Logger: quiet()})
	t.Cleanup(b.box.Close)
	server := httptest.NewServer(b.box.Handler())
	t.Cleanup(server.Close)
	b.providers = server.URL
	sms, err := twilio.New(twilio.Config{AccountSID: sandbox.AccountSID, AuthToken: sandbox.AuthToken, BaseURL: server.URL, From: "+12025550123"})
	if err != nil {
		t.Fatal(err)
	}
	b.deliveries = &activities.Deliveries{
		Store: b.store, Versions: activities.NewVersions(b.store), Policies: activities.NewPolicies(b.store), Clock: stack, Log: quiet(),
		Senders:  map[customer.Channel]activities.Sender{customer.SMS: sms},
		Breakers: activities.NewBreakers(b.store, quiet()),
	}
	b.prepare()
	return b
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

// prepare makes a customer, a version and an enrollment.
func (b *bench) prepare() {
	b.Helper()
	b.importRow("c-1,Ada Fairley," + phone + ",c1@example.org,en,Europe/London,sms>email,,service")
	plan, err := json.Marshal(journey.Plan{Encoding: journey.PlanEncoding, Journey: "one", Steps: []journey.Step{{ID: "welcome", Verb: journey.Send, Next: journey.End, Template: "welcome", Topic: "service"}}})
	if err != nil {
		b.Fatal(err)
	}
	catalogue, err := json.Marshal(segment.Catalogue{})
	if err != nil {
		b.Fatal(err)
	}
	_, _, err = b.store.Publish(b.Context(), store.Version{Journey: "one", Hash: "1", Plan: plan, Catalogue: catalogue, EntersOn: "purchase", PublishedAt: noon},
		[]store.Template{{Name: "welcome", Channel: customer.SMS, Language: "en", Source: "Hello"}})
	if err != nil {
		b.Fatal(err)
	}
	err = b.store.InTx(b.Context(), func(tx *store.Tx) error {
		e, _, err := tx.Enroll(b.Context(), store.NewEnrollment{Journey: "one", Version: 1, Customer: "c-1", EnteredAt: noon})
		b.enrollment = e.ID
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
}

// importRow brings a customer, or what has changed of one.
func (b *bench) importRow(row string) {
	b.Helper()
	file := filepath.Join(b.TempDir(), "customers.csv")
	rows := "customer,name,phone,email,language,time_zone,channels,contact_windows,consents\n" + row + "\n"
	if err := os.WriteFile(file, []byte(rows), 0o600); err != nil {
		b.Fatal(err)
	}
	if s, err := importcsv.Customers(b.Context(), b.store, file, importcsv.Options{Now: noon}); err != nil || s.Stored != 1 {
		b.Fatalf("%+v %v", s, err)
	}
}

// request asks for the welcome, with little patience.
func (b *bench) request(patience time.Duration) workflows.DeliverRequest {
	return workflows.DeliverRequest{
		Touch: workflows.Touch{
			TouchKey: journey.TouchKey{Step: "welcome", Occurrence: 1, Try: 1}, Enrollment: b.enrollment, Journey: "one", Version: 1, Customer: "c-1",
			Kind: journey.Send, Template: "welcome", Topic: "service", Since: noon,
		},
		Channel: customer.SMS, Due: noon, Patience: workflows.Patience(patience),
	}
}

func (b *bench) deliver(r workflows.DeliverRequest) journey.Delivered {
	b.Helper()
	delivered, err := b.deliveries.Deliver(b.Context(), r)
	if err != nil {
		b.Fatal(err)
	}
	return delivered
}

func (b *bench) touch(r workflows.DeliverRequest) store.Touch {
	b.Helper()
	t, found, err := b.store.Touch(b.Context(), store.TouchKey{Enrollment: r.Touch.Enrollment, TouchKey: r.Touch.TouchKey})
	if err != nil || !found {
		b.Fatalf("the ledger has no such touch: %v", err)
	}
	return t
}

func TestDeliverAnswersWithWhatItDidBefore(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.request(time.Second)
	for range 3 {
		if d := b.deliver(r); d.How != journey.Sent {
			t.Errorf("delivered: %+v", d)
		}
	}
	if got := len(b.box.Messages()); got != 1 {
		t.Errorf("%d messages", got)
	}
}

func TestDeliveriesAtOnceSendOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.request(5 * time.Second)
	var all sync.WaitGroup
	for range 12 {
		all.Go(func() { _, _ = b.deliveries.Deliver(t.Context(), r) }) // those that come too early are told to come later
	}
	all.Wait()
	if got := len(b.box.Messages()); got != 1 {
		t.Errorf("%d messages", got)
	}
}

// stuck is a sender that has taken the message to the provider and does not come back before it is let go: a worker that is stopped.
type stuck struct {
	activities.Sender
	took chan struct{}
	free chan struct{}
}

func (s stuck) Send(_ context.Context, m channel.Message) (channel.Receipt, error) {
	receipt, err := s.Sender.Send(context.Background(), m) //nolint:contextcheck // a stopped process keeps no deadline
	close(s.took)
	<-s.free
	return receipt, err
}

func TestAWorkerThatIsStoppedPastItsLeaseIsUnconfirmedAndNothingIsSentTwice(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.request(200 * time.Millisecond)
	frozen := *b.deliveries
	s := stuck{b.deliveries.Senders[customer.SMS], make(chan struct{}), make(chan struct{})}
	frozen.Senders = map[customer.Channel]activities.Sender{customer.SMS: s}
	var late journey.Delivered
	var lateErr error
	var back sync.WaitGroup
	back.Go(func() { late, lateErr = frozen.Deliver(t.Context(), r) })
	<-s.took

	// The server tries again with another worker: first it waits for the lease, then it gives the touch up.
	_, err := b.deliveries.Deliver(t.Context(), r)
	var later *temporal.ApplicationError
	if !errors.As(err, &later) || later.NonRetryable() {
		t.Errorf("while the lease holds: %v", err)
	}
	var d journey.Delivered
	for d.How == "" {
		if d, err = b.deliveries.Deliver(t.Context(), r); err != nil {
			<-time.After(20 * time.Millisecond) // as the server would
		}
	}
	if d.How != journey.Unconfirmed || b.touch(r).State != store.TouchUnconfirmed {
		t.Errorf("after the lease: %+v, %s", d, b.touch(r).State)
	}
	listed, err := b.store.UnconfirmedTouches(t.Context(), 10)
	if err != nil || len(listed) != 1 {
		t.Errorf("%d unconfirmed touches are listed, %v", len(listed), err)
	}

	// The stopped worker comes back: what it knows is true, and is written down.
	close(s.free)
	back.Wait()
	if late.How != journey.Sent || lateErr != nil || b.touch(r).State != store.TouchSent {
		t.Errorf("when it comes back: %+v %v, %s", late, lateErr, b.touch(r).State)
	}
	if got := len(b.box.Messages()); got != 1 {
		t.Errorf("%d messages", got)
	}
}

func TestAChangeOfMindBetweenPlanAndDeliverIsHeard(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if err := b.store.RecordConsent(t.Context(), store.Consent{Customer: "c-1", Topic: "service", At: noon.Add(time.Hour), Source: "event"}); err != nil {
		t.Fatal(err)
	}
	r := b.request(time.Second)
	if d := b.deliver(r); d.How != journey.Skipped || d.Reason != contact.NoConsent {
		t.Errorf("delivered: %+v", d)
	}
	if got := b.touch(r); got.State != store.TouchSkipped || len(b.box.Messages()) != 0 {
		t.Errorf("%s, %d messages", got.State, len(b.box.Messages()))
	}
}

func TestAThrottledTouchIsReleasedAndSentLater(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.request(time.Second)
	b.box.SetFault(phone, sandbox.Throttle, 1)
	_, err := b.deliveries.Deliver(t.Context(), r)
	var later *temporal.ApplicationError
	if !errors.As(err, &later) || later.NextRetryDelay() == 0 || b.touch(r).Lease != store.LeaseReleased {
		t.Errorf("throttled: %v, %+v", err, b.touch(r))
	}
	if d := b.deliver(r); d.How != journey.Sent {
		t.Errorf("later: %+v", d)
	}
}

func TestNoErrorNamesTheCustomer(t *testing.T) {
	t.Parallel()
	for _, fault := range []sandbox.Fault{sandbox.BadAddress, sandbox.Throttle, sandbox.ServerError, sandbox.Cut} {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.box.SetFault(phone, fault, 1)
			d, err := b.deliveries.Deliver(t.Context(), b.request(time.Second))
			said := d.Why
			if err != nil {
				said += err.Error()
			}
			if said == "" || strings.Contains(said, "2015550101") || strings.Contains(said, "Ada") {
				t.Errorf("it says %q", said)
			}
		})
	}
}

func TestAnUnconfirmedTouchIsTriedAgainWhereThePolicySaysSo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	policy := contact.Standard()
	policy.Unconfirmed = contact.Unconfirmed{Again: contact.Period{Exact: 2 * time.Hour}}
	b.holds(policy)
	b.box.SetFault(phone, sandbox.Cut, 1)
	r := b.request(time.Second)
	d := b.deliver(r)
	if d.How != journey.Unconfirmed || d.Again.Before(noon.Add(2*time.Hour)) {
		t.Fatalf("cut: %+v", d)
	}
	if again := b.deliver(r); again.How != journey.Unconfirmed || again.Again.IsZero() {
		t.Errorf("asked again: %+v", again)
	}

	// The receipt comes before the next try: then there is none.
	if _, _, err := b.store.Receive(t.Context(), store.Receipt{Touch: b.touch(r).ID, State: store.TouchDelivered, At: noon}); err != nil {
		t.Fatal(err)
	}
	r.Touch.Try = 2
	if d := b.deliver(r); d.How != journey.Sent || len(b.box.Messages()) != 1 {
		t.Errorf("the second try: %+v, %d messages", d, len(b.box.Messages()))
	}
}

func TestAFallbackIsSentUnlessTheFirstIsKnownToHaveArrived(t *testing.T) {
	t.Parallel()
	for name, arrived := range map[string]bool{"no receipt came": false, "the receipt came late": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			r := b.request(time.Second)
			r.Touch.Fallback = true
			if d := b.deliver(r); d.How != journey.Sent {
				t.Fatalf("the first try: %+v", d)
			}
			if arrived {
				if _, _, err := b.store.Receive(t.Context(), store.Receipt{Touch: b.touch(r).ID, State: store.TouchDelivered, At: noon}); err != nil {
					t.Fatal(err)
				}
			}
			r.Touch.Try = 2
			want, messages := journey.Delivered{How: journey.Sent}, 2
			if arrived {
				want, messages = journey.Delivered{How: journey.Arrived, Try: 1}, 1
			}
			if d := b.deliver(r); d != want || len(b.box.Messages()) != messages {
				t.Errorf("the second try: %+v, %d messages, want %+v, %d", d, len(b.box.Messages()), want, messages)
			}
		})
	}
}
