package segment

import (
	"sort"
	"sync"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// The functions of what happened: count('visit.completed', days(365)) and last('visit.completed'). The history of a customer is read only where an
// expression comes to one of them.
const (
	countFunction = "count"
	lastFunction  = "last"
)

func history() []cel.EnvOption {
	return []cel.EnvOption{
		lateFunction(countFunction, cel.IntType, []*cel.Type{cel.StringType}, []*cel.Type{cel.StringType, spanType}),
		lateFunction(lastFunction, cel.TimestampType, []*cel.Type{cel.StringType}),
	}
}

// HistoryError says that it could not be read when events happened to the customer. The expression is right, and may be evaluated again.
type HistoryError struct{ Err error }

func (e *HistoryError) Error() string { return "read the customer's events: " + e.Err.Error() }

// Unwrap returns what went wrong.
func (e *HistoryError) Unwrap() error { return e.Err }

// historyUpTo returns those functions as they are at an instant, which is in the customer's zone. It reads the history at most once.
func historyUpTo(now time.Time, happened func() (map[string][]time.Time, error)) map[string]cel.LateBoundFunction {
	if happened == nil {
		happened = func() (map[string][]time.Time, error) { return nil, nil }
	}
	once := sync.OnceValues(happened)
	// times returns when events of a type happened up to now.
	times := func(of ref.Val) ([]time.Time, ref.Val) {
		name, ok := of.(types.String)
		if !ok {
			return nil, types.MaybeNoSuchOverloadErr(of)
		}
		all, err := once()
		if err != nil {
			return nil, types.WrapErr(&HistoryError{Err: err})
		}
		return upTo(all[string(name)], now), nil
	}
	return map[string]cel.LateBoundFunction{
		countFunction: func(_ string, args ...ref.Val) ref.Val {
			found, failed := times(args[0])
			if failed != nil {
				return failed
			}
			if len(args) == 1 {
				return types.Int(len(found))
			}
			s, ok := args[1].(span)
			if !ok {
				return types.MaybeNoSuchOverloadErr(args[1])
			}
			from := s.from(now, -1)
			return types.Int(len(found) - sort.Search(len(found), func(i int) bool { return !found[i].Before(from) }))
		},
		lastFunction: func(_ string, args ...ref.Val) ref.Val {
			found, failed := times(args[0])
			if failed != nil {
				return failed
			}
			if len(found) == 0 {
				return types.Timestamp{Time: never.In(now.Location())}
			}
			return types.Timestamp{Time: found[len(found)-1].In(now.Location())}
		},
	}
}

// never is when an event happened that never did: so long ago, at the beginning of the year 1, that "longer ago than" holds.
var never = time.Time{}

// upTo returns those of times, oldest first, that are not after now.
func upTo(times []time.Time, now time.Time) []time.Time {
	return times[:sort.Search(len(times), func(i int) bool { return times[i].After(now) })]
}
