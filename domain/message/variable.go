package message

import (
	"strings"
	"time"

	"golang.org/x/text/language"

	"perennial/domain/customer"
	"perennial/domain/segment"
)

// variable is what the check knows of something that a template may print.
type variable struct {
	is    segment.Type
	empty bool // it may be empty
}

// variables returns everything that a template may print, by its full name.
func variables(cat segment.Catalogue) map[string]variable {
	known := map[string]variable{
		"now":                      {is: segment.Date},
		"customer.id":              {is: segment.String},
		"customer.name":            {is: segment.String, empty: true},
		"customer.first_name":      {is: segment.String, empty: true},
		"customer.language":        {is: segment.String},
		"customer.country":         {is: segment.String, empty: true},
		"customer.star":            {is: segment.Int},
		"customer.purchases.count": {is: segment.Int},
		"customer.purchases.total": {is: segment.Double},
		"customer.purchases.first": {is: segment.Date, empty: true},
		"customer.purchases.last":  {is: segment.Date, empty: true},
	}
	for _, a := range cat.Attributes {
		known["customer."+a.Name] = variable{is: a.Type, empty: true}
	}
	for _, of := range customer.ThingKinds {
		known[string(of)+".id"] = variable{is: segment.String}
		known[string(of)+".kind"] = variable{is: segment.String, empty: true}
		for _, a := range cat.ThingAttributes(of) {
			known[string(of)+"."+a.Name] = variable{is: a.Type, empty: true}
		}
	}
	for _, c := range cat.Business {
		known["business."+c.Name] = variable{is: segment.String}
	}
	return known
}

// bindings lays out what a template may print for one customer, and of one thing where about has one. What is empty has no entry, so that a condition on it is false. Dates
// are in the customer's zone. An attribute of another type than the catalogue says counts as empty: better the template's default
// than a wrong word.
func bindings(cat segment.Catalogue, about About, now time.Time) map[string]any {
	p := about.Customer
	zone := p.Zone
	if zone == nil {
		zone = time.UTC
	}
	purchases := map[string]any{"count": p.Purchases.Count, "total": p.Purchases.Total}
	setDate(purchases, "first", p.Purchases.First, zone)
	setDate(purchases, "last", p.Purchases.Last, zone)
	c := map[string]any{"id": p.ID, "language": p.Language, "star": p.Star, "purchases": purchases}
	setText(c, "name", p.Name)
	setText(c, "first_name", FirstName(p.Name, p.Language))
	setText(c, "country", p.Country)
	setAttributes(c, cat.Attributes, p.Attributes, zone)
	business := map[string]any{}
	for _, constant := range cat.Business {
		business[constant.Name] = constant.Value
	}
	values := map[string]any{"customer": c, "business": business, "now": now.In(zone)}
	if thing := about.Thing; thing != nil {
		t := map[string]any{"id": thing.ID}
		setText(t, "kind", thing.Kind)
		setAttributes(t, cat.ThingAttributes(thing.Of), thing.Attributes, zone)
		values[string(thing.Of)] = t
	}
	return values
}

func setAttributes(m map[string]any, attributes []segment.Attribute, raw map[string]any, zone *time.Location) {
	for _, a := range attributes {
		value, ok := a.Type.Value(raw[a.Name], zone)
		if text, isText := value.(string); isText {
			setText(m, a.Name, text)
			continue
		}
		if list, isList := value.([]any); ok && (!isList || len(list) > 0) {
			m[a.Name] = value
		}
	}
}

func setText(m map[string]any, name, text string) {
	if text = strings.TrimSpace(text); text != "" {
		m[name] = text
	}
}

func setDate(m map[string]any, name string, t time.Time, zone *time.Location) {
	if !t.IsZero() {
		m[name] = t.In(zone)
	}
}

// FirstName returns the name by which to greet somebody: the first word of a name, and the whole name in languages that put the family
// name first. "Smith, Jane" is Jane.
func FirstName(name, lang string) string {
	if base, _ := language.Make(lang).Base(); strings.Contains(" zh ja ko hu vi ", " "+base.String()+" ") {
		return strings.TrimSpace(name)
	}
	if _, given, ok := strings.Cut(name, ","); ok && strings.TrimSpace(given) != "" {
		name = given
	}
	words := strings.Fields(name)
	if len(words) == 0 {
		return ""
	}
	return words[0]
}
