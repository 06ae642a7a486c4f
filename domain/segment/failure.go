package segment

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/overloads"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// What fails for some values only: an element that a list doesn't have, a division by zero, a conversion of text that is no number. The check
// refuses it where nothing before it shows that it can't.

// mayFail finds that in a call, knowing what is there.
func (g *guard) mayFail(call ast.CallExpr, known present) {
	args := call.Args()
	switch name := call.FunctionName(); name {
	case operators.Index:
		g.index(args[0], args[1], known)
	case operators.Divide, operators.Modulo:
		g.division(args[1], known)
	case overloads.TypeConvertUint:
		g.add(args[0], "uint() fails for numbers below 0", "leave it out")
	case overloads.Matches:
		if _, ok := text(args[len(args)-1]); !ok {
			g.add(args[len(args)-1], "matches() takes a pattern that is written out", "write it in quotes, or use contains()")
		}
	default:
		if to, ok := conversions[name]; ok {
			g.conversion(name, args[0], to)
		}
		if call.IsMemberFunction() && len(args) == 1 && g.kind(call.Target()) == types.TimestampKind && strings.HasPrefix(name, "get") {
			g.zone(name, args[0])
		}
	}
}

func (g *guard) add(x ast.Expr, what, mend string) {
	g.issues = append(g.issues, Issue{Offset: g.start(x), What: what, Mend: mend})
}

func (g *guard) kind(x ast.Expr) types.Kind { return g.tree.GetType(x.ID()).Kind() }

// index looks at of[at].
func (g *guard) index(of, at ast.Expr, known present) {
	if g.kind(of) == types.MapKind {
		key, ok := text(at)
		if !ok {
			g.add(of, noEntry, chooseEntry)
			return
		}
		g.entry(of, key, known)
		return
	}
	n, written := literalNumber(at)
	name := path(of)
	if !written || name == "" {
		g.add(of, "a list may have no such element", "ask with exists() or in, such as \"x\" in customer.interests")
		return
	}
	if n >= 0 && slices.Contains(known, element(name, int(n))) {
		return
	}
	if n < 0 {
		g.add(of, "a list has no elements below 0", "count from 0")
		return
	}
	i := int(n)
	g.add(of, element(name, i)+" may not be there", fmt.Sprintf("write size(%s) > %d ? %s : … with a value for when it is not, or ask with exists() or in", name, i, element(name, i)))
}

const (
	noEntry     = "a map may have no such entry"
	chooseEntry = "choose with condition ? this : that"
)

// entry looks at of.key, where of is a map: it is there where the map is written out with it, or where a has() says so.
func (g *guard) entry(of ast.Expr, key string, known present) {
	name := path(of)
	if name != "" && slices.Contains(known, name+"."+key) {
		return
	}
	if of.Kind() == ast.MapKind && slices.ContainsFunc(of.AsMap().Entries(), func(e ast.EntryExpr) bool {
		written, ok := text(e.AsMapEntry().Key())
		return ok && written == key
	}) {
		return
	}
	g.add(of, noEntry, chooseEntry)
}

func (g *guard) division(by ast.Expr, known present) {
	name := path(by)
	if call := by; name == "" && call.Kind() == ast.CallKind && call.AsCall().FunctionName() == overloads.TypeConvertDouble {
		name = path(call.AsCall().Args()[0]) // which is 0 where that is
	}
	n, written := literalNumber(by)
	switch {
	case written && n == 0:
		g.add(by, "nothing can be divided by 0", "write another number")
	case written || name != "" && slices.Contains(known, name+notZero):
	case name != "":
		g.add(by, name+" may be 0", fmt.Sprintf("write %s != 0 && … before it, or %s != 0 ? … : … with a value for when it is", name, name))
	default:
		g.add(by, "this may be 0, and nothing can be divided by that", "divide by a number that is written out, or by a name behind a condition such as customer.purchases.count != 0")
	}
}

// conversions are what makes a value of another type of a text, or an instant of a number.
var conversions = map[string]ref.Type{
	overloads.TypeConvertInt: types.IntType, overloads.TypeConvertDouble: types.DoubleType, overloads.TypeConvertBool: types.BoolType,
	overloads.TypeConvertTimestamp: types.TimestampType, overloads.TypeConvertDuration: types.DurationType,
}

