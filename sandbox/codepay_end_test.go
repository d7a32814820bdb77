package sandbox_test

import (
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

// A payment by code that failed is reversed, not closed, by either protocol.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012556398
func TestFailedCodePaymentIsReversed(t *testing.T) {
	w := newWorld(t)
	w.mustCall(t, "POST", codePayPath, w.byCode(number, 100, passwordCode))
	w.mustCall(t, "POST", partnerPath+"codepay", with(w.byCode("of-a-partner", 100, passwordCode),
		wechatpay.M{"sp_mchid": sandbox.DefaultMchID, "sub_mchid": sub, "mchid": nil, "appid": nil}))
	for _, number := range []string{number, "of-a-partner"} {
		if err := w.FailPayment(sandbox.DefaultMchID, number); err != nil {
			t.Fatal(err)
		}
	}
	_, err := w.call("POST", "v3/pay/transactions/out-trade-no/"+number+"/close", wechatpay.M{"mchid": sandbox.DefaultMchID})
	refused(t, err, 400, "INVALID_REQUEST")
	_, err = w.call("POST", partnerPath+"out-trade-no/of-a-partner/close", wechatpay.M{"sp_mchid": sandbox.DefaultMchID, "sub_mchid": sub})
	refused(t, err, 400, "INVALID_REQUEST")
	_, err = w.v2("v2/pay/closeorder", queryV2(number))
	refusedV2(t, err, "TRADE_ERROR")
	if got := w.tradeState(t, number); got != "PAYERROR" {
		t.Errorf("the order is %s, want PAYERROR", got)
	}
	if _, err := w.reverse(number); err != nil || w.tradeState(t, number) != "REVOKED" {
		t.Errorf("reversed: %v, %s", err, w.tradeState(t, number))
	}
}

// A payment by code has no notify_url, and nobody is notified of it.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012382150
func TestCodePaymentNotifiesNobody(t *testing.T) {
	w := newWorld(t)
	url := wechatpay.M{"notify_url": "https://www.example.com/notify"}
	w.mustCall(t, "POST", codePayPath, with(w.byCode(number, 100, userCode), url))
	w.mustV2(t, micropay, with(microV2("by-apiv2", 100, userCode), url))
	w.mustCall(t, "POST", codePayPath, with(w.byCode("password", 100, passwordCode), url))
	if _, err := w.Pay(sandbox.DefaultMchID, "password"); err != nil {
		t.Fatal(err)
	}
	if n := w.Notifications(); len(n) != 0 {
		t.Errorf("notified: %+v", n)
	}
	if got := w.query(t, "v3/pay/transactions/out-trade-no/"+number).Get("notify_url").String(); got != "" {
		t.Errorf("the order has the notify_url %q", got)
	}
}
