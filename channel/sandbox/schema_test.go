package sandbox

import (
	"encoding/json"
	"maps"
	"net/url"
	"path"
	"regexp"
	"slices"
	"testing"

	"perennial/domain/sharedtest"
)

// The sandbox against Twilio's published schema: the fields it takes are those published, no more and no fewer, and so is what it
// answers. The schema is kept beside the repository.

type schema struct {
	Ref        string            `json:"$ref"`
	Type       string            `json:"type"`
	Nullable   bool              `json:"nullable"`
	Pattern    string            `json:"pattern"`
	Enum       []string          `json:"enum"`
	Properties map[string]schema `json:"properties"`
}

type spec struct {
	Components struct {
		Schemas map[string]schema `json:"schemas"`
	} `json:"components"`
	Paths map[string]map[string]json.RawMessage `json:"paths"`
}

func published(t *testing.T) spec {
	t.Helper()
	var s spec
	if err := json.Unmarshal(sharedtest.Read(t, "specs", "twilio-messages.openapi.json"), &s); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTheFieldsTakenAreThosePublished(t *testing.T) {
	t.Parallel()
	var post struct {
		RequestBody struct {
			Content map[string]struct {
				Schema schema `json:"schema"`
			} `json:"content"`
		} `json:"requestBody"`
	}
	s := published(t)
	if err := json.Unmarshal(s.Paths["/2010-04-01/Accounts/{AccountSid}/Messages.json"]["post"], &post); err != nil {
		t.Fatal(err)
	}
	form := post.RequestBody.Content["application/x-www-form-urlencoded"].Schema
	want := slices.Sorted(maps.Keys(form.Properties))
	if got := slices.Sorted(maps.Keys(fields)); !slices.Equal(got, want) {
		t.Errorf("taken:     %v\npublished: %v", got, want)
	}
	for name, property := range form.Properties {
		if (property.Type == "array") != slices.Contains(repeatable, name) {
			t.Errorf("%s: the sandbox and the schema disagree on whether it repeats", name)
		}
	}
}

func TestTheAnswerIsThatPublished(t *testing.T) {
	t.Parallel()
	s := published(t)
	box := New(Config{})
	t.Cleanup(box.Close)
	text, err := json.Marshal(box.messageJSON(box.receive(Message{ID: newSID(), Channel: SMS, Address: "+15005550123", Sender: "+15005550006"})))
	if err != nil {
		t.Fatal(err)
	}
	var answer map[string]any
	if err := json.Unmarshal(text, &answer); err != nil {
		t.Fatal(err)
	}
	properties := s.Components.Schemas["api.v2010.account.message"].Properties
	if got, want := slices.Sorted(maps.Keys(answer)), slices.Sorted(maps.Keys(properties)); !slices.Equal(got, want) {
		t.Errorf("answered:  %v\npublished: %v", got, want)
	}
	for name, value := range answer {
		property := properties[name]
		if property.Ref != "" {
			property = s.Components.Schemas[path.Base(property.Ref)]
		}
		if !property.allows(value) {
			t.Errorf("%s: %v is not what is published: %+v", name, value, property)
		}
	}
}

func TestTheListsParametersAreThosePublished(t *testing.T) {
	t.Parallel()
	var get struct {
		Parameters []struct {
			In   string `json:"in"`
			Name string `json:"name"`
		} `json:"parameters"`
	}
	if err := json.Unmarshal(published(t).Paths["/2010-04-01/Accounts/{AccountSid}/Messages.json"]["get"], &get); err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, p := range get.Parameters {
		if p.In == "query" {
			want = append(want, p.Name)
		}
	}
	slices.Sort(want)
	if got := slices.Sorted(maps.Keys(filters)); !slices.Equal(got, want) {
		t.Errorf("taken:     %v\npublished: %v", got, want)
	}
}

func TestTheListIsThatPublished(t *testing.T) {
	t.Parallel()
	var get struct {
		Responses map[string]struct {
			Content map[string]struct {
				Schema schema `json:"schema"`
			} `json:"content"`
		} `json:"responses"`
	}
	if err := json.Unmarshal(published(t).Paths["/2010-04-01/Accounts/{AccountSid}/Messages.json"]["get"], &get); err != nil {
		t.Fatal(err)
	}
	properties := get.Responses["200"].Content["application/json"].Schema.Properties
	box := New(Config{})
	t.Cleanup(box.Close)
	messages := []Message{box.receive(Message{ID: newSID(), Channel: SMS, Address: "+15005550123", Sender: "+15005550006"})}
	text, err := json.Marshal(box.listJSON(&url.URL{Path: "/2010-04-01/Accounts/AC/Messages.json"}, messages, 0, 1, true))
	if err != nil {
		t.Fatal(err)
	}
	var answer map[string]any
	if err := json.Unmarshal(text, &answer); err != nil {
		t.Fatal(err)
	}
	for name, property := range properties {
		value, there := answer[name]
		if _, list := value.([]any); list && property.Type == "array" {
			continue
		}
		// Of what Twilio's page has, the link back is published as never absent, and is null on the first page all the same.
		if !there || !property.allows(value) && name != "previous_page_uri" {
			t.Errorf("%s: %v is not what is published: %+v", name, value, property)
		}
	}
	for name := range answer {
		if _, known := properties[name]; !known {
			t.Errorf("%s is not published", name)
		}
	}
}

func (s schema) allows(value any) bool {
	switch v := value.(type) {
	case nil:
		return s.Nullable
	case string:
		return s.Type == "string" && regexp.MustCompile(s.Pattern).MatchString(v) && (s.Enum == nil || slices.Contains(s.Enum, v))
	case float64:
		return s.Type == "integer"
	case map[string]any:
		return s.Type == "object"
	default:
		return false
	}
}
