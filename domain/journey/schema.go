package journey

import (
	"maps"
	"slices"

	"perennial/domain/customer"
	"perennial/domain/jsonschema"
	"perennial/domain/segment"
)

// Names are those that a schema offers where the file may name one: what a folder has. All may be empty.
type Names struct {
	Events    []string
	Templates []string
	Topics    []string
}

// NamesOf returns what there is to name in a library.
func NamesOf(library *Library) Names {
	return Names{Events: library.Catalogue.EventNames(), Templates: library.Templates.Names()}
}

// Schema returns the JSON Schema of a journey's file. It is made of the same tables as the check, and tells the form alone: whether an expression
// is right, or a template is there, is said by the check.
func Schema(names Names) *jsonschema.Schema {
	keys := map[string]*jsonschema.Schema{
		"journey": jsonschema.Text(journeyName.String()).Says("The journey's name, which is that of its file without .yaml."),
		"title":   jsonschema.Line(maxTitle).Says("What the journey is for, in a few words: it stands in lists."),
		"topic":   jsonschema.Ref("topic"),
		"enter":   jsonschema.Ref("enter"),
		"goal":    jsonschema.Ref("goal"),
		"exit":    jsonschema.List(jsonschema.Ref("exit")).Says("Events that end the journey for a customer, wherever in it they are."),
		"steps":   jsonschema.Ref("steps"),
	}
	root := jsonschema.Object(keys, "journey", "title", "enter", "steps")
	return jsonschema.Document("Journey", "A journey that customers go through, step by step.", root, definitions(names))
}

func definitions(names Names) map[string]*jsonschema.Schema {
	defs := map[string]*jsonschema.Schema{
		"span": jsonschema.Text(spanForm).Says("A length of time: 30s, 15m, 4h, 3d, 2w, 1mo, 1y, or several of them, the largest first.").Like("3d", "2w", "1mo"),
		"topic": jsonschema.Known(segment.WordSchema(), names.Topics).
			Says("What customers agree to hear about; what is sent is about this topic where a step names no other."),
		"expression": {
			Type: []string{"string", "boolean"}, MinLength: 1,
			Description: "A CEL expression over customer, and event where one is at hand. What may be absent is guarded: has(customer.city) && …",
		},
		"date":     jsonschema.Text("[a-z]").Says("A CEL expression that gives a date; a day is written as date('2026-12-24')."),
		"event":    jsonschema.Known(segment.EventNameSchema(), names.Events).Says("The type of an event, as events.yaml has it."),
		"template": jsonschema.Known(jsonschema.Text(""), names.Templates).Says("The name of a template: templates/NAME.CHANNEL.LANGUAGE.liquid."),
		"reason":   jsonschema.Line(maxTitle).Says("Why the journey ends, in a few words: the outcome is “exited: ” and this."),
		"enter":    enterSchema(),
		"goal": jsonschema.Object(map[string]*jsonschema.Schema{
			"on":     jsonschema.Ref("event"),
			"when":   jsonschema.Ref("expression"),
			"within": jsonschema.Ref("span").Says("Counts only so long after entering."),
		}, "on").Says("The event that fulfils the journey: it ends with the outcome goal."),
		"exit": jsonschema.Object(map[string]*jsonschema.Schema{
			"on":     jsonschema.Ref("event"),
			"when":   jsonschema.Ref("expression"),
			"reason": jsonschema.Ref("reason"),
		}, "on"),
		"channels": channelsSchema(),
		"steps":    jsonschema.List(jsonschema.Ref("step")).Says("What the journey does, one step after another."),
	}
	defs["step"] = stepSchema()
	return defs
}

// spanForm is the form of a span with its units in order. It allows nothing at all, which is shorter than a text may be.
const spanForm = `^([0-9]+y)?([0-9]+mo)?([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?$`

// The forms of a span of hours and less, and of one of weeks and less.
const (
	exactForm = `^([0-9]+h)?([0-9]+m)?([0-9]+s)?$`
	lookForm  = `^([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?$`
)

