package segment_test

import (
	"slices"
	"strings"
	"testing"

	"perennial/domain/segment"
)

// always is a scope with everything in it.
var always = segment.Scope{Event: "purchase", Answers: []string{"how_is_it"}}

func TestExpressionsThatAreRight(t *testing.T) {
	t.Parallel()
	cat := parse(t)
	env, err := segment.NewEnv(cat, always)
	if err != nil {
		t.Fatal(err)
	}
	for _, source := range []string{
		`customer.purchases.count == 1`,
		`customer.star >= 4 && customer.language.startsWith("zh")`,
		`customer.purchases.total > 100`,
		`event.amount >= 50 && event.quantity == 2.0`,
		`event.at < now && event.type == "purchase"`,
		// Guards, from left to right.
		`has(answer.how_is_it) && answer.how_is_it <= 2`,
		`!has(answer.how_is_it) || answer.how_is_it <= 2`,
		`has(customer.mileage) ? customer.mileage > 10000 : false`,
		`(has(customer.mileage) ? customer.mileage : 0) > 10`,
		`!(has(customer.mileage) && customer.mileage > 10)`,
		`!(!has(customer.mileage) || customer.mileage > 10)`,
		`has(customer.mileage) && (customer.star == 5 || customer.mileage > 10)`,
		`(has(customer.mileage) && has(customer.city)) && customer.city == "Riga" && customer.mileage > 10`,
		`(has(customer.mileage) && customer.star > 1 || has(customer.mileage) && customer.star < 1) && customer.mileage > 10`,
		`has(customer.tags) && customer.tags.exists(t, t == "garden" && has(customer.tags))`,
		`has(event.coupon) && event.coupon in ["A", "B"]`,
		// Dates.
		`has(customer.purchases.last) && customer.purchases.last + days(60) < now`,
		`has(customer.birthday) && now >= customer.birthday - months(1) - days(2) + (years(1) + days(3))`,
		`has(customer.purchases.first) && now - customer.purchases.first > duration("48h")`,
		`now.getDayOfWeek() == 6`,
	} {
		if issues, _ := env.Check(source, segment.Bool); len(issues) > 0 {
			t.Errorf("%s: %+v", source, issues)
		}
	}
}

