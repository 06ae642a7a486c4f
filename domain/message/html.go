package message

import (
	_ "embed"
	"fmt"
	html "html/template"
	"strings"
)

// emailHTML is the plain layout of every email. Its styles are inline, as mail programs drop most others; the few rules in its head,
// for dark screens, may be dropped without harm.
//
//go:embed email.html
var emailHTML string

var emailLayout = html.Must(html.New("email").Parse(emailHTML))

// layOut makes the HTML part of an email from its text: paragraphs where an empty line is, everything else escaped.
func layOut(text, preview, language string) (string, error) {
	var paragraphs [][]string
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		paragraphs = append(paragraphs, strings.Split(paragraph, "\n"))
	}
	var out strings.Builder
	if err := emailLayout.Execute(&out, map[string]any{"Language": language, "Preview": preview, "Paragraphs": paragraphs}); err != nil {
		return "", fmt.Errorf("lay out an email: %w", err)
	}
	return out.String(), nil
}
