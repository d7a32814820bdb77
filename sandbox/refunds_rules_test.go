package sandbox_test

import (
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

// Refunds of one order under different numbers are a minute apart, by either
// protocol and whatever became of them. Repeating a refund under its own number is
// not concerned, nor is the refund of another order.
//
// https://pay.weixin.qq.com/doc/v3/partner/4013163605
func TestRefundsAreAMinuteApart(t *testing.T) {
	w := newWorld(t)
	w.paid(t, number, 100)
	w.paid(t, "another-order", 100)
	if err := w.refund("r1", 10); err != nil {
		t.Fatal(err)
	}
	soon := func() {
		t.Helper()
		refused(t, w.refund("r2", 10), 429, "FREQUENCY_LIMITED")
		_, err := w.v2(refundV2Path, refundV2("r2", 10, nil))
		refusedV2(t, err, "FREQUENCY_LIMITED")
	}
	soon()
	w.clock.add(time.Minute - time.Second)
	soon()
	if err := w.refund("r1", 10); err != nil {
		t.Errorf("the same refund again: %v", err)
	}
	w.mustCall(t, "POST", refundPath, with(refundOf("r3", 10), wechatpay.M{"out_trade_no": "another-order"}))
	w.clock.add(time.Second)
	if err := w.refund("r2", 10); err != nil { // which was refused before
		t.Errorf("after a minute: %v", err)
	}
	if err := w.SettleRefund(sandbox.DefaultMchID, "r2", sandbox.RefundClosed); err != nil {
		t.Fatal(err)
	}
	refused(t, w.refund("r4", 10), 429, "FREQUENCY_LIMITED")
	if got := w.refundsV2(t, wechatpay.M{"out_trade_no": number}).Get("total_refund_count").String(); got != "2" {
		t.Errorf("the order has %s refunds, want 2", got)
	}
}

// https://pay.weixin.qq.com/doc/v3/partner/4013163605
func TestPartnersRefundsAreAMinuteApart(t *testing.T) {
	w := newWorld(t)
	w.subPaid(t, sub, number, 100)
	w.mustCall(t, "POST", combinePath+"app", w.combination(w.part(sub, "part-1", 100), w.part(sub, "part-2", 100)))
	if _, err := w.Pay(sandbox.DefaultMchID, combineNumber); err != nil {
		t.Fatal(err)
	}
	for _, order := range []string{number, "part-1", "part-2"} {
		of := wechatpay.M{"sub_mchid": sub, "out_trade_no": order}
		if _, err := w.ecommerceRefund(order+"-1", 10, of); err != nil {
			t.Fatal(err)
		}
		_, err := w.ecommerceRefund(order+"-2", 10, of)
		refused(t, err, 429, "FREQUENCY_LIMITED")
		_, err = w.call("POST", refundPath, with(refundOf(order+"-2", 10), of))
		refused(t, err, 429, "FREQUENCY_LIMITED")
		if _, err := w.ecommerceRefund(order+"-1", 10, of); err != nil {
			t.Errorf("the same refund again: %v", err)
		}
	}
}

// A refund's reason has at most 80 characters, by either protocol.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012791862,
// https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_4 (APIv2)
func TestRefundReason(t *testing.T) {
	most, more := strings.Repeat("退", 80), strings.Repeat("退", 81)
	w := newWorld(t)
	w.subPaid(t, sub, "of-sub", 100)
	for i, ask := range []func(reason string) error{
		func(reason string) error {
			_, err := w.call("POST", refundPath, with(refundOf("r1", 60), wechatpay.M{"out_trade_no": "order-0", "reason": reason}))
			return err
		},
		func(reason string) error {
			_, err := w.ecommerceRefund("r2", 60, wechatpay.M{"out_trade_no": "of-sub", "reason": reason})
			return err
		},
	} {
		if i == 0 {
			w.paid(t, "order-0", 100)
		}
		if e := refused(t, ask(more), 400, "PARAM_ERROR"); e.Detail.Get("field").String() != "/reason" {
			t.Errorf("%d: the field is %s", i, e.Detail)
		}
		if err := ask(most); err != nil {
			t.Errorf("%d: %v", i, err)
		}
	}
	w.paidV2(t)
	_, err := w.v2(refundV2Path, refundV2("r3", 60, wechatpay.M{"refund_desc": more}))
	if e := refusedV2(t, err, "PARAM_ERROR"); !strings.HasPrefix(e.Message, "refund_desc") {
		t.Errorf("the message is %q", e.Message)
	}
	w.mustV2(t, refundV2Path, refundV2("r3", 60, wechatpay.M{"refund_desc": most}))
}

// The funds_account of a refund is AVAILABLE or absent. E-commerce refunds have
// others too.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012791862
func TestRefundFundsAccount(t *testing.T) {
	w := newWorld(t)
	w.paid(t, number, 100)
	for _, account := range []string{"UNSETTLED", "BASIC", "available"} {
		_, err := w.call("POST", refundPath, with(refundOf("r1", 60), wechatpay.M{"funds_account": account}))
		if e := refused(t, err, 400, "PARAM_ERROR"); e.Detail.Get("field").String() != "/funds_account" {
			t.Errorf("%s: %s", account, e.Detail)
		}
	}
	got := w.mustCall(t, "POST", refundPath, with(refundOf("r1", 60), wechatpay.M{"funds_account": "AVAILABLE"}))
	w.paid(t, "another-order", 100)
	absent := w.mustCall(t, "POST", refundPath, with(refundOf("r2", 60), wechatpay.M{"out_trade_no": "another-order"}))
	if got.Get("funds_account").String() != "AVAILABLE" || absent.Get("funds_account").String() != "AVAILABLE" {
		t.Errorf("the accounts are in %s and %s", got.Bytes(), absent.Bytes())
	}
}
