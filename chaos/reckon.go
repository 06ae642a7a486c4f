package chaos

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"perennial/channel/sandbox"
	"perennial/domain/clock"
)

// evidence is all that the reckoning goes by.
type evidence struct {
	clock       clock.Clock
	people      map[string]*person
	told        []Told                          // what the product said that it had
	heard       map[string]map[string]time.Time // when it had heard of what somebody wants no more; real time
	wrote       map[string][]span               // when somebody wrote, by address; real time
	received    []sandbox.Message               // what the providers took
	refused     []sandbox.Refusal
	forged      sandbox.Forged
	hungUp      map[string]bool // touches whose sender hung up before it had its answer
	touches     []touch
	enrollments []enrollment
	events      []event
	struck      []Struck
	open        map[int64]bool // enrollments, and whether Temporal has a run of theirs that goes on
	runs        int
	failedTasks []string // in which workflow, and why
	inHistories int
	logLines    int
	inLogs      []string // file:line
}

// onTheWay is how long a message may be on its way to a provider, in real time.
const onTheWay = lease

// within is how long the journeys of a run wait for an answer or a payment, in the stack's time, and nearly how much of that an event may use up and
// must still have its effect.
const within = 4*time.Hour - 10*time.Minute

// late is when an event is told to have been carried on late, in real time.
const late = 10 * time.Second

// reckoning is the evidence by what it is about.
type reckoning struct {
	evidence

	report      Report
	byTouch     map[string]touch
	accepted    map[string]int // messages that a provider took, by touch
	byID        map[int64]enrollment
	addressless map[string]bool // customers of whom a provider refused an address
	badTouch    map[string]bool // touches that were refused for their address
	faulted     map[string]sandbox.Fault
}

// reckon counts what must not be.
func reckon(e evidence) Report {
	r := &reckoning{
		evidence: e, byTouch: map[string]touch{}, accepted: map[string]int{}, byID: map[int64]enrollment{}, addressless: map[string]bool{},
		badTouch: map[string]bool{}, faulted: map[string]sandbox.Fault{},
	}
	r.index()
	r.compareWithProviders()
	r.countUnconfirmed()
	r.judgeMessages()
	r.findEvents()
	r.findSteps()
	r.findStuck()
	r.findPersonal()
	return r.report
}

func (r *reckoning) index() {
	for _, e := range r.enrollments {
		r.byID[e.ID] = e
	}
	for _, f := range r.refused {
		if f.Fault == sandbox.NoFault {
			r.note(&r.report.Lost, "a provider found a request wrong: %s %s, touch %s", f.Channel, f.Code, f.Touch)
		}
		r.faulted[f.Touch] = f.Fault
	}
	for _, t := range r.touches {
		r.byTouch[t.ID] = t
		if t.State == "failed" || t.State == "undelivered" {
			r.addressless[t.Customer] = true
		}
	}
	for _, m := range r.received {
		if m.Fault != sandbox.NoFault {
			r.faulted[m.Touch] = m.Fault
		}
		if ofJourney(m.Touch) {
			r.accepted[m.Touch]++
		}
	}
}

// compareWithProviders holds the ledger against what the providers took.
func (r *reckoning) compareWithProviders() {
	for _, t := range r.touches {
		r.report.Touches++
		taken := r.accepted[t.ID]
		switch t.State {
		case "sent", "delivered", "undelivered":
			if taken == 0 {
				r.note(&r.report.Lost, "touch %s is %s, and no provider took it", t.ID, t.State)
			}
		case "failed":
			if taken > 0 {
				r.note(&r.report.Lost, "touch %s is failed (%s), and a provider took it", t.ID, t.Reason)
			} else if t.ProviderCode == "" && !r.addressless[t.Customer] {
				r.note(&r.report.Lost, "touch %s is failed for no reason", t.ID)
			}
		case "skipped":
			if taken > 0 {
				r.note(&r.report.Lost, "touch %s is skipped, and a provider took it", t.ID)
			} else if !r.mayBeSkipped(t) {
				r.note(&r.report.Lost, "touch %s is skipped (%s) for no reason that can be seen", t.ID, t.Reason)
			}
		case "unconfirmed":
		default: // claimed, expired: nothing may be left so
			e := r.byID[t.Enrollment]
			if e.EndedAt != nil && taken == 0 {
				if cutShort(e) {
					continue // it was to be tried again, and then there was no reason to any more
				}
				r.note(&r.report.Lost, "touch %s is %s, no provider took it, and its enrollment has ended", t.ID, t.State)
				continue
			}
			r.note(&r.report.Stuck, "touch %s is still %s", t.ID, t.State)
		}
	}
	for id := range r.accepted {
		if _, known := r.byTouch[id]; !known {
			r.note(&r.report.Lost, "a provider took touch %s, of which the ledger knows nothing", id)
		}
	}
}

