package browsertest

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Screen is what a page is looked at on.
type Screen struct {
	Name          string
	Width, Height int64
	Dark          bool
}

// Screens are those that a page must be good on.
func Screens() []Screen {
	return []Screen{
		{Name: "telephone", Width: 390, Height: 844},
		{Name: "telephone at night", Width: 390, Height: 844, Dark: true},
		{Name: "desk", Width: 1400, Height: 1000},
		{Name: "desk at night", Width: 1400, Height: 1000, Dark: true},
	}
}

// Page is a page in a browser of its own.
type Page struct {
	tb  testing.TB
	ctx context.Context
}

// patience is how long a browser may take for all that one test asks of it.
const patience = 2 * time.Minute

// Open opens an address on a screen. The browser ends with the test.
func Open(tb testing.TB, address string, s Screen) *Page {
	tb.Helper()
	program := chromium()
	if program == "" {
		tb.Skip("this looks at a page in Chromium, and there is none: apt-get install chromium")
	}
	ctx, cancel := context.WithTimeout(tb.Context(), patience)
	tb.Cleanup(cancel)
	options := slices.Concat(chromedp.DefaultExecAllocatorOptions[:], []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(program), chromedp.UserDataDir(tb.TempDir()), chromedp.NoSandbox, chromedp.DisableGPU, // tests may run as root, without a screen
		chromedp.Flag("disable-component-update", true), chromedp.Flag("no-proxy-server", true),
	})
	ctx, end := chromedp.NewExecAllocator(ctx, options...)
	tb.Cleanup(end)
	ctx, closed := chromedp.NewContext(ctx)
	tb.Cleanup(closed)
	p := &Page{tb: tb, ctx: ctx}
	scheme := "light"
	if s.Dark {
		scheme = "dark"
	}
	p.do(chromedp.EmulateViewport(s.Width, s.Height))
	_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
	if err != nil {
		tb.Fatal(err)
	}
	p.Go(address)
	return p
}

// Go goes to another address.
func (p *Page) Go(address string) {
	p.tb.Helper()
	p.do(chromedp.Navigate(address))
}

// chromium is the program, or nothing.
func chromium() string {
	for _, name := range []string{os.Getenv("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); name != "" && err == nil {
			return path
		}
	}
	return ""
}

func (p *Page) do(steps ...chromedp.Action[chromedp.Void]) {
	p.tb.Helper()
	if err := chromedp.Do(p.ctx, steps...); err != nil {
		p.tb.Fatal(err)
	}
}

// Tab goes to the next thing that the keyboard reaches.
func (p *Page) Tab() {
	p.tb.Helper()
	p.do(chromedp.KeyEvent(kb.Tab))
}

// Type types keys at what has the focus.
func (p *Page) Type(keys string) {
	p.tb.Helper()
	p.do(chromedp.KeyEvent(keys))
}

// Leave types keys that lead to another page, and waits for that.
func (p *Page) Leave(keys string) {
	p.tb.Helper()
	if _, err := chromedp.RunResponse(p.ctx, chromedp.KeyEvent(keys)); err != nil {
		p.tb.Fatal(err)
	}
}

// Ask returns what a script says on the page. A script that gives a promise is waited for.
func Ask[T any](p *Page, script string) T {
	p.tb.Helper()
	answer, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil && !errors.Is(err, chromedp.ErrJSNull) {
		p.tb.Fatal(err)
	}
	return answer
}
