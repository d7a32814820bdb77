package sandbox

// closeAlone is close for an order that is part of no combined one.
func (l *ledger) closeAlone(o *order) error {
	if o.Combined != "" {
		return errPartClosed
	}
	return l.close(o)
}

// close closes an order that is not paid; to close it again changes nothing.
func (l *ledger) close(o *order) error {
	switch o.state(l.now) {
	case stateNotPay, stateFailed, stateClosed:
		o.State = stateClosed
		return o.save(l.tx)
	case stateUserPaying:
		return errUserPaying
	case stateRevoked:
		return errOrderReversed
	}
	return errPaidClosed
}

// reverseDays is for how many days after its payment an order can be reversed.
//
// https://pay.weixin.qq.com/wiki/doc/api/wxpay/ch/pay/QuickPay/chapter3_4.shtml
const reverseDays = 7

// reverse ends an order that is paid by code: its user gets back what he has
// paid, and can pay it no more. To reverse it again changes nothing.
func (l *ledger) reverse(o *order) error {
	if o.TradeType != tradeByCode {
		return errNotByCode
	}
	switch o.state(l.now) {
	case stateRevoked:
		return nil
	case stateClosed:
		return errOrderClosed
	case stateRefund:
		return errReverseRefunded
	case stateSuccess:
		if l.now.After(o.Paid.AddDate(0, 0, reverseDays)) {
			return errReverseLate
		}
		o.Refunded = o.Total
	}
	paid := o.State == stateSuccess
	o.State, o.Reversed = stateRevoked, l.now
	if paid {
		if err := o.postReversal(l.tx); err != nil {
			return err
		}
	}
	return o.save(l.tx)
}
