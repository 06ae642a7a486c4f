package message

import (
	"fmt"
	"slices"

	"golang.org/x/text/language"

	"perennial/domain/customer"
)

// Choice is the language in which somebody is written to.
type Choice struct {
	Language string
	Why      string // in words for whoever wrote the templates
}

// Choose returns the language in which the template of that name is sent to somebody who reads wanted; not ok when there is none for that
// channel.
func (s *Set) Choose(name string, channel customer.Channel, wanted string) (choice Choice, ok bool) {
	available := s.Languages(name, channel)
	if len(available) == 0 {
		return Choice{}, false
	}
	return choose(wanted, s.catalogue.Language, available), true
}

// choose takes the language that is wanted, or the nearest to it; the fallback, or the nearest to that; and at last any that there is. The
// available are not empty.
func choose(wanted, fallback string, available []string) Choice {
	if found, how, ok := nearest(wanted, available); ok {
		return Choice{Language: found, Why: "they read " + wanted + how}
	}
	unread := fmt.Sprintf("they read %s, in which it is not written", wanted)
	if _, err := language.Parse(wanted); err != nil {
		unread = "nobody knows what they read"
	}
	if found, _, ok := nearest(fallback, available); ok {
		return Choice{Language: found, Why: fmt.Sprintf("%s; the profile catalogue falls back to %s", unread, fallback)}
	}
	return Choice{Language: slices.Min(available), Why: fmt.Sprintf("%s, nor in %s, the fallback of the profile catalogue; better this than nothing", unread, fallback)}
}

// nearest returns a language that whoever reads wanted reads too: that language; a parent of it (zh for zh-CN); another of the same language and
// script (zh-CN for zh). It says how it came to that.
func nearest(wanted string, available []string) (found, how string, ok bool) {
	tag, err := language.Parse(wanted)
	if err != nil {
		return "", "", false
	}
	for t := tag; t != language.Und; t = t.Parent() {
		if !slices.Contains(available, t.String()) {
			continue
		}
		if t == tag {
			return t.String(), "", true
		}
		return t.String(), ", which falls back to " + t.String(), true
	}
	for _, other := range slices.Sorted(slices.Values(available)) {
		if sameReader(tag, language.Make(other)) {
			return other, ", and so " + other + " too", true
		}
	}
	return "", "", false
}

func sameReader(a, b language.Tag) bool {
	baseA, _ := a.Base()
	baseB, _ := b.Base()
	scriptA, _ := a.Script()
	scriptB, _ := b.Script()
	return baseA == baseB && scriptA == scriptB
}
