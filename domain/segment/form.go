package segment

import "perennial/domain/jsonschema"

// The forms of the catalogue's files, by which editors complete and underline them.

// ProfileSchema returns the JSON Schema of the profile catalogue.
func ProfileSchema() *jsonschema.Schema {
	attributes := func(of string) *jsonschema.Schema {
		return jsonschema.Map(WordSchema(), jsonschema.Ref("attribute")).Says("What may be known of " + of + ", by name. Any of it may be absent.")
	}
	root := jsonschema.Object(map[string]*jsonschema.Schema{
		"language":   jsonschema.Text("").Says("The language of those in whose own a template is not written.").Like("en", "zh-CN"),
		"business":   jsonschema.Map(WordSchema(), jsonschema.Scalar()).Says("What templates may say of the business: {{ business.NAME }}."),
		"attributes": attributes("a customer"),
		"agreements": attributes("an agreement"),
		"assets":     attributes("an asset"),
	})
	return jsonschema.Document("Profile catalogue", "What is known of customers, beside what is known of everyone.", root, map[string]*jsonschema.Schema{
		"attribute": jsonschema.Object(map[string]*jsonschema.Schema{
			"type":        typeSchema(),
			"unit":        unitSchema(),
			"history":     jsonschema.Bool().Says("Whether former values are kept with their dates."),
			"personal":    personalSchema(),
			"description": descriptionSchema(),
		}, "type"),
	})
}

// EventsSchema returns the JSON Schema of the event catalogue.
func EventsSchema() *jsonschema.Schema {
	event := jsonschema.Object(map[string]*jsonschema.Schema{
		"description": descriptionSchema(),
		"data":        jsonschema.Map(WordSchema(), jsonschema.Ref("field")).Says("What it brings, by name: event.NAME in expressions."),
	})
	event.Type = append(event.Type, "null") // an event may bring nothing
	root := jsonschema.Object(map[string]*jsonschema.Schema{
		"events": jsonschema.Map(EventNameSchema(), event).Says("The types of events, such as purchase or visit.completed."),
	})
	field := jsonschema.Either(typeSchema(), jsonschema.Object(map[string]*jsonschema.Schema{
		"type":        typeSchema(),
		"unit":        unitSchema(),
		"optional":    jsonschema.Bool().Says("Whether an event may come without it: expressions must guard it with has()."),
		"personal":    personalSchema(),
		"description": descriptionSchema(),
	}, "type"))
	return jsonschema.Document("Event catalogue", "The facts that other systems tell us.", root, map[string]*jsonschema.Schema{"field": field})
}

func typeSchema() *jsonschema.Schema {
	types := singleTypes()
	for _, t := range singleTypes() {
		types = append(types, string(ListOf(Type(t))))
	}
	return jsonschema.OneOf(types...).Says("The type of its values; a date is a day or an instant.")
}

func unitSchema() *jsonschema.Schema {
	return jsonschema.Scalar().Says("What its numbers count, for those who read them.")
}

func personalSchema() *jsonschema.Schema {
	return jsonschema.Bool().Says("Whether it says who the customer is: then it is never part of a key, a log or a workflow.")
}

func descriptionSchema() *jsonschema.Schema {
	return jsonschema.Scalar().Says("What it means, for those who read it.")
}

// WordSchema is the form of a word that an expression can name: what Word says.
func WordSchema() *jsonschema.Schema {
	s := jsonschema.Text(word.String())
	s.MaxLength, s.Not = maxWord, &jsonschema.Schema{Enum: reserved}
	return s
}

// EventNameSchema is the form of the name of a type of event.
func EventNameSchema() *jsonschema.Schema { return jsonschema.Text(eventName.String()) }
