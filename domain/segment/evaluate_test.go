package segment_test

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"perennial/domain/customer"
	"perennial/domain/segment"
)

func facts(t *testing.T) segment.Facts {
	t.Helper()
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	return segment.Facts{
		Profile: customer.Profile{
			ID: "c-1", Language: "en", Country: "US", Star: 4, Owner: "o-1", Zone: zone,
			Attributes: map[string]any{
				"birthday": "1990-02-28", "tags": []any{"garden", "dog"}, "mileage": float64(12000), "city": 7,
			},
			Purchases: customer.Purchases{
				Count: 2, Total: 150, First: time.Date(2026, 1, 31, 15, 0, 0, 0, time.UTC), Last: time.Date(2026, 3, 1, 15, 0, 0, 0, time.UTC),
			},
		},
		Event: &segment.Event{
			ID: "e-1", Type: "purchase", At: time.Date(2026, 3, 1, 15, 0, 0, 0, time.UTC),
			Data: map[string]any{"order_id": "o-77", "quantity": float64(3), "amount": 99.5},
		},
		Answers: map[string]float64{"how_is_it": 2},
		Now:     time.Date(2026, 3, 10, 3, 30, 0, 0, time.UTC), // 9 March, 23:30 in New York
	}
}

func TestConditionsAreTrueOfTheFacts(t *testing.T) {
	t.Parallel()
	e := segment.NewEvaluator(parse(t))
	for source, want := range map[string]bool{
		`customer.purchases.count == 2 && customer.purchases.total == 150`:                  true,
		`customer.purchases.total != 150 || answer.how_is_it != 2 || event.quantity == 3.5`: false,
		`customer.star < 4`: false,
		`event.quantity == 3 && event.order_id == "o-77" && event.amount < 100`: true,
		`has(event.coupon)`: false,
		`has(answer.how_is_it) && answer.how_is_it <= 2`:                                         true,
		`has(answer.other) && answer.other <= 2`:                                                 false,
		`has(customer.tags) && "dog" in customer.tags && customer.tags.exists(t, t == "garden")`: true,
		`has(customer.member)`: false,
		// Dates, all in the customer's zone.
		`now.getDayOfMonth() == 8 && now.getHours() == 23`:                        true,
		`has(customer.birthday) && customer.birthday.getHours() == 0`:             true,
		`has(customer.birthday) && now > customer.birthday + years(36)`:           true,
		`has(customer.purchases.last) && customer.purchases.last + days(9) > now`: true,
		`has(customer.purchases.last) && customer.purchases.last + days(8) > now`: false,
		// A day is a day across the change of clocks of 8 March: 10:00 stays 10:00.
		`has(customer.purchases.last) && (customer.purchases.last + days(9)).getHours() == 10`: true,
		// 31 January and a month is the last day of February.
		`has(customer.purchases.first) && (customer.purchases.first + months(1)).getDate() == 28`: true,
		`has(customer.purchases.first) && (customer.purchases.first - months(2)).getDate() == 30`: true,
	} {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			got, err := e.Bool(t.Context(), source, facts(t))
			if err != nil || got != want {
				t.Errorf("got %v, %v, want %v", got, err, want)
			}
		})
	}
}

func TestKeysAndDatesComeOutAsSuch(t *testing.T) {
	t.Parallel()
	e := segment.NewEvaluator(parse(t))
	if key, err := e.String(t.Context(), "event.order_id", facts(t)); err != nil || key != "o-77" {
		t.Errorf("got %q, %v", key, err)
	}
	f := facts(t)
	at, err := e.Time(t.Context(), "customer.birthday + years(36) + days(1)", f)
	if want := time.Date(2026, 3, 1, 0, 0, 0, 0, f.Profile.Zone); err != nil || !at.Equal(want) {
		t.Errorf("got %v, %v, want %v", at, err, want)
	}
}

