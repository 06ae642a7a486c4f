package segment

import (
	"fmt"
	"slices"
	"strconv"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

// This file looks at what stands around a mistake: it often tells what was meant.

// call returns the innermost call that a test holds for, nil when there is none.
func call(parsed *ast.AST, is func(ast.CallExpr) bool) ast.CallExpr {
	var found ast.CallExpr
	if parsed == nil {
		return nil
	}
	ast.PostOrderVisit(parsed.Expr(), ast.NewExprVisitor(func(x ast.Expr) {
		if x.Kind() == ast.CallKind && found == nil && is(x.AsCall()) {
			found = x.AsCall()
		}
	}))
	return found
}

// comparisons are the operators that hold two values against each other.
var comparisons = []string{operators.Equals, operators.NotEquals, operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals}

// meantAsText says whether a bare name is held against text: then it was meant as text, since no bare name is one.
func (e *Env) meantAsText(parsed *ast.AST, id int64) bool {
	of := func(x ast.Expr) bool { return x.ID() == id && x.Kind() == ast.IdentKind }
	return call(parsed, func(c ast.CallExpr) bool {
		args := c.Args()
		switch {
		case len(args) != 2:
			return false
		case slices.Contains(comparisons, c.FunctionName()):
			return of(args[0]) && e.isText(args[1]) || of(args[1]) && e.isText(args[0])
		case c.FunctionName() == operators.In:
			return args[1].Kind() == ast.ListKind && e.isText(args[0]) && slices.ContainsFunc(args[1].AsList().Elements(), of)
		}
		return false
	}) != nil
}

// isText says whether an expression that may not be right is surely text: it is written out, or is known as such.
func (e *Env) isText(x ast.Expr) bool {
	if _, ok := text(x); ok {
		return true
	}
	if x.Kind() != ast.SelectKind {
		return false
	}
	m, known := e.schema[recordOf(path(x.AsSelect().Operand()))][x.AsSelect().FieldName()]
	return known && m.is.IsExactType(cel.StringType)
}

// meantAsEvent returns how count() or last() is written, where a name in it was meant as an event type; empty where it was not.
func meantAsEvent(parsed *ast.AST, id int64) string {
	within := call(parsed, func(c ast.CallExpr) bool {
		if c.FunctionName() != countFunction && c.FunctionName() != lastFunction || len(c.Args()) == 0 {
			return false
		}
		first := c.Args()[0]
		for first.Kind() == ast.SelectKind {
			first = first.AsSelect().Operand()
		}
		return first.Kind() == ast.IdentKind && first.ID() == id
	})
	if within == nil {
		return ""
	}
	return fmt.Sprintf("%s('%s')", within.FunctionName(), path(within.Args()[0]))
}

// quotedNumber returns the text among two that are compared that is a number but for its quotes; empty when there is none.
func quotedNumber(parsed *ast.AST, id int64) string {
	for _, arg := range argsOf(parsed, id) {
		written, _ := text(arg)
		if _, err := strconv.ParseFloat(written, 64); err == nil {
			return written
		}
	}
	return ""
}

// writtenSpan returns the length of time among two that are compared, as it is written; days(30) where it is no plain one.
func writtenSpan(parsed *ast.AST, id int64) string {
	for _, arg := range argsOf(parsed, id) {
		if arg.Kind() != ast.CallKind || len(arg.AsCall().Args()) != 1 || arg.AsCall().Args()[0].Kind() != ast.LiteralKind {
			continue
		}
		if n, ok := arg.AsCall().Args()[0].AsLiteral().(types.Int); ok {
			return fmt.Sprintf("%s(%d)", arg.AsCall().FunctionName(), n)
		}
	}
	return "days(30)"
}

// argsOf returns what the call with that id is applied to.
func argsOf(parsed *ast.AST, id int64) []ast.Expr {
	var args []ast.Expr
	if parsed == nil {
		return nil
	}
	ast.PreOrderVisit(parsed.Expr(), ast.NewExprVisitor(func(x ast.Expr) {
		if x.ID() == id && x.Kind() == ast.CallKind {
			args = x.AsCall().Args()
		}
	}))
	return args
}
