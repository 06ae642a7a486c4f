package colleague_test

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the laws hold in every zone, also where the machine has no database of them

	"pgregory.net/rapid"

	"perennial/domain/colleague"
	"perennial/domain/contact"
	"perennial/domain/customer"
)

// TestColleagueLaws asks about any colleagues, in any zones, at any minute of 2024 to 2031, and checks the answer against a predicate that only
// looks at one minute at a time: the answer lies in working hours of whoever stands in then, nothing allowed lies between asking and answer, and
// asking again at the answer gives the answer.
func TestColleagueLaws(t *testing.T) {
	t.Parallel()
	zones := zoneNames(t)
	rapid.Check(t, func(t *rapid.T) {
		w := someWorld(t, zones)
		answer := w.ask(w.asked.At)
		switch answer.Verdict {
		case contact.Send:
			for m := w.asked.At; m.Before(answer.Until); m = m.Add(time.Minute) {
				if got := w.told(m); got != answer.Told {
					t.Fatalf("%s: %s may be told until %v, but at %v it is %q", w, answer.Told, answer.Until, m, got)
				}
			}
			if !answer.Until.After(w.asked.At) || answer.Until.After(w.asked.At.Add(24*time.Hour)) {
				t.Fatalf("%s: it may be told until %v", w, answer.Until)
			}
		case contact.Hold:
			w.checkHold(t, answer)
		case contact.Skip:
			w.checkSkip(t, answer)
		}
	})
}

func (w world) checkHold(t *rapid.T, answer colleague.Answer) {
	if !answer.At.After(w.asked.At) || answer.At.After(w.asked.Expires) || w.told(answer.At) != answer.Told {
		t.Fatalf("%s: it is held until %v for %s, but then it is %q", w, answer.At, answer.Told, w.told(answer.At))
	}
	for m := w.asked.At; m.Before(answer.At); m = m.Add(time.Minute) {
		if got := w.told(m); got != "" {
			t.Fatalf("%s: it is held until %v, but %s may be told at %v", w, answer.At, got, m)
		}
	}
	if again := w.ask(answer.At); again.Verdict != contact.Send || again.Told != answer.Told || again.Channel != answer.Channel {
		t.Fatalf("%s: it is held until %v, and then %+v", w, answer.At, again)
	}
	between := w.asked.At.Add(answer.At.Sub(w.asked.At) / 2)
	if again := w.ask(between); again.Verdict != contact.Hold || !again.At.Equal(answer.At) || again.Told != answer.Told {
		t.Fatalf("%s: it is held until %v, and asked at %v %+v", w, answer.At, between, again)
	}
}

func (w world) checkSkip(t *rapid.T, answer colleague.Answer) {
	if answer.Told != "" {
		t.Fatalf("%s: it is skipped, and %s is told", w, answer.Told)
	}
	switch reached := w.inLine(); answer.Reason {
	case contact.UnknownColleague:
		if _, known := w.all[w.asked.Asked]; known {
			t.Fatalf("%s: %s is known", w, w.asked.Asked)
		}
	case contact.NoChannel:
		if len(reached) > 0 {
			t.Fatalf("%s: no channel, but %v can be reached", w, reached)
		}
	case contact.Expired:
		for m := w.asked.At; !m.After(w.asked.Expires); m = m.Add(time.Minute) {
			if got := w.told(m); got != "" {
				t.Fatalf("%s: it expired, but %s may be told at %v", w, got, m)
			}
		}
	default:
		t.Fatalf("%s: skipped because of %s", w, answer.Reason)
	}
}

// world is some colleagues, the holidays of two countries, and a question. What is drawn lies on whole minutes.
type world struct {
	all      colleague.Colleagues
	calendar []contact.Calendar
	asked    colleague.Question
}

func (w world) ask(at time.Time) colleague.Answer {
	q := w.asked
	q.At = at
	return w.all.Decide(w.calendar, q)
}

func (w world) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "asked for %s at %v, expires %v", w.asked.Asked, w.asked.At, w.asked.Expires)
	for _, id := range slices.Sorted(maps.Keys(w.all)) {
		c := w.all[id]
		fmt.Fprintf(&b, "; %s in %s, %s, hours %q, absent %v, deputy %q", id, c.Zone, c.Country, c.Hours.String(), c.Absences, c.Deputy)
	}
	return b.String()
}

// inLine is who may be told at all, in order.
func (w world) inLine() (line []string) {
	var asked []string
	for id := w.asked.Asked; !slices.Contains(asked, id); id = w.all[id].Deputy {
		asked = append(asked, id)
		c, known := w.all[id]
		if !known {
			return line
		}
		slack := c.Addresses[customer.Slack]
		if slack.Value != "" && slack.Bad == "" && !slices.Contains(w.asked.Tried, colleague.Try{Colleague: id, Channel: customer.Slack}) {
			line = append(line, id)
		}
	}
	return line
}

// told is who may be told in that minute, by looking at nothing but that minute; empty is nobody.
func (w world) told(m time.Time) string {
	for _, id := range w.inLine() {
		c := w.all[id]
		wall := m.In(c.Zone)
		date := wall.Format(time.DateOnly)
		away := slices.ContainsFunc(c.Absences, func(a colleague.Absence) bool { return a.From.String() <= date && date <= a.To.String() })
		if away {
			continue
		}
		for _, calendar := range w.calendar {
			if calendar.Country == c.Country && slices.ContainsFunc(calendar.Days, func(d contact.Day) bool { return d.Date.String() == date }) {
				return ""
			}
		}
		if shows(c.Hours, wall) {
			return id
		}
		return ""
	}
	return ""
}

