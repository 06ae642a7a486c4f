package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"perennial/domain/problem"
	"perennial/domain/segment"
	"perennial/store"
)

// This file is what is said of an event of a type that no journey knows. It is stored, since a journey that listens for it may be published later; but
// whoever sends it most likely meant another.

// eventTypes are the types of which we know whether a journey knows them.
type eventTypes struct {
	mu    sync.Mutex
	known map[string]bool
	told  map[string]bool // in the log, once
}

// mostTold bounds how many unknown types are remembered: anybody with the token may make them up.
const mostTold = 1000

// note says what is odd about an event that was handed in; empty where nothing is.
func (g *Gateway) note(ctx context.Context, m understood) string {
	if len(m.events) == 0 || store.ChangesProfile(m.events[0].Type) || m.events[0].Type == messageReceived {
		return "" // those do their work without a journey
	}
	kind := m.events[0].Type
	if g.types.knows(kind) {
		return ""
	}
	catalogue, err := g.catalogue(ctx) // it may have been published since
	if err != nil {
		g.Log.Warn("The types of events can't be read from the newest profile catalogue.", "error", err)
		return ""
	}
	names := catalogue.EventNames()
	if len(names) == 0 {
		return "" // nothing was published: nothing can be said
	}
	known, first := g.types.learn(names, kind)
	if known {
		return ""
	}
	if first {
		g.Log.Warn("An event of a type that no journey knows was stored.", "type", kind, "event", m.id)
	}
	note := fmt.Sprintf("no journey knows the event %q: it is stored, and nothing follows from it", kind)
	if meant := problem.Suggest(kind, names); meant != "" {
		note += "; " + meant
	}
	return note
}

func (t *eventTypes) knows(kind string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.known[kind]
}

// learn takes the types that journeys know, and says whether one is among them, and if not whether it is the first time that it isn't.
func (t *eventTypes) learn(names []string, kind string) (known, first bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.known = make(map[string]bool, len(names))
	for _, name := range names {
		t.known[name] = true
	}
	if t.told == nil {
		t.told = map[string]bool{}
	}
	if t.known[kind] || t.told[kind] || len(t.told) == mostTold {
		return t.known[kind], false
	}
	t.told[kind] = true
	return false, true
}

// catalogue is the profile catalogue of the newest publication; an empty one where nothing was published.
func (g *Gateway) catalogue(ctx context.Context) (segment.Catalogue, error) {
	encoded, err := g.Store.NewestCatalogue(ctx)
	if errors.Is(err, store.ErrNotFound) {
		return segment.Catalogue{}, nil
	}
	if err != nil {
		return segment.Catalogue{}, err
	}
	var catalogue segment.Catalogue
	if err := json.Unmarshal(encoded, &catalogue); err != nil {
		return segment.Catalogue{}, fmt.Errorf("read the newest profile catalogue: %w", err)
	}
	return catalogue, nil
}
