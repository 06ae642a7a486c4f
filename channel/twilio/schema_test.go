package twilio_test

import (
	"encoding/json"
	"net/url"
	"regexp"
	"strconv"
	"testing"
	"time"

	"perennial/channel"
	"perennial/domain/sharedtest"
)

// property is what the published schema says of one field of a form.
type property struct {
	Type    string `json:"type"`
	Format  string `json:"format"`
	Pattern string `json:"pattern"`
}

// operation is what the published schema says of one way to call the Messages resource.
type operation struct {
	Parameters []struct {
		In     string   `json:"in"`
		Name   string   `json:"name"`
		Schema property `json:"schema"`
	} `json:"parameters"`
	RequestBody struct {
		Content map[string]struct {
			Schema struct {
				Properties map[string]property `json:"properties"`
				Required   []string            `json:"required"`
			} `json:"schema"`
		} `json:"content"`
	} `json:"requestBody"`
}

// published returns an operation of the published schema, by its HTTP method.
func published(t *testing.T, method string) operation {
	t.Helper()
	var spec struct {
		Paths map[string]map[string]json.RawMessage `json:"paths"`
	}
	if err := json.Unmarshal(sharedtest.Read(t, "specs", "twilio-messages.openapi.json"), &spec); err != nil {
		t.Fatal(err)
	}
	var o operation
	if err := json.Unmarshal(spec.Paths["/2010-04-01/Accounts/{AccountSid}/Messages.json"][method], &o); err != nil {
		t.Fatal(err)
	}
	return o
}

// createMessage returns the published schema of the form that creates a message.
func createMessage(t *testing.T) (properties map[string]property, required []string) {
	t.Helper()
	schema := published(t, "post").RequestBody.Content["application/x-www-form-urlencoded"].Schema
	if len(schema.Properties) == 0 {
		t.Fatal("the schema of the form was not found")
	}
	return schema.Properties, schema.Required
}

// listMessage returns the published schema of the query that lists messages.
func listMessage(t *testing.T) map[string]property {
	t.Helper()
	parameters := map[string]property{}
	for _, p := range published(t, "get").Parameters {
		if p.In == "query" {
			parameters[p.Name] = p.Schema
		}
	}
	if len(parameters) == 0 {
		t.Fatal("the schema of the query was not found")
	}
	return parameters
}

func TestRequestsObeyThePublishedSchema(t *testing.T) {
	t.Parallel()
	properties, required := createMessage(t)
	for name, change := range map[string]func(*channel.Message){
		"plain":      func(*channel.Message) {},
		"with valid": func(m *channel.Message) { m.Valid = time.Hour },
		"Chinese":    func(m *channel.Message) { m.Text = "您好，周二十点见。" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			form := capture(t, change).form
			for _, field := range required {
				if form.Get(field) == "" {
					t.Errorf("%s is required", field)
				}
			}
			for field, values := range form {
				schema, known := properties[field]
				if !known {
					t.Errorf("%s is not in the schema", field)
					continue
				}
				for _, value := range values {
					if !fits(schema, value) {
						t.Errorf("%s: %q is not of type %s %s", field, value, schema.Type, schema.Format)
					}
				}
			}
		})
	}
}

func fits(p property, value string) bool {
	if p.Pattern != "" && !regexp.MustCompile(p.Pattern).MatchString(value) {
		return false
	}
	switch p.Type + " " + p.Format {
	case "integer ", "integer int64":
		_, err := strconv.Atoi(value)
		return err == nil
	case "boolean ":
		_, err := strconv.ParseBool(value)
		return err == nil
	case "string uri":
		u, err := url.Parse(value)
		return err == nil && u.IsAbs()
	case "string phone-number":
		return regexp.MustCompile(`^\+[1-9]\d{6,14}$`).MatchString(value)
	default:
		return p.Type == "string" || p.Type == "array"
	}
}
