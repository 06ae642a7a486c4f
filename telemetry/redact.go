package telemetry

import (
	"bytes"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What stands in the place of a phone number and of an e-mail address.
const (
	somePhone = "(phone)"
	someEmail = "(e-mail)"
)

// Redact takes out of a text what looks like a phone number or an e-mail address. It errs on the side of taking too much, but leaves what an
// engineer needs at night: times, durations, addresses of machines with their port, UUIDs and the ids of touches, of customers (c-1042), of
// enrollments and of providers (SM and 32 hexadecimal digits). Between seven and nine bare digits behind letters, such as order-1234567, are an
// id; ten are a phone number.
func Redact(text string) string {
	if strings.ContainsAny(text, "@%＠") {
		text = email.ReplaceAllString(text, someEmail)
	}
	if !sevenDigits(text) || !digitRun.MatchString(text) {
		return text
	}
	return redactPhones(text)
}

// email is whatever stands on both sides of an @, as it is or as a URL writes it, with a dot and no digit near its end. It needs nothing before
// the @: what comes after says enough.
var email = regexp.MustCompile(`(?:"[^"\n]*"|[^\s\pC<>()\[\]{},;:"\\|/?&@]*)(?:@|%40|＠)(?:[^\s\pC<>()\[\]{},;:"'\\|/?&@=]+\.(?:(?i:xn--[a-z0-9\-]+)|[^\s\pC<>()\[\]{},;:"'\\|/?&@=\d.%\-]{2,})|\[[0-9a-fA-F.:]+\])`)

func sevenDigits(text string) bool {
	digits := 0
	for i := range len(text) {
		if c := text[i]; c >= '0' && c <= '9' {
			digits++
		}
	}
	if digits >= leastDigits {
		return true
	}
	for _, r := range text { // digits of other scripts
		if r >= utf8.RuneSelf && unicode.IsDigit(r) {
			digits++
		}
	}
	return digits >= leastDigits
}

// The fewest digits of a phone number; and how many are one though letters stand right before them.
const (
	leastDigits = 7
	sureDigits  = 10
)

// digitRun is as many digits as a phone number has, with what people and URLs write before and between them.
var digitRun = regexp.MustCompile(`(?:\+|＋|%2[bB])?\(?\p{Nd}(?:(?:[ \t\x{a0}\x{2009}\x{202f}().\-/+\x{2010}-\x{2015}]|%20|%2[bB]){0,4}\p{Nd}){6,}`)

// readable is what has many digits and is no phone number. Each must not go on with a letter or a digit on either side.
var readable = []*regexp.Regexp{
	// Dates and times as logs and RFC 3339 write them.
	regexp.MustCompile(`(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?:[T ][0-2]\d:[0-5]\d(?::[0-6]\d(?:\.\d{1,9})?)?(?:Z|(?: ?[+-][01]\d:?[0-5]\d)(?: [+-]\d{4}| [A-Z]{3,4})?)?)?`),
	regexp.MustCompile(`(?:[A-Z][a-z]{2} {1,2}\d{1,2} )?[0-2]\d:[0-5]\d:[0-6]\d\.\d{1,9}`),
	regexp.MustCompile(`(?:\d{1,6}h)?(?:\d{1,2}m)?\d{1,6}\.\d{1,9}(?:ms|µs|μs|us|ns|s|m|h)`),          // durations
	regexp.MustCompile(`[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}`), // UUIDs, such as run ids
	regexp.MustCompile(`[A-Z]{2}[0-9a-f]{32}`), // SIDs
	regexp.MustCompile(`[0-9a-f]{32}`),         // ids of traces
	regexp.MustCompile(`(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d):\d{1,5}`), // hosts and ports
	regexp.MustCompile(`\d{1,9}\.[a-z][a-z0-9_]*\.\d{1,6}\.\d{1,3}`),                                // touches
	regexp.MustCompile(`enrollments? \d{1,12}`),                                                     // as our errors name them
}

func redactPhones(text string) string {
	covered := []byte(text) // what is readable is blanked out here, so that it is part of no run of digits
	for _, pattern := range readable {
		for _, at := range pattern.FindAllStringIndex(text, -1) {
			if alone(text, at[0], at[1]) {
				for i := at[0]; i < at[1]; i++ {
					covered[i] = 0
				}
			}
		}
	}
	var clean strings.Builder
	done := 0
	for _, at := range digitRun.FindAllIndex(covered, -1) {
		if isID(covered, at[0], at[1]) {
			continue
		}
		clean.WriteString(text[done:at[0]])
		clean.WriteString(somePhone)
		done = at[1]
	}
	return clean.String() + text[done:]
}

// alone says whether text[from:to] is a word of its own, and no piece of a phone number: no letter or digit goes on with it, and no digit after
// one sign. Where it has more in it than a phone number has, a number may follow after a space.
func alone(text string, from, to int) bool {
	before, word, after := text[:from], text[from:to], text[to:]
	if !strings.ContainsFunc(word, func(r rune) bool { return !unicode.IsDigit(r) }) {
		return false
	}
	if n := len(before); n > 0 {
		last := before[n-1]
		if isWord(last) || last == '+' || last == '(' || n > 1 && isSign(last) && isDigit(before[n-2]) {
			return false
		}
	}
	if after == "" {
		return true
	}
	next := after[0]
	if isWord(next) {
		return false
	}
	goesOn := len(after) > 1 && isDigit(after[1]) && isSign(next)
	return !goesOn || next == ' ' && strings.ContainsFunc(word, func(r rune) bool { return r == ':' || unicode.IsLetter(r) })
}

// isID says whether a run of digits is part of an id: bare and few, with a letter right behind it, or right before it, or one sign before it.
func isID(text []byte, from, to int) bool {
	run := text[from:to]
	if len(run) >= sureDigits || bytes.ContainsFunc(run, func(r rune) bool { return r < '0' || r > '9' }) {
		return false
	}
	if to < len(text) && isLetter(text[to]) {
		return true
	}
	before := text[:from]
	if from > 0 && bytes.IndexByte([]byte("-_#"), text[from-1]) >= 0 {
		before = text[:from-1]
	}
	n := len(before)
	return n > 0 && isLetter(before[n-1]) && (n == 1 || before[n-2] != '\\') // a line break in quotes is no letter
}

func isSign(c byte) bool   { return strings.IndexByte(" -./()", c) >= 0 }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' }
func isWord(c byte) bool   { return isDigit(c) || isLetter(c) }
