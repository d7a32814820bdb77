package console_test

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/sandbox/console"
)

const (
	appID  = "wxd678efh567hg6787"
	openID = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
)

// order places an order with a hostile description.
func order(t *testing.T, sb *sandbox.Sandbox, way, number string) *wechatpay.Response {
	t.Helper()
	body := wechatpay.M{"appid": appID, "mchid": sb.Merchant().MchID, "description": `<script>alert(1)</script>"'&lt;`, "out_trade_no": number,
		"notify_url": "https://www.example.com/notify", "amount": wechatpay.M{"total": 1880}}
	switch way {
	case "jsapi":
		body["payer"] = wechatpay.M{"openid": openID}
	case "h5":
		body["scene_info"] = wechatpay.M{"payer_client_ip": "127.0.0.1", "h5_info": wechatpay.M{"type": "Wap"}}
	}
	resp, err := sb.Client().Chain("v3/pay/transactions/"+way).Post(context.Background(), wechatpay.JSON(body))
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

func state(t *testing.T, sb *sandbox.Sandbox, number string) string {
	t.Helper()
	o, err := sb.OrderToPay(sb.Merchant().MchID, number)
	if err != nil {
		t.Fatal(err)
	}
	return o.State
}

var hidden = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)

// submit sends the form of a page with a choice.
func submit(t *testing.T, sb *sandbox.Sandbox, path, page, choice string, header ...string) (*http.Response, string) {
	t.Helper()
	return post(t, sb, path, choose(page, choice), header...)
}

// choose returns the form of a page with a choice.
func choose(page, choice string) url.Values {
	form := url.Values{"do": {choice}}
	for _, m := range hidden.FindAllStringSubmatch(page, -1) {
		form.Set(m[1], html.UnescapeString(m[2]))
	}
	return form
}

// post sends a form.
func post(t *testing.T, sb *sandbox.Sandbox, path string, form url.Values, header ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, sb.URL()+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	return do(t, req, append([]string{"Content-Type", "application/x-www-form-urlencoded"}, header...)...)
}

// inert fails if text of an order is markup.
func inert(t *testing.T, page string) {
	t.Helper()
	if strings.Contains(page, "<script>alert") || !strings.Contains(page, "&lt;script&gt;alert") {
		t.Errorf("the description of the order is not shown as text: %s", page)
	}
}

func TestCashierH5(t *testing.T) {
	sb := sandbox.Start(t, console.Use)
	const back = "https://shop.example.com/done?id=1&x=2"
	for choice, want := range map[string]string{"pay": "SUCCESS", "cancel": "NOTPAY", "fail": "NOTPAY"} {
		number := "cashier_h5_" + choice
		h5 := strings.TrimPrefix(order(t, sb, "h5", number).Get("h5_url").String(), sb.URL())
		resp, page := get(t, sb, h5+"&redirect_url="+url.QueryEscape(back), "Referer", "https://shop.example.com/")
		if resp.StatusCode != 200 || !strings.Contains(page, "¥18.80") || strings.Contains(page, `class="notice warn"`) {
			t.Fatalf("%d %s", resp.StatusCode, page)
		}
		inert(t, page)
		resp, page = submit(t, sb, "cashier/pay", page, choice)
		if resp.StatusCode != 200 || !strings.Contains(page, `data-return href="https://shop.example.com/done?id=1&amp;x=2"`) || state(t, sb, number) != want {
			t.Errorf("%s: %d, the order is %s: %s", choice, resp.StatusCode, state(t, sb, number), page)
		}
	}
}

