package activities_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"

	"perennial/activities"
	"perennial/channel"
	"perennial/channel/sandbox"
	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/store"
	"perennial/workflows"
)

func TestWhatAProvidersAnswersProve(t *testing.T) {
	t.Parallel()
	const call = 30 * time.Second
	temporary, refused := &channel.Error{Kind: channel.Temporary}, &channel.Error{Kind: channel.Misconfigured}
	nothing := channel.Found{}
	for _, test := range []struct {
		name   string
		denied int
		after  time.Duration
		found  channel.Found
		err    error
		want   any
	}{
		{"denied for the first time", 1, 15 * time.Second, nothing, nil, activities.OpenStill},
		{"denied often, and soon", 5, 9 * time.Minute, nothing, nil, activities.OpenStill},
		{"denied late, and seldom", 2, time.Hour, nothing, nil, activities.OpenStill},
		{"denied often and late", 3, 10 * time.Minute, nothing, nil, activities.SurelyNot},
		{"another message, soon", 3, 9 * time.Minute, channel.Found{Others: []string{"SM1"}}, nil, activities.OpenStill},
		{"another message, late", 3, 10 * time.Minute, channel.Found{Others: []string{"SM1"}}, nil, activities.Unknowable},
		{"too long a list, late", 3, 10 * time.Minute, channel.Found{Partial: true}, nil, activities.Unknowable},
		{"away for an hour", 3, time.Hour, nothing, temporary, activities.OpenStill},
		{"away for a day", 3, 24 * time.Hour, nothing, temporary, activities.Unknowable},
		{"an error of another kind", 3, 24 * time.Hour, nothing, context.DeadlineExceeded, activities.Unknowable},
		{"it refuses to be asked, for a moment", 0, time.Minute, nothing, refused, activities.OpenStill},
		{"it refuses to be asked", 0, 10 * time.Minute, nothing, refused, activities.Unknowable},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := activities.JudgeDoubt(store.Asked{Denied: test.denied, After: test.after}, test.found, test.err, call); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestAProviderIsAskedOftenAtFirstAndOnceWhenItsDenialCounts(t *testing.T) {
	t.Parallel()
	const call = 30 * time.Second
	var asked []time.Duration
	for at := call / 2; at < 2*time.Hour; at += activities.AskAgain(at, call) {
		asked = append(asked, at.Round(time.Second))
	}
	want := []time.Duration{15 * time.Second, 45 * time.Second, 90 * time.Second, 3 * time.Minute, 6 * time.Minute, 10*time.Minute + 3*time.Second}
	for i, at := range want {
		if asked[i] != at {
			t.Errorf("asked at %v, want %v first", asked, want)
			break
		}
	}
	for i := len(want); i < len(asked); i++ {
		if pause := asked[i] - asked[i-1]; pause < 9*time.Minute || pause > 11*time.Minute {
			t.Errorf("asked after %v", pause)
		}
	}
}

// asking lets the provider of SMS be asked.
func asking(t *testing.T) *bench {
	t.Helper()
	b := setup(t)
	b.deliveries.Askers = map[customer.Channel]activities.Asker{customer.SMS: b.deliveries.Senders[customer.SMS].(activities.Asker)}
	return b
}

// settles delivers as often as the server would, until it is known what became of the touch. Each error is one of being asked to come back later.
func (b *bench) settles(r workflows.DeliverRequest) journey.Delivered {
	b.Helper()
	for {
		d, err := b.deliveries.Deliver(b.Context(), r)
		if err == nil {
			return d
		}
		var later *temporal.ApplicationError
		if !errors.As(err, &later) || later.NonRetryable() {
			b.Fatal(err)
		}
		if strings.Contains(err.Error(), "2015550101") || strings.Contains(err.Error(), "Hello") {
			b.Errorf("the history says %q", err)
		}
		select {
		case <-b.Context().Done():
			b.Fatal(b.Context().Err())
		case <-time.After(max(later.NextRetryDelay(), 10*time.Millisecond)):
		}
	}
}

func TestWhatWasTakenWithoutAnAnswerIsFoundAndNotSentAgain(t *testing.T) {
	t.Parallel()
	for _, fault := range []sandbox.Fault{sandbox.Cut, sandbox.Late, sandbox.Unlisted} { // taken at once; taken late; listed late
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			b := asking(t)
			r := b.request(500 * time.Millisecond)
			b.box.SetFault(phone, fault, 1)
			if d := b.settles(r); d.How != journey.Sent {
				t.Fatalf("delivered: %+v", d)
			}
			got, touch := b.box.Messages(), b.touch(r)
			if len(got) != 1 || touch.State != store.TouchSent || touch.ProviderID != got[0].ID || touch.Attempt != 1 {
				t.Errorf("%+v of %+v", touch, got)
			}
			if !touch.SentAt.Equal(touch.ClaimedAt) || touch.Reason == "" {
				t.Errorf("sent at %v, claimed at %v, %q", touch.SentAt, touch.ClaimedAt, touch.Reason)
			}
		})
	}
}

