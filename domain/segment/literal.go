package segment

import (
	"fmt"
	"time"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"

	"perennial/domain/problem"
)

// literals finds what is written out in an expression and can't be: a day that is in no calendar, an event that nobody knows.
func (e *Env) literals(tree *ast.AST) []Issue {
	var issues []Issue
	ast.PreOrderVisit(tree.Expr(), ast.NewExprVisitor(func(x ast.Expr) {
		if x.Kind() != ast.CallKind || len(x.AsCall().Args()) == 0 {
			return
		}
		name, arg := x.AsCall().FunctionName(), x.AsCall().Args()[0]
		var what, mend string
		switch name {
		case countFunction, lastFunction:
			what, mend = e.eventLiteral(name, arg)
		case dateFunction:
			what, mend = dayLiteral(arg)
		case "days", "months", "years":
			what, mend = spanLiteral(name, arg)
		}
		if what == "" {
			return
		}
		at, _ := tree.SourceInfo().GetOffsetRange(arg.ID())
		issues = append(issues, Issue{Offset: int(at.Start), What: what, Mend: mend})
	}))
	return issues
}

// IsFalse says whether an expression is the word false and nothing else: a condition that never holds.
func (e *Env) IsFalse(source string) bool {
	parsed, failed := e.cel.Parse(source)
	if failed.Err() != nil {
		return false
	}
	x := parsed.NativeRep().Expr()
	return x.Kind() == ast.LiteralKind && x.AsLiteral() == types.False
}

// eventLiteral checks the event type of count() and last(): it must be written out, since what an expression looks at is told from its text.
func (e *Env) eventLiteral(function string, arg ast.Expr) (what, mend string) {
	name, ok := text(arg)
	if !ok {
		return function + "() takes an event type that is written out", "write it in quotes, such as " + function + "('purchase')"
	}
	if _, known := e.catalogue.Event(name); known {
		return "", ""
	}
	mend = problem.Suggest(name, e.catalogue.EventNames())
	if mend == "" {
		mend = "add it to the event catalogue"
	}
	return "unknown event " + name, mend
}

func dayLiteral(arg ast.Expr) (what, mend string) {
	const day = "write a day such as date('2026-12-24')"
	written, ok := text(arg)
	if !ok {
		return "date() takes a day that is written out", day
	}
	if _, ok := dayValue(written, time.UTC); !ok {
		return fmt.Sprintf("%q is no day of the calendar", written), day
	}
	return "", ""
}

func spanLiteral(function string, arg ast.Expr) (what, mend string) {
	if arg.Kind() != ast.LiteralKind {
		return "", ""
	}
	n, ok := arg.AsLiteral().(types.Int)
	if ok && (n < -maxSpan || n > maxSpan) {
		return function + "() of so large a number is no date", "write a smaller one"
	}
	return "", ""
}

// text returns the text of a literal; not ok when x is anything else.
func text(x ast.Expr) (string, bool) {
	if x.Kind() != ast.LiteralKind {
		return "", false
	}
	s, ok := x.AsLiteral().(types.String)
	return string(s), ok
}
