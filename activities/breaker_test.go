package activities_test

import (
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"

	"perennial/activities"
	"perennial/channel"
	"perennial/channel/sandbox"
	"perennial/channel/twilio"
	"perennial/domain/contact"
	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/store"
	"perennial/workflows"
)

func TestAProviderIsLeftAloneForLongerEachTimeItIsTriedInVain(t *testing.T) {
	t.Parallel()
	const call = 30 * time.Second
	for tries, want := range []time.Duration{15 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 5 * time.Minute, 5 * time.Minute} {
		if got := activities.Rest(tries, call, 0); got != want {
			t.Errorf("after %d tries it rests for %v, want %v", tries, got, want)
		}
	}
	if got := activities.Rest(100, call, 0); got != 5*time.Minute {
		t.Errorf("after a hundred tries it rests for %v", got)
	}
	if got := activities.Rest(0, call, 20*time.Minute); got != 20*time.Minute {
		t.Errorf("a provider that asks for 20 minutes gets %v", got)
	}
	if got := activities.Rest(0, call, 90*time.Hour); got != time.Hour {
		t.Errorf("a provider that asks for days gets %v", got)
	}
}

// patient is the patience of these tests: providers rest for half a second at first, and what counts as recent is ten, in which a busy machine makes ten touches.
const patient = time.Second

// ask asks for the welcome once more: n is its occurrence.
func (b *bench) ask(n int, valid journey.Span) workflows.DeliverRequest {
	r := b.request(patient)
	r.Touch.Occurrence, r.Touch.Valid = n, valid
	return r
}

// attempt makes one attempt and says how it ended: as the touch did, or "later" and why.
func (b *bench) attempt(r workflows.DeliverRequest) (how journey.DeliveryEnd, why string) {
	b.Helper()
	delivered, err := b.deliveries.Deliver(b.Context(), r)
	if err == nil {
		return delivered.How, string(delivered.Reason) + delivered.Why
	}
	asked, ok := asApplication(err)
	if !ok || asked.Type() != "Later" {
		b.Error(err)
	}
	return "later", asked.Message()
}

func asApplication(err error) (*temporal.ApplicationError, bool) {
	asked, ok := err.(*temporal.ApplicationError) //nolint:errorlint // Deliver returns it as it is
	return asked, ok
}

// called is how many requests reached the sandbox.
func (b *bench) called() int { return len(b.box.Messages()) + len(b.box.Refused()) }

// breaks lets everybody's requests fail and sends to so many customers that the breaker opens.
func (b *bench) breaks(fault sandbox.Fault) {
	b.Helper()
	b.box.SetFault(sandbox.Everybody, fault, 0)
	var all sync.WaitGroup
	for n := range 10 {
		all.Go(func() {
			if how, why := b.attempt(b.ask(100+n, journey.Span{})); how != "later" && how != journey.Unconfirmed {
				b.Errorf("the outage lets one end as %s: %s", how, why)
			}
		})
	}
	all.Wait()
	if s := b.breaker(); !s.Open() {
		b.Fatalf("ten touches failed, and the breaker stays closed: %+v", s)
	}
}

// alone lets the provider be left alone until somebody says otherwise, however slow the machine is.
func (b *bench) alone() {
	b.Helper()
	if err := b.store.KeepBreakerOpen(b.Context(), b.breaker(), time.Hour); err != nil {
		b.Fatal(err)
	}
}

// now lets the next touch try the provider.
func (b *bench) now() {
	b.Helper()
	if n, err := b.store.TryBreakersNow(b.Context()); n != 1 || err != nil {
		b.Fatalf("%d breakers rested, %v", n, err)
	}
}

func (b *bench) breaker() store.Breaker {
	b.Helper()
	s, err := b.store.Breaker(b.Context(), customer.SMS)
	if err != nil {
		b.Fatal(err)
	}
	return s
}

// everybody lets a customer have any number of messages on one day.
func everybody(t *testing.T) *bench {
	t.Helper()
	b := setup(t)
	policy := contact.Standard()
	policy.Caps, policy.Gap = nil, nil
	b.holds(policy)
	return b
}

// until tries a touch until it ends otherwise than later.
func (b *bench) until(r workflows.DeliverRequest) (how journey.DeliveryEnd) {
	b.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); <-time.After(20 * time.Millisecond) {
		if how, _ := b.attempt(r); how != "later" {
			return how
		}
	}
	b.Fatal("it is never sent")
	return ""
}

