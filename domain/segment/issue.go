package segment

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"

	"perennial/domain/customer"
	"perennial/domain/problem"
)

// Issue is one mistake in an expression.
type Issue struct {
	Offset int    // where it is, in characters from the start of the expression
	What   string // what is wrong
	Mend   string // what to write instead
}

var (
	undeclared = regexp.MustCompile(`^undeclared reference to '([^']*)'`)
	undefined  = regexp.MustCompile(`^undefined field '([^']*)'`)
	impossible = regexp.MustCompile(`^invalid (\S+) argument$`)
	mismatch   = regexp.MustCompile(`^found no matching overload for '([^']*)' applied to '(.*)'$`)
)

// explain turns CEL's errors into words for whoever wrote the expression. Of a broken syntax only the first error says something.
func (e *Env) explain(source string, errors []*common.Error) []Issue {
	var tree *ast.AST
	if parsed, failed := e.cel.Parse(source); failed.Err() == nil {
		tree = parsed.NativeRep()
	}
	var issues []Issue
	for _, failure := range errors {
		issue := Issue{Offset: offset(source, failure.Location)}
		message := failure.Message
		switch {
		case undeclared.MatchString(message):
			e.explainUndeclared(&issue, undeclared.FindStringSubmatch(message)[1], failure.ExprID, tree)
		case undefined.MatchString(message):
			e.explainUndefined(&issue, source, undefined.FindStringSubmatch(message)[1], failure.ExprID, tree)
		case mismatch.MatchString(message):
			m := mismatch.FindStringSubmatch(message)
			explainMismatch(&issue, m[1], m[2], failure.ExprID, tree)
		case impossible.MatchString(message):
			explainImpossible(&issue, impossible.FindStringSubmatch(message)[1])
		case strings.HasPrefix(message, "expression code point size exceeds limit"):
			return []Issue{{What: fmt.Sprintf("this expression is longer than %d characters", maxCharacters), Mend: "say it shorter, or in several steps"}}
		case strings.HasPrefix(message, "expression recursion limit exceeded"):
			return []Issue{{Offset: issue.Offset, What: "this expression is nested too deep", Mend: "use fewer parentheses, or several steps"}}
		case strings.HasPrefix(message, "Syntax error: "):
			explainSyntax(&issue, source, strings.TrimPrefix(message, "Syntax error: "))
			return []Issue{issue}
		default:
			issue.What = message
		}
		issues = append(issues, issue)
	}
	return issues
}

func (e *Env) explainUndeclared(issue *Issue, name string, id int64, parsed *ast.AST) {
	issue.What = "unknown name " + name
	if event := meantAsEvent(parsed, id); event != "" {
		issue.What, issue.Mend = "an event type stands in quotes", "write "+event
		return
	}
	switch name {
	case "event":
		issue.What = "no event is at hand here"
		issue.Mend = "use event in enter, goal, exit or a wait for it, and what is known of the customer elsewhere"
	case string(customer.Agreement), string(customer.Asset):
		issue.What = "no " + name + " is at hand here"
		issue.Mend = fmt.Sprintf("write enter: { each: %s, … }, so that the journey is about one", name)
		if e.scope.Each != "" {
			issue.Mend = "this journey is about each " + string(e.scope.Each)
		}
	case "dyn":
		issue.What, issue.Mend = "dyn() is not allowed", "leave it out: every name has its type"
	default:
		issue.Mend = problem.Suggest(name, e.names())
		if e.meantAsText(parsed, id) {
			issue.Mend = "text stands in quotes: '" + name + "'"
		}
	}
}

// names returns what an expression of this scope may begin with.
func (e *Env) names() []string {
	names := []string{"customer", "answer", "now", "today", "has", "size", "duration", "timestamp", "days", "months", "years"}
	names = append(names, withinFunction, anniversaryFunction, dateFunction, countFunction, lastFunction)
	if e.scope.Event != "" {
		names = append(names, "event")
	}
	if e.scope.Each != "" {
		names = append(names, string(e.scope.Each))
	}
	return names
}

// explainUndefined says which field of which record is not there. CEL's error names only the field: the record is found by its place
// in the tree.
func (e *Env) explainUndefined(issue *Issue, source, field string, id int64, parsed *ast.AST) {
	issue.What = "unknown name " + field
	operand := operandOf(parsed, id, field)
	name := recordOf(operand)
	if name == "" {
		return
	}
	path := operand + "." + field
	if before, _, ok := strings.Cut(source, path); ok {
		issue.Offset = len([]rune(before))
	}
	issue.What = "unknown name " + path
	if name == answerRecord {
		issue.What = "no ask step above has the id " + field
	}
	known := slices.Collect(maps.Keys(e.schema[name]))
	issue.Mend = problem.Suggest(field, known)
	if issue.Mend == "" && name == customerRecord {
		issue.Mend = "add it to the attributes of the profile catalogue"
	}
	if issue.Mend == "" && e.scope.Each != "" && name == thingRecord(e.scope.Each) {
		issue.Mend = fmt.Sprintf("add it to the %ss of the profile catalogue", e.scope.Each)
	}
	if issue.Mend == "" && name == eventRecord {
		issue.Mend = "add it to the data of " + e.scope.Event + " in the event catalogue"
	}
}

