package sandbox_test

import (
	"context"
	"crypto/sha1"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

// flow asks for a flow of a stock and downloads it, which gives what the hash
// is of.
func (w *world) flow(t *testing.T, stockID, name string) (url, text string) {
	t.Helper()
	resp := w.mustCall(t, "GET", stockPath+stockID+"/"+name, nil)
	documented(t, "GET", stockPath+"{stock_id}/"+name, resp)
	url = resp.Get("url").String()
	sum := sha1.Sum([]byte(w.download(t, url)))
	if got := hex.EncodeToString(sum[:]); got != resp.Get("hash_value").String() || resp.Get("hash_type").String() != "SHA1" {
		t.Errorf("the file has the SHA-1 %s, which is not that of %s", got, resp.Bytes())
	}
	return url, w.download(t, url)
}

func (w *world) download(t *testing.T, url string) string {
	t.Helper()
	path, ok := strings.CutPrefix(url, w.URL())
	if !ok {
		t.Fatalf("%s is not at %s", url, w.URL())
	}
	return string(w.mustCall(t, "GET", path, nil).Bytes())
}

// Flows have a row for each coupon that is used, and for each refund of its
// payment that succeeds; a file stays as it was when it was asked for.
func TestCouponFlows(t *testing.T) {
	w := newWorld(t)
	m := w.Merchant().MchID
	stockID, other := w.running(t, nil), w.running(t, nil)
	paid := w.paid(t, "paid-1", 300)
	couponID := w.send(t, stockID, "a")
	w.send(t, stockID, "a") // not used
	if err := w.UseCoupon(m, couponID, paid); err != nil {
		t.Fatal(err)
	}
	url, early := w.flow(t, stockID, "use-flow")
	w.clock.add(time.Minute)
	second := w.send(t, stockID, "b")
	if err := w.UseCoupon(m, second, w.paid(t, "paid-2", 12345)); err != nil {
		t.Fatal(err)
	}
	if again := w.download(t, url); again != early {
		t.Errorf("the file is now %q, want %q", again, early)
	}
	_, late := w.flow(t, stockID, "use-flow")
	rows := records(t, late)
	if len(rows) != 3 || fmt.Sprint(rows[1][:9]) != fmt.Sprint([]string{
		stockID, couponID, "全场券", "1.00", "3.00", "NATIVE", paid, "2018-06-08 10:30:00", m,
	}) || rows[2][1] != second || rows[2][4] != "123.45" {
		t.Errorf("use-flow has %q", rows)
	}

	refund := func(outRefundNo string, amount int) {
		w.mustCall(t, "POST", "v3/refund/domestic/refunds", wechatpay.M{
			"transaction_id": paid, "out_refund_no": outRefundNo, "amount": wechatpay.M{"refund": amount, "total": 300, "currency": "CNY"},
		})
	}
	refund("refund-2", 50)
	if err := w.SettleRefund(m, "refund-2", sandbox.RefundAbnormal); err != nil {
		t.Fatal(err)
	}
	w.clock.add(time.Minute)
	refund("refund-1", 100)
	if _, text := w.flow(t, stockID, "refund-flow"); len(records(t, text)) != 1 {
		t.Errorf("refund-flow is %q before the refund is", text)
	}
	w.clock.add(time.Minute)
	_, text := w.flow(t, stockID, "refund-flow")
	if rows := records(t, text); len(rows) != 2 || fmt.Sprint(rows[1][1:7]) != fmt.Sprint([]string{
		couponID, "全场券", "0.34", "1.00", "NATIVE", paid,
	}) {
		t.Errorf("refund-flow has %q", rows)
	}
	if _, text := w.flow(t, other, "use-flow"); len(records(t, text)) != 1 {
		t.Errorf("the flow of another stock is %q", text)
	}
	for _, token := range []string{"example", "use-flow", "use-flow." + stockID, "use-flow.1.x", "use-flow.404.1", "other." + stockID + ".1"} {
		_, err := w.call("GET", "v3/billdownload/file?token="+token, nil)
		refused(t, err, 400, "INVALID_REQUEST")
	}
}

func records(t *testing.T, text string) [][]string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return rows
}

// The callback of a merchant is the one that it set last.
func TestCouponCallback(t *testing.T) {
	w := newWorld(t)
	m := w.Merchant().MchID
	const path = "v3/marketing/favor/callbacks"
	_, err := w.call("GET", path+"?mchid="+m, nil)
	refused(t, err, 404, "RESOURCE_NOT_EXISTS")
	for _, url := range []string{"https://a.example.com/", "https://b.example.com/"} {
		documented(t, "POST", path, w.setCallback(t, url))
		resp := w.mustCall(t, "GET", path+"?mchid="+m, nil)
		documented(t, "GET", path, resp)
		if got := resp.Get("notify_url").String(); got != url {
			t.Errorf("notify_url is %q, want %q", got, url)
		}
	}
	_, err = w.call("GET", path+"?mchid=1", nil)
	refused(t, err, 400, "PARAM_ERROR")
	for _, body := range []wechatpay.M{{"mchid": "1", "notify_url": "https://a.example.com/"}, {"mchid": m, "notify_url": "nowhere"}} {
		_, err := w.call("POST", path, body)
		refused(t, err, 400, "PARAM_ERROR")
	}
}

// The creator of a coupon is notified of its use, unless its callback is off.
func TestCouponNotification(t *testing.T) {
	config := testConfig(t)
	synctest.Test(t, func(t *testing.T) {
		shop, server, client := newShop(t, config)
		post := func(path string, body wechatpay.M) *wechatpay.Response {
			t.Helper()
			resp, err := client.Chain(path).Post(context.Background(), wechatpay.JSON(body))
			if err != nil {
				t.Fatal(err)
			}
			return resp
		}
		w := &world{Sandbox: &sandbox.Sandbox{Server: server}}
		body := w.stock("told", func(body, rule, use wechatpay.M) {
			body["available_begin_time"] = time.Now().Format(time.RFC3339)
			body["available_end_time"] = time.Now().AddDate(0, 1, 0).Format(time.RFC3339)
			rule["max_amount"] = 500
			use["fixed_normal_coupon"] = wechatpay.M{"coupon_amount": 50, "transaction_minimum": 100}
		})
		stockID := post("v3/marketing/favor/coupon-stocks", body).Get("stock_id").String()
		post(stockPath+stockID+"/start", wechatpay.M{"stock_creator_mchid": sandbox.DefaultMchID})
		place(t, client, "paid-with")
		transactionID := pay(t, server, "paid-with")
		synctest.Wait() // that is told before any coupon is used
		var last string
		for i, on := range []bool{true, false} {
			post("v3/marketing/favor/callbacks", wechatpay.M{
				"mchid": sandbox.DefaultMchID, "notify_url": "https://shop.example.com/coupons", "switch": on,
			})
			couponID := post(userPath+"a/coupons", w.sending(stockID, fmt.Sprintf("told-%d", i))).Get("coupon_id").String()
			if err := server.UseCoupon(sandbox.DefaultMchID, couponID, transactionID); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			if on {
				last = couponID
			}
		}
		if len(shop.got()) != 2 { // with that of the payment
			t.Fatalf("%d notifications came, want 2", len(shop.got()))
		}
		n := shop.got()[1]
		if n.EventType != "COUPON.USE" || n.Get("coupon_id").String() != last || n.Get("status").String() != "USED" ||
			n.Get("consume_information.transaction_id").String() != transactionID {
			t.Errorf("the notification is %s of %s", n.EventType, n.Resource)
		}
	})
}
