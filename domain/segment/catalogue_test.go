package segment_test

import (
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"testing"

	"perennial/domain/customer"
	"perennial/domain/problem"
	"perennial/domain/segment"
)

const profileYAML = `
language: en
business:
  name: Willow & Pine
attributes:
  birthday: { type: date, personal: true, history: false }
  tags: { type: list of string }
  mileage: { type: int, unit: km, history: true, description: what the meter said }
  budget: { type: double }
  member: { type: bool }
  city: { type: string }
agreements:
  premium: { type: double, unit: EUR }
  insured: { type: string, personal: true }
assets:
  plate: { type: string, personal: true }
  mileage: { type: int, unit: km, history: true }
`

const eventsYAML = `
events:
  purchase:
    description: somebody bought something
    data:
      order_id: string
      quantity: int
      amount: double
      coupon: { type: string, optional: true }
  survey.answered:
    data: { survey: string, score: double }
  message.received:
    data:
      text: { type: string, personal: true }
  profile.changed:
`

// parse reads the catalogue that the tests of this package share.
func parse(t *testing.T) segment.Catalogue {
	t.Helper()
	var cat segment.Catalogue
	var problems problem.List
	cat.ParseProfile("profile.yaml", []byte(profileYAML), &problems)
	cat.ParseEvents("events.yaml", []byte(eventsYAML), &problems)
	if !problems.Empty() {
		t.Fatal(problems.Sorted())
	}
	return cat
}

func TestACatalogueKnowsItsNamesAndTypes(t *testing.T) {
	t.Parallel()
	cat := parse(t)
	mileage, _ := cat.Attribute("mileage")
	want := segment.Attribute{Name: "mileage", Type: segment.Int, Unit: "km", History: true, Description: "what the meter said"}
	if mileage != want {
		t.Errorf("got %+v, want %+v", mileage, want)
	}
	if want := []string{"message.received", "profile.changed", "purchase", "survey.answered"}; !slices.Equal(cat.EventNames(), want) {
		t.Errorf("got %v, want %v", cat.EventNames(), want)
	}
	purchase, _ := cat.Event("purchase")
	if coupon, ok := purchase.Field("coupon"); !ok || !coupon.Optional || coupon.Type != segment.String {
		t.Errorf("got %+v", coupon)
	}
	if tags, _ := cat.Attribute("tags"); tags.Type != segment.ListOf(segment.String) {
		t.Errorf("got %s", tags.Type)
	}
}

func TestAnEncodedCatalogueDecodesToItself(t *testing.T) {
	t.Parallel()
	cat := parse(t)
	encoded, err := json.Marshal(cat)
	if err != nil {
		t.Fatal(err)
	}
	var decoded segment.Catalogue
	if err := json.Unmarshal(encoded, &decoded); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(decoded, cat) {
		t.Errorf("got %+v, want %+v", decoded, cat)
	}
}

func TestMistakesInACatalogueAreToldWithTheirPlace(t *testing.T) {
	t.Parallel()
	var cat segment.Catalogue
	var problems problem.List
	cat.ParseProfile("profile.yaml", []byte(`langauge: en
business:
  name:
attributes:
  star: { type: int }
  Car: { type: string }
  for: { type: string }
  plan: { tipe: string }
  size: { type: integer }
  tags: { type: list of strings }
  vip: { type: bool, personal: maybe }
agreements:
  renews_on: { type: date }
  premium: { tipe: double }
assets:
  kind: { type: string }
  Wheels: { type: int }
`), &problems)
	cat.ParseEvents("events.yaml", []byte(`events:
  Purchase: {}
  purchase:
    data:
      at: date
      amount: dooble
      lines: [a]
`), &problems)
	want := []string{
		"events.yaml:2:3: Purchase is no name for an event type; write lower-case words with dots between them, such as visit.completed",
		"events.yaml:5:7: at is known of every event already; give the data another name",
		`events.yaml:6:15: dooble is no type; did you mean double?, or a list such as "list of string"`,
		"events.yaml:7:14: lines must be a mapping of keys to values, not a list; write it as { key: value }",
		"profile.yaml:1:1: unknown key langauge; did you mean language?",
		"profile.yaml:3:3: name is empty; give it a value or leave it out",
		"profile.yaml:5:3: star is known of every customer already; give the attribute another name",
		"profile.yaml:6:3: Car is no name that an expression can use; write lower-case words joined by underscores, such as first_visit",
		"profile.yaml:7:3: for is no name that an expression can use; write lower-case words joined by underscores, such as first_visit",
		"profile.yaml:8:3: plan has no type; write bool, date, double, int or string",
		"profile.yaml:8:11: unknown key tipe; did you mean type?",
		`profile.yaml:9:17: integer is no type; write bool, date, double, int or string, or a list such as "list of string"`,
		`profile.yaml:10:17: list of strings is no type; write bool, date, double, int or string, or a list such as "list of string"`,
		"profile.yaml:11:32: personal must be true or false",
		"profile.yaml:13:3: renews_on is known of every agreement already; give the attribute another name",
		"profile.yaml:14:3: premium has no type; write bool, date, double, int or string",
		"profile.yaml:14:14: unknown key tipe; did you mean type?",
		"profile.yaml:16:3: kind is known of every asset already; give the attribute another name",
		"profile.yaml:17:3: Wheels is no name that an expression can use; write lower-case words joined by underscores, such as first_visit",
	}
	var got []string
	for _, p := range problems.Sorted() {
		got = append(got, p.String())
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}

// FuzzCataloguesNeverFail: of whatever is read an environment can be made, since expressions are checked against catalogues with mistakes too.
func FuzzCataloguesNeverFail(f *testing.F) {
	for _, folder := range []string{"../../journeys/", "../journey/testdata/world/"} {
		for _, file := range []string{"profile.yaml", "events.yaml"} {
			source, err := os.ReadFile(folder + file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(source)
		}
	}
	f.Fuzz(func(t *testing.T, source []byte) {
		var c segment.Catalogue
		var problems problem.List
		c.ParseProfile("profile.yaml", source, &problems)
		c.ParseEvents("events.yaml", source, &problems)
		for _, event := range append(c.EventNames(), "") {
			if _, err := segment.NewEnv(c, segment.Scope{Event: event, Each: customer.Agreement}); err != nil {
				t.Errorf("%q: %v", source, err)
			}
		}
	})
}
