package bill

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"slices"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/money"
)

// A flow is a file that lists the uses or refunds of a stock's coupons up to an
// instant.
type flow struct {
	title []string
	rows  func(l *money.Ledger, s *money.Stock, until time.Time) ([]flowRow, error)
}

type flowRow struct {
	time   time.Time
	values []string
}

var (
	useFlow = flow{
		[]string{"批次id", "优惠id", "优惠类型", "优惠金额(元)", "订单总金额(元)", "交易类型", "支付单号", "消耗时间", "消耗商户号", "设备号", "银行流水号", "单品信息"},
		useRows}
	refundFlow = flow{
		[]string{"批次id", "优惠id", "优惠类型", "优惠退款金额(元)", "订单退款金额(元)", "交易类型", "支付单号", "退款单号", "退款时间", "消耗商户号", "设备号", "银行流水号", "单品信息"},
		refundRows}
)

// kindOf returns the name that files use for the coupons of a stock.
func kindOf(s *money.Stock) string {
	if len(s.Items) > 0 {
		return "单品券"
	}
	return "全场券"
}

func useRows(l *money.Ledger, s *money.Stock, until time.Time) (rows []flowRow, err error) {
	all, err := l.Uses(s)
	for _, u := range all {
		if u.Used.After(until) {
			continue
		}
		rows = append(rows, flowRow{u.Used, []string{s.ID, u.ID, kindOf(s), yuan(u.Amount), yuan(u.Order.Total), u.Order.TradeType,
			u.TransactionID, beijing.DateTime(u.Used), u.UsedMchID, "", "", ""}})
	}
	return rows, err
}

// refundRows returns rows with the part of a coupon that a refund of its order
// gives back.
func refundRows(l *money.Ledger, s *money.Stock, until time.Time) (rows []flowRow, err error) {
	all, err := l.Uses(s)
	if err != nil {
		return nil, err
	}
	for _, u := range all {
		refunds, err := l.RefundsOf(u.Order)
		if err != nil {
			return nil, err
		}
		for _, r := range refunds {
			state, since := r.StateAt(until)
			i := slices.IndexFunc(r.Discounts, func(d money.Discount) bool { return d.CouponID == u.ID })
			if state != money.RefundSuccess || since.After(until) || i < 0 {
				continue
			}
			rows = append(rows, flowRow{since, []string{s.ID, u.ID, kindOf(s), yuan(r.Discounts[i].Refunded), yuan(r.Amount), u.Order.TradeType,
				u.TransactionID, r.RefundID, beijing.DateTime(since), u.UsedMchID, "", "", ""}})
		}
	}
	return rows, nil
}

// text returns the flow of a merchant's stock up to an instant, as CSV.
func (f flow) text(l *money.Ledger, mchID, stockID string, until time.Time) ([]byte, error) {
	s, err := l.Stock(mchID, stockID)
	if err != nil {
		return nil, err
	}
	rows, err := f.rows(l, s, until)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(rows, func(a, b flowRow) int {
		return cmp.Or(a.time.Compare(b.time), slices.Compare(a.values, b.values))
	})
	records := [][]string{f.title}
	for _, row := range rows {
		records = append(records, row.values)
	}
	var text bytes.Buffer
	w := csv.NewWriter(&text)
	w.UseCRLF = true
	err = w.WriteAll(records)
	return text.Bytes(), err
}
