package bill

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/money"
)

// A trade is a row of a trade bill: a payment, or a refund of one. A reversal
// counts as a refund.
type trade struct {
	order  *money.Order
	refund *money.Refund // nil for a payment
	since  time.Time     // when the refund succeeded
}

// A tradeColumn is a column of the types of bills that it names, or of all types.
type tradeColumn struct {
	name  string
	value func(t trade) string
	types []string
}

var ofRefunds = []string{TradeAll, TradeRefund}

// tradeColumns are the columns of trade bills in their order.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012556654
var tradeColumns = []tradeColumn{
	{"交易时间", func(t trade) string { return beijing.DateTime(t.at()) }, nil},
	{"公众账号ID", func(t trade) string { return t.order.AppID }, nil},
	{"商户号", func(t trade) string { return t.order.MchID }, nil},
	{"特约商户号", func(t trade) string { return cmp.Or(t.order.SubMchID, "0") }, nil},
	{"设备号", func(trade) string { return "" }, nil},
	{"微信订单号", func(t trade) string { return t.order.TransactionID }, nil},
	{"商户订单号", func(t trade) string { return t.order.OutTradeNo }, nil},
	{"用户标识", func(t trade) string { return t.order.OpenID }, nil},
	{"交易类型", func(t trade) string { return t.order.TradeType }, nil},
	{"交易状态", func(t trade) string { return string(t.state()) }, nil},
	{"付款银行", func(t trade) string { return t.order.Bank() }, nil},
	{"货币种类", func(trade) string { return "CNY" }, nil},
	{"应结订单金额", func(t trade) string { return yuan(t.sums().settled) }, nil},
	{"代金券金额", func(t trade) string { return yuan(t.sums().coupons) }, nil},
	{"退款申请时间", func(t trade) string { return beijing.DateTime(t.refund.Created) }, []string{TradeRefund}},
	{"退款成功时间", func(t trade) string { return beijing.DateTime(t.since) }, []string{TradeRefund}},
	{"微信退款单号", func(t trade) string { return t.ofRefund("0", func(r *money.Refund) string { return r.RefundID }) }, ofRefunds},
	{"商户退款单号", func(t trade) string { return t.ofRefund("0", func(r *money.Refund) string { return r.OutRefundNo }) }, ofRefunds},
	{"退款金额", func(t trade) string { return yuan(t.sums().back) }, ofRefunds},
	{"充值券退款金额", func(t trade) string { return yuan(t.sums().couponsBack) }, ofRefunds},
	{"退款类型", func(t trade) string { return t.ofRefund("", func(*money.Refund) string { return "ORIGINAL" }) }, ofRefunds},
	{"退款状态", func(t trade) string {
		return t.ofRefund("", func(*money.Refund) string { return string(money.RefundSuccess) })
	}, ofRefunds},
	{"商品名称", func(t trade) string { return t.order.Description }, nil},
	{"商户数据包", func(t trade) string { return t.order.Attach }, nil},
	{"手续费", func(t trade) string { return feeYuan(t.sums().fees) }, nil},
	{"费率", func(trade) string { return feeRate }, nil},
	{"订单金额", func(t trade) string { return yuan(t.sums().total) }, nil},
	{"申请退款金额", func(t trade) string { return yuan(t.sums().refunded) }, ofRefunds},
	{"费率备注", func(trade) string { return "" }, nil},
}

func (t trade) at() time.Time {
	if t.refund != nil {
		return t.refund.Created
	}
	return t.order.Paid
}

func (t trade) state() money.OrderState {
	switch {
	case t.refund == nil:
		return money.OrderSuccess
	case !t.order.Reversed.IsZero():
		return money.OrderRevoked
	}
	return money.OrderRefunded
}

// isOf reports whether the trade is in bills of a type.
func (t trade) isOf(billType string) bool {
	return billType == TradeAll || (billType == TradeRefund) == (t.refund != nil)
}

// sums are the amounts of trades, in fen.
type sums struct {
	settled, coupons, total     int64 // of payments: what the merchant gets, what was paid by coupons, and all
	back, couponsBack, refunded int64 // the same of refunds
	fees                        int64 // less those that came back
}

func (t trade) sums() sums {
	if r := t.refund; r != nil {
		return sums{back: r.Amounts().SettlementRefund, couponsBack: r.Rechargeable(), refunded: r.Amount, fees: -r.Fee()}
	}
	return sums{settled: t.order.Settlement(), coupons: t.order.Total - t.order.PayerTotal(), total: t.order.Total, fees: money.Fee(t.order.Settlement())}
}

func (s sums) add(o sums) sums {
	return sums{
		s.settled + o.settled, s.coupons + o.coupons, s.total + o.total,
		s.back + o.back, s.couponsBack + o.couponsBack, s.refunded + o.refunded, s.fees + o.fees,
	}
}

// ofRefund returns a value of a refund, or none for a payment.
func (t trade) ofRefund(none string, value func(*money.Refund) string) string {
	if t.refund == nil {
		return none
	}
	return value(t.refund)
}

// feeRate is the fee of a payment as bills show it.
const feeRate = "0.60%"

// feeYuan writes a fee as bills show it.
func feeYuan(fen int64) string { return yuan(fen) + "000" }

// tradeOf returns the row of a posting; ok reports whether it has one.
func tradeOf(l *money.Ledger, p money.Posting) (t trade, ok bool, err error) {
	switch p.Kind {
	case money.PostedOrder:
		o, err := money.Subject[money.Order](l, p)
		return trade{order: o}, err == nil, err
	case money.PostedReversal:
		o, err := money.Subject[money.Order](l, p)
		return trade{o, o.Reversal(), p.At}, err == nil, err
	case money.PostedRefund:
		r, happened, err := refundOf(l, p)
		if err != nil || !happened {
			return t, false, err
		}
		o, err := l.Order(r.Owner, r.OutTradeNo)
		return trade{o, r, p.At}, err == nil, err
	}
	return t, false, nil
}

// tradeBill returns the trade bill of a merchant for a day, such as "20180608".
// It has a type, and covers all orders of the merchant or those of one
// sub-merchant. If there are none, the error is errNoStatement.
func tradeBill(l *money.Ledger, mchID, subMchID, on, billType string) ([]byte, error) {
	found, err := postingsOf(l.Tx, mchID, on)
	if err != nil {
		return nil, err
	}
	columns := slices.Clone(tradeColumns)
	columns = slices.DeleteFunc(columns, func(c tradeColumn) bool { return c.types != nil && !slices.Contains(c.types, billType) })
	names, values := make([]string, len(columns)), make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.name
	}
	b := newSheet(names)
	count, all := 0, sums{}
	for _, p := range found {
		t, ok, err := tradeOf(l, p)
		if err != nil {
			return nil, err
		}
		if !ok || !t.isOf(billType) || subMchID != "" && subMchID != t.order.SubMchID {
			continue
		}
		for i, c := range columns {
			values[i] = c.value(t)
		}
		b.row(values...)
		count++
		all = all.add(t.sums())
	}
	if count == 0 {
		return nil, errNoStatement
	}
	b.names("总交易单数", "应结订单总金额", "退款总金额", "充值券退款总金额", "手续费总金额", "订单总金额", "申请退款总金额")
	b.row(fmt.Sprint(count), yuan(all.settled), yuan(all.back), yuan(all.couponsBack), feeYuan(all.fees), yuan(all.total), yuan(all.refunded))
	return b.Bytes(), nil
}
