package sandbox

import (
	"cmp"
	"fmt"
	"net/http"
	"regexp"
)

// refunds are those of paid orders, several for one order.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012791862 (refund),
// https://pay.weixin.qq.com/doc/v3/merchant/4012791863 (query)
func refunds() map[string]handler {
	return map[string]handler{
		"POST v3/refund/domestic/refunds":                applyRefund,
		"GET v3/refund/domestic/refunds/{out_refund_no}": queryRefund,
	}
}

// maxRefunds is how many refunds an order may have.
const maxRefunds = 50

var outRefundNo = regexp.MustCompile(`^[0-9A-Za-z_\-|*@]{1,64}$`)

// applyRefund takes a refund; the same number refunds once.
func applyRefund(c *call) (int, any, error) {
	number := c.body.Get("out_refund_no").String()
	if !outRefundNo.MatchString(number) {
		return 0, nil, badField("/out_refund_no", number, "1 to 64 of 0-9 A-Z a-z _ - | * @ are wanted")
	}
	print, err := fingerprint("refund", c.body)
	if err != nil {
		return 0, nil, err
	}
	r, found, err := load[refund](c.tx, refundBucket, orderKey(c.merchant.MchID, number))
	switch {
	case err != nil:
		return 0, nil, err
	case found && r.Fingerprint != print:
		return 0, nil, invalid("out_refund_no was used for another refund; repeat that request as it was, or take a new number")
	case found:
		return http.StatusOK, r.answer(c.now), nil
	}
	o, err := c.orderToRefund()
	if err != nil {
		return 0, nil, err
	}
	amount := c.body.Get("amount.refund").Int()
	if err := c.refundable(o, amount); err != nil {
		return 0, nil, err
	}
	n, err := c.number("refund_id")
	if err != nil {
		return 0, nil, err
	}
	r = refund{
		MchID: o.MchID, OutRefundNo: number, OutTradeNo: o.OutTradeNo, TransactionID: o.TransactionID,
		RefundID:     fmt.Sprintf("50300%06d%s%s", c.seed%1_000_000, day(c.now), n),
		Amount:       amount,
		Total:        o.Total,
		FundsAccount: cmp.Or(c.body.Get("funds_account").String(), "AVAILABLE"),
		NotifyURL:    c.body.Get("notify_url").String(),
		Created:      c.now,
		Fingerprint:  print,
		State:        refundProcessing,
	}
	o.State, o.Refunded, o.Refunds = stateRefund, o.Refunded+amount, o.Refunds+1
	if err := o.save(c.tx); err != nil {
		return 0, nil, err
	}
	c.after = append(c.after, func() { c.settleInTime(r) })
	return http.StatusOK, r.answer(c.now), r.save(c.tx)
}

// orderToRefund is the order that the body names, by either number; when it
// names both, they must be of one order.
func (c *call) orderToRefund() (*order, error) {
	transactionID, outTradeNo := c.body.Get("transaction_id").String(), c.body.Get("out_trade_no").String()
	var o *order
	var err error
	switch {
	case transactionID != "":
		o, err = loadTransaction(c.tx, c.merchant.MchID, transactionID)
	case outTradeNo != "":
		o, err = loadOrder(c.tx, c.merchant.MchID, outTradeNo)
	default:
		return nil, badField("/transaction_id", nil, "transaction_id or out_trade_no is required")
	}
	if err == nil && outTradeNo != "" && o.OutTradeNo != outTradeNo {
		err = badField("/out_trade_no", outTradeNo, "it is not that of transaction_id")
	}
	return o, err
}

// refundable is what stands against refunding amount of an order.
func (c *call) refundable(o *order, amount int64) error {
	if o.State != stateSuccess && o.State != stateRefund {
		return invalid("the order is not paid")
	}
	if amount < 1 {
		return badField("/amount/refund", amount, "it must be 1 fen or more")
	}
	if total := c.body.Get("amount.total").Int(); total != o.Total {
		return badField("/amount/total", total, fmt.Sprintf("the total of the order is %d", o.Total))
	}
	if err := checkCurrency(c.body.Get("amount.currency").String()); err != nil {
		return err
	}
	switch {
	case c.now.After(o.Paid.AddDate(1, 0, 0)):
		return invalid("the order was paid more than a year ago")
	case o.Refunds >= maxRefunds:
		return &refusal{Status: http.StatusForbidden, Code: "RULE_LIMIT", Message: fmt.Sprintf("the order has %d refunds, which is the most", o.Refunds)}
	case amount > o.Total-o.Refunded:
		return invalid(fmt.Sprintf("the refund is of %d fen, but %d are left of the order", amount, o.Total-o.Refunded))
	}
	return nil
}

func queryRefund(c *call) (int, any, error) {
	r, err := loadRefund(c.tx, c.merchant.MchID, c.vars["out_refund_no"])
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, r.answer(c.now), nil
}
