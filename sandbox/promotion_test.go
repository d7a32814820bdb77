package sandbox_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

// worth makes the coupons of a stock worth amount, on payments of 100 fen.
func worth(amount int, noCash bool) func(body, rule, use wechatpay.M) {
	return func(body, rule, use wechatpay.M) {
		body["no_cash"] = noCash
		rule["max_amount"] = 10 * amount
		use["fixed_normal_coupon"] = wechatpay.M{"coupon_amount": amount, "transaction_minimum": 100}
	}
}

// A payment and its refunds show the coupons that were used on it, to the last
// fen.
func TestCouponsOnPayment(t *testing.T) {
	w := newWorld(t)
	m := w.Merchant().MchID
	cash, noCash := w.send(t, w.running(t, worth(33, false)), "a"), w.send(t, w.running(t, worth(20, true)), "a")
	id := w.paid(t, number, 100)
	for _, couponID := range []string{cash, noCash} {
		if err := w.UseCoupon(m, couponID, id); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.UseCoupon(m, w.send(t, w.running(t, worth(48, false)), "a"), id); err == nil {
		t.Error("more is paid with coupons than the order is of")
	}
	got := w.query(t, "v3/pay/transactions/id/"+id)
	for field, want := range map[string]string{
		"amount.total": "100", "amount.payer_total": "47", "promotion_detail.#": "2",
		"promotion_detail.0.coupon_id": cash, "promotion_detail.0.amount": "33", "promotion_detail.0.type": "CASH", "promotion_detail.0.scope": "GLOBAL",
		"promotion_detail.1.coupon_id": noCash, "promotion_detail.1.amount": "20", "promotion_detail.1.type": "NOCASH",
	} {
		if got.Get(field).String() != want {
			t.Errorf("%s is %q, want %q", field, got.Get(field), want)
		}
	}

	discounts, payer := int64(0), int64(0)
	for i, amount := range []int{50, 1, 48, 1} {
		w.clock.add(time.Minute)
		r := w.mustCall(t, "POST", refundPath, refundOf(fmt.Sprint("r", i), amount))
		documented(t, "POST", refundPath, r)
		discounts += r.Get("amount.discount_refund").Int()
		payer += r.Get("amount.payer_refund").Int()
		if r.Get("amount.payer_total").Int() != 47 || r.Get("amount.settlement_total").Int() != 80 || r.Get("promotion_detail.#").Int() != 2 ||
			r.Get("amount.payer_refund").Int() < 0 {
			t.Errorf("refund %d: %s", i, r.Bytes())
		}
	}
	if discounts != 53 || payer != 47 {
		t.Errorf("in all %d fen of coupons are refunded and %d of the user, want 53 and 47", discounts, payer)
	}
}

// The amount of a closed refund can be refunded again, including coupons.
func TestCouponsOnClosedRefund(t *testing.T) {
	w := newWorld(t)
	m := w.Merchant().MchID
	couponID := w.send(t, w.running(t, worth(33, false)), "a")
	id := w.paid(t, number, 100)
	if err := w.UseCoupon(m, couponID, id); err != nil {
		t.Fatal(err)
	}
	if err := w.refund("closed", 100); err != nil {
		t.Fatal(err)
	}
	if err := w.SettleRefund(m, "closed", sandbox.RefundClosed); err != nil {
		t.Fatal(err)
	}
	w.clock.add(time.Minute)
	if got := w.mustCall(t, "POST", refundPath, refundOf("r1", 100)); got.Get("amount.discount_refund").Int() != 33 || got.Get("amount.payer_refund").Int() != 67 {
		t.Errorf("the other refund: %s", got.Bytes())
	}
	if err := w.UseCoupon(m, w.send(t, w.running(t, worth(10, false)), "a"), id); err == nil {
		t.Error("a coupon is used on a payment that is refunded")
	}
}
