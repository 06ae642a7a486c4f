package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"perennial/config"
	"perennial/deploy/stack"
)

// environment reads a file as a shell would, and looks variables up in it.
func environment(text string) map[string]string {
	all := map[string]string{}
	for _, variable := range readEnvironmentFile(text) {
		name, value, _ := strings.Cut(variable, "=")
		all[name] = value
	}
	return all
}

func TestAMachineKnowsTheVariablesThatItChoseItself(t *testing.T) {
	t.Parallel()
	given := config.Config{GatewayAddress: "127.0.0.1:8420", MailFrom: "Ada's <ada@example.com>", MailDomain: "it'"}
	settings := given
	settings.DatabaseURL, settings.TemporalAddress = "postgres://own@127.0.0.1/own", "127.0.0.1:7233"
	variables := environment(environmentFile(settings, given))
	if variables["MAIL_FROM"] != given.MailFrom || variables["MAIL_DOMAIN"] != given.MailDomain {
		t.Errorf("read back: %v", variables)
	}
	lookup := func(name string) string { return variables[name] }
	if got := ownVariables(lookup); !slices.Equal(got, []string{ownVariable, "DATABASE_URL", "TEMPORAL_ADDRESS"}) {
		t.Errorf("its own are %v", got)
	}
	variables["DATABASE_URL"] = "postgres://mine@127.0.0.1/mine" // set after the file was read
	if got := ownVariables(lookup); !slices.Equal(got, []string{ownVariable, "TEMPORAL_ADDRESS"}) {
		t.Errorf("with another database its own are %v", got)
	}
	delete(variables, ownVariable)
	if got := ownVariables(lookup); got != nil {
		t.Errorf("where nothing is marked its own are %v", got)
	}
}

func TestWhatRunsInACloneIsFound(t *testing.T) {
	t.Parallel()
	state := t.TempDir()
	if file, variables := announcedIn(state); file != "" || variables != nil {
		t.Errorf("nothing runs, and there is %s", file)
	}
	for _, folder := range []string{filepath.Join(state, throwawayFolder+"1"), state} { // the one that is kept comes first
		want := filepath.Join(folder, stack.AnnouncementFile)
		announcement, err := stack.Announce(want, environmentFile(config.Config{DatabaseURL: "postgres://one"}, config.Config{}))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = announcement.Close() })
		file, variables := announcedIn(state)
		if file != want || !slices.Contains(variables, "DATABASE_URL=postgres://one") {
			t.Errorf("got %s with %v, want %s", file, variables, want)
		}
	}
}

func TestNothingIsLookedForWhereAPlaceIsNamed(t *testing.T) {
	for _, name := range placeVariables() {
		t.Setenv(name, "")
	}
	t.Setenv("TEMPORAL_ADDRESS", "temporal.example.com:7233")
	settings, from, err := loadHere()
	if err != nil || from != "" || settings.DatabaseURL != "" {
		t.Errorf("got %s from %q, %v", settings, from, err)
	}
}
