package problem

import (
	"cmp"
	"fmt"
	"slices"
)

// Place is where something stands in a file. Line and column count from 1, columns in characters; a line of 0 means the whole file.
type Place struct {
	File   string
	Line   int
	Column int
}

// Problem is one mistake.
type Problem struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
	What   string `json:"what"`           // what is wrong
	Mend   string `json:"mend,omitempty"` // what to write instead
}

// String writes the problem as editors understand it: "file:line:column: what is wrong; what to write instead", always on one line.
func (p Problem) String() string {
	if p.Line == 0 {
		return fmt.Sprintf("%s: %s", printable(p.File), p.Text())
	}
	return fmt.Sprintf("%s:%d:%d: %s", printable(p.File), p.Line, p.Column, p.Text())
}

// Text writes the problem without its place: "what is wrong; what to write instead".
func (p Problem) Text() string {
	if p.Mend == "" {
		return p.What
	}
	return p.What + "; " + p.Mend
}

// List collects problems. The zero List is ready to use.
type List struct {
	problems []Problem
}

// Add notes one problem. What is wrong and the mend may quote the file: what can't be printed is replaced, and what is too long to read is cut.
func (l *List) Add(at Place, what, mend string) {
	l.problems = append(l.problems, Problem{File: at.File, Line: at.Line, Column: at.Column, What: readable(what), Mend: readable(mend)})
}

// Append takes over problems that somebody else found.
func (l *List) Append(problems ...Problem) {
	l.problems = append(l.problems, problems...)
}

// Empty says whether nothing is wrong so far.
func (l *List) Empty() bool { return len(l.problems) == 0 }

// Len returns how many problems there are so far.
func (l *List) Len() int { return len(l.problems) }

// Sorted returns the problems in the order of file and place, each once; nil when there are none.
func (l *List) Sorted() []Problem {
	sorted := slices.Clone(l.problems)
	slices.SortStableFunc(sorted, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return slices.Compact(sorted)
}
