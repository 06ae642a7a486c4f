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
		// What could fail, and can't as it stands.
		`has(customer.tags) && size(customer.tags) > 1 && customer.tags[1] == "x" && customer.tags[0] == "y"`,
		`has(customer.tags) && (customer.tags.size() != 0 ? customer.tags[0] : "") == "x"`,
		`!has(customer.tags) || 2 > size(customer.tags) || customer.tags[1] == "x"`,
		`[["x"]].exists(l, size(l) == 1 && l[0] == "x")`,
		`customer.star / 2 + customer.star % 2 == 3 && customer.purchases.total / -2.5 < 1`,
		`has(customer.mileage) && customer.mileage != 0 && 100 / customer.mileage > 3`,
		`has(customer.mileage) && !(customer.mileage <= 0) && 100 % customer.mileage > 3`,
		`customer.purchases.count == 0 || customer.purchases.total / double(customer.purchases.count) > 50`,
		`int("12") == 12 && double("1.5") == 1.5 && bool("true") && int(2.5) == 2 && string(customer.star) == "5"`,
		`timestamp("2026-05-04T09:00:00Z") < now && now.getHours("Asia/Shanghai") == 9 && now.getHours("+02:00") == 9`,
		`{"a": 1}.a == 1 && {"a": 1}["a"] == 1 && customer.id.matches("^c-")`,
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
		{`customer.purchase.count == 1`, 0, "unknown name customer.purchase", "did you mean purchases?"},
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

func TestWhatCouldFailIsRefusedWithWhatToWrite(t *testing.T) {
	t.Parallel()
	const (
		ask    = "ask with exists() or in, such as \"x\" in customer.interests"
		named  = "divide by a number that is written out, or by a name behind a condition such as customer.purchases.count != 0"
		typed  = "give it its type in the catalogue, and leave % out"
		either = "choose with condition ? this : that"
		zone   = "leave it out: dates are in the customer's zone; or name one, such as 'Asia/Shanghai'"
	)
	second := func(known string) segment.Issue {
		return segment.Issue{
			Offset: len([]rune(known)), What: "customer.tags[1] may not be there",
			Mend: "write size(customer.tags) > 1 ? customer.tags[1] : … with a value for when it is not, or ask with exists() or in",
		}
	}
	notZero := func(before, name string) segment.Issue {
		return segment.Issue{
			Offset: len([]rune(before)), What: name + " may be 0",
			Mend: strings.ReplaceAll("write % != 0 && … before it, or % != 0 ? … : … with a value for when it is", "%", name),
		}
	}
	for source, want := range map[string]segment.Issue{
		`has(customer.tags) && customer.tags[1] == "x"`:                               second(`has(customer.tags) && `),
		`has(customer.tags) && size(customer.tags) > 0 && customer.tags[1] == "x"`:    second(`has(customer.tags) && size(customer.tags) > 0 && `),
		`has(customer.tags) && !(size(customer.tags) > 1) && customer.tags[1] == "x"`: second(`has(customer.tags) && !(size(customer.tags) > 1) && `),
		`has(customer.tags) && (size(customer.tags) > 9 || customer.tags[1] == "x")`:  second(`has(customer.tags) && (size(customer.tags) > 9 || `),
		`has(customer.tags) && size(customer.tags) > 1 && customer.tags[-1] == "x"`:   {Offset: 49, What: "a list has no elements below 0", Mend: "count from 0"},
		`has(customer.tags) && customer.tags[customer.star] == "x"`:                   {Offset: 22, What: "a list may have no such element", Mend: ask},
		`has(customer.tags) && customer.tags.filter(t, t != "x")[0] == "y"`:           {Offset: 42, What: "a list may have no such element", Mend: ask},
		`has(customer.tags) && size(customer.tags) > 0 && [[""]].all(l, l[0] == "x")`: {Offset: 63, What: "l[0] may not be there", Mend: "write size(l) > 0 ? l[0] : … with a value for when it is not, or ask with exists() or in"},
		`100 / customer.purchases.count > 3`:                                          notZero(`100 / `, "customer.purchases.count"),
		`customer.purchases.count > -1 && 100 % customer.purchases.count > 3`:         notZero(`customer.purchases.count > -1 && 100 % `, "customer.purchases.count"),
		`customer.purchases.count != 0 || 100 / customer.purchases.count > 3`:         notZero(`customer.purchases.count != 0 || 100 / `, "customer.purchases.count"),
		`customer.star != 0 && [0].all(customer, 1 / customer == 1)`:                  notZero(`customer.star != 0 && [0].all(customer, 1 / `, "customer"),
		`100 / (customer.star - 4) > 3`:                                               {Offset: 21, What: "this may be 0, and nothing can be divided by that", Mend: named},
		`customer.star / 0 > 3`:                                                       {Offset: 16, What: "nothing can be divided by 0", Mend: "write another number"},
		`int(customer.owner) == 1`:                                                    {Offset: 4, What: "int() takes only what is written out", Mend: strings.ReplaceAll(typed, "%", "int()")},
		`double(customer.owner + "1") == 1.0`:                                         {Offset: 22, What: "double() takes only what is written out", Mend: strings.ReplaceAll(typed, "%", "double()")},
		`timestamp(customer.owner) < now`:                                             {Offset: 10, What: "timestamp() takes only what is written out", Mend: strings.ReplaceAll(typed, "%", "timestamp()")},
		`now - now < duration(customer.owner)`:                                        {Offset: 21, What: "duration() takes only what is written out", Mend: strings.ReplaceAll(typed, "%", "duration()")},
		`bool(customer.owner)`:                                                        {Offset: 5, What: "bool() takes only what is written out", Mend: strings.ReplaceAll(typed, "%", "bool()")},
		`int("twelve") == 12`:                                                         {Offset: 4, What: `int() can't take "twelve"`, Mend: "write the value itself"},
		`uint(customer.star) == 4u`:                                                   {Offset: 5, What: "uint() fails for numbers below 0", Mend: "leave it out"},
		`customer.id.matches(customer.owner)`:                                         {Offset: 20, What: "matches() takes a pattern that is written out", Mend: "write it in quotes, or use contains()"},
		`now.getHours(customer.owner) == 1`:                                           {Offset: 13, What: "getHours() takes a time zone that is written out", Mend: zone},
		`now.getHours("Mars") == 1`:                                                   {Offset: 13, What: `"Mars" is no time zone`, Mend: zone},
		`{"a": 1}.b == 1`:                                                             {Offset: 0, What: "a map may have no such entry", Mend: either},
		`{"a": 1}[customer.id] == 1`:                                                  {Offset: 0, What: "a map may have no such entry", Mend: either},
	} {
		env, err := segment.NewEnv(parse(t), always)
		if err != nil {
			t.Fatal(err)
		}
		issues, _ := env.Check(source, segment.Bool)
		if len(issues) != 1 || issues[0] != want {
			t.Errorf("%s: got %+v, want %+v", source, issues, want)
		}
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
