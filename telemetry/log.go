package telemetry

import (
	"context"
	"encoding"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
)

// The forms in which logs are written.
const (
	TextLog = "text"
	JSONLog = "json"
)

// Logger writes logs in a form, text where it is none of those, and without personal data.
func Logger(w io.Writer, form string) *slog.Logger {
	if form == JSONLog {
		return slog.New(Private(slog.NewJSONHandler(w, nil)))
	}
	return slog.New(Private(slog.NewTextHandler(w, nil)))
}

// personal are the attributes that never enter a log: what is said, to whom, and who that is. Other attributes are let through without what
// looks like a phone number or an e-mail address; see [Redact].
var personal = []string{"birthday", "body", "email", "from", "html", "name", "phone", "subject", "text", "to"}

// private keeps personal data out of the handler behind it.
type private struct {
	first slog.Handler        // the one that was wrapped: it says which levels are enabled
	next  func() slog.Handler // with all attributes and groups: made by the first line that is written, since most loggers of Temporal's SDK write none
	mute  bool                // inside a group that is personal: no attribute enters
}

// Private wraps a handler so that no personal data reaches it: not in messages, attributes, groups, errors, or in what a LogValuer or a String
// method says of itself. Numbers, times and durations pass as they are.
func Private(next slog.Handler) slog.Handler {
	return &private{first: next, next: func() slog.Handler { return next }}
}

func (p *private) Enabled(ctx context.Context, level slog.Level) bool {
	return p.first.Enabled(ctx, level)
}

func (p *private) Handle(ctx context.Context, r slog.Record) error {
	clean := slog.NewRecord(r.Time, r.Level, Redact(r.Message), r.PC)
	if !p.mute {
		r.Attrs(func(a slog.Attr) bool {
			clean.AddAttrs(withoutPersons(a)...)
			return true
		})
	}
	return p.next().Handle(ctx, clean)
}

func (p *private) WithAttrs(attrs []slog.Attr) slog.Handler {
	if p.mute {
		return p
	}
	return p.behind(func(next slog.Handler) slog.Handler { return next.WithAttrs(allWithoutPersons(attrs)) })
}

func (p *private) WithGroup(name string) slog.Handler {
	if p.mute || isPersonal(name) {
		return &private{first: p.first, next: p.next, mute: true}
	}
	return p.behind(func(next slog.Handler) slog.Handler { return next.WithGroup(Redact(name)) })
}

func (p *private) behind(with func(slog.Handler) slog.Handler) *private {
	return &private{first: p.first, next: sync.OnceValue(func() slog.Handler { return with(p.next()) })}
}

func isPersonal(key string) bool { return slices.Contains(personal, strings.ToLower(key)) }

// withoutPersons returns an attribute without personal data; nothing where it is all of it.
func withoutPersons(a slog.Attr) []slog.Attr {
	if isPersonal(a.Key) {
		return nil
	}
	a.Key = Redact(a.Key)
	a.Value = a.Value.Resolve()
	switch a.Value.Kind() {
	case slog.KindString:
		a.Value = slog.StringValue(Redact(a.Value.String()))
	case slog.KindGroup:
		a.Value = slog.GroupValue(allWithoutPersons(a.Value.Group())...)
	case slog.KindAny:
		a.Value = slog.StringValue(Redact(inWords(a.Value.Any())))
	}
	return []slog.Attr{a}
}

func allWithoutPersons(attrs []slog.Attr) []slog.Attr {
	clean := make([]slog.Attr, 0, len(attrs))
	for _, a := range attrs {
		clean = append(clean, withoutPersons(a)...)
	}
	return clean
}

// inWords is what a value says of itself, or else what is in it.
func inWords(value any) string {
	switch v := value.(type) {
	case error, fmt.Stringer:
		return fmt.Sprint(v) // which survives a nil inside
	case encoding.TextMarshaler:
		if text, err := v.MarshalText(); err == nil {
			return string(text)
		}
	case []byte:
		return string(v)
	}
	return fmt.Sprintf("%+v", value)
}
