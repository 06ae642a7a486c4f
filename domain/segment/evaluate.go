package segment

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"cel.dev/cel-go/cel"
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

// Time evaluates an expression that gives a date, in the customer's zone.
func (e *Evaluator) Time(ctx context.Context, source string, f Facts) (time.Time, error) {
	return evaluate[time.Time](ctx, e, source, f)
}

func evaluate[T any](ctx context.Context, e *Evaluator, source string, f Facts) (T, error) {
	var none T
	program, err := e.program(source, f)
	if err != nil {
		return none, fmt.Errorf("compile %q: %w", source, err)
	}
	value, _, err := program.ContextEval(ctx, activation(e.catalogue, f))
	if err != nil {
		return none, fmt.Errorf("evaluate %q: %w", source, reason(err))
	}
	result, ok := value.Value().(T)
	if !ok {
		return none, fmt.Errorf("evaluate %q: it gives %s, not %T", source, value.Type().TypeName(), none)
	}
	return result, nil
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

// compile compiles and remembers an expression. Answers are a plain map here, and all kinds of things may be named: which steps ask and
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

// factError says what is wrong with a fact, by its name and without its value.
type factError string

func (e factError) Error() string { return string(e) }

// reason says why an evaluation failed. CEL's own errors may quote values, which can be personal, so only those that can't are
// passed on.
func reason(err error) error {
	if fact, ok := errors.AsType[factError](err); ok {
		return fact
	}
	if cancelled, ok := errors.AsType[interpreter.EvalCancelledError](err); ok {
		if cancelled.Cause == interpreter.CostLimitExceeded {
			return errors.New("it costs more than an expression may")
		}
		return errors.New("it was interrupted")
	}
	for _, known := range []string{"no such key", "division by zero", "modulus by zero", "integer overflow", "timestamp overflow", "duration overflow"} {
		if strings.Contains(err.Error(), known) {
			return errors.New(known)
		}
	}
	return errors.New("a function can't take the value it is given")
}
