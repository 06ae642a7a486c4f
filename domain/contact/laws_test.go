package contact_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the laws hold in every zone, also where the machine has no database of them

	"pgregory.net/rapid"

	"perennial/domain/contact"
	"perennial/domain/customer"
)

// zoneNames are all the zones of the IANA database as Go ships it.
func zoneNames(t testing.TB) []string {
	t.Helper()
	list, err := os.ReadFile("../customer/testdata/zones.txt")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(list))
}

// TestPolicyLaws asks any policy about any customer, in any zone, at any minute of 2024 to 2031, and checks the answer against a predicate
// that only looks at one minute at a time: the answer is allowed, nothing allowed lies between asking and answer, and asking again at the
// answer gives the answer. Spreading only moves a touch inside hours that have just opened.
func TestPolicyLaws(t *testing.T) {
	t.Parallel()
	names := zoneNames(t)
	rapid.Check(t, func(t *rapid.T) {
		w := someWorld(t, names)
		answer := w.policy.Decide(w.who, w.asked)
		spread := w.policy
		spread.Spread = &contact.Spread{Over: contact.Period{Exact: time.Duration(rapid.IntRange(1, 300).Draw(t, "spread")) * time.Minute}}
		switch answer.Verdict {
		case contact.Send:
			if !w.allowed(w.asked.At) {
				t.Fatalf("%s: it is sent", w)
			}
			for m := w.asked.At; m.Before(answer.Until); m = m.Add(time.Minute) {
				if !w.allowed(m) {
					t.Fatalf("%s: it may be sent until %v, but not at %v", w, answer.Until, m)
				}
			}
			if got := spread.Decide(w.who, w.asked); got != answer {
				t.Fatalf("%s: what may be sent now is spread: %+v", w, got)
			}
		case contact.Hold:
			w.checkHold(t, answer)
			w.checkSpread(t, spread, answer)
		case contact.Skip:
			if answer.Reason != contact.NoWindow {
				t.Fatalf("%s: skipped because of %s", w, answer.Reason)
			}
			for m := w.asked.At; m.Before(w.asked.At.AddDate(0, 0, 22)); m = m.Add(time.Minute) {
				if w.allowed(m) {
					t.Fatalf("%s: it is skipped, but may be sent at %v", w, m)
				}
			}
		}
	})
}

func (w world) checkHold(t *rapid.T, answer contact.Answer) {
	if !answer.At.After(w.asked.At) || !w.allowed(answer.At) {
		t.Fatalf("%s: it is held until %v, which is not allowed", w, answer.At)
	}
	for m := w.asked.At; m.Before(answer.At); m = m.Add(time.Minute) {
		if w.allowed(m) {
			t.Fatalf("%s: it is held until %v, but may be sent at %v", w, answer.At, m.In(w.who.Zone))
		}
	}
	if again := w.askedAt(answer.At, w.policy); again.Verdict != contact.Send {
		t.Fatalf("%s: it is held until %v, and then %+v", w, answer.At, again)
	}
	between := w.asked.At.Add(answer.At.Sub(w.asked.At) / 2)
	if again := w.askedAt(between, w.policy); again.Verdict != contact.Hold || !again.At.Equal(answer.At) {
		t.Fatalf("%s: it is held until %v, and asked at %v %+v", w, answer.At, between, again)
	}
}

func (w world) checkSpread(t *rapid.T, spread contact.Policy, first contact.Answer) {
	answer := spread.Decide(w.who, w.asked)
	if answer.Verdict != contact.Hold || answer.At.Before(first.At) || answer.Reason != first.Reason {
		t.Fatalf("%s: it is held until %v, and spread %+v", w, first.At, answer)
	}
	if !answer.At.Equal(first.At) && (!answer.At.Before(first.At.Add(spread.Spread.Over.Exact)) || w.open(first.At.Add(-time.Second))) {
		t.Fatalf("%s: it is held until %v, and spread to %v", w, first.At, answer.At)
	}
	if again := w.askedAt(answer.At, spread); again.Verdict != contact.Send {
		t.Fatalf("%s: it is spread to %v, and then %+v", w, answer.At, again)
	}
	if again := w.askedAt(w.asked.At.Add(answer.At.Sub(w.asked.At)/2), spread); again.Verdict == contact.Hold && !again.At.Equal(answer.At) {
		t.Fatalf("%s: it is spread to %v, and asked on the way to %v", w, answer.At, again.At)
	}
}

func (w world) askedAt(at time.Time, p contact.Policy) contact.Answer {
	w.asked.At = at
	return p.Decide(w.who, w.asked)
}

// world is a policy, a customer and a question. What is drawn lies on whole minutes.
type world struct {
	policy contact.Policy
	who    customer.Profile
	asked  contact.Question
}

