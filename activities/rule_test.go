package activities_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"perennial/activities"
	"perennial/domain/customer"
	"perennial/domain/journey"
	"perennial/domain/segment"
)

// spoken is what the journeys of these tests speak of.
var spoken = segment.Catalogue{
	Attributes: []segment.Attribute{{Name: "birthday", Type: segment.Date, Personal: true}, {Name: "visits", Type: segment.Int}},
	Agreements: []segment.Attribute{{Name: "premium", Type: segment.Double, Unit: "EUR"}},
}

// entering returns a plan that is entered in a way that its expressions, a date and a condition, say.
func entering(each customer.ThingKind, at, when string, late journey.Span) journey.Plan {
	plan := journey.Plan{
		Encoding: journey.PlanEncoding, Journey: "looking", Title: "Looking", Enter: journey.Enter{Every: journey.Span{Days: 1}, Each: each, Late: late},
		Steps: []journey.Step{{ID: "rest", Verb: journey.Wait, Next: journey.End, For: journey.Span{Years: 1}}},
	}
	if at != "" {
		plan.Expressions = append(plan.Expressions, journey.Expression{Source: at, Type: "timestamp"})
		plan.Enter.At = len(plan.Expressions)
	}
	if when != "" {
		plan.Expressions = append(plan.Expressions, journey.Expression{Source: when, Type: "bool"})
		plan.Enter.When = len(plan.Expressions)
	}
	return plan
}

func agreement(id, renewsOn string) customer.Thing {
	return customer.Thing{Of: customer.Agreement, ID: id, Kind: "insurance", Attributes: map[string]any{"renews_on": renewsOn}}
}

