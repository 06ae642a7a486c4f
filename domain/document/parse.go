package document

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"perennial/domain/problem"
)

// The limits of a file. They are far above what people write and far below what hurts.
const (
	MaxBytes  = 1 << 20
	maxLine   = 10_000 // characters
	maxNested = 32     // brackets in brackets
	maxIndent = 200    // columns; nothing nests deeper than its column
	maxKeys   = 10_000
	maxItems  = 10_000 // of all lists
)

// Parse reads a file that holds one mapping. It adds what is wrong to problems and returns nil when nothing can be read from it.
func Parse(file string, source []byte, problems *problem.List) *Value {
	written, ok := Text(file, source, problems)
	if !ok {
		return nil
	}
	lines := strings.Split(written, "\n")
	for i, line := range lines {
		if utf8.RuneCountInString(line) > maxLine {
			problems.Add(problem.Place{File: file, Line: i + 1, Column: 1}, fmt.Sprintf("this line is longer than %d characters", maxLine), "break it")
			return nil
		}
	}
	tree, err := read(written, lines, file, problems)
	if err != nil {
		addSyntaxError(file, lines, err, problems)
		return nil
	}
	if tree == nil {
		return nil
	}
	r := reader{file: file, lines: lines, problems: problems}
	value := r.value(tree)
	if value.Kind == Mapping {
		return value
	}
	problems.Add(value.Place, "the file holds "+value.Kind.String(), "write keys and values, one \"key: value\" a line")
	return nil
}

// read parses source into the library's tree; nil when the source was refused. The library panics on some malformed input: a
// mistake in a file must never take a process down, so that is an error too.
func read(source string, lines []string, file string, problems *problem.List) (tree ast.Node, err error) {
	defer func() {
		if failure := recover(); failure != nil {
			tree, err = nil, fmt.Errorf("it is not valid YAML")
		}
	}()
	tokens := lexer.Tokenize(source)
	if at, what, mend := refuse(tokens); what != "" {
		place := problem.Place{File: file, Line: at.Line, Column: at.Column}
		if not := negation(from(lines, place)); not != "" {
			what, mend = "! at the beginning needs quotes", "write "+quote(not)
		}
		problems.Add(place, what, mend)
		return nil, nil
	}
	parsed, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return nil, err
	}
	var bodies []ast.Node
	for _, d := range parsed.Docs {
		if d.Body != nil {
			bodies = append(bodies, d.Body)
		}
	}
	if len(bodies) == 0 {
		problems.Add(problem.Place{File: file, Line: 1, Column: 1}, "the file is empty", "")
		return nil, nil
	}
	if len(bodies) > 1 {
		at := bodies[1].GetToken().Position
		problems.Add(problem.Place{File: file, Line: at.Line, Column: 1}, "a second document starts here", "write one document a file, without ---")
		return nil, nil
	}
	return bodies[0], nil
}

// refuse finds what this package does not read, before anything recursive sees it. An empty what means that nothing was found.
func refuse(tokens token.Tokens) (at *token.Position, what, mend string) {
	nested, keys, dashes, commas := 0, 0, 0, 0
	for _, t := range tokens {
		switch t.Type {
		case token.MappingValueType:
			keys++
		case token.SequenceEntryType:
			dashes++
		case token.CollectEntryType: // between the keys of a mapping, too
			commas++
		}
		if keys > maxKeys {
			return t.Position, fmt.Sprintf("the file has over %d keys", maxKeys), "split it"
		}
		if dashes > maxItems || commas > maxItems+keys {
			return t.Position, fmt.Sprintf("the lists of this file have over %d items", maxItems), "split it"
		}
		switch t.Type {
		case token.AnchorType, token.AliasType, token.MergeKeyType:
			return t.Position, "anchors and aliases are not allowed here", "write the value out"
		case token.TagType, token.DirectiveType:
			return t.Position, "tags and directives are not allowed here", "leave it out"
		case token.MappingStartType, token.SequenceStartType:
			nested++
		case token.MappingEndType, token.SequenceEndType:
			nested--
		case token.SequenceEntryType, token.MappingKeyType, token.MappingValueType:
			if nested <= 0 && t.Type != token.MappingValueType && t.Position.Column > maxIndent {
				nested = maxNested + 1
			}
			if nested <= 0 && t.Prev != nil && t.Prev.Position.Column > maxIndent {
				nested = maxNested + 1
			}
		}
		if nested > maxNested {
			return t.Position, "this is nested too deep", "write it flatter"
		}
	}
	return nil, "", ""
}
