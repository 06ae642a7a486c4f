package store

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxID is the longest id that is taken: ids become parts of workflow ids, URLs and index entries.
const maxID = 200

// CheckID says why an id can't be used, nil if it can. Ids stand in histories and logs, so they must say nothing of a person: one
// that looks like a phone number or an e-mail address is refused. The error does not repeat the id.
func CheckID(id string) error {
	switch {
	case id == "":
		return errors.New("the id is empty")
	case len(id) > maxID:
		return errors.New("the id is longer than 200 bytes")
	case !utf8.ValidString(id) || strings.ContainsFunc(id, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }):
		return errors.New("the id has spaces or unprintable characters in it")
	case strings.ContainsAny(id, "/"):
		return errors.New("the id has a slash in it")
	case strings.ContainsRune(id, '@'):
		return errors.New("the id looks like an e-mail address; use an opaque one such as c-1042")
	case looksLikePhone(id):
		return errors.New("the id looks like a phone number; use an opaque one such as c-1042")
	}
	return nil
}

// looksLikePhone: nothing but digits and what people write between them, and as many digits as a phone number has.
func looksLikePhone(id string) bool {
	digits := 0
	for _, r := range id {
		switch {
		case unicode.IsDigit(r):
			digits++
		case !strings.ContainsRune("+-.()", r):
			return false
		}
	}
	return digits >= 7 || strings.HasPrefix(id, "+")
}