func (g *guard) conversion(function string, arg ast.Expr, to ref.Type) {
	if is := g.kind(arg); is != types.StringKind && (is != types.IntKind || to != types.TimestampType) {
		return
	}
	switch {
	case arg.Kind() != ast.LiteralKind:
		g.add(arg, function+"() takes only what is written out", "give it its type in the catalogue, and leave "+function+"() out")
	case types.IsError(arg.AsLiteral().ConvertToType(to)):
		g.add(arg, fmt.Sprintf("%s() can't take %#v", function, arg.AsLiteral().Value()), "write the value itself")
	}
}

func (g *guard) zone(function string, arg ast.Expr) {
	const mend = "leave it out: dates are in the customer's zone; or name one, such as 'Asia/Shanghai'"
	name, ok := text(arg)
	if !ok {
		g.add(arg, function+"() takes a time zone that is written out", mend)
		return
	}
	if types.IsError(types.Timestamp{}.Receive(function, "", []ref.Val{types.String(name)})) {
		g.add(arg, fmt.Sprintf("%q is no time zone", name), mend)
	}
}

// What comparisons show. That an element of a list is there, and that a number is not 0, is known by a name as all that is there: "customer.tags[1]",
// "customer.points != 0".

const notZero = " != 0"

func element(of string, i int) string { return of + "[" + strconv.Itoa(i) + "]" }

// maxElements bounds how many elements of one list a comparison shows.
const maxElements = 100

// compared returns what is known to be there if a comparison with a number that is written out comes out as value.
func compared(call ast.CallExpr, value bool) present {
	operator, left, right := call.FunctionName(), call.Args()[0], call.Args()[1]
	n, ok := literalNumber(right)
	if !ok {
		if n, ok = literalNumber(left); !ok {
			return nil
		}
		operator, left = mirrored[operator], right
	}
	if !value {
		operator = opposite[operator]
	}
	if of := sizeOf(left); of != "" {
		var known present
		for i := range leastSize(operator, n) {
			known = append(known, element(of, i))
		}
		return known
	}
	if name := path(left); name != "" && excludesZero(operator, n) {
		return present{name + notZero}
	}
	return nil
}

var (
	mirrored = map[string]string{
		operators.Equals: operators.Equals, operators.NotEquals: operators.NotEquals,
		operators.Less: operators.Greater, operators.LessEquals: operators.GreaterEquals,
		operators.Greater: operators.Less, operators.GreaterEquals: operators.LessEquals,
	}
	opposite = map[string]string{
		operators.Equals: operators.NotEquals, operators.NotEquals: operators.Equals,
		operators.Less: operators.GreaterEquals, operators.LessEquals: operators.Greater,
		operators.Greater: operators.LessEquals, operators.GreaterEquals: operators.Less,
	}
)

// leastSize is how many elements a list has at least whose size compares so with n.
func leastSize(operator string, n float64) int {
	least := 0.0
	switch operator {
	case operators.Greater:
		least = math.Floor(n) + 1
	case operators.GreaterEquals, operators.Equals:
		least = math.Ceil(n)
	case operators.NotEquals:
		if n == 0 {
			least = 1
		}
	}
	return int(min(max(least, 0), maxElements))
}

// excludesZero says whether no number that compares so with n is 0.
func excludesZero(operator string, n float64) bool {
	switch operator {
	case operators.Equals:
		return n != 0
	case operators.NotEquals:
		return n == 0
	case operators.Greater:
		return n >= 0
	case operators.GreaterEquals:
		return n > 0
	case operators.Less:
		return n <= 0
	case operators.LessEquals:
		return n < 0
	}
	return false
}

// sizeOf returns the name of the list whose size x is; empty where x is anything else.
func sizeOf(x ast.Expr) string {
	if x.Kind() != ast.CallKind || x.AsCall().FunctionName() != overloads.Size {
		return ""
	}
	if x.AsCall().IsMemberFunction() {
		return path(x.AsCall().Target())
	}
	return path(x.AsCall().Args()[0])
}

// literalNumber returns the number of a literal; not ok when x is anything else.
func literalNumber(x ast.Expr) (float64, bool) {
	if x.Kind() != ast.LiteralKind {
		return 0, false
	}
	switch n := x.AsLiteral().(type) {
	case types.Int:
		return float64(n), true
	case types.Uint:
		return float64(n), true
	case types.Double:
		return float64(n), true
	}
	return 0, false
}
