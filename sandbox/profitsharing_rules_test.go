package sandbox_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

// TestShareAMinuteAfterPayment checks that an order can be shared or unfrozen from
// a minute after its payment on.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4014547102
func TestShareAMinuteAfterPayment(t *testing.T) {
	w, _ := newSharing(t)
	id := w.paidToShare(t, "second")
	w.clock.add(-time.Second)
	_, err := w.share(id, "s1", false, merchantPart(partner, 1))
	refused(t, err, 400, "INVALID_REQUEST")
	_, err = w.unfreeze(id, "s2")
	refused(t, err, 400, "INVALID_REQUEST")
	w.clock.add(time.Second)
	w.mustShare(t, id, "s1", false, merchantPart(partner, 1))
}

// TestSharingRatio checks how much of an order can be shared with others: 30 %
// unless the configuration says otherwise. The part of the merchant itself does not
// count.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4014547102
func TestSharingRatio(t *testing.T) {
	for ratio, most := range map[int]int{0: 300, 2000: 200, 10_000: 1000} {
		t.Run(fmt.Sprint(ratio), func(t *testing.T) {
			w := newWorld(t, func(c *sandbox.Config) { c.SharingRatio = ratio })
			for kind, account := range map[string]string{"MERCHANT_ID": partner, "PERSONAL_OPENID": staff} {
				if _, err := w.receiver("add", kind, account, nil); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := w.receiver("add", "MERCHANT_ID", sandbox.DefaultMchID, nil); err != nil {
				t.Fatal(err)
			}
			if most < 1000 {
				_, err := w.share(w.paidToShare(t, "at-once"), "s0", false, merchantPart(partner, most+1))
				refused(t, err, 403, "RULE_LIMIT")
			}
			id := w.paidToShare(t, number)
			w.mustShare(t, id, "s1", false, merchantPart(partner, most-100), personal(50))
			if most < 1000 {
				_, err := w.share(id, "s2", false, personal(51))
				refused(t, err, 403, "RULE_LIMIT")
			}
			w.mustShare(t, id, "s3", false, personal(50))
			if most < 1000 {
				w.mustShare(t, id, "s4", true, merchantPart(sandbox.DefaultMchID, 1000-most))
			}
			w.left(t, id, 0)
		})
	}
	for _, ratio := range []int{-1, 10_001} {
		if _, err := sandbox.New(sandbox.Config{SharingRatio: ratio}); err == nil {
			t.Errorf("a SharingRatio of %d is taken", ratio)
		}
	}
}

// TestSharingReturnLimits checks that a sharing has at most 50 returns, within 180
// days.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4014547102
func TestSharingReturnLimits(t *testing.T) {
	w, id := newSharing(t)
	w.mustShare(t, id, "s1", false, merchantPart(partner, 300))
	w.mustShare(t, id, "s2", false, merchantPart(partner, 300))
	w.clock.add(5 * time.Second)
	for i := range 50 {
		if _, err := w.returned(wechatpay.M{"out_return_no": fmt.Sprint("b", i), "amount": 1}); err != nil {
			t.Fatal(err)
		}
	}
	_, err := w.returned(wechatpay.M{"out_return_no": "b50", "amount": 1})
	refused(t, err, 400, "INVALID_REQUEST")
	w.clock.add(180*24*time.Hour - 5*time.Second)
	if _, err := w.returned(wechatpay.M{"out_order_no": "s2", "out_return_no": "c1"}); err != nil {
		t.Errorf("after 180 days: %v", err)
	}
	w.clock.add(time.Second)
	_, err = w.returned(wechatpay.M{"out_order_no": "s2", "out_return_no": "c2"})
	refused(t, err, 400, "INVALID_REQUEST")
}

// TestRefundOfWhatIsNotShared checks that a refund takes nothing that others
// received, until they return it.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4014547102
func TestRefundOfWhatIsNotShared(t *testing.T) {
	w, id := newSharing(t)
	w.mustShare(t, id, "s1", true, merchantPart(partner, 300))
	w.clock.add(5 * time.Second)
	refund := func(number string, amount int) error {
		_, err := w.call("POST", refundPath, wechatpay.M{"transaction_id": id, "out_refund_no": number,
			"amount": wechatpay.M{"refund": amount, "total": 1000, "currency": "CNY"}})
		return err
	}
	refused(t, refund("r1", 701), 403, "NOT_ENOUGH")
	if err := refund("r1", 600); err != nil {
		t.Fatal(err)
	}
	w.clock.add(time.Minute)
	refused(t, refund("r2", 101), 403, "NOT_ENOUGH")
	if _, err := w.returned(wechatpay.M{"amount": 200}); err != nil {
		t.Fatal(err)
	}
	refused(t, refund("r2", 301), 403, "NOT_ENOUGH")
	if err := refund("r2", 300); err != nil {
		t.Fatal(err)
	}
	_, err := w.v2(refundV2Path, refundV2("r3", 1, wechatpay.M{"out_trade_no": nil, "transaction_id": id, "total_fee": 1000}))
	if !wechatpay.IsCode(err, "NOTENOUGH") {
		t.Errorf("by APIv2: %v", err)
	}
}

// TestReceiverFails checks the eight reasons for which a receiver ends CLOSED. The
// money stays with the order.
//
// https://pay.weixin.qq.com/doc/v2/partner/4015505153
func TestReceiverFails(t *testing.T) {
	for _, reason := range []string{"ACCOUNT_ABNORMAL", "NO_RELATION", "RECEIVER_HIGH_RISK", "RECEIVER_REAL_NAME_NOT_VERIFIED",
		"NO_AUTH", "RECEIVER_RECEIPT_LIMIT", "PAYER_ACCOUNT_ABNORMAL", "INVALID_REQUEST"} {
		t.Run(reason, func(t *testing.T) {
			w, id := newSharing(t)
			if err := w.FailReceiver(staff, reason); err != nil {
				t.Fatal(err)
			}
			first := w.mustShare(t, id, "s1", false, merchantPart(partner, 300), personal(200))
			if first.Get("receivers.1.result").String() != "PENDING" || first.Get("receivers.1.fail_reason").Exists() {
				t.Errorf("answer %s", first.Bytes())
			}
			w.clock.add(5 * time.Second)
			got, err := w.queryShare(id, "s1")
			if err != nil {
				t.Fatal(err)
			}
			if got.Get("state").String() != "FINISHED" || got.Get("receivers.0.result").String() != "SUCCESS" ||
				got.Get("receivers.1.result").String() != "CLOSED" || got.Get("receivers.1.fail_reason").String() != reason {
				t.Errorf("query %s", got.Bytes())
			}
			w.left(t, id, 700)
			if err := w.FailReceiver(staff, ""); err != nil {
				t.Fatal(err)
			}
			w.mustShare(t, id, "s2", true, personal(200))
			w.clock.add(5 * time.Second)
			if got, err = w.queryShare(id, "s2"); err != nil || got.Get("receivers.0.result").String() != "SUCCESS" {
				t.Errorf("after it: %v, %v", got, err)
			}
		})
	}
	w := newWorld(t)
	if err := w.FailReceiver(staff, "OTHER"); err == nil {
		t.Error("an unknown reason is taken")
	}
}

// TestSharingReturnFails checks that a return that fails takes nothing back.
//
// https://pay.weixin.qq.com/wiki/doc/apiv3/release/chapter4_2.shtml
func TestSharingReturnFails(t *testing.T) {
	for _, reason := range []string{"ACCOUNT_ABNORMAL", "BALANCE_NOT_ENOUGH", "TIME_OUT_CLOSED", "PAYER_ACCOUNT_ABNORMAL", "INVALID_REQUEST"} {
		t.Run(reason, func(t *testing.T) {
			w, id := newSharing(t)
			w.mustShare(t, id, "s1", false, merchantPart(partner, 300))
			w.clock.add(5 * time.Second)
			if err := w.FailReceiver(partner, reason); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				failed, err := w.returned(wechatpay.M{"amount": 300})
				if err != nil {
					t.Fatal(err)
				}
				documented(t, "POST", returnPath, failed)
				if failed.Get("result").String() != "FAILED" || failed.Get("fail_reason").String() != reason {
					t.Errorf("answer %s", failed.Bytes())
				}
			}
			if err := w.FailReceiver(partner, ""); err != nil {
				t.Fatal(err)
			}
			again, err := w.returned(wechatpay.M{"out_return_no": "b2", "amount": 300})
			if err != nil || again.Get("result").String() != "SUCCESS" || again.Get("fail_reason").Exists() {
				t.Errorf("after it: %v, %v", again, err)
			}
		})
	}
}
