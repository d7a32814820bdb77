package sandbox

import "slices"

// settlement is what the merchant gets of an order: not what coupons without
// cash are worth.
func (o *order) settlement() int64 {
	left := o.Total
	for _, d := range o.Discounts {
		if d.NoCash {
			left -= d.Amount
		}
	}
	return left
}

// settledBack is how much of that went back, or is about to.
func (o *order) settledBack() int64 {
	back := o.Refunded
	for _, d := range o.Discounts {
		if d.NoCash {
			back -= d.Refunded
		}
	}
	return back
}

// moves are those of a payment.
func (o *order) moves(mchID string) (all []move) {
	if mchID != o.payee() {
		return nil
	}
	m := move{at: o.Paid, account: accountBasic, name: "交易", kind: "交易", amount: o.settlement(),
		number: o.TransactionID, voucher: o.OutTradeNo, by: bySystem}
	all = append(all, m)
	m.kind, m.amount = "扣除交易手续费", -fee(m.amount)
	all = append(all, m)
	return slices.DeleteFunc(all, func(m move) bool { return m.amount == 0 })
}

// post writes into the daybooks that an order is paid.
func (o *order) post(tx Tx) error {
	return o.owner.post(tx, posting{o.Paid, orders, o.key()}, o.moves)
}

// change changes a paid order, and in the daybooks what that moved.
func (o *order) change(tx Tx, f func() error) error {
	if err := o.adjust(tx, o.Paid, o.moves, -1); err != nil {
		return err
	}
	if err := f(); err != nil {
		return err
	}
	return o.adjust(tx, o.Paid, o.moves, 1)
}

// reversals is the kind of postings of orders that were reversed once they were
// paid.
const reversals = "reversal"

// reversed is that as a refund, under the numbers of the order.
func (o *order) reversed() *refund {
	r := &refund{owner: o.owner, RefundID: o.TransactionID, OutRefundNo: o.OutTradeNo, Amount: o.Total, Total: o.Total,
		Discounts: slices.Clone(o.Discounts), Created: o.Reversed}
	for i := range r.Discounts {
		r.Discounts[i].Refunded = r.Discounts[i].Amount
	}
	return r
}

func (o *order) postReversal(tx Tx) error {
	return o.owner.post(tx, posting{o.Reversed, reversals, o.key()}, o.reversed().moves(o.Reversed))
}
