package segment

import "perennial/domain/jsonschema"

// WordSchema is the form of a word that an expression can name: what Word says.
func WordSchema() *jsonschema.Schema {
	s := jsonschema.Text(word.String())
	s.MaxLength, s.Not = maxWord, &jsonschema.Schema{Enum: reserved}
	return s
}

// EventNameSchema is the form of a type of event.
func EventNameSchema() *jsonschema.Schema { return jsonschema.Text(eventName.String()) }