func TestAProviderThatDoesNotWorkIsLeftAloneAndTriedUntilItDoes(t *testing.T) {
	t.Parallel()
	for _, fault := range []sandbox.Fault{sandbox.Throttle, sandbox.ServerError, sandbox.Hang} {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			b := everybody(t)
			b.breaks(fault)
			b.alone()
			called := b.called()
			how, why := b.attempt(b.ask(1, journey.Span{}))
			if how != "later" || !strings.Contains(why, "nothing goes out by sms since") {
				t.Errorf("a touch that is due meanwhile ends as %s: %s", how, why)
			}
			if n := b.called() - called; n != 0 {
				t.Errorf("the provider is called %d times meanwhile", n)
			}
			waiting := store.TouchKey{Enrollment: b.enrollment, TouchKey: b.ask(1, journey.Span{}).Touch.TouchKey}
			if touch, found, err := b.store.Touch(t.Context(), waiting); err != nil || found {
				t.Errorf("what waits is claimed: %+v %v", touch, err)
			}

			// One tries it in vain.
			before := b.breaker().Tries
			b.now()
			for deadline := time.Now().Add(time.Minute); b.breaker().Tries == before && time.Now().Before(deadline); <-time.After(20 * time.Millisecond) {
				b.attempt(b.ask(1, journey.Span{}))
			}
			if s := b.breaker(); !s.Open() || s.Tries != before+1 {
				t.Fatalf("after it was tried in vain the breaker is %+v", s)
			}

			b.box.SetFault(sandbox.Everybody, sandbox.NoFault, 0)
			if how := b.until(b.ask(2, journey.Span{})); how != journey.Sent {
				t.Errorf("the touch that tries ends as %s", how)
			}
			if s := b.breaker(); s.Open() || s.ClosedAt.IsZero() {
				t.Errorf("it works again, and the breaker is %+v", s)
			}
			if how := b.until(b.ask(3, journey.Span{})); how != journey.Sent {
				t.Errorf("the next one ends as %s", how)
			}
		})
	}
}

func TestWhatExpiresOrMustWaitMeanwhileDoesNotWaitForTheProvider(t *testing.T) {
	t.Parallel()
	b := everybody(t)
	b.breaks(sandbox.ServerError)
	expired := b.ask(1, journey.Span{Exact: time.Hour})
	expired.Touch.Since = noon.Add(-2 * time.Hour)
	if how, why := b.attempt(expired); how != journey.Skipped || why != string(contact.Expired) {
		t.Errorf("what has expired ends as %s: %s", how, why)
	}
	err := b.store.RecordConsent(t.Context(), store.Consent{Customer: "c-1", Topic: "service", Granted: false, At: b.deliveries.Clock.At(time.Now()), Source: "event"})
	if err != nil {
		t.Fatal(err)
	}
	if how, why := b.attempt(b.ask(2, journey.Span{})); how != journey.Skipped || why != string(contact.NoConsent) {
		t.Errorf("a customer who wants nothing any more is %s: %s", how, why)
	}
}

func TestCredentialsThatAreRefusedOpenTheBreakerAtOnce(t *testing.T) {
	t.Parallel()
	b := everybody(t)
	right := b.deliveries.Senders[customer.SMS]
	wrong, err := twilio.New(twilio.Config{AccountSID: sandbox.AccountSID, AuthToken: "mistyped", BaseURL: b.providers, From: "+12025550123"})
	if err != nil {
		t.Fatal(err)
	}
	b.deliveries.Senders[customer.SMS] = wrong
	for range 2 {
		if how, why := b.attempt(b.ask(1, journey.Span{})); how != "later" || !strings.Contains(why, "credentials") {
			t.Fatalf("refused credentials end as %s: %s", how, why)
		}
	}
	s := b.breaker()
	if !s.Open() || s.Kind != string(channel.Misconfigured) || s.Provider != "twilio" || s.Code != "20003" {
		t.Fatalf("the breaker is %+v", s)
	}
	b.deliveries.Senders[customer.SMS] = right // as a worker does that is started with other variables
	b.now()
	if how := b.until(b.ask(1, journey.Span{})); how != journey.Sent {
		t.Errorf("with the right ones it ends as %s", how)
	}
	if b.breaker().Open() {
		t.Error("the breaker stays open")
	}
}

