package demo

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"perennial/channel/sandbox"
	"perennial/domain/journey"
	"perennial/store"
)

// Summary is what became of the business.
type Summary struct {
	Customers   int                       `json:"customers"`
	Days        int                       `json:"days"`
	Rate        int64                     `json:"rate"`
	Seed        uint64                    `json:"seed"`
	Journeys    map[string]Outcomes       `json:"journeys"`
	Touches     map[string]map[string]int `json:"touches"` // by channel and state
	Held        map[string]int            `json:"held"`    // how often the contact policy answered "later", by reason
	Skipped     map[string]int            `json:"skipped"` // by reason
	Asks        Asks                      `json:"asks"`
	OptOuts     int                       `json:"opt_outs"`      // customers who took back what they had agreed to
	Retries     int                       `json:"retries"`       // claims of touches beyond the first
	Fallbacks   int                       `json:"fallbacks"`     // touches on another channel than the first
	Notifies    int                       `json:"notifies"`      // words that reached a colleague
	Received    int                       `json:"received"`      // messages that customers received
	LatenessMS  Lateness                  `json:"lateness_ms"`   // from the time planned to arrival, in real time
	OnTheWayMS  int64                     `json:"on_the_way_ms"` // how long a message may be on the way to the provider, in real time; it is judged by when it set out
	Unconfirmed []string                  `json:"unconfirmed"`   // touches of which nobody knows whether they were sent, or not yet
	Found       int                       `json:"found"`         // touches that a provider took without an answer, and turned out to have when it was asked
	Lost        []int64                   `json:"lost"`          // enrollments that neither go on nor ended
	Unrouted    int                       `json:"unrouted"`      // events that were taken a while ago and reached no journey
	Violations  Violations                `json:"violations"`
	Passages    []Passage                 `json:"passages"` // every enrollment, by customer and name
}

// Outcomes count the enrollments of a journey.
type Outcomes struct {
	Entered   int `json:"entered"`
	Running   int `json:"running"`
	Goal      int `json:"goal"`
	Completed int `json:"completed"`
	Exited    int `json:"exited"`
	Failed    int `json:"failed"`
}

// Asks count questions.
type Asks struct {
	Sent     int `json:"sent"`
	Answered int `json:"answered"`
}

// Lateness is a distribution in milliseconds.
type Lateness struct {
	P50 float64 `json:"p50"`
	P99 float64 `json:"p99"`
	Max float64 `json:"max"`
}

// OK says whether nothing was done that must not be.
func (s Summary) OK() bool { return s.Violations.None() && len(s.Lost) == 0 && s.Unrouted == 0 }

// sum counts, once the last day is over.
func (b *business) sum(ctx context.Context) (Summary, error) {
	enrollments, err := b.enrollments(ctx) // first: the clock runs on
	s := Summary{
		Customers: b.Customers, Days: b.Days, Rate: b.Clock.Rate, Seed: b.Seed, Received: b.messages, OnTheWayMS: onTheWay.Milliseconds(),
		Journeys: map[string]Outcomes{}, Touches: map[string]map[string]int{}, Held: map[string]int{}, Skipped: map[string]int{},
		Unconfirmed: []string{}, Lost: []int64{}, Passages: passagesOf(enrollments),
	}
	if err != nil {
		return s, err
	}
	for _, p := range b.people {
		s.Asks.Sent += p.asked
		s.Asks.Answered += p.answered
		if len(p.withdrawn) > 0 {
			s.OptOuts++
		}
	}
	received := b.Sandbox.After(0)
	arrived := map[string]time.Time{}
	for _, m := range received {
		arrived[m.Touch] = m.At
	}
	claimed := map[string]time.Time{}
	var late []time.Duration
	for _, e := range enrollments {
		s.Journeys[e.Journey] = s.Journeys[e.Journey].with(e)
		touches, err := b.Store.Touches(ctx, e.ID)
		if err != nil {
			return s, err
		}
		for _, t := range touches {
			s.count(t)
			claimed[t.ID] = t.ClaimedAt
			if at, ok := arrived[t.ID]; ok && t.Attempt == 1 { // what a provider refused may have had to wait for the customer's next hours
				late = append(late, b.Clock.RealDuration(at.Sub(t.DueAt)))
			}
		}
	}
	s.LatenessMS = lateness(late)
	if s.Violations, err = b.audit(ctx, received, claimed); err != nil {
		return s, err
	}
	var runs histories
	if err := runs.readAll(ctx, b.Temporal); err != nil {
		return s, err
	}
	s.Held = runs.held
	s.Violations.FailedWorkflowTasks = len(runs.failedTasks)
	s.Violations.PersonalInHistories = runs.holding(b.personal(received))
	if s.Lost, err = b.lost(ctx, enrollments, runs.open); err != nil {
		return s, err
	}
	s.Unrouted, err = b.unrouted(ctx)
	return s, err
}