func TestWhoEntersWhereAndForWhichDay(t *testing.T) {
	t.Parallel()
	week, auckland := journey.Span{Days: 7}, zone(t, "Pacific/Auckland")
	renewal := entering(customer.Agreement, "agreement.renews_on - days(60)", "!has(agreement.ended_on)", week)
	birthday := entering("", "anniversary(customer.birthday)", "", week)
	at := func(text string, in *time.Location) time.Time {
		t.Helper()
		instant, err := time.ParseInLocation("2006-01-02 15:04", text, in)
		if err != nil {
			t.Fatal(err)
		}
		return instant
	}
	born := customer.Profile{ID: "c-1", Zone: auckland, Attributes: map[string]any{"birthday": "1980-02-29"}}
	ended := agreement("a-3", "2026-07-03")
	ended.Attributes["ended_on"] = "2026-01-01"
	two := customer.Profile{ID: "c-1", Zone: time.UTC, Things: []customer.Thing{
		agreement("a-1", "2026-07-03"), agreement("a-2", "2026-07-10"), ended, {Of: customer.Asset, ID: "car-1", Attributes: map[string]any{}},
		{Of: customer.Agreement, ID: "a-4", Attributes: map[string]any{}},
	}}
	closed := two
	closed.Closed = true
	for name, c := range map[string]struct {
		plan journey.Plan
		who  customer.Profile
		now  time.Time
		want string
	}{
		"a segment that holds":                        {entering("", "", "customer.star >= 3", journey.Span{}), customer.Profile{Star: 3}, noon, "[ ]"},
		"a segment that does not":                     {entering("", "", "customer.star >= 3", journey.Span{}), customer.Profile{Star: 2}, noon, ""},
		"a scan without a condition":                  {entering("", "", "", journey.Span{}), customer.Profile{}, noon, "[ ]"},
		"a moment before the day begins where she is": {birthday, born, at("2026-02-27 23:59", auckland), ""},
		"when it begins where she is":                 {birthday, born, at("2026-02-28 00:00", auckland), "[ 2026-02-28]"},
		"in a leap year":                              {birthday, born, at("2028-03-01 09:00", auckland), "[ 2028-02-29]"},
		"a week late":                                 {birthday, born, at("2026-03-07 00:00", auckland), "[ 2026-02-28]"},
		"later":                                       {birthday, born, at("2026-03-07 00:01", auckland), ""},
		"nobody knows when she was born":              {birthday, customer.Profile{}, noon, ""},
		"one agreement is due":                        {renewal, two, at("2026-05-04 08:00", time.UTC), "[a-1 2026-05-04]"},
		"two are, in their turn":                      {renewal, two, at("2026-05-11 00:00", time.UTC), "[a-1 2026-05-04] [a-2 2026-05-11]"},
		"one is over":                                 {renewal, two, at("2026-05-12 00:00", time.UTC), "[a-2 2026-05-11]"},
		"a relation that has ended":                   {renewal, closed, at("2026-05-04 08:00", time.UTC), ""},
		"every thing of the kind":                     {entering(customer.Asset, "", "", journey.Span{}), two, noon, "[car-1 ]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			places, err := activities.Judge(t.Context(), c.plan, spoken, segment.Facts{Profile: c.who, Now: c.now})
			if err != nil {
				t.Fatal(err)
			}
			if got := written(places); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func written(places []activities.Place) string {
	text := ""
	for i, p := range places {
		if i > 0 {
			text += " "
		}
		text += fmt.Sprintf("[%s %s]", p.Key, p.For)
	}
	return text
}

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestWhatCannotBeJudgedKeepsNobodyElseOut(t *testing.T) {
	t.Parallel()
	noDate := agreement("a-0", "2026-07-03")
	noDate.Attributes["renews_on"] = "someday, +12015550101" // as if it were not known
	who := customer.Profile{ID: "c-1", Things: []customer.Thing{noDate, agreement("a-1", "9999-12-31"), agreement("a-2", "2026-07-03")}}
	plan := entering(customer.Agreement, "agreement.renews_on + days(1) - days(61)", "", journey.Span{Days: 7})
	places, err := activities.Judge(t.Context(), plan, spoken, segment.Facts{Profile: who, Now: noon})
	if written(places) != "[a-2 2026-05-04]" {
		t.Errorf("got %s", written(places))
	}
	if err == nil || err.Error() != `evaluate "agreement.renews_on + days(1) - days(61)": it reaches a date after the year 9999` {
		t.Errorf("the error says %v", err)
	}
	away := errors.New("the database is away")
	counting := entering("", "", `count("purchase") > 1`, journey.Span{})
	_, err = activities.Judge(t.Context(), counting, spoken, segment.Facts{Now: noon, Happened: func() (map[string][]time.Time, error) { return nil, away }})
	if _, history := errors.AsType[*segment.HistoryError](err); !history {
		t.Errorf("an event that can't be read: %v", err)
	}
}

// However often and when a journey looks, as long as it looks once within the time that it allows, each date enters, and under one name.
func TestEachDateEntersUnderOneNameHoweverOftenOneLooks(t *testing.T) {
	t.Parallel()
	zones := []string{"UTC", "Pacific/Auckland", "America/Los_Angeles", "Asia/Kathmandu", "Pacific/Apia", "America/Sao_Paulo"}
	rapid.Check(t, func(r *rapid.T) {
		z := zone(t, rapid.SampledFrom(zones).Draw(r, "zone"))
		day := time.Date(2024, 1, 1, 12, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 2500).Draw(r, "day"))
		late := rapid.IntRange(1, 10).Draw(r, "late")
		plan := entering(customer.Agreement, "agreement.renews_on", "", journey.Span{Days: late})
		who := customer.Profile{ID: "c-1", Zone: z, Things: []customer.Thing{agreement("a-1", day.Format(time.DateOnly))}}
		every := time.Duration(rapid.IntRange(1, 23).Draw(r, "hours")) * time.Hour
		entered := map[string]bool{}
		first := day.AddDate(0, 0, -3).Add(time.Duration(rapid.IntRange(0, 86400).Draw(r, "second")) * time.Second)
		for now := first; now.Before(day.AddDate(0, 0, late+3)); now = now.Add(every) {
			places, err := activities.Judge(t.Context(), plan, spoken, segment.Facts{Profile: who, Now: now})
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range places {
				entered[p.For] = true
			}
		}
		if len(entered) != 1 || !entered[day.Format(time.DateOnly)] {
			t.Errorf("entered for %v, want %s in %s", entered, day.Format(time.DateOnly), z)
		}
	})
}
