package document

import (
	"errors"
	"strings"

	"github.com/goccy/go-yaml"

	"perennial/domain/problem"
)

// syntax is what the library says of a mistake, and what we say instead.
type syntax struct{ says, what, mend string }

// syntaxes are the mistakes that people make, by how the library begins or ends what it says. The longer stands before the shorter.
func syntaxes() []syntax {
	return []syntax{
		{"mapping value is not allowed", "there is a key inside this value", `put a value that has ": " in it in quotes, and a mapping on one line in braces, such as { after: 180d }`},
		{"value is not allowed in this context. map key-value is pre-defined", behindQuote, `inside '…' write '' for a quote, inside "…" write \"`},
		{"value is not allowed in this context", "this does not line up with what stands above", "indent it like the keys or dashes that it belongs with, and close no more brackets than are open"},
		{"could not find end character", "this quote is never closed", "close it where the text ends; a text with an apostrophe in it needs no quotes"},
		{"unexpected key name", "this is no key with a value", "write key: value, with a space behind the colon"},
		{"non-map value is specified", "this is no key with a value", "write key: value, with a space behind the colon"},
		{"',' or ']' must be specified", "a list in brackets is not closed before this", "write ] where it ends"},
		{"',' or '}' must be specified", "a mapping in braces is not closed before this", "write } where it ends"},
		{"block sequence entries are not allowed", "a list can't begin behind a colon", "put each dash on a line of its own below it"},
		{"found unknown escape character", "a backslash means something else in double quotes", `write \\ for it, or use single quotes`},
		{"is a reserved character", "a value can't begin with this character", "put the value in quotes"},
		{"invalid header option", "nothing can stand behind | and >", "begin the text on the next line, indented"},
		{"'\t'", "a tab can't indent", "indent with spaces"},
	}
}

// behindQuote is what is said of a value that goes on where its quotes end.
const behindQuote = "there is text behind the closing quote"

// addSyntaxError says where a file is no YAML, in words for who wrote it.
func addSyntaxError(file string, lines []string, err error, problems *problem.List) {
	at := problem.Place{File: file, Line: 1, Column: 1}
	says := ""
	if located, ok := errors.AsType[yaml.Error](err); ok {
		says = located.GetMessage()
		if t := located.GetToken(); t != nil && t.Position != nil {
			at.Line, at.Column = t.Position.Line, t.Position.Column
		}
	}
	if whole := begunWithText(lines, at); whole != "" {
		problems.Add(at, behindQuote, "put the whole in quotes: "+quote(whole))
		return
	}
	for _, known := range syntaxes() {
		if strings.HasPrefix(says, known.says) || strings.HasSuffix(says, known.says) || known.says == "'\t'" && strings.Contains(says, known.says) {
			problems.Add(at, known.what, known.mend)
			return
		}
	}
	what := "this is no valid YAML"
	if says != "" {
		what += ": " + says
	}
	problems.Add(at, what, "look at the indentation, the quotes and the brackets around here")
}
