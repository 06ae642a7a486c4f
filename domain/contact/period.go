package contact

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"perennial/domain/customer"
)

// Period is a length of time in the policy: days by the calendar on the customer's wall, then hours and minutes.
type Period struct {
	Days  int
	Exact time.Duration // whole minutes
}

var periodText = regexp.MustCompile(`^(?:([0-9]{1,4})w)?(?:([0-9]{1,4})d)?(?:([0-9]{1,4})h)?(?:([0-9]{1,5})m)?$`)

// ParsePeriod reads a period as operations write it: "30m", "4h", "7d", "2w", or several of them, the largest first. It must be longer than
// nothing.
func ParsePeriod(text string) (Period, error) {
	parts := periodText.FindStringSubmatch(text)
	if parts == nil || text == "" {
		return Period{}, fmt.Errorf("%s is no length of time", text)
	}
	var numbers [5]int
	for i, part := range parts[1:] {
		if part == "" {
			continue
		}
		n, err := strconv.Atoi(part)
		if err != nil {
			return Period{}, fmt.Errorf("%s is no length of time", text)
		}
		numbers[i] = n
	}
	p := Period{
		Days:  7*numbers[0] + numbers[1],
		Exact: time.Duration(numbers[2])*time.Hour + time.Duration(numbers[3])*time.Minute,
	}
	if p.IsZero() {
		return Period{}, errors.New("a length of time must be longer than nothing")
	}
	return p, nil
}

// IsZero says whether the period has no length.
func (p Period) IsZero() bool { return p == Period{} }

// From returns the instant that lies p after t, by the calendar of t's zone. A wall time that the zone skips moves on by the length of
// the gap.
func (p Period) From(t time.Time) time.Time {
	if p.Days != 0 {
		year, month, day := t.Date()
		hour, minute, second := t.Clock()
		t = customer.WallTime(year, month, day+p.Days, hour, minute, second, t.Nanosecond(), t.Location())
	}
	return t.Add(p.Exact)
}

// Before returns the instant that lies p before t.
func (p Period) Before(t time.Time) time.Time {
	return Period{Days: -p.Days, Exact: -p.Exact}.From(t)
}

// rough is how long the period is where no clock is changed.
func (p Period) rough() time.Duration { return time.Duration(p.Days)*24*time.Hour + p.Exact }

// String writes the period as operations do: "7d", "1d12h".
func (p Period) String() string {
	var b strings.Builder
	for _, part := range []struct {
		n    int
		unit string
	}{{p.Days, "d"}, {int(p.Exact / time.Hour), "h"}, {int(p.Exact % time.Hour / time.Minute), "m"}} {
		if part.n != 0 {
			fmt.Fprintf(&b, "%d%s", part.n, part.unit)
		}
	}
	return b.String()
}

// MarshalText writes the period as operations do.
func (p Period) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads a period as operations write it; an empty text is none.
func (p *Period) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*p = Period{}
		return nil
	}
	parsed, err := ParsePeriod(string(text))
	if err != nil {
		return err
	}
	*p = parsed
	return nil
}
