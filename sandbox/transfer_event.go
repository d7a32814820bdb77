package sandbox

import (
	"context"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// A transferResource is a transfer as its notification shows it.
type transferResource struct {
	MchID          string        `json:"mch_id"`
	OutBillNo      string        `json:"out_bill_no"`
	TransferBillNo string        `json:"transfer_bill_no"`
	State          TransferState `json:"state"`
	Amount         int64         `json:"transfer_amount"`
	OpenID         string        `json:"openid"`
	FailReason     string        `json:"fail_reason,omitempty"`
	CreateTime     string        `json:"create_time"`
	UpdateTime     string        `json:"update_time"`
}

// tellTransfer tells a merchant that a transfer has ended.
//
// https://pay.weixin.qq.com/docs/merchant/apis/batch-transfer-to-balance/callback-notice.html
func (l *ledger) tellTransfer(t transfer) error {
	return l.notify(t.MchID, t.NotifyURL, event{"MCHTRANSFER.BILL.FINISHED", "mch_payment", "商家转账单据终态通知", transferResource{
		MchID: t.MchID, OutBillNo: t.OutBillNo, TransferBillNo: t.TransferBillNo, State: t.State, Amount: t.Amount,
		OpenID: t.OpenID, FailReason: t.FailReason, CreateTime: beijing.Format(t.Created), UpdateTime: beijing.Format(t.Changed),
	}})
}

// endInTime ends a transfer that nobody settles or cancels within d, and tells
// its merchant.
func (s *Server) endInTime(t transfer, d time.Duration) {
	if t.NotifyURL == "" {
		return // it ends all the same, as queries show
	}
	s.timetable.After(d, func(context.Context) {
		_ = s.change(func(l *ledger) error { // a store that fails ends no transfer
			stored, found, err := store.Load[transfer](l.tx, transferBucket, orderKey(t.MchID, t.OutBillNo))
			if err != nil || !found || stored.State != t.State {
				return err
			}
			ended, _ := stored.next()
			if l.now.Before(ended.Changed) {
				ended.Changed = l.now // the timetable runs ahead of the clock
			}
			if err := ended.save(l.tx); err != nil {
				return err
			}
			return l.tellTransfer(ended)
		})
	})
}