// TestCashierH5Refuses checks what the platform refuses of an h5_url.
func TestCashierH5Refuses(t *testing.T) {
	sb := sandbox.Start(t, console.Use)
	h5 := strings.TrimPrefix(order(t, sb, "h5", "cashier_h5_refuses").Get("h5_url").String(), sb.URL())
	for name, tt := range map[string]struct {
		path  string
		agent string
		shown string
		pays  bool
	}{
		"no Referer":             {h5, "", "商家参数格式有误", true},
		"bad redirect_url":       {h5 + "&redirect_url=javascript:alert(1)", "", "商家参数格式有误", true},
		"redirect_url as it is":  {h5 + "&redirect_url=https://shop.example.com/?a=1&b=2", "", "lost b", true},
		"redirect_url with ;":    {h5 + "&redirect_url=https://shop.example.com/;a=1", "", "cannot be read", true},
		"redirect_url twice":     {h5 + "&redirect_url=" + url.QueryEscape(url.QueryEscape("https://shop.example.com/?a=1")), "", "encoded twice", true},
		"without package":        {strings.Split(h5, "&")[0], "", "商家参数格式有误", false},
		"another package":        {h5[:len(h5)-1] + "x", "", "商家参数格式有误", false},
		"inside WeChat":          {h5, "Mozilla/5.0 MicroMessenger/8.0.42", "请在微信外打开订单", false},
		"of another trade type":  {"cgi-bin/mmpayweb-bin/checkmweb?package=" + last10(order(t, sb, "app", "cashier_app").Get("prepay_id").String()), "", "支付场景非法", false},
		"neither a number at al": {"cgi-bin/mmpayweb-bin/checkmweb", "", "商家参数格式有误", false},
	} {
		_, page := get(t, sb, tt.path, "User-Agent", tt.agent)
		if !strings.Contains(page, tt.shown) || strings.Contains(page, `value="pay"`) != tt.pays || strings.Contains(page, `href="javascript:`) {
			t.Errorf("%s: %s", name, page)
		}
	}
	if err := sb.Advance(5 * time.Minute); err != nil {
		t.Fatal(err)
	}
	if _, page := get(t, sb, h5); !strings.Contains(page, "支付请求已失效，请重新发起支付") {
		t.Errorf("after five minutes: %s", page)
	}
}

// The links of the page of an h5_url that choose a language or a theme keep where it
// returns to, with all its parameters, also those of the same names. What an address lost
// that was not encoded is still told.
func TestCashierH5KeepsReturn(t *testing.T) {
	sb := sandbox.Start(t, console.Use)
	h5 := strings.TrimPrefix(order(t, sb, "h5", "cashier_h5_return").Get("h5_url").String(), sb.URL())
	const shop = "https://shop.example.com/x"
	for name, tt := range map[string]struct{ redirect, referer, returns, lost string }{
		"encoded":                     {url.QueryEscape(shop + "?lang=zh&theme=dark&a=1#/paid?lang=en"), "http://shop.example.com/", shop + "?lang=zh&theme=dark&a=1#/paid?lang=en", ""},
		"encoded twice":               {url.QueryEscape(shop + "?to=" + url.QueryEscape("/?lang=zh&b=茶")), "http://shop.example.com/", shop + "?to=%2F%3Flang%3Dzh%26b%3D%E8%8C%B6", ""},
		"as it is":                    {shop + "?lang=zh", "http://shop.example.com/", shop + "?lang=zh", ""},
		"as it is, two parameters":    {shop + "?a=1&lang=zh", "http://shop.example.com/", shop + "?a=1", "lost lang"},
		"as it is, many parameters":   {shop + "?theme=dark&b=2&theme=light&lang=en", "http://shop.example.com/", shop + "?theme=dark", "lost b, lang, theme"},
		"as it is, with a semicolon":  {shop + ";a=1", "http://shop.example.com/", "", "cannot be read"},
		"none, from a page of a shop": {"", shop + "?lang=zh&theme=dark", shop + "?lang=zh&theme=dark", ""},
	} {
		t.Run(name, func(t *testing.T) {
			path, referer := h5, tt.referer
			if tt.redirect != "" {
				path += "&redirect_url=" + tt.redirect
			}
			for _, link := range []string{"lang=zh", "theme=dark", "lang=en"} {
				resp, page := get(t, sb, path, "Referer", referer)
				form := choose(page, "")
				if got := form.Get("return"); resp.StatusCode != 200 || got != tt.returns && tt.returns != "" || tt.lost != "" && !strings.Contains(page, tt.lost) || tt.lost == "" && strings.Contains(page, "redirect_url is not") {
					t.Errorf("before %s: %d, the page returns to %q, want %q: %s", link, resp.StatusCode, got, tt.returns, page)
				}
				m := regexp.MustCompile(`href="([^"?]*[?]` + link + `&[^"]*)"`).FindStringSubmatch(page)
				if m == nil {
					t.Fatalf("the page has no link %s: %s", link, page)
				}
				referer = sb.URL() + path
				resp, _ = get(t, sb, html.UnescapeString(m[1]), "Referer", referer)
				if path = resp.Header.Get("Location"); resp.StatusCode != 303 || !strings.HasPrefix(resp.Header.Get("Set-Cookie"), link+";") {
					t.Fatalf("%s: %d %v", link, resp.StatusCode, resp.Header)
				}
			}
		})
	}
}

