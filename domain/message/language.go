package message

import (
	"slices"

	"golang.org/x/text/language"
)

// choose returns the language in which to write to somebody who reads wanted: that language; its parents (zh for zh-CN); another of
// the same language and script (zh-CN for zh); the fallback; and at last any that there is. The available are not empty.
func choose(wanted, fallback string, available []string) string {
	tag, err := language.Parse(wanted)
	if err != nil {
		tag = language.Make(fallback)
	}
	for t := tag; t != language.Und; t = t.Parent() {
		if slices.Contains(available, t.String()) {
			return t.String()
		}
	}
	for _, other := range slices.Sorted(slices.Values(available)) {
		if sameReader(tag, language.Make(other)) {
			return other
		}
	}
	if slices.Contains(available, fallback) {
		return fallback
	}
	return slices.Min(available)
}

func sameReader(a, b language.Tag) bool {
	baseA, _ := a.Base()
	baseB, _ := b.Base()
	scriptA, _ := a.Script()
	scriptB, _ := b.Script()
	return baseA == baseB && scriptA == scriptB
}
