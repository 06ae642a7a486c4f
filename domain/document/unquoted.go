package document

import (
	"regexp"
	"strings"

	"perennial/domain/problem"
)

// This file is about expressions that YAML takes for something else, because they begin with what has a meaning of its own there.

// like says that a text is an expression rather than a tag of YAML.
var like = regexp.MustCompile(`^!\s*(\(|[a-z_]\w*[.(])`)

// negation returns the expression at the start of the rest of a line that begins with !, which to YAML is a tag; empty where it is no expression.
func negation(rest string) string {
	if !like.MatchString(rest) {
		return ""
	}
	return value(rest)
}

var (
	opens = regexp.MustCompile(`(?:: +|- +)(['"])`)
	goes  = regexp.MustCompile(`^\s*(==|!=|<|>|\+|&&|\|\||in\b|\?|\.)`)
)

// begunWithText returns the expression around a place behind a closing quote, which to YAML is the end of the value; empty where it is none.
func begunWithText(lines []string, at problem.Place) string {
	rest := from(lines, at)
	whole := from(lines, problem.Place{Line: at.Line, Column: 1})
	before := strings.TrimSuffix(whole, rest)
	found := opens.FindAllStringSubmatchIndex(before, -1)
	if len(found) == 0 || !goes.MatchString(rest) {
		return ""
	}
	start := found[len(found)-1][2]
	if text := strings.TrimSpace(before[start:]); len(text) < 2 || text[0] != text[len(text)-1] {
		return ""
	}
	return value(whole[start:])
}

// value returns what an unquoted expression at the start of the rest of a line was meant to be: up to a comment, or to what ends it in a mapping or
// list on one line.
func value(rest string) string {
	nested, in := 0, rune(0)
	for i, r := range rest {
		switch {
		case in != 0:
			if r == in {
				in = 0
			}
		case r == '\'' || r == '"':
			in = r
		case strings.ContainsRune("([{", r):
			nested++
		case nested == 0 && (strings.ContainsRune(",}]", r) || r == '#' && i > 0 && rest[i-1] == ' '):
			return strings.TrimSpace(rest[:i])
		case strings.ContainsRune(")]}", r):
			nested--
		}
	}
	return strings.TrimSpace(rest)
}

// quote writes a text in the quotes of YAML, in such as need no others inside where there are.
func quote(text string) string {
	switch {
	case !strings.ContainsAny(text, `"\`):
		return `"` + text + `"`
	case !strings.Contains(text, "'"):
		return "'" + text + "'"
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}
