package interop

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// browserTime is how long a page may take on a loaded machine.
const browserTime = time.Minute

// A tab is a tab of a headless Chromium. What its pages write to the console as an
// error fails the test.
type tab struct {
	context.Context
	t *testing.T
}

// browse starts a Chromium with a profile of its own, which ends with the test. Without
// Chromium the test is skipped, unless WXPAY_SERVERS says that it must be there.
func browse(t *testing.T, options ...chromedp.ExecAllocatorOption) tab {
	t.Helper()
	b := browseQuietly(t, options...)
	b.watch()
	return b
}

// browseQuietly does what browse does for pages that have errors.
func browseQuietly(t *testing.T, options ...chromedp.ExecAllocatorOption) tab {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("WXPAY_SERVERS") != "" {
			t.Fatal(err)
		}
		t.Skip("chromium is not installed")
	}
	// Processes of a browser that was closed may still write to its profile.
	profile, err := os.MkdirTemp("", "chromium-*")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(profile) })
	flags := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path), chromedp.UserDataDir(profile), chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck, chromedp.Headless,
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.WindowSize(1200, 900), chromedp.WSURLReadTimeout(browserTime),
	}
	for _, name := range []string{"disable-quic", "disable-background-networking", "disable-component-update", "disable-sync"} {
		flags = append(flags, chromedp.Flag(name, true))
	}
	ctx, cancelAll := chromedp.NewExecAllocator(t.Context(), append(flags, options...)...)
	t.Cleanup(cancelAll)
	ctx, cancelTab := chromedp.NewContext(ctx)
	t.Cleanup(func() {
		_ = chromedp.Cancel(ctx) // waits until the browser has ended, so that its profile can be removed
		cancelTab()
	})
	return begin(ctx, t)
}

// begin begins with a tab. Its context must not end with that of an action.
func begin(ctx context.Context, t *testing.T) tab {
	t.Helper()
	if err := chromedp.Run(ctx); err != nil {
		t.Fatal(err)
	}
	return tab{ctx, t}
}

// another returns another tab of the browser.
func (b tab) another(options ...chromedp.ContextOption) tab {
	b.t.Helper()
	ctx, cancel := chromedp.NewContext(b, options...)
	b.t.Cleanup(cancel)
	other := begin(ctx, b.t)
	other.watch()
	return other
}

// watch fails the test at an error that a page writes to the console.
func (b tab) watch() {
	var mu sync.Mutex
	var found []string
	chromedp.ListenTarget(b, func(event any) {
		mu.Lock()
		defer mu.Unlock()
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			found = append(found, e.ExceptionDetails.Error())
		case *runtime.EventConsoleAPICalled:
			if e.Type == runtime.APITypeError {
				found = append(found, fmt.Sprint("console.error: ", string(e.Args[0].Value)))
			}
		case *log.EventEntryAdded:
			if e.Entry.Level == log.LevelError {
				found = append(found, e.Entry.Text+" "+e.Entry.URL)
			}
		}
	})
	b.t.Cleanup(func() {
		mu.Lock()
		defer mu.Unlock()
		if len(found) > 0 {
			b.t.Errorf("the console has errors: %s", strings.Join(found, "\n"))
		}
	})
}

// do does what a user does once the page and its scripts are loaded, or fails the test.
func (b tab) do(what string, actions ...chromedp.Action) {
	b.t.Helper()
	for _, action := range actions {
		b.until(what+", once the page is loaded", isLoaded)
		if err := b.run(action); err != nil {
			b.fail(what, err)
		}
	}
}

// isLoaded is the expression that a page is loaded, and the scripts that it names have
// run.
const isLoaded = "document.readyState === 'complete'"

// run runs an action within browserTime.
func (b tab) run(action chromedp.Action) error {
	ctx, cancel := context.WithTimeout(b, browserTime)
	defer cancel()
	return chromedp.Run(ctx, action)
}

// until waits until an expression is true, on whatever page the tab shows by then.
func (b tab) until(what, expression string) {
	b.t.Helper()
	if err := b.run(chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := await(ctx, "!!("+expression+")", func(is bool) bool { return is })
		return err
	})); err != nil {
		b.fail(what, err)
	}
}

