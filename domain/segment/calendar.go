package segment

import (
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"perennial/domain/customer"
)

// The functions of dates: within(date, days(90)), anniversary(date), date('2026-12-24'). They stand on the calendar that the customer sees, and
// on now, so each evaluation brings its own.
const (
	withinFunction      = "within"
	anniversaryFunction = "anniversary"
	dateFunction        = "date"
)

func calendar() []cel.EnvOption {
	return []cel.EnvOption{
		cel.Variable("today", cel.TimestampType),
		lateFunction(withinFunction, cel.BoolType, []*cel.Type{cel.TimestampType, spanType}),
		lateFunction(anniversaryFunction, cel.TimestampType, []*cel.Type{cel.TimestampType}),
		lateFunction(dateFunction, cel.TimestampType, []*cel.Type{cel.StringType}),
	}
}

// lateFunction declares a function that each evaluation brings, with one overload for each list of what it takes.
func lateFunction(name string, gives *cel.Type, takes ...[]*cel.Type) cel.EnvOption {
	var overloads []cel.FunctionOpt
	for _, args := range takes {
		id := []string{name}
		for _, arg := range args {
			id = append(id, arg.TypeName())
		}
		overloads = append(overloads, cel.Overload(strings.Join(id, "_"), args, gives, cel.LateFunctionBinding()))
	}
	return cel.Function(name, overloads...)
}

// calendarAt returns those functions as they are at an instant, which is in the customer's zone.
func calendarAt(now time.Time) map[string]cel.LateBoundFunction {
	return map[string]cel.LateBoundFunction{
		withinFunction: func(_ string, args ...ref.Val) ref.Val {
			at, ok := args[0].(types.Timestamp)
			s, isSpan := args[1].(span)
			if !ok || !isSpan {
				return types.MaybeNoSuchOverloadErr(args[0])
			}
			return types.Bool(!at.Before(s.from(now, -1)) && !at.After(s.from(now, 1)))
		},
		anniversaryFunction: func(_ string, args ...ref.Val) ref.Val {
			at, ok := args[0].(types.Timestamp)
			if !ok {
				return types.MaybeNoSuchOverloadErr(args[0])
			}
			of := at.In(now.Location())
			if of.Year() <= never.Year() {
				return types.Timestamp{Time: never.In(now.Location())} // what never was has none
			}
			return inRange(anniversary(of, now))
		},
		dateFunction: func(_ string, args ...ref.Val) ref.Val {
			text, ok := args[0].(types.String)
			if !ok {
				return types.MaybeNoSuchOverloadErr(args[0])
			}
			day, ok := dayValue(string(text), now.Location())
			if !ok {
				return types.WrapErr(factError("date() takes a day such as '2026-05-04'"))
			}
			return types.Timestamp{Time: day}
		},
	}
}

// anniversary returns the anniversary of a date that lies nearest to now, the later one where two are as near: a day, as all days at midnight. The
// first one is a year after the date. That of 29 February is the 28th in years without.
//
// The nearest, and not that of the year of now, since a birthday of 2 January is seven days ahead on 26 December.
func anniversary(of, now time.Time) time.Time {
	today := midnight(now)
	first := max(of.Year()+1, now.Year()-1)
	nearest := anniversaryIn(first, of)
	for year := first + 1; year <= now.Year()+1; year++ {
		if next := anniversaryIn(year, of); next.Sub(today).Abs() <= nearest.Sub(today).Abs() {
			nearest = next
		}
	}
	return nearest
}

func anniversaryIn(year int, of time.Time) time.Time {
	_, month, day := of.Date()
	if last := time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day(); day > last {
		day = last
	}
	return customer.WallTime(year, month, day, 0, 0, 0, 0, of.Location())
}

// midnight returns the beginning of the day of t, in its zone.
func midnight(t time.Time) time.Time {
	year, month, day := t.Date()
	return customer.WallTime(year, month, day, 0, 0, 0, 0, t.Location())
}

// dayValue reads a day such as "2026-05-04": it begins at midnight in the zone.
func dayValue(text string, zone *time.Location) (time.Time, bool) {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return time.Time{}, false
	}
	return midnight(time.Date(day.Year(), day.Month(), day.Day(), 12, 0, 0, 0, zone)), true
}
