package gateway

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// What short messages mean. A word counts only where it is the whole message: who writes "please don't stop" wants us to go on.

// wish is what a customer wants to hear from us.
type wish string

const (
	noWish    wish = ""
	stopWish  wish = "stop"  // no more
	startWish wish = "start" // again, what they had said no to
	helpWish  wish = "help"  // who we are
)

// wishOf reads a message that is one of the words in wordlist.go, by somebody of one of these languages (BCP 47). word is the one that it is.
func wishOf(text string, languages []string) (w wish, word string) {
	word = plain(text)
	for _, v := range vocabularies {
		if !v.everybody && !slices.ContainsFunc(languages, v.speaks) {
			continue
		}
		for w, words := range map[wish][]string{stopWish: v.stop, startWish: v.start, helpWish: v.help} {
			if slices.ContainsFunc(words, func(known string) bool { return plain(known) == word }) {
				return w, word
			}
		}
	}
	return noWish, ""
}

func (v vocabulary) speaks(tag string) bool {
	language, _, _ := strings.Cut(tag, "-")
	return strings.EqualFold(language, v.language)
}

// answeredByTwilio says whether Twilio answers a text message by itself: its words are single ones with nothing around them.
func answeredByTwilio(text string) bool {
	return slices.ContainsFunc(twilioAnswers, func(word string) bool { return strings.EqualFold(strings.TrimSpace(text), word) })
}

// plain writes a message as words are compared: levelled, and without the marks before and after it.
func plain(text string) string {
	return strings.TrimFunc(level(text), func(r rune) bool { return unicode.IsSpace(r) || unicode.IsPunct(r) || unicode.IsSymbol(r) })
}

// level writes letters in one width and case, without accents, with single spaces between the words.
func level(text string) string {
	text = norm.NFD.String(cases.Fold().String(norm.NFKC.String(text)))
	text = strings.Map(func(r rune) rune {
		switch {
		case r >= 0x300 && r <= 0x36f, unicode.Is(unicode.Cf, r): // accents of Latin, Greek and Cyrillic letters; marks that nobody sees
			return -1
		case unicode.IsSpace(r), unicode.Is(unicode.Pd, r), r == '_':
			return ' '
		}
		return r
	}, text)
	return norm.NFC.String(strings.Join(strings.Fields(text), " "))
}