// operandOf returns what stands before the dot of the selection of a field with that id, such as "customer.purchases"; empty when it is no name.
func operandOf(parsed *ast.AST, id int64, field string) string {
	operand := ""
	if parsed == nil {
		return operand
	}
	ast.PreOrderVisit(parsed.Expr(), ast.NewExprVisitor(func(x ast.Expr) {
		if x.Kind() == ast.SelectKind && x.AsSelect().FieldName() == field && (x.ID() == id || x.AsSelect().Operand().ID() == id) && operand == "" {
			operand = path(x.AsSelect().Operand())
		}
	}))
	return operand
}

// recordOf returns the record that lies under a path, empty when none does.
func recordOf(path string) string {
	return map[string]string{
		"customer": customerRecord, "customer.purchases": purchasesRecord, "event": eventRecord, "answer": answerRecord,
		"agreement": thingRecord(customer.Agreement), "asset": thingRecord(customer.Asset),
	}[path]
}

func explainMismatch(issue *Issue, operator, applied string, id int64, parsed *ast.AST) {
	inner := strings.TrimSuffix(strings.TrimPrefix(applied, "("), ")")
	if before, after, ok := strings.Cut(applied, ".("); ok {
		inner = strings.Trim(before+", "+strings.TrimSuffix(after, ")"), ", ")
	}
	kinds := strings.Split(inner, ", ")
	for i, kind := range kinds {
		kinds[i] = typeName(kind)
	}
	if inner == "" {
		kinds = []string{"nothing"}
	}
	issue.What = fmt.Sprintf("%s can't be applied to %s", operatorName(operator), strings.Join(kinds, " and "))
	switch {
	case usage[operator] != "":
		issue.Mend = "write " + usage[operator]
	case strings.Contains(applied, "duration, span") || strings.Contains(applied, "span, duration"):
		issue.Mend = "compare dates: write now > customer.purchases.last + days(30)"
	case slices.Contains(comparisons, operator) && (applied == "(timestamp, span)" || applied == "(span, timestamp)"):
		of := writtenSpan(parsed, id)
		issue.Mend = "compare it with a date: now - " + of + " or now + " + of
	case slices.Contains(comparisons, operator) && numberAndText(kinds) && quotedNumber(parsed, id) != "":
		issue.Mend = "write the number without quotes: " + quotedNumber(parsed, id)
	case applied == "(timestamp, string)" || applied == "(string, timestamp)":
		issue.Mend = "write the day as date('2026-12-24')"
	case applied == "(timestamp, int)" || applied == "(int, timestamp)":
		issue.Mend = "write the number as a length of time, such as days(30)"
	}
}

// numberAndText says whether one of two kinds is a number and the other text.
func numberAndText(kinds []string) bool {
	isNumber := func(kind string) bool { return kind == "int" || kind == "double" }
	return len(kinds) == 2 && (isNumber(kinds[0]) && kinds[1] == "string" || kinds[0] == "string" && isNumber(kinds[1]))
}

// usage shows how each function is written.
var usage = map[string]string{
	"days":              "days(30)",
	"months":            "months(6)",
	"years":             "years(1)",
	withinFunction:      "within(customer.purchases.last, days(90))",
	anniversaryFunction: "anniversary(customer.purchases.first)",
	dateFunction:        "date('2026-12-24')",
	countFunction:       "count('purchase') or count('purchase', days(365))",
	lastFunction:        "last('purchase')",
}

// explainImpossible says what is wrong with a literal that the function it stands in can't take.
func explainImpossible(issue *Issue, function string) {
	switch function {
	case "timestamp":
		issue.What, issue.Mend = "this is no instant", "write it as timestamp('2026-05-04T09:00:00Z'), or a day as date('2026-05-04')"
	case "duration":
		issue.What, issue.Mend = "this is no length of time on a clock", "write hours, minutes or seconds as duration('36h'), or days as days(2)"
	default:
		issue.What, issue.Mend = "this is no pattern", "write a regular expression (RE2)"
	}
}

// operatorName returns an operator as it is written; CEL calls it "_==_".
func operatorName(name string) string {
	switch name {
	case "@in":
		return "in"
	case "_[_]":
		return "[ ]"
	case "_?_:_":
		return "? :"
	}
	return strings.Trim(name, "_")
}

// typeName returns a type as operations call it.
func typeName(name string) string {
	switch name {
	case "timestamp":
		return "date"
	case customerRecord, purchasesRecord, eventRecord, answerRecord, thingRecord(customer.Agreement), thingRecord(customer.Asset):
		return "a record"
	}
	return name
}

// offset returns where in source a location lies, in characters.
func offset(source string, at common.Location) int {
	n := 0
	lines := strings.SplitAfter(source, "\n")
	for i := range min(at.Line()-1, len(lines)) {
		n += len([]rune(lines[i]))
	}
	return max(n+at.Column(), 0)
}
