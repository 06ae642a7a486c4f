package customer_test

import (
	"testing"
	"time"

	"perennial/domain/customer"
)

func windows(t testing.TB, text string) customer.Windows {
	t.Helper()
	ws, err := customer.ParseWindows(text)
	if err != nil {
		t.Fatal(err)
	}
	return ws
}

func TestWindowsReadAndWrite(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                     "",
		"sat 09:00-12:00":                      "sat 09:00-12:00",
		"sat 09:00-12:00; mon-fri 18:30-20:30": "sat 09:00-12:00; mon-fri 18:30-20:30",
		" SAT,sun  9:00-12:00 ;":               "sat-sun 09:00-12:00",
		"fri-mon 22:00-01:00":                  "mon,fri-sun 22:00-01:00",
		"daily 00:00-24:00":                    "daily 00:00-24:00",
		"mon 20:00-00:00":                      "mon 20:00-24:00",
	} {
		if got := windows(t, text).String(); got != want {
			t.Errorf("%q reads as %q, want %q", text, got, want)
		}
	}
}

func TestWindowsRefuseWhatIsNone(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"9-12", "sat", "sat 09:00", "sat 9-12", "sat 09:00-25:00", "sat 09:60-10:00", "sat 24:00-10:00", "sat 09:00-09:00",
		"someday 09:00-10:00", "sat-someday 09:00-10:00", "sat 09:00-12:00 sun", "sat -1:00-10:00", "sat 09:00-12:00, sun 10:00-11:00",
	} {
		if ws, err := customer.ParseWindows(text); err == nil {
			t.Errorf("%q reads as %q", text, ws)
		}
	}
}

// Known failures of another system, as fixed cases: the wrong weekday, the wrong hour across a change of clocks.
func TestWindowsOpenAtTheWallTime(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ windows, zone, asked, opens, ends string }{
		"Mondays 20:00 in Los Angeles, not on Sunday":     {"mon 20:00-21:00", "America/Los_Angeles", "2026-05-02T00:00:00Z", "2026-05-04T20:00:00-07:00", "2026-05-04T21:00:00-07:00"},
		"Mondays 08:00 in Tokyo, not on Tuesday":          {"mon 08:00-09:00", "Asia/Tokyo", "2026-05-02T00:00:00Z", "2026-05-04T08:00:00+09:00", "2026-05-04T09:00:00+09:00"},
		"20:00 in New York when the clocks go forward":    {"sun 20:00-21:00", "America/New_York", "2026-03-07T12:00:00-05:00", "2026-03-08T20:00:00-04:00", "2026-03-08T21:00:00-04:00"},
		"09:00 in New York when the clocks go back":       {"sun 09:00-10:00", "America/New_York", "2026-10-31T12:00:00-04:00", "2026-11-01T09:00:00-05:00", "2026-11-01T10:00:00-05:00"},
		"a skipped beginning opens when the gap is over":  {"sun 02:30-04:00", "America/New_York", "2026-03-08T00:00:00-05:00", "2026-03-08T03:00:00-04:00", "2026-03-08T04:00:00-04:00"},
		"a skipped window opens the week after":           {"sun 02:10-02:50", "America/New_York", "2026-03-08T00:00:00-05:00", "2026-03-15T02:10:00-04:00", "2026-03-15T02:50:00-04:00"},
		"over midnight it belongs to the day it opens on": {"fri-sat 22:00-01:00", "Asia/Kolkata", "2026-05-03T00:30:00+05:30", "2026-05-03T00:30:00+05:30", "2026-05-03T01:00:00+05:30"},
		"windows that touch are one stretch":              {"daily 00:00-24:00", "Pacific/Apia", "2026-05-03T12:00:00Z", "2026-05-03T12:00:00Z", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			zone, err := time.LoadLocation(c.zone)
			if err != nil {
				t.Fatal(err)
			}
			at, until, ok := windows(t, c.windows).Next(instant(t, c.asked), zone)
			if !ok || !at.Equal(instant(t, c.opens)) {
				t.Errorf("opens %v, want %s", at, c.opens)
			}
			if c.ends != "" && !until.Equal(instant(t, c.ends)) {
				t.Errorf("ends %v, want %s", until, c.ends)
			}
		})
	}
}

func instant(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// onTheWall says by the clock on the wall alone whether an instant lies in a window.
func onTheWall(w customer.Window, wall time.Time) bool {
	minute := wall.Hour()*60 + wall.Minute()
	today, yesterday := w.Days[wall.Weekday()], w.Days[(wall.Weekday()+6)%7]
	if w.Ends > w.Opens {
		return today && minute >= w.Opens && minute < w.Ends
	}
	return today && minute >= w.Opens || yesterday && minute < w.Ends
}
