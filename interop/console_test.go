package interop

import (
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/runtime"
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

// sees waits until the page shows a text, whatever page that is by then.
func (b tab) sees(text string) {
	b.t.Helper()
	for {
		var found bool
		err := chromedp.Run(b, chromedp.Evaluate(fmt.Sprintf("document.body.innerText.includes(%q)", text), &found))
		if err == nil && found {
			return
		}
		select {
		case <-b.Done():
			b.t.Fatalf("the page does not show %q: %v", text, err)
		case <-time.After(50 * time.Millisecond):
		}
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
	b.do("opening", chromedp.Navigate(sb.URL()))
	b.sees("Nothing yet")
	b.do("a step", chromedp.Evaluate("window.loaded = 1", nil))
	orderIn(t, sb, "browser-1", "tea")
	b.sees("browser-1")
	var loaded int
	b.do("a step", chromedp.Evaluate("window.loaded", &loaded))
	if loaded != 1 {
		t.Error("the page was loaded again")
	}
	b.do("opening", chromedp.Navigate(orderPage(sb, "browser-1")))
	b.do("a step", chromedp.Click(`form[action="/console/do/pay"] button`, chromedp.ByQuery))
	b.sees("SUCCESS")
	if story, err := sb.OrderStory(sandbox.DefaultMchID, "browser-1"); err != nil || story.Order.State != "SUCCESS" {
		t.Errorf("the order is %+v, %v", story.Order, err)
	}
	before := sb.Now()
	b.do("opening", chromedp.Navigate(sb.URL()))
	b.do("a step", chromedp.Click(`//button[text()="+1 day"]`, chromedp.BySearch))
	b.sees(before.Add(24 * time.Hour).In(time.FixedZone("", 8*60*60)).Format("2006-01-02"))
	orderIn(t, sb, "another-2", "rice")
	b.do("opening", chromedp.Navigate(sb.URL()+"console/orders"))
	b.do("a step", chromedp.SendKeys("#q", "owser-1"+kb.Enter, chromedp.ByQuery))
	b.sees("Show all")
	var shown string
	b.do("a step", chromedp.Text("#list", &shown, chromedp.ByQuery))
	if !strings.Contains(shown, "browser-1") || strings.Contains(shown, "another-2") {
		t.Errorf("the search shows %s", shown)
	}
}

// A fault is switched on and off by keyboard alone, and the page shows what it hit.
func TestConsoleFaultsByKeyboard(t *testing.T) {
	sb := sandbox.Start(t, console.Use)
	b := browse(t)
	b.do("opening", chromedp.Navigate(sb.URL()+"console/faults"))
	b.do("a step", chromedp.Focus("#count", chromedp.ByQuery), chromedp.KeyEvent("1"), chromedp.KeyEvent(kb.Enter))
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
	b.do("opening", chromedp.Navigate(sb.URL()))
	b.do("a step", chromedp.Click(`footer a[lang="zh-CN"]`, chromedp.ByQuery))
	b.sees("沙箱时钟")
	b.do("opening", chromedp.Navigate(sb.URL()+"console/faults"))
	b.sees("新建故障")
}

// No page has a barrier that axe finds, and hostile texts do nothing.
func TestConsoleAccessible(t *testing.T) {
	axe, err := os.ReadFile("node/node_modules/axe-core/axe.min.js")
	if err != nil {
		if os.Getenv("WXPAY_SERVERS") != "" {
			t.Fatal(err)
		}
		t.Skip("axe-core is not installed: npm ci --prefix node")
	}
	sb := sandbox.Start(t, console.Use)
	b := browse(t)
	orderIn(t, sb, "hostile-1", `</script><img src=x onerror="document.title='run'"><script>document.title='run'</script>&lt;`)
	orderIn(t, sb, "paid-1", "tea")
	if _, err := sb.Pay(sandbox.DefaultMchID, "paid-1"); err != nil {
		t.Fatal(err)
	}
	for _, theme := range []string{"light", "dark"} {
		b.do("opening", chromedp.Navigate(sb.URL()+"?theme="+theme))
		for _, page := range []string{sb.URL(), sb.URL() + "console/requests", sb.URL() + "console/orders", sb.URL() + "console/notifications", sb.URL() + "console/faults",
			sb.URL() + "console/connect", sb.URL() + "console/requests/1", orderPage(sb, "hostile-1"), orderPage(sb, "paid-1")} {
			b.do("opening", chromedp.Navigate(page))
			var title string
			var found []string
			b.do("a step", chromedp.Title(&title), chromedp.Evaluate(string(axe)+";0", nil),
				chromedp.Evaluate(`axe.run().then(r => r.violations.map(v => v.id + ": " + v.nodes.map(n => n.html.slice(0, 150)).slice(0, 3).join(" | ")))`, &found, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
			if len(found) > 0 || title == "run" {
				t.Errorf("%s, %s: title %q, %s", page, theme, title, fmt.Sprint(found))
			}
		}
	}
}