func TestErrorsNameTheExpressionAndNoValue(t *testing.T) {
	t.Parallel()
	e := segment.NewEvaluator(parse(t))
	f := facts(t)
	f.Profile.Owner = "secret"
	f.Profile.Attributes["birthday"] = "secret"
	for source, want := range map[string]string{
		`customer.city == "Riga"`:      `evaluate "customer.city == \"Riga\"": something that it names is absent`,
		`customer.birthday < now`:      `evaluate "customer.birthday < now": something that it names is absent`,
		`int(customer.owner) == 1`:     `evaluate "int(customer.owner) == 1": a function can't take the value it is given`,
		`customer.member`:              `evaluate "customer.member": something that it names is absent`,
		`1 / (customer.star - 4) == 1`: `evaluate "1 / (customer.star - 4) == 1": division by zero`,
		`now + days(9000000) > now`:    `evaluate "now + days(9000000) > now": days() of so large a number is no date`,
		`now + years(9000) > now`:      `evaluate "now + years(9000) > now": it reaches a date after the year 9999`,
		`customer.star`:                `evaluate "customer.star": it gives int, not bool`,
		`customer.nothing`:             `compile "customer.nothing": undefined field 'nothing'`,
	} {
		_, err := e.Bool(t.Context(), source, f)
		if err == nil || err.Error() != want || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: got %v, want %s", source, err, want)
		}
	}
}

func TestAFactOfAnotherTypeIsAbsent(t *testing.T) {
	t.Parallel()
	e := segment.NewEvaluator(parse(t))
	f := facts(t)
	f.Profile.Attributes = map[string]any{"mileage": 12000.5, "birthday": "soon", "tags": []any{"garden", 7.0}, "budget": "much", "member": "yes", "city": 7.0}
	f.Event.Data = map[string]any{"order_id": 7.0, "quantity": json.Number("2.5"), "amount": 9.5, "coupon": true}
	f.Thing = &customer.Thing{Of: customer.Asset, ID: "car-1", Attributes: map[string]any{"mileage": json.Number("1e300"), "acquired_on": 2020.0}}
	for _, name := range []string{
		"customer.mileage", "customer.birthday", "customer.tags", "customer.budget", "customer.member", "customer.city",
		"event.order_id", "event.quantity", "event.coupon", "asset.mileage", "asset.acquired_on",
	} {
		if there, err := e.Bool(t.Context(), "has("+name+")", f); err != nil || there {
			t.Errorf("%s: got %v, %v", name, there, err)
		}
		if _, err := e.Bool(t.Context(), name+" == "+name, f); !errors.Is(err, segment.ErrAbsent) {
			t.Errorf("%s: got %v, want that it is absent", name, err)
		}
	}
	if there, err := e.Bool(t.Context(), "has(event.amount) && event.amount == 9.5", f); err != nil || !there {
		t.Errorf("what is of its type: got %v, %v", there, err)
	}
}

func TestAWholeNumberIsOneHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	for _, raw := range []any{12000, int64(12000), 12000.0, json.Number("12000"), json.Number("12000.0"), json.Number("1.2e4")} {
		if got, ok := segment.Int.Value(raw, time.UTC); !ok || got != int64(12000) {
			t.Errorf("%T %v: got %v, %v", raw, raw, got, ok)
		}
	}
	for _, raw := range []any{12000.5, json.Number("12000.5"), json.Number("1e300"), json.Number("1e999"), math.Inf(1), math.NaN(), "12000", nil} {
		if got, ok := segment.Int.Value(raw, time.UTC); ok {
			t.Errorf("%T %v: got %v", raw, raw, got)
		}
	}
}

func TestADateToEnterOnNeedsNoGuard(t *testing.T) {
	t.Parallel()
	cat := parse(t)
	env, err := segment.NewEnv(cat, segment.Scope{Absent: true})
	if err != nil {
		t.Fatal(err)
	}
	const source = "customer.purchases.last + days(60)"
	if issues, _ := env.Check(source, segment.Date); len(issues) > 0 {
		t.Errorf("got %+v", issues)
	}
	f := facts(t)
	f.Profile.Purchases = customer.Purchases{}
	if _, err := segment.NewEvaluator(cat).Time(t.Context(), source, f); !errors.Is(err, segment.ErrAbsent) {
		t.Errorf("got %v", err)
	}
}

