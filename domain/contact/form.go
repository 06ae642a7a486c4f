package contact

import (
	"strings"

	"perennial/domain/customer"
	"perennial/domain/jsonschema"
)

// The forms of the contact policy and of calendars, by which editors complete and underline them.

// PolicySchema returns the JSON Schema of the contact policy.
func PolicySchema() *jsonschema.Schema {
	ref, list := jsonschema.Ref, jsonschema.List
	topics := func(what string) *jsonschema.Schema { return list(ref("topic")).Says(what) }
	root := jsonschema.Object(map[string]*jsonschema.Schema{
		"topics":       jsonschema.Map(wordSchema(), ref("rules")).Says("What customers can agree to hear about."),
		"valid":        ref("period").Says("How long a touch may be held where neither its step nor its topic says."),
		"unconfirmed":  ref("unconfirmed"),
		"legal_hours":  jsonschema.Map(jsonschema.Text("^([A-Z]{2}|default)$"), ref("law")).Says("Hours that the law allows, by the code of the customer's country; nothing overrides them."),
		"decent_hours": ref("hours").Says("When customers are reached who have said nothing about hours."),
		"holidays": jsonschema.Object(map[string]*jsonschema.Schema{
			"rest": topics("The topics that rest on the public holidays of the customer's country."),
		}, "rest"),
		"suppression": jsonschema.Object(map[string]*jsonschema.Schema{
			"open_complaint": topics("The topics that rest while a complaint is open."),
			"low_satisfaction": jsonschema.Object(map[string]*jsonschema.Schema{
				"topics":  topics("The topics that rest until the customer answers better."),
				"surveys": list(jsonschema.Text("")).Says("The surveys that ask how satisfied the customer is."),
				"at_most": {Type: []string{"number"}, Description: "The highest score that is still low."},
			}, "topics", "surveys", "at_most"),
		}).Says("Topics that rest for customers who have reason to be cross."),
		"caps": jsonschema.Object(map[string]*jsonschema.Schema{
			"all":      ref("cap"),
			"channels": jsonschema.Map(channelSchema(), ref("cap")),
			"topics":   jsonschema.Map(ref("topic"), ref("cap")),
		}).Says("How many touches a customer gets at most."),
		"gap": jsonschema.Either(ref("period"), jsonschema.Object(map[string]*jsonschema.Schema{
			"least": ref("period"), "topics": topics("The topics that keep away; all, where nothing is said."),
		}, "least")).Says("How long a touch keeps away from any other."),
		"spread": jsonschema.Either(jsonschema.OneOf("off"), ref("period")).Says("Over how much of a window those touches are spread that were held to its opening."),
	}, "topics", "decent_hours")
	return jsonschema.Document("Contact policy", "Who may be reached when, how often and about what.", root, policyDefinitions())
}

// hoursForm is the form of one window: days and hours. Which days there are is left to the check, which says it better.
const hoursForm = ` *[A-Za-z]+(-[A-Za-z]+)?(,[A-Za-z]+(-[A-Za-z]+)?)* +[0-9]{1,2}:[0-9]{2}-[0-9]{1,2}:[0-9]{2}`

func policyDefinitions() map[string]*jsonschema.Schema {
	ref, list := jsonschema.Ref, jsonschema.List
	quota := jsonschema.Text(`^ *[0-9]+ +per +[0-9wdhm]+ *$`).Like("2 per 7d")
	return map[string]*jsonschema.Schema{
		"topic":  wordSchema().Says("One of the topics."),
		"period": jsonschema.Text(strings.ReplaceAll(periodText.String(), "?:", "")).Says("A length of time: 30m, 4h, 7d, 2w, or several of them, the largest first.").Like("4h", "7d"),
		"hours":  jsonschema.Text("^" + hoursForm + "( *; *" + hoursForm + ")* *;? *$").Says("Days and hours on the customer's wall: mon-fri 08:00-20:00; sat 10:00-14:00.").Like("daily 09:00-20:00"),
		"unconfirmed": jsonschema.Either(jsonschema.OneOf("never"), jsonschema.Object(map[string]*jsonschema.Schema{"again": ref("period")}, "again")).
			Says("What becomes of a message of which nobody can find out whether it was sent: some will get it twice with { again: 1d }."),
		"rules": jsonschema.Object(map[string]*jsonschema.Schema{
			"priority":    jsonschema.Whole(1, 99).Says("Which topic goes first where two messages want the same minute: 1 before 2."),
			"valid":       ref("period").Says("How long a touch may be held until it is better not sent at all."),
			"unconfirmed": ref("unconfirmed"),
		}, "priority"),
		"law": jsonschema.Either(ref("hours"), jsonschema.Object(map[string]*jsonschema.Schema{
			"hours": ref("hours"), "topics": list(ref("topic")), "channels": list(channelSchema()),
		}, "hours")),
		"quota": quota.Says("How many in what time."),
		"cap": jsonschema.Either(ref("quota"), jsonschema.Object(map[string]*jsonschema.Schema{
			"most": ref("quota"), "stars": jsonschema.Map(jsonschema.Text("^[1-5]$"), ref("quota")).Says("Otherwise for a star."),
		}, "most")),
	}
}

// CalendarSchema returns the JSON Schema of a country's public holidays.
func CalendarSchema() *jsonschema.Schema {
	date := jsonschema.Text("^[0-9]{4}-[0-9]{2}-[0-9]{2}$").Like("2026-12-25")
	name := jsonschema.Scalar().Says("What day it is.")
	days := func(keys map[string]*jsonschema.Schema) *jsonschema.Schema {
		keys["date"], keys["name"] = jsonschema.Ref("date"), name
		return jsonschema.List(jsonschema.Object(keys, "date", "name"))
	}
	holidays := days(map[string]*jsonschema.Schema{
		"to":       jsonschema.Ref("date").Says("The last day, where it is more than one."),
		"observed": jsonschema.Ref("date").Says("The day on which it is observed, where it falls on a weekend."),
	})
	holidays.MinItems = 0
	root := jsonschema.Object(map[string]*jsonschema.Schema{
		"country":  jsonschema.Text("^[A-Z]{2}$").Says("The code of the country, which is the file's name without .yaml."),
		"source":   jsonschema.Scalar().Says("Who publishes these dates, and where."),
		"years":    jsonschema.List(jsonschema.Whole(2000, 2199)).Says("The years that are complete, in order."),
		"holidays": holidays,
		"working":  days(map[string]*jsonschema.Schema{}).Says("Weekend days on which the country works instead."),
	}, "country", "source", "years", "holidays")
	return jsonschema.Document("Calendar", "The public holidays of a country.", root, map[string]*jsonschema.Schema{"date": date})
}

// wordSchema is the form of a topic's name: what word says.
func wordSchema() *jsonschema.Schema { return jsonschema.Text("^[a-z][a-z0-9_]*$") }

func channelSchema() *jsonschema.Schema {
	var names []string
	for _, channel := range customer.Channels {
		names = append(names, string(channel))
	}
	return jsonschema.OneOf(names...)
}
