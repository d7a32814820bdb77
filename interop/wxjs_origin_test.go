package interop

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/sandbox/console"
)

// bridgePage is a page of a shop that pays with the bridge at a click.
func bridgePage(t *testing.T, sb *sandbox.Sandbox, number string) string {
	t.Helper()
	resp, err := sb.Client().V3().Pay().Transactions().Jsapi().Post(t.Context(), wechatpay.JSON(wechatpay.M{
		"appid": appID, "mchid": sb.Merchant().MchID, "description": "tea", "out_trade_no": number, "notify_url": "https://www.example.com/",
		"amount": wechatpay.M{"total": 1880}, "payer": wechatpay.M{"openid": sandbox.TestUser}}))
	if err != nil {
		t.Fatal(err)
	}
	params, err := sb.Client().JSAPIParams(appID, resp.Get("prepay_id").String())
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(params)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf(`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title><link rel="icon" href="data:,"><script src="%swx.js"></script></head>
<body><button id="go">Pay</button><p id="out"></p><script>
document.getElementById('go').onclick = () => WeixinJSBridge.invoke('getBrandWCPayRequest', %s, (answer) => {
  document.getElementById('out').textContent += answer.err_msg + ';';
});
</script></body></html>`, sb.URL(), text)
}

// A page that is opened from a file has no origin, and hears the result all the same.
func TestBridgeFromFile(t *testing.T) {
	sb := sandbox.Start(t, console.Use)
	file := filepath.Join(t.TempDir(), "shop.html")
	if err := os.WriteFile(file, []byte(bridgePage(t, sb, "from_a_file")), 0o600); err != nil {
		t.Fatal(err)
	}
	b := browse(t)
	b.do("opening", open((&url.URL{Scheme: "file", Path: filepath.ToSlash(file)}).String()))
	b.payTwice(t, sb, "from_a_file")
}

// The user may choose another language or theme at the cashier.
func TestBridgeInAnotherLanguage(t *testing.T) {
	sb := sandbox.Start(t, console.Use)
	page := bridgePage(t, sb, "another_language")
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, page)
	}))
	t.Cleanup(shop.Close)
	b := browse(t)
	b.do("opening", open(shop.URL))
	window := b.opens("paying", click("#go"))
	window.leaves("choosing Chinese", click(`footer a[lang="zh-CN"]`))
	window.shows("button.primary", "支付")
	window.closes("choosing", click("button[value=pay]"))
	b.shows("#out", "get_brand_wcpay_request:ok;")
}

// payTwice cancels a payment, and then pays.
func (b tab) payTwice(t *testing.T, sb *sandbox.Sandbox, number string) {
	t.Helper()
	window := b.opens("paying", click("#go"))
	window.closes("choosing", click("button[value=cancel]"))
	b.shows("#out", "get_brand_wcpay_request:cancel;")
	window = b.opens("paying", click("#go"))
	window.closes("choosing", click("button[value=pay]"))
	b.shows("#out", "get_brand_wcpay_request:cancel;get_brand_wcpay_request:ok;")
	if o, err := sb.OrderToPay(sb.Merchant().MchID, number); err != nil || o.State != "SUCCESS" {
		t.Errorf("the order is %+v, %v", o, err)
	}
}
