package sandbox_test

import (
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

// A refund of an order that does not exist is 404 RESOURCE_NOT_EXISTS, and so is
// one of an order that is not paid, was closed, or was reversed. APIv2 has a code
// for each.
//
// https://pay.weixin.qq.com/wiki/doc/apiv3/wxpay/ecommerce/refunds/chapter3_2.shtml,
// https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_4 (APIv2)
func TestNothingToRefund(t *testing.T) {
	w := newWorld(t)
	w.mustCall(t, "POST", native, w.order("not-paid", 100))
	w.mustCall(t, "POST", partnerPath+"native", w.subOrder(sub, "not-paid-sub", 100))
	w.mustCall(t, "POST", native, w.order("closed-order", 100))
	w.mustCall(t, "POST", "v3/pay/transactions/out-trade-no/closed-order/close", wechatpay.M{"mchid": sandbox.DefaultMchID})
	w.mustCall(t, "POST", codePayPath, w.byCode("reversed", 100, userCode))
	if _, err := w.reverse("reversed"); err != nil {
		t.Fatal(err)
	}
	for number, codeV2 := range map[string]string{"not-paid": "TRADE_STATE_ERROR", "closed-order": "TRADE_STATE_ERROR", "reversed": "TRADE_STATE_ERROR", "never-used": "ORDERNOTEXIST"} {
		_, err := w.call("POST", refundPath, with(refundOf("r1", 60), wechatpay.M{"out_trade_no": number}))
		refused(t, err, 404, "RESOURCE_NOT_EXISTS")
		_, err = w.v2(refundV2Path, refundV2("r1", 60, wechatpay.M{"out_trade_no": number}))
		refusedV2(t, err, codeV2)
	}
	for _, number := range []string{"not-paid-sub", "never-used"} {
		_, err := w.call("POST", refundPath, with(refundOf("r1", 60), wechatpay.M{"out_trade_no": number, "sub_mchid": sub}))
		refused(t, err, 404, "RESOURCE_NOT_EXISTS")
		_, err = w.ecommerceRefund("r1", 60, wechatpay.M{"out_trade_no": number})
		refused(t, err, 404, "RESOURCE_NOT_EXISTS")
	}
}
