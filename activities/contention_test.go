package activities_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"

	"perennial/channel/sandbox"
	"perennial/domain/clock"
	"perennial/domain/contact"
	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/store"
	"perennial/workflows"
)

// always is every hour of the week.
var always = customer.Windows{{Days: [7]bool{true, true, true, true, true, true, true}, Opens: 0, Ends: 24 * 60}}

// gapped is a policy that keeps four hours between any two touches, at any hour.
func gapped() contact.Policy {
	policy := contact.Standard()
	policy.Decent = always
	policy.Gap = &contact.Gap{Least: contact.Period{Exact: 4 * time.Hour}}
	return policy
}

func (b *bench) holds(policy contact.Policy) {
	b.Helper()
	compiled, err := json.Marshal(policy)
	if err != nil {
		b.Fatal(err)
	}
	_, _, err = b.store.PublishPolicy(b.Context(), store.Policy{Hash: string(compiled), Compiled: compiled, PublishedAt: noon})
	if err != nil {
		b.Fatal(err)
	}
	b.deliveries.Policies.Age = 0
}

// crowd is enrollments of one customer that all want to reach them in the same minute: by turns about service, care and marketing, each begun
// a second before the one that follows it.
func (b *bench) crowd(size int, valid journey.Span) []workflows.DeliverRequest {
	b.Helper()
	topics := []string{"marketing", "care", "service"}
	for _, topic := range topics {
		b.agree(topic)
	}
	crowd := make([]workflows.DeliverRequest, size)
	for n := range crowd {
		crowd[n] = b.request(time.Minute)
		crowd[n].Touch.Topic = topics[n%len(topics)]
		crowd[n].Touch.Since = noon.Add(time.Duration(n-size) * time.Second)
		crowd[n].Touch.Valid = valid
		err := b.store.InTx(b.Context(), func(tx *store.Tx) error {
			e, _, err := tx.Enroll(b.Context(), store.NewEnrollment{
				Journey: "one", Version: 1, Customer: "c-1", Key: fmt.Sprintf("k-%d", n), EnteredAt: noon,
			})
			crowd[n].Touch.Enrollment = e.ID
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	return crowd
}

func (b *bench) agree(topic string) {
	b.Helper()
	err := b.store.RecordConsent(b.Context(), store.Consent{Customer: "c-1", Topic: topic, Granted: true, At: noon.Add(-time.Hour), Source: "event"})
	if err != nil {
		b.Fatal(err)
	}
}

// atOnce delivers all these touches at one instant, each in a transaction of its own at the same time as the others.
func (b *bench) atOnce(at time.Time, crowd []workflows.DeliverRequest) []journey.Delivered {
	b.Helper()
	then := *b.deliveries
	then.Clock = clock.Starting(at, time.Now(), 2)
	delivered := make([]journey.Delivered, len(crowd))
	var all sync.WaitGroup
	for n, r := range crowd {
		all.Go(func() {
			var err error
			if delivered[n], err = then.Deliver(b.Context(), r); err != nil {
				b.Error(err)
			}
		})
	}
	all.Wait()
	return delivered
}

// turn is what became of a crowd that was let on until nobody waited any more.
type turn struct {
	sent    []workflows.DeliverRequest // in order
	at      []time.Time
	expired []workflows.DeliverRequest
}

// takeTurns asks for each touch at the instant to which it is held, all that are due together at once.
func (b *bench) takeTurns(crowd []workflows.DeliverRequest) turn {
	b.Helper()
	var done turn
	due := map[int64]time.Time{}
	for at := noon; len(crowd) > 0; {
		var now, later []workflows.DeliverRequest
		for _, r := range crowd {
			if due[r.Touch.Enrollment].After(at) {
				later = append(later, r)
				continue
			}
			now = append(now, r)
		}
		claims := 0
		for n, d := range b.atOnce(at, now) {
			r := now[n]
			switch d.How {
			case journey.Sent:
				claims++
				done.sent, done.at = append(done.sent, r), append(done.at, at)
			case journey.Held:
				if !d.Until.After(at) {
					b.Fatalf("it is held to %v at %v", d.Until, at)
				}
				due[r.Touch.Enrollment] = d.Until
				later = append(later, r)
			case journey.Skipped:
				if d.Reason != contact.Expired {
					b.Fatalf("it was skipped: %s", d.Reason)
				}
				done.expired = append(done.expired, r)
			default:
				b.Fatalf("%+v", d)
			}
		}
		if claims > 1 {
			b.Fatalf("%d touches reached the customer at %v", claims, at)
		}
		crowd = later
		if len(crowd) > 0 {
			next := slices.MinFunc(crowd, func(r, s workflows.DeliverRequest) int {
				return due[r.Touch.Enrollment].Compare(due[s.Touch.Enrollment])
			})
			at = due[next.Touch.Enrollment]
		}
	}
	return done
}

// byRank compares touches by the priority of their topic, and then by age.
func byRank(r, s workflows.DeliverRequest) int {
	ranks := []string{"service", "care", "marketing"}
	if r.Touch.Topic != s.Touch.Topic {
		return slices.Index(ranks, r.Touch.Topic) - slices.Index(ranks, s.Touch.Topic)
	}
	return r.Touch.Since.Compare(s.Touch.Since)
}

func TestOfTwentyTouchesInTheSameMinuteOneIsMadeAndTheOthersTakeTurns(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.holds(gapped())
	done := b.takeTurns(b.crowd(20, journey.Span{Days: 30}))
	if len(done.sent) != 20 || len(b.box.Messages()) != 20 {
		t.Fatalf("%d were made, %d messages", len(done.sent), len(b.box.Messages()))
	}
	for n := 1; n < len(done.at); n++ {
		// Real time passes while a turn is taken: a few of its seconds lie between what is planned and what is done.
		if apart := done.at[n].Sub(done.at[n-1]); apart < 4*time.Hour-time.Minute || apart > 4*time.Hour+time.Minute {
			t.Errorf("touches %d and %d are %v apart", n-1, n, apart)
		}
	}
	// The first minute is whose transaction came first; all after it go by topic, then age.
	if rest := done.sent[1:]; !slices.IsSortedFunc(rest, byRank) {
		t.Errorf("out of turn: %v", topicsOf(rest))
	}
}

func TestATouchThatNeverGetsItsTurnExpires(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.holds(gapped())
	done := b.takeTurns(b.crowd(12, journey.Span{Exact: 14 * time.Hour}))
	if len(done.sent) != 4 || len(done.expired) != 8 { // at 0, 4, 8 and 12 hours
		t.Fatalf("%d were made, %d expired", len(done.sent), len(done.expired))
	}
	for _, r := range done.expired {
		if state := b.touch(r).State; state != store.TouchExpired {
			t.Errorf("one that expired is %s in the ledger", state)
		}
	}
	if !slices.IsSortedFunc(done.sent[1:], byRank) || done.sent[1].Touch.Topic != "service" {
		t.Errorf("out of turn: %v", topicsOf(done.sent))
	}
}

func topicsOf(requests []workflows.DeliverRequest) []string {
	topics := make([]string, len(requests))
	for n, r := range requests {
		topics[n] = r.Touch.Topic
	}
	return topics
}

func TestAHeldTouchOnAChannelThatIsDownDelaysNoOther(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.holds(gapped())
	crowd := b.crowd(3, journey.Span{Days: 30})
	service, marketing := crowd[2], crowd[0]
	if d := b.atOnce(noon, crowd[1:2]); d[0].How != journey.Sent {
		t.Fatalf("%+v", d)
	}
	held := b.atOnce(noon, []workflows.DeliverRequest{service})[0]
	// Its time came, and nobody claims it.
	if d := b.atOnce(held.Until.Add(time.Minute), []workflows.DeliverRequest{marketing})[0]; d.How != journey.Held || d.Reason != contact.Yielded {
		t.Errorf("beside one that is due: %+v", d)
	}
	if d := b.atOnce(held.Until.Add(time.Hour), []workflows.DeliverRequest{marketing})[0]; d.How != journey.Sent {
		t.Errorf("beside one that is long overdue: %+v", d)
	}
}

func TestASecondChannelIsNotHeldByTheFirst(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.holds(gapped())
	first := b.request(time.Minute)
	if d := b.deliver(first); d.How != journey.Sent {
		t.Fatalf("%+v", d)
	}
	second, other := first, first
	second.Touch.Try = 2
	other.Touch.Occurrence = 2
	if d := b.deliver(second); d.How != journey.Sent {
		t.Errorf("the second try: %+v", d)
	}
	if d := b.deliver(other); d.How != journey.Held || d.Reason != contact.TooSoon {
		t.Errorf("the next occurrence: %+v", d)
	}
}

func TestATouchThatAThrottledProviderDelaysPastItsWindowWaitsForTheNext(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.request(time.Minute)
	b.box.SetFault(phone, sandbox.Throttle, 1)
	evening := time.Date(2026, 5, 4, 18, 59, 0, 0, time.UTC) // a minute before decent hours end in London
	then := *b.deliveries
	then.Clock = clock.Starting(evening, time.Now(), 2)
	var later *temporal.ApplicationError
	if _, err := then.Deliver(t.Context(), r); !errors.As(err, &later) {
		t.Fatalf("throttled: %v", err)
	}
	d := b.atOnce(evening.Add(2*time.Minute), []workflows.DeliverRequest{r})[0]
	if morning := time.Date(2026, 5, 5, 8, 0, 0, 0, time.UTC); d.How != journey.Held || !d.Until.Equal(morning) {
		t.Errorf("after the window: %+v", d)
	}
	if d := b.atOnce(d.Until, []workflows.DeliverRequest{r})[0]; d.How != journey.Sent {
		t.Errorf("in the next window: %+v", d)
	}
}
