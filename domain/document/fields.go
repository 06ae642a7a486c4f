package document

import (
	"fmt"
	"slices"

	"perennial/domain/problem"
)

// CheckKeys adds a problem for each key of a mapping that is not among known. What is there already is hardly meant where another key is near, too.
func (v *Value) CheckKeys(known []string, problems *problem.List) {
	free := slices.DeleteFunc(slices.Clone(known), func(key string) bool { return v.Get(key) != nil })
	for _, f := range v.Fields {
		if slices.Contains(known, f.Key) {
			continue
		}
		mend := problem.Suggest(f.Key, known)
		if _, near := problem.Nearest(f.Key, free); near {
			mend = problem.Suggest(f.Key, free)
		}
		problems.Add(f.Place, "unknown key "+f.Key, mend)
	}
}

// Scalar returns the scalar of a field, nil when the field is missing or, with a problem, when it is empty or no scalar.
func (v *Value) Scalar(key string, problems *problem.List) *Value {
	return v.field(key, Scalar, problems)
}

// List returns the items of a field, nil when the field is missing or, with a problem, when it is empty or no list.
func (v *Value) List(key string, problems *problem.List) []*Value {
	list := v.field(key, Sequence, problems)
	if list == nil {
		return nil
	}
	if len(list.Items) == 0 {
		problems.Add(list.Place, key+" is an empty list", "leave it out or put something in")
	}
	return list.Items
}

// Mapping returns the mapping of a field, nil when the field is missing or, with a problem, when it is empty or no mapping.
func (v *Value) Mapping(key string, problems *problem.List) *Value {
	return v.field(key, Mapping, problems)
}

// Bool returns whether a field says true; a missing one is false.
func (v *Value) Bool(key string, problems *problem.List) bool {
	value := v.Scalar(key, problems)
	if value == nil {
		return false
	}
	if value.Text != "true" && value.Text != "false" {
		problems.Add(value.Place, fmt.Sprintf("%s must be true or false", key), "")
	}
	return value.Text == "true"
}

func (v *Value) field(key string, kind Kind, problems *problem.List) *Value {
	f := v.Get(key)
	if f == nil {
		return nil
	}
	if !f.Value.Is(kind, key, problems) {
		return nil
	}
	return f.Value
}

// Is says whether the value is of that kind, and adds a problem that calls the value name when it is not. An empty text is no scalar.
func (v *Value) Is(kind Kind, name string, problems *problem.List) bool {
	if v.Kind == Nothing || v.Kind == Scalar && kind == Scalar && v.Text == "" {
		problems.Add(v.Place, name+" is empty", "give it a value or leave it out")
		return false
	}
	if v.Kind != kind {
		mend := map[Kind]string{Scalar: "write it behind the colon", Sequence: "write one item a line, each after a dash", Mapping: "write it as { key: value }"}[kind]
		problems.Add(v.Place, fmt.Sprintf("%s must be %s, not %s", name, kind, v.Kind), mend)
		return false
	}
	return true
}
