package message

import (
	"strings"
	"time"

	"golang.org/x/text/language"

	"perennial/domain/customer"
	"perennial/domain/segment"
)

// Sample is somebody who is made up and of whom everything is known that the catalogue speaks of, with a thing of that kind where it is not empty:
// to look at templates with. Texts are the names of what they stand for, in parentheses. Dates lie around now, in its zone.
func Sample(cat segment.Catalogue, reads string, of customer.ThingKind, now time.Time) About {
	return sample(cat, reads, "Avery Example", "样例", of, now)
}

// ShortSample is somebody with a short name of whom nothing else is known.
func ShortSample(reads string, of customer.ThingKind, now time.Time) About {
	about := About{Customer: customer.Profile{ID: "c-1", Name: nameIn(reads, "Jo Li", "样例"), Language: reads, Zone: now.Location(), Star: 3}}
	if of != "" {
		about.Thing = &customer.Thing{Of: of, ID: "1"}
	}
	return about
}

// LongSample is a [Sample] with a long name.
func LongSample(cat segment.Catalogue, reads string, of customer.ThingKind, now time.Time) About {
	return sample(cat, reads, "Maximiliana-Theodora Featherstone-Example", "欧阳样例长名", of, now)
}

func sample(cat segment.Catalogue, reads, name, chinese string, of customer.ThingKind, now time.Time) About {
	about := About{Customer: customer.Profile{
		ID: "c-1042", Name: nameIn(reads, name, chinese), Language: reads, Country: "US", Zone: now.Location(), Star: 3, Owner: "colleague-1",
		Attributes: sampleAttributes(cat.Attributes, now),
		Purchases:  customer.Purchases{Count: 3, Total: 1234.5, First: now.AddDate(-1, -2, 0), Last: now.AddDate(0, 0, -20), GapDays: 140},
	}}
	if of != "" {
		attributes := sampleAttributes(cat.ThingAttributes(of), now)
		delete(attributes, "ended_on")
		about.Thing = &customer.Thing{Of: of, ID: string(of) + "-1", Kind: "(" + string(of) + ")", Attributes: attributes}
	}
	return about
}

func nameIn(reads, name, chinese string) string {
	if base, _ := language.Make(reads).Base(); base.String() == "zh" {
		return chinese
	}
	return name
}

func sampleAttributes(attributes []segment.Attribute, now time.Time) map[string]any {
	values := map[string]any{}
	for _, a := range attributes {
		text := "(" + strings.ReplaceAll(a.Name, "_", " ") + ")"
		switch a.Type {
		case segment.String:
			values[a.Name] = text
		case segment.Int:
			values[a.Name] = int64(1234)
		case segment.Double:
			values[a.Name] = 1234.5
		case segment.Bool:
			values[a.Name] = true
		case segment.Date:
			values[a.Name] = now.AddDate(0, 0, 30).Format(time.DateOnly)
		case segment.ListOf(segment.String):
			values[a.Name] = []any{text, text}
		}
	}
	return values
}
