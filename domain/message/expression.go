package message

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"perennial/domain/segment"
)

// The part of Liquid's expressions that templates may use, parsed for the check. Liquid's own parser gives a closure, which can be run
// but not looked at.
type (
	// output is what stands in {{ … }}: a value and the filters it goes through.
	output struct {
		value   operand
		filters []applied
	}
	// condition is what stands in {% if … %}: comparisons, or bare values that are true when they are there.
	condition struct {
		bare     []operand // compared with nothing
		compared []comparison
		either   bool // joined by or somewhere
	}
	comparison struct {
		left, right operand
		operator    lexeme
	}
	applied struct {
		name   string
		offset int
		args   []operand
	}
	// operand is a name or a literal.
	operand struct {
		path    string // of a name: "customer.first_name"
		literal string // of a literal: its text
		is      segment.Type
		offset  int
	}
)

// syntaxError is a mistake in an expression, at an offset in it.
type syntaxError struct {
	offset int
	what   string
}

func (e *syntaxError) Error() string { return e.what }

// lexeme is one word of an expression.
type lexeme struct {
	kind   kind
	text   string
	offset int
}

type kind int

const (
	end kind = iota
	nameKind
	textKind
	numberKind
	signKind
)

var lexemes = []struct {
	kind    kind
	pattern *regexp.Regexp
}{
	{textKind, regexp.MustCompile(`^("[^"]*"|'[^']*')`)},
	{numberKind, regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?`)},
	{nameKind, regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*`)},
	{signKind, regexp.MustCompile(`^(==|!=|<=|>=|<|>|\||:|,)`)},
}

// scan splits an expression into words, the last of which is an end.
func scan(source string) ([]lexeme, error) {
	var words []lexeme
	at := 0
next:
	for at < len(source) {
		if rest := strings.TrimLeft(source[at:], " \t\r\n"); len(rest) < len(source[at:]) {
			at = len(source) - len(rest)
			continue
		}
		for _, l := range lexemes {
			if found := l.pattern.FindString(source[at:]); found != "" {
				words = append(words, lexeme{kind: l.kind, text: found, offset: at})
				at += len(found)
				continue next
			}
		}
		return nil, &syntaxError{offset: at, what: fmt.Sprintf("%q can't be used here", []rune(source[at:])[0])}
	}
	return append(words, lexeme{kind: end, offset: len(source)}), nil
}

// words reads lexemes one after another.
type words struct {
	list []lexeme
}

func (w *words) peek() lexeme { return w.list[0] }

func (w *words) take() lexeme {
	first := w.list[0]
	if first.kind != end {
		w.list = w.list[1:]
	}
	return first
}

// takes says whether the next word is one of these, and takes it if so.
func (w *words) takes(texts ...string) bool {
	if next := w.peek(); next.kind == textKind || !slices.Contains(texts, next.text) {
		return false
	}
	w.take()
	return true
}

func parseOutput(source string) (output, error) {
	list, err := scan(source)
	if err != nil {
		return output{}, err
	}
	w := &words{list: list}
	value, err := parseOperand(w)
	if err != nil {
		return output{}, err
	}
	parsed := output{value: value}
	for w.takes("|") {
		f, err := parseFilter(w)
		if err != nil {
			return output{}, err
		}
		parsed.filters = append(parsed.filters, f)
	}
	return parsed, atEnd(w)
}

func parseFilter(w *words) (applied, error) {
	name := w.take()
	if name.kind != nameKind {
		return applied{}, &syntaxError{offset: name.offset, what: "a filter's name is missing after |"}
	}
	f := applied{name: name.text, offset: name.offset}
	if !w.takes(":") {
		return f, nil
	}
	for {
		arg, err := parseOperand(w)
		if err != nil {
			return applied{}, err
		}
		f.args = append(f.args, arg)
		if !w.takes(",") {
			return f, nil
		}
	}
}

func parseCondition(source string) (condition, error) {
	list, err := scan(source)
	if err != nil {
		return condition{}, err
	}
	w := &words{list: list}
	var c condition
	for {
		left, err := parseOperand(w)
		if err != nil {
			return condition{}, err
		}
		operator := w.peek()
		if w.takes("==", "!=", "<", ">", "<=", ">=", "contains") {
			right, err := parseOperand(w)
			if err != nil {
				return condition{}, err
			}
			c.compared = append(c.compared, comparison{left: left, right: right, operator: operator})
		} else {
			c.bare = append(c.bare, left)
		}
		switch {
		case w.takes("and"):
		case w.takes("or"):
			c.either = true
		default:
			return c, atEnd(w)
		}
	}
}

// parseList reads what stands in {% case … %} and {% when … %}.
func parseList(source string) ([]operand, error) {
	list, err := scan(source)
	if err != nil {
		return nil, err
	}
	w := &words{list: list}
	var operands []operand
	for {
		o, err := parseOperand(w)
		if err != nil {
			return nil, err
		}
		operands = append(operands, o)
		if !w.takes(",") {
			return operands, atEnd(w)
		}
	}
}

func parseOperand(w *words) (operand, error) {
	word := w.take()
	switch word.kind {
	case textKind:
		return operand{literal: word.text[1 : len(word.text)-1], is: segment.String, offset: word.offset}, nil
	case numberKind:
		if _, err := strconv.ParseInt(word.text, 10, 64); err == nil {
			return operand{literal: word.text, is: segment.Int, offset: word.offset}, nil
		}
		if !strings.Contains(word.text, ".") || len(word.text) > 20 {
			return operand{}, &syntaxError{offset: word.offset, what: "this number is too long"}
		}
		return operand{literal: word.text, is: segment.Double, offset: word.offset}, nil
	case nameKind:
		if word.text == "true" || word.text == "false" {
			return operand{literal: word.text, is: segment.Bool, offset: word.offset}, nil
		}
		return operand{path: word.text, offset: word.offset}, nil
	case end:
		return operand{}, &syntaxError{offset: word.offset, what: "a name or a value is missing"}
	}
	return operand{}, &syntaxError{offset: word.offset, what: "a name or a value must stand before " + word.text}
}

func atEnd(w *words) error {
	if next := w.peek(); next.kind != end {
		return &syntaxError{offset: next.offset, what: next.text + " can't stand here"}
	}
	return nil
}