func TestWhatADateNeedsIsKnownFromThenOn(t *testing.T) {
	t.Parallel()
	cat := parse(t)
	env, err := segment.NewEnv(cat, segment.Scope{Absent: true})
	if err != nil {
		t.Fatal(err)
	}
	const last, first = "customer.purchases.last", "customer.purchases.first"
	for source, want := range map[string][]string{
		last + " + days(60)": {last},
		"anniversary(" + first + ") + days(customer.star)":                {first},
		"has(" + last + ") ? " + last + " : now":                          nil,
		"customer.star > 3 ? " + last + " : " + last + " + days(1)":       {last},
		"customer.star > 3 ? " + last + " : " + first:                     nil,
		last + " > now && " + first + " > now ? " + first + " : " + first: {first}, // the second alone may make the && false
		last + " > now || " + last + " < today ? now : today":             {last},
		`{"a": customer}.a.purchases.last`:                                nil, // no name that anything later could go by
	} {
		if got := env.Needs(source); !slices.Equal(got, want) {
			t.Errorf("%s needs %v, want %v", source, got, want)
		}
	}
	after, err := segment.NewEnv(cat, segment.Scope{Present: []string{last}})
	if err != nil {
		t.Fatal(err)
	}
	if issues, _ := after.Check(last+" < now", segment.Bool); len(issues) > 0 {
		t.Errorf("got %+v", issues)
	}
	if issues, _ := after.Check(first+" < now", segment.Bool); len(issues) != 1 {
		t.Errorf("got %+v", issues)
	}
}

func TestValuesComeOutAsTheirType(t *testing.T) {
	t.Parallel()
	e := segment.NewEvaluator(parse(t))
	f := facts(t)
	for _, c := range []struct {
		source string
		is     segment.Type
		want   any
	}{
		{`customer.id + "!"`, segment.String, "c-1!"},
		{`customer.star + 1`, segment.Int, int64(5)},
		{`customer.purchases.total / 2.0`, segment.Double, 75.0},
		{`customer.star > 4`, segment.Bool, false},
		{`today`, segment.Date, day(t, "2026-03-09", f.Profile.Zone)},
		{`customer.tags + ["new"]`, segment.ListOf(segment.String), []any{"garden", "dog", "new"}},
		{`[today]`, segment.ListOf(segment.Date), []any{day(t, "2026-03-09", f.Profile.Zone)}},
	} {
		if got, err := e.Value(t.Context(), c.source, c.is, f); err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %#v, %v, want %#v", c.source, got, err, c.want)
		}
	}
	if _, err := e.Value(t.Context(), `customer.star`, segment.String, f); err == nil || err.Error() != `evaluate "customer.star": it gives int, not string` {
		t.Errorf("got %v", err)
	}
}

func TestNoExpressionRunsForEver(t *testing.T) {
	t.Parallel()
	e := segment.NewEvaluator(parse(t))
	list := "[" + strings.Repeat("1,", 99) + "1]"
	source := list + ".all(a, " + list + ".all(b, " + list + ".all(c, " + list + ".all(d, a + b + c + d > 0))))"
	_, err := e.Bool(t.Context(), source, facts(t))
	if err == nil || !strings.HasSuffix(err.Error(), "it costs more than an expression may") {
		t.Errorf("got %v", err)
	}
}

func TestAnEvaluatorServesManyAtOnce(t *testing.T) {
	t.Parallel()
	e := segment.NewEvaluator(parse(t))
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			for _, source := range []string{"customer.star == 4", "event.quantity == 3", "now == now"} {
				if got, err := e.Bool(t.Context(), source, facts(t)); err != nil || !got {
					t.Errorf("%s: got %v, %v", source, got, err)
				}
			}
		})
	}
	group.Wait()
}

func TestWhatAnExpressionLooksBackAtIsTold(t *testing.T) {
	t.Parallel()
	env, err := segment.NewEnv(segment.Catalogue{Events: []segment.EventType{{Name: "purchase"}, {Name: "visit.completed"}}}, segment.Scope{})
	if err != nil {
		t.Fatal(err)
	}
	for source, want := range map[string][]string{
		"now + days(3)": nil,
		"has(customer.purchases.last) ? now : now + days(1)":                {"purchase"},
		`{"a": customer}.a.purchases.count > 0`:                             {"purchase"},
		"last ( 'visit.completed' ) + days(3)":                              {"visit.completed"},
		"last('''visit.completed''')":                                       {"visit.completed"},
		"count('visit.completed', days(30)) + customer.purchases.count > 3": {"purchase", "visit.completed"},
		"count('purchase') > customer.purchases.count":                      {"purchase"},
		"'last(\"visit.completed\")' == 'customer.purchases'":               nil, // only said, not looked at
		"last(": nil,
	} {
		if got := env.LooksAt(source); !slices.Equal(got, want) {
			t.Errorf("%s looks at %v, want %v", source, got, want)
		}
	}
}