func TestWhatWasNotTakenIsSentAgainOnceThatIsSure(t *testing.T) {
	t.Parallel()
	b := asking(t)
	r := b.request(200 * time.Millisecond)
	b.box.SetFault(phone, sandbox.ServerError, 1)
	began := time.Now()
	_, err := b.deliveries.Deliver(t.Context(), r)
	if touch := b.touch(r); err == nil || touch.Lease != store.LeaseOver || touch.ProviderCode != "20500" {
		t.Fatalf("it is not in doubt: %v, %+v", err, touch)
	}
	if d := b.settles(r); d.How != journey.Sent {
		t.Fatalf("delivered: %+v", d)
	}
	if touch := b.touch(r); len(b.box.Messages()) != 1 || touch.State != store.TouchSent || touch.Attempt != 2 || touch.Denied != 0 {
		t.Errorf("%d messages, %+v", len(b.box.Messages()), touch)
	}
	if took := time.Since(began); took < 20*200*time.Millisecond {
		t.Errorf("the provider's denial was believed after %v", took)
	}
}

func TestAReceiptSettlesADoubt(t *testing.T) {
	t.Parallel()
	b := asking(t)
	r := b.request(time.Second)
	b.box.SetFault(phone, sandbox.ServerError, 1) // nobody would find it
	if _, err := b.deliveries.Deliver(t.Context(), r); err == nil {
		t.Fatal("it is not in doubt")
	}
	if _, _, err := b.store.Receive(t.Context(), store.Receipt{Touch: b.touch(r).ID, State: store.TouchDelivered, ProviderID: "SM1", At: noon}); err != nil {
		t.Fatal(err)
	}
	if d := b.deliver(r); d.How != journey.Sent || b.touch(r).State != store.TouchDelivered {
		t.Errorf("%+v, %+v", d, b.touch(r))
	}
}

func TestAnotherTouchesMessageIsNotTakenForThisOne(t *testing.T) {
	t.Parallel()
	b := asking(t)
	first := b.request(200 * time.Millisecond)
	if d := b.settles(first); d.How != journey.Sent {
		t.Fatalf("delivered: %+v", d)
	}
	second := b.request(200 * time.Millisecond)
	second.Touch.Occurrence = 2 // with the same text, in the same minute
	b.box.SetFault(phone, sandbox.ServerError, 1)
	if d := b.settles(second); d.How != journey.Sent {
		t.Fatalf("delivered: %+v", d)
	}
	got := b.box.Messages()
	if len(got) != 2 || b.touch(first).ProviderID != got[0].ID || b.touch(second).ProviderID != got[1].ID {
		t.Errorf("%+v and %+v of %+v", b.touch(first), b.touch(second), got)
	}
}

