package money

// CloseAlone is Close for an order that must not be part of a combined one.
func (l *Ledger) CloseAlone(o *Order) error {
	if o.Combined != "" {
		return errPartClosed
	}
	return l.Close(o)
}

// Close closes an order that is not paid; to close it again changes nothing.
func (l *Ledger) Close(o *Order) error {
	switch o.StateAt(l.Now) {
	case OrderNotPay, OrderPayError, OrderIsClosed:
		o.State = OrderIsClosed
		return o.save(l.Tx)
	case OrderUserPaying:
		return errUserPaying
	case OrderRevoked:
		return errOrderReversed
	}
	return errPaidClosed
}

// reverseDays is for how many days after its payment an order can be reversed.
//
// https://pay.weixin.qq.com/wiki/doc/api/wxpay/ch/pay/QuickPay/chapter3_4.shtml
const reverseDays = 7

// Reverse ends an order that is paid by code: its user gets back what he has
// paid, and can pay it no more. To reverse it again changes nothing.
func (l *Ledger) Reverse(o *Order) error {
	if o.TradeType != TradeByCode {
		return errNotByCode
	}
	switch o.StateAt(l.Now) {
	case OrderRevoked:
		return nil
	case OrderIsClosed:
		return errOrderClosed
	case OrderRefunded:
		return errReverseRefused
	case OrderSuccess:
		if l.Now.After(o.Paid.AddDate(0, 0, reverseDays)) {
			return errReverseLate
		}
		o.Refunded = o.Total
	}
	paid := o.State == OrderSuccess
	o.State, o.Reversed = OrderRevoked, l.Now
	if paid {
		l.Postings = append(l.Postings, Posting{At: o.Reversed, Kind: PostedReversal, Key: o.Key(), MchIDs: o.members(), Moves: o.Reversal().Moves()})
	}
	return o.save(l.Tx)
}