// last10 returns a prepay_id and the digits that a link has of it.
func last10(id string) string { return id[len(id)-10:] + "&prepay_id=" + id }

func TestCashierNative(t *testing.T) {
	sb := sandbox.Start(t, console.Use, func(c *sandbox.Config) { c.AllowHosts = []string{"sandbox.test"} })
	code := order(t, sb, "native", "cashier_native").Get("code_url").String()
	path := "cashier/scan?code_url=" + url.QueryEscape(code)
	_, page := get(t, sb, path)
	inert(t, page)
	if !strings.Contains(page, "/cashier/qr?text=weixin") || strings.Contains(page, "/cashier/qr?text=http") {
		t.Errorf("by localhost: %s", page)
	}
	if _, page := get(t, sb, path, "Host", "192.168.1.20:8686"); !strings.Contains(page, "http://192.168.1.20:8686/cashier/scan?pr=") {
		t.Errorf("by an address of the network: %s", page)
	}
	resp, image := get(t, sb, "cashier/qr?text="+url.QueryEscape(code))
	if resp.Header.Get("Content-Type") != "image/svg+xml" || !strings.HasPrefix(image, "<svg ") {
		t.Errorf("QR code: %v %.100s", resp.Header, image)
	}
	if resp, _ := get(t, sb, "cashier/orders?mchid="+sb.Merchant().MchID+"&number=cashier_native"); resp.StatusCode != 303 || !strings.HasPrefix(resp.Header.Get("Location"), "/cashier/scan?pr=") {
		t.Errorf("from the console: %d %v", resp.StatusCode, resp.Header)
	}
	if resp, page := submit(t, sb, "cashier/pay", page, "pay"); resp.StatusCode != 200 || state(t, sb, "cashier_native") != "SUCCESS" {
		t.Errorf("paid: %d %s", resp.StatusCode, page)
	}
	for _, path := range []string{path, "cashier/scan?code_url=https://example.com", "cashier/scan?pr=0000000000", "cashier/scan?pr=1"} {
		if _, page := get(t, sb, path); strings.Contains(page, `value="pay"`) || !strings.Contains(page, `class="dialog"`) {
			t.Errorf("%s: %s", path, page)
		}
	}
}

// windowOf returns the path of the window that wx.js opens for an order.
func windowOf(t *testing.T, sb *sandbox.Sandbox, number string, edit func(map[string]string)) string {
	t.Helper()
	params, err := sb.Client().JSAPIParams(appID, order(t, sb, "jsapi", number).Get("prepay_id").String())
	if err != nil {
		t.Fatal(err)
	}
	edit(params)
	text, err := json.Marshal(params)
	if err != nil {
		t.Fatal(err)
	}
	return "cashier/window?front=jsapi&id=7&origin=" + url.QueryEscape("http://localhost:8080/x") + "&params=" + url.QueryEscape(string(text))
}

