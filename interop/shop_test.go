package interop

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// startShop starts examples/shop with its sandbox, and returns their URLs.
func startShop(t *testing.T) (shopURL, sandboxURL string) {
	t.Helper()
	cmd := exec.Command(builtProgram(t, "examples/shop"), "-addr", "127.0.0.1:0", "-sandbox", "127.0.0.1:0")
	cmd.Stderr = os.Stderr
	lines := bufio.NewScanner(startProgram(t, cmd))
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
	choose := func(value string) chromedp.Action { return click(`button[value=` + value + `]`) }

	t.Run("JSAPI", func(t *testing.T) {
		b.do("coming", open(shopURL))
		b.leaves("logging in", click("#jsapi"))
		b.leaves("ordering", click("#jsapi"))
		for _, choice := range []string{"cancel", "fail", "pay"} {
			window := b.opens("opening the cashier", click("#pay"))
			window.closes("choosing", choose(choice))
			b.shows("#result", "get_brand_wcpay_request:"+map[string]string{"cancel": "cancel", "fail": "fail", "pay": "ok"}[choice])
		}
		b.shows("#state", "已支付")
		window := b.opens("paying again", click("#pay"))
		window.shows("h1", "该订单已支付")
		window.shows("ul.told", "paid already")
	})
	t.Run("H5 by the keyboard", func(t *testing.T) {
		b.do("ordering", open(shopURL), click("#h5"), visible("button[value=pay]"))
		b.shows(".sum", "¥18.80")
		b.do("paying", chromedp.KeyEvent(kb.Enter), visible("#state"))
		b.shows("#state", "已支付")
	})
	t.Run("Native", func(t *testing.T) {
		b.do("ordering", open(shopURL), click("#native"), visible("#code"))
		window := b.opens("scanning", click("#code"))
		window.do("paying", choose("pay"), visible("[role=status]"))
		window.shows("h1", "Paid")
		b.shows("#state", "已支付")
	})
}