// passagesOf names enrollments, given oldest first, as they are named in every run with the seed.
func passagesOf(enrollments []store.Enrollment) []Passage {
	type same struct{ customer, journey, key string }
	count := map[same]int{}
	all := make([]Passage, len(enrollments))
	for i, e := range enrollments {
		who := same{e.Customer, e.Journey, e.Key}
		count[who]++
		all[i] = Passage{Customer: e.Customer, Name: enrollmentName(e.Journey, e.Key, count[who]), Outcome: e.Outcome}
		if e.Running() {
			all[i].Outcome, all[i].Step = "running", e.Step
		}
	}
	slices.SortFunc(all, func(x, y Passage) int {
		return cmp.Or(cmp.Compare(x.Customer, y.Customer), cmp.Compare(x.Name, y.Name))
	})
	return all
}

// audit looks at what customers received, and knows what each message belongs to.
func (b *business) audit(ctx context.Context, received []sandbox.Message, claimed map[string]time.Time) (Violations, error) {
	for _, m := range received {
		if m.Reply || !ofJourney(m) {
			continue
		}
		if _, err := b.enrollmentOf(ctx, m.Touch); err != nil {
			return Violations{}, err
		}
	}
	of := func(touch string) enrollment {
		e, _ := b.enrollmentOf(ctx, touch) // it is known by now
		return e
	}
	return auditor{b.byAddress, of, claimed, b.Clock.Duration(onTheWay)}.audit(received), nil
}

// lost are the enrollments whose run has ended and whose row has not, and those that should have gone on long ago. Open says of each enrollment that
// has a run whether it is open.
func (b *business) lost(ctx context.Context, enrollments []store.Enrollment, open map[int64]bool) ([]int64, error) {
	lost := []int64{}
	isLost := func(e store.Enrollment) bool {
		goesOn, ran := open[e.ID]
		if ran && !goesOn {
			return e.Running()
		}
		return b.stuck(e)
	}
	for _, e := range enrollments {
		if !isLost(e) {
			continue
		}
		now, err := b.Store.Enrollment(ctx, e.ID) // it may have gone on since it was read
		if err != nil {
			return lost, err
		}
		if !isLost(now) {
			continue
		}
		doubt, err := b.inDoubt(ctx, now)
		if err != nil {
			return lost, err
		}
		if !doubt {
			lost = append(lost, e.ID)
		}
	}
	return lost, nil
}

// stuck says whether an enrollment whose run is open should have gone on long ago: what was next, or its end, lies further back than any retry.
func (b *business) stuck(e store.Enrollment) bool {
	const long = 30 * time.Second // real time
	since := e.NextAt
	if !e.Running() {
		since = e.EndedAt
	}
	return !since.IsZero() && b.Clock.RealDuration(b.Clock.At(time.Now()).Sub(since)) > long
}

// inDoubt says whether an enrollment waits until it is known whether its provider took a touch, no longer than that may last with the demo's patience of
// two seconds.
func (b *business) inDoubt(ctx context.Context, e store.Enrollment) (bool, error) {
	const longest = 75 * time.Second // real time
	touches, err := b.Store.Touches(ctx, e.ID)
	if err != nil || !e.Running() {
		return false, err
	}
	return slices.ContainsFunc(touches, func(t store.Touch) bool {
		return t.Lease == store.LeaseOver && b.Clock.RealDuration(b.Clock.At(time.Now()).Sub(t.ClaimedAt)) < longest
	}), nil
}

// unrouted counts the events that were taken more than two sweeps ago and have not been carried on.
func (b *business) unrouted(ctx context.Context) (int, error) {
	const sweeps = 25 * time.Second // real time
	left, err := b.Store.Undispatched(ctx, b.Clock.At(time.Now()).Add(-b.Clock.Duration(sweeps)), 1000)
	return len(left), err
}

func (o Outcomes) with(e store.Enrollment) Outcomes {
	o.Entered++
	switch {
	case e.Running():
		o.Running++
	case e.Outcome == journey.OutcomeGoal:
		o.Goal++
	case e.Outcome == journey.OutcomeCompleted:
		o.Completed++
	case journey.HasFailed(e.Outcome):
		o.Failed++
	default:
		o.Exited++
	}
	return o
}

func (s *Summary) count(t store.Touch) {
	channel := cmp.Or(string(t.Channel), "none")
	if s.Touches[channel] == nil {
		s.Touches[channel] = map[string]int{}
	}
	s.Touches[channel][string(t.State)]++
	reached := t.State == store.TouchSent || t.State == store.TouchDelivered
	switch t.State {
	case store.TouchSkipped, store.TouchExpired:
		s.Skipped[t.Reason]++
	case store.TouchUnconfirmed:
		s.Unconfirmed = append(s.Unconfirmed, t.ID)
	case store.TouchSent:
		if t.Reason != "" {
			s.Found++
		}
	}
	if t.Lease == store.LeaseOver {
		s.Unconfirmed = append(s.Unconfirmed, t.ID)
	}
	s.Retries += max(0, t.Attempt-1)
	if t.Try > 1 && reached {
		s.Fallbacks++
	}
	if t.Kind == journey.Notify && reached {
		s.Notifies++
	}
}