// The window names the origin that hears the result, and stays with the page that opened
// it when its user chooses another language.
func TestCashierWindowOrigin(t *testing.T) {
	sb := sandbox.Start(t, console.Use)
	good := windowOf(t, sb, "cashier_origin", func(map[string]string) {})
	before, after, _ := strings.Cut(good, "origin=")
	_, after, _ = strings.Cut(after, "&")
	for origin, want := range map[string]string{
		"http://localhost:8080": "http://localhost:8080", "https://[::1]/pay?x=1": "https://[::1]", "null": "null",
		"": "", "*": "", "file://": "", "javascript:alert(1)": "", "//shop": "", "http://": "", "http://x\u202e": "", "http://a<b>": "", "nullx": "",
	} {
		_, page := get(t, sb, before+"origin="+url.QueryEscape(origin)+"&"+after)
		if !strings.Contains(page, ` data-origin="`+want+`"`) {
			t.Errorf("of the origin %q: %s", origin, page)
		}
		if _, done := submit(t, sb, "cashier/pay", page, "cancel"); !strings.Contains(done, ` data-origin="`+want+`"`) {
			t.Errorf("cancelled, of the origin %q: %s", origin, done)
		}
	}
	for _, choice := range []string{"lang=zh", "theme=dark"} {
		resp, _ := get(t, sb, strings.Replace(good, "?", "?"+choice+"&", 1))
		if resp.StatusCode != http.StatusSeeOther || resp.Header.Get("Cross-Origin-Opener-Policy") != "unsafe-none" {
			t.Errorf("%s: %d %v", choice, resp.StatusCode, resp.Header)
		}
	}
	if resp, _ := get(t, sb, "cashier/scan?lang=zh"); resp.Header.Get("Cross-Origin-Opener-Policy") != "same-origin" {
		t.Errorf("another page of the cashier: %v", resp.Header)
	}
}

func TestCashierWindow(t *testing.T) {
	sb := sandbox.Start(t, console.Use)
	good := windowOf(t, sb, "cashier_window", func(map[string]string) {})
	resp, page := get(t, sb, good)
	inert(t, page)
	if resp.Header.Get("Cross-Origin-Opener-Policy") != "unsafe-none" || !strings.Contains(resp.Header.Get("Content-Security-Policy"), "frame-ancestors 'none'") ||
		!strings.Contains(page, `data-origin="http://localhost:8080"`) || strings.Contains(page, "<nav") {
		t.Errorf("%v %s", resp.Header, page)
	}
	// Another user than that of the order.
	if _, page := get(t, sb, good, "Cookie", sandbox.UserCookie+"=oAnotherUser"); !strings.Contains(page, "下单账号与支付账号不一致") {
		t.Errorf("another user: %s", page)
	}
	if resp, page := submit(t, sb, "cashier/pay", page, "cancel"); !strings.Contains(page, `data-result="cancel"`) || state(t, sb, "cashier_window") != "NOTPAY" {
		t.Errorf("cancelled: %d %s", resp.StatusCode, page)
	}
	if resp, page := submit(t, sb, "cashier/pay", page, "pay"); !strings.Contains(page, `data-result="ok"`) || state(t, sb, "cashier_window") != "SUCCESS" {
		t.Errorf("paid: %d %s", resp.StatusCode, page)
	}
	bad := windowOf(t, sb, "cashier_window_2", func(params map[string]string) { params["signType"] = "MD5" })
	for lang, says := range map[string]string{"en": "must be RSA", "zh": "应为 RSA"} {
		if _, page := get(t, sb, bad, "Accept-Language", lang); !strings.Contains(page, "支付验证签名失败") || !strings.Contains(page, says) || strings.Contains(page, `value="pay"`) {
			t.Errorf("%s: %s", lang, page)
		}
	}
}

func TestCashierWindowGuards(t *testing.T) {
	sb := sandbox.Start(t, console.Use)
	_, page := get(t, sb, windowOf(t, sb, "cashier_window", func(map[string]string) {}))
	// Pages of other sites, and forms without the token, pay nothing.
	for name, try := range map[string]func() (*http.Response, string){
		"another site": func() (*http.Response, string) {
			return submit(t, sb, "cashier/pay", page, "pay", "Origin", "https://evil.example.com")
		},
		"no token": func() (*http.Response, string) {
			return submit(t, sb, "cashier/pay", strings.ReplaceAll(page, `name="token"`, `name="tok"`), "pay")
		},
		"DNS rebinding": func() (*http.Response, string) {
			return submit(t, sb, "cashier/pay", page, "pay", "Host", "evil.example.com", "Origin", "http://evil.example.com")
		},
	} {
		if resp, _ := try(); resp.StatusCode != 403 || state(t, sb, "cashier_window") != "NOTPAY" {
			t.Errorf("%s: %d, the order is %s", name, resp.StatusCode, state(t, sb, "cashier_window"))
		}
	}
}

