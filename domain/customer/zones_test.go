package customer_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the laws hold in every zone, also where the machine has no database of them

	"pgregory.net/rapid"

	"perennial/domain/customer"
)

// The years for which the laws are shown.
var (
	lawsFrom  = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	lawsUntil = time.Date(2032, 1, 1, 0, 0, 0, 0, time.UTC)
)

// zones are all the zones of the IANA database as Go ships it.
func zones(t testing.TB) []*time.Location {
	t.Helper()
	list, err := os.ReadFile("testdata/zones.txt")
	if err != nil {
		t.Fatal(err)
	}
	var zones []*time.Location
	for name := range strings.FieldsSeq(string(list)) {
		z, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		zones = append(zones, z)
	}
	if len(zones) < 590 {
		t.Fatalf("only %d zones", len(zones))
	}
	return zones
}

// changes are the instants at which a zone's clocks are changed in the years of the laws.
func changes(z *time.Location) []time.Time {
	var changes []time.Time
	for at := lawsFrom.In(z); ; {
		_, at = at.ZoneBounds()
		if at.IsZero() || at.After(lawsUntil) {
			return changes
		}
		changes = append(changes, at)
	}
}

// TestWindowsKeepTheirLawsAtEveryChangeOfClocks asks around every change of clocks in every zone, of windows that lie before, in, over and behind
// the hour that is skipped or repeated, wherever in the day the zone puts it.
func TestWindowsKeepTheirLawsAtEveryChangeOfClocks(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{} // many zones are names of the same one
	for _, z := range zones(t) {
		for _, change := range changes(z) {
			before, after := change.Add(-time.Second).In(z), change.In(z)
			key := fmt.Sprint(change.Unix(), before.Format("-0700"), after.Format("-0700"))
			if seen[key] {
				continue
			}
			seen[key] = true
			for _, ws := range windowsAround(before, after) {
				for _, ahead := range []time.Duration{26 * time.Hour, 61 * time.Minute, time.Minute, 0, -time.Minute, -61 * time.Minute} {
					if err := lawsOf(ws, change.Add(-ahead), z); err != nil {
						t.Fatalf("%s, change at %v, windows %s: %v", z, change, ws, err)
					}
				}
			}
		}
	}
	if len(seen) < 400 {
		t.Errorf("only %d different changes of clocks", len(seen))
	}
}

// windowsAround are windows that a change of clocks meets in different ways.
func windowsAround(before, after time.Time) []customer.Windows {
	was, is := (before.Hour()*60+before.Minute()+1)%1440, after.Hour()*60+after.Minute()
	daily := [7]bool{true, true, true, true, true, true, true}
	var thatDay [7]bool
	thatDay[before.Weekday()] = true
	window := func(days [7]bool, opens, ends int) customer.Windows {
		w := customer.Window{Days: days, Opens: (opens + 1440) % 1440, Ends: (ends + 1440) % 1440}
		if w.Ends == 0 {
			w.Ends = 1440
		}
		if w.Opens == w.Ends {
			w.Ends++
		}
		return customer.Windows{w}
	}
	return []customer.Windows{
		window(daily, min(was, is), max(was, is)),
		window(daily, min(was, is)+10, max(was, is)-10),
		window(daily, was-30, is+30),
		window(thatDay, is-15, was+15),
		window(thatDay, 23*60, 60),
		append(window(daily, was-90, was), window(daily, is, is+90)...),
	}
}

// TestWindowsKeepTheirLawsInEveryZone asks at any minute of the years, of any windows.
func TestWindowsKeepTheirLawsInEveryZone(t *testing.T) {
	t.Parallel()
	all := zones(t)
	minutes := int(lawsUntil.Sub(lawsFrom) / time.Minute)
	rapid.Check(t, func(t *rapid.T) {
		z := rapid.SampledFrom(all).Draw(t, "zone")
		asked := lawsFrom.Add(time.Duration(rapid.IntRange(0, minutes).Draw(t, "minute")) * time.Minute)
		if err := lawsOf(someWindows(t), asked, z); err != nil {
			t.Fatalf("%s: %v", z, err)
		}
	})
}

func someWindows(t *rapid.T) customer.Windows {
	var ws customer.Windows
	for range rapid.IntRange(1, 3).Draw(t, "windows") {
		w := customer.Window{Opens: rapid.IntRange(0, 1439).Draw(t, "opens"), Ends: rapid.IntRange(1, 1440).Draw(t, "ends")}
		for range rapid.IntRange(1, 4).Draw(t, "days") {
			w.Days[rapid.IntRange(0, 6).Draw(t, "day")] = true
		}
		if w.Opens == w.Ends {
			w.Ends++
		}
		ws = append(ws, w)
	}
	return ws
}

