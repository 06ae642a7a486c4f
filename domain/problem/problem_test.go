package problem_test

import (
	"slices"
	"strings"
	"testing"

	"perennial/domain/problem"
)

func TestAProblemReadsAsEditorsUnderstandIt(t *testing.T) {
	t.Parallel()
	for want, p := range map[string]problem.Problem{
		"a.yaml:3:7: unknown key sned; did you mean send?": {File: "a.yaml", Line: 3, Column: 7, What: "unknown key sned", Mend: "did you mean send?"},
		"a.yaml:3:7: the file is empty":                    {File: "a.yaml", Line: 3, Column: 7, What: "the file is empty"},
		"a.yaml: it is over 1 MB":                          {File: "a.yaml", What: "it is over 1 MB"},
	} {
		if got := p.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestProblemsAreToldInTheOrderOfTheFileAndOnce(t *testing.T) {
	t.Parallel()
	var l problem.List
	l.Add(problem.Place{File: "b", Line: 1, Column: 1}, "fourth", "")
	l.Add(problem.Place{File: "a", Line: 2, Column: 1}, "third", "")
	l.Add(problem.Place{File: "a", Line: 1, Column: 9}, "second", "")
	l.Add(problem.Place{File: "a", Line: 1, Column: 2}, "first", "")
	l.Add(problem.Place{File: "a", Line: 1, Column: 2}, "first", "")
	var got []string
	for _, p := range l.Sorted() {
		got = append(got, p.What)
	}
	if want := []string{"first", "second", "third", "fourth"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestSuggestNamesTheNearestOrAllOfAFew(t *testing.T) {
	t.Parallel()
	verbs := []string{"send", "ask", "wait", "if", "exit"}
	for _, c := range []struct {
		name  string
		known []string
		want  string
	}{
		{"sned", verbs, "did you mean send?"},
		{"wiat", verbs, "did you mean wait?"},
		{"purchased", []string{"purchase", "visit.completed"}, "did you mean purchase?"},
		{"telephone", verbs, "write ask, exit, if, send or wait"},
		{"x", []string{"journey"}, "write journey"},
		{"x", nil, ""},
		{"nothing_like_it", []string{"a1", "b1", "c1", "d1", "e1", "f1", "g1", "h1", "i1"}, ""},
	} {
		if got := problem.Suggest(c.name, c.known); got != c.want {
			t.Errorf("Suggest(%q): got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestWhateverAProblemQuotesItIsOneReadableLine(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 1<<20)
	for name, c := range map[string]struct{ quoted, want string }{
		"lines":           {"a\r\nb\tc", "unknown key a  b c; write b"},
		"escapes":         {"\x1b[31mred", "unknown key \ufffd[31mred; write b"},
		"backward":        {"\u202eabc", "unknown key \ufffdabc; write b"},
		"invalid":         {"a\xff", "unknown key a\ufffd; write b"},
		"other languages": {"王小明 é", "unknown key 王小明 é; write b"},
		"a megabyte":      {long, "unknown key " + long[:288] + "…" + long[:100] + "; write b"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var l problem.List
			l.Add(problem.Place{File: "a.yaml", Line: 1, Column: 1}, "unknown key "+c.quoted, "write b")
			if got, want := l.Sorted()[0].String(), "a.yaml:1:1: "+c.want; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
	if got := (problem.Problem{File: "a\nb.yaml", What: "it is empty"}).String(); got != "a b.yaml: it is empty" {
		t.Errorf("got %q", got)
	}
}
