package customer

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

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

// MarshalText writes windows as operations do.
func (ws Windows) MarshalText() ([]byte, error) { return []byte(ws.String()), nil }

// UnmarshalText reads windows as operations write them.
func (ws *Windows) UnmarshalText(text []byte) error {
	parsed, err := ParseWindows(string(text))
	if err != nil {
		return err
	}
	*ws = parsed
	return nil
}