// mayBeSkipped says whether what the customer did explains that they were not written to.
func (r *reckoning) mayBeSkipped(t touch) bool {
	p := r.people[t.Customer]
	switch t.Reason {
	case "no_consent":
		_, heard := r.heard[t.Customer][t.Topic]
		return heard || t.Topic == "marketing" && !p.marketing
	case "open_complaint":
		_, heard := r.heard[t.Customer]["marketing"]
		return heard && t.Topic == "marketing"
	case "no_channel":
		return r.addressless[t.Customer]
	case "no_colleague":
		return t.Kind == "notify"
	}
	return false
}

// countUnconfirmed lists the touches of which nobody knows, each with what explains it.
func (r *reckoning) countUnconfirmed() {
	for _, t := range r.touches {
		if t.State != "unconfirmed" {
			continue
		}
		u := Unconfirmed{Touch: t.ID, Channel: t.Channel, Taken: r.accepted[t.ID] > 0, Code: t.ProviderCode, Why: r.explain(t)}
		if u.Why == "" {
			r.note(&r.report.Unexplained, "touch %s by %s is unconfirmed (%s), and nothing explains it", t.ID, t.Channel, t.ProviderCode)
		}
		r.report.Unconfirmed = append(r.report.Unconfirmed, u)
	}
}

// claiming is how long a claim may take to be written down, from the time that it bears.
const claiming = 200 * time.Millisecond

// explain says what kept the product from knowing: the provider's own doing; or the blow to those who send and record that came next after the
// claim, if it came before a lease after the claim's own end: for so long it is tried to write a result down; or that the sender hung up.
func (r *reckoning) explain(t touch) string {
	if fault := r.faulted[t.ID]; fault != sandbox.NoFault && fault != sandbox.BadAddress && fault != sandbox.Throttle {
		return "provider: " + string(fault)
	}
	claimed := r.clock.Real(t.ClaimedAt)
	why, nearest := "", 2*lease
	for _, s := range r.struck {
		sends := s.Victim == worker1 || s.Victim == worker2 || s.Victim == database
		if after := s.From.Sub(claimed); sends && after > -claiming && after < nearest {
			nearest = max(after, 0)
			why = fmt.Sprintf("%s: %s %.1f s after the claim", s.Victim, s.How, nearest.Seconds())
		}
	}
	if why == "" && r.hungUp[t.ID] {
		return fmt.Sprintf("the sender hung up: no answer within %v", patience)
	}
	return why
}

// judgeMessages looks at each message for itself: whether it came twice, at an hour that the customer did not want, or about what they did not
// want to hear of.
func (r *reckoning) judgeMessages() {
	byAddress := map[string]*person{}
	for _, p := range r.people {
		for _, address := range p.addresses {
			byAddress[address] = p
		}
	}
	seen := map[string]string{}
	for _, m := range r.received {
		p := byAddress[m.Address]
		if m.Reply || p == nil && !ofJourney(m.Touch) {
			continue
		}
		if !ofJourney(m.Touch) { // a word in return
			r.report.Words++
			if !r.inReturn(m) {
				r.note(&r.report.WithoutConsent, "message %d came unasked for", m.Seq)
			}
			continue
		}
		r.report.Messages++
		id, _, _ := strings.Cut(m.Touch, ".")
		e := r.byID[number(id)]
		once := strings.Join([]string{e.Customer, e.Journey, e.Key, occurrence(m.Touch)}, " ")
		if before, twice := seen[once]; twice {
			r.note(&r.report.Twice, "touch %s was taken twice, before as %s", m.Touch, before)
		}
		seen[once] = m.Touch
		if p == nil {
			continue // a colleague's
		}
		if !p.open(m.At) && !p.open(m.At.Add(-r.clock.Duration(onTheWay))) {
			r.note(&r.report.OutsideWindow, "touch %s came at %s for %s", m.Touch, m.At.In(p.zone).Format("15:04:05"), p.id)
		}
		topic := topicOf(e.Journey)
		heard, took := r.heard[p.id][topic]
		if topic == "marketing" && !p.marketing || took && m.RealAt.After(heard.Add(onTheWay)) {
			r.note(&r.report.WithoutConsent, "touch %s about %s, for %s", m.Touch, topic, p.id)
		}
	}
}

