package message

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/osteele/liquid"
	"github.com/osteele/tuesday"
	"golang.org/x/text/currency"

	"perennial/domain/segment"
)

// filter is what the check knows of a filter that templates may use. The few there are keep every rendering short: none can loop or
// multiply its input.
type filter struct {
	takes func(segment.Type) bool // nil when it takes anything
	wants string                  // what it takes, in words
	gives segment.Type            // empty when it gives what it takes

	args     []segment.Type // what stands behind its colon
	optional bool           // all of that may be left out

	// check says what is wrong with what stands behind the colon, nil where nothing there stands; what is empty when nothing is.
	check func(arg *operand) (what, mend string)
}

// filters are those of templates in one language, for a business that counts in one currency, empty where it does not say.
func filters(f format, money string) map[string]filter {
	text := func(t segment.Type) bool { return t == segment.String }
	numeric := func(t segment.Type) bool { return t == segment.Double || t == segment.Int }
	return map[string]filter{
		"default":    {args: []segment.Type{""}},
		"upcase":     {takes: text, wants: "text"},
		"downcase":   {takes: text, wants: "text"},
		"capitalize": {takes: text, wants: "text"},
		"date": {
			takes: func(t segment.Type) bool { return t == segment.Date }, wants: "a date", gives: segment.String,
			args: []segment.Type{segment.String}, check: func(arg *operand) (string, string) { return f.dateFormat(arg.literal) },
		},
		"round":  {takes: numeric, wants: "a number", gives: segment.String, args: []segment.Type{segment.Int}, check: checkPlaces},
		"number": {takes: numeric, wants: "a number", gives: segment.String, args: []segment.Type{segment.Int}, optional: true, check: checkPlaces},
		"money": {
			takes: numeric, wants: "a number", gives: segment.String, args: []segment.Type{segment.String}, optional: true,
			check: func(arg *operand) (string, string) { return checkCurrency(arg, money) },
		},
		"join": {
			takes: func(t segment.Type) bool { return t == segment.ListOf(segment.String) },
			wants: "a list of string", gives: segment.String, args: []segment.Type{segment.String},
		},
	}
}

// maxPlaces is how many places behind the point a number may be written with.
const maxPlaces = 9

func checkPlaces(arg *operand) (what, mend string) {
	if arg == nil {
		return "", ""
	}
	if n, err := strconv.Atoi(arg.literal); err != nil || n < 0 || n > maxPlaces {
		return "a number can't be written with " + arg.literal + " places", fmt.Sprintf("write 0 to %d", maxPlaces)
	}
	return "", ""
}

func checkCurrency(arg *operand, ofBusiness string) (what, mend string) {
	code, mend := ofBusiness, "write an ISO 4217 code such as EUR as business: currency: in the profile catalogue"
	if arg != nil {
		code, mend = arg.literal, `write an ISO 4217 code such as money: "EUR"`
	}
	if code == "" {
		return "no currency is named", `write one as money: "EUR", or business: currency: EUR in the profile catalogue`
	}
	if _, err := currency.ParseISO(code); err != nil {
		return code + " is no currency", mend
	}
	return "", ""
}

// wideDirectives are those of a published template that its check let through; see wideDirective.
var wideDirectives = regexp.MustCompile(`%([-_^#:0]*)[0-9]{3,}`)

// mostPlaces is how many are written of as many as a published template may ask for: the check of its day may have known no limit.
const mostPlaces = 100

// newEngine returns a Liquid engine with these filters in place of its own and without access to files. They take whatever any check has let
// through, that of an earlier version too.
func newEngine(f format, money string) *liquid.Engine {
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
	engine.RegisterFilter("date", func(t time.Time, written string) (string, error) {
		if slices.Contains(dateStyles, written) {
			return f.date(t, written), nil
		}
		return tuesday.Strftime(wideDirectives.ReplaceAllString(written, "%$1"), t)
	})
	engine.RegisterFilter("round", func(n float64, written string) string {
		places, err := strconv.ParseFloat(written, 64)
		if err != nil {
			places = 0
		}
		return strconv.FormatFloat(n, 'f', int(min(max(places, 0), mostPlaces)), 64)
	})
	engine.RegisterFilter("number", func(n any, places func(int) int) string { return f.number(n, min(places(-1), mostPlaces)) })
	engine.RegisterFilter("money", func(amount float64, code func(string) string) string {
		written := code(money)
		unit, err := currency.ParseISO(written)
		if err != nil { // it may be one that is no more
			return strings.TrimSpace(written + " " + f.number(amount, 2))
		}
		return f.money(amount, unit)
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
