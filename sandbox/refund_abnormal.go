package sandbox

import (
	"fmt"
	"net/http"
)

// retryRefund sends a refund that is ABNORMAL to a bank card: of the user, or of
// the merchant, which then gives the user his money. To ask for the same again
// changes nothing.
//
// https://pay.weixin.qq.com/docs/merchant/apis/refund/refunds/create-abnormal-refund.html
func retryRefund(answer func(r *refund, c *call) any) handler {
	return func(c *call) (int, any, error) {
		r, err := c.refundOfPath()
		if err != nil {
			return 0, nil, err
		}
		if number := c.body.Get("out_refund_no").String(); number != r.OutRefundNo {
			return 0, nil, badField("/out_refund_no", number, "it is not that of refund_id")
		}
		received, err := c.receivingCard()
		if err != nil {
			return 0, nil, err
		}
		print, err := fingerprint("retry", c.body) // of plain text: it is encrypted differently each time
		if err != nil {
			return 0, nil, err
		}
		switch state, _ := r.state(c.now); {
		case state == RefundAbnormal:
			r.State, r.Retried, r.RetryOf, r.Received = refundProcessing, c.now, print, received
			if err := r.post(c.tx); err != nil {
				return 0, nil, err
			}
			retried := *r
			c.after = append(c.after, func() { c.settleInTime(retried) })
			if err := r.save(c.tx); err != nil {
				return 0, nil, err
			}
		case r.RetryOf != print:
			return 0, nil, invalid(fmt.Sprintf("the refund is %s, not %s", state, RefundAbnormal))
		}
		return http.StatusOK, answer(r, c), nil
	}
}

// receivingCard is the card that the body names, as answers show it.
func (c *call) receivingCard() (string, error) {
	if c.body.Get("type").String() != "USER_BANK_CARD" {
		return "商户银行卡", nil
	}
	for _, field := range [...]string{"bank_type", "bank_account", "real_name"} {
		if c.body.Get(field).String() == "" {
			return "", badField("/"+field, nil, "it is required with the type USER_BANK_CARD")
		}
	}
	account := c.body.Get("bank_account").String()
	return c.body.Get("bank_type").String() + account[max(0, len(account)-4):], nil
}