// enterSchema is one form for each way in.
func enterSchema() *jsonschema.Schema {
	var forms []*jsonschema.Schema
	for _, way := range enterWays() {
		keys := map[string]*jsonschema.Schema{way: enterKeySchema(way, way)}
		for _, key := range enterKeys()[way] {
			keys[key] = enterKeySchema(way, key)
		}
		needed := []string{way}
		if way == "segment" {
			needed = append(needed, "every")
		}
		form := jsonschema.Object(keys, needed...)
		form.Title = way
		forms = append(forms, form)
	}
	return jsonschema.Either(forms...).Says("Who enters the journey: by an event, by a look at all customers, at a date, or as other journeys start it.")
}

// enterKeySchema is what a key of enter holds, by the way in.
func enterKeySchema(way, key string) *jsonschema.Schema {
	again := jsonschema.Either(
		jsonschema.OneOf(Never, AfterExit, Always),
		jsonschema.Object(map[string]*jsonschema.Schema{After: jsonschema.Ref("span")}, After),
	)
	kinds := make([]string, len(customer.ThingKinds))
	for i, kind := range customer.ThingKinds {
		kinds[i] = string(kind)
	}
	schemas := map[string]*jsonschema.Schema{
		"on":      jsonschema.Ref("event"),
		"segment": jsonschema.Ref("expression").Says("The customers of whom this holds enter."),
		"at":      jsonschema.Ref("date").Says("When to enter; who has no such date does not. Each date lets a customer in once.").Like("agreement.renews_on - days(60)", "anniversary(customer.birthday)"),
		"by":      jsonschema.OneOf(byStart).Says("Only other journeys start this one, or somebody by hand."),
		"when":    jsonschema.Ref("expression").Says("Only where this holds, of the event or of the customer."),
		"again":   again.Says("Whether a customer who was in the journey may enter it again. Never, where nothing is said."),
		"key":     jsonschema.Text("").Says("An expression that tells enrollments of one customer apart, such as event.order_id: one for each."),
		"every":   jsonschema.Text(lookForm).Says("How often all customers are looked at.").Like("1d", "12h"),
		"each":    jsonschema.OneOf(kinds...).Says("The journey is about each of these that a customer has: one enrollment for each."),
		"late":    jsonschema.Ref("span").Says("How long after the date a customer may still enter: " + DefaultLate.String() + ", where nothing is said."),

		"at.again": again.Says("Whether a customer who was in the journey may enter it again at another date. After the exit, where nothing is said."),
		"at.every": jsonschema.Text(lookForm).Says("How often is looked whose date has come: 1d, where nothing is said.").Like("1d", "12h"),
	}
	if own, ok := schemas[way+"."+key]; ok {
		return own
	}
	return schemas[key]
}

func channelsSchema() *jsonschema.Schema {
	var names []string
	for _, channel := range customer.Channels {
		names = append(names, string(channel))
	}
	list := jsonschema.List(jsonschema.OneOf(names...)).Says("Only by these channels, the customer's own order among them. All that the customer has, where nothing is said.")
	list.Unique = true
	return list
}

// stepSchema is a step: an id, one verb, and what may stand beside it.
func stepSchema() *jsonschema.Schema {
	var forms []*jsonschema.Schema
	for _, verb := range slices.Sorted(maps.Keys(verbs())) {
		keys := map[string]*jsonschema.Schema{"id": segment.WordSchema().Says("The step's name, of which there is one in the journey."), verb: verbSchema(verb)}
		for _, key := range verbs()[verb] {
			keys[key] = besideSchema(verb, key)
		}
		form := jsonschema.Object(keys, slices.Concat([]string{"id", verb}, neededBeside(verb))...)
		form.Title = verb
		forms = append(forms, form)
	}
	return jsonschema.Either(forms...)
}

