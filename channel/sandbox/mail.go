package sandbox

import (
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"strings"
)

// mail is what a person sees of an e-mail.
type mail struct {
	messageID string // without its brackets
	from      string
	subject   string
	text      string
	html      string
}

// part is a header and a body, of the whole mail or of a part of it.
type part struct {
	header interface{ Get(string) string }
	body   io.Reader
}

// deepestPart ends the reading of mails that nest for the sake of it.
const deepestPart = 8

func readMail(r io.Reader) (mail, error) {
	message, err := netmail.ReadMessage(r)
	if err != nil {
		return mail{}, fmt.Errorf("reading the header: %w", err)
	}
	var words mime.WordDecoder
	subject, err := words.DecodeHeader(message.Header.Get("Subject"))
	if err != nil {
		return mail{}, fmt.Errorf("reading the subject: %w", err)
	}
	from, err := netmail.ParseAddress(message.Header.Get("From"))
	if err != nil {
		return mail{}, fmt.Errorf("reading the sender: %w", err)
	}
	m := mail{
		messageID: strings.Trim(message.Header.Get("Message-ID"), "<> "),
		from:      from.Address,
		subject:   subject,
	}
	return m, m.read(part{message.Header, message.Body}, 0)
}

// read adds what a part holds: its text, its HTML, or parts of its own. Attachments are passed over.
func (m *mail) read(p part, depth int) error {
	if depth > deepestPart {
		return fmt.Errorf("more than %d parts within parts", deepestPart)
	}
	kind, params, err := mime.ParseMediaType(p.header.Get("Content-Type"))
	if err != nil {
		kind = "text/plain" // what RFC 2045 says of a mail that does not say
	}
	if strings.HasPrefix(kind, "multipart/") {
		return m.readParts(multipart.NewReader(p.body, params["boundary"]), depth)
	}
	if kind != "text/plain" && kind != "text/html" {
		return nil
	}
	content, err := io.ReadAll(decoded(p.header.Get("Content-Transfer-Encoding"), p.body))
	if err != nil {
		return fmt.Errorf("reading a part of %s: %w", kind, err)
	}
	text := strings.TrimRight(strings.ReplaceAll(string(content), "\r\n", "\n"), "\n")
	if kind == "text/html" {
		m.html += text
		return nil
	}
	m.text += text
	return nil
}

func (m *mail) readParts(parts *multipart.Reader, depth int) error {
	for {
		// NextRawPart, as NextPart would decode quoted-printable and hide that it did.
		next, err := parts.NextRawPart()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading the parts: %w", err)
		}
		if err := m.read(part{next.Header, next}, depth+1); err != nil {
			return err
		}
	}
}

func decoded(encoding string, body io.Reader) io.Reader {
	switch strings.ToLower(encoding) {
	case "quoted-printable":
		return quotedprintable.NewReader(body)
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, body)
	default:
		return body
	}
}