// leaves does what leads to another page, and waits until that is loaded.
func (b tab) leaves(what string, actions ...chromedp.Action) {
	b.t.Helper()
	b.do(what, chromedp.Evaluate("window.isLeft = false", nil))
	b.do(what, actions...)
	b.until(what+": another page", "window.isLeft === undefined && "+isLoaded)
}

// fail fails the test, and tells what the page shows.
func (b tab) fail(what string, err error) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b, 5*time.Second)
	defer cancel()
	var at, text string
	_ = chromedp.Run(ctx, chromedp.Evaluate("location.href", &at), chromedp.Evaluate("document.body.innerText", &text))
	b.t.Fatalf("%s: %v, at %s: %.2000s", what, err, at, text)
}

// closes does what closes the window. The browser may not answer any more then.
func (b tab) closes(what string, action chromedp.Action) {
	b.t.Helper()
	b.until(what+", once the page is loaded", isLoaded)
	ctx, cancel := context.WithTimeout(b, 10*time.Second)
	defer cancel()
	err := chromedp.Run(ctx, action)
	isClosed := func(text string) bool { return strings.Contains(err.Error(), text) }
	if err != nil && !errors.Is(err, context.DeadlineExceeded) &&
		!slices.ContainsFunc([]string{"closed", "canceled", "No target", "Cannot find context", "detached"}, isClosed) {
		b.fail(what, err)
	}
}

// opens does what opens a window, and returns that window.
func (b tab) opens(what string, actions ...chromedp.Action) tab {
	b.t.Helper()
	known := make(map[target.ID]bool) // the browser may still tell of a window that has closed
	windows, err := chromedp.Targets(b)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, w := range windows {
		known[w.TargetID] = true
	}
	opened := chromedp.WaitNewTarget(b, func(info *target.Info) bool { return info.Type == "page" && !known[info.TargetID] })
	b.do(what, actions...)
	select {
	case id := <-opened:
		window := b.another(chromedp.WithTargetID(id))
		window.until(what+": the window", "location.href !== 'about:blank' && "+isLoaded)
		return window
	case <-time.After(browserTime):
		b.t.Fatalf("%s: no window opened", what)
		return b
	}
}

// shows waits until an element has a text, on whatever page the tab shows by then.
func (b tab) shows(selector, text string) {
	b.t.Helper()
	b.until(fmt.Sprintf("%s with %q", selector, text), fmt.Sprintf("(document.querySelector(%q)?.textContent ?? '').includes(%q)", selector, text))
}

// sees waits until the page shows a text, whatever page that is by then.
func (b tab) sees(text string) {
	b.t.Helper()
	b.until(fmt.Sprintf("a page with %q", text), fmt.Sprintf("document.body.innerText.includes(%q)", text))
}

// arrives waits until the tab shows the page of an address.
func (b tab) arrives(address string) {
	b.t.Helper()
	b.until("the page "+address, fmt.Sprintf("location.href === %q && %s", address, isLoaded))
}

// awaits lets an evaluation wait for a promise.
func awaits(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }

// accessible fails the test at what axe-core finds wrong with the page. The package of
// node/package.json must be installed: npm ci --prefix node.
func (b tab) accessible(what string) {
	b.t.Helper()
	script, err := os.ReadFile("node/node_modules/axe-core/axe.min.js")
	if err != nil {
		b.t.Fatal(err)
	}
	var found []struct {
		ID    string `json:"id"`
		Nodes []struct {
			HTML string `json:"html"`
		} `json:"nodes"`
	}
	b.do("axe-core, "+what, chromedp.Evaluate(string(script)+";0", nil),
		chromedp.Evaluate("axe.run().then((r) => r.violations.map((v) => ({id: v.id, nodes: v.nodes.map((n) => ({html: n.html}))})))", &found, awaits))
	for _, v := range found {
		b.t.Errorf("%s: axe-core finds %s: %+v", what, v.ID, v.Nodes)
	}
}
