package document_test

import (
	"os"
	"path/filepath"
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
		"no":            {"a: !has(b.c)\n", "f.yaml:1:4: ! at the beginning needs quotes; write \"!has(b.c)\""},
		"no, in braces": {"a: { b: !has(c.d) || e in ['x', \"y\"], f: g } # h\n", `f.yaml:1:9: ! at the beginning needs quotes; write "!has(c.d) || e in ['x', \"y\"]"`},
		"no, of text":   {"a: !(b.c == \"d\") # e\n", `f.yaml:1:4: ! at the beginning needs quotes; write '!(b.c == "d")'`},
		"no, of a name": {"a: !b.c\n", "f.yaml:1:4: ! at the beginning needs quotes; write \"!b.c\""},
		"text first":    {"a: 'b' == c.d\n", `f.yaml:1:8: there is text behind the closing quote; put the whole in quotes: "'b' == c.d"`},
		"text in front": {"- { a: \"b\" in c.d, e: f }\n", `f.yaml:1:12: there is text behind the closing quote; put the whole in quotes: '"b" in c.d'`},
		"an apostrophe": {"a: 'Don't'\n", `f.yaml:1:9: there is text behind the closing quote; inside '…' write '' for a quote, inside "…" write \"`},
		"deep brackets": {"a: " + strings.Repeat("[", 9_000), "f.yaml:1:36: this is nested too deep; write it flatter"},
		"deep dashes":   {strings.Repeat("- ", 4_000) + "x", "f.yaml:1:201: this is nested too deep; write it flatter"},
		"deep keys":     {strings.Repeat("? ", 4_000) + "x", "f.yaml:1:201: this is nested too deep; write it flatter"},
		"too big":       {strings.Repeat("#\n", document.MaxBytes/2+1), "f.yaml: the file is larger than 1 MB; split it"},
		"too many keys": {strings.Repeat("a: b\n", 10_001), "f.yaml:10001:2: the file has over 10000 keys; split it"},
		"many dashes":   {"a:\n" + strings.Repeat("-\n", 400_000), "f.yaml:10002:1: the lists of this file have over 10000 items; split it"},
		"many commas":   {"a: [" + strings.Repeat("b,\n", 300_000) + "]\n", "f.yaml:10002:2: the lists of this file have over 10000 items; split it"},
		"a long line":   {"a: b\nc: " + strings.Repeat("d", 10_000), "f.yaml:2:1: this line is longer than 10000 characters; break it"},
		"no UTF-8":      {"a: b\nc: d\xe9e\n", "f.yaml:2:5: this is not UTF-8; save the file as UTF-8"},
		"UTF-16":        {"\xff\xfea\x00:\x00", "f.yaml: the file is UTF-16; save it as UTF-8"},
		"a zero":        {"a: 王\x00b\n", "f.yaml:1:5: a control character (U+0000) stands here; delete it; this may be no text at all"},
		"empty":         {"# nothing\n", "f.yaml:1:1: the file is empty"},
		"two documents": {"a: b\n---\nc: d\n", "f.yaml:3:1: a second document starts here; write one document a file, without ---"},
		"a list":        {"- a\n", `f.yaml:1:1: the file holds a list; write keys and values, one "key: value" a line`},
		"a tab":         {"a:\n\t- b\n", "f.yaml:2:1: a tab can't indent; indent with spaces"},
		"twice":         {"a: b\na: c\n", "f.yaml:2:1: a is given twice; line 1 has it already: keep one"},
		"colon":         {"when: has(x) ? x : 2\n", `f.yaml:1:7: there is a key inside this value; put a value that has ": " in it in quotes, and a mapping on one line in braces, such as { after: 180d }`},
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

// TestMistakesOfYAMLAreToldInWordsForWhoWroteThem: none of the library's own words is left.
func TestMistakesOfYAMLAreToldInWordsForWhoWroteThem(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"a: b\n  c: d\n":                      "1:4: there is a key inside this value; ",
		"a:\n  - x\n y: z\n":                  "3:2: this does not line up with what stands above; ",
		"a:\n  - b: c\n    d: e\n   - b: f\n": "4:4: this does not line up with what stands above; ",
		"a: [b]]\n":                           "1:7: this does not line up with what stands above; ",
		"a: \"b\nc: d\n":                      "1:4: this quote is never closed; ",
		"a: 'b\nc: d\n":                       "1:4: this quote is never closed; ",
		"a: 'Don't'\n":                        "1:9: there is text behind the closing quote; ",
		"a:b\nc: d\n":                         "1:1: this is no key with a value; ",
		"a: [b, c\nd: e\n":                    "2:1: a list in brackets is not closed before this; ",
		"a: { b: c\nd: e\n":                   "2:1: a mapping in braces is not closed before this; ",
		"a: - b\n":                            "1:4: a list can't begin behind a colon; ",
		"a: \"\\q\"\n":                        "1:6: a backslash means something else in double quotes; ",
		"a: @b\n":                             "1:4: a value can't begin with this character; ",
		"a: |b\n  c\n":                        "1:4: nothing can stand behind | and >; ",
	} {
		var problems problem.List
		document.Parse("f.yaml", []byte(source), &problems)
		if problems.Len() != 1 || !strings.HasPrefix(problems.Sorted()[0].String(), "f.yaml:"+want) {
			t.Errorf("%q: got %v, want %s", source, problems.Sorted(), want)
		}
	}
}

func TestAMarkThatEditorsPutInFrontIsNoMistake(t *testing.T) {
	t.Parallel()
	var problems problem.List
	v := document.Parse("f.yaml", []byte("\ufeffa: \ufffd\r\nb: c\r\n"), &problems)
	if v == nil || v.Fields[0].Key != "a" || v.Fields[0].Place.Column != 1 || v.Fields[0].Value.Text != "\ufffd" || v.Fields[1].Value.Text != "c" {
		t.Errorf("got %+v, %v", v, problems.Sorted())
	}
}

func FuzzParseNeverFails(f *testing.F) {
	for _, seed := range []string{"a: b\n", "a: [1, {b: c}]\n", "- - x", "? a\n: b", "a: |\n  x\n", "a: >-\n x\n\n y", "a: 'x", "\"\\u00e9\": 王"} {
		f.Add([]byte(seed))
	}
	for _, pattern := range []string{"../journey/testdata/*/*.yaml", "../contact/testdata/*/*.yaml", "../../journeys/*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			f.Fatalf("no files %s: %v", pattern, err)
		}
		for _, file := range files {
			source, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(source)
		}
	}
	f.Fuzz(func(t *testing.T, source []byte) {
		var problems problem.List
		v := document.Parse("f.yaml", source, &problems)
		if v == nil && problems.Empty() {
			t.Error("nothing was read and nothing is said to be wrong")
		}
	})
}
