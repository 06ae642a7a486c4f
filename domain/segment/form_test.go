package segment_test

import (
	"os"
	"testing"

	"perennial/domain/jsonschema"
	"perennial/domain/jsonschema/jsonschematest"
	"perennial/domain/problem"
	"perennial/domain/segment"
)

func TestShippedCataloguesHaveTheFormOfTheirSchemas(t *testing.T) {
	t.Parallel()
	for file, schema := range map[string]*jsonschema.Schema{"profile.yaml": segment.ProfileSchema(), "events.yaml": segment.EventsSchema()} {
		validate := jsonschematest.Validator(t, schema)
		for _, folder := range []string{"../../journeys/", "../journey/testdata/world/"} {
			source, err := os.ReadFile(folder + file)
			if err != nil {
				t.Fatal(err)
			}
			if err := validate(source); err != nil {
				t.Errorf("%s%s: %v", folder, file, err)
			}
		}
	}
}

// TestTheSchemasOfCataloguesRefuseWhatTheCheckRefuses: of each mistake in the form both know.
func TestTheSchemasOfCataloguesRefuseWhatTheCheckRefuses(t *testing.T) {
	t.Parallel()
	profile, events := jsonschematest.Validator(t, segment.ProfileSchema()), jsonschematest.Validator(t, segment.EventsSchema())
	for _, source := range []string{
		"attribute: {}", "language: ''", "business: [x]", "business: { Name: x }", "attributes: { city: string }", "attributes: { city: { type: text } }",
		"attributes: { city: { typ: string } }", "attributes: { City: { type: string } }", "attributes: { while: { type: string } }",
		"attributes: { city: { type: string, history: sometimes } }", "agreements: { plan: {} }", "assets: { plate: { type: list of list } }",
	} {
		var c segment.Catalogue
		var problems problem.List
		c.ParseProfile("profile.yaml", []byte(source), &problems)
		if err := profile([]byte(source)); err == nil || problems.Empty() {
			t.Errorf("%s: the schema says %v, the check %v", source, err, problems.Sorted())
		}
	}
	for _, source := range []string{
		"event: {}", "events: [purchase]", "events: { Purchase: }", "events: { purchase: x }", "events: { purchase: { date: {} } }",
		"events: { purchase: { data: { amount: money } } }", "events: { purchase: { data: { amount: { type: double, optional: 1 } } } }",
	} {
		var c segment.Catalogue
		var problems problem.List
		c.ParseEvents("events.yaml", []byte(source), &problems)
		if err := events([]byte(source)); err == nil || problems.Empty() {
			t.Errorf("%s: the schema says %v, the check %v", source, err, problems.Sorted())
		}
	}
}
