package sandbox_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

const (
	refundV2Path  = "v2/secapi/pay/refund"
	refundQueryV2 = "v2/pay/refundquery"
)

// refundV2 is the body that refunds the order number, of 100 fen.
func refundV2(outRefundNo string, amount int, edit wechatpay.M) wechatpay.M {
	return with(wechatpay.M{"appid": "wxd678efh567hg6787", "out_trade_no": number, "out_refund_no": outRefundNo, "total_fee": 100, "refund_fee": amount}, edit)
}

// paidV2 places the order number by APIv2, and pays it.
func (w *world) paidV2(t testing.TB) (transactionID string) {
	t.Helper()
	w.mustV2(t, unified, orderV2(number, 100, nil))
	id, err := w.Pay(sandbox.DefaultMchID, number)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (w *world) refundsV2(t testing.TB, by wechatpay.M) *wechatpay.Response {
	t.Helper()
	return w.mustV2(t, refundQueryV2, with(wechatpay.M{"appid": "wxd678efh567hg6787"}, by))
}

func TestAPIv2Refund(t *testing.T) {
	w := newWorld(t)
	id := w.paidV2(t)
	first := w.mustV2(t, refundV2Path, refundV2("r1", 30, nil))
	has(t, first, map[string]string{"out_refund_no": "r1", "refund_fee": "30", "total_fee": "100", "cash_refund_fee": "30", "transaction_id": id, "out_trade_no": number})
	has(t, w.refundsV2(t, wechatpay.M{"out_refund_no": "r1"}), map[string]string{"refund_status_0": "PROCESSING", "refund_success_time_0": ""})
	if again := w.mustV2(t, refundV2Path, refundV2("r1", 30, nil)); again.Get("refund_id").String() != first.Get("refund_id").String() {
		t.Errorf("repeated: %s, at first %s", again.Bytes(), first.Bytes())
	}
	w.clock.add(time.Minute)
	w.mustV2(t, refundV2Path, refundV2("r2", 20, wechatpay.M{"out_trade_no": nil, "transaction_id": id, "refund_account": "REFUND_SOURCE_RECHARGE_FUNDS"}))
	if err := w.SettleRefund(sandbox.DefaultMchID, "r2", sandbox.RefundAbnormal); err != nil {
		t.Fatal(err)
	}
	w.clock.add(time.Minute)
	w.mustV2(t, "v2/secapi/pay/refundv2", refundV2("r3", 10, nil))
	if err := w.SettleRefund(sandbox.DefaultMchID, "r3", sandbox.RefundClosed); err != nil {
		t.Fatal(err)
	}
	for _, by := range []wechatpay.M{{"out_refund_no": "r1"}, {"refund_id": first.Get("refund_id").String()}} {
		has(t, w.refundsV2(t, by), map[string]string{
			"refund_count": "1", "out_refund_no_0": "r1", "refund_fee_0": "30", "refund_status_0": "SUCCESS", "refund_success_time_0": "2018-06-08 10:30:05",
			"refund_account_0": "REFUND_SOURCE_UNSETTLED_FUNDS", "out_trade_no": number, "total_fee": "100",
		})
	}
	for _, by := range []wechatpay.M{{"out_trade_no": number}, {"transaction_id": id}} {
		has(t, w.refundsV2(t, by), map[string]string{
			"refund_count": "3", "out_refund_no_0": "r1", "out_refund_no_1": "r2", "out_refund_no_2": "r3",
			"refund_status_1": "CHANGE", "refund_status_2": "REFUNDCLOSE", "refund_account_1": "REFUND_SOURCE_RECHARGE_FUNDS",
		})
	}
	v3 := w.mustCall(t, "GET", "v3/refund/domestic/refunds/r1", nil)
	has(t, v3, map[string]string{"status": "SUCCESS", "refund_id": first.Get("refund_id").String(), "amount.refund": "30"})
	w.clock.add(time.Minute)
	w.mustV2(t, refundV2Path, refundV2("r4", 50, nil)) // with what r3 gave back
	_, err := w.v2(refundV2Path, refundV2("r5", 1, nil))
	refusedV2(t, err, "ERROR")
}

// Of a refund of APIv3 a query of APIv2 tells as well.
func TestAPIv2RefundOfAPIv3(t *testing.T) {
	w := newWorld(t)
	w.paid(t, number, 100)
	if err := w.refund("r1", 40); err != nil {
		t.Fatal(err)
	}
	has(t, w.refundsV2(t, wechatpay.M{"out_trade_no": number}), map[string]string{"out_refund_no_0": "r1", "refund_fee_0": "40"})
	_, err := w.v2(refundV2Path, refundV2("r2", 61, nil))
	refusedV2(t, err, "ERROR")
	w.clock.add(time.Minute)
	w.mustV2(t, refundV2Path, refundV2("r2", 60, nil))
}

func TestAPIv2RefundRefusals(t *testing.T) {
	w := newWorld(t)
	w.paidV2(t)
	w.mustV2(t, refundV2Path, refundV2("r1", 30, nil))
	for name, tt := range map[string]struct {
		edit wechatpay.M
		code string
	}{
		"the number with another amount": {wechatpay.M{"refund_fee": 31}, "REFUND_FEE_MISMATCH"},
		"more than is left":              {wechatpay.M{"out_refund_no": "r2", "refund_fee": 71}, "ERROR"},
		"another total":                  {wechatpay.M{"out_refund_no": "r2", "total_fee": 101}, "REFUND_FEE_MISMATCH"},
		"nothing":                        {wechatpay.M{"out_refund_no": "r2", "refund_fee": 0}, "PARAM_ERROR"},
		"less than nothing":              {wechatpay.M{"out_refund_no": "r2", "refund_fee": -1}, "PARAM_ERROR"},
		"a number that cannot be":        {wechatpay.M{"out_refund_no": "r 2"}, "PARAM_ERROR"},
		"dollars":                        {wechatpay.M{"out_refund_no": "r2", "refund_fee_type": "USD"}, "PARAM_ERROR"},
		"another account":                {wechatpay.M{"out_refund_no": "r2", "refund_account": "POCKET"}, "PARAM_ERROR"},
		"no order":                       {wechatpay.M{"out_refund_no": "r2", "out_trade_no": "nobodys"}, "ORDERNOTEXIST"},
		"no transaction":                 {wechatpay.M{"out_refund_no": "r2", "out_trade_no": nil, "transaction_id": "4200"}, "ORDERNOTEXIST"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.v2(refundV2Path, refundV2("r1", 30, tt.edit))
			refusedV2(t, err, tt.code)
		})
	}
	for name, tt := range map[string]struct {
		by   wechatpay.M
		code string
	}{
		"no refund":        {wechatpay.M{"out_refund_no": "r2"}, "REFUNDNOTEXIST"},
		"no refund_id":     {wechatpay.M{"refund_id": "50300"}, "REFUNDNOTEXIST"},
		"no order":         {wechatpay.M{"out_trade_no": "nobodys"}, "ORDERNOTEXIST"},
		"no number at all": {nil, "PARAM_ERROR"},
		"past the last":    {wechatpay.M{"out_trade_no": number, "offset": 1}, "REFUNDNOTEXIST"},
		"no offset":        {wechatpay.M{"out_trade_no": number, "offset": -1}, "PARAM_ERROR"},
	} {
		t.Run("query "+name, func(t *testing.T) {
			_, err := w.v2(refundQueryV2, with(wechatpay.M{"appid": "wxd678efh567hg6787"}, tt.by))
			refusedV2(t, err, tt.code)
		})
	}
	w.clock.add(366 * 24 * time.Hour)
	_, err := w.v2(refundV2Path, refundV2("r2", 1, nil))
	refusedV2(t, err, "TRADE_OVERDUE")
}

