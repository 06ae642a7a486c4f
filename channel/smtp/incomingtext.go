package smtp

import (
	"regexp"
	"strings"

	"github.com/emersion/go-message"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// This file is what a mail says, as text.

// The bounds of what is read of a mail.
const (
	mostText  = 64 << 10
	mostHTML  = 256 << 10
	mostDepth = 8 // of parts in parts
)

// textOf is what a mail says: its plain text, or else that of its HTML, without what is attached.
func textOf(mail *message.Entity) string {
	plain, rich := texts(mail, 0)
	if strings.TrimSpace(plain) != "" || rich == "" {
		return strings.TrimSpace(plain)
	}
	return textOfHTML(rich)
}

// texts are the first plain text and the first HTML of a mail.
func texts(part *message.Entity, depth int) (plain, rich string) {
	kind, _, err := part.Header.ContentType()
	if err != nil || kind == "" {
		kind = "text/plain"
	}
	if disposition, _, err := part.Header.ContentDisposition(); err == nil && disposition == "attachment" {
		return "", ""
	}
	switch kind {
	case "text/plain":
		return readAll(part.Body, mostText), ""
	case "text/html":
		return "", readAll(part.Body, mostHTML)
	}
	parts := part.MultipartReader()
	if parts == nil || depth == mostDepth {
		return "", ""
	}
	for range mostParts {
		inner, err := parts.NextPart()
		if !readable(err) {
			break
		}
		p, r := texts(inner, depth+1)
		if plain == "" {
			plain = p
		}
		if rich == "" {
			rich = r
		}
	}
	return plain, rich
}

// textOfHTML is what a person reads of a mail's HTML, without what it quotes; "" of what nests deeper than anybody writes.
func textOfHTML(source string) string {
	root, err := html.Parse(strings.NewReader(source))
	if err != nil {
		return ""
	}
	var b strings.Builder
	writeText(&b, root)
	lines := strings.Split(b.String(), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSpace(line)
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// spaceForm is what HTML shows as one space.
var spaceForm = regexp.MustCompile(`[ \t\r\n\f]+`)

func writeText(b *strings.Builder, node *html.Node) {
	switch {
	case node.Type == html.TextNode:
		b.WriteString(spaceForm.ReplaceAllString(node.Data, " "))
		return
	case node.Type == html.ElementNode && quotes(node):
		return
	}
	for child := node.FirstChild; child != nil; child = child.NextSibling {
		writeText(b, child)
	}
	if node.Type == html.ElementNode && breaks[node.DataAtom] {
		b.WriteByte('\n')
	}
}

// quotes says whether an element holds nothing that its writer said: styles, and what they answer to.
func quotes(node *html.Node) bool {
	switch node.DataAtom {
	case atom.Script, atom.Style, atom.Head, atom.Blockquote, atom.Template:
		return true
	}
	for _, a := range node.Attr {
		if a.Key == "class" && (strings.Contains(a.Val, "gmail_quote") || strings.Contains(a.Val, "yahoo_quoted") || strings.Contains(a.Val, "moz-cite-prefix")) ||
			a.Key == "id" && (a.Val == "divRplyFwdMsg" || a.Val == "appendonsend") {
			return true
		}
	}
	return false
}

// breaks are the elements after which a new line begins.
var breaks = map[atom.Atom]bool{
	atom.Br: true, atom.P: true, atom.Div: true, atom.Tr: true, atom.Li: true, atom.H1: true, atom.H2: true, atom.H3: true, atom.Hr: true, atom.Table: true,
}