// Who uses the browser pays an order that names no user. An order that names one offers the
// coupons of that user.
func TestCashierUser(t *testing.T) {
	sb := sandbox.Start(t, console.Use, withDemo)
	coupon := sendCoupon(t, sb, "one")
	order(t, sb, "jsapi", "cashier_named")
	code := order(t, sb, "native", "cashier_anyone").Get("code_url").String()
	const other = sandbox.UserCookie + "=oAnotherUser"
	resp, _ := get(t, sb, "cashier/orders?mchid="+mchID+"&number=cashier_named")
	_, page := get(t, sb, resp.Header.Get("Location"), "Cookie", other)
	if !strings.Contains(page, `value="`+coupon+`"`) {
		t.Errorf("the order of the test user offers no coupon to another: %s", page)
	}
	_, page = get(t, sb, "cashier/scan?code_url="+url.QueryEscape(code), "Cookie", other)
	if strings.Contains(page, `value="`+coupon+`"`) {
		t.Errorf("a coupon of the test user is offered to another: %s", page)
	}
	if resp, page := submit(t, sb, "cashier/pay", page, "pay", "Cookie", other); resp.StatusCode != 200 {
		t.Errorf("%d %s", resp.StatusCode, page)
	}
	got, err := sb.Client().Chain("v3/pay/transactions/out-trade-no/cashier_anyone").Get(t.Context(), wechatpay.Query(wechatpay.M{"mchid": mchID}))
	if err != nil || got.Get("payer.openid").String() != "oAnotherUser" {
		t.Errorf("paid by %s, %v", got.Get("payer"), err)
	}
}

// Of two windows with one order, the second tells that it is paid, or is over.
func TestCashierTwoWindows(t *testing.T) {
	sb := sandbox.Start(t, console.Use)
	_, page := get(t, sb, windowOf(t, sb, "cashier_two", func(map[string]string) {}))
	submit(t, sb, "cashier/pay", page, "pay")
	for _, choice := range []string{"pay", "fail"} {
		resp, text := submit(t, sb, "cashier/pay", page, choice)
		if resp.StatusCode != 200 || !strings.Contains(text, "该订单已支付") || !strings.Contains(text, `data-answer="fail"`) || strings.Contains(text, "data-result") {
			t.Errorf("%s in the second window: %d %s", choice, resp.StatusCode, text)
		}
	}
	_, page = get(t, sb, windowOf(t, sb, "cashier_over", func(map[string]string) {}))
	if err := sb.Expire(mchID, "cashier_over"); err != nil {
		t.Fatal(err)
	}
	if resp, text := submit(t, sb, "cashier/pay", page, "pay"); resp.StatusCode != 200 || !strings.Contains(text, "支付请求已失效") || state(t, sb, "cashier_over") != "NOTPAY" {
		t.Errorf("after it expired: %d %s", resp.StatusCode, text)
	}
}

// sendCoupon sends the test user a coupon of 1 yuan for payments of 2 yuan or more.
func sendCoupon(t *testing.T, sb *sandbox.Sandbox, outRequestNo string) (couponID string) {
	t.Helper()
	resp, err := sb.Client().Chain("v3/marketing/favor/users/{openid}/coupons").Post(t.Context(), wechatpay.Bind("openid", sandbox.TestUser),
		wechatpay.JSON(wechatpay.M{"stock_id": "9856000", "out_request_no": outRequestNo, "appid": appID, "stock_creator_mchid": mchID, "coupon_value": 100, "coupon_minimum": 200}))
	if err != nil {
		t.Fatal(err)
	}
	return resp.Get("coupon_id").String()
}

