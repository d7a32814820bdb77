package interop

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/sandbox/console"
)

// hostileText would act on a page that does not escape it.
const hostileText = `</script><img src=x onerror="document.title='run'"><script>document.title='run'</script>&lt;`

// A fullSandbox has something of everything, with hostile texts.
type fullSandbox struct {
	*sandbox.Sandbox
	t *testing.T
}

func newFullSandbox(t *testing.T) fullSandbox {
	t.Helper()
	s := fullSandbox{sandbox.Start(t, console.Use, func(c *sandbox.Config) { c.Demo = true }), t}
	for _, number := range []string{"unpaid-1", "paid-1"} {
		orderIn(t, s.Sandbox, number, hostileText)
	}
	s.must(s.Pay(sandbox.DefaultMchID, "paid-1"))
	s.must(s.Complain(sandbox.DefaultMchID, "paid-1", hostileText))
	s.post("v3/refund/domestic/refunds", wechatpay.M{"out_trade_no": "paid-1", "out_refund_no": "back-1", "amount": wechatpay.M{"refund": 8, "total": 1888, "currency": "CNY"}})
	s.post("v3/marketing/favor/users/{openid}/coupons", wechatpay.M{"stock_id": "9856000", "out_request_no": "c1", "appid": appID,
		"stock_creator_mchid": sandbox.DefaultMchID, "coupon_value": 100, "coupon_minimum": 100}, wechatpay.Bind("openid", sandbox.TestUser))
	s.post("v3/combine-transactions/native", wechatpay.M{"combine_appid": appID, "combine_mchid": sandbox.DefaultMchID, "combine_out_trade_no": "combined-1",
		"notify_url": "https://www.example.com/", "sub_orders": []wechatpay.M{s.part("part-1"), s.part("part-2")}})
	if _, err := s.Client().Chain("v2/mmpaymkttransfers/sendredpack").Post(t.Context(), wechatpay.XML(wechatpay.M{"mch_billno": "packet1", "wxappid": appID,
		"send_name": "shop", "re_openid": sandbox.TestUser, "total_amount": 100, "total_num": 1, "wishing": "<b>wishing", "client_ip": "127.0.0.1", "act_name": "<b>act", "remark": "r"})); err != nil {
		t.Fatal(err)
	}
	s.must(s.AddFault(sandbox.Fault{Path: "v3/none", Kind: sandbox.FaultCode, Code: "<b>", Message: hostileText}))
	resp, err := http.Get(s.URL() + "v3/certificates?" + url.Values{"q": {hostileText}}.Encode()) // unsigned
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return s
}

// must fails the test at the error of an action.
func (s fullSandbox) must(_ any, err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s fullSandbox) post(path string, body wechatpay.M, opts ...wechatpay.Option) *wechatpay.Response {
	s.t.Helper()
	resp, err := s.Client().Chain(path).Post(s.t.Context(), append(opts, wechatpay.JSON(body))...)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp
}

func (s fullSandbox) part(number string) wechatpay.M {
	return wechatpay.M{"mchid": sandbox.DefaultMchID, "out_trade_no": number, "description": "<b>tea", "attach": "a", "amount": wechatpay.M{"total_amount": 100, "currency": "CNY"}}
}

// h5 returns the h5_url of a new order.
func (s fullSandbox) h5(number string) string {
	return s.post("v3/pay/transactions/h5", wechatpay.M{"appid": appID, "mchid": sandbox.DefaultMchID, "description": hostileText, "out_trade_no": number,
		"notify_url": "http://127.0.0.1:1/notify", "amount": wechatpay.M{"total": 1888},
		"scene_info": wechatpay.M{"payer_client_ip": "127.0.0.1", "h5_info": wechatpay.M{"type": "Wap"}}}).Get("h5_url").String()
}

// transfer returns the package_info of a new transfer.
func (s fullSandbox) transfer(number string) string {
	return s.post("v3/fund-app/mch-transfer/transfer-bills", wechatpay.M{"appid": appID, "out_bill_no": number, "openid": sandbox.TestUser, "transfer_amount": 30,
		"transfer_remark": "<b>remark", "transfer_scene_id": "1000", "transfer_scene_report_infos": []wechatpay.M{
			{"info_type": "活动名称", "info_content": "注册会员有礼"}, {"info_type": "奖励说明", "info_content": "注册会员抽奖一等奖"}}}).Get("package_info").String()
}

// authorization returns the package_info of a new authorization.
func (s fullSandbox) authorization(number string) string {
	return s.post("v3/fund-app/mch-transfer/user-confirm-authorization", wechatpay.M{"out_authorization_no": number, "appid": appID, "openid": sandbox.TestUser,
		"transfer_scene_id": "1000", "user_display_name": "<b>name", "user_recv_perception": "现金奖励", "authorization_notify_url": "https://shop.example.com/authorized"}).Get("package_info").String()
}

