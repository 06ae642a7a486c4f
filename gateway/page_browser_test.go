package gateway_test

import (
	"strings"
	"testing"

	"perennial/deploy/stack/browsertest"
)

func TestThePageIsPlainOnEveryScreen(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	d.live("c-3")
	for _, screen := range browsertest.Screens() {
		t.Run(screen.Name, func(t *testing.T) {
			t.Parallel()
			address := strings.Replace(d.url, "http://", "http://reader:"+token+"@", 1)
			page := browsertest.Open(t, address+"/customers/c-3", screen)
			if heading := browsertest.Ask[string](page, "document.querySelector('h1').textContent"); heading != "林晓梅" {
				t.Fatalf("the page's heading is %q", heading)
			}
			page.Plain()
		})
	}
}