func (w world) String() string {
	asked := w.asked
	return strings.Join([]string{
		w.who.Zone.String(), asked.At.In(w.who.Zone).String(), asked.Topic, "own " + w.who.Windows.String(), "decent " + w.policy.Decent.String(),
	}, ", ")
}

func someWorld(t *rapid.T, names []string) world {
	z, err := time.LoadLocation(rapid.SampledFrom(names).Draw(t, "zone"))
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2024, 1, 1, 0, rapid.IntRange(0, 8*365*1440).Draw(t, "minute"), 0, 0, time.UTC)
	if _, change := at.In(z).ZoneBounds(); !change.IsZero() && rapid.Bool().Draw(t, "around a change of clocks") {
		at = change.Add(time.Duration(rapid.IntRange(-10*1440, 1440).Draw(t, "from the change")) * time.Minute).UTC()
	}
	w := world{
		policy: contact.Policy{
			Encoding: contact.PolicyEncoding,
			Topics:   []contact.Topic{{Name: "care", Priority: 2}, {Name: "marketing", Priority: 2}, {Name: "service", Priority: 1}},
			Decent:   someWindows(t, 1),
		},
		who: customer.Profile{
			ID: rapid.StringMatching(`c-[0-9]{1,5}`).Draw(t, "customer"), Zone: z, Country: "US", Star: rapid.IntRange(1, 5).Draw(t, "star"),
			Channels:  []customer.Channel{customer.SMS},
			Addresses: map[customer.Channel]customer.Address{customer.SMS: {Value: "+12015550100"}},
			Consents:  map[string]bool{"service": true, "care": true, "marketing": true},
			Windows:   someWindows(t, 0),
		},
		asked: contact.Question{
			Topic: rapid.SampledFrom([]string{"service", "care", "marketing"}).Draw(t, "topic"), At: at, Templates: customer.Channels,
			Enrollment: 5, Since: at.Add(-time.Hour),
		},
	}
	if rapid.Bool().Draw(t, "legal hours") {
		w.policy.Legal = []contact.Legal{{Country: "US", Open: someWindows(t, 1), Topics: []string{"marketing", "care"}}}
	}
	if rapid.Bool().Draw(t, "holidays") {
		w.holidays(t)
	}
	if rapid.Bool().Draw(t, "caps and company") {
		w.company(t)
	}
	return w
}

func someWindows(t *rapid.T, least int) customer.Windows {
	var ws customer.Windows
	for range rapid.IntRange(least, 2).Draw(t, "windows") {
		w := customer.Window{Opens: rapid.IntRange(0, 1439).Draw(t, "opens"), Ends: rapid.IntRange(1, 1440).Draw(t, "ends")}
		for range rapid.IntRange(1, 5).Draw(t, "days") {
			w.Days[rapid.IntRange(0, 6).Draw(t, "day")] = true
		}
		if w.Opens == w.Ends {
			w.Ends++
		}
		ws = append(ws, w)
	}
	return ws
}

// holidays draws some dates soon after the question.
func (w *world) holidays(t *rapid.T) {
	w.policy.Holidays = &contact.Rest{Topics: []string{"care", "marketing"}}
	calendar := contact.Calendar{Country: "US"}
	for range rapid.IntRange(1, 6).Draw(t, "holidays") {
		day := contact.DateOf(w.asked.At.AddDate(0, 0, rapid.IntRange(-1, 9).Draw(t, "in days")), w.who.Zone)
		calendar.Days = append(calendar.Days, contact.Day{Date: day})
	}
	byDate := func(a, b contact.Day) int { return int(a.Date - b.Date) }
	slices.SortFunc(calendar.Days, byDate)
	calendar.Days = slices.CompactFunc(calendar.Days, func(a, b contact.Day) bool { return a.Date == b.Date })
	w.policy.Calendars = []contact.Calendar{calendar}
}

// company draws caps, a gap, what the customer got before and what other enrollments want for them.
func (w *world) company(t *rapid.T) {
	period := rapid.Custom(func(t *rapid.T) contact.Period {
		return contact.Period{Days: rapid.IntRange(0, 5).Draw(t, "days"), Exact: time.Duration(rapid.IntRange(1, 600).Draw(t, "minutes")) * time.Minute}
	})
	quota := func() contact.Quota {
		return contact.Quota{Most: rapid.IntRange(1, 3).Draw(t, "most"), Per: period.Draw(t, "per")}
	}
	w.policy.Caps = []contact.Cap{
		{Quota: quota()},
		{Channel: customer.SMS, Quota: quota(), Stars: []contact.StarQuota{{Star: 3, Quota: quota()}}},
		{Topic: "marketing", Quota: quota()},
	}
	w.policy.Gap = &contact.Gap{Least: contact.Period{Exact: time.Duration(rapid.IntRange(1, 600).Draw(t, "gap")) * time.Minute}, Topics: []string{"care", "marketing"}}
	topics := rapid.SampledFrom([]string{"service", "care", "marketing"})
	for range rapid.IntRange(0, 5).Draw(t, "touched") {
		w.who.Touched = append(w.who.Touched, customer.Touched{
			Channel: rapid.SampledFrom([]customer.Channel{customer.SMS, customer.Email}).Draw(t, "channel"), Topic: topics.Draw(t, "of"),
			At: w.asked.At.Add(-time.Duration(rapid.IntRange(0, 8*1440).Draw(t, "ago")) * time.Minute),
		})
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "wanted") {
		w.who.Wanted = append(w.who.Wanted, customer.Wanted{
			Enrollment: int64(4 + i), Topic: topics.Draw(t, "wants"), Since: w.asked.At.Add(-time.Duration(rapid.IntRange(0, 2).Draw(t, "hours")) * time.Hour),
			At: w.asked.At.Add(time.Duration(rapid.IntRange(-60, 4*1440).Draw(t, "in")) * time.Minute),
		})
	}
}