// inReturn says whether somebody had just written when a message came to them.
func (r *reckoning) inReturn(m sandbox.Message) bool {
	return slices.ContainsFunc(r.wrote[m.Address], func(s span) bool {
		return !m.RealAt.Before(s.from) && !m.RealAt.After(s.until.Add(onTheWay+clientTime))
	})
}

// findEvents looks for what the product said that it had, and for what came of it.
func (r *reckoning) findEvents() {
	byID, entered := map[string]event{}, map[string][]enrollment{}
	slack := map[string]int{}
	for _, e := range r.events {
		byID[e.ID] = e
		if e.Type == "message.received" && e.Channel == sandbox.Slack {
			slack[e.Customer]++
		}
	}
	for _, e := range r.enrollments {
		entered[e.EnteredBy] = append(entered[e.EnteredBy], e)
	}
	for _, t := range r.told {
		r.report.Events++
		e, there := byID[t.ID]
		if t.ID == "" { // by Slack: the id is Slack's own
			there = slack[t.Customer] > 0
			slack[t.Customer]--
			e.DispatchedAt = &t.At // looked at below with all others
		}
		switch {
		case !there:
			r.note(&r.report.EventsLost, "event %s, %s, is not there", t.ID, t.Type)
		case e.DispatchedAt == nil:
			r.note(&r.report.EventsLost, "event %s, %s, was never carried on", t.ID, t.Type)
		case journeyOf(t.Type) != "" && !slices.ContainsFunc(entered[t.ID], func(e enrollment) bool { return e.Journey == journeyOf(t.Type) && e.Key == t.Key }):
			r.note(&r.report.EventsLost, "event %s, %s, entered nobody", t.ID, t.Type)
		}
	}
	for _, e := range r.events {
		r.findEffect(e)
	}
}

// findEffect says whether an event that ends a wait did, where it was carried on before the wait was over by itself.
func (r *reckoning) findEffect(e event) {
	if e.DispatchedAt == nil {
		r.note(&r.report.EventsLost, "event %s, %s, was never carried on", e.ID, e.Type)
		return
	}
	if took := r.clock.RealDuration(e.DispatchedAt.Sub(e.ReceivedAt)); took > late {
		r.report.Late++
		r.report.Latest = max(r.report.Latest, took)
	}
	switch e.Type {
	case "payment.received":
		for _, waiting := range r.enrollments {
			bill, sent := r.byTouch[fmt.Sprintf("%d.bill.1.1", waiting.ID)]
			if waiting.Journey != "invoice" || waiting.Customer != e.Customer || !sent || waiting.EndedAt == nil || waiting.EnteredAt.After(e.ReceivedAt) {
				continue
			}
			if waiting.EndedAt.Before(*e.DispatchedAt) || e.DispatchedAt.After(bill.ClaimedAt.Add(within)) {
				continue
			}
			r.report.Effects++
			if waiting.Outcome != "goal" {
				r.note(&r.report.EventsLost, "payment %s had no effect on enrollment %d: %s", e.ID, waiting.ID, waiting.Outcome)
			}
		}
	case "survey.answered":
		asked, known := r.byTouch[e.Touch]
		if !known {
			r.note(&r.report.EventsLost, "answer %s is to touch %q, which is not there", e.ID, e.Touch)
			return
		}
		missed, is := r.byTouch[fmt.Sprintf("%d.missed_you.1.1", asked.Enrollment)]
		if e.DispatchedAt.After(asked.ClaimedAt.Add(within)) || is && missed.CreatedAt.Before(*e.DispatchedAt) {
			return
		}
		r.report.Effects++
		if is {
			r.note(&r.report.EventsLost, "answer %s had no effect on enrollment %d", e.ID, asked.Enrollment)
		}
	}
}

// steps are those that every enrollment of a journey goes through that ends by itself.
func steps(journey string) []string {
	return map[string][]string{"order": {"confirmed", "packed", "sent_off"}, "question": {"how_was_it"}, "invoice": {"bill", "reminder"}}[journey]
}

// cutShort says whether an enrollment ended by an event, wherever it stood.
func cutShort(e enrollment) bool { return e.Outcome == "goal" || e.Outcome == "exited: complained" }

