package money

// CloseAlone closes an order like Close, but refuses an order that is part of a
// combined order.
func (l *Ledger) CloseAlone(o *Order) error {
	if o.Combined != "" {
		return errPartClosed
	}
	return l.Close(o)
}

// Close closes an unpaid order. Closing it again changes nothing. A payment by code
// that failed is reversed, not closed.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012556398
func (l *Ledger) Close(o *Order) error {
	switch o.StateAt(l.Now) {
	case OrderPayError:
		if o.TradeType == TradeByCode {
			return errFailedByCode
		}
		fallthrough
	case OrderNotPay, OrderIsClosed:
		if o.Closed.IsZero() {
			o.Closed = l.Now
		}
		o.State = OrderIsClosed
		return o.save(l.Tx)
	case OrderUserPaying:
		return errUserPaying
	case OrderRevoked:
		return errOrderReversed
	}
	return errPaidClosed
}

// reverseDays is the number of days after its payment in which an order can be
// reversed.
//
// https://pay.weixin.qq.com/wiki/doc/api/wxpay/ch/pay/QuickPay/chapter3_4.shtml
const reverseDays = 7

// Reverse ends an order that is paid by code: the user gets the money back and
// can no longer pay the order. Reversing it again changes nothing.
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
	if err := l.freeze(o); err != nil {
		return err
	}
	return o.save(l.Tx)
}
