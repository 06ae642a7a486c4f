package message_test

import (
	"strings"
	"testing"

	"perennial/domain/customer"
	"perennial/domain/message"
	"perennial/domain/problem"
	"perennial/domain/segment"
)

func TestTheNearestLanguageIsChosen(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ wanted, fallback, there, want, why string }{
		{"zh-CN", "en", "en zh zh-CN", "zh-CN", "they read zh-CN"},
		{"zh-CN", "en", "en zh", "zh", "they read zh-CN, which falls back to zh"},
		{"zh-Hans-CN", "en", "en zh-CN", "zh-CN", "they read zh-Hans-CN, and so zh-CN too"},
		{"zh", "en", "en zh-CN", "zh-CN", "they read zh, and so zh-CN too"},
		{"zh-SG", "en", "en zh-CN zh-TW", "zh-CN", "they read zh-SG, and so zh-CN too"},
		{"zh-HK", "en", "en zh-CN zh-TW", "zh-TW", "they read zh-HK, and so zh-TW too"},
		{"zh-TW", "en", "en zh-CN", "en", "they read zh-TW, in which it is not written; the profile catalogue falls back to en"}, // another script
		{"en-GB", "zh", "zh en-US", "en-US", "they read en-GB, and so en-US too"},
		{"en-GB", "zh", "zh en en-US", "en", "they read en-GB, which falls back to en"},
		{"pt-BR", "en", "en pt-PT", "pt-PT", "they read pt-BR, and so pt-PT too"},
		{"sr-Latn", "en", "en sr", "en", "they read sr-Latn, in which it is not written; the profile catalogue falls back to en"},
		{"fr", "zh-CN", "de zh", "zh", "they read fr, in which it is not written; the profile catalogue falls back to zh-CN"},
		{"fr", "zh", "de zh-CN", "zh-CN", "they read fr, in which it is not written; the profile catalogue falls back to zh"},
		{"", "en", "de en", "en", "nobody knows what they read; the profile catalogue falls back to en"},
		{"no language", "en", "de en", "en", "nobody knows what they read; the profile catalogue falls back to en"},
		{"fr", "en", "de it", "de", "they read fr, in which it is not written, nor in en, the fallback of the profile catalogue; better this than nothing"},
	} {
		var sources []message.Source
		for language := range strings.FieldsSeq(c.there) {
			sources = append(sources, message.Source{File: "a.sms." + language + ".liquid", Text: language})
		}
		var problems problem.List
		s := message.New("templates", segment.Catalogue{Language: c.fallback}, sources, &problems)
		if !problems.Empty() {
			t.Fatal(problems.Sorted())
		}
		got, ok := s.Choose("a", customer.SMS, c.wanted)
		if want := (message.Choice{Language: c.want, Why: c.why}); !ok || got != want {
			t.Errorf("%q among %s: got %+v, want %+v", c.wanted, c.there, got, want)
		}
	}
	if _, ok := set(t, map[string]string{"a.sms.en": "x"}).Choose("a", customer.Email, "en"); ok {
		t.Error("a language was chosen for a channel without a template")
	}
}
