package segment_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"perennial/domain/customer"
	"perennial/domain/segment"
)

// What versions that are published say goes on to mean what it meant, whatever today's check refuses.
func TestPublishedExpressionsGoOnToEvaluate(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/published.cel")
	if err != nil {
		t.Fatal(err)
	}
	cat := parse(t)
	cat.Attributes = append(cat.Attributes, segment.Attribute{Name: "points", Type: segment.Int})
	e := segment.NewEvaluator(cat)
	var gives segment.Type
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		source, want, isExpression := strings.Cut(line, "  // ")
		if !isExpression {
			if is, ok := strings.CutPrefix(line, "# "); ok && segment.Type(is).Known() {
				gives = segment.Type(is)
			}
			continue
		}
		got, err := e.Value(t.Context(), source, gives, publishedFacts(t, source))
		if at, ok := got.(time.Time); ok {
			got = at.Format(time.DateOnly)
		}
		if err != nil || fmt.Sprint(got) != want {
			t.Errorf("%s: got %v, %v, want %s", source, got, err, want)
		}
	}
	for _, scope := range []segment.Scope{everything, {Each: customer.Asset}} {
		env, err := segment.NewEnv(cat, scope)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range env.Names() {
			if !regexp.MustCompile(`\b` + name + `\b`).Match(text) {
				t.Errorf("no expression of testdata/published.cel keeps %s", name)
			}
		}
	}
}

// publishedFacts is a customer with the kind of thing that the expression speaks of.
func publishedFacts(t *testing.T, source string) segment.Facts {
	t.Helper()
	f := facts(t)
	f.Profile.Attributes["points"] = 7
	f.Happened = func() (map[string][]time.Time, error) {
		return map[string][]time.Time{"purchase": {f.Profile.Purchases.First, f.Profile.Purchases.Last}}, nil
	}
	f.Thing = &customer.Thing{Of: customer.Agreement, ID: "a-1", Kind: "insurance", Attributes: map[string]any{"renews_on": "2026-04-01", "premium": 9.5}}
	if strings.Contains(source, "asset.") {
		f.Thing = &customer.Thing{Of: customer.Asset, ID: "car-1", Kind: "car", Attributes: map[string]any{"mileage": 48_000, "acquired_on": "2020-01-01"}}
	}
	return f
}

// A check that grows stricter concerns what is written from then on.
func TestWhatTheCheckRefusesIsEvaluatedAllTheSame(t *testing.T) {
	t.Parallel()
	cat := parse(t)
	env, err := segment.NewEnv(cat, always)
	if err != nil {
		t.Fatal(err)
	}
	e := segment.NewEvaluator(cat)
	deep := strings.Repeat("(", 60) + "true" + strings.Repeat(")", 60)
	for _, source := range []string{
		`has(customer.tags) && customer.tags[1] == "dog"`, // may not be there
		`customer.mileage > 10`,                           // may be absent
		`count('visit.cancelled') == 0`,                   // is in no catalogue
		`"` + strings.Repeat("x", 5_000) + `" != "x"`,     // is too long
		strings.Repeat("!", 20) + deep,                    // is nested too deep
	} {
		if issues, _ := env.Check(source, segment.Bool); len(issues) == 0 {
			t.Errorf("%.60s is not refused: the test says nothing", source)
		}
		if got, err := e.Bool(t.Context(), source, facts(t)); err != nil || !got {
			t.Errorf("%.60s: got %v, %v", source, got, err)
		}
	}
}