// window returns the address that wx.js opens.
func (s fullSandbox) window(front string, params any) string {
	text, err := json.Marshal(params)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.URL() + "cashier/window?" + url.Values{"front": {front}, "id": {"1"}, "origin": {"http://localhost"}, "params": {string(text)}}.Encode()
}

func (s fullSandbox) confirming(packageInfo string) string {
	return s.window("transfer", wechatpay.M{"mchId": sandbox.DefaultMchID, "appId": appID, "package": packageInfo})
}

// pages returns the addresses of all pages of the console and the cashier.
func (s fullSandbox) pages() []string {
	s.t.Helper()
	order, err := s.OrderToPay(sandbox.DefaultMchID, "unpaid-1")
	if err != nil {
		s.t.Fatal(err)
	}
	prepay := s.post("v3/pay/transactions/jsapi", wechatpay.M{"appid": appID, "mchid": sandbox.DefaultMchID, "description": "<b>tea", "out_trade_no": "jsapi_order_1",
		"notify_url": "https://www.example.com/", "amount": wechatpay.M{"total": 1}, "payer": wechatpay.M{"openid": sandbox.TestUser}}).Get("prepay_id").String()
	params, err := s.Client().JSAPIParams(appID, prepay)
	if err != nil {
		s.t.Fatal(err)
	}
	all := []string{s.h5("h5_order_1"), s.window("jsapi", params), s.window("jsapi", wechatpay.M{"appId": hostileText}), s.confirming(s.transfer("transfer1")), s.confirming(s.authorization("consent1"))}
	for _, path := range []string{"", "console/requests", "console/orders", "console/refunds", "console/coupons", "console/transfers", "console/profit-sharing", "console/red-packets",
		"console/combined-orders", "console/complaints", "console/authorizations", "console/notifications", "console/faults", "console/connect", "console/order?number=none", "console/operations",
		"console/operations/post-v3-pay-transactions-native",
		"cashier/user", "cashier/scan", "cashier/scan?pr=" + order.PrepayID[len(order.PrepayID)-10:], "cashier/scan?pr=0000000000", "cashier/orders?mchid=" + sandbox.DefaultMchID + "&number=combined-1",
		"console/notifications/" + s.Notifications()[0].ID, "console/requests/1", "console/requests/" + s.Requests()[len(s.Requests())-1].ID, "?q=" + url.QueryEscape(hostileText)} {
		all = append(all, s.URL()+path)
	}
	for _, r := range s.Requests() {
		if r.Status == http.StatusUnauthorized {
			all = append(all, s.URL()+"console/requests/"+r.ID)
		}
	}
	return append(all, orderPage(s.Sandbox, "unpaid-1"), orderPage(s.Sandbox, "paid-1"), orderPage(s.Sandbox, "part-1"))
}

// walk opens all pages in a language and a theme, and the last page of a payment.
func (s fullSandbox) walk(b tab, lang, theme string, check func(page string)) {
	s.t.Helper()
	b.do("choosing "+lang+" and "+theme, open(s.URL()+"?lang="+lang+"&theme="+theme))
	for _, page := range s.pages() {
		b.do("opening "+page, open(page))
		check(page)
	}
	b.do("paying", open(s.h5("h5_order_2")), click("button[value=pay]"), visible("[role=status]"))
	check("the end of a payment")
}

// No page has a barrier that axe-core finds, in either language, light or dark, and
// hostile texts do nothing.
func TestPagesAccessible(t *testing.T) {
	if _, err := os.Stat("node/node_modules/axe-core/axe.min.js"); err != nil && os.Getenv("WXPAY_SERVERS") == "" {
		t.Skip("axe-core is not installed: npm ci --prefix node")
	}
	for _, lang := range []string{"zh", "en"} {
		for _, theme := range []string{"light", "dark"} {
			t.Run(lang+" "+theme, func(t *testing.T) {
				s, b := newFullSandbox(t), browseQuietly(t)
				s.walk(b, lang, theme, func(page string) {
					b.accessible(page)
					var title, language string
					b.do("reading", chromedp.Title(&title), chromedp.Evaluate("document.documentElement.lang", &language))
					if title == "run" || !strings.HasPrefix(language, lang) {
						t.Errorf("%s: the title is %q, the language %q", page, title, language)
					}
				})
			})
		}
	}
}

