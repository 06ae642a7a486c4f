package slack

import (
	"strconv"
	"testing"
	"time"
)

func TestEachConversationHasItsOwnTurns(t *testing.T) {
	t.Parallel()
	p := newPace(time.Second)
	now := time.Unix(1_800_000_000, 0)
	for i, want := range []time.Duration{0, time.Second, 2 * time.Second} {
		if wait, ok := p.reserve("D1", now, time.Minute); !ok || wait != want {
			t.Errorf("message %d waits %s, want %s", i, wait, want)
		}
	}
	if wait, ok := p.reserve("D2", now, time.Minute); !ok || wait != 0 {
		t.Errorf("another conversation waits %s", wait)
	}
	if wait, ok := p.reserve("D1", now.Add(time.Hour), time.Minute); !ok || wait != 0 {
		t.Errorf("an hour later it waits %s", wait)
	}
}

func TestATurnThatIsTooFarOffIsNotTaken(t *testing.T) {
	t.Parallel()
	p := newPace(time.Second)
	now := time.Unix(1_800_000_000, 0)
	_, _ = p.reserve("D1", now, 0)
	for range 3 {
		if wait, ok := p.reserve("D1", now, time.Second/2); ok || wait != time.Second {
			t.Errorf("waits %s, taken: %v", wait, ok)
		}
	}
}

func TestConversationsThatAreFreeAgainAreForgotten(t *testing.T) {
	t.Parallel()
	p := newPace(time.Second)
	now := time.Unix(1_800_000_000, 0)
	for i := range 3 * mostPaced {
		_, _ = p.reserve(strconv.Itoa(i), now.Add(time.Duration(i)*time.Millisecond), time.Minute)
	}
	if len(p.free) > mostPaced {
		t.Errorf("%d are remembered", len(p.free))
	}
}

func TestConversationsAreForgottenOnceThereAreTooMany(t *testing.T) {
	t.Parallel()
	c := newConversations(3)
	for i := range 10 {
		c.put("U"+strconv.Itoa(i), "D"+strconv.Itoa(i))
		if c.get("U"+strconv.Itoa(i)) != "D"+strconv.Itoa(i) || len(c.of) > 3 {
			t.Errorf("after %d: %v", i, c.of)
		}
	}
}
