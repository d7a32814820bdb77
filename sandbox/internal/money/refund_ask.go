package money

import (
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// maxRefunds is how many refunds an order may have.
const maxRefunds = 50

// AskRefund accepts a refund of the order that made names by either number, and
// returns it as stored. Repeating the number and the parameters refunds nothing
// more.
func (l *Ledger) AskRefund(made Refund) (*Refund, error) {
	if err := made.check(); err != nil {
		return nil, err
	}
	r, found, err := store.Load[Refund](l.Tx, refunds, made.key())
	switch {
	case err != nil:
		return nil, err
	case found && r.Fingerprint != made.Fingerprint:
		return nil, errRefundUsed
	case found:
		return &r, nil
	case made.TransactionID == "" && made.OutTradeNo == "":
		return nil, BadField("transaction_id", nil, "transaction_id or out_trade_no is required")
	}
	o, err := l.EitherOrder(made.Owner, made.TransactionID, made.OutTradeNo)
	if errors.Is(err, ErrNoOrder) {
		err = errNoneToRefund
	}
	if err != nil {
		return nil, err
	}
	if err := l.checkRefundable(o, &made); err != nil {
		return nil, err
	}
	made.TransactionID, made.OutTradeNo = o.TransactionID, o.OutTradeNo
	made.Created, made.State = l.Now, RefundProcessing
	made.Discounts, made.BankType = o.refundDiscounts(made.Amount), o.BankType
	if err := l.checkAmongOthers(o, &made); err != nil {
		return nil, err
	}
	if made.RefundID, err = l.nextLongNumber("refund_id", "50300", 6); err != nil {
		return nil, err
	}
	return &made, l.addRefund(o, &made)
}

// maxReason is the number of characters of the longest reason.
const maxReason = 80

// check returns what is wrong with a refund, without regard to its order.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012791862
func (r *Refund) check() error {
	if !ownNo.MatchString(r.OutRefundNo) {
		return BadField("out_refund_no", r.OutRefundNo, ownNoForm)
	}
	if n := utf8.RuneCountInString(r.Reason); n > maxReason {
		return BadField("reason", nil, fmt.Sprintf("%d characters, want at most %d", n, maxReason))
	}
	return checkNotifyURL(r.NotifyURL)
}

// refundPause is how long the refunds of an order are apart.
//
// https://pay.weixin.qq.com/doc/v3/partner/4013163605
const refundPause = time.Minute

// checkAmongOthers refuses more than what is not shared with others, a refund less
// than refundPause after another one, and a number that another sub-merchant of the
// partner has.
func (l *Ledger) checkAmongOthers(o *Order, r *Refund) error {
	left := o.Settlement() - o.settledBack() - o.SharedOut
	if o.SharedOut > 0 && r.Advance == nil && r.Amounts().SettlementRefund > left {
		return &Refusal{Reason: NotEnough, Message: fmt.Sprintf("%d fen of the order are not shared with others; ask for returns of shared money first", max(0, left))}
	}
	if next := o.LastRefund.Add(refundPause); !o.LastRefund.IsZero() && l.Now.Before(next) {
		return &Refusal{Reason: TooSoon, Message: "the refunds of an order are a minute apart; repeat the request from " + beijing.Format(next) + " on, with the same out_refund_no"}
	}
	return l.take(refunds, r.Owner, r.OutRefundNo, errRefundUsed)
}

// addRefund stores a new refund of an order, and sends it.
func (l *Ledger) addRefund(o *Order, r *Refund) error {
	if err := store.Save(l.Tx, refundsOf, nthRefund(o, o.Refunds), r.key()); err != nil {
		return err
	}
	o.State, o.Refunded, o.Refunds, o.LastRefund = OrderRefunded, o.Refunded+r.Amount, o.Refunds+1, r.Created
	if err := l.freeze(o); err != nil {
		return err
	}
	if err := l.checkOutgoing(r.Moves()); err != nil {
		return err
	}
	if err := l.holdRefund(r, r.due()); err != nil {
		return err
	}
	if err := o.save(l.Tx); err != nil {
		return err
	}
	if err := store.Save(l.Tx, refundIDs, r.RefundID, r.key()); err != nil {
		return err
	}
	l.sendRefund(r)
	return r.save(l.Tx)
}

// checkRefundable returns why an order cannot be refunded.
func (l *Ledger) checkRefundable(o *Order, r *Refund) error {
	if o.State != OrderSuccess && o.State != OrderRefunded {
		return errNotPaid
	}
	if r.Amount < 1 {
		return BadField("refund", r.Amount, "it must be 1 fen or more")
	}
	if r.Total != o.Total {
		return &Refusal{RefundMismatch, fmt.Sprintf("the total of the order is %d, not %d (订单金额或退款金额与之前请求不一致)", o.Total, r.Total),
			&Field{"total", r.Total, fmt.Sprintf("the total of the order is %d", o.Total)}}
	}
	switch {
	case l.Now.After(o.Paid.AddDate(1, 0, 0)):
		return errPaidLongAgo
	case o.Refunds >= maxRefunds:
		return errManyRefunds
	case r.Amount > o.Total-o.Refunded:
		return &Refusal{Reason: RefundTooMuch, Message: fmt.Sprintf("the refund is of %d fen, but %d are left of the order", r.Amount, o.Total-o.Refunded)}
	}
	return nil
}

// sendRefund makes a refund succeed at its time, unless it is settled before.
func (l *Ledger) sendRefund(r *Refund) {
	l.postRefund(r, r.due())
	if r.NotifyURL != "" {
		l.Deadlines = append(l.Deadlines, r.deadline())
	}
}

// postRefund posts that a refund succeeds at an instant.
func (l *Ledger) postRefund(r *Refund, at time.Time) {
	l.Postings = append(l.Postings, Posting{At: at, Kind: PostedRefund, Key: r.key(), MchIDs: r.members(), Moves: r.Moves()})
}

// RetryRefund sends a refund that is ABNORMAL to another account, which answers
// show as received. Repeating the call with the same fingerprint changes nothing.
func (l *Ledger) RetryRefund(r *Refund, received, fingerprint string) error {
	state, _ := r.StateAt(l.Now)
	switch {
	case state == RefundAbnormal:
		r.State, r.Retried, r.RetryOf, r.Received = RefundProcessing, l.Now, fingerprint, received
		l.sendRefund(r)
		if err := l.holdRefund(r, r.due()); err != nil {
			return err
		}
		return r.save(l.Tx)
	case r.RetryOf != fingerprint:
		return Invalid(fmt.Sprintf("the refund is %s, not %s", state, RefundAbnormal))
	}
	return nil
}

// ReturnAdvance gives back to a partner what it has advanced. Repeating the call
// changes nothing.
//
// https://pay.weixin.qq.com/wiki/doc/apiv3_partner/apis/chapter7_6_4.shtml
func (l *Ledger) ReturnAdvance(r *Refund) error {
	if state, _ := r.StateAt(l.Now); state != RefundSuccess {
		return Invalid(fmt.Sprintf("the refund is %s, not %s", state, RefundSuccess))
	}
	if r.Advance.ReturnID != "" {
		return nil
	}
	if err := l.checkOutgoing(r.AdvanceMoves()); err != nil {
		return err
	}
	n, err := l.NextNumber("advance_return_id")
	if err != nil {
		return err
	}
	r.Advance = &Advance{ReturnID: "3010" + beijing.Day(l.Now) + n, Returned: l.Now}
	l.Postings = append(l.Postings, Posting{At: r.Advance.Returned, Kind: PostedAdvance, Key: r.key(), MchIDs: r.members(), Moves: r.AdvanceMoves()})
	return r.save(l.Tx)
}
