package segment

import (
	"fmt"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/operators"
)

// equality lets whole numbers and others be compared with == and !=, as <, <=, >= and > do already: nobody who writes "total == 150"
// cares which of the two a total is. CEL compares them so when it runs; only its type check has to be told, and since it lets nobody
// add to its own == both are declared anew: for every two of the same kind, and for any two numbers.
func equality() []cel.EnvOption {
	var options []cel.EnvOption
	for operator, name := range map[string]string{operators.Equals: "equals", operators.NotEquals: "not_equals"} {
		var overloads []cel.FunctionOpt
		for i, pair := range comparables() {
			overloads = append(overloads, binary(fmt.Sprintf("%s_%d", name, i), pair[0], pair[1], cel.BoolType))
		}
		options = append(options, cel.Function(operator, overloads...))
	}
	return options
}

func comparables() [][2]*cel.Type {
	var pairs [][2]*cel.Type
	numbers := []*cel.Type{cel.IntType, cel.DoubleType, cel.UintType}
	for _, left := range numbers {
		for _, right := range numbers {
			pairs = append(pairs, [2]*cel.Type{left, right})
		}
	}
	for _, same := range []*cel.Type{
		cel.StringType, cel.BoolType, cel.BytesType, cel.TimestampType, cel.DurationType, spanType,
		cel.ListType(cel.TypeParamType("A")), cel.MapType(cel.TypeParamType("A"), cel.TypeParamType("B")),
	} {
		pairs = append(pairs, [2]*cel.Type{same, same})
	}
	return pairs
}