// An answer has ten refunds at most; the others come from an offset on.
func TestAPIv2ManyRefunds(t *testing.T) {
	w := newWorld(t)
	w.paidV2(t)
	for i := range 50 {
		w.clock.add(time.Minute)
		w.mustV2(t, refundV2Path, refundV2(fmt.Sprint("r", i), 1, nil))
	}
	_, err := w.v2(refundV2Path, refundV2("r50", 1, nil))
	refusedV2(t, err, "INVALID_REQ_TOO_MUCH")
	for offset, want := range map[int]map[string]string{
		0:  {"refund_count": "10", "total_refund_count": "50", "out_refund_no_0": "r0", "out_refund_no_9": "r9", "out_refund_no_10": ""},
		45: {"refund_count": "5", "total_refund_count": "50", "out_refund_no_0": "r45", "out_refund_no_4": "r49", "out_refund_no_5": ""},
	} {
		has(t, w.refundsV2(t, wechatpay.M{"out_trade_no": number, "offset": offset}), want)
	}
}

// Refunds by either protocol, at once, never come to more than one a minute, nor to
// more than was paid.
func TestAPIv2RefundsAtOnce(t *testing.T) {
	w := newWorld(t)
	w.paidV2(t)
	for minute, want := range []int64{30, 60, 90, 90} {
		var wg sync.WaitGroup
		for i := range 20 {
			number := fmt.Sprintf("r%d-%d", minute, i)
			wg.Go(func() {
				if i%2 == 0 {
					_, _ = w.v2(refundV2Path, refundV2(number, 30, nil)) // most are refused
				} else {
					_ = w.refund(number, 30)
				}
			})
		}
		wg.Wait()
		sum := int64(0)
		got := w.refundsV2(t, wechatpay.M{"out_trade_no": number})
		for i := range got.Get("refund_count").Int() {
			sum += got.Get(fmt.Sprint("refund_fee_", i)).Int()
		}
		if sum != want {
			t.Errorf("after %d minutes %d fen of 100 are refunded, by 30 each, want %d", minute, sum, want)
		}
		w.clock.add(time.Minute)
	}
}

// Coupons that are used on an order are shown with it and with its refunds.
func TestAPIv2Coupons(t *testing.T) {
	w := newWorld(t)
	stockID := w.running(t, nil)
	couponID := w.send(t, stockID, "oUser")
	w.mustV2(t, unified, orderV2(number, 400, nil))
	id, err := w.Pay(sandbox.DefaultMchID, number)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.UseCoupon(sandbox.DefaultMchID, couponID, id); err != nil {
		t.Fatal(err)
	}
	has(t, w.mustV2(t, queryPath, queryV2(number)), map[string]string{
		"total_fee": "400", "cash_fee": "300", "coupon_fee": "100", "coupon_count": "1",
		"coupon_id_0": couponID, "coupon_type_0": "CASH", "coupon_fee_0": "100",
	})
	has(t, w.mustV2(t, refundV2Path, refundV2("r1", 200, wechatpay.M{"total_fee": 400})), map[string]string{
		"refund_fee": "200", "cash_fee": "300", "cash_refund_fee": "150", "coupon_refund_fee": "50", "coupon_refund_count": "1",
		"coupon_refund_id_0": couponID, "coupon_refund_fee_0": "50", "coupon_type_0": "CASH",
	})
	has(t, w.refundsV2(t, wechatpay.M{"out_refund_no": "r1"}), map[string]string{
		"coupon_refund_fee_0": "50", "coupon_refund_count_0": "1", "coupon_refund_id_0_0": couponID, "coupon_refund_fee_0_0": "50", "coupon_type_0_0": "CASH",
	})
}
