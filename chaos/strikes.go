package chaos

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"
)

// Struck is a blow that was done.
type Struck struct {
	Blow

	From  time.Time `json:"from"`
	Until time.Time `json:"until"` // when it ran again
	Error string    `json:"error,omitempty"`
}

// diary is what was done when, a line each, for people to read.
type diary struct {
	to    io.Writer
	begun time.Time

	mu    sync.Mutex
	lines []string
}

// note writes a line: the time since the start, and what was done to whom.
func (d *diary) note(who, what string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	since := time.Since(d.begun)
	line := fmt.Sprintf("%02d:%04.1f  %-13s  %s", int(since.Minutes()), (since % time.Minute).Seconds(), who, what)
	d.lines = append(d.lines, line)
	if d.to != nil {
		fmt.Fprintln(d.to, line)
	}
}

// strikeAll does what the schedule says, and returns when all of it is over. Blows on one victim come one after the other.
func (w *world) strikeAll(ctx context.Context, blows []Blow) []Struck {
	var mu sync.Mutex
	var done []Struck
	var all sync.WaitGroup
	turns := map[string]*sync.Mutex{}
	for name := range w.victims {
		turns[name] = &sync.Mutex{}
	}
	for _, b := range blows {
		if sleep(ctx, time.Until(w.diary.begun.Add(b.At))) != nil {
			break
		}
		all.Go(func() {
			turns[b.Victim].Lock()
			defer turns[b.Victim].Unlock()
			s := Struck{Blow: b, From: time.Now()}
			w.diary.note(b.Victim, fmt.Sprintf("%s, for %.1f s", b.How, b.For.Seconds()))
			if err := w.victims[b.Victim].strike(ctx, b); err != nil {
				w.diary.note(b.Victim, "was not struck: "+err.Error())
				return
			}
			s.Until = time.Now()
			mu.Lock()
			done = append(done, s)
			mu.Unlock()
		})
	}
	all.Wait()
	return done
}
