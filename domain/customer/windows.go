package customer

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Windows are the weekly hours at which a customer wants to be reached, in the customer's own local time. None means any decent hour.
type Windows []Window

// Window is the same hours on some weekdays. The weekday is that of the local date on which the window opens.
type Window struct {
	Days  [7]bool // by time.Weekday
	Opens int     // minutes after local midnight, 0 to 1439
	Ends  int     // minutes after local midnight, 1 to 1440; at or before Opens it is on the next day
}

const minutesPerDay = 24 * 60

var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// ParseWindows reads windows as operations write them: "sat 09:00-12:00; mon-fri 18:30-20:30". Days are sun to sat, ranges of them, or
// "daily", separated by commas; hours are 00:00 to 24:00, and an end that is not after its beginning lies on the next day. Empty is none.
func ParseWindows(text string) (Windows, error) {
	var windows Windows
	for part := range strings.SplitSeq(text, ";") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		w, err := parseWindow(part)
		if err != nil {
			return nil, err
		}
		windows = append(windows, w)
	}
	return windows, nil
}

func parseWindow(text string) (Window, error) {
	fields := strings.Fields(text)
	if len(fields) != 2 {
		return Window{}, fmt.Errorf("contact window %q: write days and hours, such as \"mon-fri 18:30-20:30\"", text)
	}
	var w Window
	for days := range strings.SplitSeq(strings.ToLower(fields[0]), ",") {
		if err := w.addDays(days); err != nil {
			return Window{}, fmt.Errorf("contact window %q: %w", text, err)
		}
	}
	opens, ends, found := strings.Cut(fields[1], "-")
	if !found {
		return Window{}, fmt.Errorf("contact window %q: write hours from and to, such as 18:30-20:30", text)
	}
	var err error
	if w.Opens, err = parseMinutes(opens); err != nil {
		return Window{}, fmt.Errorf("contact window %q: %w", text, err)
	}
	if w.Ends, err = parseMinutes(ends); err != nil {
		return Window{}, fmt.Errorf("contact window %q: %w", text, err)
	}
	if w.Opens == minutesPerDay {
		return Window{}, fmt.Errorf("contact window %q: no window opens at 24:00, write 00:00 of the next day", text)
	}
	if w.Opens == w.Ends {
		return Window{}, fmt.Errorf("contact window %q: it ends when it opens; the whole day is 00:00-24:00", text)
	}
	if w.Ends == 0 {
		w.Ends = minutesPerDay
	}
	return w, nil
}

func (w *Window) addDays(text string) error {
	if text == "daily" {
		w.Days = [7]bool{true, true, true, true, true, true, true}
		return nil
	}
	from, to, ranged := strings.Cut(text, "-")
	first := slices.Index(weekdays, from)
	last := first
	if ranged {
		last = slices.Index(weekdays, to)
	}
	if first < 0 || last < 0 {
		return fmt.Errorf("%q is no day; write mon, tue, wed, thu, fri, sat, sun, a range such as mon-fri, or daily", text)
	}
	for d := first; ; d = (d + 1) % 7 {
		w.Days[d] = true
		if d == last {
			return nil
		}
	}
}

func parseMinutes(text string) (int, error) {
	hour, minute, found := strings.Cut(text, ":")
	h, errH := strconv.Atoi(hour)
	m, errM := strconv.Atoi(minute)
	if !found || errH != nil || errM != nil || len(minute) != 2 || h < 0 || m < 0 || m > 59 || h*60+m > minutesPerDay {
		return 0, fmt.Errorf("%q is no time of day; write it as 18:30", text)
	}
	return h*60 + m, nil
}

// String writes windows so that ParseWindows reads the same ones.
func (ws Windows) String() string {
	parts := make([]string, len(ws))
	for i, w := range ws {
		parts[i] = w.String()
	}
	return strings.Join(parts, "; ")
}

// String writes one window, such as "mon-fri 18:30-20:30".
func (w Window) String() string {
	return fmt.Sprintf("%s %02d:%02d-%02d:%02d", w.dayNames(), w.Opens/60, w.Opens%60, w.Ends/60, w.Ends%60)
}

func (w Window) dayNames() string {
	if w.Days == [7]bool{true, true, true, true, true, true, true} {
		return "daily"
	}
	var runs []string
	for i := 1; i <= 7; i++ { // a week begins on Monday for people
		if !w.Days[i%7] {
			continue
		}
		j := i
		for j < 7 && w.Days[(j+1)%7] {
			j++
		}
		run := weekdays[i%7]
		if j > i {
			run += "-" + weekdays[j%7]
		}
		runs = append(runs, run)
		i = j
	}
	return strings.Join(runs, ",")
}

// span is a stretch of time, from its beginning up to but without its end.
type span struct{ from, to time.Time }

// searchDays is how far ahead Next looks: a weekly window that a change of clocks swallows this week is there next week.
const searchDays = 15

// Next returns the first instant at or after t that lies in one of the windows, and the end of the stretch of open time it lies in.
// An instant lies in a window when the clock on the customer's wall says so: an hour that the zone skips is never open, one that
// it repeats is open both times. ok is false when there are no windows.
func (ws Windows) Next(t time.Time, zone *time.Location) (at, until time.Time, ok bool) {
	open := ws.openStretches(t, zone)
	for i, s := range open {
		if !s.to.After(t) {
			continue
		}
		until = s.to
		for _, later := range open[i+1:] {
			if later.from.After(until) {
				break
			}
			if later.to.After(until) {
				until = later.to
			}
		}
		if s.from.After(t) {
			return s.from, until, true
		}
		return t, until, true
	}
	return time.Time{}, time.Time{}, false
}

// openStretches returns the stretches in which a window is open from a day before t on, by beginning. The zone's offset is constant
// within each piece between two changes of its clocks, so there wall time and instant differ by a constant.
func (ws Windows) openStretches(t time.Time, zone *time.Location) []span {
	var open []span
	horizon := t.AddDate(0, 0, searchDays)
	for piece := t.In(zone).AddDate(0, 0, -2); piece.Before(horizon); {
		begins, ends := piece.ZoneBounds()
		if ends.IsZero() || ends.After(horizon) {
			ends = horizon
		}
		_, seconds := piece.Zone()
		offset := time.Duration(seconds) * time.Second
		lastDay := ends.Add(offset).UTC()
		for day := midnight(piece.Add(offset).UTC()).AddDate(0, 0, -1); !day.After(lastDay); day = day.AddDate(0, 0, 1) {
			for _, w := range ws {
				if !w.Days[day.Weekday()] {
					continue
				}
				length := w.Ends
				if w.Ends <= w.Opens {
					length += minutesPerDay
				}
				s := span{
					from: day.Add(time.Duration(w.Opens)*time.Minute - offset),
					to:   day.Add(time.Duration(length)*time.Minute - offset),
				}
				if s.from.Before(begins) {
					s.from = begins
				}
				if s.to.After(ends) {
					s.to = ends
				}
				if s.from.Before(s.to) {
					open = append(open, span{s.from.In(zone), s.to.In(zone)})
				}
			}
		}
		piece = ends.In(zone)
	}
	slices.SortStableFunc(open, func(a, b span) int { return a.from.Compare(b.from) })
	return open
}

func midnight(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}
