package clock

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Clock maps real time to the stack's time: both agree at Origin, and from there the stack's time runs Rate times as fast.
// Choosing Origin lets the stack's time start at any date (see [Starting]). The zero Clock is real time.
type Clock struct {
	Origin time.Time
	Rate   int64
}

// Starting returns the clock that shows the stack's time start at the real time now and runs at rate.
// A rate of 1 or less is real time, and start is then ignored.
func Starting(start, now time.Time, rate int64) Clock {
	if rate <= 1 {
		return Clock{}
	}
	ahead := start.Sub(now)
	return Clock{Origin: now.Add(-ahead / time.Duration(rate-1)).UTC(), Rate: rate}
}

// Scaled says whether the clock is anything but real time.
func (c Clock) Scaled() bool { return c.Rate > 1 }

// At returns the stack's time at a real time.
func (c Clock) At(real time.Time) time.Time {
	if !c.Scaled() {
		return real
	}
	return c.Origin.Add(real.Sub(c.Origin) * time.Duration(c.Rate))
}

// Real returns the real time at which the stack's time is t.
func (c Clock) Real(t time.Time) time.Time {
	if !c.Scaled() {
		return t
	}
	return c.Origin.Add(t.Sub(c.Origin) / time.Duration(c.Rate))
}

// RealDuration returns how long d of the stack's time takes, rounded up to a whole nanosecond so that a wait never ends early.
func (c Clock) RealDuration(d time.Duration) time.Duration {
	if !c.Scaled() {
		return d
	}
	rate := time.Duration(c.Rate)
	if d <= 0 {
		return d / rate
	}
	return (d + rate - 1) / rate
}

// Duration returns how much of the stack's time passes in d of real time.
func (c Clock) Duration(d time.Duration) time.Duration {
	if !c.Scaled() {
		return d
	}
	return d * time.Duration(c.Rate)
}

// MarshalText writes a clock as "RATE@ORIGIN", such as "17280@2026-05-04T08:00:00Z", and real time as "1".
func (c Clock) MarshalText() ([]byte, error) {
	if !c.Scaled() {
		return []byte("1"), nil
	}
	return []byte(strconv.FormatInt(c.Rate, 10) + "@" + c.Origin.UTC().Format(time.RFC3339Nano)), nil
}

// UnmarshalText reads what MarshalText writes; empty is real time.
func (c *Clock) UnmarshalText(text []byte) error {
	*c = Clock{}
	if len(text) == 0 || string(text) == "1" {
		return nil
	}
	rate, origin, found := strings.Cut(string(text), "@")
	if !found {
		return fmt.Errorf("clock %q: write RATE@ORIGIN, such as 17280@2026-05-04T08:00:00Z", text)
	}
	n, err := strconv.ParseInt(rate, 10, 64)
	if err != nil || n < 1 {
		return fmt.Errorf("clock %q: the rate must be a whole number of at least 1", text)
	}
	at, err := time.Parse(time.RFC3339Nano, origin)
	if err != nil {
		return fmt.Errorf("clock %q: the origin must be a time such as 2026-05-04T08:00:00Z", text)
	}
	if n > 1 {
		*c = Clock{Origin: at.UTC(), Rate: n}
	}
	return nil
}
