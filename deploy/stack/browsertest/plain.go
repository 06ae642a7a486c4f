package browsertest

import (
	_ "embed"
	"strings"
)

//go:embed plain.js
var plainScript string

// Plain checks what makes a page plain: nothing runs out of the screen; the text stands out from its ground (WCAG 2.2, 1.4.3); there is one heading
// of the first order, one main part, a title and a language; whatever is worked has a name and, where it is no link within a text, room for a finger
// (2.5.8); and the Tab key reaches all of it in the order in which it is read, showing each time where it is (2.4.3, 2.4.7).
func (p *Page) Plain() {
	p.tb.Helper()
	for _, fault := range Ask[[]string](p, plainScript+";faults()") {
		p.tb.Error(fault)
	}
	p.reached()
}

// reached goes through the page by the Tab key.
func (p *Page) reached() {
	p.tb.Helper()
	want := Ask[[]string](p, plainScript+";worked().map(name)")
	for i, name := range want {
		p.Tab()
		got := Ask[[]string](p, plainScript+";focused()")
		if len(got) != 2 || got[0] != name {
			p.tb.Errorf("the Tab key comes to %q, and what is read there, as number %d of %d, is %q", strings.Join(got, " "), i+1, len(want), name)
			return
		}
		if got[1] == "" {
			p.tb.Errorf("nothing shows that the keyboard is at %q", name)
		}
	}
}
