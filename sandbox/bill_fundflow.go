package sandbox

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// moves are what a posting tells of, in the daybook of a merchant; none if it
// did not happen.
func (p posting) moves(tx Tx, mchID string) ([]move, error) {
	by, _, _ := strings.Cut(p.Key, "/")
	switch p.Kind {
	case orders:
		o, _, err := store.Load[order](tx, orders, p.Key)
		return o.moves(mchID), err
	case reversals:
		o, _, err := store.Load[order](tx, orders, p.Key)
		return o.reversed().moves(p.At)(mchID), err
	case refundBucket:
		r, happened, err := p.refund(tx)
		if err != nil || !happened {
			return nil, err
		}
		return r.moves(p.At)(mchID), nil
	case advances:
		r, _, err := store.Load[refund](tx, refundBucket, p.Key)
		if err != nil {
			return nil, err
		}
		return r.advanceMoves(mchID), nil
	case transferBucket:
		t, _, err := store.Load[transfer](tx, p.Kind, p.Key)
		return t.moves(), err
	case redPacketBucket, redReturns:
		r, _, err := store.Load[redPacket](tx, redPacketBucket, p.Key)
		if p.Kind == redReturns {
			return r.returnMoves(), err
		}
		return r.moves(), err
	case shares:
		s, _, err := store.Load[sharing](tx, p.Kind, p.Key)
		return s.moves(cmp.Or(s.SubMchID, by), mchID), err
	case givebacks:
		g, _, err := store.Load[giveback](tx, p.Kind, p.Key)
		return g.moves(cmp.Or(g.SubMchID, by), mchID), err
	}
	return nil, fmt.Errorf("a posting of the kind %q", p.Kind)
}

// refund is the refund that a posting tells of, and whether it succeeded then.
func (p posting) refund(tx Tx) (r refund, happened bool, err error) {
	r, _, err = store.Load[refund](tx, p.Kind, p.Key)
	state, since := r.state(p.At)
	return r, state == RefundSuccess && since.Equal(p.At), err
}

var fundFlowColumns = []string{
	"记账时间", "微信支付业务单号", "资金流水单号", "业务名称", "业务类型", "收支类型", "收支金额(元)", "账户结余(元)", "资金变更提交申请人", "备注", "业务凭证号",
}

// fundFlowBill is the bill of what moved on an account of a merchant on a day,
// such as "20180608".
func fundFlowBill(tx Tx, mchID, on, account string) ([]byte, error) {
	all, err := postingsOf(tx, mchID, on)
	if err != nil {
		return nil, err
	}
	left, err := balance(tx, mchID, account, on)
	if err != nil {
		return nil, err
	}
	var in, out struct {
		count  int
		amount int64
	}
	b := newSheet(fundFlowColumns)
	for _, p := range all {
		moves, err := p.moves(tx, mchID)
		if err != nil {
			return nil, err
		}
		for _, m := range moves {
			if m.account != account {
				continue
			}
			left += m.amount
			direction, amount, sum := "收入", m.amount, &in
			if amount < 0 {
				direction, amount, sum = "支出", -amount, &out
			}
			sum.count++
			sum.amount += amount
			flow := fmt.Sprintf("%s%s%010d", mchID, on, in.count+out.count)
			b.row(beijing.DateTime(m.at), m.number, flow, m.name, m.kind, direction, yuan(amount), yuan(left), m.by, m.remark, m.voucher)
		}
	}
	if in.count+out.count == 0 {
		return nil, errNoStatement
	}
	b.names("资金流水总笔数", "收入笔数", "收入金额", "支出笔数", "支出金额")
	b.row(fmt.Sprint(in.count+out.count), fmt.Sprint(in.count), yuan(in.amount), fmt.Sprint(out.count), yuan(out.amount))
	return b.Bytes(), nil
}
