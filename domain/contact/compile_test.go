package contact_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"perennial/domain/contact"
	"perennial/domain/problem"
)

var update = flag.Bool("update", false, "write what is said now into testdata, to be read before it is committed")

func TestEveryMistakeInAPolicyIsToldInOnePass(t *testing.T) {
	t.Parallel()
	refuseAll(t, "bad", func(file string, source []byte) []problem.Problem {
		_, problems := contact.Compile(file, source, nil)
		return problems
	})
}

func TestEveryMistakeInACalendarIsToldInOnePass(t *testing.T) {
	t.Parallel()
	refuseAll(t, "bad_calendars", func(file string, source []byte) []problem.Problem {
		_, problems := contact.CompileCalendar(file, source)
		return problems
	})
}

// refuseAll reads each file of a folder and compares what is wrong with it with the file beside it.
func refuseAll(t *testing.T, folder string, read func(file string, source []byte) []problem.Problem) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", folder, "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files in %s: %v", folder, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			var got []byte
			for _, p := range read(filepath.Base(file), content(t, file)) {
				got = append(got, p.String()+"\n"...)
			}
			beside := strings.TrimSuffix(file, ".yaml") + ".problems.txt"
			if *update {
				if err := os.WriteFile(beside, got, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if want := content(t, beside); len(got) == 0 || !bytes.Equal(got, want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func content(t testing.TB, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// FuzzCompileNeverFails feeds the compiler anything: it answers with problems, or with a policy that can be stored and asked.
func FuzzCompileNeverFails(f *testing.F) {
	files, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range append(files, "../../journeys/"+contact.PolicyFile) {
		f.Add(content(f, file))
	}
	f.Fuzz(func(t *testing.T, source []byte) {
		policy, problems := contact.Compile("fuzz.yaml", source, nil)
		if problems != nil {
			return
		}
		for _, step := range policy.Explain(night(t), question("marketing", "2026-05-04T12:00:00Z")) {
			if step.Says == "" {
				t.Errorf("%s says nothing", step.Rule)
			}
		}
	})
}

func FuzzCalendarsNeverFail(f *testing.F) {
	for _, pattern := range []string{"testdata/bad_calendars/*.yaml", "../../journeys/calendars/*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			f.Fatalf("no files %s: %v", pattern, err)
		}
		for _, file := range files {
			f.Add(content(f, file))
		}
	}
	f.Fuzz(func(t *testing.T, source []byte) {
		calendar, problems := contact.CompileCalendar("US.yaml", source)
		if problems == nil && (calendar.Country != "US" || calendar.First == 0 || calendar.Last < calendar.First) {
			t.Errorf("%q: a calendar without mistakes is %+v", source, calendar)
		}
	})
}
