package segment

import (
	"maps"
	"slices"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"

	"perennial/domain/customer"
)

// schema is the shape of what expressions may name, by record. It is what CEL's checker asks for the type of a field.
type schema map[string]record

// The records. Their names begin with a sign that no expression can write, so that they can't be mistaken for variables.
const (
	customerRecord  = "@customer"
	purchasesRecord = "@purchases"
	eventRecord     = "@event"
	answerRecord    = "@answer"
)

// record is what is known under one variable, by name.
type record map[string]member

// member is one thing of a record.
type member struct {
	is       *cel.Type
	absent   bool // it may be absent and must be guarded
	personal bool
}

// newSchema returns what an expression may name in a scope. An event type that the catalogue lacks has no data.
func newSchema(cat Catalogue, scope Scope) schema {
	c := record{
		"id":        {is: cel.StringType},
		"language":  {is: cel.StringType},
		"country":   {is: cel.StringType},
		"star":      {is: cel.IntType},
		"owner":     {is: cel.StringType},
		"purchases": {is: cel.ObjectType(purchasesRecord)},
	}
	for _, a := range cat.Attributes {
		c[a.Name] = member{is: a.Type.cel(), absent: true, personal: a.Personal}
	}
	s := schema{
		customerRecord: c,
		purchasesRecord: {
			"count": {is: cel.IntType},
			"total": {is: cel.DoubleType},
			"first": {is: cel.TimestampType, absent: true},
			"last":  {is: cel.TimestampType, absent: true},

			"gap_days": {is: cel.IntType, absent: true},
		},
		answerRecord: {},
	}
	if scope.Each != "" {
		s[thingRecord(scope.Each)] = newThing(cat, scope.Each)
	}
	for _, step := range scope.Answers {
		s[answerRecord][step] = member{is: cel.DoubleType, absent: true}
	}
	if scope.Event == "" {
		return s
	}
	e := record{"id": {is: cel.StringType}, "type": {is: cel.StringType}, "at": {is: cel.TimestampType}}
	event, _ := cat.Event(scope.Event)
	for _, f := range event.Data {
		e[f.Name] = member{is: f.Type.cel(), absent: f.Optional, personal: f.Personal}
	}
	s[eventRecord] = e
	return s
}

// newThing returns what an expression may name of a thing of that kind.
func newThing(cat Catalogue, of customer.ThingKind) record {
	thing := record{"id": {is: cel.StringType}, "kind": {is: cel.StringType}}
	for _, a := range cat.ThingAttributes(of) {
		thing[a.Name] = member{is: a.Type.cel(), absent: true, personal: a.Personal}
	}
	return thing
}

// BuiltIn says whether a name is known of every customer, and so is none of an attribute.
func BuiltIn(name string) bool { return slices.Contains(builtInNames(), name) }

// builtInNames are the names that are known of every customer, which no attribute can have; name and first_name are for templates.
func builtInNames() []string {
	return append(slices.Sorted(maps.Keys(newSchema(Catalogue{}, Scope{})[customerRecord])), "name", "first_name")
}

// eventNames are the names that are known of every event.
func eventNames() []string { return []string{"at", "id", "type"} }

// provider answers CEL's questions about records from a schema, and all others as CEL does.
type provider struct {
	types.Provider
	schema schema
}

// FindStructType implements types.Provider.
func (p provider) FindStructType(name string) (*types.Type, bool) {
	if _, ok := p.schema[name]; ok {
		return types.NewTypeTypeWithParam(types.NewObjectType(name)), true
	}
	return p.Provider.FindStructType(name)
}

// FindStructFieldNames implements types.Provider.
func (p provider) FindStructFieldNames(name string) ([]string, bool) {
	if r, ok := p.schema[name]; ok {
		return slices.Sorted(maps.Keys(r)), true
	}
	return p.Provider.FindStructFieldNames(name)
}

// FindStructFieldType implements types.Provider.
func (p provider) FindStructFieldType(name, field string) (*types.FieldType, bool) {
	r, ok := p.schema[name]
	if !ok {
		return p.Provider.FindStructFieldType(name, field)
	}
	m, ok := r[field]
	if !ok {
		return nil, false
	}
	return &types.FieldType{Type: m.is}, true
}