// findSteps looks for the touches that each enrollment must have made, one way or another.
func (r *reckoning) findSteps() {
	made := map[string]bool{}
	for _, t := range r.touches {
		made[fmt.Sprintf("%d.%s", t.Enrollment, t.Step)] = true
	}
	has := func(e enrollment, step string) bool { return made[fmt.Sprintf("%d.%s", e.ID, step)] }
	for _, e := range r.enrollments {
		if e.EndedAt == nil || cutShort(e) {
			continue
		}
		if strings.HasPrefix(e.Outcome, "failed") {
			r.note(&r.report.Stuck, "enrollment %d of %s is %s", e.ID, e.Journey, e.Outcome)
		}
		for _, step := range steps(e.Journey) {
			r.report.Expected++
			if !has(e, step) {
				r.note(&r.report.Lost, "enrollment %d of %s ended (%s) without its touch %s", e.ID, e.Journey, e.Outcome, step)
			}
		}
		if e.Journey == "question" {
			r.report.Expected++
			if !has(e, "sorry") && !has(e, "thanks") && !has(e, "missed_you") {
				r.note(&r.report.Lost, "enrollment %d of %s ended (%s) without its last touch", e.ID, e.Journey, e.Outcome)
			}
		}
	}
}

// findStuck looks for enrollments that did not come to their end, or of which database and Temporal think differently.
func (r *reckoning) findStuck() {
	for _, e := range r.enrollments {
		r.report.Enrollments++
		open, known := r.open[e.ID]
		switch {
		case e.EndedAt == nil:
			r.note(&r.report.Stuck, "enrollment %d of %s stands at %q (waiting for %s; run open: %t)", e.ID, e.Journey, e.Step, e.WaitingFor, open)
		case open:
			r.note(&r.report.Stuck, "enrollment %d of %s has ended (%s), and its run goes on", e.ID, e.Journey, e.Outcome)
		case !known:
			r.note(&r.report.Stuck, "enrollment %d of %s has ended (%s), and never had a run", e.ID, e.Journey, e.Outcome)
		}
	}
	for _, failed := range r.failedTasks {
		r.note(&r.report.Stuck, "a workflow task failed %s", failed)
	}
	if r.forged.Taken > 0 {
		r.report.Forged.Count = r.forged.Taken
		r.report.Forged.What = append(r.report.Forged.What, "receipts with a wrong signature were taken")
	}
	r.report.Forgeries = r.forged.Posted
}

// findPersonal looks for personal data where none may be.
func (r *reckoning) findPersonal() {
	r.report.Runs, r.report.LogLines = r.runs, r.logLines
	if r.inHistories > 0 {
		r.report.Personal.Count += r.inHistories
		r.report.Personal.What = append(r.report.Personal.What, fmt.Sprintf("%d histories hold personal data", r.inHistories))
	}
	for _, where := range r.inLogs {
		r.note(&r.report.Personal, "personal data in %s", where)
	}
	for _, t := range r.touches {
		for _, text := range []string{t.Reason, t.ProviderCode} {
			if isPersonal(text) {
				r.note(&r.report.Personal, "personal data in what the ledger says of touch %s", t.ID)
			}
		}
	}
	for _, e := range r.enrollments {
		if isPersonal(e.Outcome) || isPersonal(e.WaitingFor) {
			r.note(&r.report.Personal, "personal data in what the projection says of enrollment %d", e.ID)
		}
	}
}

// note counts one thing, and keeps what it was of the first few.
func (r *reckoning) note(c *Count, format string, values ...any) {
	c.add(fmt.Sprintf(format, values...))
}

// topicOf is what a journey of the run is about.
func topicOf(journey string) string {
	if journey == "offers" {
		return "marketing"
	}
	return "service"
}

// ofJourney says whether a message is a touch of a journey, by the id that it carries: enrollment.step.occurrence.try.
func ofJourney(touch string) bool { return strings.Count(touch, ".") == 3 }

// occurrence is the step of a touch and the how-manieth time it is.
func occurrence(touch string) string {
	parts := strings.Split(touch, ".")
	if len(parts) != 4 {
		return touch
	}
	return parts[1] + "." + parts[2]
}

// stepOf is the step of a touch.
func stepOf(touch string) string {
	step, _, _ := strings.Cut(occurrence(touch), ".")
	return step
}

func number(text string) int64 {
	var n int64
	if _, err := fmt.Sscan(text, &n); err != nil {
		return 0
	}
	return n
}
