package slack

import (
	"sync"
	"time"
)

// pace spaces the messages of each conversation. Slack takes about one a second in each, so this is no matter of the task queue's
// rate, which is for all conversations together. It knows this process alone: Slack's own 429 says the rest.
type pace struct {
	every time.Duration

	mu   sync.Mutex
	free map[string]time.Time // when a conversation may have its next message
}

// mostPaced is how many conversations are remembered before those are forgotten that are free anyway.
const mostPaced = 4096

func newPace(every time.Duration) *pace {
	return &pace{every: every, free: make(map[string]time.Time)}
}

// reserve takes the next place in a conversation and returns how long it is until then. If that is longer than most, it takes no
// place and returns false.
func (p *pace) reserve(conversation string, now time.Time, most time.Duration) (wait time.Duration, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.free) >= mostPaced {
		for other, at := range p.free {
			if !at.After(now) {
				delete(p.free, other)
			}
		}
	}
	wait = max(p.free[conversation].Sub(now), 0)
	if wait > most {
		return wait, false
	}
	p.free[conversation] = now.Add(wait + p.every)
	return wait, true
}
