package segment_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"perennial/domain/customer"
	"perennial/domain/problem"
	"perennial/domain/segment"
)

// page is docs/expressions.md.
func page(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/expressions.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// fenced are the blocks of the page whose info begins with a word: the rest of the info, and the lines.
func fenced(page, word string) (infos, bodies []string) {
	blocks := regexp.MustCompile("(?ms)^```"+word+"([^\n]*)\n(.*?)^```$").FindAllStringSubmatch(page, -1)
	for _, block := range blocks {
		infos, bodies = append(infos, strings.TrimSpace(block[1])), append(bodies, block[2])
	}
	return infos, bodies
}

// pageCatalogue is the catalogue that the page shows.
func pageCatalogue(t *testing.T) segment.Catalogue {
	t.Helper()
	var cat segment.Catalogue
	var problems problem.List
	_, profile := fenced(page(t), "yaml profile.yaml")
	_, events := fenced(page(t), "yaml events.yaml")
	cat.ParseProfile("profile.yaml", []byte(profile[0]), &problems)
	cat.ParseEvents("events.yaml", []byte(events[0]), &problems)
	if !problems.Empty() {
		t.Fatal(problems.Sorted())
	}
	return cat
}

// pageFacts is the customer that the page describes.
func pageFacts(t *testing.T) segment.Facts {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	at := func(month time.Month, day int) time.Time { return time.Date(2026, month, day, 11, 0, 0, 0, zone) }
	return segment.Facts{
		Profile: customer.Profile{
			ID: "c-1042", Language: "zh-CN", Country: "CN", Star: 3, Owner: "o-1", Zone: zone,
			Attributes: map[string]any{"birthday": "1988-05-04", "interests": []any{"roses"}},
			Purchases:  customer.Purchases{Count: 2, Total: 249.5, First: at(1, 31), Last: at(3, 1), GapDays: 40},
		},
		Answers: map[string]float64{"how_is_it": 2},
		Now:     time.Date(2026, 5, 4, 9, 30, 0, 0, zone),
		Happened: func() (map[string][]time.Time, error) {
			return map[string][]time.Time{"purchase": {at(1, 31), at(3, 1)}, "visit.completed": {at(3, 2)}}, nil
		},
	}
}

// example is one expression of the page.
type example struct {
	source, says string
	refused      bool
	scope        segment.Scope
	gives        segment.Type
}

func examples(t *testing.T) []example {
	t.Helper()
	var all []example
	infos, bodies := fenced(page(t), "cel")
	for i, body := range bodies {
		block := example{gives: segment.Bool}
		for word := range strings.FieldsSeq(infos[i]) {
			name, value, _ := strings.Cut(word, "=")
			switch name {
			case "absent":
				block.scope.Absent = true
			case "refused":
				block.refused = true
			case "on":
				block.scope.Event = value
			case "each":
				block.scope.Each = customer.ThingKind(value)
			case "answers":
				block.scope.Answers = []string{value}
			case "gives":
				block.gives = segment.Type(value)
			default:
				t.Fatalf("the test does not know %s", word)
			}
		}
		for line := range strings.Lines(body) {
			one := block
			one.source, one.says, _ = strings.Cut(strings.TrimSpace(line), "  // ")
			all = append(all, one)
		}
	}
	return all
}

func TestTheExamplesOfTheDocsAreRight(t *testing.T) {
	t.Parallel()
	cat := pageCatalogue(t)
	e := segment.NewEvaluator(cat)
	found := examples(t)
	if len(found) < 30 {
		t.Fatalf("only %d examples were found", len(found))
	}
	for _, x := range found {
		t.Run(x.source, func(t *testing.T) {
			t.Parallel()
			env, err := segment.NewEnv(cat, x.scope)
			if err != nil {
				t.Fatal(err)
			}
			issues, _ := env.Check(x.source, x.gives)
			if x.refused {
				if len(issues) != 1 || issues[0].What+"; "+issues[0].Mend != x.says {
					t.Errorf("got %+v, want %s", issues, x.says)
				}
				return
			}
			if len(issues) > 0 {
				t.Fatalf("%+v", issues)
			}
			if x.says == "" {
				return
			}
			if got := outcome(t, e, x); got != x.says {
				t.Errorf("got %s, want %s", got, x.says)
			}
		})
	}
}

// outcome evaluates an example on the customer of the page and writes what comes out as the page does.
func outcome(t *testing.T, e *segment.Evaluator, x example) string {
	t.Helper()
	f := pageFacts(t)
	switch x.scope.Each {
	case customer.Agreement:
		f.Thing = &customer.Thing{Of: customer.Agreement, ID: "a-7", Kind: "insurance", Attributes: map[string]any{"renews_on": "2026-06-20"}}
	case customer.Asset:
		f.Thing = &customer.Thing{Of: customer.Asset, ID: "car-1", Kind: "car", Attributes: map[string]any{"mileage": 48_000}}
	}
	if x.scope.Event != "" {
		f.Event = &segment.Event{ID: "e-1", Type: x.scope.Event, At: f.Now, Data: map[string]any{"order_id": "o-77", "amount": 99.5, "coupon": "SPRING"}}
	}
	value, err := e.Value(t.Context(), x.source, x.gives, f)
	if err != nil {
		t.Fatal(err)
	}
	if at, ok := value.(time.Time); ok {
		return at.Format(time.DateOnly)
	}
	return fmt.Sprint(value)
}

func TestTheDocsNameWhateverAnExpressionMayBeginWith(t *testing.T) {
	t.Parallel()
	text := page(t)
	for _, scope := range []segment.Scope{{Event: "purchase", Each: customer.Agreement}, {Each: customer.Asset}} {
		env, err := segment.NewEnv(pageCatalogue(t), scope)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range env.Names() {
			if !regexp.MustCompile("`(now - )?" + name + "[.(`]|" + name + "`").MatchString(text) {
				t.Errorf("the page does not name %s", name)
			}
		}
	}
}
