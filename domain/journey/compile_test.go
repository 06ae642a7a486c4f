package journey_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"perennial/domain/journey"
	"perennial/domain/message"
	"perennial/domain/problem"
	"perennial/domain/segment"
)

var update = flag.Bool("update", false, "write what is compiled now into testdata, to be read before it is committed")

// world is the catalogue and the templates that the journeys in testdata use.
func world(t testing.TB) (segment.Catalogue, *message.Set) {
	t.Helper()
	var cat segment.Catalogue
	var problems problem.List
	cat.ParseProfile("profile.yaml", content(t, "testdata/world/profile.yaml"), &problems)
	cat.ParseEvents("events.yaml", content(t, "testdata/world/events.yaml"), &problems)
	templates := message.Load(os.DirFS("testdata/world"), "templates", cat, &problems)
	if !problems.Empty() {
		t.Fatal(problems.Sorted())
	}
	return cat, templates
}

func content(t testing.TB, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// compileAll compiles each journey of a folder and compares what comes out with the file beside it that has another ending.
func compileAll(t *testing.T, folder, ending string, write func(*testing.T, *journey.Plan, []problem.Problem) []byte) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", folder, "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no journeys in %s: %v", folder, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			cat, templates := world(t)
			plan, problems := journey.Compile(filepath.Base(file), content(t, file), cat, templates)
			got := write(t, plan, problems)
			beside := strings.TrimSuffix(file, ".yaml") + ending
			if *update {
				if err := os.WriteFile(beside, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if want := content(t, beside); !bytes.Equal(got, want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestJourneysCompileToTheirPlans(t *testing.T) {
	t.Parallel()
	compileAll(t, "good", ".plan.json", func(t *testing.T, plan *journey.Plan, problems []problem.Problem) []byte {
		t.Helper()
		if problems != nil {
			t.Fatal(problems)
		}
		encoded, err := json.MarshalIndent(plan, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		return append(encoded, '\n')
	})
}

func TestEveryMistakeIsToldInOnePass(t *testing.T) {
	t.Parallel()
	compileAll(t, "bad", ".problems.txt", func(t *testing.T, plan *journey.Plan, problems []problem.Problem) []byte {
		t.Helper()
		if plan != nil || problems == nil {
			t.Errorf("a journey with mistakes compiles")
		}
		var lines []string
		for _, p := range problems {
			lines = append(lines, p.String()+"\n")
		}
		return []byte(strings.Join(lines, ""))
	})
}

func TestAStoredPlanDecodesToItself(t *testing.T) {
	t.Parallel()
	cat, templates := world(t)
	plan, problems := journey.Compile("everything.yaml", content(t, "testdata/good/everything.yaml"), cat, templates)
	if problems != nil {
		t.Fatal(problems)
	}
	encoded, err := json.Marshal(plan)
	if err != nil {
		t.Fatal(err)
	}
	decoded, err := journey.DecodePlan(encoded)
	if err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(decoded)
	if err != nil || !bytes.Equal(again, encoded) {
		t.Errorf("got %s, %v, want %s", again, err, encoded)
	}
}

// FuzzCompileNeverFails feeds the compiler anything: it must answer with a plan whose steps lead somewhere, or with problems.
func FuzzCompileNeverFails(f *testing.F) {
	for _, pattern := range []string{"testdata/good/*.yaml", "testdata/bad/*.yaml", shipped + "/onboarding.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			f.Add(content(f, file))
		}
	}
	cat, templates := world(f)
	f.Fuzz(func(t *testing.T, source []byte) {
		plan, problems := journey.Compile("fuzz.yaml", source, cat, templates)
		if (plan == nil) != (len(problems) > 0) {
			t.Fatalf("plan %v, problems %v", plan, problems)
		}
		if plan == nil {
			return
		}
		for i, s := range plan.Steps {
			ways := []int{s.Next}
			if s.Verb == journey.If {
				ways = append(ways, s.Then, s.Else)
			}
			for _, way := range ways {
				if way != journey.End && (way <= i || way >= len(plan.Steps)) {
					t.Fatalf("step %d leads to %d", i, way)
				}
			}
		}
	})
}
