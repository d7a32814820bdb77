package sandbox

import (
	"fmt"
	"regexp"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// maxRefunds is how many refunds an order may have.
const maxRefunds = 50

var outRefundNo = regexp.MustCompile(`^[0-9A-Za-z_\-|*@]{1,64}$`)

// refund takes a refund of the order that made names by either number, and
// returns it as it is kept: the same number and parameters refund once.
func (l *ledger) refund(made refund) (*refund, error) {
	if !outRefundNo.MatchString(made.OutRefundNo) {
		return nil, badField("/out_refund_no", made.OutRefundNo, "1 to 64 of 0-9 A-Z a-z _ - | * @ are wanted")
	}
	if err := checkNotifyURL(made.NotifyURL); err != nil {
		return nil, err
	}
	r, found, err := store.Load[refund](l.tx, refundBucket, made.key())
	switch {
	case err != nil:
		return nil, err
	case found && r.Fingerprint != made.Fingerprint:
		return nil, errRefundUsed
	case found:
		return &r, nil
	case made.TransactionID == "" && made.OutTradeNo == "":
		return nil, badField("/transaction_id", nil, "transaction_id or out_trade_no is required")
	}
	o, err := loadEither(l.tx, made.owner, made.TransactionID, made.OutTradeNo)
	if err != nil {
		return nil, err
	}
	if err := l.refundable(o, &made); err != nil {
		return nil, err
	}
	n, err := l.number("refund_id")
	if err != nil {
		return nil, err
	}
	made.RefundID = fmt.Sprintf("50300%06d%s%s", l.seed%1_000_000, beijing.Day(l.now), n)
	made.TransactionID, made.OutTradeNo = o.TransactionID, o.OutTradeNo
	made.Created, made.State = l.now, refundProcessing
	made.Discounts = o.refundDiscounts(made.Amount)
	if err := store.Save(l.tx, refundsOf, nthRefund(o, o.Refunds), made.key()); err != nil {
		return nil, err
	}
	o.State, o.Refunded, o.Refunds = stateRefund, o.Refunded+made.Amount, o.Refunds+1
	if err := o.save(l.tx); err != nil {
		return nil, err
	}
	if err := store.Save(l.tx, refundIDs, made.RefundID, made.key()); err != nil {
		return nil, err
	}
	if err := made.post(l.tx); err != nil {
		return nil, err
	}
	l.after = append(l.after, func() { l.settleInTime(made) })
	return &made, made.save(l.tx)
}

// refundable is what stands against a refund of an order.
func (l *ledger) refundable(o *order, r *refund) error {
	if o.State != stateSuccess && o.State != stateRefund {
		return errNotPaid
	}
	if r.Amount < 1 {
		return badField("/amount/refund", r.Amount, "it must be 1 fen or more")
	}
	if r.Total != o.Total {
		return badField("/amount/total", r.Total, fmt.Sprintf("the total of the order is %d", o.Total))
	}
	switch {
	case l.now.After(o.Paid.AddDate(1, 0, 0)):
		return errPaidLongAgo
	case o.Refunds >= maxRefunds:
		return errManyRefunds
	case r.Amount > o.Total-o.Refunded:
		return errRefundTooMuch(r.Amount, o.Total-o.Refunded)
	}
	return nil
}
