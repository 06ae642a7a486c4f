package document_test

import (
	"strings"
	"testing"

	"perennial/domain/document"
	"perennial/domain/problem"
)

func TestEveryCharacterOfAValueKnowsItsPlace(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		source       string
		offset       int
		line, column int
	}{
		"plain":                {"key: value here\n", 6, 1, 12},
		"quoted":               {"key: 'value here'\n", 6, 1, 13},
		"in braces":            {"a: {key: abc}\nkey: abc", 1, 2, 7},
		"wide characters":      {"客户: 1\nkey: 王小明\n", 2, 2, 8},
		"literal, first line":  {"key: |\n    one\n    two\n", 2, 2, 7},
		"literal, second line": {"key: |\n    one\n    two\n", 4, 3, 5},
		"folded":               {"key: one\n  two\n", 6, 1, 6},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var problems problem.List
			v := document.Parse("f.yaml", []byte(c.source), &problems)
			if v == nil {
				t.Fatal(problems.Sorted())
			}
			at := v.Get("key").Value.At(c.offset)
			if at.Line != c.line || at.Column != c.column {
				t.Errorf("got %d:%d, want %d:%d", at.Line, at.Column, c.line, c.column)
			}
		})
	}
}

func TestWhatIsNotReadIsRefusedWithItsPlace(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ source, want string }{
		"alias":         {"a: &x 1\nb: *x\n", "f.yaml:1:4: anchors and aliases are not allowed here; write the value out"},
		"merge key":     {"<<: {a: b}\n", "f.yaml:1:1: anchors and aliases are not allowed here; write the value out"},
		"tag":           {"a: !!binary x\n", "f.yaml:1:4: tags and directives are not allowed here; leave it out"},
		"deep brackets": {"a: " + strings.Repeat("[", 100_000), "f.yaml:1:36: this is nested too deep; write it flatter"},
		"deep dashes":   {strings.Repeat("- ", 50_000) + "x", "f.yaml:1:201: this is nested too deep; write it flatter"},
		"deep keys":     {strings.Repeat("? ", 50_000) + "x", "f.yaml:1:201: this is nested too deep; write it flatter"},
		"too big":       {strings.Repeat("#", document.MaxBytes+1), "f.yaml: the file is over 1 MB; split it"},
		"too many keys": {strings.Repeat("a: b\n", 10_001), "f.yaml:10001:2: the file has over 10000 keys; split it"},
		"empty":         {"# nothing\n", "f.yaml:1:1: the file is empty"},
		"two documents": {"a: b\n---\nc: d\n", "f.yaml:3:1: a second document starts here; write one document a file, without ---"},
		"a list":        {"- a\n", `f.yaml:1:1: the file holds a list; write keys and values, one "key: value" a line`},
		"a tab":         {"a:\n\t- b\n", "f.yaml:2:1: a tab can't indent; indent with spaces"},
		"twice":         {"a: b\na: c\n", "f.yaml:2:1: a is given twice; line 1 has it already: keep one"},
		"colon":         {"when: has(x) ? x : 2\n", `f.yaml:1:7: mapping value is not allowed in this context; put a value that has ": " in it in quotes, and a mapping on one line in braces, such as { after: 180d }`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var problems problem.List
			document.Parse("f.yaml", []byte(c.source), &problems)
			if len(problems.Sorted()) != 1 || problems.Sorted()[0].String() != c.want {
				t.Errorf("got %v, want %s", problems.Sorted(), c.want)
			}
		})
	}
}

func FuzzParseNeverFails(f *testing.F) {
	for _, seed := range []string{"a: b\n", "a: [1, {b: c}]\n", "- - x", "? a\n: b", "a: |\n  x\n", "a: >-\n x\n\n y", "a: 'x", "\"\\u00e9\": 王"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, source []byte) {
		var problems problem.List
		v := document.Parse("f.yaml", source, &problems)
		if v == nil && problems.Empty() {
			t.Error("nothing was read and nothing is said to be wrong")
		}
	})
}