// shows says whether the clock on the wall shows working hours; those of colleagues without hours are written out here once more.
func shows(hours customer.Windows, wall time.Time) bool {
	minute := wall.Hour()*60 + wall.Minute()
	if len(hours) == 0 {
		return wall.Weekday() != time.Saturday && wall.Weekday() != time.Sunday && minute >= 540 && minute < 1080
	}
	for _, w := range hours {
		today, yesterday := w.Days[wall.Weekday()], w.Days[(wall.Weekday()+6)%7]
		switch {
		case w.Ends > w.Opens && today && minute >= w.Opens && minute < w.Ends:
			return true
		case w.Ends <= w.Opens && (today && minute >= w.Opens || yesterday && minute < w.Ends):
			return true
		}
	}
	return false
}

// zoneNames are all the zones of the IANA database as Go ships it.
func zoneNames(t testing.TB) []string {
	t.Helper()
	list, err := os.ReadFile("../customer/testdata/zones.txt")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(list))
}

var ids = []string{"rep-1", "rep-2", "rep-3"}

func someWorld(t *rapid.T, zones []string) world {
	w := world{all: colleague.Colleagues{}}
	w.asked = colleague.Question{
		Asked: rapid.SampledFrom(ids).Draw(t, "asked"), Templates: []customer.Channel{customer.Slack},
		At: time.Date(2024, 1, 1, 0, rapid.IntRange(0, 8*365*1440).Draw(t, "minute"), 0, 0, time.UTC),
	}
	for n := range rapid.IntRange(1, 3).Draw(t, "colleagues") {
		zone, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		if _, change := w.asked.At.In(zone).ZoneBounds(); n == 0 && !change.IsZero() && rapid.Bool().Draw(t, "around a change of clocks") {
			w.asked.At = change.Add(time.Duration(rapid.IntRange(-5*1440, 1440).Draw(t, "from the change")) * time.Minute).UTC()
		}
		w.all[ids[n]] = someColleague(t, ids[n], zone, w.asked.At)
	}
	w.asked.Expires = w.asked.At.Add(time.Duration(rapid.IntRange(0, 12*1440).Draw(t, "valid")) * time.Minute)
	if rapid.IntRange(0, 9).Draw(t, "tried") == 0 {
		w.asked.Tried = []colleague.Try{{Colleague: rapid.SampledFrom(ids).Draw(t, "failed for"), Channel: customer.Slack}}
	}
	for _, country := range []string{"GB", "US"} {
		w.calendar = append(w.calendar, someCalendar(t, country, w.asked.At))
	}
	return w
}

func someColleague(t *rapid.T, id string, zone *time.Location, at time.Time) colleague.Colleague {
	c := colleague.Colleague{
		ID: id, Zone: zone, Country: rapid.SampledFrom([]string{"", "GB", "US", "FR"}).Draw(t, "country"),
		Deputy:    rapid.SampledFrom(append([]string{"", "rep-9"}, ids...)).Draw(t, "deputy"),
		Addresses: map[customer.Channel]customer.Address{customer.Slack: {Value: "U" + id}},
	}
	if rapid.IntRange(0, 5).Draw(t, "bad") == 0 {
		c.Addresses[customer.Slack] = customer.Address{Value: "U" + id, Bad: "bad_address"}
	}
	for range rapid.IntRange(0, 2).Draw(t, "windows") {
		w := customer.Window{Opens: rapid.IntRange(0, 1439).Draw(t, "opens"), Ends: rapid.IntRange(1, 1440).Draw(t, "ends")}
		for range rapid.IntRange(1, 6).Draw(t, "days") {
			w.Days[rapid.IntRange(0, 6).Draw(t, "day")] = true
		}
		if w.Opens == w.Ends {
			w.Ends++
		}
		c.Hours = append(c.Hours, w)
	}
	if rapid.IntRange(0, 3).Draw(t, "round the clock") == 0 {
		c.Hours = customer.Windows{{Days: [7]bool{true, true, true, true, true, true, true}, Ends: 1440}}
	}
	for range rapid.IntRange(0, 2).Draw(t, "absences") {
		from := at.AddDate(0, 0, rapid.IntRange(-3, 8).Draw(t, "leaves in days"))
		to := from.AddDate(0, 0, rapid.IntRange(0, 8).Draw(t, "for days"))
		c.Absences = append(c.Absences, colleague.Absence{From: contact.DateOf(from, time.UTC), To: contact.DateOf(to, time.UTC)})
	}
	return c
}

func someCalendar(t *rapid.T, country string, at time.Time) contact.Calendar {
	c := contact.Calendar{Country: country}
	for range rapid.IntRange(0, 3).Draw(t, "holidays") {
		c.Days = append(c.Days, contact.Day{Date: contact.DateOf(at.AddDate(0, 0, rapid.IntRange(-1, 9).Draw(t, "in days")), time.UTC)})
	}
	byDate := func(a, b contact.Day) int { return int(a.Date - b.Date) }
	slices.SortFunc(c.Days, byDate)
	c.Days = slices.CompactFunc(c.Days, func(a, b contact.Day) bool { return a.Date == b.Date })
	return c
}
