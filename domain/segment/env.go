package segment

import (
	"fmt"
	"slices"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/env"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/overloads"
	"cel.dev/cel-go/common/types"

	"perennial/domain/customer"
)

// Scope is what an expression may name beside the customer and now. It depends on where the expression stands.
type Scope struct {
	Event   string   // the event type at hand; empty where no event is
	Answers []string // the ids of the steps whose answers may be there

	// Absent says that what may be absent needs no guard: an expression that comes to something absent then has no value, and its evaluation
	// fails with [ErrAbsent]. So it is with a date to enter on.
	Absent bool

	// Present are names of what is known to be there, such as "agreement.renews_on": it needs no guard. What the date to enter on [Env.Needs] was
	// there, and of its type, or nobody would have entered. Where it is gone since, evaluation fails with [ErrAbsent].
	Present []string

	Each customer.ThingKind // the kind of thing that the journey is about; empty where it is about the customer
}

// The limits of one expression. They are far above what people write.
const (
	maxCharacters = 4_096
	maxDepth      = 50
	maxCost       = 100_000 // CEL's own unit: about one for each thing looked at
	maxRegex      = 1_000
)

// Env checks expressions of one scope.
type Env struct {
	catalogue Catalogue
	scope     Scope
	schema    schema
	cel       *cel.Env
}

// NewEnv returns the environment of a scope. It fails only where the catalogue is none that was parsed.
func NewEnv(cat Catalogue, scope Scope) (*Env, error) {
	s := newSchema(cat, scope)
	var things []customer.ThingKind
	if scope.Each != "" {
		things = append(things, scope.Each)
	}
	c, err := newCEL(s, cel.ObjectType(answerRecord), scope.Event != "", things, strict()...)
	if err != nil {
		return nil, err
	}
	return &Env{catalogue: cat, scope: scope, schema: s, cel: c}, nil
}

// strict is what is refused of an expression that is written now. Those of published versions passed the check of their day, and are evaluated
// whatever today's says.
func strict() []cel.EnvOption {
	return []cel.EnvOption{
		cel.ParserExpressionSizeLimit(maxCharacters),
		cel.ParserRecursionLimit(maxDepth),
		cel.ASTValidators(cel.ValidateTimestampLiterals(), cel.ValidateDurationLiterals(), cel.ValidateRegexLiterals()),
	}
}

func newCEL(s schema, answer *cel.Type, event bool, things []customer.ThingKind, more ...cel.EnvOption) (*cel.Env, error) {
	registry, err := types.NewRegistry()
	if err != nil {
		return nil, fmt.Errorf("prepare the types of expressions: %w", err)
	}
	options := slices.Concat(standard(), spans(), equality(), calendar(), history())
	options = append(options,
		cel.CustomTypeAdapter(registry),
		cel.CustomTypeProvider(provider{Provider: registry, schema: s}),
		cel.CrossTypeNumericComparisons(true),
		cel.DefaultUTCTimeZone(false),
		cel.RegexProgramSizeLimit(maxRegex),
		cel.Variable("customer", cel.ObjectType(customerRecord)),
		cel.Variable("answer", answer),
		cel.Variable("now", cel.TimestampType),
	)
	if event {
		options = append(options, cel.Variable("event", cel.ObjectType(eventRecord)))
	}
	for _, of := range things {
		options = append(options, cel.Variable(string(of), cel.ObjectType(thingRecord(of))))
	}
	c, err := cel.NewCustomEnv(append(options, more...)...)
	if err != nil {
		return nil, fmt.Errorf("prepare expressions: %w", err)
	}
	return c, nil
}

// standard is CEL's standard library, but for the operators that are declared anew here and for dyn(), by which an expression could
// get round its check.
func standard() []cel.EnvOption {
	without := env.NewLibrarySubset()
	for _, name := range []string{operators.Add, operators.Subtract, operators.Equals, operators.NotEquals, overloads.TypeConvertDyn} {
		without = without.AddExcludedFunctions(env.NewFunction(name))
	}
	return []cel.EnvOption{cel.StdLib(cel.StdLibSubset(without))}
}

// Check says what is wrong with an expression that must give a value of type want, and which personal things it names.
func (e *Env) Check(source string, want Type) (issues []Issue, personal []string) {
	compiled, failed := e.cel.Compile(source)
	if failed.Err() != nil {
		return e.explain(source, failed.Errors()), nil
	}
	g := newGuard(e.schema, compiled.NativeRep())
	g.lax = e.scope.Absent
	g.walk(compiled.NativeRep().Expr(), e.scope.Present)
	issues = append(g.issues, e.literals(compiled.NativeRep())...)
	if got := compiled.OutputType(); !got.IsExactType(want.cel()) {
		issues = append(issues, Issue{
			What: fmt.Sprintf("this gives %s, not %s", typeName(cel.FormatCELType(got)), typeName(cel.FormatCELType(want.cel()))),
			Mend: mendType(want),
		})
	}
	return issues, g.personal
}

// Needs returns the names of what must be there for a checked expression to have a value: of what may be absent, all that no has() before it
// makes sure of. Nil where the expression is not right.
func (e *Env) Needs(source string) []string {
	compiled, failed := e.cel.Compile(source)
	if failed.Err() != nil {
		return nil
	}
	return newGuard(e.schema, compiled.NativeRep()).needs(compiled.NativeRep().Expr())
}

// LooksAt returns the types of event that an expression looks back at, sorted, each once: those that it counts or asks the last time of, and purchase
// where it speaks of the customer's purchases. Nil where the expression is not right.
func (e *Env) LooksAt(source string) []string {
	compiled, failed := e.cel.Compile(source)
	if failed.Err() != nil {
		return nil
	}
	var types []string
	ast.PreOrderVisit(compiled.NativeRep().Expr(), ast.NewExprVisitor(func(x ast.Expr) {
		switch x.Kind() {
		case ast.SelectKind:
			of := compiled.NativeRep().GetType(x.AsSelect().Operand().ID())
			if of != nil && of.TypeName() == customerRecord && x.AsSelect().FieldName() == "purchases" {
				types = append(types, purchase)
			}
		case ast.CallKind:
			call := x.AsCall()
			if f := call.FunctionName(); f != countFunction && f != lastFunction {
				return
			}
			if name, ok := text(call.Args()[0]); ok {
				types = append(types, name)
			}
		}
	}))
	slices.Sort(types)
	return slices.Compact(types)
}

// purchase is the type of event that changes what is known of a customer's purchases.
const purchase = "purchase"

func mendType(want Type) string {
	switch want {
	case Bool:
		return "compare it with something, such as customer.star == 5"
	case String:
		return "name something that is text, such as event.order_id"
	case Date:
		return "name a date, such as now + days(3)"
	case Span:
		return "name a length of time, such as days(30)"
	}
	return ""
}
