package segment_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"perennial/domain/customer"
	"perennial/domain/segment"
)

// everything is a scope in which every record can be named.
var everything = segment.Scope{Event: "purchase", Answers: []string{"how_is_it"}, Each: customer.Agreement}

// Whatever the check lets pass is answered, whichever of the things that may be absent are, and whichever are of another type than the catalogue
// says.
func TestWhatPassesTheCheckNeverFailsForWhatIsAbsent(t *testing.T) {
	t.Parallel()
	cat := parse(t)
	env, err := segment.NewEnv(cat, everything)
	if err != nil {
		t.Fatal(err)
	}
	e := segment.NewEvaluator(cat)
	var passed int
	with := map[string]int{"has(": 0, " / ": 0, " % ": 0, "tags[": 0} // of those that passed
	rapid.Check(t, func(t *rapid.T) {
		source := writer{t}.condition(4, nil)
		issues, _ := env.Check(source, segment.Bool)
		for _, issue := range issues {
			if !refusal.MatchString(issue.What) {
				t.Fatalf("%s: %+v", source, issue)
			}
		}
		if len(issues) > 0 {
			return
		}
		passed++
		for what := range with {
			if strings.Contains(source, what) {
				with[what]++
			}
		}
		for range 4 {
			if _, err := e.Bool(t.Context(), source, anyFacts(t)); err != nil {
				t.Fatalf("%s: %v", source, err)
			}
		}
	})
	for what, n := range with {
		if n == 0 {
			t.Errorf("%d expressions passed the check, none of them with %s: the law says nothing", passed, what)
		}
	}
}

// refusal is what the check may say of an expression that is otherwise right.
var refusal = regexp.MustCompile(` may be absent$| may be 0$| may not be there$`)

// What may be absent, by its type.
var mayBeAbsent = map[segment.Type][]string{
	segment.Int:    {"customer.mileage", "customer.purchases.gap_days"},
	segment.Double: {"customer.budget", "answer.how_is_it", "agreement.premium"},
	segment.String: {"customer.city", "event.coupon", "agreement.insured"},
	segment.Bool:   {"customer.member"},
	segment.Date:   {"customer.birthday", "customer.purchases.first", "customer.purchases.last", "agreement.renews_on", "agreement.ended_on"},
}

// What is always there, by its type.
var alwaysThere = map[segment.Type][]string{
	segment.Int:    {"1", "customer.star", "customer.purchases.count", "event.quantity", "count('purchase')", "count('purchase', days(30))", "today.getDayOfWeek()"},
	segment.Double: {"2.5", "customer.purchases.total", "event.amount"},
	segment.String: {`"x"`, "customer.id", "customer.language", "event.order_id", "agreement.kind", "agreement.id"},
	segment.Bool:   {"true", "within(now, days(1))"},
	segment.Date:   {"now", "today", "event.at", "last('survey.answered')", "date('2026-12-24')"},
}

// writer writes random expressions: most of what may be absent is named behind a guard, some is not.
type writer struct{ *rapid.T }

func (w writer) one(of []string) string { return rapid.SampledFrom(of).Draw(w.T, "one") }

func (w writer) chance(n int) bool { return rapid.IntRange(1, n).Draw(w.T, "chance") == 1 }

func (w writer) condition(depth int, known []string) string {
	if depth == 0 {
		return w.comparison(1, known)
	}
	if w.chance(3) {
		return w.guard(depth, known)
	}
	a := func() string { return w.condition(depth-1, known) }
	switch rapid.IntRange(1, 8).Draw(w.T, "shape") {
	case 1:
		return fmt.Sprintf("(%s && %s)", a(), a())
	case 2:
		return fmt.Sprintf("(%s || %s)", a(), a())
	case 3:
		return fmt.Sprintf("!(%s)", a())
	case 4:
		return fmt.Sprintf("(%s ? %s : %s)", a(), a(), a())
	case 5:
		return fmt.Sprintf("[1, 2].exists(c, %s)", a())
	case 6:
		return fmt.Sprintf("[agreement].all(agreement, %s)", a())
	case 7:
		return fmt.Sprintf("(%s) == (%s)", a(), a())
	}
	return w.comparison(2, known)
}

// guard writes a guard and something that may count on it, on the right side or on the wrong one.
func (w writer) guard(depth int, known []string) string {
	holds, shows := w.test()
	with, without := w.condition(depth-1, append(slices.Clip(known), shows...)), w.condition(depth-1, known)
	if w.chance(10) {
		with, without = without, with
	}
	switch rapid.IntRange(1, 4).Draw(w.T, "guard") {
	case 1:
		return fmt.Sprintf("(%s && %s)", holds, with)
	case 2:
		return fmt.Sprintf("(!(%s) || %s)", holds, with)
	case 3:
		return fmt.Sprintf("(%s ? %s : %s)", holds, with, without)
	}
	return fmt.Sprintf("((%s && %s) ? %s : %s)", holds, without, with, without)
}

// test writes a condition and says what is known where it holds.
func (w writer) test() (holds string, shows []string) {
	if w.chance(4) {
		sizes := []string{"size(customer.tags) > 1", "!(1 >= customer.tags.size())", "customer.tags.size() == 2", "2 <= size(customer.tags)"}
		return "has(customer.tags) && " + w.one(sizes), []string{"customer.tags[0]", "customer.tags[1]"}
	}
	is := w.someType()
	path := w.one(mayBeAbsent[is])
	if is != segment.Int && is != segment.Double || w.chance(2) {
		return "has(" + path + ")", []string{path}
	}
	return fmt.Sprintf("has(%s) && %s", path, fmt.Sprintf(w.one([]string{"%s != 0", "!(%s == 0)", "0 < %s", "%s <= -1"}), path)), []string{path, path + " != 0"}
}

