package segment

import (
	"fmt"
	"slices"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

// guard walks a checked expression and finds each use of something that may be absent where no has() before it has made sure that it
// is there, and each use of something that may fail otherwise (failure.go). It follows && and || from left to right, and the two arms of ? :.
type guard struct {
	schema   schema
	tree     *ast.AST
	lax      bool // what may be absent needs no guard
	issues   []Issue
	personal []string
}

// present is the set of paths, such as "customer.birthday", that are known to be there, and of what comparisons show.
type present []string

func newGuard(s schema, tree *ast.AST) *guard { return &guard{schema: s, tree: tree} }

// walk looks at x, knowing that what is in known is there.
func (g *guard) walk(x ast.Expr, known present) {
	switch x.Kind() {
	case ast.SelectKind:
		g.walkSelect(x, known)
	case ast.CallKind:
		g.walkCall(x.AsCall(), known)
	case ast.ListKind:
		for _, element := range x.AsList().Elements() {
			g.walk(element, known)
		}
	case ast.MapKind:
		for _, entry := range x.AsMap().Entries() {
			g.walk(entry.AsMapEntry().Key(), known)
			g.walk(entry.AsMapEntry().Value(), known)
		}
	case ast.StructKind:
		for _, field := range x.AsStruct().Fields() {
			g.walk(field.AsStructField().Value(), known)
		}
	case ast.ComprehensionKind:
		c := x.AsComprehension()
		inner := known.without(c.IterVar(), c.IterVar2(), c.AccuVar())
		g.walk(c.IterRange(), known)
		for _, part := range []ast.Expr{c.AccuInit(), c.LoopCondition(), c.LoopStep(), c.Result()} {
			g.walk(part, inner)
		}
	}
}

func (g *guard) walkSelect(x ast.Expr, known present) {
	s := x.AsSelect()
	g.walk(s.Operand(), known)
	m, ok := g.member(s)
	if !ok {
		if g.kind(s.Operand()) == types.MapKind && !s.IsTestOnly() {
			g.entry(s.Operand(), s.FieldName(), known)
		}
		return
	}
	name := path(x)
	isThere := name != "" && slices.Contains(known, name)
	if name == "" { // of something that is no name, such as an element of a list
		name = s.FieldName()
	}
	if m.personal && !slices.Contains(g.personal, name) {
		g.personal = append(g.personal, name)
	}
	if g.lax || s.IsTestOnly() || !m.absent || isThere {
		return
	}
	g.issues = append(g.issues, Issue{
		Offset: g.start(x),
		What:   name + " may be absent",
		Mend:   fmt.Sprintf("write has(%s) && … before it, or has(%s) ? %s : … with a value for when it is", name, name, name),
	})
}

func (g *guard) walkCall(call ast.CallExpr, known present) {
	args := call.Args()
	switch call.FunctionName() {
	case operators.LogicalAnd:
		for _, arg := range args {
			g.walk(arg, known)
			known = known.with(g.when(arg, true))
		}
		return
	case operators.LogicalOr:
		for _, arg := range args {
			g.walk(arg, known)
			known = known.with(g.when(arg, false))
		}
		return
	case operators.Conditional:
		g.walk(args[0], known)
		g.walk(args[1], known.with(g.when(args[0], true)))
		g.walk(args[2], known.with(g.when(args[0], false)))
		return
	}
	if call.IsMemberFunction() {
		g.walk(call.Target(), known)
	}
	for _, arg := range args {
		g.walk(arg, known)
	}
	g.mayFail(call, known)
}

// when returns what is known to be there if x comes out as value.
func (g *guard) when(x ast.Expr, value bool) present {
	if x.Kind() == ast.SelectKind {
		if name := path(x); value && x.AsSelect().IsTestOnly() && name != "" {
			return present{name}
		}
		return nil
	}
	if x.Kind() != ast.CallKind {
		return nil
	}
	args := x.AsCall().Args()
	switch x.AsCall().FunctionName() {
	case operators.LogicalNot:
		return g.when(args[0], !value)
	case operators.LogicalAnd:
		return g.joined(args, value, value)
	case operators.LogicalOr:
		return g.joined(args, value, !value)
	case operators.Conditional:
		yes := g.when(args[0], true).with(g.when(args[1], value))
		no := g.when(args[0], false).with(g.when(args[2], value))
		return yes.both(no)
	case operators.Equals, operators.NotEquals, operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals:
		return compared(x.AsCall(), value)
	}
	return nil
}

// joined returns what is known if all of args come out as value, or, when not all have to, any of them.
func (g *guard) joined(args []ast.Expr, value, all bool) present {
	known := g.when(args[0], value)
	for _, arg := range args[1:] {
		if all {
			known = known.with(g.when(arg, value))
			continue
		}
		known = known.both(g.when(arg, value))
	}
	return known
}

// needs returns what every evaluation of x comes to and may be absent.
func (g *guard) needs(x ast.Expr) present {
	switch x.Kind() {
	case ast.SelectKind:
		s := x.AsSelect()
		need := g.needs(s.Operand())
		if m, ok := g.member(s); ok && m.absent && !s.IsTestOnly() && path(x) != "" {
			need = need.with(present{path(x)})
		}
		return need
	case ast.CallKind:
		call := x.AsCall()
		args := call.Args()
		switch call.FunctionName() {
		case operators.LogicalAnd, operators.LogicalOr:
			// One side may decide alone, whatever the other comes to, an error too.
			return g.needs(args[0]).both(g.needs(args[1]))
		case operators.Conditional:
			return g.needs(args[0]).with(g.needs(args[1]).both(g.needs(args[2])))
		}
		var need present
		if call.IsMemberFunction() {
			need = g.needs(call.Target())
		}
		for _, arg := range args {
			need = need.with(g.needs(arg))
		}
		return need
	}
	return nil
}

// member returns what the schema says of the thing that s selects.
func (g *guard) member(s ast.SelectExpr) (member, bool) {
	of := g.tree.GetType(s.Operand().ID())
	if of == nil || of.Kind() != types.StructKind {
		return member{}, false
	}
	m, ok := g.schema[of.TypeName()][s.FieldName()]
	return m, ok
}

// start returns where the path that ends in x begins.
func (g *guard) start(x ast.Expr) int {
	for x.Kind() == ast.SelectKind {
		x = x.AsSelect().Operand()
	}
	at, ok := g.tree.SourceInfo().GetOffsetRange(x.ID())
	if !ok {
		return 0
	}
	return int(at.Start)
}

// path writes a chain of selections as it is written in an expression; empty when x is anything else.
func path(x ast.Expr) string {
	switch x.Kind() {
	case ast.IdentKind:
		return x.AsIdent()
	case ast.SelectKind:
		operand := path(x.AsSelect().Operand())
		if operand == "" {
			return ""
		}
		return operand + "." + x.AsSelect().FieldName()
	}
	return ""
}

func (p present) with(more present) present { return append(slices.Clip(p), more...) }

// without drops what lies under names that mean something else from here on.
func (p present) without(names ...string) present {
	return slices.DeleteFunc(slices.Clone(p), func(known string) bool {
		root := known[:strings.IndexAny(known+".", ".[ ")]
		return slices.Contains(names, root)
	})
}

func (p present) both(other present) present {
	var both present
	for _, name := range p {
		if slices.Contains(other, name) {
			both = append(both, name)
		}
	}
	return both
}
