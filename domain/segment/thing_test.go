package segment_test

import (
	"slices"
	"testing"
	"time"

	"perennial/domain/customer"
	"perennial/domain/segment"
)

func agreement() *customer.Thing {
	return &customer.Thing{
		Of: customer.Agreement, ID: "a-7", Kind: "insurance",
		Attributes: map[string]any{"renews_on": "2026-06-01", "premium": 420.5, "insured": "secret"},
	}
}

func TestAnExpressionMayNameTheThingThatTheJourneyIsAbout(t *testing.T) {
	t.Parallel()
	cat := parse(t)
	for of, sources := range map[customer.ThingKind][]string{
		customer.Agreement: {
			`agreement.kind == "insurance" && agreement.id != ""`,
			`has(agreement.renews_on) && agreement.renews_on - days(60) < now`,
			`has(agreement.starts_on) && has(agreement.ended_on) && agreement.ended_on > agreement.starts_on`,
			`has(agreement.premium) && agreement.premium > 100`,
		},
		customer.Asset: {
			`asset.kind == "car" && has(asset.mileage) && asset.mileage > 10000`,
			`has(asset.acquired_on) && asset.acquired_on < now && !has(asset.ended_on)`,
		},
	} {
		env, err := segment.NewEnv(cat, segment.Scope{Each: of})
		if err != nil {
			t.Fatal(err)
		}
		for _, source := range sources {
			if issues, _ := env.Check(source, segment.Bool); len(issues) > 0 {
				t.Errorf("%s: %+v", source, issues)
			}
		}
	}
}

func TestMistakesAboutThingsSayWhatToWrite(t *testing.T) {
	t.Parallel()
	cat := parse(t)
	for _, c := range []struct {
		each   customer.ThingKind
		source string
		want   segment.Issue
	}{
		{"", `agreement.kind == "car"`, segment.Issue{What: "no agreement is at hand here", Mend: "write enter: { each: agreement, … }, so that the journey is about one"}},
		{customer.Asset, `true && agreement.kind == "car"`, segment.Issue{Offset: 8, What: "no agreement is at hand here", Mend: "this journey is about each asset"}},
		{customer.Agreement, `agrement.kind == "car"`, segment.Issue{What: "unknown name agrement", Mend: "did you mean agreement?"}},
		{customer.Agreement, `agreement.renew_on < now`, segment.Issue{What: "unknown name agreement.renew_on", Mend: "did you mean renews_on?"}},
		{customer.Asset, `asset.colour == "red"`, segment.Issue{What: "unknown name asset.colour", Mend: "write acquired_on, ended_on, id, kind, mileage or plate"}},
		{customer.Agreement, `agreement.renews_on < now`, segment.Issue{What: "agreement.renews_on may be absent", Mend: "write has(agreement.renews_on) && … before it, or has(agreement.renews_on) ? agreement.renews_on : … with a value for when it is"}},
	} {
		env, err := segment.NewEnv(cat, segment.Scope{Each: c.each})
		if err != nil {
			t.Fatal(err)
		}
		issues, _ := env.Check(c.source, segment.Bool)
		if !slices.Equal(issues, []segment.Issue{c.want}) {
			t.Errorf("%s: got %+v, want %+v", c.source, issues, c.want)
		}
	}
}

func TestAThingsPersonalAttributesAreTold(t *testing.T) {
	t.Parallel()
	env, err := segment.NewEnv(parse(t), segment.Scope{Each: customer.Asset})
	if err != nil {
		t.Fatal(err)
	}
	if _, personal := env.Check(`has(asset.plate) ? asset.plate : asset.id`, segment.String); !slices.Equal(personal, []string{"asset.plate"}) {
		t.Errorf("got %v", personal)
	}
}

func TestExpressionsAboutAThingAreEvaluatedOnIt(t *testing.T) {
	t.Parallel()
	e := segment.NewEvaluator(parse(t))
	f := facts(t)
	f.Thing = agreement()
	for source, want := range map[string]bool{
		`agreement.kind == "insurance" && agreement.id == "a-7"`:           true,
		`has(agreement.renews_on) && agreement.renews_on.getHours() == 0`:  true, // midnight in the customer's zone
		`has(agreement.renews_on) && agreement.renews_on - days(60) < now`: false,
		`has(agreement.starts_on)`:                                         false,
		`has(agreement.premium) && agreement.premium > 420`:                true,
	} {
		if got, err := e.Bool(t.Context(), source, f); err != nil || got != want {
			t.Errorf("%s: got %v, %v, want %v", source, got, err, want)
		}
	}
	at, err := e.Time(t.Context(), "agreement.renews_on - days(60)", f)
	if want := time.Date(2026, 4, 2, 0, 0, 0, 0, f.Profile.Zone); err != nil || !at.Equal(want) {
		t.Errorf("got %v, %v, want %v", at, err, want)
	}
	f.Thing.Attributes["renews_on"] = "secret"
	for source, want := range map[string]string{
		`agreement.renews_on < now`: `evaluate "agreement.renews_on < now": something that it names is absent`,
		`asset.kind == "car"`:       `evaluate "asset.kind == \"car\"": no asset is at hand`,
	} {
		if _, err := e.Bool(t.Context(), source, f); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", source, err, want)
		}
	}
}
