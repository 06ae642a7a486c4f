package segment

import (
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
)

// Type is the type of an attribute or of an event's data, as operations write it.
type Type string

// The types there are. Each of them but a list also has a list: "list of string".
const (
	String Type = "string"
	Int    Type = "int"
	Double Type = "double"
	Bool   Type = "bool"
	Date   Type = "date" // a day or an instant; a day begins at midnight in the customer's zone

	// Span is a length of time in the calendar, such as days(30). Expressions may give one; nothing that is known has it.
	Span Type = "span"
)

const listOf = "list of "

// singleTypes are the types that are no list.
func singleTypes() []string {
	return []string{string(String), string(Int), string(Double), string(Bool), string(Date)}
}

// ListOf returns the type of a list of t.
func ListOf(t Type) Type { return listOf + t }

// Element returns the type of a list's elements; ok is false when t is no list.
func (t Type) Element() (element Type, ok bool) {
	name, ok := strings.CutPrefix(string(t), listOf)
	return Type(name), ok
}

// Known says whether t is one of the types there are.
func (t Type) Known() bool {
	if element, ok := t.Element(); ok {
		t = element
	}
	return slices.Contains(singleTypes(), string(t))
}

// cel returns the CEL type of the same values.
func (t Type) cel() *cel.Type {
	if element, ok := t.Element(); ok {
		return cel.ListType(element.cel())
	}
	switch t {
	case Int:
		return cel.IntType
	case Double:
		return cel.DoubleType
	case Bool:
		return cel.BoolType
	case Date:
		return cel.TimestampType
	case Span:
		return spanType
	}
	return cel.StringType
}
