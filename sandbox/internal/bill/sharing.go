package bill

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/money"
)

// sharingColumns are the columns of bills of profit sharing, as programs read them
// that import such bills.
var sharingColumns = []string{
	"分账时间", "分账发起方", "分账方", "微信订单号", "微信分账/回退单号", "分账明细单号", "商户分账/回退单号", "订单金额", "分账接收方", "金额", "业务类型", "处理状态", "备注",
}

// A sharingRow is what one receiver got, or gave back.
type sharingRow struct {
	sharing  *money.Sharing
	id, own  string // the numbers of the platform and of the merchant
	detail   string // the number of the part
	receiver string
	amount   int64
	isReturn bool
	remark   string
}

// sharingRows returns the rows of a posting that a merchant asked for. What failed
// has none.
func sharingRows(l *money.Ledger, mchID string, p money.Posting) (rows []sharingRow, err error) {
	by, _, _ := strings.Cut(p.Key, "/")
	if by != mchID {
		return nil, nil
	}
	switch p.Kind {
	case money.PostedSharing:
		s, err := money.Subject[money.Sharing](l, p)
		if err != nil {
			return nil, err
		}
		for _, part := range s.Parts {
			if part.FailReason == "" {
				rows = append(rows, sharingRow{s, s.OrderID, s.OutOrderNo, part.DetailID, part.Account, part.Amount, false, part.Description})
			}
		}
	case money.PostedSharingReturn:
		g, err := money.Subject[money.SharingReturn](l, p)
		if err != nil {
			return nil, err
		}
		s, err := l.SharingOf(mchID, g)
		if err != nil {
			return nil, err
		}
		rows = append(rows, sharingRow{s, g.ReturnID, g.OutReturnNo, g.ReturnID, g.ReturnMchID, g.Amount, true, g.Description})
	}
	return rows, nil
}

// sharingBill returns the bill of what a merchant shared on a day, such as
// "20180608", and took back, of all orders or of those of one sub-merchant.
func sharingBill(l *money.Ledger, mchID, subMchID, on string) ([]byte, error) {
	all, err := postingsOf(l.Tx, mchID, on)
	if err != nil {
		return nil, err
	}
	var shared, back total
	b := newSheet(sharingColumns)
	for _, p := range all {
		rows, err := sharingRows(l, mchID, p)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			if subMchID != "" && subMchID != r.sharing.SubMchID {
				continue
			}
			o, err := l.PaidOrder(r.sharing.TransactionID)
			if err != nil {
				return nil, err
			}
			kind, sum := "分账", &shared
			if r.isReturn {
				kind, sum = "分账回退", &back
			}
			sum.count++
			sum.amount += r.amount
			b.row(beijing.DateTime(p.At), mchID, cmp.Or(r.sharing.SubMchID, mchID), o.TransactionID, r.id, r.detail, r.own, yuan(o.Total), r.receiver, yuan(r.amount), kind, "成功", r.remark)
		}
	}
	if shared.count+back.count == 0 {
		return nil, errNoStatement
	}
	b.names("总笔数", "分账笔数", "分账金额", "分账回退笔数", "分账回退金额")
	b.row(fmt.Sprint(shared.count+back.count), fmt.Sprint(shared.count), yuan(shared.amount), fmt.Sprint(back.count), yuan(back.amount))
	return b.Bytes(), nil
}