func TestTheMessageOfATouchThatIsBeingSentIsNotTakenForAnother(t *testing.T) {
	t.Parallel()
	b := asking(t)
	lost := b.request(200 * time.Millisecond)
	b.box.SetFault(phone, sandbox.ServerError, 1)
	if _, err := b.deliveries.Deliver(t.Context(), lost); err == nil {
		t.Fatal("it is not in doubt")
	}
	frozen := *b.deliveries
	s := stuck{b.deliveries.Senders[customer.SMS], make(chan struct{}), make(chan struct{})}
	frozen.Senders = map[customer.Channel]activities.Sender{customer.SMS: s}
	other := b.request(20 * time.Second)
	other.Touch.Occurrence = 2 // with the same text, in the same minute
	var sending sync.WaitGroup
	sending.Go(func() {
		if d, err := frozen.Deliver(t.Context(), other); err != nil || d.How != journey.Sent {
			t.Errorf("delivered: %+v, %v", d, err)
		}
	})
	<-s.took
	if d, err := b.deliveries.Deliver(t.Context(), lost); err == nil || b.touch(lost).State != store.TouchClaimed {
		t.Errorf("while the other is being sent: %+v, %+v", d, b.touch(lost))
	}
	close(s.free)
	sending.Wait()
	if d := b.settles(lost); d.How != journey.Sent {
		t.Errorf("delivered: %+v", d)
	}
	got := b.box.Messages()
	if len(got) != 2 || b.touch(other).ProviderID != got[0].ID || b.touch(lost).ProviderID != got[1].ID {
		t.Errorf("%+v and %+v of %+v", b.touch(other), b.touch(lost), got)
	}
}

func TestWhatCantBeToldFromAnotherMessageStaysUnconfirmed(t *testing.T) {
	t.Parallel()
	b := asking(t)
	elsewhere := channel.Message{Touch: "somebody-elses", To: phone, Text: "From another system with the same number."}
	if _, err := b.deliveries.Senders[customer.SMS].Send(t.Context(), elsewhere); err != nil {
		t.Fatal(err)
	}
	r := b.request(200 * time.Millisecond)
	b.box.SetFault(phone, sandbox.ServerError, 1)
	d := b.settles(r)
	if touch := b.touch(r); d.How != journey.Unconfirmed || touch.State != store.TouchUnconfirmed || touch.Reason != d.Why || !strings.Contains(d.Why, "can't be told") {
		t.Errorf("%+v, %+v", d, touch)
	}
	if got := len(b.box.Messages()); got != 1 {
		t.Errorf("%d messages", got)
	}
}

func TestAnAddressThatChangedMeanwhileIsNotAskedAbout(t *testing.T) {
	t.Parallel()
	b := asking(t)
	r := b.request(200 * time.Millisecond)
	b.box.SetFault(phone, sandbox.Cut, 1)
	if _, err := b.deliveries.Deliver(t.Context(), r); err == nil {
		t.Fatal("it is not in doubt")
	}
	b.importRow("c-1,Ada Fairley,+12015550109,c1@example.org,en,Europe/London,sms>email,,service")
	if d := b.settles(r); d.How != journey.Unconfirmed || !strings.Contains(d.Why, "another one by now") {
		t.Errorf("%+v", d)
	}
	if got := len(b.box.Messages()); got != 1 {
		t.Errorf("%d messages", got)
	}
}

func TestAProviderThatCantBeAskedNowIsAskedLater(t *testing.T) {
	t.Parallel()
	b := asking(t)
	r := b.request(200 * time.Millisecond)
	b.box.SetFault(phone, sandbox.Cut, 1)
	if _, err := b.deliveries.Deliver(t.Context(), r); err == nil {
		t.Fatal("it is not in doubt")
	}
	asker := &away{Asker: b.deliveries.Askers[customer.SMS], times: 3}
	b.deliveries.Askers[customer.SMS] = asker
	if d := b.settles(r); d.How != journey.Sent || asker.times != 0 {
		t.Errorf("%+v, with %d failures left", d, asker.times)
	}
}

// away is a provider that is away for some times.
type away struct {
	activities.Asker
	times int
}

func (a *away) Ask(ctx context.Context, m channel.Message, since time.Time) (channel.Found, error) {
	if a.times > 0 {
		a.times--
		return channel.Found{}, &channel.Error{Kind: channel.Temporary, Provider: "twilio"}
	}
	return a.Asker.Ask(ctx, m, since)
}

// frozen is a sender whose process is stopped before the request is written, and wakes when it is let go.
type frozen struct {
	activities.Sender
	begun chan struct{}
	wakes chan struct{}
}

