package message

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/osteele/liquid"

	"perennial/domain/customer"
)

// Message is what one customer receives.
type Message struct {
	Subject  string // email only
	Preview  string // email only: the line that an inbox shows behind the subject
	Text     string // empty where whatsapp's approved content says it all
	HTML     string // email only: the text, laid out
	Language string // the language it is in, which may not be the one that was asked for

	ContentSID string            // whatsapp only: the approved content to send instead of Text
	Variables  map[string]string // whatsapp only: what stands for its placeholders
}

// maxRendered is how long a rendered text may be, in bytes.
const maxRendered = 64 << 10

// About is what a template may speak of.
type About struct {
	Customer customer.Profile
	Thing    *customer.Thing // what the journey is about; nil where it is about the customer
	Language string          // of who reads it, where that is not the customer
}

// Render writes the template of that name for a channel, in the reader's language or the nearest there is. Its errors hold nothing of the
// customer.
func (s *Set) Render(name string, channel customer.Channel, about About, now time.Time) (Message, error) {
	choice, ok := s.Choose(name, channel, cmp.Or(about.Language, about.Customer.Language))
	if !ok {
		return Message{}, fmt.Errorf("render template %s: there is none for %s", name, channel)
	}
	of := id{name: name, channel: channel, language: choice.Language}
	message, err := s.render(s.templates[of], about, now)
	if err != nil {
		return Message{}, fmt.Errorf("render template %s for %s in %s: %w", of.name, of.channel, of.language, err)
	}
	return message, nil
}

func (s *Set) render(t *template, about About, now time.Time) (Message, error) {
	for _, of := range customer.ThingKinds {
		if t.things[of] && (about.Thing == nil || about.Thing.Of != of) {
			return Message{}, fmt.Errorf("it speaks of an %s, and none is at hand", of)
		}
	}
	return t.render(bindings(s.catalogue, about, now))
}

func (t *template) render(values map[string]any) (Message, error) {
	if t.broken != nil {
		return Message{}, t.broken
	}
	text, err := fill(t.body, values)
	if err != nil {
		return Message{}, err
	}
	message := Message{Text: tidy(text), Language: t.language, ContentSID: t.front.contentSID}
	switch t.channel {
	case customer.Email:
		err = t.email(&message, values)
	case customer.WhatsApp:
		message.Variables, err = t.variables(values)
	}
	return message, err
}

// email adds what only an email has.
func (t *template) email(message *Message, values map[string]any) error {
	subject, err := fill(t.front.subject, values)
	if err != nil {
		return err
	}
	preview, err := fill(t.front.preview, values)
	if err != nil {
		return err
	}
	message.Subject, message.Preview = oneLine(subject), oneLine(preview)
	message.HTML, err = t.layout.write(*message)
	return err
}

// variables fills in the placeholders of approved content. WhatsApp takes none that is empty or has a line break.
func (t *template) variables(values map[string]any) (map[string]string, error) {
	if len(t.front.variables) == 0 {
		return nil, nil
	}
	filled := make(map[string]string, len(t.front.variables))
	for _, name := range slices.Sorted(maps.Keys(t.front.variables)) {
		text, err := fill(t.front.variables[name], values)
		if err != nil {
			return nil, fmt.Errorf("its variable %s: %w", name, err)
		}
		if filled[name] = oneLine(text); filled[name] == "" {
			return nil, fmt.Errorf("its variable %s comes out empty", name)
		}
	}
	return filled, nil
}

// fill renders a template, nil as nothing. Liquid's own errors may quote values, so they are not passed on.
func fill(t *liquid.Template, values map[string]any) (string, error) {
	if t == nil {
		return "", nil
	}
	var out limited
	if err := t.FRender(&out, values); err != nil {
		return "", fmt.Errorf("line %d of its text can't take the value it is given", err.LineNumber()+1)
	}
	if out.over {
		return "", fmt.Errorf("it comes out longer than %d KB", maxRendered>>10)
	}
	return out.text.String(), nil
}

// limited is a text that stops growing at maxRendered. It never fails, because Liquid panics when what it writes to does.
type limited struct {
	text strings.Builder
	over bool
}

// Write implements io.Writer.
func (l *limited) Write(p []byte) (int, error) {
	if l.over = l.over || l.text.Len()+len(p) > maxRendered; l.over {
		return len(p), nil
	}
	return l.text.Write(p)
}

// tidy drops what tags leave behind: spaces at the ends of lines, and more than one empty line in a row.
func tidy(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		line = strings.TrimRightFunc(line, unicode.IsSpace)
		if line == "" && (len(lines) == 0 || lines[len(lines)-1] == "") {
			continue
		}
		lines = append(lines, line)
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// oneLine makes a text fit for a header: no line breaks or other control characters, which somebody's name could bring along.
func oneLine(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}
