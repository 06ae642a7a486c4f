package segment

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"cel.dev/cel-go/interpreter"

	"perennial/domain/customer"
)

// Evaluator evaluates checked expressions of one catalogue. It keeps the compiled form of those it has seen and may be used by many
// goroutines at once.
type Evaluator struct {
	catalogue Catalogue

	mu       sync.RWMutex
	envs     map[string]*cel.Env // by event type
	programs map[programKey]cel.Program
}

type programKey struct {
	event  string
	source string
}

// maxPrograms bounds what an Evaluator remembers; beyond it starts afresh.
const maxPrograms = 10_000

// NewEvaluator returns an evaluator for expressions that were checked with that catalogue.
func NewEvaluator(cat Catalogue) *Evaluator {
	return &Evaluator{catalogue: cat, envs: map[string]*cel.Env{}, programs: map[programKey]cel.Program{}}
}

// Bool evaluates an expression that gives a bool.
func (e *Evaluator) Bool(ctx context.Context, source string, f Facts) (bool, error) {
	return evaluate[bool](ctx, e, source, f)
}

// String evaluates an expression that gives a string.
func (e *Evaluator) String(ctx context.Context, source string, f Facts) (string, error) {
	return evaluate[string](ctx, e, source, f)
}

// Time evaluates an expression that gives a date, in the customer's zone. All of these return a [HistoryError] where the customer's events could
// not be read.
func (e *Evaluator) Time(ctx context.Context, source string, f Facts) (time.Time, error) {
	return evaluate[time.Time](ctx, e, source, f)
}

// Value evaluates an expression that gives a value of type want: a string, int64, float64, bool, time.Time, or a []any of these.
func (e *Evaluator) Value(ctx context.Context, source string, want Type, f Facts) (any, error) {
	given, err := e.evaluate(ctx, source, f)
	if err != nil {
		return nil, err
	}
	value, ok := want.Value(plain(given), f.zone())
	if !ok {
		return nil, fmt.Errorf("evaluate %q: it gives %s, not %s", source, given.Type().TypeName(), want)
	}
	return value, nil
}

// plain is a value of CEL as Go has it.
func plain(value ref.Val) any {
	list, ok := value.(traits.Lister)
	if !ok {
		return value.Value()
	}
	items := []any{}
	for it := list.Iterator(); it.HasNext() == types.True; {
		items = append(items, plain(it.Next()))
	}
	return items
}

func evaluate[T any](ctx context.Context, e *Evaluator, source string, f Facts) (T, error) {
	var none T
	value, err := e.evaluate(ctx, source, f)
	if err != nil {
		return none, err
	}
	result, ok := value.Value().(T)
	if !ok {
		return none, fmt.Errorf("evaluate %q: it gives %s, not %T", source, value.Type().TypeName(), none)
	}
	return result, nil
}

func (e *Evaluator) evaluate(ctx context.Context, source string, f Facts) (ref.Val, error) {
	program, err := e.program(source, f)
	if err != nil {
		return nil, fmt.Errorf("compile %q: %w", source, err)
	}
	facts, err := cel.FunctionVars(activation(e.catalogue, f), functions(f))
	if err != nil {
		return nil, fmt.Errorf("evaluate %q: %w", source, err)
	}
	value, _, err := program.ContextEval(ctx, facts)
	if err != nil {
		return nil, fmt.Errorf("evaluate %q: %w", source, reason(err))
	}
	return value, nil
}

// functions are those that each evaluation brings.
func functions(f Facts) map[string]cel.LateBoundFunction {
	now := f.Now.In(f.zone())
	all := calendarAt(now)
	maps.Copy(all, historyUpTo(f.known(), f.Happened))
	return all
}

func (e *Evaluator) program(source string, f Facts) (cel.Program, error) {
	key := programKey{source: source}
	if f.Event != nil {
		key.event = f.Event.Type
	}
	e.mu.RLock()
	program, ok := e.programs[key]
	e.mu.RUnlock()
	if ok {
		return program, nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.compile(key)
}

// compile compiles and remembers an expression. It asks nothing of the check, which may have grown stricter since the version of the expression was
// published. Answers are a plain map here, and all kinds of things may be named: which steps ask and
// what the journey is about was looked at by the check.
func (e *Evaluator) compile(key programKey) (cel.Program, error) {
	c, ok := e.envs[key.event]
	if !ok {
		var err error
		s := newSchema(e.catalogue, Scope{Event: key.event})
		for _, of := range customer.ThingKinds {
			s[thingRecord(of)] = newThing(e.catalogue, of)
		}
		c, err = newCEL(s, cel.MapType(cel.StringType, cel.DoubleType), key.event != "", customer.ThingKinds)
		if err != nil {
			return nil, err
		}
		e.envs[key.event] = c
	}
	compiled, failed := c.Compile(key.source)
	if failed.Err() != nil {
		return nil, errors.New(failed.Errors()[0].Message)
	}
	program, err := c.Program(compiled, cel.EvalOptions(cel.OptOptimize), cel.CostLimit(maxCost), cel.InterruptCheckFrequency(100))
	if err != nil {
		return nil, err
	}
	if len(e.programs) >= maxPrograms {
		clear(e.programs)
	}
	e.programs[key] = program
	return program, nil
}

// ErrAbsent says that an expression came to something that is not known of the customer, the thing or the event, or that is of another type than
// the catalogue says.
var ErrAbsent = errors.New("something that it names is absent")

// noSuchKey is how CEL says so.
const noSuchKey = "no such key"

// factError says what is wrong with a fact, by its name and without its value.
type factError string

func (e factError) Error() string { return string(e) }

// reason says why an evaluation failed. CEL's own errors may quote values, which can be personal, so only those that can't are
// passed on.
func reason(err error) error {
	if fact, ok := errors.AsType[factError](err); ok {
		return fact
	}
	if history, ok := errors.AsType[*HistoryError](err); ok {
		return history
	}
	if cancelled, ok := errors.AsType[interpreter.EvalCancelledError](err); ok {
		if cancelled.Cause == interpreter.CostLimitExceeded {
			return errors.New("it costs more than an expression may")
		}
		return errors.New("it was interrupted")
	}
	if errors.Is(err, ErrAbsent) || strings.Contains(err.Error(), noSuchKey) {
		return ErrAbsent
	}
	for _, known := range []string{"division by zero", "modulus by zero", "integer overflow", "timestamp overflow", "duration overflow"} {
		if strings.Contains(err.Error(), known) {
			return errors.New(known)
		}
	}
	return errors.New("a function can't take the value it is given")
}