// verbSchema is what stands behind a verb.
func verbSchema(verb string) *jsonschema.Schema {
	return map[string]*jsonschema.Schema{
		string(Send): jsonschema.Ref("template").Says("Sends a template; channel and hour come from the customer's preferences."),
		string(Ask):  jsonschema.Ref("template").Says("Sends a question and waits for survey.answered. The answer is answer.ID from then on."),
		string(Wait): waitSchema(),
		string(If):   jsonschema.Ref("expression").Says("Goes on with then where this holds, with else where it does not."),
		string(Exit): jsonschema.Ref("reason"),

		string(Repeat): repeatSchema(),
		string(Set):    setSchema(),
		string(Notify): notifySchema(),
		string(Start):  jsonschema.Text(journeyName.String()).Says("Lets the customer enter another journey, by the rules of that one."),
	}[verb]
}

func waitSchema() *jsonschema.Schema {
	event := jsonschema.Object(map[string]*jsonschema.Schema{
		"for":    jsonschema.Ref("event"),
		"when":   jsonschema.Ref("expression").Says("Only an event of which this holds ends the wait."),
		"within": jsonschema.Ref("span").Says("But no longer than this."),
	}, "for")
	date := jsonschema.Object(map[string]*jsonschema.Schema{
		"until": jsonschema.Ref("date").Says("Until this date; one that is past is due at once.").Like("now + days(3)"),
	}, "until")
	return jsonschema.Either(jsonschema.Ref("span"), event, date).Says("Waits: so long, by the calendar of the customer's zone; for an event; or until a date.")
}

func repeatSchema() *jsonschema.Schema {
	every := jsonschema.Either(jsonschema.Ref("span"), jsonschema.Text("[(]")).
		Says("From the beginning of one round to that of the next: a length of time, or an expression for one.").
		Like("90d", "customer.star >= 4 ? days(30) : days(90)")
	return jsonschema.Object(map[string]*jsonschema.Schema{
		"every": every,
		"until": jsonschema.Ref("expression").Says("No further round where this holds. It is asked before each round."),
		"steps": jsonschema.Ref("steps"),
	}, "every", "steps").Says("Goes round: the steps, again and again, until something ends it.")
}

func notifySchema() *jsonschema.Schema {
	who := jsonschema.Scalar().Says("Tells a colleague: owner, who is the customer's own, or a colleague's id.").Like(NotifyOwner)
	who.Pattern = colleagueID.String()
	return who
}

func setSchema() *jsonschema.Schema {
	values := jsonschema.Scalar().Says("An expression of the attribute's type; a text stands in quotes within quotes: '\"north\"'.")
	return jsonschema.Map(segment.WordSchema(), values).Says("Writes attributes of the customer, as the profile catalogue has them.")
}

// besideSchema is what a key beside a verb holds. A key may mean something else beside another verb.
func besideSchema(verb, key string) *jsonschema.Schema {
	schemas := map[string]*jsonschema.Schema{
		"topic":    jsonschema.Ref("topic"),
		"channels": jsonschema.Ref("channels"),
		"valid":    jsonschema.Ref("span").Says("How long the message may be held until it is better not sent at all; else as the contact policy says."),
		"then":     jsonschema.Ref("steps"),
		"else":     jsonschema.Ref("steps"),

		"fallback": jsonschema.Object(map[string]*jsonschema.Schema{After: jsonschema.Text(exactForm)}, After).
			Says("Without a receipt that it arrived, the next channel is tried after this long: hours and minutes, at most 72h. Email and slack give none: from them it goes on only upon word that it did not arrive."),
		"with": jsonschema.Ref("template").Says("The template that says it, for slack or email."),

		"ask.within": jsonschema.Ref("span").Says("How long the answer is waited for: 7d, where nothing is said."),
	}
	if own, ok := schemas[verb+"."+key]; ok {
		return own
	}
	return schemas[key]
}

// neededBeside are the keys without which a verb says nothing.
func neededBeside(verb string) []string {
	switch Verb(verb) {
	case If:
		return []string{"then"}
	case Notify:
		return []string{"with"}
	}
	return nil
}
