package config

import (
	"fmt"
	"io"
	"log/slog"
)

// redacted stands for a secret wherever one would be printed.
const redacted = "(secret)"

// Secret is a value that no log, error or listing shows.
type Secret string

// Reveal returns the value itself.
func (s Secret) Reveal() string { return string(s) }

// String returns what may be shown.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return redacted
}

// GoString returns what may be shown.
func (s Secret) GoString() string { return s.String() }

// Format writes what may be shown, whatever the verb: fmt writes the value itself for one that does not suit it.
func (s Secret) Format(state fmt.State, verb rune) {
	if verb == 'q' {
		fmt.Fprintf(state, "%q", s.String())
		return
	}
	_, _ = io.WriteString(state, s.String()) // as fmt does, which has nobody to tell
}

// LogValue returns what may be shown.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText returns what may be shown: a configuration that is written as JSON holds no secret.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
