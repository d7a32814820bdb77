package bill

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/money"
)

// A subject is the object of a posting, as the rows of a fund-flow bill show it.
type subject struct {
	moves   []money.Move
	number  string // the platform's
	voucher string // the merchant's number
	by      string // the merchant who asked for it
	refund  *money.Refund
}

// subjectOf returns the subject of a posting. It has no moves if the posting did
// not take place.
func subjectOf(l *money.Ledger, p money.Posting) (s subject, err error) {
	by, _, _ := strings.Cut(p.Key, "/")
	switch p.Kind {
	case money.PostedOrder:
		o, err := money.Subject[money.Order](l, p)
		return subject{o.Moves(), o.TransactionID, o.OutTradeNo, o.MchID, nil}, err
	case money.PostedReversal:
		o, err := money.Subject[money.Order](l, p)
		return refunded(o.Reversal()), err
	case money.PostedRefund:
		r, happened, err := refundOf(l, p)
		if err != nil || !happened {
			return s, err
		}
		return refunded(r), nil
	case money.PostedAdvance:
		r, err := money.Subject[money.Refund](l, p)
		if err != nil || r.Advance == nil {
			return s, err
		}
		return subject{r.AdvanceMoves(), r.Advance.ReturnID, r.OutRefundNo, r.MchID, r}, nil
	case money.PostedTransfer, money.PostedBatchDetail:
		return transferred(l, p)
	case money.PostedRedPacket, money.PostedRedPacketReturn:
		r, err := money.Subject[money.RedPacket](l, p)
		moves := r.Moves()
		if p.Kind == money.PostedRedPacketReturn {
			moves = r.ReturnMoves()
		}
		return subject{moves, r.SendListID, r.MchBillNo, r.MchID, nil}, err
	case money.PostedSharing:
		s, err := money.Subject[money.Sharing](l, p)
		return subject{s.Moves(by), s.OrderID, s.OutOrderNo, cmp.Or(s.SubMchID, by), nil}, err
	case money.PostedSharingReturn:
		g, err := money.Subject[money.SharingReturn](l, p)
		return subject{g.Moves(by), g.ReturnID, g.OutReturnNo, cmp.Or(g.SubMchID, by), nil}, err
	case money.PostedAdjustment:
		a, err := money.Subject[money.Adjustment](l, p)
		return subject{a.Moves(), a.ID, a.ID, a.MchID, nil}, err
	}
	return s, fmt.Errorf("a posting of the kind %q", p.Kind)
}

// transferred returns the subject of a transfer, alone or in a batch. It has no moves
// if the transfer did not succeed then.
func transferred(l *money.Ledger, p money.Posting) (s subject, err error) {
	if p.Kind == money.PostedBatchDetail {
		d, err := money.Subject[money.BatchDetail](l, p)
		return subject{d.Moves(), d.ID, d.OutNo, d.MchID, nil}, err
	}
	t, err := money.Subject[money.Transfer](l, p)
	if then := t.At(p.At); err != nil || then.State != money.TransferSuccess || !then.Changed.Equal(p.At) {
		return s, err
	}
	return subject{t.Moves(), t.TransferBillNo, t.OutBillNo, t.MchID, nil}, nil
}

func refunded(r *money.Refund) subject {
	return subject{r.Moves(), r.RefundID, r.OutRefundNo, r.MchID, r}
}

// refundOf returns the refund of a posting, and reports whether it had succeeded
// then.
func refundOf(l *money.Ledger, p money.Posting) (r *money.Refund, happened bool, err error) {
	if r, err = money.Subject[money.Refund](l, p); err != nil {
		return nil, false, err
	}
	state, since := r.StateAt(p.At)
	return r, state == money.RefundSuccess && since.Equal(p.At), nil
}

// causes are the names in bills of the causes of moves: 业务名称, 业务类型, and
// whether the move happens without a request of a merchant.
var causes = map[money.Cause]struct {
	name, kind string
	bySystem   bool
}{
	money.ByPayment:         {"交易", "交易", true},
	money.ByPaymentFee:      {"交易", "扣除交易手续费", true},
	money.ByRefund:          {"退款", "退款", false},
	money.ByRefundFee:       {"退款", "退回交易手续费", true},
	money.ByAdvance:         {"退款", "退款垫付", false},
	money.ByAdvanceReturn:   {"退款", "垫付退款回补", false},
	money.BySharing:         {"分账", "分账", false},
	money.BySharingReturn:   {"分账回退", "分账回退", false},
	money.ByTransfer:        {"商家转账", "商家转账", false},
	money.ByRedPacket:       {"现金红包", "现金红包", false},
	money.ByRedPacketReturn: {"现金红包", "现金红包退款", true},
	money.ByTopUp:           {"充值", "充值", false},
	money.ByWithdrawal:      {"提现", "提现", false},
}

// remark returns the remark of a bill about a move.
func (s subject) remark(m money.Move) string {
	if m.Cause == money.ByRefund {
		return "退款总金额" + yuan(s.refund.Amounts().SettlementRefund) + "元;含手续费" + yuan(s.refund.Fee()) + "元"
	}
	return m.Note
}

var fundFlowColumns = []string{
	"记账时间", "微信支付业务单号", "资金流水单号", "业务名称", "业务类型", "收支类型", "收支金额(元)", "账户结余(元)", "资金变更提交申请人", "备注", "业务凭证号",
}

// A total has the number of moves in one direction and their amount.
type total struct {
	count  int
	amount int64
}

// fundFlowBill returns the bill of the moves on an account of a merchant on a
// day, such as "20180608".
func fundFlowBill(l *money.Ledger, mchID, on, account string) ([]byte, error) {
	all, err := postingsOf(l.Tx, mchID, on)
	if err != nil {
		return nil, err
	}
	left, err := balance(l, mchID, account, on)
	if err != nil {
		return nil, err
	}
	var in, out total
	b := newSheet(fundFlowColumns)
	for _, p := range all {
		of, err := subjectOf(l, p)
		if err != nil {
			return nil, err
		}
		for _, m := range of.moves {
			if m.MchID != mchID || m.Account != account {
				continue
			}
			left += m.Amount
			direction, amount, sum := "收入", m.Amount, &in
			if amount < 0 {
				direction, amount, sum = "支出", -amount, &out
			}
			sum.count++
			sum.amount += amount
			flow := fmt.Sprintf("%s%s%010d", mchID, on, in.count+out.count)
			cause, by := causes[m.Cause], of.by+"API"
			if cause.bySystem {
				by = "system"
			}
			b.row(beijing.DateTime(p.At), of.number, flow, cause.name, cause.kind, direction, yuan(amount), yuan(left), by, of.remark(m), of.voucher)
		}
	}
	if in.count+out.count == 0 {
		return nil, errNoStatement
	}
	b.names("资金流水总笔数", "收入笔数", "收入金额", "支出笔数", "支出金额")
	b.row(fmt.Sprint(in.count+out.count), fmt.Sprint(in.count), yuan(in.amount), fmt.Sprint(out.count), yuan(out.amount))
	return b.Bytes(), nil
}
