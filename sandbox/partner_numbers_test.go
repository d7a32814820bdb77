package sandbox_test

import (
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/inprocess"
	"github.com/wxchain/wechatpay/sandbox"
)

// The numbers of a partner's orders and refunds are unique over all its
// sub-merchants, whatever the protocol and the kind of order. Another partner may
// use them.
//
// https://pay.weixin.qq.com/doc/v3/partner/4013163605
func TestPartnerNumbersAreUnique(t *testing.T) {
	const second, secondSub = "1900000110", "1900000209"
	w := newWorld(t, func(c *sandbox.Config) {
		c.Merchants = testConfig(t).Merchants
		another := c.Merchants[0]
		another.MchID = second
		c.Merchants = append(c.Merchants, another)
		c.SubMerchants = []sandbox.SubMerchant{{SpMchID: sandbox.DefaultMchID, SubMchID: sub}, {SpMchID: sandbox.DefaultMchID, SubMchID: secondSub}, {SpMchID: second, SubMchID: sub}}
	})
	other := &world{Sandbox: w.Sandbox, clock: w.clock, client: w.Client(func(c *wechatpay.Config) { c.Transport, c.MchID = inprocess.Transport(w.Server), second })}
	w.subPaid(t, sub, "used-number", 100)
	w.subPaid(t, secondSub, "other-order", 100)

	for name, call := range map[string]func() error{
		"native": func() error {
			_, err := w.call("POST", partnerPath+"native", w.subOrder(secondSub, "used-number", 100))
			return err
		},
		"code": func() error {
			_, err := w.call("POST", partnerPath+"codepay", with(w.byCode("used-number", 100, userCode),
				wechatpay.M{"sp_mchid": sandbox.DefaultMchID, "sub_mchid": secondSub, "mchid": nil, "appid": nil}))
			return err
		},
		"combined": func() error {
			_, err := w.call("POST", combinePath+"app", w.combination(w.part(secondSub, "used-number", 100)))
			return err
		},
		"combined, twice": func() error {
			_, err := w.call("POST", combinePath+"app", w.combination(w.part(sub, "new-number", 100), w.part(secondSub, "new-number", 100)))
			return err
		},
	} {
		t.Log(name)
		refused(t, call(), 400, "INVALID_REQUEST")
	}
	_, err := w.v2(unified, orderV2("used-number", 100, wechatpay.M{"sub_mch_id": secondSub}))
	refusedV2(t, err, "OUT_TRADE_NO_USED")
	_, err = w.v2(micropay, with(microV2("used-number", 100, userCode), wechatpay.M{"sub_mch_id": secondSub}))
	refusedV2(t, err, "OUT_TRADE_NO_USED")
	if _, err := other.call("POST", partnerPath+"native", with(other.subOrder(sub, "used-number", 100), wechatpay.M{"sp_mchid": second})); err != nil {
		t.Errorf("another partner uses the number: %v", err)
	}
	w.mustCall(t, "POST", partnerPath+"native", w.subOrder(secondSub, "new-number", 100)) // which refusals have not used

	refund := func(subMchID, outTradeNo string) error {
		_, err := w.call("POST", refundPath, with(refundOf("r1", 60), wechatpay.M{"sub_mchid": subMchID, "out_trade_no": outTradeNo}))
		return err
	}
	if err := refund(sub, "used-number"); err != nil {
		t.Fatal(err)
	}
	refused(t, refund(secondSub, "other-order"), 400, "INVALID_REQUEST")
	_, err = w.ecommerceRefund("r1", 60, wechatpay.M{"sub_mchid": secondSub, "out_trade_no": "other-order"})
	refused(t, err, 400, "INVALID_REQUEST")
	_, err = w.v2(refundV2Path, refundV2("r1", 60, wechatpay.M{"sub_mch_id": secondSub, "out_trade_no": "other-order"}))
	refusedV2(t, err, "REFUND_FEE_MISMATCH")
	if err := refund(sub, "used-number"); err != nil {
		t.Errorf("repeated: %v", err)
	}
}
