// Package jsonschematest validates files against our schemas as editors do, with a validator that we did not write. It is for tests.
package jsonschematest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/goccy/go-yaml"
	validator "github.com/santhosh-tekuri/jsonschema/v6"
)

// Validator returns a function that says what a schema has against a YAML file; what is no YAML does not validate. The schema is one of package
// jsonschema, or the JSON of one, and must be right by the draft that it names.
func Validator(t testing.TB, schema any) func(source []byte) error {
	t.Helper()
	text, err := json.Marshal(schema)
	if err != nil {
		t.Fatal(err)
	}
	document, err := validator.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := validator.NewCompiler()
	if err := compiler.AddResource("schema.json", document); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return func(source []byte) error {
		read, err := yaml.YAMLToJSON(source)
		if err != nil {
			return fmt.Errorf("read the YAML: %w", err)
		}
		value, err := validator.UnmarshalJSON(bytes.NewReader(read))
		if err != nil {
			return fmt.Errorf("read the YAML as JSON: %w", err)
		}
		return compiled.Validate(value)
	}
}