func TestExpressionsThatAreWrongSayWhereAndWhatToWrite(t *testing.T) {
	t.Parallel()
	cat := parse(t)
	const guard = "write has(%) && … before it, or has(%) ? % : … with a value for when it is"
	for _, c := range []struct {
		source string
		offset int
		what   string
		mend   string
	}{
		// What may be absent.
		{`customer.mileage > 10`, 0, "customer.mileage may be absent", strings.ReplaceAll(guard, "%", "customer.mileage")},
		{`true && answer.how_is_it <= 2`, 8, "answer.how_is_it may be absent", strings.ReplaceAll(guard, "%", "answer.how_is_it")},
		{`has(customer.mileage) || customer.mileage > 10`, 25, "customer.mileage may be absent", strings.ReplaceAll(guard, "%", "customer.mileage")},
		{`customer.mileage > 1 && has(customer.mileage)`, 0, "customer.mileage may be absent", strings.ReplaceAll(guard, "%", "customer.mileage")},
		{`has(customer.city) && customer.mileage > 10`, 22, "customer.mileage may be absent", strings.ReplaceAll(guard, "%", "customer.mileage")},
		{`(has(customer.city) || has(customer.mileage)) && customer.mileage > 10`, 49, "customer.mileage may be absent", strings.ReplaceAll(guard, "%", "customer.mileage")},
		{`has(customer.mileage) ? true : customer.mileage > 10`, 31, "customer.mileage may be absent", strings.ReplaceAll(guard, "%", "customer.mileage")},
		{`[customer.mileage] == [1]`, 1, "customer.mileage may be absent", strings.ReplaceAll(guard, "%", "customer.mileage")},
		{`customer.purchases.last < now`, 0, "customer.purchases.last may be absent", strings.ReplaceAll(guard, "%", "customer.purchases.last")},
		{`event.coupon == "A"`, 0, "event.coupon may be absent", strings.ReplaceAll(guard, "%", "event.coupon")},
		{`has({"a": customer}.a.city) && {"a": customer}.a.mileage > 10`, 31, "mileage may be absent", strings.ReplaceAll(guard, "%", "mileage")},
		{`has(customer.city) && [customer].exists(customer, customer.city == "Riga")`, 50, "customer.city may be absent", strings.ReplaceAll(guard, "%", "customer.city")},
		{`has(customer.purchases.gap_days) && customer.purchases.last < now`, 36, "customer.purchases.last may be absent", strings.ReplaceAll(guard, "%", "customer.purchases.last")},
		// Names.
		{`custmer.star == 1`, 0, "unknown name custmer", "did you mean customer?"},
		{`customer.stars == 1`, 0, "unknown name customer.stars", "did you mean star?"},
		{`customer.purchases.cuont == 1`, 0, "unknown name customer.purchases.cuont", "did you mean count?"},
		{`1 == 1 && event.ammount > 1`, 10, "unknown name event.ammount", "did you mean amount?"},
		{`has(answer.how_was_it)`, 4, "no ask step above has the id how_was_it", "did you mean how_is_it?"},
		{`customer.shoe_size == 1`, 0, "unknown name customer.shoe_size", "add it to the attributes of the profile catalogue"},
		{`dyn(customer).mileage == 1`, 3, "dyn() is not allowed", "leave it out: every name has its type"},
		// Types.
		{`customer.star`, 0, "this gives int, not bool", "compare it with something, such as customer.star == 5"},
		{`customer.star == "five"`, 14, "== can't be applied to int and string", ""},
		{`has(customer.birthday) && now - customer.birthday > days(30)`, 50, "> can't be applied to duration and span", "compare dates: write now > customer.purchases.last + days(30)"},
		{`customer.star >= "5"`, 14, ">= can't be applied to int and string", "write the number without quotes: 5"},
		{`"2.5" == answer.how_is_it`, 6, "== can't be applied to string and double", "write the number without quotes: 2.5"},
		{`now > months(1)`, 4, "> can't be applied to date and span", "compare it with a date: now - months(1) or now + months(1)"},
		{`days(2 * 7) <= event.at`, 12, "<= can't be applied to span and date", "compare it with a date: now - days(30) or now + days(30)"},
		// Text and event types without quotes.
		{`customer.owner == car`, 18, "unknown name car", "text stands in quotes: 'car'"},
		{`van != event.order_id`, 0, "unknown name van", "text stands in quotes: 'van'"},
		{`customer.country in ["US", fr]`, 27, "unknown name fr", "text stands in quotes: 'fr'"},
		{`customer.star == car`, 17, "unknown name car", "did you mean has?"},
		{`last(visit.completed) < now`, 5, "an event type stands in quotes", "write last('visit.completed')"},
		{`count(purchase, days(30)) > 1`, 6, "an event type stands in quotes", "write count('purchase')"},
		// What other languages write.
		{`customer.star = 4`, 14, "this is no expression", "write == for is, != for is not"},
		{`customer.star=4`, 13, "this is no expression", "write == for is, != for is not"},
		{`customer.star === 4`, 16, "this is no expression", "write == for is, != for is not"},
		{`customer.star => 4`, 14, "this is no expression", "write >="},
		{`customer.star <> 4`, 15, "this is no expression", "write !="},
		{`customer.star > 1 and now < now`, 18, "this is no expression", "write && for and"},
		{`customer.star > 1 OR now < now`, 18, "this is no expression", "write || for or"},
		{`not has(event.coupon)`, 4, "this is no expression", "write ! for not"},
		{`true && not has(event.coupon)`, 12, "this is no expression", "write ! for not"},
		{`event.at + 11mo > now`, 11, "this is no expression: 11mo is no length of time here", "write months(11)"},
		{`now > now - 2w`, 12, "this is no expression: 2w is no length of time here", "write days(7 * 2)"},
		{`now > now - 36h`, 12, "this is no expression: 36h is no length of time here", "write duration('36h')"},
		{`customer.owner == ‘rep’`, 18, "this is no expression", `write straight quotes, ' or "`},
		{`“rep” == customer.owner`, 0, "this is no expression", `write straight quotes, ' or "`},
		{`customer.star > 1 2`, 18, "this is no expression: extraneous input '2'", ""},
		{`customer.star ==`, 16, "this is no expression: it ends too early", ""},
	} {
		t.Run(c.source, func(t *testing.T) {
			t.Parallel()
			env, err := segment.NewEnv(cat, always)
			if err != nil {
				t.Fatal(err)
			}
			issues, _ := env.Check(c.source, segment.Bool)
			want := segment.Issue{Offset: c.offset, What: c.what, Mend: c.mend}
			if len(issues) != 1 || issues[0] != want {
				t.Errorf("got %+v, want %+v", issues, want)
			}
		})
	}
}

func TestAnEventIsOnlyWhereOneIsAtHand(t *testing.T) {
	t.Parallel()
	env, err := segment.NewEnv(parse(t), segment.Scope{})
	if err != nil {
		t.Fatal(err)
	}
	issues, _ := env.Check(`event.amount > 1`, segment.Bool)
	if len(issues) != 1 || issues[0].What != "no event is at hand here" {
		t.Errorf("got %+v", issues)
	}
}

func TestCheckTellsThePersonalThingsThatAreNamed(t *testing.T) {
	t.Parallel()
	env, err := segment.NewEnv(parse(t), segment.Scope{Event: "message.received"})
	if err != nil {
		t.Fatal(err)
	}
	_, personal := env.Check(`event.text + (has(customer.birthday) ? string(customer.birthday) : event.text)`, segment.String)
	if want := []string{"event.text", "customer.birthday"}; !slices.Equal(personal, want) {
		t.Errorf("got %v, want %v", personal, want)
	}
}

func FuzzCheckNeverFails(f *testing.F) {
	for _, seed := range []string{`has(customer.city) && customer.city == "x"`, `answer.how_is_it ? 1 : [2, {3: 4}]`, `now - days(3)`, "a\n.b", `[1].exists(x, x > 0)`, `customer{a: 1}`, `"王" +`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		env, err := segment.NewEnv(parse(t), always)
		if err != nil {
			t.Fatal(err)
		}
		issues, _ := env.Check(source, segment.Bool)
		for _, issue := range issues {
			if issue.Offset < 0 || issue.What == "" {
				t.Errorf("%q: %+v", source, issue)
			}
		}
	})
}
