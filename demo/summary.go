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
	"perennial/workflows"
)

// Summary is what became of the business.
type Summary struct {
	Customers   int                       `json:"customers"`
	Days        int                       `json:"days"`
	Rate        int64                     `json:"rate"`
	Seed        uint64                    `json:"seed"`
	Journeys    map[string]Outcomes       `json:"journeys"`
	Touches     map[string]map[string]int `json:"touches"` // by channel and state
	Skipped     map[string]int            `json:"skipped"` // by reason
	Asks        Asks                      `json:"asks"`
	Received    int                       `json:"received"`     // messages at the sandbox
	LatenessMS  Lateness                  `json:"lateness_ms"`  // from the time planned to arrival, in real time
	ToleranceMS int64                     `json:"tolerance_ms"` // how late a message may arrive after it was right to send it, in real time
	Unconfirmed []string                  `json:"unconfirmed"`  // touches of which nobody knows whether they were sent
	Lost        []int64                   `json:"lost"`         // enrollments that neither go on nor ended
	Unrouted    int                       `json:"unrouted"`     // events that were taken a while ago and reached no journey
	Violations  Violations                `json:"violations"`
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
	s := Summary{
		Customers: b.Customers, Days: b.Days, Rate: b.Clock.Rate, Seed: b.Seed, Received: b.messages, ToleranceMS: tolerance.Milliseconds(),
		Journeys: map[string]Outcomes{}, Touches: map[string]map[string]int{}, Skipped: map[string]int{}, Unconfirmed: []string{}, Lost: []int64{},
	}
	for _, p := range b.people {
		s.Asks.Sent += p.asked
		s.Asks.Answered += p.answered
	}
	received := b.Sandbox.After(0)
	arrived := map[string]time.Time{}
	for _, m := range received {
		if !m.Reply {
			arrived[m.Touch] = m.At
		}
	}
	enrollments, err := b.enrollments(ctx)
	if err != nil {
		return s, err
	}
	var late []time.Duration
	var runs histories
	for _, e := range enrollments {
		s.Journeys[e.Journey] = s.Journeys[e.Journey].with(e)
		touches, err := b.Store.Touches(ctx, e.ID)
		if err != nil {
			return s, err
		}
		for _, t := range touches {
			s.count(t)
			if at, ok := arrived[t.ID]; ok {
				late = append(late, b.Clock.RealDuration(at.Sub(t.DueAt)))
			}
		}
		closed, err := runs.read(ctx, b.Temporal, workflows.WorkflowID(e.Journey, e.Customer, e.Key))
		if err != nil || closed && e.Running() || !closed && b.stuck(e) {
			s.Lost = append(s.Lost, e.ID)
		}
	}
	if s.Unrouted, err = b.unrouted(ctx); err != nil {
		return s, err
	}
	s.LatenessMS = lateness(late)
	s.Violations = audit(received, b.byAddress, b.topics(), b.Clock.Duration(tolerance))
	s.Violations.FailedWorkflowTasks = runs.failedTasks
	s.Violations.PersonalInHistories = runs.holding(b.personal(received))
	return s, nil
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
	switch t.State {
	case store.TouchSkipped, store.TouchExpired:
		s.Skipped[t.Reason]++
	case store.TouchUnconfirmed:
		s.Unconfirmed = append(s.Unconfirmed, t.ID)
	}
}

// topics are what each step speaks of.
func (b *business) topics() map[string]string {
	topics := map[string]string{}
	for id, step := range b.steps {
		topics[id] = step.Topic
	}
	return topics
}

// personal is what no history may hold: names, numbers, addresses and texts.
func (b *business) personal(received []sandbox.Message) []string {
	var all []string
	for _, p := range b.people {
		all = append(all, p.name, strings.TrimPrefix(p.phone, "+"), p.email)
	}
	for _, m := range received {
		for line := range strings.Lines(m.Subject + "\n" + m.Text) {
			all = append(all, strings.TrimSpace(line))
		}
	}
	return slices.DeleteFunc(all, func(text string) bool { return len(text) < 9 }) // an answer such as "4" says nothing of anybody
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
	for _, reason := range slices.Sorted(maps.Keys(s.Skipped)) {
		say("\t  not sent: %s\t%d", reason, s.Skipped[reason])
	}
	say("\nCustomers received %d messages; %d of %d questions were answered.", s.Received, s.Asks.Answered, s.Asks.Sent)
	say("From the time planned to arrival: half within %.0f ms, 99 of 100 within %.0f ms, the last after %.0f ms of real time.", s.LatenessMS.P50, s.LatenessMS.P99, s.LatenessMS.Max)
	if len(s.Unconfirmed) > 0 {
		say("Unconfirmed: nobody knows whether they were sent, and they are not sent again: %s", strings.Join(s.Unconfirmed, ", "))
	}
	say("\nVIOLATIONS\tCOUNT\tOF")
	entered := 0
	for _, o := range s.Journeys {
		entered += o.Entered
	}
	v := s.Violations
	say("outside the customer's hours\t%d\t%d messages, %d ms late at most allowed", v.OutsideWindow, s.Received, s.ToleranceMS)
	say("without consent\t%d\t%d messages", v.WithoutConsent, s.Received)
	say("sent twice\t%d\t%d messages", v.Twice, s.Received)
	say("failed workflow tasks\t%d\t%d runs", v.FailedWorkflowTasks, entered)
	say("histories with personal data\t%d\t%d runs", v.PersonalInHistories, entered)
	say("enrollments lost\t%d\t%d", len(s.Lost), entered)
	say("events not routed\t%d\t", s.Unrouted)
	return out.Flush()
}