func TestOneAddressOpensNoBreaker(t *testing.T) {
	t.Parallel()
	b := everybody(t)
	b.box.SetFault(phone, sandbox.Throttle, 25)
	r := b.ask(1, journey.Span{})
	for range 25 {
		b.attempt(r)
	}
	if n := len(b.box.Refused()); n != 25 {
		t.Errorf("25 attempts called the provider %d times", n)
	}
	if s := b.breaker(); s.Open() {
		t.Errorf("the breaker is %+v", s)
	}
}

func TestAWorkerHearsOfABreakerThatAnotherOpenedAndOneTriesIt(t *testing.T) {
	t.Parallel()
	b := everybody(t)
	other := &activities.Deliveries{
		Store: b.store, Versions: b.deliveries.Versions, Policies: b.deliveries.Policies, Clock: b.deliveries.Clock, Log: quiet(), Senders: b.deliveries.Senders,
		Breakers: activities.NewBreakers(b.store, quiet()),
	}
	b.breaks(sandbox.ServerError)
	b.alone()
	called := b.called()
	mine := b.deliveries
	b.deliveries = other
	if how, why := b.attempt(b.ask(1, journey.Span{})); how != "later" || !strings.Contains(why, "nothing goes out by sms") {
		t.Errorf("at the other worker a touch ends as %s: %s", how, why)
	}
	if n := b.called() - called; n != 0 {
		t.Errorf("the other worker calls the provider %d times", n)
	}

	// Both come when it may be tried, and one of them does. It does not come back: then another one may.
	tries := func() (n int) {
		for range 2 {
			err := b.store.InTx(t.Context(), func(tx *store.Tx) error {
				may, err := tx.TryBreaker(t.Context(), customer.SMS, 3*time.Second)
				if may {
					n++
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		return n
	}
	b.now()
	if n := tries(); n != 1 {
		t.Errorf("%d may try at once", n)
	}
	b.box.SetFault(sandbox.Everybody, sandbox.NoFault, 0)
	b.deliveries = mine
	if how := b.until(b.ask(2, journey.Span{})); how != journey.Sent {
		t.Errorf("after the one that was lost, another one ends as %s", how)
	}
}

func TestWhatHasGatheredIsLetThroughAtAPaceThatGrows(t *testing.T) {
	t.Parallel()
	b := everybody(t)
	const call = 3 * time.Second // doubles each second
	paced := func(n int) workflows.DeliverRequest {
		r := b.ask(n, journey.Span{})
		r.Patience = workflows.Patience(call)
		return r
	}
	if _, err := b.store.OpenBreaker(t.Context(), store.Opening{Breaker: store.Breaker{Channel: customer.SMS, Kind: "temporary", Provider: "twilio"}, Rest: 0}); err != nil {
		t.Fatal(err)
	}
	if how, why := b.attempt(paced(0)); how != journey.Sent {
		t.Fatalf("the one that tries is %s: %s", how, why)
	}
	began, sent, held := time.Now(), 0, 0
	for n := 1; time.Since(began) < 2*time.Second; n++ {
		switch how, why := b.attempt(paced(n)); {
		case how == journey.Sent:
			sent++
		case how == "later" && strings.Contains(why, "little by little"):
			held++
		default:
			t.Fatalf("it ends as %s: %s", how, why)
		}
	}
	// One a second in the beginning, and twice as many each second: in t seconds that is (2^t - 1) / ln 2, and one at once.
	took := time.Since(began).Seconds()
	if most := 2 + (math.Pow(2, took)-1)/math.Ln2; sent == 0 || float64(sent) > most || held == 0 {
		t.Errorf("in %.1f s %d were let through and %d held back", took, sent, held)
	}
}

func TestColleaguesOnCallAreToldOnceThatAProviderDoesNotWorkAndThatItWorksAgain(t *testing.T) {
	t.Parallel()
	b := office(t, nil)
	b.deliveries.OnCall = []string{"rep-1"}
	// tell tells until so many messages were received, and then some times more, which must tell nothing.
	tell := func(want int) {
		t.Helper()
		for deadline, more := time.Now().Add(time.Minute), 3; more > 0 && time.Now().Before(deadline); <-time.After(20 * time.Millisecond) {
			if err := b.deliveries.TellOnCall(t.Context(), workflows.Patience(patient/5)); err != nil { // two seconds until it is told that it works
				t.Fatal(err)
			}
			if len(b.box.Messages()) >= want {
				more--
			}
		}
	}
	why := store.Breaker{Kind: string(channel.Misconfigured), Provider: "twilio", Code: "20003"}
	for _, on := range []customer.Channel{customer.SMS, customer.Slack} {
		why.Channel = on
		if _, err := b.store.OpenBreaker(t.Context(), store.Opening{Breaker: why, Rest: time.Hour}); err != nil {
			t.Fatal(err)
		}
	}
	// Slack, on which the colleague would rather be told, does not work either.
	tell(2)
	messages := b.box.Messages()
	if len(messages) != 2 {
		t.Fatalf("of two providers the colleague was told by %+v", messages)
	}
	for i, on := range []string{"sms", "slack"} {
		m := messages[i]
		if m.Address != repMail || !strings.Contains(m.Text, "nothing goes out by "+on+" since") || !strings.Contains(m.Text, "twilio: the provider refuses our credentials or settings (20003)") {
			t.Errorf("the colleague was told: %+v", m)
		}
	}
	b.away("rep-1")
	if _, err := b.store.CloseBreaker(t.Context(), customer.Slack); err != nil {
		t.Fatal(err)
	}
	tell(3)
	messages = b.box.Messages()[2:]
	if len(messages) != 1 || messages[0].Address != deputySlack || !strings.Contains(messages[0].Text, "slack works again") {
		t.Errorf("that it works again was told by %+v", messages)
	}
}

func TestWhatMendsItselfAtOnceIsNotTold(t *testing.T) {
	t.Parallel()
	b := office(t, nil)
	b.deliveries.OnCall = []string{"rep-1"}
	if _, err := b.store.OpenBreaker(t.Context(), store.Opening{Breaker: store.Breaker{Channel: customer.SMS, Kind: "temporary", Provider: "twilio"}, Rest: time.Hour}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := b.deliveries.TellOnCall(t.Context(), workflows.Patience(time.Minute)); err != nil {
			t.Fatal(err)
		}
		if _, err := b.store.CloseBreaker(t.Context(), customer.SMS); err != nil {
			t.Fatal(err)
		}
	}
	if got := b.received(); len(got) != 0 {
		t.Errorf("it was told to %v", got)
	}
}

func TestATouchIsTriedAgainAfterPausesThatItsOwnAttemptsMakeLonger(t *testing.T) {
	t.Parallel()
	for attempt, want := range map[int]time.Duration{1: time.Second, 2: 2 * time.Second, 5: 16 * time.Second, 9: 256 * time.Second, 10: 5 * time.Minute, 500: 5 * time.Minute} {
		if got := activities.Backoff(attempt); got != want {
			t.Errorf("after attempt %d it waits %v, want %v", attempt, got, want)
		}
	}
}

func TestAWorkerForWhomAloneNothingWorksOpensNoBreaker(t *testing.T) {
	t.Parallel()
	b := everybody(t)
	const call = 10 * time.Second // what worked for the other one stays lately enough
	for n := range 10 {
		r := b.ask(100+n, journey.Span{})
		r.Patience = workflows.Patience(call)
		if how, why := b.attempt(r); how != journey.Sent {
			t.Fatalf("at a worker that works it ends as %s: %s", how, why)
		}
	}
	// The other worker reaches nobody: its network leads nowhere.
	nowhere, err := twilio.New(twilio.Config{AccountSID: sandbox.AccountSID, AuthToken: sandbox.AuthToken, BaseURL: "http://127.0.0.1:1", From: "+12025550123"})
	if err != nil {
		t.Fatal(err)
	}
	cutOff := &activities.Deliveries{
		Store: b.store, Versions: b.deliveries.Versions, Policies: b.deliveries.Policies, Clock: b.deliveries.Clock, Log: quiet(),
		Senders: map[customer.Channel]activities.Sender{customer.SMS: nowhere}, Breakers: activities.NewBreakers(b.store, quiet()),
	}
	works := b.deliveries
	fail := func() {
		t.Helper()
		b.deliveries = cutOff
		for n := range 12 {
			r := b.ask(200+n, journey.Span{})
			r.Patience = workflows.Patience(call)
			if how, why := b.attempt(r); how != "later" {
				t.Fatalf("at a worker that is cut off it ends as %s: %s", how, why)
			}
		}
	}
	fail()
	if s := b.breaker(); s.Open() {
		t.Errorf("it opened the breaker for all: %+v", s)
	}
	b.deliveries = works
	if how, why := b.attempt(b.ask(300, journey.Span{})); how != journey.Sent {
		t.Errorf("at the other worker it ends as %s: %s", how, why)
	}
}
