package document

import (
	"strings"
	"unicode/utf8"

	"perennial/domain/problem"
)

// Kind is what a value is.
type Kind int

// The kinds of value. A value that is missing ("key:" and nothing) is Nothing.
const (
	Nothing Kind = iota
	Scalar
	Sequence
	Mapping
)

// String names the kind as a problem does.
func (k Kind) String() string {
	switch k {
	case Scalar:
		return "a single value"
	case Sequence:
		return "a list"
	case Mapping:
		return "a mapping of keys to values"
	}
	return "nothing"
}

// Value is one value of a document: a scalar has Text, a sequence has Items, a mapping has Fields.
type Value struct {
	Kind   Kind
	Place  problem.Place
	Text   string
	Items  []*Value
	Fields []Field
	layout layout
	indent int // of a literal block: how many columns its lines are indented by
}

// Field is one "key: value" of a mapping.
type Field struct {
	Key   string
	Place problem.Place // of the key
	Value *Value
}

// layout is how a scalar's text lies in the file, as far as it matters for finding a place in it.
type layout int

const (
	plain   layout = iota // as it is
	quoted                // behind one quotation mark
	literal               // line for line, below the "|"
	folded                // lines were joined: only the start is known
)

// Get returns the field of that key, nil when there is none.
func (v *Value) Get(key string) *Field {
	for i := range v.Fields {
		if v.Fields[i].Key == key {
			return &v.Fields[i]
		}
	}
	return nil
}

// At returns the place in the file of the character of Text at that offset, counted in characters. Where lines were folded it is the
// place where the text starts.
func (v *Value) At(offset int) problem.Place {
	place := v.Place
	switch v.layout {
	case plain:
		place.Column += offset
	case quoted:
		place.Column += 1 + offset
	case literal:
		before := firstCharacters(v.Text, offset)
		place.Line += 1 + strings.Count(before, "\n")
		place.Column = 1 + v.indent + utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
	}
	return place
}

// firstCharacters returns the first n characters of text, or all of it.
func firstCharacters(text string, n int) string {
	for i := range text {
		if n <= 0 {
			return text[:i]
		}
		n--
	}
	return text
}
