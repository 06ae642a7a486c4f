package sandbox_test

import (
	"net/http"
	"net/url"
	"testing"

	"perennial/channel/sandbox"
	"perennial/deploy/stack/browsertest"
)

func TestThePageIsPlainOnEveryScreen(t *testing.T) {
	t.Parallel()
	b := setup(t, sandbox.Config{})
	b.send(t, "t-1")
	b.send(t, "t-1")
	b.chat(t, "t-1")
	for _, screen := range browsertest.Screens() {
		t.Run(screen.Name, func(t *testing.T) {
			t.Parallel()
			page := browsertest.Open(t, b.url+"/", screen)
			page.Plain()
			for _, conversation := range []url.Values{
				{"search": {"nobody"}}, {"address": {phone}}, {"address": {inbox}}, {"channel": {"slack"}, "address": {user}}, {"channel": {"whatsapp"}, "address": {phone}},
			} {
				page.Go(b.url + "/?" + conversation.Encode())
				page.Plain()
			}
		})
	}
}

func TestTheKeyboardStaysWhereItIsWhenSomethingArrives(t *testing.T) {
	t.Parallel()
	b := setup(t, sandbox.Config{})
	b.send(t, "t-1")
	page := browsertest.Open(t, b.url+"/", browsertest.Screens()[2])
	const at = `document.activeElement.getAttribute("href")`
	browsertest.Ask[string](page, `document.querySelector("#addresses a").focus(), ""`)
	was := browsertest.Ask[string](page, at)
	b.chat(t, "t-1")
	news := browsertest.Ask[int](page, `new Promise((done) => { const look = () => {
		const n = document.querySelectorAll("#addresses a").length;
		n > 2 ? done(n) : setTimeout(look, 50); }; look(); })`)
	if is := browsertest.Ask[string](page, at); news != 4 || is != was {
		t.Errorf("of %d addresses the keyboard was at %q, and is at %q", news, was, is)
	}
}

func TestAnAnswerIsGivenWithTheKeyboardAlone(t *testing.T) {
	t.Parallel()
	address, calls := gateway(t, http.StatusOK)
	b := setup(t, sandbox.Config{InboundSMS: address})
	b.send(t, "t-1")
	page := browsertest.Open(t, b.url+"/?address="+url.QueryEscape(phone), browsertest.Screens()[0])
	for browsertest.Ask[string](page, "document.activeElement.tagName") != "TEXTAREA" {
		page.Tab()
	}
	page.Type("See you there\r")
	<-calls
	said := browsertest.Ask[string](page, `new Promise((done) => { const look = () => {
		const said = document.readyState === "complete" && document.querySelector(".reply .text");
		said ? done(said.textContent) : setTimeout(look, 50); }; look(); })`)
	if said != "See you there" {
		t.Errorf("the page shows the answer %q", said)
	}
}
