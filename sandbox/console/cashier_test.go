package console_test

import (
	"context"
	"encoding/json"
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
	form := url.Values{"do": {choice}}
	for _, m := range hidden.FindAllStringSubmatch(page, -1) {
		form.Set(m[1], html.UnescapeString(m[2]))
	}
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

func TestCashierWindow(t *testing.T) {
	sb := sandbox.Start(t, console.Use)
	good := windowOf(t, sb, "cashier_window", func(map[string]string) {})
	resp, page := get(t, sb, good)
	inert(t, page)
	if resp.Header.Get("Cross-Origin-Opener-Policy") != "unsafe-none" || !strings.Contains(resp.Header.Get("Content-Security-Policy"), "frame-ancestors 'none'") ||
		!strings.Contains(page, `data-origin="http://localhost:8080"`) {
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