// outside returns what does not fit into the width of a phone: the width of the page if
// it scrolls, and each control that a finger cannot reach.
const outside = `(() => {
  const width = document.documentElement.clientWidth, found = [];
  if (document.documentElement.scrollWidth > width) {
    found.push('the page is ' + document.documentElement.scrollWidth + ' wide');
    for (const e of document.body.querySelectorAll('*')) {
      if (e.getBoundingClientRect().right > width + 1 && found.length < 5) found.push(e.outerHTML.slice(0, 120));
    }
  }
  for (const e of document.querySelectorAll('main button, main input:not([type=hidden]), main select, main textarea, header a, footer a, summary')) {
    const r = e.getBoundingClientRect();
    if (r.width > 0 && (r.left < 0 || r.right > width + 1)) found.push(e.outerHTML.slice(0, 120));
    if (r.width > 0 && e.matches('button') && r.height < 24) found.push('too small: ' + e.outerHTML.slice(0, 120));
  }
  return found;
})()`

// On a phone of 360 × 640, no page scrolls sideways, and all buttons can be reached.
func TestPagesOnPhone(t *testing.T) {
	for _, lang := range []string{"zh", "en"} {
		t.Run(lang, func(t *testing.T) {
			s, b := newFullSandbox(t), browseQuietly(t)
			b.do("taking a phone", emulation.SetDeviceMetricsOverride(360, 640, 2, true))
			s.walk(b, lang, "light", func(page string) {
				var found []string
				b.do("measuring", chromedp.Evaluate(outside, &found))
				for _, what := range found {
					t.Errorf("%s: %s", page, what)
				}
			})
		})
	}
}

// A page of another site can neither read the sandbox nor change anything in it, by
// forms, by fetch, and by a name of its own that leads to this machine.
func TestPagesOfOtherSites(t *testing.T) {
	s := newFullSandbox(t)
	port := s.URL()[strings.LastIndex(s.URL(), ":")+1:]
	foreign := "http://evil.example.com:" + port
	b := browseQuietly(t, chromedp.Flag("host-resolver-rules", "MAP evil.example.com 127.0.0.1, MAP other.example.org 127.0.0.1"))
	body := func(what, address string) string {
		t.Helper()
		var text string
		b.do(what, open(address), chromedp.Evaluate("document.body.innerText", &text))
		return text
	}
	for _, path := range []string{"", "console/orders", "console/connect", "_sandbox/orders", "cashier/user", "wx.js", "console/static/page.js"} {
		if text := body("a name of somebody else", foreign+path); strings.Contains(text, "unpaid-1") || strings.Contains(text, s.Merchant().APIv3Key) || strings.Contains(text, "No money moves here") || strings.Contains(text, "WeixinJSBridge") {
			t.Errorf("%s: %s", path, text)
		}
	}
	// The attacker's own page is at the same name, so all of it is one origin to the browser.
	fetched := func(script string) string {
		t.Helper()
		var text string
		b.do("fetching", chromedp.Evaluate("("+script+").then(r => r.text().then(t => r.status + ' ' + t), e => 'failed')", &text, awaits))
		return text
	}
	// It has a policy of its own, not that of the refusal which stands for it here.
	b.do("the policy of the attacker", page.SetBypassCSP(true))
	body("the page of the attacker", foreign)
	for _, script := range []string{
		`fetch('/_sandbox/orders/unpaid-1/pay', {method: 'POST'})`, `fetch('/_sandbox/orders')`, `fetch('/console/orders')`,
		`fetch('/console/do/pay', {method: 'POST', body: new URLSearchParams({mchid: '1900000109', number: 'unpaid-1'})})`,
	} {
		if text := fetched(script); !strings.HasPrefix(text, "403 ") || strings.Contains(text, "paid-1") {
			t.Errorf("%s: %s", script, text)
		}
	}
	// A page of another site, at the address of the sandbox.
	own := strings.TrimSuffix(s.URL(), "/")
	body("the page of another site", "http://other.example.org:"+port)
	for _, script := range []string{
		fmt.Sprintf(`fetch('%s/_sandbox/orders/unpaid-1/pay', {method: 'POST', mode: 'no-cors'})`, own), fmt.Sprintf(`fetch('%s/_sandbox/orders')`, own),
		fmt.Sprintf(`fetch('%s/console/do/pay', {method: 'POST', mode: 'no-cors', credentials: 'include', body: new URLSearchParams({mchid: '1900000109', number: 'unpaid-1'})})`, own),
	} {
		if text := fetched(script); text != "failed" && text != "0 " {
			t.Errorf("%s: %s", script, text)
		}
	}
	for _, path := range []string{"/console/do/pay", "/_sandbox/orders/unpaid-1/pay", "/cashier/pay"} {
		b.do("a form", open("data:text/html,"+url.PathEscape(fmt.Sprintf(`<form method="post" action="%s"><input name="mchid" value="1900000109"><input name="number" value="unpaid-1"><input name="do" value="pay"><button>b</button></form>`, own+path))),
			click("button"))
		b.arrives(own + path)
	}
	if o, err := s.OrderToPay(sandbox.DefaultMchID, "unpaid-1"); err != nil || o.State != "NOTPAY" {
		t.Errorf("the order is %+v, %v", o, err)
	}
}
