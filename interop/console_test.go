package interop

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/sandbox/console"
)

// orderIn places an order.
func orderIn(t *testing.T, sb *sandbox.Sandbox, number, description string) {
	t.Helper()
	if _, err := sb.Client().Chain("v3/pay/transactions/native").Post(t.Context(), wechatpay.JSON(wechatpay.M{"appid": appID, "mchid": sandbox.DefaultMchID,
		"description": description, "out_trade_no": number, "notify_url": "http://127.0.0.1:1/notify", "amount": wechatpay.M{"total": 1888}, "attach": description})); err != nil {
		t.Fatal(err)
	}
}

func orderPage(sb *sandbox.Sandbox, number string) string {
	return sb.URL() + "console/order?" + url.Values{"mchid": {sandbox.DefaultMchID}, "number": {number}}.Encode()
}

// The console shows what happens without being loaded again, pays an order, moves the
// clock, and finds an order by a part of its number.
func TestConsoleInBrowser(t *testing.T) {
	sb := sandbox.Start(t, console.Use)
	b := browse(t)
	b.do("opening", open(sb.URL()))
	b.sees("Nothing yet")
	b.do("a step", chromedp.Evaluate("window.loaded = 1", nil))
	orderIn(t, sb, "browser-1", "tea")
	b.sees("browser-1")
	var loaded int
	b.do("a step", chromedp.Evaluate("window.loaded", &loaded))
	if loaded != 1 {
		t.Error("the page was loaded again")
	}
	b.do("opening", open(orderPage(sb, "browser-1")))
	b.do("a step", click(`form[action="/console/do/pay"] button`))
	b.sees("SUCCESS")
	if story, err := sb.OrderStory(sandbox.DefaultMchID, "browser-1"); err != nil || story.Order.State != "SUCCESS" {
		t.Errorf("the order is %+v, %v", story.Order, err)
	}
	before := sb.Now()
	b.do("opening", open(sb.URL()))
	b.do("a step", click(`//button[text()="+1 day"]`))
	b.sees(before.Add(24 * time.Hour).In(time.FixedZone("", 8*60*60)).Format("2006-01-02"))
	orderIn(t, sb, "another-2", "rice")
	b.do("opening", open(sb.URL()+"console/orders"))
	b.do("a step", focus("#q"), chromedp.KeyEvent("owser-1"+kb.Enter))
	b.sees("Show all")
	var shown string
	b.do("a step", text("#list", &shown))
	if !strings.Contains(shown, "browser-1") || strings.Contains(shown, "another-2") {
		t.Errorf("the search shows %s", shown)
	}
}

// A fault is switched on and off by keyboard alone, and the page shows what it hit.
func TestConsoleFaultsByKeyboard(t *testing.T) {
	sb := sandbox.Start(t, console.Use)
	b := browse(t)
	b.do("opening", open(sb.URL()+"console/faults"))
	b.do("a step", focus("#count"), chromedp.KeyEvent("1"), chromedp.KeyEvent(kb.Enter))
	b.sees("Switch off")
	if left := sb.FaultsLeft(); len(left) != 1 || left[0].Kind != sandbox.FaultError || left[0].Count != 1 {
		t.Fatalf("the faults are %+v", left)
	}
	if _, err := sb.Client().Chain("v3/certificates").Get(t.Context()); err == nil {
		t.Error("the fault hit nothing")
	}
	b.sees("/v3/certificates")
	b.sees("over")
}

// The language is that of the browser, and the other is one click away.
func TestConsoleLanguages(t *testing.T) {
	sb := sandbox.Start(t, console.Use)
	b := browse(t)
	b.do("opening", open(sb.URL()))
	b.do("a step", click(`footer a[lang="zh-CN"]`))
	b.sees("沙箱时钟")
	b.do("opening", open(sb.URL()+"console/faults"))
	b.sees("新建故障")
}

// A page listens for changes while it is seen, and again when it is seen again: a browser
// opens few connections to a host, and tabs in the background must leave them to others.
func TestConsoleListensWhileSeen(t *testing.T) {
	sb := sandbox.Start(t, console.Use)
	listening := make(chan bool, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/_sandbox/events" {
			listening <- true
			defer func() { listening <- false }()
		}
		sb.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	wants := func(what string, want bool) {
		t.Helper()
		select {
		case got := <-listening:
			if got != want {
				t.Fatalf("%s: a page listens: %v", what, got)
			}
		case <-time.After(time.Minute):
			t.Fatalf("%s: nothing changed", what)
		}
	}
	show := func(hidden string) chromedp.Action {
		return chromedp.Evaluate("Object.defineProperty(document, 'hidden', {configurable: true, value: "+hidden+"}); document.dispatchEvent(new Event('visibilitychange')); 0", nil)
	}
	b := browse(t)
	b.do("opening", open(server.URL))
	wants("opened", true)
	b.do("hiding", show("true"))
	wants("hidden", false)
	orderIn(t, sb, "meanwhile-1", "tea")
	b.do("showing", show("false"))
	wants("shown", true)
	b.sees("meanwhile-1")
	b.do("leaving", open("about:blank"))
	wants("left", false)
}