func (w writer) someType() segment.Type {
	return rapid.SampledFrom([]segment.Type{segment.Int, segment.Double, segment.String, segment.Bool, segment.Date}).Draw(w.T, "type")
}

func (w writer) comparison(depth int, known []string) string {
	is := w.someType()
	operators := []string{"==", "!=", "<", ">="}
	if is == segment.Bool {
		operators = operators[:2]
	}
	return fmt.Sprintf("%s %s %s", w.value(is, depth, known), w.one(operators), w.value(is, depth, known))
}

func (w writer) value(is segment.Type, depth int, known []string) string {
	if depth > 0 && w.chance(2) {
		switch {
		case is == segment.Date && w.chance(2):
			return fmt.Sprintf("(%s %s %s(%d))", w.value(is, depth-1, known), w.one([]string{"+", "-"}), w.one([]string{"days", "months", "years"}), rapid.IntRange(-400, 400).Draw(w.T, "n"))
		case is == segment.Date:
			return fmt.Sprintf("anniversary(%s)", w.value(is, depth-1, known))
		case (is == segment.Int || is == segment.Double) && w.chance(2):
			return w.division(is, depth, known)
		case is == segment.Int, is == segment.Double:
			return fmt.Sprintf("(%s + %s)", w.value(is, depth-1, known), w.value(is, depth-1, known))
		}
	}
	if element := "customer.tags[" + w.one([]string{"0", "1"}) + "]"; is == segment.String && (slices.Contains(known, element) || w.chance(25)) {
		return element
	}
	there := slices.DeleteFunc(slices.Clone(known), func(path string) bool { return !slices.Contains(mayBeAbsent[is], path) })
	if len(there) > 0 && !w.chance(3) {
		return w.one(there)
	}
	if w.chance(25) {
		path := w.one(mayBeAbsent[is])
		if w.chance(2) {
			root, field, _ := strings.Cut(path, ".")
			return fmt.Sprintf("{'a': %s}.a.%s", root, field)
		}
		return path
	}
	return w.one(alwaysThere[is])
}

// division writes a division by something that is not 0, but for a few.
func (w writer) division(is segment.Type, depth int, known []string) string {
	by := map[segment.Type]string{segment.Int: "3", segment.Double: "2.5"}[is]
	for _, path := range mayBeAbsent[is] {
		if slices.Contains(known, path) && (slices.Contains(known, path+" != 0") || w.chance(25)) {
			by = path
		}
	}
	operator := "/"
	if is == segment.Int {
		operator = w.one([]string{"/", "%"})
	}
	return fmt.Sprintf("(%s %s %s)", w.value(is, depth-1, known), operator, by)
}

// anyValues are of every type, and some of none.
var anyValues = []any{12000.5, 7, 0, "soon", "2026-05-04", true, nil, []any{"a", 1.0}, []any{nil}, []any{}, []any{"a"}, map[string]any{"a": 1.0}}

// anyFacts is a customer of whom anything that may be absent is, or is of another type than it should be.
func anyFacts(t *rapid.T) segment.Facts {
	there := rapid.Bool()
	zone, err := time.LoadLocation(rapid.SampledFrom([]string{"UTC", "America/New_York", "Asia/Shanghai", "Pacific/Kiritimati"}).Draw(t, "zone"))
	if err != nil {
		t.Fatal(err)
	}
	some := func(values map[string]any) map[string]any {
		kept := map[string]any{}
		for name, value := range values {
			switch rapid.IntRange(1, 5).Draw(t, name) {
			case 1:
				kept[name] = rapid.SampledFrom(anyValues).Draw(t, "of any type")
			case 2, 3:
				kept[name] = value
			}
		}
		return kept
	}
	f := segment.Facts{
		Now:     time.Date(2026, time.Month(rapid.IntRange(1, 12).Draw(t, "month")), rapid.IntRange(1, 31).Draw(t, "day"), 12, 0, 0, 0, time.UTC),
		Profile: customer.Profile{ID: "c-1", Language: "en", Zone: zone, Star: 3, Attributes: some(map[string]any{"birthday": "1988-02-29", "tags": []any{"a", "b"}, "mileage": 7.0, "budget": 1.5, "member": true, "city": "x"})},
		Event: &segment.Event{
			ID: "e-1", Type: "purchase", At: time.Date(2026, 3, 1, 15, 0, 0, 0, time.UTC),
			Data: some(map[string]any{"coupon": "x"}),
		},
		Thing: &customer.Thing{Of: customer.Agreement, ID: "a-1", Attributes: some(map[string]any{"renews_on": "2026-07-01", "ended_on": "2026-08-01", "premium": 3.5, "insured": "x"})},
	}
	maps.Copy(f.Event.Data, map[string]any{"order_id": "o-1", "quantity": 2.0, "amount": 9.5})
	if there.Draw(t, "answer") {
		f.Answers = map[string]float64{"how_is_it": rapid.SampledFrom([]float64{0, 2}).Draw(t, "score")}
	}
	if there.Draw(t, "purchases") {
		f.Profile.Purchases = customer.Purchases{Count: 1, Total: 9.5, First: f.Event.At, Last: f.Event.At, GapDays: 30}
	}
	if there.Draw(t, "history") {
		f.Happened = func() (map[string][]time.Time, error) {
			return map[string][]time.Time{"purchase": {f.Event.At}, "survey.answered": {f.Event.At}}, nil
		}
	}
	return f
}
