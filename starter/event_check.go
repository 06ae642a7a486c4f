package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"perennial/config"
	"perennial/domain/journey"
	"perennial/domain/problem"
	"perennial/domain/segment"
	"perennial/store"
)

// knownEvents are the types of events that journeys know: those that were published with them, and those that stand in the folder, which may be
// about to be. None where neither is at hand: then nothing can be said of an event.
func (h *happening) knownEvents(ctx context.Context, settings config.Config) (segment.Catalogue, error) {
	known := eventsOf(h.folder)
	if h.gateway != "" || settings.DatabaseURL == "" { // another gateway has another database
		return known, nil
	}
	s, err := openDatabase(ctx, settings)
	if err != nil {
		return known, nil // the gateway does without us knowing its database
	}
	defer s.Close()
	published, err := s.NewestCatalogue(ctx)
	if err != nil {
		return known, nil // nothing was published, or the schema is another's: the gateway judges
	}
	var catalogue segment.Catalogue
	if err := json.Unmarshal(published, &catalogue); err != nil {
		return known, fmt.Errorf("read the published catalogue: %w", err)
	}
	for _, event := range known.Events {
		if _, there := catalogue.Event(event.Name); !there {
			catalogue.Events = append(catalogue.Events, event)
		}
	}
	return catalogue, nil
}

// eventsOf reads the events of a folder; none where it has no such file, or one with mistakes, which `journeys check` tells.
func eventsOf(folder string) (catalogue segment.Catalogue) {
	source, err := fs.ReadFile(os.DirFS(folder), journey.EventsFile)
	if err != nil {
		return segment.Catalogue{}
	}
	var problems problem.List
	if catalogue.ParseEvents(journey.EventsFile, source, &problems); !problems.Empty() {
		return segment.Catalogue{}
	}
	return catalogue
}

// check refuses an event of a type that no journey knows, or without data that it must bring. It returns what is to be said of one that is
// handed in all the same.
func (h *happening) check(known segment.Catalogue) (notes []string, err error) {
	if len(known.Events) == 0 {
		return nil, nil
	}
	kind, found := known.Event(h.event.Type)
	if !found && store.ChangesProfile(h.event.Type) {
		return nil, nil // it does its work without a journey
	}
	if !found {
		mend := cmp.Or(problem.Suggest(h.event.Type, known.EventNames()), "the events are "+strings.Join(known.EventNames(), ", "))
		return nil, fmt.Errorf("no journey knows the event %q; %s", h.event.Type, mend)
	}
	var names []string
	for _, field := range kind.Data {
		names = append(names, field.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(h.event.Data)) {
		if !slices.Contains(names, name) {
			note := fmt.Sprintf("%s has no data %q; %s", kind.Name, name, problem.Suggest(name, names))
			notes = append(notes, strings.TrimSuffix(note, "; "))
		}
	}
	for _, field := range kind.Data {
		if _, brought := h.event.Data[field.Name]; !brought && !field.Optional {
			missing := fmt.Sprintf("%s must bring %s: add --data %s=…", kind.Name, field.Name, field.Name)
			return nil, fmt.Errorf("%s", strings.Join(append([]string{missing}, notes...), "; "))
		}
	}
	return notes, nil
}
