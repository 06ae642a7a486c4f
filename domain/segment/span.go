package segment

import (
	"fmt"
	"reflect"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/overloads"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"perennial/domain/customer"
)

// span is a length of time in the calendar, what days(60), months(1) and years(1) are in an expression. How long it is depends on
// the date it is added to, in that date's zone: every date an expression sees is in the customer's.
type span struct {
	months int64
	days   int64
}

// maxSpan is more days than any date an expression can hold is away from any other.
const maxSpan = 4_000_000

var spanType = cel.OpaqueType("span")

// from returns the instant that lies s after t, or before it when sign is -1: months first (31 January and a month is the last day
// of February), then days.
func (s span) from(t time.Time, sign int64) time.Time {
	year, month, day := t.Date()
	first := time.Date(year, month+time.Month(sign*s.months), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	hour, minute, second := t.Clock()
	return customer.WallTime(first.Year(), first.Month(), min(day, last)+int(sign*s.days), hour, minute, second, t.Nanosecond(), t.Location())
}

// spans teaches CEL calendar arithmetic: the functions that make spans, and + and - with them. CEL lets nobody add to its own + and -,
// so both are declared anew, with all that they do in the standard library.
func spans() []cel.EnvOption {
	return []cel.EnvOption{
		cel.Function(operators.Add, append(standardAdd(),
			binary("add_timestamp_span", cel.TimestampType, spanType, cel.TimestampType),
			binary("add_span_timestamp", spanType, cel.TimestampType, cel.TimestampType),
			binary("add_span_span", spanType, spanType, spanType),
			cel.SingletonBinaryBinding(add))...),
		cel.Function(operators.Subtract, append(standardSubtract(),
			binary("subtract_timestamp_span", cel.TimestampType, spanType, cel.TimestampType),
			cel.SingletonBinaryBinding(subtract))...),
		spanFunction("days", func(n int64) span { return span{days: n} }),
		spanFunction("months", func(n int64) span { return span{months: n} }),
		spanFunction("years", func(n int64) span { return span{months: 12 * n} }),
	}
}

func standardAdd() []cel.FunctionOpt {
	list := cel.ListType(cel.TypeParamType("A"))
	return []cel.FunctionOpt{
		binary(overloads.AddBytes, cel.BytesType, cel.BytesType, cel.BytesType),
		binary(overloads.AddDouble, cel.DoubleType, cel.DoubleType, cel.DoubleType),
		binary(overloads.AddDurationDuration, cel.DurationType, cel.DurationType, cel.DurationType),
		binary(overloads.AddDurationTimestamp, cel.DurationType, cel.TimestampType, cel.TimestampType),
		binary(overloads.AddTimestampDuration, cel.TimestampType, cel.DurationType, cel.TimestampType),
		binary(overloads.AddInt64, cel.IntType, cel.IntType, cel.IntType),
		binary(overloads.AddList, list, list, list),
		binary(overloads.AddString, cel.StringType, cel.StringType, cel.StringType),
		binary(overloads.AddUint64, cel.UintType, cel.UintType, cel.UintType),
	}
}

func standardSubtract() []cel.FunctionOpt {
	return []cel.FunctionOpt{
		binary(overloads.SubtractDouble, cel.DoubleType, cel.DoubleType, cel.DoubleType),
		binary(overloads.SubtractDurationDuration, cel.DurationType, cel.DurationType, cel.DurationType),
		binary(overloads.SubtractInt64, cel.IntType, cel.IntType, cel.IntType),
		binary(overloads.SubtractTimestampDuration, cel.TimestampType, cel.DurationType, cel.TimestampType),
		binary(overloads.SubtractTimestampTimestamp, cel.TimestampType, cel.TimestampType, cel.DurationType),
		binary(overloads.SubtractUint64, cel.UintType, cel.UintType, cel.UintType),
	}
}

func binary(id string, left, right, result *cel.Type) cel.FunctionOpt {
	return cel.Overload(id, []*cel.Type{left, right}, result)
}

func spanFunction(name string, of func(n int64) span) cel.EnvOption {
	return cel.Function(name, cel.Overload(name+"_int", []*cel.Type{cel.IntType}, spanType, cel.UnaryBinding(func(n ref.Val) ref.Val {
		count, ok := n.(types.Int)
		if !ok {
			return types.MaybeNoSuchOverloadErr(n)
		}
		if count < -maxSpan || count > maxSpan {
			return types.WrapErr(factError(name + "() of so large a number is no date"))
		}
		return of(int64(count))
	})))
}

func add(left, right ref.Val) ref.Val {
	if s, ok := left.(span); ok {
		return s.plus(right)
	}
	if s, ok := right.(span); ok {
		return s.plus(left)
	}
	t, isTime := left.(types.Timestamp)
	d, isDuration := right.(types.Duration)
	if isTime && isDuration {
		return inRange(t.Time.Add(d.Duration))
	}
	adder, ok := left.(traits.Adder)
	if !ok {
		return types.MaybeNoSuchOverloadErr(left)
	}
	return adder.Add(right)
}

func subtract(left, right ref.Val) ref.Val {
	if t, ok := left.(types.Timestamp); ok {
		return before(t.Time, right)
	}
	subtractor, ok := left.(traits.Subtractor)
	if !ok {
		return types.MaybeNoSuchOverloadErr(left)
	}
	return subtractor.Subtract(right)
}

// before is - on the right of a date. It has an answer for every date: last() of an event that never happened lies in the year 1, and who asks
// whether it was longer ago than something must be told.
func before(t time.Time, right ref.Val) ref.Val {
	switch right := right.(type) {
	case span:
		return inRange(right.from(t, -1))
	case types.Duration:
		return inRange(t.Add(-right.Duration))
	case types.Timestamp:
		return types.Duration{Duration: t.Sub(right.Time)} // the longest there is, 292 years, where it is longer
	}
	return types.MaybeNoSuchOverloadErr(right)
}

func (s span) plus(other ref.Val) ref.Val {
	switch other := other.(type) {
	case types.Timestamp:
		return inRange(s.from(other.Time, 1))
	case span:
		return span{months: s.months + other.months, days: s.days + other.days}
	}
	return types.MaybeNoSuchOverloadErr(other)
}

// inRange refuses dates that CEL can't hold, but for those before all others: they are the first there is.
func inRange(t time.Time) ref.Val {
	if t.Before(never) {
		return types.Timestamp{Time: never.In(t.Location())}
	}
	if t.UTC().Year() > 9999 {
		return types.WrapErr(factError("it reaches a date after the year 9999"))
	}
	return types.Timestamp{Time: t}
}

// ConvertToNative implements ref.Val.
func (s span) ConvertToNative(t reflect.Type) (any, error) {
	return nil, fmt.Errorf("a span can't be a %v", t)
}

// ConvertToType implements ref.Val.
func (s span) ConvertToType(t ref.Type) ref.Val {
	if t == spanType {
		return s
	}
	return types.NewErr("a span can't be a %s", t.TypeName())
}

// Equal implements ref.Val.
func (s span) Equal(other ref.Val) ref.Val { return types.Bool(ref.Val(s) == other) }

// Type implements ref.Val.
func (s span) Type() ref.Type { return spanType }

// Value implements ref.Val.
func (s span) Value() any { return s }
