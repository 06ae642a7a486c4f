package gateway_test

import (
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
			page := browsertest.Open(t, d.url+"/customers/c-3", screen)
			until(t, func() bool {
				return browsertest.Ask[string](page, "document.readyState + document.activeElement?.id") == "completetoken"
			})
			page.Leave(token + "\r") // it asks first who this is, and the cursor is where the token goes
			until(t, func() bool {
				return browsertest.Ask[string](page, "document.readyState + document.querySelector('h1')?.textContent") == "complete林晓梅"
			})
			page.Plain()
		})
	}
}
