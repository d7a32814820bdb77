package interop

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// browserTime is how long a journey through pages may take on a loaded machine.
const browserTime = 2 * time.Minute

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
	ctx, cancel := context.WithTimeout(t.Context(), browserTime)
	t.Cleanup(cancel)
	flags := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path), chromedp.UserDataDir(profile), chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck, chromedp.Headless,
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.WindowSize(1200, 900), chromedp.WSURLReadTimeout(browserTime),
	}
	for _, name := range []string{"disable-quic", "disable-background-networking", "disable-component-update", "disable-sync"} {
		flags = append(flags, chromedp.Flag(name, true))
	}
	ctx, cancelAll := chromedp.NewExecAllocator(ctx, append(flags, options...)...)
	t.Cleanup(cancelAll)
	ctx, cancelTab := chromedp.NewContext(ctx)
	t.Cleanup(func() {
		_ = chromedp.Cancel(ctx) // waits until the browser has ended, so that its profile can be removed
		cancelTab()
	})
	b := tab{ctx, t}
	b.do("starting", chromedp.Navigate("about:blank"))
	b.watch()
	return b
}

// watch fails the test at an error that a page writes to the console.
func (b tab) watch() {
	var mu sync.Mutex
	var errors []string
	chromedp.ListenTarget(b, func(event any) {
		mu.Lock()
		defer mu.Unlock()
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			errors = append(errors, e.ExceptionDetails.Error())
		case *runtime.EventConsoleAPICalled:
			if e.Type == runtime.APITypeError {
				errors = append(errors, fmt.Sprint("console.error: ", string(e.Args[0].Value)))
			}
		case *log.EventEntryAdded:
			if e.Entry.Level == log.LevelError {
				errors = append(errors, e.Entry.Text+" "+e.Entry.URL)
			}
		}
	})
	b.t.Cleanup(func() {
		mu.Lock()
		defer mu.Unlock()
		if len(errors) > 0 {
			b.t.Errorf("the console has errors: %s", strings.Join(errors, "\n"))
		}
	})
}

// do does what a user does, or fails the test.
func (b tab) do(what string, actions ...chromedp.Action) {
	b.t.Helper()
	if err := chromedp.Run(b, actions...); err != nil {
		var at, text string
		_ = chromedp.Run(context.WithoutCancel(b), chromedp.Location(&at), chromedp.Text("body", &text, chromedp.ByQuery, chromedp.AtLeast(0)))
		b.t.Fatalf("%s: %v, at %s: %.2000s", what, err, at, text)
	}
}

// opens does what opens a window, and returns that window.
func (b tab) opens(what string, actions ...chromedp.Action) tab {
	b.t.Helper()
	opened := chromedp.WaitNewTarget(b, func(info *target.Info) bool { return info.Type == "page" })
	b.do(what, actions...)
	select {
	case id := <-opened:
		ctx, cancel := chromedp.NewContext(b, chromedp.WithTargetID(id))
		b.t.Cleanup(cancel)
		window := tab{ctx, b.t}
		window.watch()
		return window
	case <-b.Done():
		b.t.Fatalf("%s: no window opened", what)
		return b
	}
}

// shows waits until an element has a text.
func (b tab) shows(selector, text string) {
	b.t.Helper()
	b.do("waiting for "+text, chromedp.Poll(
		fmt.Sprintf("(document.querySelector(%q)?.textContent ?? '').includes(%q)", selector, text), nil, chromedp.WithPollingInterval(50*time.Millisecond),
		chromedp.WithPollingTimeout(0)))
}

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
	byPromise := func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }
	b.do("axe-core, "+what, chromedp.Evaluate(string(script)+";0", nil),
		chromedp.Evaluate("axe.run().then((r) => r.violations.map((v) => ({id: v.id, nodes: v.nodes.map((n) => ({html: n.html}))})))", &found, byPromise))
	for _, v := range found {
		b.t.Errorf("%s: axe-core finds %s: %+v", what, v.ID, v.Nodes)
	}
}
