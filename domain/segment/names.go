package segment

import (
	"regexp"
	"slices"
)

// Word says whether text is a snake_case word of at most 64 characters that an expression can name. Words that CEL keeps for itself
// are none.
func Word(text string) bool {
	return word.MatchString(text) && len(text) <= maxWord && !slices.Contains(reserved, text)
}

const maxWord = 64

var (
	word      = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)
	eventName = regexp.MustCompile(`^[a-z][a-z0-9]*([._][a-z0-9]+)*$`)
)

// reserved are the words that CEL's grammar keeps for itself.
var reserved = []string{
	"as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in", "let", "loop", "namespace", "null",
	"package", "return", "true", "var", "void", "while",
}
