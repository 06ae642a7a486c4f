package telemetry

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode"

	"pgregory.net/rapid"
)

// The ways in which a phone number and an e-mail address come into a text. Letters and digits of the pattern stand for any.
var (
	phones = rapid.OneOf(
		rapid.StringMatching(`\+[1-9][0-9]{6,14}`),
		rapid.StringMatching(`\+[1-9][0-9]{0,2}[ .\-][0-9]{2,4}[ .\-][0-9]{3,4}[ .\-][0-9]{2,4}`),
		rapid.StringMatching(`\([2-9][0-9]{2}\) ?[2-9][0-9]{2}-[0-9]{4}`),
		rapid.StringMatching(`[2-9][0-9]{2}[-. ][2-9][0-9]{2}[-. ][0-9]{4}`),
		rapid.StringMatching(`0[1-9][0-9]{2,3}[ /][0-9]{6,7}`),
		rapid.StringMatching(`1[3-9][0-9]{9}`),
		rapid.StringMatching(`00[1-9][0-9]{8,12}`),
		rapid.StringMatching(`%2B[1-9][0-9]{7,14}`),
	)
	emails = rapid.OneOf(
		rapid.StringMatching(`[a-z][a-z0-9.+_]{0,12}@[a-z0-9]{1,8}(\.[a-z]{2,6}){1,2}`),
		rapid.StringMatching("[A-Za-z0-9!#$%'*+=^_`{|}~-]{1,10}@[a-z0-9-]{1,8}\\.[a-z]{2,6}"),
		rapid.StringMatching(`"[a-z .@]{1,10}"@[a-z]{1,8}\.[a-z]{2,6}`),
		rapid.StringMatching(`[\p{Han}\p{Latin}]{1,6}@\p{Han}{1,4}\.[a-z]{2,4}`),
		rapid.StringMatching(`[a-z]{1,8}%40[a-z]{1,8}\.[a-z]{2,6}`),
	)
)

// secret is a text with a phone number or an e-mail address in it, and that. Digits beside a number would be part of it.
func secret(t *rapid.T) (text, hidden string) {
	around := rapid.StringMatching(`[^\p{Nd}]{0,12}`)
	hidden = rapid.OneOf(phones, emails).Draw(t, "hidden")
	return around.Draw(t, "before") + hidden + around.Draw(t, "after"), hidden
}

func TestWhateverIsLoggedNoPhoneAndNoEmailComesOut(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text, hidden := secret(t)
		for _, form := range []string{TextLog, JSONLog} {
			var out bytes.Buffer
			say(rapid.IntRange(0, len(ways)-1).Draw(t, "way"), Logger(&out, form), text)
			if out.Len() == 0 {
				t.Fatal("nothing was logged")
			}
			if shows(out.String(), hidden) {
				t.Fatalf("%q is in the log: %s", hidden, out.String())
			}
		}
	})
}

func TestWhatIsRedactedStaysSo(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text, _ := secret(t)
		once := Redact(text + rapid.String().Draw(t, "more"))
		if twice := Redact(once); twice != once {
			t.Fatalf("%q becomes %q, and then %q", text, once, twice)
		}
	})
}

// shows says whether a log shows what is hidden, as it is, escaped, or by its digits with other signs between them.
func shows(log, hidden string) bool {
	if decoded, err := url.QueryUnescape(hidden); err == nil && !strings.Contains(hidden, "+") {
		hidden = decoded
	}
	if strings.Contains(log, hidden) || strings.Contains(log, strings.Trim(fmt.Sprintf("%q", hidden), `"`)) {
		return true
	}
	if strings.ContainsAny(hidden, "@") {
		return false
	}
	_, log, _ = strings.Cut(log, "INFO") // behind the time
	return strings.Contains(digitsOf(log), digitsOf(hidden))
}

func digitsOf(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return r
		}
		return -1
	}, text)
}

// ways are the ways in which a text may come into a log.
var ways = []func(*slog.Logger, string){
	func(l *slog.Logger, s string) { l.Info(s) },
	func(l *slog.Logger, s string) { l.Info("said", "why", s) },
	func(l *slog.Logger, s string) { l.Info("said", s, "why") },
	func(l *slog.Logger, s string) { l.Info("said", "error", errors.New(s)) },
	func(l *slog.Logger, s string) {
		l.Info("said", "error", fmt.Errorf("call: %w", &url.Error{Op: "Post", URL: s, Err: errors.New(s)}))
	},
	func(l *slog.Logger, s string) { l.Info("said", "error", errors.Join(errors.New("one"), errors.New(s))) },
	func(l *slog.Logger, s string) { l.Info("said", slog.Group("outer", slog.Group("inner", "why", s))) },
	func(l *slog.Logger, s string) { l.With("why", s).Info("said") },
	func(l *slog.Logger, s string) {
		l.WithGroup("g").With("why", s).WithGroup("h").Info("said", "again", s)
	},
	func(l *slog.Logger, s string) { l.WithGroup(s).Info("said", "n", 1) },
	func(l *slog.Logger, s string) { l.Info("said", "who", valued(s)) },
	func(l *slog.Logger, s string) { l.Info("said", "who", grouped(s)) },
	func(l *slog.Logger, s string) { l.Info("said", "who", stringer(s)) },
	func(l *slog.Logger, s string) { l.Info("said", "raw", []byte(s)) },
	func(l *slog.Logger, s string) { l.Info("said", "all", []string{"one", s}) },
	func(l *slog.Logger, s string) { l.Info("said", "all", map[string]any{s: struct{ Why string }{s}}) },
	func(l *slog.Logger, s string) { l.Info("said", "text", s, "to", s, "phone", s, "Email", s, "name", s) },
	func(l *slog.Logger, s string) { l.WithGroup("from").With("why", s).Info("said", "again", s) },
}

func say(way int, l *slog.Logger, text string) { ways[way](l, text) }

type valued string

func (v valued) LogValue() slog.Value { return slog.AnyValue(grouped(v)) }

type grouped string

func (g grouped) LogValue() slog.Value {
	return slog.GroupValue(slog.String("why", string(g)), slog.Any("error", errors.New(string(g))))
}

type stringer string

func (s stringer) String() string { return "it is " + string(s) }

func TestPersonalAttributesAreLeftOut(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	Logger(&out, TextLog).WithGroup("g").Info("said",
		"name", "Ada", "text", "Dear", "to", "Ada", slog.Group("who", "name", "Ada", "id", "c-1"), slog.Group("from", "id", "Ada"), "touch", "1.a.1.1")
	if got := out.String(); strings.Contains(got, "Ada") || strings.Contains(got, "Dear") || !strings.HasSuffix(got, "msg=said g.who.id=c-1 g.touch=1.a.1.1\n") {
		t.Error(got)
	}
}

func TestNumbersAndTimesPassAsTheyAre(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	at := time.Date(2026, 5, 4, 11, 0, 0, 0, time.UTC)
	Logger(&out, JSONLog).Info("counted", "n", 12345678901, "share", 0.1234567, "took", 1234567891*time.Nanosecond, "at", at, "ok", true, "state", valued("sent"))
	if want := `"msg":"counted","n":12345678901,"share":0.1234567,"took":1234567891,"at":"2026-05-04T11:00:00Z","ok":true,"state":{"why":"sent","error":"sent"}}`; !strings.Contains(out.String(), want) {
		t.Error(out.String())
	}
}
