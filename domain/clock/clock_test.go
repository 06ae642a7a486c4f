package clock_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"perennial/domain/clock"
)

var now = time.Date(2026, 11, 21, 22, 0, 0, 0, time.UTC)

func TestClockStartsWhereItIsTold(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		start := now.Add(time.Duration(rapid.Int64Range(-200*24*3600, 200*24*3600).Draw(t, "seconds")) * time.Second)
		rate := rapid.Int64Range(2, 100_000).Draw(t, "rate")
		c := clock.Starting(start, now, rate)
		if off := c.At(now).Sub(start).Abs(); off > time.Duration(rate) {
			t.Fatalf("it starts %v off", off)
		}
		passed := time.Duration(rapid.Int64Range(0, 3600).Draw(t, "passed")) * time.Second
		if got := c.At(now.Add(passed)).Sub(c.At(now)); got != passed*time.Duration(rate) {
			t.Fatalf("in %v it went on by %v", passed, got)
		}
		// A wait of what RealDuration says never ends early.
		wait := time.Duration(rapid.Int64Range(1, int64(48*time.Hour)).Draw(t, "wait"))
		if got := c.At(now.Add(c.RealDuration(wait))).Sub(c.At(now)); got < wait {
			t.Fatalf("a wait of %v ended after %v", wait, got)
		}
	})
}

func TestClockIsRealTimeByDefault(t *testing.T) {
	t.Parallel()
	var c clock.Clock
	if c.At(now) != now || c.RealDuration(time.Hour) != time.Hour || c.Scaled() {
		t.Error("the zero clock is not real time")
	}
	if clock.Starting(now.Add(time.Hour), now, 1) != c {
		t.Error("a clock at rate 1 is not real time")
	}
}

func TestClockTravelsAsText(t *testing.T) {
	t.Parallel()
	for _, want := range []clock.Clock{{}, clock.Starting(now.AddDate(0, -3, 0), now, 17280)} {
		text, err := want.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var got clock.Clock
		if err := got.UnmarshalText(text); err != nil || got != want {
			t.Errorf("%s reads as %+v (%v), want %+v", text, got, err, want)
		}
	}
	for _, text := range []string{"17280", "x@2026-05-04T08:00:00Z", "2@yesterday", "0@2026-05-04T08:00:00Z", "-3@2026-05-04T08:00:00Z"} {
		var c clock.Clock
		if err := c.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q was read as %+v", text, c)
		}
	}
}
