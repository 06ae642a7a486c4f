package journey_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
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
	for _, monster := range monsters() {
		if len(monster) < 8<<10 { // the fuzzer takes its time over long ones
			f.Add([]byte(monster))
		}
	}
	cat, templates := world(f)
	f.Fuzz(func(t *testing.T, source []byte) {
		plan, problems := journey.Compile("fuzz.yaml", source, cat, templates)
		if (plan == nil) != (len(problems) > 0) {
			t.Fatalf("plan %v, problems %v", plan, problems)
		}
		if plan != nil {
			leadsSomewhere(t, plan)
		}
	})
}

// monsters are journeys that nobody writes in good faith.
func monsters() map[string]string {
	const head = "journey: fuzz\ntitle: A monster\ntopic: service\nenter: { on: purchase }\ngoal: { on: purchase }\nsteps:\n"
	deep, many, long := strings.Builder{}, strings.Builder{}, strings.Builder{}
	for i := range 10 {
		fmt.Fprintf(&deep, "{ id: r%d, repeat: { every: 1d, until: customer.star > 1, steps: [", i)
	}
	for i := range 500 {
		fmt.Fprintf(&many, "  - { id: a%d, if: has(answer.a%d) && customer.star > %d, then: [{ id: b%d, ask: satisfaction }] }\n", i, i-1, i, i)
	}
	for range 5000 {
		long.WriteString("!")
	}
	return map[string]string{
		"rounds in rounds":        head + "  - " + deep.String() + "{ id: x, wait: 1d }" + strings.Repeat("] } }", 10),
		"too many rounds":         head + "  - " + strings.Repeat("{ id: r, repeat: { every: 1d, steps: [", 200),
		"steps without end":       head + many.String(),
		"a long expression":       head + "  - { id: a, if: \"" + long.String() + "customer.star > 1\", then: [{ id: b, wait: 1d }] }\n",
		"a deep expression":       head + "  - { id: a, if: \"" + strings.Repeat("(", 2000) + "true\", then: [{ id: b, wait: 1d }] }\n",
		"a comment in a span":     head + "  - { id: a, repeat: { every: \"days(1) // a day\", steps: [{ id: b, wait: 1d }] } }\n",
		"a span that ends a span": head + "  - { id: a, repeat: { every: \"days(1)) + (days(2)\", steps: [{ id: b, wait: 1d }] } }\n",
		"ten megabytes":           head + strings.Repeat("# nothing\n", 1<<20),
	}
}

func TestMonstersAreReadOrRefused(t *testing.T) {
	t.Parallel()
	cat, templates := world(t)
	refused := map[string]string{
		"too many rounds":         "this is nested too deep",
		"a long expression":       "this expression is longer than 4096 characters",
		"a deep expression":       "this expression is nested too deep",
		"a span that ends a span": "this is no expression",
		"ten megabytes":           "the file is larger than 1 MB",
	}
	for name, source := range monsters() {
		plan, problems := journey.Compile("fuzz.yaml", []byte(source), cat, templates)
		want, bad := refused[name]
		switch {
		case !bad && name != "steps without end" && plan == nil:
			t.Errorf("%s: %v", name, problems)
		case bad && (len(problems) == 0 || !strings.HasPrefix(problems[0].What, want)):
			t.Errorf("%s: got %v", name, problems)
		}
		if plan != nil {
			leadsSomewhere(t, plan)
		}
	}
}

// leadsSomewhere checks that each way out of a step leads on, or ends a round that the step is in.
func leadsSomewhere(t *testing.T, plan *journey.Plan) {
	t.Helper()
	for i, s := range plan.Steps {
		ways := []int{s.Next}
		switch s.Verb {
		case journey.If:
			ways = append(ways, s.Then, s.Else)
		case journey.Repeat:
			if s.Body != i+1 || s.Next != journey.End && s.Next < s.Body && plan.Steps[s.Next].Verb != journey.Repeat {
				t.Fatalf("the round of %d begins at %d and leads to %d", i, s.Body, s.Next)
			}
		}
		for _, way := range ways {
			back := way >= 0 && way < i && plan.Steps[way].Verb == journey.Repeat
			if way != journey.End && !back && (way <= i || way >= len(plan.Steps)) {
				t.Fatalf("step %d leads to %d", i, way)
			}
		}
	}
}