// combine places a combined order of orders with hostile descriptions, which are
// part-0, part-1 and so on.
func combine(t *testing.T, sb *sandbox.Sandbox, number string, totals ...int) {
	t.Helper()
	var parts []wechatpay.M
	for i, total := range totals {
		parts = append(parts, wechatpay.M{"mchid": mchID, "out_trade_no": fmt.Sprint("part-", i), "description": hostile[0], "attach": "a",
			"amount": wechatpay.M{"total_amount": total, "currency": "CNY"}})
	}
	if _, err := sb.Client().Chain("v3/combine-transactions/native").Post(t.Context(), wechatpay.JSON(wechatpay.M{"combine_appid": appID, "combine_mchid": mchID,
		"combine_out_trade_no": number, "notify_url": "https://www.example.com/", "sub_orders": parts})); err != nil {
		t.Fatal(err)
	}
}

// The cashier of a combined order offers the coupons for each of its orders, and uses one
// on the order that it was chosen for.
func TestCashierCombinedCoupons(t *testing.T) {
	sb := sandbox.Start(t, console.Use, withDemo)
	first, second := sendCoupon(t, sb, "first"), sendCoupon(t, sb, "second")
	combine(t, sb, "combined-1", 150, 500, 300)
	_, list := get(t, sb, "/console/combined-orders")
	m := regexp.MustCompile(`href="(/cashier/orders[^"]*)"`).FindStringSubmatch(list)
	if m == nil {
		t.Fatalf("no link leads to the cashier: %s", list)
	}
	resp, _ := get(t, sb, html.UnescapeString(m[1]))
	_, page := get(t, sb, resp.Header.Get("Location"))
	inert(t, page)
	// The first order is too small for the coupons.
	if strings.Contains(page, `name="coupon.0"`) || strings.Count(page, `value="`+first+`"`) != 2 || strings.Count(page, `value="`+second+`"`) != 2 || !strings.Contains(page, "part-0") {
		t.Fatalf("the offer is wrong: %s", page)
	}
	form := choose(page, "pay")
	form.Set("coupon.1", first)
	form.Set("coupon.2", first)
	if resp, text := post(t, sb, "cashier/pay", form); resp.StatusCode != 400 || !strings.Contains(text, "twice") {
		t.Errorf("the same coupon twice: %d %s", resp.StatusCode, text)
	}
	form.Del("coupon.1")
	form.Set("coupon.2", second)
	if resp, text := post(t, sb, "cashier/pay", form); resp.StatusCode != 200 || !strings.Contains(text, "¥9.50") {
		t.Fatalf("%d %s", resp.StatusCode, text)
	}
	got, err := sb.Client().Chain("v3/combine-transactions/out-trade-no/combined-1").Get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"sub_orders.#.trade_state": `["SUCCESS","SUCCESS","SUCCESS"]`, "sub_orders.#.amount.payer_amount": "[150,500,200]",
		"sub_orders.2.promotion_detail.0.coupon_id": second, "combine_payer_info.openid": sandbox.TestUser} {
		if got.Get(path).String() != want {
			t.Errorf("%s is %s, want %s", path, got.Get(path), want)
		}
	}
	if wallet, err := sb.Wallet(sandbox.TestUser); err != nil || wallet.Coupons[0].State == wallet.Coupons[1].State {
		t.Errorf("the coupons are %+v, %v; want one of them used", wallet.Coupons, err)
	}
}

func TestWxJS(t *testing.T) {
	sb := sandbox.Start(t, console.Use)
	resp, script := get(t, sb, "wx.js", "Host", "localhost:9999")
	if !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/javascript") || !strings.Contains(script, `var base = "http://localhost:9999/";`) {
		t.Errorf("%v %.600s", resp.Header, script)
	}
	if resp, _ := get(t, sb, "wx.js", "Host", "evil.example.com"); resp.StatusCode != 403 {
		t.Errorf("by another Host: %d", resp.StatusCode)
	}
}
