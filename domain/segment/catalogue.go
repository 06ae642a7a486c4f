package segment

import "slices"

// DefaultLanguage is the language that templates fall back to where the profile catalogue names none.
const DefaultLanguage = "en"

// Catalogue is what is known of customers and of events: every name that an expression or a template may use, with its type. It is
// stored as JSON with each published version, so that what was checked is what runs.
type Catalogue struct {
	Language   string      `json:"language"`             // BCP 47: the language of those whose own has no template
	Business   []Constant  `json:"business,omitempty"`   // what templates may say of the business, by name
	Attributes []Attribute `json:"attributes,omitempty"` // of a customer, beside those that every customer has; by name
	Agreements []Attribute `json:"agreements,omitempty"` // of an agreement, beside those that every agreement has; by name
	Assets     []Attribute `json:"assets,omitempty"`     // of an asset, likewise
	Events     []EventType `json:"events,omitempty"`     // by name
	Style      string      `json:"style,omitempty"`      // how emails look beside the standard: CSS
}

// Constant is something that templates may say, such as the name of the business.
type Constant struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Attribute is something known of a customer, or of something that a customer has. Any attribute may be absent.
type Attribute struct {
	Name        string `json:"name"`
	Type        Type   `json:"type"`
	Unit        string `json:"unit,omitempty"`
	History     bool   `json:"history,omitempty"`  // former values are kept with their dates
	Personal    bool   `json:"personal,omitempty"` // says who the customer is: never in a key, a log or a workflow
	Description string `json:"description,omitempty"`
}

// EventType is a kind of event with the data it brings.
type EventType struct {
	Name        string  `json:"name"`
	Description string  `json:"description,omitempty"`
	Data        []Field `json:"data,omitempty"` // by name
}

// Field is one piece of an event's data.
type Field struct {
	Name        string `json:"name"`
	Type        Type   `json:"type"`
	Unit        string `json:"unit,omitempty"`
	Optional    bool   `json:"optional,omitempty"` // an event may come without it
	Personal    bool   `json:"personal,omitempty"`
	Description string `json:"description,omitempty"`
}

// Event returns the event type of that name.
func (c Catalogue) Event(name string) (EventType, bool) {
	i := slices.IndexFunc(c.Events, func(e EventType) bool { return e.Name == name })
	if i < 0 {
		return EventType{}, false
	}
	return c.Events[i], true
}

// EventNames returns the names of all event types.
func (c Catalogue) EventNames() []string {
	names := make([]string, len(c.Events))
	for i, e := range c.Events {
		names[i] = e.Name
	}
	return names
}

// Attribute returns the attribute of that name.
func (c Catalogue) Attribute(name string) (Attribute, bool) {
	i := slices.IndexFunc(c.Attributes, func(a Attribute) bool { return a.Name == name })
	if i < 0 {
		return Attribute{}, false
	}
	return c.Attributes[i], true
}

// Field returns the piece of data of that name.
func (e EventType) Field(name string) (Field, bool) {
	i := slices.IndexFunc(e.Data, func(f Field) bool { return f.Name == name })
	if i < 0 {
		return Field{}, false
	}
	return e.Data[i], true
}
