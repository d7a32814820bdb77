package sandbox

import "time"

// fee is what the platform gives back of its fee: the part that is refunded of
// the order, rounded down.
func (r *refund) fee() int64 {
	a := r.amounts()
	if a.SettlementTotal == 0 {
		return 0 // all of it was paid by coupons
	}
	return refundedPart(fee(a.SettlementTotal), a.SettlementRefund, a.SettlementTotal)
}

// rechargeable is the part of a refund that is of coupons with cash.
func (r *refund) rechargeable() (sum int64) {
	for _, d := range r.Discounts {
		if !d.NoCash {
			sum += d.Refunded
		}
	}
	return sum
}

// moves are those of a refund that succeeds at an instant. A partner may
// advance the money; the fee comes back to who has paid it.
func (r *refund) moves(at time.Time) movesOf {
	money, fee := r.amounts().SettlementRefund, r.fee()
	return func(mchID string) []move {
		m := move{at: at, account: accountBasic, name: "退款", kind: "退款", number: r.RefundID, voucher: r.OutRefundNo, by: byAPI(r.MchID)}
		switch {
		case r.Advance == nil && mchID == r.payee():
			m.amount, m.remark = fee-money, "退款总金额"+yuan(money)+"元;含手续费"+yuan(fee)+"元"
		case r.Advance != nil && mchID == r.payee():
			m.amount, m.kind, m.by = fee, "退回交易手续费", bySystem
		case r.Advance != nil:
			m.amount, m.kind = -money, "退款垫付"
		}
		if m.amount == 0 {
			return nil
		}
		return []move{m}
	}
}

// post tells that a refund succeeds at its time, if nobody settles it before.
func (r *refund) post(tx Tx) error { return r.postAt(tx, r.due()) }

func (r *refund) postAt(tx Tx, at time.Time) error {
	return r.owner.post(tx, posting{at, refundBucket, r.key()}, r.moves(at))
}

// due is when a refund succeeds by itself.
func (r *refund) due() time.Time { return r.started().Add(refundTime) }

// repost tells what comes of a refund that is about to be settled at an
// instant.
func (r *refund) repost(tx Tx, state RefundState, at time.Time) error {
	if r.State == refundProcessing {
		if state == RefundSuccess && at.Equal(r.due()) {
			return nil // as it was posted
		}
		if err := r.adjust(tx, r.due(), r.moves(r.due()), -1); err != nil {
			return err
		}
	}
	if state != RefundSuccess {
		return nil
	}
	return r.postAt(tx, at)
}

// advances is the kind of postings of refunds whose advance was given back.
const advances = "advance"

// advanceMoves are those of a sub-merchant that gives back to its partner what
// that has advanced.
func (r *refund) advanceMoves(mchID string) []move {
	m := move{at: r.Advance.Returned, account: accountBasic, name: "退款", kind: "垫付退款回补", amount: r.amounts().SettlementRefund,
		number: r.Advance.ReturnID, voucher: r.OutRefundNo, by: byAPI(r.MchID)}
	switch {
	case m.amount == 0:
		return nil
	case mchID == r.payee():
		m.amount = -m.amount
	}
	return []move{m}
}

func (r *refund) postAdvance(tx Tx) error {
	return r.owner.post(tx, posting{r.Advance.Returned, advances, r.key()}, r.advanceMoves)
}