// lawsOf checks what Next answers against the clock on the wall, minute by minute: the answer is open, nothing open lies between asking and
// answer, the stretch is open to its end and closed after it, and asking again at the answer gives the answer.
func lawsOf(ws customer.Windows, asked time.Time, z *time.Location) error {
	open := func(at time.Time) bool {
		for _, w := range ws {
			if onTheWall(w, at.In(z)) {
				return true
			}
		}
		return false
	}
	at, until, ok := ws.Next(asked, z)
	if !ok || at.Before(asked) || !at.Before(until) {
		return fmt.Errorf("asked at %v: from %v until %v", asked.In(z), at, until)
	}
	// In steps of a minute, wherever the minutes of the wall begin.
	for m := asked; m.Before(at); m = m.Add(time.Minute) {
		if open(m) {
			return fmt.Errorf("asked at %v: %v is open, but the answer is %v", asked.In(z), m.In(z), at)
		}
	}
	for m := at; m.Before(until) && m.Before(at.Add(49*time.Hour)); m = m.Add(time.Minute) {
		if !open(m) {
			return fmt.Errorf("asked at %v: %v is closed, but lies between %v and %v", asked.In(z), m.In(z), at, until)
		}
	}
	if until.Sub(at) < 10*24*time.Hour && open(until) {
		return fmt.Errorf("asked at %v: %v is open, but the stretch is said to end there", asked.In(z), until.In(z))
	}
	if again, _, _ := ws.Next(at, z); !again.Equal(at) {
		return fmt.Errorf("asked again at %v: %v", at, again)
	}
	return nil
}

// TestTheNextDateIsTheFirstInstantOfAnotherDate looks at every day around every change of clocks in every zone, and at those between.
func TestTheNextDateIsTheFirstInstantOfAnotherDate(t *testing.T) {
	t.Parallel()
	for _, z := range zones(t) {
		asked := []time.Time{lawsFrom, lawsUntil}
		for _, change := range changes(z) {
			asked = append(asked, change.Add(-25*time.Hour), change.Add(-time.Hour), change.Add(-time.Second), change, change.Add(time.Hour))
		}
		for _, at := range asked {
			next := customer.NextDate(at, z)
			today, before, after := at.In(z).Format(time.DateOnly), next.Add(-time.Second).In(z).Format(time.DateOnly), next.In(z).Format(time.DateOnly)
			if !next.After(at) || before != today || after == today || next.Sub(at) > 26*time.Hour {
				t.Fatalf("%s: the next date after %v begins at %v", z, at.In(z), next)
			}
		}
	}
}

// TestWallTimesAreShownOnTheWall sets every wall time around every change of clocks, in every zone: the clock shows it, for the first time, or
// the gap moved it on.
func TestWallTimesAreShownOnTheWall(t *testing.T) {
	t.Parallel()
	for _, z := range zones(t) {
		for _, change := range changes(z) {
			_, was := change.Add(-time.Second).Zone()
			_, is := change.Zone()
			jump := time.Duration(is-was) * time.Second
			lastShown := change.UTC().Add(time.Duration(was) * time.Second) // on the wall, written as if it were UTC
			for d := -26 * time.Hour; d < 26*time.Hour; d += 7 * time.Minute {
				wall := lastShown.Add(d)
				year, month, day := wall.Date()
				hour, minute, second := wall.Clock()
				got := customer.WallTime(year, month, day, hour, minute, second, 0, z)
				want := wall.Add(-time.Duration(was) * time.Second)
				if d >= max(jump, 0) {
					want = wall.Add(-time.Duration(is) * time.Second)
				}
				if !got.Equal(want) {
					t.Fatalf("%s: %s is %v, want %v", z, wall.Format(time.DateTime), got, want.In(z))
				}
			}
		}
	}
}

func TestOverlappingWindowsShareAMinuteOfTheWeek(t *testing.T) {
	t.Parallel()
	inWeek := func(ws customer.Windows, minute int) bool {
		for _, w := range ws {
			if onTheWall(w, time.Date(2026, 5, 3, 0, minute, 0, 0, time.UTC)) {
				return true
			}
		}
		return false
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := someWindows(t), someWindows(t)
		shared := false
		for minute := range 7 * 1440 {
			shared = shared || inWeek(a, minute) && inWeek(b, minute)
		}
		if a.Overlap(b) != shared || b.Overlap(a) != shared {
			t.Fatalf("%s and %s: overlap %v, shared %v", a, b, a.Overlap(b), shared)
		}
	})
}

// FuzzWindowsAreReadAsTheyAreWritten reads anything as windows: what is read is written so that it is read the same.
func FuzzWindowsAreReadAsTheyAreWritten(f *testing.F) {
	for _, seed := range []string{"sat 09:00-12:00; mon-fri 18:30-20:30", "fri-sat 22:00-01:00", "daily 00:00-24:00", "sun,tue 9:00-00:00", ";;", "mon 24:00-1:00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		ws, err := customer.ParseWindows(text)
		if err != nil {
			return
		}
		again, err := customer.ParseWindows(ws.String())
		if err != nil || again.String() != ws.String() || len(again) != len(ws) {
			t.Fatalf("%q is read as %q, and that as %q, %v", text, ws, again, err)
		}
		for i := range ws {
			if ws[i] != again[i] {
				t.Fatalf("%q is read as %+v, and written and read as %+v", text, ws[i], again[i])
			}
		}
		if _, _, ok := ws.Next(lawsFrom, time.UTC); ok != (len(ws) > 0) {
			t.Fatalf("%q never opens", text)
		}
	})
}
