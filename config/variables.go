package config

import (
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"strings"
)

// variable is one field as the environment has it.
type variable struct {
	name   string
	value  string
	secret bool
}

// variables lists all fields in the order of the struct.
func (c Config) variables() []variable {
	fields := reflect.ValueOf(c)
	var all []variable
	for i := range fields.NumField() {
		v := variable{name: fields.Type().Field(i).Tag.Get("env")}
		switch value := fields.Field(i).Interface().(type) {
		case Secret:
			v.value, v.secret = value.Reveal(), true
		case interface{ MarshalText() ([]byte, error) }:
			text, err := value.MarshalText()
			if err != nil {
				continue // no type of a field does that
			}
			v.value = string(text)
		default:
			v.value = fmt.Sprint(value)
		}
		all = append(all, v)
	}
	return all
}

// Environ returns the configuration as the environment of another process of the stack, secrets and all. What is empty
// is left out.
func (c Config) Environ() []string {
	var all []string
	for _, v := range c.variables() {
		if v.value != "" {
			all = append(all, v.name+"="+v.value)
		}
	}
	return all
}

// String lists the variables that are set, without secrets.
func (c Config) String() string {
	var lines []string
	for _, v := range c.variables() {
		if v.value != "" {
			lines = append(lines, v.name+"="+v.shown())
		}
	}
	return strings.Join(lines, "\n")
}

// Format writes the same, whatever the verb.
func (c Config) Format(state fmt.State, _ rune) {
	_, _ = io.WriteString(state, c.String()) // as fmt does, which has nobody to tell
}

// LogValue is the same for logs.
func (c Config) LogValue() slog.Value {
	var all []slog.Attr
	for _, v := range c.variables() {
		if v.value != "" {
			all = append(all, slog.String(v.name, v.shown()))
		}
	}
	return slog.GroupValue(all...)
}

func (v variable) shown() string {
	if v.secret && strings.Contains(v.value, "://") {
		return withoutPassword(v.value)
	}
	if v.secret {
		return redacted
	}
	return v.value
}
