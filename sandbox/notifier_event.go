package sandbox

import (
	"context"
	"time"
)

// paymentEvent tells that an order is paid.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012791861
func (o *order) paymentEvent() event {
	return event{"TRANSACTION.SUCCESS", "transaction", "支付成功", o.transaction()}
}

// A refundResource is a refund as its notification shows it.
type refundResource struct {
	MchID         string             `json:"mchid"`
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

// event tells that a refund has ended.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012791865
func (r *refund) event(now time.Time) event {
	a := r.answer(now)
	return event{"REFUND." + string(a.Status), "refund", refundSummaries[a.Status], refundResource{
		MchID: r.MchID, TransactionID: r.TransactionID, OutTradeNo: r.OutTradeNo, RefundID: r.RefundID, OutRefundNo: r.OutRefundNo,
		Status: a.Status, SuccessTime: a.SuccessTime, Received: a.Received,
		Amount: refundEventAmounts{a.Amount.Total, a.Amount.Refund, a.Amount.PayerTotal, a.Amount.PayerRefund},
	}}
}

// settleInTime makes a refund succeed after refundTime and tells its merchant,
// unless somebody settles it before that.
func (s *Server) settleInTime(r refund) {
	if r.NotifyURL == "" {
		return // it succeeds all the same, as queries show
	}
	s.timetable.after(refundTime, func(context.Context) {
		var ended bool
		now := s.clock()
		err := s.store.Update(func(tx Tx) error {
			stored, err := loadRefund(tx, r.MchID, r.OutRefundNo)
			if err != nil || stored.State != refundProcessing {
				return err
			}
			r, ended = *stored, true
			r.State, r.Settled = RefundSuccess, now
			if due := r.Created.Add(refundTime); due.Before(now) {
				r.Settled = due
			}
			return r.save(tx)
		})
		if err == nil && ended {
			s.notify(r.MchID, r.NotifyURL, r.event(now))
		}
	})
}
