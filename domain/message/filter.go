package message

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/osteele/liquid"

	"perennial/domain/segment"
)

// filter is what the check knows of a filter that templates may use. The few there are keep every rendering short: none can loop or
// multiply its input.
type filter struct {
	takes func(segment.Type) bool // nil when it takes anything
	wants string                  // what it takes, in words
	gives segment.Type            // empty when it gives what it takes
	args  int
}

func filters() map[string]filter {
	text := func(t segment.Type) bool { return t == segment.String }
	return map[string]filter{
		"default":    {args: 1},
		"upcase":     {takes: text, wants: "text", args: 0},
		"downcase":   {takes: text, wants: "text", args: 0},
		"capitalize": {takes: text, wants: "text", args: 0},
		"date":       {takes: func(t segment.Type) bool { return t == segment.Date }, wants: "a date", gives: segment.String, args: 1},
		"round": {
			takes: func(t segment.Type) bool { return t == segment.Double || t == segment.Int },
			wants: "a number", gives: segment.String, args: 1,
		},
		"join": {
			takes: func(t segment.Type) bool { return t == segment.ListOf(segment.String) },
			wants: "a list of string", gives: segment.String, args: 1,
		},
	}
}

// newEngine returns a Liquid engine with these filters in place of its own and without access to files. Its date filter is kept.
func newEngine() *liquid.Engine {
	engine := liquid.NewEngine()
	engine.RegisterFilter("default", func(value, otherwise any) any {
		if value == nil || value == "" {
			return otherwise
		}
		return value
	})
	engine.RegisterFilter("upcase", strings.ToUpper)
	engine.RegisterFilter("downcase", strings.ToLower)
	engine.RegisterFilter("capitalize", func(s string) string {
		first, size := utf8.DecodeRuneInString(s)
		if size == 0 {
			return s
		}
		return string(unicode.ToUpper(first)) + s[size:]
	})
	engine.RegisterFilter("round", func(n float64, places int) string {
		return strconv.FormatFloat(n, 'f', max(places, 0), 64)
	})
	engine.RegisterFilter("join", func(items []any, separator string) string {
		words := make([]string, len(items))
		for i, item := range items {
			words[i] = fmt.Sprint(item)
		}
		return strings.Join(words, separator)
	})
	return engine
}
