package demo

import (
	"strings"
	"testing"
	"time"

	"perennial/domain/clock"
)

func TestABusinessThatIsNotReadyOnItsFirstDaySaysSo(t *testing.T) {
	t.Parallel()
	b := &business{start: opens(), Config: Config{Clock: clock.Starting(opens(), time.Now().Add(-time.Minute), 17280)}}
	if err := b.begin(t.Context()); err == nil || !strings.Contains(err.Error(), "this machine was still setting it up") {
		t.Errorf("begin: %v", err)
	}
}

func TestWhatWouldHappenOnTheLastEveningDoesNot(t *testing.T) {
	t.Parallel()
	b := &business{end: opens().AddDate(0, 0, 60)}
	for _, before := range []time.Duration{time.Hour, 40 * time.Hour, 25 * time.Hour, -time.Hour, 30 * time.Hour} {
		b.plan(act{at: b.end.Add(-before)})
	}
	if len(b.acts) != 3 {
		t.Fatalf("%d things will happen, want 3", len(b.acts))
	}
	for i, a := range b.acts {
		if left := b.end.Sub(a.at); left < quiet || i > 0 && a.at.Before(b.acts[i-1].at) {
			t.Errorf("the %dth happens %v before the end, out of turn or too late", i+1, left)
		}
	}
}