// personal is what no history of a customer may hold: names, numbers, addresses and texts.
func (b *business) personal(received []sandbox.Message) map[string][]string {
	all := map[string][]string{}
	add := func(customer string, texts ...string) {
		for _, text := range texts {
			if len(text) >= 9 && !slices.Contains(all[customer], text) { // an answer such as "4" says nothing of anybody
				all[customer] = append(all[customer], text)
			}
		}
	}
	for id, p := range b.people {
		add(id, p.name, strings.TrimPrefix(p.phone, "+"), p.email, p.slack)
	}
	for _, m := range received {
		p := b.byAddress[m.Address]
		if p == nil {
			continue
		}
		for line := range strings.Lines(m.Subject + "\n" + m.Text) {
			add(p.id, strings.TrimSpace(line))
		}
	}
	return all
}

func lateness(late []time.Duration) Lateness {
	if len(late) == 0 {
		return Lateness{}
	}
	slices.Sort(late)
	at := func(q float64) float64 {
		return float64(late[min(len(late)-1, int(q*float64(len(late))))].Microseconds()) / 1000
	}
	return Lateness{P50: at(0.50), P99: at(0.99), Max: at(1)}
}

// Print writes the summary for people.
func (s Summary) Print(w io.Writer) error {
	out := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	say := func(format string, args ...any) { fmt.Fprintf(out, format+"\n", args...) }
	say("%d customers lived %d days, a day in %.3g s, seed %d.\n", s.Customers, s.Days, 86400/float64(max(1, s.Rate)), s.Seed)
	say("JOURNEY\tENTERED\tRUNNING\tGOAL\tCOMPLETED\tEXITED\tFAILED")
	for _, name := range slices.Sorted(maps.Keys(s.Journeys)) {
		o := s.Journeys[name]
		say("%s\t%d\t%d\t%d\t%d\t%d\t%d", name, o.Entered, o.Running, o.Goal, o.Completed, o.Exited, o.Failed)
	}
	say("\nTOUCHES\tSTATE\tCOUNT")
	for _, channel := range slices.Sorted(maps.Keys(s.Touches)) {
		for _, state := range slices.Sorted(maps.Keys(s.Touches[channel])) {
			say("%s\t%s\t%d", channel, state, s.Touches[channel][state])
		}
	}
	say("\nTHE CONTACT POLICY SAID\tWHY\tCOUNT")
	for _, answer := range []struct {
		said    string
		reasons map[string]int
	}{{"later", s.Held}, {"not at all", s.Skipped}} {
		for _, reason := range slices.Sorted(maps.Keys(answer.reasons)) {
			say("%s\t%s\t%d", answer.said, strings.ReplaceAll(reason, "_", " "), answer.reasons[reason])
		}
	}
	say("\nMessages that customers received: %d. Questions answered: %d of %d. Customers who want to hear no more of something: %d.", s.Received, s.Asks.Answered, s.Asks.Sent, s.OptOuts)
	say("Providers failed now and then. Messages tried again: %d; on another channel: %d. Messages to colleagues: %d.", s.Retries, s.Fallbacks, s.Notifies)
	say("From the time planned to arrival, where no provider refused: half within %.0f ms, 99 of 100 within %.0f ms, the last after %.0f ms of real time.", s.LatenessMS.P50, s.LatenessMS.P99, s.LatenessMS.Max)
	if len(s.Unconfirmed) > 0 {
		say("Sent or not, nobody knows, so not sent again: %d. The provider did not answer, and can't be asked or has not been for long enough.", len(s.Unconfirmed))
	}
	if s.Found > 0 {
		say("Taken without an answer, found when the provider was asked, and not sent again: %d.", s.Found)
	}
	say("\nVIOLATIONS\tCOUNT\tOF")
	entered := 0
	for _, o := range s.Journeys {
		entered += o.Entered
	}
	v := s.Violations
	say("outside the customer's hours\t%d\t%d messages", v.OutsideWindow, s.Received)
	say("without consent\t%d\t%d messages", v.WithoutConsent, s.Received)
	say("sent twice\t%d\t%d messages", v.Twice, s.Received)
	say("failed workflow tasks\t%d\t%d runs", v.FailedWorkflowTasks, entered)
	say("histories with personal data\t%d\t%d runs", v.PersonalInHistories, entered)
	say("enrollments lost\t%d\t%d", len(s.Lost), entered)
	say("events not routed\t%d\t", s.Unrouted)
	return out.Flush()
}
