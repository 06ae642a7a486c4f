package segment

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/parser"

	"perennial/domain/customer"
)

// Fact is something that an expression speaks of and that may be shown: it is not personal.
type Fact struct {
	Name string // as expressions name it, such as "customer.purchases.last"
	unit string
}

// Known is the value of a fact.
type Known struct {
	Fact

	Value string // in words; empty where it is absent
}

// Names returns the facts that a checked expression speaks of, each once, in their order. What is personal is left out.
func (e *Evaluator) Names(source string) ([]Fact, error) {
	s := newSchema(e.catalogue, Scope{})
	for _, of := range customer.ThingKinds {
		s[thingRecord(of)] = newThing(e.catalogue, of)
	}
	env, err := newCEL(s, cel.MapType(cel.StringType, cel.DoubleType), false, customer.ThingKinds)
	if err != nil {
		return nil, err
	}
	compiled, failed := env.Compile(source)
	if failed.Err() != nil {
		return nil, fmt.Errorf("compile %q: %s", source, failed.Errors()[0].Message)
	}
	n := &namer{guard: newGuard(s, compiled.NativeRep()), catalogue: e.catalogue}
	ast.PreOrderVisit(compiled.NativeRep().Expr(), ast.NewExprVisitor(n.visit))
	return n.facts, n.err
}

// namer collects what an expression speaks of.
type namer struct {
	*guard

	catalogue Catalogue
	facts     []Fact
	err       error
}

func (n *namer) visit(x ast.Expr) {
	switch x.Kind() {
	case ast.SelectKind:
		s := x.AsSelect()
		m, ok := n.member(s)
		name := path(x)
		if !ok || name == "" || m.personal || m.is.Kind() == types.StructKind {
			return
		}
		n.add(Fact{Name: name, unit: n.unitOf(name)})
	case ast.CallKind:
		if f := x.AsCall().FunctionName(); f != countFunction && f != lastFunction {
			return
		}
		text, err := parser.Unparse(x, n.tree.SourceInfo())
		if err != nil {
			n.err = errors.Join(n.err, fmt.Errorf("write what happened: %w", err))
			return
		}
		n.add(Fact{Name: text})
	}
}

func (n *namer) add(fact Fact) {
	if !slices.Contains(n.facts, fact) {
		n.facts = append(n.facts, fact)
	}
}

// unitOf is the unit that the catalogue gives an attribute.
func (n *namer) unitOf(name string) string {
	root, attribute, _ := strings.Cut(name, ".")
	known := n.catalogue.Attributes
	if root != "customer" {
		known = n.catalogue.ThingAttributes(customer.ThingKind(root))
	}
	i := slices.IndexFunc(known, func(a Attribute) bool { return a.Name == attribute })
	if i < 0 {
		return ""
	}
	return known[i].Unit
}

// Why returns the values of facts. The error is a [HistoryError] where the customer's events could not be read.
func (e *Evaluator) Why(ctx context.Context, names []Fact, f Facts) ([]Known, error) {
	known := make([]Known, len(names))
	for i, fact := range names {
		known[i] = Known{Fact: fact}
		value, err := e.evaluate(ctx, fact.Name, f)
		if history, ok := errors.AsType[*HistoryError](err); ok {
			return nil, history
		}
		if err == nil {
			known[i].Value = words(value, f.zone())
		}
	}
	return known, nil
}

// named are the words for what is known of every customer.
var named = map[string]string{
	"customer.purchases.count":    "purchases",
	"customer.purchases.total":    "spent",
	"customer.purchases.first":    "first purchase",
	"customer.purchases.last":     "last purchase",
	"customer.purchases.gap_days": "usual gap",
}

// String says what is known, in words: "last purchase 1997-03-02", "usual gap 41 days", "km unknown".
func (k Known) String() string {
	name, ok := named[k.Name]
	if !ok {
		name = strings.ReplaceAll(strings.TrimPrefix(k.Name, "customer."), "_", " ")
	}
	value, unit := k.Value, k.unit
	if k.Name == "customer.purchases.gap_days" {
		unit = "days"
	}
	switch {
	case value == "":
		value = "unknown"
	case unit != "":
		value += " " + unit
	}
	return name + " " + value
}

// words writes a value for people.
func words(value ref.Val, zone *time.Location) string {
	switch v := plain(value).(type) {
	case time.Time:
		at := v.In(zone)
		if at.Equal(never) {
			return "never"
		}
		return at.Format(time.DateOnly)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return map[bool]string{true: "yes", false: "no"}[v]
	case []any:
		items := make([]string, len(v))
		for i, item := range v {
			items[i] = fmt.Sprint(item)
		}
		return strings.Join(items, ", ")
	default:
		return fmt.Sprint(v)
	}
}
