package demo

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"perennial/channel/sandbox"
	"perennial/domain/journey"
)

func opens() time.Time { return time.Date(2026, 11, 2, 7, 0, 0, 0, time.UTC) }

func made(t *testing.T, n int) []customer {
	t.Helper()
	all, err := customers(n, 1, opens(), 60)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestCustomersReactToTheTemplatesThatShip(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../journeys/templates/*.sms.en.liquid") // what customers can get; colleagues get no SMS
	if err != nil || len(files) == 0 {
		t.Fatalf("no templates: %v", err)
	}
	var shipped []string
	for _, file := range files {
		name, _, _ := strings.Cut(filepath.Base(file), ".")
		shipped = append(shipped, name)
		if reactions()[name] == nil {
			t.Errorf("nobody reacts to %s", name)
		}
	}
	for name, choices := range reactions() {
		if !slices.Contains(shipped, name) {
			t.Errorf("no template is called %s", name)
		}
		sum := uint64(0)
		for _, c := range choices {
			sum += c.percent
		}
		if sum > 100 {
			t.Errorf("%s: %d of a hundred do something", name, sum)
		}
	}
	for name := range scores() {
		text, err := os.ReadFile("../journeys/templates/" + name + ".sms.en.liquid")
		if err != nil || !strings.Contains(string(text), "1") {
			t.Errorf("%s asks for no number: %v", name, err)
		}
	}
}

func TestWhatCustomersDoComesFromTheSeedAndFromWhatTheyReceived(t *testing.T) {
	t.Parallel()
	e := enrollment{id: 7, journey: "renewal", key: "insurance-1", nth: 1, name: "renewal.insurance-1.1", steps: map[string]journey.Step{
		"in_a_month": {Template: "renewal-soon"}, "other": {Template: "unknown"},
	}}
	noon := opens().Add(5 * time.Hour)
	acts := func(seed uint64, id int64, touch string, late time.Duration) map[string]act {
		done := map[string]act{}
		again := e
		again.id = id
		for _, c := range made(t, 200) {
			p := newPerson(c)
			m := sandbox.Message{Address: c.phone, Touch: touch, At: noon.Add(late)}
			if a, will := react(p, m, again, seed); will {
				a.customer, a.message = nil, sandbox.Message{}
				done[c.id] = a
			}
			if a, will := react(p, m, again, seed); will {
				t.Errorf("%s reacts again to what came on a second channel: %v", c.id, a)
			}
		}
		return done
	}
	first := acts(1, 7, "7.in_a_month.1.1", 0)
	if len(first) < 50 || len(first) > 150 {
		t.Fatalf("%d of 200 do something", len(first))
	}
	// Another enrollment's number, another channel and another hour of the day change nothing.
	second := acts(1, 9, "9.in_a_month.1.2", 3*time.Hour)
	for id, a := range first {
		if second[id] != a {
			t.Errorf("%s does %+v, and %+v in another run", id, a, second[id])
		}
	}
	if len(second) != len(first) {
		t.Errorf("%d do something, and %d in another run", len(first), len(second))
	}
	if other := acts(2, 7, "7.in_a_month.1.1", 0); len(other) == len(first) && other["c-001"] == first["c-001"] && other["c-002"] == first["c-002"] && other["c-003"] == first["c-003"] {
		t.Error("another seed changes nothing")
	}
	if idle := acts(1, 7, "7.other.1.1", 0); len(idle) > 0 {
		t.Errorf("what nobody wrote leads to %v", idle)
	}
}

func TestCustomersAreNobody(t *testing.T) {
	t.Parallel()
	fictional := regexp.MustCompile(`^\+12(01|03|05|06|07|08|09|12|13|14)55501[0-9]{2}$`)
	seen := map[string]bool{}
	for _, c := range made(t, MostCustomers()) {
		if !fictional.MatchString(c.phone) || !strings.HasSuffix(c.email, "@example.org") {
			t.Errorf("%s could be somebody: %s, %s", c.id, c.phone, c.email)
		}
		for _, address := range c.addresses() {
			if seen[address] {
				t.Errorf("two have %s", address)
			}
			seen[address] = true
		}
	}
	if _, err := customers(MostCustomers()+1, 1, opens(), 60); err == nil {
		t.Error("there are numbers for more")
	}
}

func TestNobodyEntersInTheHoursInWhichTheBusinessOpensOrCloses(t *testing.T) {
	t.Parallel()
	today, last := opens().Truncate(24*time.Hour), opens().AddDate(0, 0, 60)
	edge := func(at time.Time) bool {
		return at.Sub(today).Abs() < 36*time.Hour || at.Sub(last).Abs() < 36*time.Hour
	}
	lapses := 0
	for _, c := range made(t, 300) {
		for _, a := range c.agreements {
			if edge(a.renews.AddDate(0, 0, -60)) || edge(a.renews.AddDate(0, 0, -30)) && a.renews.Before(last) {
				t.Errorf("%s of %s is due on %s", a.id, c.id, day(a.renews))
			}
		}
		if n := len(c.purchases); c.life == lapsed {
			gap := c.purchases[n-1].Sub(c.purchases[n-2])
			if missed := c.purchases[n-1].Add(2 * gap); edge(missed) {
				t.Errorf("%s is missed on %s", c.id, day(missed))
			}
			lapses++
		}
		if c.birthday.IsZero() {
			continue
		}
		if next := time.Date(2026, c.birthday.Month(), c.birthday.Day(), 0, 0, 0, 0, time.UTC); edge(next.AddDate(0, 0, -1)) || edge(next) {
			t.Errorf("%s has their birthday on %s", c.id, day(next))
		}
	}
	if lapses == 0 {
		t.Error("nobody lapses")
	}
}
