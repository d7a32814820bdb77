package sandbox_test

import (
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

// An order whose payment failed stays NOTPAY, and its user can try again, whatever
// placed it. Only a payment by code is PAYERROR.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012791859 (trade_state)
func TestFailedPaymentCanBeTriedAgain(t *testing.T) {
	w := newWorld(t)
	for _, tt := range []wayToPay{{way: "jsapi"}, {way: "app"}, {way: "h5"}, {way: "native"}} {
		w.mustCall(t, "POST", "v3/pay/transactions/"+tt.way, tt.order(w))
	}
	w.mustCall(t, "POST", partnerPath+"native", w.subOrder(sub, "of-a-partner", 100))
	w.mustCall(t, "POST", combinePath+"app", w.combination(w.part("", "part-1", 100), w.part(sub, "part-2", 100)))
	w.mustV2(t, unified, orderV2("by-apiv2", 100, nil))
	state := func(number string) string {
		switch number {
		case "of-a-partner":
			return w.mustCall(t, "GET", partnerPath+"out-trade-no/"+number, nil, w.both(sub)).Get("trade_state").String()
		case combineNumber:
			return states(w.combined(t))
		case "by-apiv2":
			return w.queryV2(t, number).Get("trade_state").String()
		}
		return w.tradeState(t, number)
	}
	for _, number := range []string{"number-of-jsapi", "number-of-app", "number-of-h5", "number-of-native", "of-a-partner", combineNumber, "by-apiv2"} {
		for range 2 {
			if err := w.FailPayment(sandbox.DefaultMchID, number); err != nil {
				t.Fatal(err)
			}
			if got := state(number); got != "NOTPAY" && got != "NOTPAY NOTPAY" {
				t.Errorf("%s is %s after its payment failed", number, got)
			}
		}
		if _, err := w.Pay(sandbox.DefaultMchID, number); err != nil {
			t.Error(err)
		}
		if err := w.FailPayment(sandbox.DefaultMchID, number); err == nil {
			t.Errorf("the payment of %s fails, which is paid", number)
		}
	}
	w.mustCall(t, "POST", native, w.order("try-again", 100))
	if err := w.FailPayment(sandbox.DefaultMchID, "try-again"); err != nil {
		t.Fatal(err)
	}
	w.mustCall(t, "POST", native, w.order("try-again", 100)) // and the same order may be placed again
	w.mustCall(t, "POST", "v3/pay/transactions/out-trade-no/try-again/close", wechatpay.M{"mchid": sandbox.DefaultMchID})
}
