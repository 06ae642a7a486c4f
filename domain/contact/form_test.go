package contact_test

import (
	"path/filepath"
	"strings"
	"testing"

	"perennial/domain/contact"
	"perennial/domain/jsonschema"
	"perennial/domain/jsonschema/jsonschematest"
)

// beyondTheForm are the bad examples whose mistakes no schema can know, each with the reason. All others must fail to validate.
func beyondTheForm() map[string]string {
	return map[string]string{
		"gap_none":               "that 0h is no time",
		"gap_too_long":           "that 60d are too many",
		"holidays_unknown_topic": "which topics there are",
		"spread_over_days":       "that 2d are too many",
		"IE":                     "which years there are",
		"US":                     "a schema does not know the file's name",
	}
}

func TestShippedPoliciesAndCalendarsHaveTheFormOfTheirSchemas(t *testing.T) {
	t.Parallel()
	for pattern, schema := range map[string]*jsonschema.Schema{
		"../../journeys/contact-policy.yaml": contact.PolicySchema(),
		"testdata/good/*.yaml":               contact.PolicySchema(),
		"../../journeys/calendars/*.yaml":    contact.CalendarSchema(),
	} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(files), err)
		}
		validate := jsonschematest.Validator(t, schema)
		for _, file := range files {
			if err := validate(content(t, file)); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
}

func TestEveryBadPolicyFailsToValidateOrIsBeyondASchema(t *testing.T) {
	t.Parallel()
	beyond := beyondTheForm()
	for folder, schema := range map[string]*jsonschema.Schema{"bad": contact.PolicySchema(), "bad_calendars": contact.CalendarSchema()} {
		files, err := filepath.Glob("testdata/" + folder + "/*.yaml")
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", folder, len(files), err)
		}
		validate := jsonschematest.Validator(t, schema)
		for _, file := range files {
			name := strings.TrimSuffix(filepath.Base(file), ".yaml")
			err := validate(content(t, file))
			_, listed := beyond[name]
			switch {
			case err == nil && !listed:
				t.Errorf("%s validates: mend the schema, or say in beyondTheForm why it can't know", file)
			case err != nil && listed:
				t.Errorf("%s is listed as beyond a schema, which knows: %v", file, err)
			}
			delete(beyond, name)
		}
	}
	for name := range beyond {
		t.Errorf("there is no bad example %s", name)
	}
}