func (f frozen) Send(ctx context.Context, m channel.Message) (channel.Receipt, error) {
	close(f.begun)
	<-f.wakes
	return f.Sender.Send(ctx, m)
}

func TestAWorkerThatIsStoppedBeforeItsCallIsReplacedAndSendsNothingWhenItWakes(t *testing.T) {
	t.Parallel()
	b := asking(t)
	r := b.request(200 * time.Millisecond)
	stopped := *b.deliveries
	f := frozen{b.deliveries.Senders[customer.SMS], make(chan struct{}), make(chan struct{})}
	stopped.Senders = map[customer.Channel]activities.Sender{customer.SMS: f}
	var back sync.WaitGroup
	back.Go(func() { _, _ = stopped.Deliver(t.Context(), r) }) // nobody hears what it says any more
	<-f.begun
	if d := b.settles(r); d.How != journey.Sent {
		t.Fatalf("delivered: %+v", d)
	}
	close(f.wakes)
	back.Wait()
	if touch := b.touch(r); len(b.box.Messages()) != 1 || touch.State != store.TouchSent || touch.Attempt != 2 {
		t.Errorf("%d messages, %+v", len(b.box.Messages()), touch)
	}
}

func TestADoubtThatItsJourneyLeftBehindIsSettledBySweeps(t *testing.T) {
	t.Parallel()
	for fault, want := range map[sandbox.Fault]struct {
		state  store.TouchState
		reason string
	}{
		sandbox.Cut:         {store.TouchSent, "turned out to have it"},
		sandbox.ServerError: {store.TouchFailed, "the provider surely did not take it"},
	} {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			b := asking(t)
			r := b.request(200 * time.Millisecond)
			b.box.SetFault(phone, fault, 1)
			if _, err := b.deliveries.Deliver(t.Context(), r); err == nil {
				t.Fatal("it is not in doubt")
			}
			sweep := func() int {
				settled, err := b.deliveries.SettleLeftBehind(t.Context(), r.Patience)
				if err != nil {
					t.Fatal(err)
				}
				return settled
			}
			if settled := sweep(); settled != 0 || b.touch(r).Lease != store.LeaseOver {
				t.Errorf("it was settled while its enrollment looks after it: %d, %+v", settled, b.touch(r))
			}
			if err := b.store.Finish(t.Context(), b.enrollment, "goal", noon); err != nil {
				t.Fatal(err)
			}
			for sweep() == 0 {
				select {
				case <-t.Context().Done():
					t.Fatal(t.Context().Err())
				case <-time.After(50 * time.Millisecond):
				}
			}
			if touch := b.touch(r); touch.State != want.state || !strings.Contains(touch.Reason, want.reason) {
				t.Errorf("%+v", touch)
			}
			if settled := sweep(); settled != 0 {
				t.Errorf("%d more were settled", settled)
			}
		})
	}
}

// TestAClaimThatComesBackWhileItIsGivenUpIsTriedAgain has an attempt that was thought lost give its claim back after somebody looked, and before they gave up.
func TestAClaimThatComesBackWhileItIsGivenUpIsTriedAgain(t *testing.T) {
	t.Parallel()
	b := asking(t)
	r := b.request(time.Second)
	b.box.SetFault(phone, sandbox.Hang, 1)
	if _, err := b.deliveries.Deliver(t.Context(), r); err == nil {
		t.Fatal("what hangs is settled at once")
	}
	looked := b.touch(r)
	if looked.Lease != store.LeaseOver {
		t.Fatalf("it is not in doubt: %+v", looked)
	}
	if _, err := b.store.Release(t.Context(), looked.ID, looked.Attempt, "stopped"); err != nil {
		t.Fatal(err)
	}
	if delivered, err := b.deliveries.GiveUp(t.Context(), r, looked); err == nil || delivered.How != "" {
		t.Fatalf("it is given up as %+v, %v", delivered, err)
	}
	if delivered := b.deliver(r); delivered.How != journey.Sent {
		t.Errorf("in the end it is %+v", delivered)
	}
	if got := b.box.Messages(); len(got) != 1 {
		t.Errorf("the customer got %d messages", len(got))
	}
}
