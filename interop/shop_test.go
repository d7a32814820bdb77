package interop

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// startShop starts examples/shop with its sandbox, and returns their URLs.
func startShop(t *testing.T) (shopURL, sandboxURL string) {
	t.Helper()
	program := filepath.Join(t.TempDir(), "shop")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./examples/shop")
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	cmd := exec.CommandContext(t.Context(), program, "-addr", "127.0.0.1:0", "-sandbox", "127.0.0.1:0")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed
	})
	lines := bufio.NewScanner(out)
	for sandboxURL == "" && lines.Scan() {
		before, url, _ := strings.Cut(lines.Text(), "http://")
		if strings.Contains(before, "buy") {
			shopURL = "http://" + url
		} else {
			sandboxURL = "http://" + url
		}
	}
	if sandboxURL == "" {
		t.Fatalf("the shop did not start: %v", lines.Err())
	}
	return shopURL, sandboxURL
}

// TestShop buys tea in a real browser, in each way.
func TestShop(t *testing.T) {
	shopURL, _ := startShop(t)
	b := browse(t)
	click := func(selector string) chromedp.Action { return chromedp.Click(selector, chromedp.ByQuery) }
	choose := func(value string) chromedp.Action { return click(`button[value=` + value + `]`) }

	t.Run("JSAPI", func(t *testing.T) {
		b.do("logging in", chromedp.Navigate(shopURL), click("#jsapi"), chromedp.WaitVisible("#native", chromedp.ByQuery))
		b.do("ordering", click("#jsapi"), chromedp.WaitVisible("#pay", chromedp.ByQuery))
		for _, choice := range []string{"cancel", "fail", "pay"} {
			window := b.opens("opening the cashier", click("#pay"))
			if err := chromedp.Run(window, choose(choice)); err != nil && !isClosed(err) {
				t.Fatal(err)
			}
			b.shows("#result", "get_brand_wcpay_request:"+map[string]string{"cancel": "cancel", "fail": "fail", "pay": "ok"}[choice])
		}
		b.shows("#state", "已支付")
		window := b.opens("paying again", click("#pay"))
		window.shows("h1", "该订单已支付")
		window.shows("ul.told", "paid already")
	})
	t.Run("H5 by the keyboard", func(t *testing.T) {
		b.do("ordering", chromedp.Navigate(shopURL), click("#h5"), chromedp.WaitVisible("button[value=pay]", chromedp.ByQuery))
		b.shows(".sum", "¥18.80")
		b.do("paying", chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible("#state", chromedp.ByQuery))
		b.shows("#state", "已支付")
	})
	t.Run("Native", func(t *testing.T) {
		b.do("ordering", chromedp.Navigate(shopURL), click("#native"), chromedp.WaitVisible("#code", chromedp.ByQuery))
		window := b.opens("scanning", click("#code"))
		window.do("paying", choose("pay"), chromedp.WaitVisible("[role=status]", chromedp.ByQuery))
		window.shows("h1", "Paid")
		b.shows("#state", "已支付")
	})
}

// isClosed reports whether a window closed while something was done in it.
func isClosed(err error) bool {
	return strings.Contains(err.Error(), "closed") || strings.Contains(err.Error(), "canceled") || strings.Contains(err.Error(), "No target") ||
		strings.Contains(err.Error(), "Cannot find context") || strings.Contains(err.Error(), "detached")
}
