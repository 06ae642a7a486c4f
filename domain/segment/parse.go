package segment

import (
	"cmp"
	"fmt"
	"slices"

	"golang.org/x/text/language"

	"perennial/domain/customer"
	"perennial/domain/document"
	"perennial/domain/problem"
)

// ParseProfile reads the profile catalogue: the language to fall back to, what templates may say of the business, and the attributes
// of customers and of what they have. It fills those parts of c and adds what is wrong to problems.
func (c *Catalogue) ParseProfile(file string, source []byte, problems *problem.List) {
	c.Language = DefaultLanguage
	root := document.Parse(file, source, problems)
	if root == nil {
		return
	}
	root.CheckKeys([]string{"language", "business", "attributes", "agreements", "assets"}, problems)
	if v := root.Scalar("language", problems); v != nil {
		c.Language = parseLanguage(v, problems)
	}
	if m := root.Mapping("business", problems); m != nil {
		c.Business = parseConstants(m, problems)
	}
	if m := root.Mapping("attributes", problems); m != nil {
		c.Attributes = parseAttributes(m, "customer", builtInNames(), problems)
	}
	if m := root.Mapping("agreements", problems); m != nil {
		c.Agreements = parseAttributes(m, "agreement", thingNames(customer.Agreement), problems)
	}
	if m := root.Mapping("assets", problems); m != nil {
		c.Assets = parseAttributes(m, "asset", thingNames(customer.Asset), problems)
	}
}

// ParseEvents reads the event catalogue. It fills that part of c and adds what is wrong to problems.
func (c *Catalogue) ParseEvents(file string, source []byte, problems *problem.List) {
	root := document.Parse(file, source, problems)
	if root == nil {
		return
	}
	root.CheckKeys([]string{"events"}, problems)
	events := root.Mapping("events", problems)
	if events == nil {
		return
	}
	for _, f := range events.Fields {
		if !eventName.MatchString(f.Key) {
			problems.Add(f.Place, f.Key+" is no name for an event type", "write lower-case words with dots between them, such as visit.completed")
			continue
		}
		c.Events = append(c.Events, parseEvent(f, problems))
	}
	slices.SortFunc(c.Events, func(a, b EventType) int { return cmp.Compare(a.Name, b.Name) })
}

func parseLanguage(v *document.Value, problems *problem.List) string {
	tag, err := language.Parse(v.Text)
	if err != nil {
		problems.Add(v.Place, v.Text+" is no language", "write a language tag such as en or zh-CN")
		return DefaultLanguage
	}
	return tag.String()
}

func parseConstants(m *document.Value, problems *problem.List) []Constant {
	var constants []Constant
	for _, f := range m.Fields {
		if !checkName(f, problems) || !f.Value.Is(document.Scalar, f.Key, problems) {
			continue
		}
		constants = append(constants, Constant{Name: f.Key, Value: f.Value.Text})
	}
	slices.SortFunc(constants, func(a, b Constant) int { return cmp.Compare(a.Name, b.Name) })
	return constants
}

// parseAttributes reads the attributes of whatever whose is; none may have a name that is known of all of them.
func parseAttributes(m *document.Value, whose string, builtIn []string, problems *problem.List) []Attribute {
	var attributes []Attribute
	for _, f := range m.Fields {
		if slices.Contains(builtIn, f.Key) {
			problems.Add(f.Place, f.Key+" is known of every "+whose+" already", "give the attribute another name")
			continue
		}
		if !checkName(f, problems) || !f.Value.Is(document.Mapping, f.Key, problems) {
			continue
		}
		f.Value.CheckKeys([]string{"type", "unit", "history", "personal", "description"}, problems)
		attributes = append(attributes, Attribute{
			Name:        f.Key,
			Type:        parseType(f, problems),
			Unit:        textOf(f.Value, "unit", problems),
			History:     f.Value.Bool("history", problems),
			Personal:    f.Value.Bool("personal", problems),
			Description: textOf(f.Value, "description", problems),
		})
	}
	slices.SortFunc(attributes, func(a, b Attribute) int { return cmp.Compare(a.Name, b.Name) })
	return attributes
}

func parseEvent(f document.Field, problems *problem.List) EventType {
	event := EventType{Name: f.Key}
	if f.Value.Kind == document.Nothing {
		return event
	}
	if !f.Value.Is(document.Mapping, f.Key, problems) {
		return event
	}
	f.Value.CheckKeys([]string{"description", "data"}, problems)
	event.Description = textOf(f.Value, "description", problems)
	data := f.Value.Mapping("data", problems)
	if data == nil {
		return event
	}
	for _, d := range data.Fields {
		if slices.Contains(eventNames(), d.Key) {
			problems.Add(d.Place, d.Key+" is known of every event already", "give the data another name")
			continue
		}
		if checkName(d, problems) {
			event.Data = append(event.Data, parseField(d, problems))
		}
	}
	slices.SortFunc(event.Data, func(a, b Field) int { return cmp.Compare(a.Name, b.Name) })
	return event
}

// parseField reads "order_id: string" or "order_id: { type: string, optional: true }".
func parseField(f document.Field, problems *problem.List) Field {
	field := Field{Name: f.Key, Type: String}
	if f.Value.Kind == document.Scalar {
		field.Type = checkType(f.Value, problems)
		return field
	}
	if !f.Value.Is(document.Mapping, f.Key, problems) {
		return field
	}
	f.Value.CheckKeys([]string{"type", "unit", "optional", "personal", "description"}, problems)
	field.Type = parseType(f, problems)
	field.Unit = textOf(f.Value, "unit", problems)
	field.Optional = f.Value.Bool("optional", problems)
	field.Personal = f.Value.Bool("personal", problems)
	field.Description = textOf(f.Value, "description", problems)
	return field
}

func parseType(f document.Field, problems *problem.List) Type {
	if f.Value.Get("type") == nil {
		problems.Add(f.Place, f.Key+" has no type", problem.Suggest("", singleTypes()))
		return String
	}
	v := f.Value.Scalar("type", problems)
	if v == nil {
		return String
	}
	return checkType(v, problems)
}

func checkType(v *document.Value, problems *problem.List) Type {
	t := Type(v.Text)
	if t.Known() {
		return t
	}
	problems.Add(v.Place, fmt.Sprintf("%s is no type", v.Text), problem.Suggest(v.Text, singleTypes())+", or a list such as \"list of string\"")
	return String
}

func checkName(f document.Field, problems *problem.List) bool {
	if Word(f.Key) {
		return true
	}
	problems.Add(f.Place, f.Key+" is no name that an expression can use", "write lower-case words joined by underscores, such as first_visit")
	return false
}

func textOf(m *document.Value, key string, problems *problem.List) string {
	v := m.Scalar(key, problems)
	if v == nil {
		return ""
	}
	return v.Text
}
