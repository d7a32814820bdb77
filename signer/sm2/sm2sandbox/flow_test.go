package sm2sandbox_test

import (
	"context"

	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/bill"
	"github.com/wxchain/wechatpay/notify"
	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/signer/sm2"
	"github.com/wxchain/wechatpay/signer/sm2/sm2sandbox"
)

const (
	appID  = "wxd678efh567hg6787"
	openID = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
)

// demo gives the sandbox a stock of coupons.
func demo(c *sandbox.Config) { c.Demo = true }

// order is the body of an order of 100 fen.
func order(mchID, outTradeNo, notifyURL string) wechatpay.M {
	return wechatpay.M{
		"appid": appID, "mchid": mchID, "description": "茶", "out_trade_no": outTradeNo, "notify_url": notifyURL, "amount": wechatpay.M{"total": 100},
	}
}

// Coupons are sent and listed by a merchant of the SM suite, and each answer says that
// it is signed in that suite.
func TestCoupons(t *testing.T) {
	sb := sandbox.Start(t, sm2sandbox.Use, demo)
	client := sb.Client()
	sent, err := client.Chain("v3/marketing/favor/users/{openid}/coupons").Post(t.Context(), wechatpay.Bind("openid", openID), wechatpay.JSON(wechatpay.M{
		"stock_id": "9856000", "stock_creator_mchid": sb.Merchant().MchID, "out_request_no": "89560002019101000121", "appid": appID,
		"coupon_value": 100, "coupon_minimum": 100,
	}))
	if err != nil {
		t.Fatal(err)
	}
	if got := sent.Header.Get("Wechatpay-Signature-Type"); got != sm2.Scheme {
		t.Errorf("Wechatpay-Signature-Type is %q", got)
	}
	list, err := client.Chain("v3/marketing/favor/users/{openid}/coupons").Get(t.Context(), wechatpay.Bind("openid", openID), wechatpay.Query(wechatpay.M{"appid": appID, "sender_mchid": sb.Merchant().MchID}))
	if err != nil || list.Get("data.0.coupon_id").String() != sent.Get("coupon_id").String() {
		t.Errorf("coupons %s, %v; want %s", list, err, sent)
	}
}

// A shop places an order, is notified of its payment and of a refund, and downloads the
// bill of the day: all in the SM suite.
func TestOrderToBill(t *testing.T) {
	sb := sandbox.Start(t, sm2sandbox.Use)
	client := sb.Client()
	told := make(chan *notify.Notification, 8)
	receiver := client.Notify(notify.OnError(func(_ context.Context, err error) {
		if !strings.Contains(err.Error(), "SIGNTEST") {
			t.Errorf("notification: %v", err)
		}
	}))
	shop := httptest.NewServer(receiver.Handler(func(_ context.Context, n *notify.Notification) error { told <- n; return nil }))
	t.Cleanup(shop.Close)
	post := func(path string, body wechatpay.M) *wechatpay.Response {
		t.Helper()
		resp, err := client.Chain(path).Post(t.Context(), wechatpay.JSON(body))
		if err != nil {
			t.Fatal(err)
		}
		return resp
	}
	post("v3/pay/transactions/native", order(sb.Merchant().MchID, "sm2_order_1", shop.URL))
	if _, err := sb.Pay(sb.Merchant().MchID, "sm2_order_1"); err != nil {
		t.Fatal(err)
	}
	expect := func(event, field, want string) {
		t.Helper()
		select {
		case n := <-told:
			if n.EventType != event || n.Get(field).String() != want {
				t.Errorf("notified of %s with %s", n.EventType, n.Resource)
			}
		case <-time.After(time.Minute):
			t.Fatalf("not notified of %s", event)
		}
	}
	expect("TRANSACTION.SUCCESS", "out_trade_no", "sm2_order_1")
	post("v3/refund/domestic/refunds", wechatpay.M{
		"out_trade_no": "sm2_order_1", "out_refund_no": "sm2_refund_1", "notify_url": shop.URL, "amount": wechatpay.M{"total": 100, "refund": 30, "currency": "CNY"},
	})
	if err := sb.SettleRefund(sb.Merchant().MchID, "sm2_refund_1", "SUCCESS"); err != nil {
		t.Fatal(err)
	}
	expect("REFUND.SUCCESS", "out_refund_no", "sm2_refund_1")
	day := time.Now().In(time.FixedZone("", 8*60*60)).Format(time.DateOnly)
	if err := sb.Advance(36 * time.Hour); err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if _, err := bill.Download(t.Context(), client, bill.Trade, day, bill.To(&text)); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text.String(), "sm2_order_1") || !strings.Contains(text.String(), "sm2_refund_1") {
		t.Errorf("the bill is\n%s", text.String())
	}
}