// allowed says whether the touch may be made in that minute, by looking at nothing but that minute.
func (w world) allowed(at time.Time) bool { return w.open(at) && w.roomy(at) }

// open says whether the clock and the calendar on the wall allow it.
func (w world) open(at time.Time) bool {
	wall := at.In(w.who.Zone)
	rests := w.asked.Topic != "service"
	for _, law := range w.policy.Legal {
		if rests && !anyShows(law.Open, wall) {
			return false
		}
	}
	hours := w.who.Windows
	if len(hours) == 0 {
		hours = w.policy.Decent
	}
	if !anyShows(hours, wall) {
		return false
	}
	for _, calendar := range w.policy.Calendars {
		for _, day := range calendar.Days {
			if rests && day.Date.String() == wall.Format(time.DateOnly) {
				return false
			}
		}
	}
	return true
}

func anyShows(windows customer.Windows, wall time.Time) bool {
	for _, w := range windows {
		minute, today, yesterday := wall.Hour()*60+wall.Minute(), w.Days[wall.Weekday()], w.Days[(wall.Weekday()+6)%7]
		switch {
		case w.Ends > w.Opens && today && minute >= w.Opens && minute < w.Ends:
			return true
		case w.Ends <= w.Opens && (today && minute >= w.Opens || yesterday && minute < w.Ends):
			return true
		}
	}
	return false
}

// roomy says whether caps, gap and more important touches leave room for one more.
func (w world) roomy(at time.Time) bool {
	gap := time.Duration(0)
	if w.policy.Gap != nil && w.asked.Topic != "service" {
		gap = w.policy.Gap.Least.Exact
	}
	for _, touched := range w.who.Touched {
		if at.Sub(touched.At) < gap {
			return false
		}
	}
	for _, wanted := range w.who.Wanted {
		if distance := at.Sub(wanted.At).Abs(); w.goesFirst(wanted) && distance < max(gap, time.Minute) {
			return false
		}
	}
	for _, c := range w.policy.Caps {
		if c.Topic != "" && c.Topic != w.asked.Topic {
			continue
		}
		if !w.fits(c, at) {
			return false
		}
	}
	return true
}

// fits says whether no time of a cap's length has too many touches once this one is among them.
func (w world) fits(c contact.Cap, at time.Time) bool {
	q := c.Quota
	for _, s := range c.Stars {
		if s.Star == w.who.Star {
			q = s.Quota
		}
	}
	var others []time.Time
	for _, touched := range w.who.Touched {
		if (c.Channel == "" || c.Channel == touched.Channel) && (c.Topic == "" || c.Topic == touched.Topic) {
			others = append(others, touched.At)
		}
	}
	for _, wanted := range w.who.Wanted {
		if w.goesFirst(wanted) && c.Channel == "" && (c.Topic == "" || c.Topic == wanted.Topic) {
			others = append(others, wanted.At)
		}
	}
	slices.SortFunc(others, time.Time.Compare)
	for first := 0; first+q.Most <= len(others); first++ {
		oldest, newest := others[first], others[first+q.Most-1]
		ends, begins := q.Per.From(oldest.In(w.who.Zone)), q.Per.Before(newest.In(w.who.Zone))
		if newest.Before(ends) && at.Before(ends) && (at.After(begins) || !at.Before(oldest)) {
			return false
		}
	}
	return true
}

func (w world) goesFirst(wanted customer.Wanted) bool {
	important := map[string]int{"service": 1, "care": 2, "marketing": 2}
	theirs, ours := important[wanted.Topic], important[w.asked.Topic]
	switch {
	case wanted.Enrollment == w.asked.Enrollment:
		return false
	case theirs != ours:
		return theirs < ours
	case !wanted.Since.Equal(w.asked.Since):
		return wanted.Since.Before(w.asked.Since)
	}
	return wanted.Enrollment < w.asked.Enrollment
}
