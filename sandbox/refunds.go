package sandbox

import (
	"cmp"
	"net/http"
)

// refunds are those of paid orders, several for one order.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012791862 (refund),
// https://pay.weixin.qq.com/doc/v3/merchant/4012791863 (query)
func refunds() map[string]handler {
	return map[string]handler{
		"POST v3/refund/domestic/refunds":                applyRefund,
		"GET v3/refund/domestic/refunds/{out_refund_no}": queryRefund,

		"POST v3/refund/domestic/refunds/{refund_id}/apply-abnormal-refund": retryRefund(func(r *refund, c *call) any { return r.answer(c.now) }),
	}
}

func applyRefund(c *call) (int, any, error) {
	made, err := c.newRefund()
	if err != nil {
		return 0, nil, err
	}
	r, err := c.refund(*made)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, r.answer(c.now), nil
}

// newRefund reads a refund from the body.
func (c *call) newRefund() (*refund, error) {
	w, err := ofEither(c)
	if err != nil {
		return nil, err
	}
	b := c.body
	if err := checkCurrency("/amount/currency", b.Get("amount.currency").String()); err != nil {
		return nil, err
	}
	made := &refund{
		owner:         w,
		OutRefundNo:   b.Get("out_refund_no").String(),
		OutTradeNo:    b.Get("out_trade_no").String(),
		TransactionID: b.Get("transaction_id").String(),
		Amount:        b.Get("amount.refund").Int(),
		Total:         b.Get("amount.total").Int(),
		FundsAccount:  cmp.Or(b.Get("funds_account").String(), "AVAILABLE"),
		NotifyURL:     b.Get("notify_url").String(),
	}
	made.Fingerprint, err = fingerprint("refund", b)
	return made, err
}

func queryRefund(c *call) (int, any, error) {
	r, err := c.refundOfPath()
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, r.answer(c.now), nil
}

// refundOfPath is the refund of a number in the path, which is either one.
func (c *call) refundOfPath() (*refund, error) {
	w, err := ofEither(c)
	if err != nil {
		return nil, err
	}
	if id, ok := c.vars["refund_id"]; ok {
		return loadRefundID(c.tx, w, id)
	}
	return loadRefund(c.tx, w, c.vars["out_refund_no"])
}
