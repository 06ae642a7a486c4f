package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"perennial/config"
	"perennial/deploy/stack"
)

// ownVariable lists the variables that a `starter dev` chose itself, each with a fingerprint of its value. It goes with them into terminals that
// read them, so that the next `starter dev` there does not take its own database for somebody else's.
const ownVariable = "PERENNIAL_DEV"

// environmentFile is what a shell reads to work with a machine: its variables, those that it chose itself marked as such. Given is the
// configuration that it was started with.
func environmentFile(settings, given config.Config) string {
	var own []string
	lines := &page{}
	for _, variable := range settings.Environ() {
		name, value, _ := strings.Cut(variable, "=")
		lines.line("export %s='%s'", name, strings.ReplaceAll(value, "'", `'\''`))
		if !slices.Contains(given.Environ(), variable) {
			own = append(own, name+"="+fingerprint(value))
		}
	}
	lines.line("export %s='%s'", ownVariable, strings.Join(own, ","))
	return lines.String()
}

// readEnvironmentFile returns the variables of such a file, as NAME=value.
func readEnvironmentFile(text string) []string {
	var all []string
	for line := range strings.Lines(text) {
		name, value, found := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(line, "export "), "\n"), "=")
		if found {
			all = append(all, name+"="+strings.ReplaceAll(strings.TrimSuffix(strings.TrimPrefix(value, "'"), "'"), `'\''`, "'"))
		}
	}
	return all
}

func fingerprint(value string) string {
	sum := sha256.Sum256([]byte(value))
	return hex.EncodeToString(sum[:4])
}

// ownVariables are the names of the variables that a `starter dev` chose and nobody has changed since.
func ownVariables(lookup func(string) string) []string {
	mark := lookup(ownVariable)
	if mark == "" {
		return nil
	}
	names := []string{ownVariable}
	for entry := range strings.SplitSeq(mark, ",") {
		name, known, _ := strings.Cut(entry, "=")
		if known == fingerprint(lookup(name)) {
			names = append(names, name)
		}
	}
	return names
}

// forgetOwnVariables takes out of our environment what an earlier `starter dev` put into it by way of its file.
func forgetOwnVariables() error {
	for _, name := range ownVariables(os.Getenv) {
		if err := os.Unsetenv(name); err != nil {
			return fmt.Errorf("leave out %s: %w", name, err)
		}
	}
	return nil
}

// placeVariables say which database or Temporal is meant. Where one of them is set, nothing is looked for.
func placeVariables() []string {
	return []string{"DATABASE_URL", "TEMPORAL_ADDRESS", "TEMPORAL_PROFILE", "TEMPORAL_CONFIG_FILE"}
}

// loadHere reads the configuration from the environment. Where that names neither a database nor a Temporal and a `starter dev` of this clone
// runs, what is unset is taken from that one, and from is its file.
func loadHere() (settings config.Config, from string, err error) {
	if slices.ContainsFunc(placeVariables(), func(name string) bool { return os.Getenv(name) != "" }) {
		settings, err = config.Load()
		return settings, "", err
	}
	root, err := stack.Here()
	if err != nil {
		settings, err = config.Load() // no clone, nothing to find
		return settings, "", err
	}
	from, variables := announcedIn(filepath.Join(root, stateFolder))
	settings, err = config.LoadWith(variables)
	return settings, from, err
}

// announcedIn returns the variables of the machine that runs on a folder of data, or on a throwaway one in it, and the file that has them; nothing
// where none runs.
func announcedIn(state string) (file string, variables []string) {
	throwaways, err := filepath.Glob(filepath.Join(state, throwawayFolder+"*", stack.AnnouncementFile))
	if err != nil {
		throwaways = nil // a state folder that is no pattern has none
	}
	for _, file := range append([]string{filepath.Join(state, stack.AnnouncementFile)}, throwaways...) {
		if text, ok := stack.Announced(file); ok {
			return file, readEnvironmentFile(text)
		}
	}
	return "", nil
}
