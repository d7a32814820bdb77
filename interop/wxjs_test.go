package interop

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/sandbox/console"
)

const inWeChat = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36 MicroMessenger/8.0.42"

// A wxPage serves a page of a shop that has wx.js of a sandbox and, as the npm package
// has it, the real JS-SDK.
func wxPage(t *testing.T, sb *sandbox.Sandbox) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /sdk.js", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFile(w, r, "node/node_modules/weixin-js-sdk/index.js")
	})
	mux.HandleFunc("GET /", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<!doctype html><html lang="en"><head><title>Shop</title><link rel="icon" href="data:,"><script src="%swx.js"></script>
<script>var module = {};</script><script src="/sdk.js"></script></head><body><button id="go">Pay</button><p id="out"></p></body></html>`, sb.URL())
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server
}

// choosing returns a script that pays with wx.chooseWXPay of an object at a click.
func choosing(object string, params any, t *testing.T) string {
	t.Helper()
	text, err := json.Marshal(params)
	if err != nil {
		t.Fatal(err)
	}
	return strings.NewReplacer("OBJECT", object, "PARAMS", string(text), "APPID", appID).Replace(`
document.getElementById('out').textContent = '';
document.getElementById('go').onclick = () => {
  const wx = OBJECT, out = document.getElementById('out'), params = PARAMS;
  for (const name of ['success', 'cancel', 'fail']) params[name] = (answer) => { out.textContent += name + ' ' + answer.errMsg + ';'; };
  wx.chooseWXPay(params);
};
OBJECT.config({debug: false, appId: 'APPID', timestamp: 1414587457, nonceStr: 'Wm3WZYTPz0wzccnW', signature: 'of the platform', jsApiList: ['chooseWXPay']});
OBJECT.ready(() => OBJECT.checkJsApi({jsApiList: ['chooseWXPay'], success: (answer) => {
  document.getElementById('out').textContent = 'ready ' + answer.checkResult.chooseWXPay + ';';
}}));
`)
}

// TestChooseWXPay pays with the real JS-SDK in a browser that says that it is WeChat,
// and with wx.js alone in one that does not.
func TestChooseWXPay(t *testing.T) {
	for name, tt := range map[string]struct {
		object  string
		options []chromedp.ExecAllocatorOption
	}{
		"the JS-SDK":  {"module.exports", []chromedp.ExecAllocatorOption{chromedp.UserAgent(inWeChat)}},
		"wx.js alone": {"window.wx", nil},
	} {
		t.Run(name, func(t *testing.T) {
			sb := sandbox.Start(t, console.Use)
			shop := wxPage(t, sb)
			b := browse(t, tt.options...)
			resp, err := sb.Client().V3().Pay().Transactions().Jsapi().Post(t.Context(), wechatpay.JSON(wechatpay.M{
				"appid": appID, "mchid": sb.Merchant().MchID, "description": "一杯茶", "out_trade_no": "choose_wxpay", "notify_url": "https://www.example.com/",
				"amount": wechatpay.M{"total": 1880}, "payer": wechatpay.M{"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"}}))
			if err != nil {
				t.Fatal(err)
			}
			params, err := sb.Client().JSAPIParams(appID, resp.Get("prepay_id").String())
			if err != nil {
				t.Fatal(err)
			}
			capital := map[string]string{"timeStamp": params["timeStamp"], "nonceStr": params["nonceStr"], "package": params["package"], "signType": "RSA", "paySign": params["paySign"]}
			good := map[string]string{"timestamp": params["timeStamp"], "nonceStr": params["nonceStr"], "package": params["package"], "signType": "RSA", "paySign": params["paySign"]}
			b.do("opening the shop", open(shop.URL), visible("#go"))
			pay := func(params any, choice, want string) {
				t.Helper()
				b.do("configuring", chromedp.Evaluate(choosing(tt.object, params, t), nil))
				b.shows("#out", "ready true;")
				window := b.opens("paying", click("#go"))
				window.closes("choosing", click(choice))
				b.shows("#out", want)
			}
			pay(capital, "button[data-answer=fail]", "fail chooseWXPay:fail;")
			pay(good, "button[value=cancel]", "cancel chooseWXPay:cancel;")
			pay(good, "button[value=pay]", "success chooseWXPay:ok;")
			if o, err := sb.OrderToPay(sb.Merchant().MchID, "choose_wxpay"); err != nil || o.State != "SUCCESS" {
				t.Errorf("the order is %+v, %v", o, err)
			}
		})
	}
}

// Pages that forget wx.config, or the functions that they call, may not pay, as in WeChat.
func TestChooseWXPayNotPermitted(t *testing.T) {
	sb := sandbox.Start(t, console.Use)
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<!doctype html><html lang="en"><head><title>Shop</title><link rel="icon" href="data:,"><script src="%swx.js"></script></head><body><p id="out"></p></body></html>`, sb.URL())
	}))
	t.Cleanup(shop.Close)
	b := browse(t)
	const pay = `wx.chooseWXPay({timestamp: '1414587457', fail: (answer) => { document.getElementById('out').textContent = answer.errMsg; }})`
	const config = `wx.ready(() => ` + pay + `); wx.config({appId: '` + appID + `', timestamp: 1414587457, nonceStr: 'x', signature: 'of the platform', jsApiList: `
	for script, want := range map[string]string{
		pay:                           "chooseWXPay:permission denied",
		config + `undefined})`:        "chooseWXPay:fail, the permission value is offline verifying",
		config + `['openLocation']})`: "chooseWXPay:fail, the permission value is offline verifying",
		config + `'chooseWXPay'})`:    "chooseWXPay:permission denied",
	} {
		b.do("calling", open(shop.URL), chromedp.Evaluate("(() => {"+script+"})()", nil))
		b.shows("#out", want)
	}
}
