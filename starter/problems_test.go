package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"perennial/domain/problem"
)

// fiveMistakes is a folder of journeys with mistakes in two files.
func fiveMistakes(t *testing.T) string {
	t.Helper()
	folder := withoutJourneys(t, withPolicy(t, strings.NewReplacer("gap: 4h", "gap: soon", "valid: 3d", "valid: ever").Replace(narrow)))
	err := writeFile(filepath.Join(folder, "onboarding.yaml"), `journey: onboarding
title: First ninety days
topic: service
enter: { on: purchas }
steps:
  - { id: settle_in, wait: 1 month }
  - { id: welcome, send: welcom }
`)
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

// withoutJourneys removes the journeys that we ship from a folder.
func withoutJourneys(t *testing.T, folder string) string {
	t.Helper()
	for _, file := range shippedJourneys(t) {
		if err := os.Remove(filepath.Join(folder, file)); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// shippedJourneys are the files of the journeys that we ship.
func shippedJourneys(t *testing.T) []string {
	t.Helper()
	library, problems := loadJourneys("../journeys")
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	var files []string
	for _, j := range library.Journeys {
		files = append(files, j.File)
	}
	return files
}

func TestMistakesAreOneLineEachInTheOrderOfTheFiles(t *testing.T) {
	t.Parallel()
	b := &business{t: t}
	folder := fiveMistakes(t)
	r := b.run("journeys", "check", folder)
	var places []string
	for line := range strings.Lines(r.out) {
		place, _, _ := strings.Cut(line, ": ")
		places = append(places, strings.TrimPrefix(place, folder+string(filepath.Separator)))
	}
	want := "contact-policy.yaml:3:36 contact-policy.yaml:8:6 onboarding.yaml:4:14 onboarding.yaml:6:28 onboarding.yaml:7:26"
	if got := strings.Join(places, " "); got != want || r.code != 1 {
		t.Errorf("exit code %d, places %s, want %s", r.code, got, want)
	}
	says(t, r.errs, "starter: 5 mistakes in "+folder)
}

func TestOnATerminalFilesAreSetApartAndPlacesStandOut(t *testing.T) {
	t.Parallel()
	p := &page{}
	writeProblems(p, []problem.Problem{
		{File: "a.yaml", Line: 1, Column: 2, What: "x is wrong: y", Mend: "write z"},
		{File: "a.yaml", Line: 2, Column: 2, What: "x is wrong"},
		{File: "b.yaml", What: "it is empty"},
	}, true)
	want := "\x1b[1ma.yaml:1:2\x1b[0m: x is wrong: y; write z\n\x1b[1ma.yaml:2:2\x1b[0m: x is wrong\n\n\x1b[1mb.yaml\x1b[0m: it is empty\n"
	if p.String() != want {
		t.Errorf("got %q, want %q", p.String(), want)
	}
}

func TestGitHubGetsOneAnnotationAMistake(t *testing.T) {
	t.Parallel()
	b := &business{t: t}
	folder := fiveMistakes(t)
	for _, command := range [][]string{{"journeys", "check", folder}, {"policy", "check", folder}} {
		r := b.run(append(command, "--format", "github")...)
		if r.code != 1 || strings.Count(r.out, "\n") != strings.Count(r.out, "::error file=") {
			t.Errorf("%v: exit code %d\n%s", command, r.code, r.out)
		}
		says(t, r.out, "::error file="+folder+"/contact-policy.yaml,line=8,col=6::")
	}
	says(t, b.does("journeys", "check", journeys(t), "--format", "github"), "No mistakes in ")
}

func TestAnAnnotationEscapesWhatGitHubWouldRead(t *testing.T) {
	t.Parallel()
	for want, p := range map[string]problem.Problem{
		"::error file=a%2Cb%3A100%25.yaml,line=3,col=7::50%25 of a: is no, thing; write ::x": {File: "a,b:100%.yaml", Line: 3, Column: 7, What: "50% of a: is no, thing", Mend: "write ::x"},
		"::error file=a.yaml::one%0Atwo": {File: "a.yaml", What: "one\ntwo"},
	} {
		if got := annotation(p); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// TestSARIFIsWhatTheStandardSays validates documents against the schema that OASIS publishes with SARIF 2.1.0.
func TestSARIFIsWhatTheStandardSays(t *testing.T) {
	t.Parallel()
	b := &business{t: t}
	broken := fiveMistakes(t)
	for name, c := range map[string]struct {
		folder        string
		code, results int
	}{"mistakes": {broken, 1, 5}, "none": {journeys(t), 0, 0}, "no journeys at all": {withoutJourneys(t, journeys(t)), 1, 1}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := b.run("journeys", "check", c.folder, "--format", "sarif")
			if r.code != c.code {
				t.Errorf("exit code %d, want %d", r.code, c.code)
			}
			validate(t, "testdata/sarif-schema-2.1.0.json", []byte(r.out))
			var log sarifLog
			if err := json.Unmarshal([]byte(r.out), &log); err != nil {
				t.Fatal(err)
			}
			if n := len(log.Runs[0].Results); n != c.results {
				t.Errorf("%d results, want %d", n, c.results)
			}
		})
	}
	if got := sarifOf([]problem.Problem{{File: "our journeys/a.yaml", Line: 2, Column: 3, What: "x"}}).Runs[0].Results[0].Locations[0].Physical; got.Artifact.URI != "our%20journeys/a.yaml" || *got.Region != (sarifRegion{2, 3}) {
		t.Errorf("got %+v", got)
	}
	if got := fileURI("/etc/a.yaml"); got != "file:///etc/a.yaml" {
		t.Errorf("got %s", got)
	}
}

// validate checks a JSON document against a schema in a file.
func validate(t *testing.T, schema string, document []byte) {
	t.Helper()
	text, err := os.ReadFile(schema)
	if err != nil {
		t.Fatal(err)
	}
	if err := against(t, text).Validate(decoded(t, document)); err != nil {
		t.Errorf("%v\n%s", err, document)
	}
}

// against compiles a JSON Schema; nothing is fetched.
func against(t *testing.T, schema []byte) *jsonschema.Schema {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("schema.json", decoded(t, schema)); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

func decoded(t *testing.T, document []byte) any {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		t.Fatalf("%v\n%s", err, document)
	}
	return value
}

func TestAFormThatThereIsNotIsRefused(t *testing.T) {
	t.Parallel()
	b := &business{t: t}
	b.refuses("did you mean sarif?", "journeys", "check", "../journeys", "--format", "sarf")
	b.refuses("write github, sarif or text", "policy", "check", "../journeys", "--format", "")
	b.refuses("--json and --format github are two forms at once", "journeys", "check", "../journeys", "--format", "github", "--json")
}
