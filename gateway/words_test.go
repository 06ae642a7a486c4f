package gateway

import (
	"testing"
	"unicode/utf8"
)

func TestEveryWordIsReadAsWhatItStandsFor(t *testing.T) {
	t.Parallel()
	for _, v := range vocabularies {
		for want, words := range map[wish][]string{stopWish: v.stop, startWish: v.start, helpWish: v.help} {
			for _, word := range words {
				if got, _ := wishOf(word, []string{v.language + "-XX"}); got != want {
					t.Errorf("%s: %q is read as %q, want %q", v.language, word, got, want)
				}
				if got, _ := wishOf(word, nil); v.everybody && got != want {
					t.Errorf("%q is everybody's, and read as %q, want %q", word, got, want)
				}
				if _, ok := scoreOf(word); ok {
					t.Errorf("%q is a grade too", word)
				}
			}
		}
	}
	for grade, words := range grades {
		for _, word := range words {
			if got, ok := scoreOf(word); !ok || got != grade {
				t.Errorf("%q is read as %d, want %d", word, got, grade)
			}
		}
	}
}

// FuzzMessages reads anything as what a customer wrote: what is read once is read the same again, and no sentence is taken for a word.
func FuzzMessages(f *testing.F) {
	for _, seed := range []string{"STOP", "please don't stop", "ＳＴＯＰ！", "arrêt", "4/5", "👍🏽👍🏽", "★★★☆☆", "stop\r\n\r\nOn Monday, somebody wrote:\r\n> stop", "-- \n", "\xff\xfe", "ﷺ"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		own := written(text)
		if again := written(own); again != own && len(again) > len(own) {
			t.Errorf("%q grew to %q", own, again)
		}
		if w, word := wishOf(text, []string{"fr", "es", "de", "ja", "ko", "pt", "it", "nl"}); w != noWish && utf8.RuneCountInString(word) > 20 {
			t.Errorf("a text of %d characters is taken for a word", utf8.RuneCountInString(word))
		}
		if score, ok := scoreOf(text); ok && (score < 1 || score > 5) {
			t.Errorf("%q is read as %d", text, score)
		}
		if number, ok := numberOf(text); ok {
			if score, _ := scoreOf(text); score != number {
				t.Errorf("%q is the number %d and the grade %d", text, number, score)
			}
		}
	})
}
