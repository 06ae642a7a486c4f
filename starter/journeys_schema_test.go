package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"perennial/domain/contact"
	"perennial/domain/journey"
	"perennial/domain/jsonschema/jsonschematest"
)

// TestEveryShippedFileIsWhatItsSchemaSays: all YAML that we ship, by the schemas as they are printed.
func TestEveryShippedFileIsWhatItsSchemaSays(t *testing.T) {
	t.Parallel()
	b := &business{t: t}
	folder := journeys(t)
	calendars, err := filepath.Glob(filepath.Join(folder, contact.CalendarFolder, "*.yaml"))
	if err != nil || len(calendars) == 0 {
		t.Fatalf("%d calendars, %v", len(calendars), err)
	}
	var written []string
	for _, file := range shippedJourneys(t) {
		written = append(written, filepath.Join(folder, file))
	}
	for _, c := range []struct {
		command, files []string
	}{
		{[]string{"journeys", "schema"}, written},
		{[]string{"journeys", "schema", folder, "--json"}, written},
		{[]string{"journeys", "schema", "--of", "profile"}, []string{filepath.Join(folder, journey.ProfileFile)}},
		{[]string{"journeys", "schema", "--of", "events"}, []string{filepath.Join(folder, journey.EventsFile)}},
		{[]string{"policy", "schema"}, []string{filepath.Join(folder, contact.PolicyFile)}},
		{[]string{"policy", "schema", "--of", "calendar"}, calendars},
	} {
		validate := jsonschematest.Validator(t, json.RawMessage(b.does(c.command...)))
		for _, file := range c.files {
			if err := validate([]byte(readFile(t, file))); err != nil {
				t.Errorf("%v: %s: %v", c.command, file, err)
			}
		}
	}
}

func TestTheSchemaOfAFolderOffersItsNames(t *testing.T) {
	t.Parallel()
	b := &business{t: t}
	folder := journeys(t)
	plain, named := b.does("journeys", "schema"), b.does("journeys", "schema", folder)
	says(t, named, `"care-tip"`, `"visit.completed"`, `"marketing"`)
	if plain == named {
		t.Error("a folder adds no names")
	}
	if err := os.WriteFile(filepath.Join(folder, "broken.yaml"), []byte("journey: ["), 0o600); err != nil {
		t.Fatal(err)
	}
	if b.does("journeys", "schema", folder) != named {
		t.Error("a journey with mistakes changes the names")
	}
	b.refuses("did you mean events?", "journeys", "schema", "--of", "event")
	b.refuses("write calendar or policy", "policy", "schema", "--of", "journey")
	b.refuses("say where the journeys are", "journeys", "schema", filepath.Join(folder, "nowhere"))
	b.refuses("name the folder of the journeys", "journeys", "schema", filepath.Join(folder, "onboarding.yaml"))
}
