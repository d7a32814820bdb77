package sandbox_test

import (
	"maps"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

const ecommercePath = "v3/ecommerce/refunds/"

// A partner advances what the sub-merchant would have given, without the value of
// a coupon that brought no cash.
func TestAdvanceOfWhatCouponsLeave(t *testing.T) {
	w := newWorld(t)
	id := w.subPaid(t, sub, number, 200)
	stock := w.running(t, func(body, rule, use wechatpay.M) {
		worth(50, true)(body, rule, use)
		use["available_merchants"] = []string{sub}
	})
	if err := w.UseCoupon(sub, w.send(t, stock, "a"), id); err != nil {
		t.Fatal(err)
	}
	asked := w.mustCall(t, "POST", ecommercePath+"apply", wechatpay.M{"sub_mchid": sub, "sp_appid": "wxd678efh567hg6787", "transaction_id": id, "out_refund_no": "r1",
		"amount": wechatpay.M{"refund": 200, "total": 200, "currency": "CNY"}, "refund_account": "REFUND_SOURCE_PARTNER_ADVANCE"})
	w.clock.add(5 * time.Second)
	given := w.mustCall(t, "POST", ecommercePath+asked.Get("refund_id").String()+"/return-advance", wechatpay.M{"sub_mchid": sub})
	if asked.Get("amount.advance").Int() != 150 || given.Get("return_amount").Int() != 150 {
		t.Errorf("advanced %s, given back %s, want 150 fen", asked.Bytes(), given.Bytes())
	}
}

func TestEcommerceRefund(t *testing.T) {
	w := newWorld(t)
	id := w.subPaid(t, sub, number, 100)
	first, err := w.ecommerceRefund("r1", 60, wechatpay.M{"transaction_id": id})
	if err != nil {
		t.Fatal(err)
	}
	documented(t, "POST", ecommercePath+"apply", first)
	if again, err := w.ecommerceRefund("r1", 60, wechatpay.M{"transaction_id": id}); err != nil || string(again.Bytes()) != string(first.Bytes()) {
		t.Errorf("repeated: %v, %v; at first %s", again, err, first.Bytes())
	}
	for _, tt := range []struct {
		outRefundNo string
		amount      int
		edit        wechatpay.M
		status      int
		code        string
	}{
		{"r1", 59, wechatpay.M{}, 400, "INVALID_REQUEST"},
		{"r2", 41, wechatpay.M{}, 400, "INVALID_REQUEST"},
		{"r2", 40, wechatpay.M{"sub_mchid": "1900000999"}, 403, "NO_AUTH"},
		{"r2", 40, wechatpay.M{"out_trade_no": "another-order"}, 400, "PARAM_ERROR"},
	} {
		tt.edit["transaction_id"] = id
		_, err = w.ecommerceRefund(tt.outRefundNo, tt.amount, tt.edit)
		refused(t, err, tt.status, tt.code)
	}

	byNumber := w.mustCall(t, "GET", ecommercePath+"out-refund-no/r1", nil, ofSub)
	documented(t, "GET", ecommercePath+"out-refund-no/{out_refund_no}", byNumber)
	byID := w.mustCall(t, "GET", ecommercePath+"id/"+first.Get("refund_id").String(), nil, ofSub)
	if string(byID.Bytes()) != string(byNumber.Bytes()) || byID.Get("status").String() != "PROCESSING" || byID.Get("transaction_id").String() != id {
		t.Errorf("by refund_id %s, by out_refund_no %s", byID.Bytes(), byNumber.Bytes())
	}
	_, err = w.call("GET", ecommercePath+"out-refund-no/r1", nil)
	refused(t, err, 404, "RESOURCE_NOT_EXISTS")
}

// ofSub is the query of a partner's calls for a sub-merchant.
var ofSub = wechatpay.Query(wechatpay.M{"sub_mchid": sub})

// ecommerceRefund asks for a refund of a sub-merchant's order of 100 fen. edit
// names the order.
func (w *world) ecommerceRefund(outRefundNo string, amount int, edit wechatpay.M) (*wechatpay.Response, error) {
	body := wechatpay.M{"sub_mchid": sub, "sp_appid": "wxd678efh567hg6787", "out_refund_no": outRefundNo,
		"amount": wechatpay.M{"refund": amount, "total": 100, "currency": "CNY"}}
	maps.Copy(body, edit)
	return w.call("POST", ecommercePath+"apply", body)
}

// An advance is given back once the user has the money.
func TestEcommerceRefundAdvanced(t *testing.T) {
	w := newWorld(t)
	id := w.subPaid(t, sub, number, 100)
	own, err := w.ecommerceRefund("r1", 60, wechatpay.M{"transaction_id": id})
	if err != nil {
		t.Fatal(err)
	}
	w.clock.add(time.Minute)
	advanced, err := w.ecommerceRefund("r2", 40, wechatpay.M{"out_trade_no": number, "refund_account": "REFUND_SOURCE_PARTNER_ADVANCE"})
	if err != nil {
		t.Fatal(err)
	}
	if got := advanced.Get("amount.advance").Int(); got != 40 {
		t.Errorf("%d fen are advanced, want 40", got)
	}

	advance := ecommercePath + advanced.Get("refund_id").String() + "/return-advance"
	_, err = w.call("GET", advance, nil, ofSub)
	refused(t, err, 404, "RESOURCE_NOT_EXISTS")
	_, err = w.call("POST", advance, wechatpay.M{"sub_mchid": sub})
	refused(t, err, 400, "INVALID_REQUEST")
	w.clock.add(5 * time.Second)
	given := w.mustCall(t, "POST", advance, wechatpay.M{"sub_mchid": sub})
	documented(t, "POST", ecommercePath+"{refund_id}/return-advance", given)
	for _, again := range []*wechatpay.Response{w.mustCall(t, "POST", advance, wechatpay.M{"sub_mchid": sub}), w.mustCall(t, "GET", advance, nil, ofSub)} {
		if string(again.Bytes()) != string(given.Bytes()) || again.Get("return_amount").Int() != 40 || again.Get("payee_mchid").String() != w.Merchant().MchID {
			t.Errorf("given back %s, and again %s", given.Bytes(), again.Bytes())
		}
	}
	_, err = w.call("POST", ecommercePath+own.Get("refund_id").String()+"/return-advance", wechatpay.M{"sub_mchid": sub})
	refused(t, err, 400, "INVALID_REQUEST")
}

func TestEcommerceRefundClosed(t *testing.T) {
	w := newWorld(t)
	w.mustCall(t, "POST", partnerPath+"native", w.subOrder(sub, "to-close", 100))
	id, err := w.Pay(sub, "to-close")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.ecommerceRefund("r3", 60, wechatpay.M{"transaction_id": id}); err != nil {
		t.Fatal(err)
	}
	if err := w.SettleRefund(sub, "r3", sandbox.RefundClosed); err != nil {
		t.Fatal(err)
	}
	closed := w.mustCall(t, "GET", ecommercePath+"out-refund-no/r3", nil, ofSub)
	documented(t, "GET", ecommercePath+"out-refund-no/{out_refund_no}", closed)
	if got := closed.Get("status").String(); got != "CLOSE" {
		t.Errorf("a closed refund is %s, want CLOSE", got)
	}
}
