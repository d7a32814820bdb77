package sandbox

import "context"

// tellPaid tells a merchant that an order is paid.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012791861
func (l *ledger) tellPaid(o *order) error {
	e := event{"TRANSACTION.SUCCESS", "transaction", "支付成功", o.transaction(o.Paid)}
	if o.SignType != "" {
		e.resource = o.paymentV2()
	}
	return l.notify(o.MchID, o.NotifyURL, e)
}

// A refundResource is a refund as its notification shows it.
type refundResource struct {
	parties
	TransactionID string             `json:"transaction_id"`
	OutTradeNo    string             `json:"out_trade_no"`
	RefundID      string             `json:"refund_id"`
	OutRefundNo   string             `json:"out_refund_no"`
	Status        RefundState        `json:"refund_status"`
	SuccessTime   string             `json:"success_time,omitempty"`
	Received      string             `json:"user_received_account"`
	Amount        refundEventAmounts `json:"amount"`
}

type refundEventAmounts struct {
	Total       int64 `json:"total"`
	Refund      int64 `json:"refund"`
	PayerTotal  int64 `json:"payer_total"`
	PayerRefund int64 `json:"payer_refund"`
}

var refundSummaries = map[RefundState]string{RefundSuccess: "退款成功", RefundAbnormal: "退款异常", RefundClosed: "退款关闭"}

// tellRefund tells a merchant that a refund has ended.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012791865
func (l *ledger) tellRefund(r *refund) error {
	a := r.answer(r.Settled)
	e := event{"REFUND." + string(a.Status), "refund", refundSummaries[a.Status], refundResource{
		parties: r.parties(), TransactionID: r.TransactionID, OutTradeNo: r.OutTradeNo, RefundID: r.RefundID, OutRefundNo: r.OutRefundNo,
		Status: a.Status, SuccessTime: a.SuccessTime, Received: a.Received,
		Amount: refundEventAmounts{a.Amount.Total, a.Amount.Refund, a.Amount.PayerTotal, a.Amount.PayerRefund},
	}}
	if r.AppID != "" {
		e.resource = r.endV2()
	}
	return l.notify(r.MchID, r.NotifyURL, e)
}

// settleInTime makes a refund succeed after refundTime and tells its merchant,
// unless somebody settles it before that.
func (s *Server) settleInTime(r refund) {
	if r.NotifyURL == "" {
		return // it succeeds all the same, as queries show
	}
	s.timetable.After(r.due().Sub(s.clock()), func(context.Context) {
		_ = s.change(func(l *ledger) error { // a store that fails ends no refund
			stored, err := loadRefund(l.tx, r.owner, r.OutRefundNo)
			if err != nil || stored.State != refundProcessing || !stored.started().Equal(r.started()) {
				return err
			}
			at := l.now
			if due := r.due(); due.Before(at) {
				at = due
			}
			if err := stored.repost(l.tx, RefundSuccess, at); err != nil {
				return err
			}
			stored.State, stored.Settled = RefundSuccess, at
			if err := stored.save(l.tx); err != nil {
				return err
			}
			return l.tellRefund(stored)
		})
	})
}
