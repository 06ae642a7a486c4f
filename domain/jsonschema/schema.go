package jsonschema

// Schema is one JSON Schema, as far as our files need it. The zero Schema allows everything.
type Schema struct {
	Dialect     string             `json:"$schema,omitempty"`
	Title       string             `json:"title,omitempty"`
	Description string             `json:"description,omitempty"` // what an editor shows beside the word
	Ref         string             `json:"$ref,omitempty"`
	Type        []string           `json:"type,omitempty"`
	Enum        []string           `json:"enum,omitempty"`
	Pattern     string             `json:"pattern,omitempty"` // of texts: what Go and JavaScript read alike
	MinLength   int                `json:"minLength,omitempty"`
	MaxLength   int                `json:"maxLength,omitempty"`
	Minimum     *int               `json:"minimum,omitempty"`
	Maximum     *int               `json:"maximum,omitempty"`
	Items       *Schema            `json:"items,omitempty"`
	MinItems    int                `json:"minItems,omitempty"`
	Unique      bool               `json:"uniqueItems,omitempty"`
	Properties  map[string]*Schema `json:"properties,omitempty"`
	Names       *Schema            `json:"propertyNames,omitempty"`
	Others      any                `json:"additionalProperties,omitempty"` // false, or the Schema of the values of keys that Properties lacks
	Required    []string           `json:"required,omitempty"`
	AnyOf       []*Schema          `json:"anyOf,omitempty"`
	Not         *Schema            `json:"not,omitempty"`
	Default     any                `json:"default,omitempty"`
	Examples    []string           `json:"examples,omitempty"`
	Defs        map[string]*Schema `json:"$defs,omitempty"`
}

// Draft202012 is the dialect of all our schemas.
const Draft202012 = "https://json-schema.org/draft/2020-12/schema"

// Text is a text that matches a pattern; an empty pattern matches every text but the empty one.
func Text(pattern string) *Schema {
	return &Schema{Type: []string{"string"}, Pattern: pattern, MinLength: 1}
}

// Scalar is anything that stands behind a colon: our files read true and 7 as the texts that they are.
func Scalar() *Schema {
	return &Schema{Type: []string{"string", "number", "boolean"}, MinLength: 1}
}

// Line is a scalar of at most so many characters, on one line.
func Line(most int) *Schema {
	s := Scalar()
	s.Pattern, s.MaxLength = `^[^\n\r\t]*$`, most
	return s
}

// OneOf is one of some words.
func OneOf(words ...string) *Schema { return &Schema{Type: []string{"string"}, Enum: words} }

// Known is a text like another, of which an editor offers some that are known: the file may name one that is written later.
func Known(like *Schema, words []string) *Schema {
	if len(words) == 0 {
		return like
	}
	return &Schema{AnyOf: []*Schema{{Enum: words}, like}}
}

// Bool is true or false.
func Bool() *Schema { return &Schema{Type: []string{"boolean"}} }

// Whole is a whole number between two.
func Whole(least, most int) *Schema {
	return &Schema{Type: []string{"integer"}, Minimum: &least, Maximum: &most}
}

// Object is a mapping with these keys and no others.
func Object(properties map[string]*Schema, required ...string) *Schema {
	return &Schema{Type: []string{"object"}, Properties: properties, Required: required, Others: false}
}

// Map is a mapping with keys of one's own.
func Map(names, values *Schema) *Schema {
	return &Schema{Type: []string{"object"}, Names: names, Others: values}
}

// List is a list of at least one item.
func List(of *Schema) *Schema { return &Schema{Type: []string{"array"}, Items: of, MinItems: 1} }

// Either is one of some forms.
func Either(forms ...*Schema) *Schema { return &Schema{AnyOf: forms} }

// Ref is the definition of that name.
func Ref(name string) *Schema { return &Schema{Ref: "#/$defs/" + name} }

// Says returns the schema with a description.
func (s *Schema) Says(description string) *Schema {
	with := *s
	with.Description = description
	return &with
}

// Like returns the schema with examples.
func (s *Schema) Like(examples ...string) *Schema {
	with := *s
	with.Examples = examples
	return &with
}

// Document is the schema of a whole file.
func Document(title, description string, root *Schema, definitions map[string]*Schema) *Schema {
	whole := *root
	whole.Dialect, whole.Title, whole.Description, whole.Defs = Draft202012, title, description, definitions
	return &whole
}
