package sandbox_test

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

// lives are how long the ways to pay live.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012525167
var lives = map[string]time.Duration{
	"prepay_id": 2 * time.Hour, "code_url": 2 * time.Hour, "h5_url": 5 * time.Minute, "mweb_url": 5 * time.Minute,
}

// Ordering again gives the same way to pay while it lives, and a new one after.
func TestPrepayAges(t *testing.T) {
	w := newWorld(t)
	v3 := func(path string, body wechatpay.M) func(*testing.T) *wechatpay.Response {
		return func(t *testing.T) *wechatpay.Response { return w.mustCall(t, "POST", path, body) }
	}
	v2 := func(body wechatpay.M) func(*testing.T) *wechatpay.Response {
		return func(t *testing.T) *wechatpay.Response {
			resp, err := w.client.Chain("v2/pay/unifiedorder").Post(context.Background(), wechatpay.XML(body))
			if err != nil {
				t.Fatal(err)
			}
			return resp
		}
	}
	combine := w.combination(w.part("", "part-1", 1), w.part("", "part-2", 2))
	for name, tt := range map[string]struct {
		field string
		order func(*testing.T) *wechatpay.Response
	}{
		"JSAPI":        {"prepay_id", v3("v3/pay/transactions/jsapi", wayToPay{way: "jsapi"}.order(w))},
		"app":          {"prepay_id", v3("v3/pay/transactions/app", wayToPay{way: "app"}.order(w))},
		"native":       {"code_url", v3(native, wayToPay{way: "native"}.order(w))},
		"H5":           {"h5_url", v3("v3/pay/transactions/h5", wayToPay{way: "h5"}.order(w))},
		"combined":     {"code_url", v3(combinePath+"native", combine)},
		"APIv2 native": {"code_url", v2(orderV2("v2-native", 1, wechatpay.M{"trade_type": "NATIVE"}))},
		"APIv2 H5":     {"mweb_url", v2(orderV2("v2-mweb", 1, wechatpay.M{"trade_type": "MWEB"}))},
	} {
		t.Run(name, func(t *testing.T) {
			life, seen := lives[tt.field], make(map[string]bool)
			var last string
			for i, step := range []struct {
				wait time.Duration
				same bool
			}{{0, false}, {life - time.Second, true}, {time.Second, false}, {life - time.Second, true}, {life, false}} {
				w.clock.add(step.wait)
				got := tt.order(t).Get(tt.field).String()
				if got == "" || (got == last) != step.same || got != last && seen[got] {
					t.Errorf("step %d: %s is %q, was %q", i, tt.field, got, last)
				}
				last, seen[got] = got, true
			}
		})
	}
}

// An h5_url has the prepay_id and a package, and leads to the sandbox.
func TestH5URL(t *testing.T) {
	sb := sandbox.Start(t)
	resp, err := sb.Client().Chain("v3/pay/transactions/h5").Post(t.Context(), wechatpay.JSON(wechatpay.M{
		"appid": "wxd678efh567hg6787", "mchid": sb.Merchant().MchID, "description": "d", "out_trade_no": "by_browser",
		"notify_url": "https://www.example.com/notify", "amount": wechatpay.M{"total": 1},
		"scene_info": wechatpay.M{"payer_client_ip": "127.0.0.1", "h5_info": wechatpay.M{"type": "Wap"}},
	}))
	if err != nil {
		t.Fatal(err)
	}
	text := resp.Get("h5_url").String()
	link, err := url.Parse(text)
	if err != nil || !strings.HasPrefix(text, sb.URL()) || !strings.HasPrefix(link.Query().Get("prepay_id"), "wx") ||
		!strings.Contains(text, "&package=") || len(link.Query().Get("package")) != 10 {
		t.Fatalf("h5_url is %q", text)
	}
	page, err := http.Get(text + "&redirect_url=https%3A%2F%2Fwww.example.com")
	if err != nil {
		t.Fatal(err)
	}
	defer page.Body.Close()
	told, err := io.ReadAll(page.Body)
	if err != nil || page.StatusCode != http.StatusOK || !strings.Contains(string(told), "/_sandbox/orders/") {
		t.Errorf("the page: %d %s, %v", page.StatusCode, told, err)
	}
}

// An order that nobody paid is closed after seven days.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012525167
func TestUnpaidOrdersAreClosed(t *testing.T) {
	w := newWorld(t)
	mchID := w.Merchant().MchID
	place := func(outTradeNo string) { w.mustCall(t, "POST", native, w.order(outTradeNo, 1)) }
	place("unpaid")
	w.mustCall(t, "POST", combinePath+"native", w.combination(w.part("", "part-1", 1), w.part("", "part-2", 2)))
	w.clock.add(7*24*time.Hour - time.Second)
	if got := w.tradeState(t, "unpaid"); got != "NOTPAY" {
		t.Errorf("after seven days less a second it is %s", got)
	}
	place("paid_late")
	w.clock.add(time.Second)
	if got := w.tradeState(t, "unpaid"); got != "CLOSED" {
		t.Errorf("after seven days it is %s", got)
	}
	if got := states(w.combined(t)); got != "CLOSED CLOSED" {
		t.Errorf("the combined orders are %s", got)
	}
	for _, outTradeNo := range []string{"unpaid", combineNumber} {
		if _, err := w.Pay(mchID, outTradeNo); err == nil || !strings.Contains(err.Error(), "CLOSED") {
			t.Errorf("paying %s: error is %v", outTradeNo, err)
		}
	}
	_, err := w.call("POST", native, w.order("unpaid", 1))
	refused(t, err, 400, "ORDER_CLOSED")
	if _, err := w.Pay(mchID, "paid_late"); err != nil {
		t.Error(err)
	}
	w.clock.add(30 * 24 * time.Hour)
	if got := w.tradeState(t, "paid_late"); got != "SUCCESS" {
		t.Errorf("a paid order is %s", got)
	}
}
