package problem

import (
	"strings"
	"unicode"
)

// A problem quotes what stands in a file, and that can be anything: a megabyte on one line, or what a terminal takes for a command.

// The lengths of text, in characters, that are kept of one that is longer than both and a little.
const (
	keptFirst = 300
	keptLast  = 100
)

// readable returns text on one line that can be printed, without its middle where it is too long.
func readable(text string) string {
	const most = 4 * 2 * (keptFirst + keptLast) // bytes: far more than are kept, and few enough to look at each
	if len(text) > most {
		text = text[:most/2] + text[len(text)-most/2:]
	}
	runes := []rune(printable(text))
	if len(runes) <= keptFirst+keptLast+1 {
		return string(runes)
	}
	return string(runes[:keptFirst]) + "…" + string(runes[len(runes)-keptLast:])
}

// printable returns text without the characters that move the cursor, change the direction of writing or show nothing.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			return ' '
		case !unicode.IsGraphic(r):
			return unicode.ReplacementChar
		}
		return r
	}, text)
}
