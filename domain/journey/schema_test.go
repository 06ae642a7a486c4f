package journey

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"perennial/domain/jsonschema/jsonschematest"
)

// beyondTheForm are the bad examples whose mistakes no schema can know, each with the reason. All others must fail to validate.
func beyondTheForm() map[string]string {
	return map[string]string{
		"aliases":     "aliases are YAML, which editors read; we don't",
		"enter_when":  "what an expression may name",
		"file_name":   "a schema does not know the file's name",
		"key_type":    "the type of an expression",
		"keys":        "what is personal is in another file",
		"scope":       "what an expression may name",
		"unreachable": "where steps lead",

		"about_nothing":             "what an expression may name",
		"endless_after_a_goal":      "where steps lead",
		"endless_for_want_of_truth": "where steps lead",
		"enter_date_impossible":     "whether a day is in the calendar",
		"enter_date_no_date":        "the type of an expression",
		"enter_each_other":          "what an expression may name",
		"enter_late":                "how long a length of time is",
		"enter_late_unsaid":         "how long a length of time is",
		"enter_scan_often":          "how long a length of time is",
		"repeat_answers":            "what an expression may name",
		"repeat_for_ever":           "where steps lead",
		"repeat_once":               "where steps lead",
		"repeat_unreachable":        "where steps lead",
		"enter_late_short":          "how long a length of time is",
	}
}

func TestEveryGoodJourneyHasTheFormOfTheSchema(t *testing.T) {
	t.Parallel()
	for name, names := range map[string]Names{
		"without names": {},
		"with names":    {Events: []string{"purchase"}, Templates: []string{"welcome"}, Topics: []string{"service"}},
	} {
		validate := jsonschematest.Validator(t, Schema(names))
		good := yamlFiles(t, "testdata/good/*.yaml")
		library, _ := Load(os.DirFS("../../journeys"))
		for _, compiled := range library.Journeys {
			good = append(good, filepath.Join("../../journeys", compiled.File))
		}
		for _, file := range good {
			if err := validate(fileContent(t, file)); err != nil {
				t.Errorf("%s, %s: %v", name, file, err)
			}
		}
	}
}

func TestEveryBadExampleFailsToValidateOrIsBeyondASchema(t *testing.T) {
	t.Parallel()
	validate := jsonschematest.Validator(t, Schema(Names{}))
	beyond := beyondTheForm()
	for _, file := range yamlFiles(t, "testdata/bad/*.yaml") {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		err := validate(fileContent(t, file))
		_, listed := beyond[name]
		switch {
		case err == nil && !listed:
			t.Errorf("%s validates: mend the schema, or say in beyondTheForm why it can't know", file)
		case err != nil && listed:
			t.Errorf("%s is listed as beyond a schema, which knows: %v", file, err)
		}
		delete(beyond, name)
	}
	for name := range beyond {
		t.Errorf("there is no bad example %s", name)
	}
}

// TestEveryKeyOfEveryVerbIsInTheSchema: a verb or a key that the check learns can't be forgotten here.
func TestEveryKeyOfEveryVerbIsInTheSchema(t *testing.T) {
	t.Parallel()
	for verb, beside := range verbs() {
		if verbSchema(verb) == nil {
			t.Errorf("the schema says nothing of what stands behind %s", verb)
		}
		for _, key := range beside {
			if besideSchema(verb, key) == nil {
				t.Errorf("the schema says nothing of %s beside %s", key, verb)
			}
		}
	}
	for _, way := range enterWays() {
		for _, key := range append([]string{way}, enterKeys()[way]...) {
			if enterKeySchema(way, key) == nil {
				t.Errorf("the schema says nothing of %s where customers enter by %s", key, way)
			}
		}
	}
	text, err := json.Marshal(Schema(Names{}))
	if err != nil {
		t.Fatal(err)
	}
	for _, unbuilt := range unbuiltVerbs() {
		if strings.Contains(string(text), fmt.Sprintf("%q", unbuilt)) {
			t.Errorf("the schema offers %s, which is not built", unbuilt)
		}
	}
}

func TestTheSchemaOffersTheNamesOfAFolder(t *testing.T) {
	t.Parallel()
	library, problems := Load(os.DirFS("../../journeys"))
	if problems != nil {
		t.Fatal(problems)
	}
	text, err := json.Marshal(Schema(NamesOf(library)))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Concat(library.Catalogue.EventNames(), library.Templates.Names()) {
		if !strings.Contains(string(text), fmt.Sprintf("%q", name)) {
			t.Errorf("the schema does not offer %s", name)
		}
	}
}

func yamlFiles(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no files %s: %v", pattern, err)
	}
	return files
}

func fileContent(t *testing.T, file string) []byte {
	t.Helper()
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return source
}
