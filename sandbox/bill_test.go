package sandbox_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	bills "github.com/wxchain/wechatpay/bill"
	"github.com/wxchain/wechatpay/sandbox"
)

// dayOf is the first day of the tests, and nextDay is the day after it.
const (
	dayOf   = "2018-06-08"
	nextDay = "2018-06-09"
)

// A statement is a bill as package bill reads it.
type statement struct {
	text    string
	columns []string
	rows    []bills.Row
	summary bills.Row
}

// statement downloads a bill, checks its hash, and reads it to its end.
func (w *world) statement(t testing.TB, kind bills.Kind, date string, opts ...bills.Option) *statement {
	t.Helper()
	b, err := w.tryStatement(kind, date, opts...)
	if err != nil {
		t.Fatalf("%s of %s: %v", kind, date, err)
	}
	return b
}

func (w *world) tryStatement(kind bills.Kind, date string, opts ...bills.Option) (*statement, error) {
	var text strings.Builder
	if _, err := bills.Download(context.Background(), w.client, kind, date, append(opts, bills.To(&text))...); err != nil {
		return nil, err
	}
	r := bills.Rows(strings.NewReader(text.String()))
	b := &statement{text: text.String(), columns: r.Columns()}
	for row, err := range r.All() {
		if err != nil {
			return nil, err
		}
		b.rows = append(b.rows, row)
	}
	if len(r.Summary()) != 1 {
		return nil, fmt.Errorf("a summary of %d rows", len(r.Summary()))
	}
	b.summary = r.Summary()[0]
	return b, nil
}

// sum returns the sum of a column, in fen.
func (b *statement) sum(t testing.TB, column string) (sum int64) {
	t.Helper()
	for _, row := range b.rows {
		sum += fen(t, row, column)
	}
	return sum
}

func fen(t testing.TB, row bills.Row, column string) int64 {
	t.Helper()
	n, err := row.Fen(column)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// until moves the clock to a time of Beijing.
func (w *world) until(t testing.TB, text string) {
	t.Helper()
	at, err := time.ParseInLocation(time.DateTime, text, start.Location())
	if err != nil || at.Before(w.clock.Now()) {
		t.Fatal(text, err)
	}
	w.clock.add(at.Sub(w.clock.Now()))
}

// refundOrder asks for a refund of an order.
func (w *world) refundOrder(t testing.TB, outTradeNo, outRefundNo string, amount, total int) *wechatpay.Response {
	t.Helper()
	return w.mustCall(t, "POST", refundPath, wechatpay.M{"out_trade_no": outTradeNo, "out_refund_no": outRefundNo,
		"amount": wechatpay.M{"refund": amount, "total": total, "currency": "CNY"}})
}

const (
	allColumns = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额," +
		"微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
	successColumns = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额," +
		"商品名称,商户数据包,手续费,费率,订单金额,费率备注"
	refundColumns = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额," +
		"退款申请时间,退款成功时间,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
)

// A trade bill contains the payments and the refunds of a day in Beijing, and
// nothing else.
func TestTradeBill(t *testing.T) {
	w := newWorld(t)
	m := w.Merchant().MchID
	order := w.order("first-order", 12345)
	order["attach"], order["description"] = "a,`b\nc", "面包, 牛奶"
	w.mustCall(t, "POST", native, order)
	w.mustCall(t, "POST", native, w.order("never-paid", 1))
	first, err := w.Pay(m, "first-order")
	if err != nil {
		t.Fatal(err)
	}
	w.until(t, "2018-06-08 12:00:00")
	refundID := w.refundOrder(t, "first-order", "first-refund", 5000, 12345).Get("refund_id").String()
	for _, r := range []struct {
		number string
		state  sandbox.RefundState
	}{{"closed", sandbox.RefundClosed}, {"abnormal", sandbox.RefundAbnormal}} {
		w.clock.add(time.Minute)
		w.refundOrder(t, "first-order", r.number, 100, 12345)
		if err := w.SettleRefund(m, r.number, r.state); err != nil {
			t.Fatal(err)
		}
	}
	w.until(t, "2018-06-08 23:59:59")
	w.paid(t, "last-order", 1)
	w.refundOrder(t, "last-order", "over-midnight", 1, 1)
	w.until(t, "2018-06-09 00:00:00")
	w.paid(t, "next-order", 100)
	w.until(t, "2018-06-09 09:00:00")
	if err := w.SettleRefund(m, "abnormal", sandbox.RefundSuccess); err != nil {
		t.Fatal(err)
	}
	w.until(t, "2018-06-10 10:00:00")

	all := w.statement(t, bills.Trade, dayOf)
	want := allColumns + "\r\n" +
		"`2018-06-08 10:30:00,`wxd678efh567hg6787,`" + m + ",`0,`," + "`" + first + ",`first-order,`oUpF8uMuAJO_M2pxb1Q9zNjWeS6o,`NATIVE,`SUCCESS,`OTHERS,`CNY,`123.45,`0.00," +
		"`0,`0,`0.00,`0.00,`,`,`面包, 牛奶,`a,'b c,`0.74000,`0.60%,`123.45,`0.00,`\r\n" +
		"`2018-06-08 12:00:00,`wxd678efh567hg6787,`" + m + ",`0,`," + "`" + first + ",`first-order,`oUpF8uMuAJO_M2pxb1Q9zNjWeS6o,`NATIVE,`REFUND,`OTHERS,`CNY,`0.00,`0.00," +
		"`" + refundID + ",`first-refund,`50.00,`0.00,`ORIGINAL,`SUCCESS,`面包, 牛奶,`a,'b c,`-0.29000,`0.60%,`0.00,`50.00,`\r\n"
	if !strings.HasPrefix(all.text, want) {
		t.Errorf("it begins with\n%s\nwant\n%s", all.text[:min(len(want), len(all.text))], want)
	}
	if want := "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\r\n`3,`123.46,`50.00,`0.00,`0.45000,`123.46,`50.00\r\n"; !strings.HasSuffix(all.text, want) {
		t.Errorf("its end is not %q: %s", want, all.text)
	}

	for _, tt := range []struct {
		date, billType, columns string
		numbers                 []string
	}{
		{dayOf, "ALL", allColumns, []string{"first-order/0", "first-order/first-refund", "last-order/0"}},
		{dayOf, "SUCCESS", successColumns, []string{"first-order/", "last-order/"}},
		{dayOf, "REFUND", refundColumns, []string{"first-order/first-refund"}},
		{nextDay, "ALL", allColumns, []string{"next-order/0", "last-order/over-midnight", "first-order/abnormal"}},
		{nextDay, "REFUND", refundColumns, []string{"last-order/over-midnight", "first-order/abnormal"}},
	} {
		b := w.statement(t, bills.Trade, tt.date, bills.BillType(tt.billType))
		if got := strings.Join(b.columns, ","); got != tt.columns {
			t.Errorf("%s has the columns %s", tt.billType, got)
		}
		var numbers []string
		for _, row := range b.rows {
			numbers = append(numbers, row.Get("商户订单号")+"/"+row.Get("商户退款单号"))
		}
		if !slices.Equal(numbers, tt.numbers) {
			t.Errorf("%s of %s has %q, want %q", tt.billType, tt.date, numbers, tt.numbers)
		}
		if n := b.summary.Get("总交易单数"); n != fmt.Sprint(len(tt.numbers)) {
			t.Errorf("%s of %s counts %s", tt.billType, tt.date, n)
		}
	}
	late := w.statement(t, bills.Trade, nextDay, bills.BillType("REFUND")).rows
	if at := late[1].Get("退款申请时间") + " " + late[1].Get("退款成功时间"); at != "2018-06-08 12:02:00 2018-06-09 09:00:00" {
		t.Errorf("the late refund is of %s", at)
	}
}

// TestBillsAddUp lets much happen on some days. The two bills of a day agree, and
// the last balance of one day is the first of the next.
func TestBillsAddUp(t *testing.T) {
	w := newWorld(t)
	balance := int64(1_000_000_00)
	for d := range 4 {
		paid, back := w.sell(t, d)
		date := w.clock.Now().Format(time.DateOnly)
		w.until(t, w.clock.Now().AddDate(0, 0, 1).Format(time.DateOnly)+" 10:00:00")

		trade, flow := w.statement(t, bills.Trade, date), w.statement(t, bills.FundFlow, date)
		if got := trade.sum(t, "订单金额"); got != paid || got != fen(t, trade.summary, "订单总金额") {
			t.Errorf("%s: %d fen were paid, the bill has %d", date, paid, got)
		}
		if got := trade.sum(t, "申请退款金额"); got != back || got != fen(t, trade.summary, "申请退款总金额") {
			t.Errorf("%s: %d fen were refunded, the bill has %d", date, back, got)
		}
		fees := trade.sum(t, "手续费")
		if fees <= 0 || fees != fen(t, trade.summary, "手续费总金额") {
			t.Errorf("%s: fees of %d fen", date, fees)
		}
		for _, row := range flow.rows {
			amount := fen(t, row, "收支金额(元)")
			if row.Get("收支类型") == "支出" {
				amount = -amount
			}
			if balance += amount; balance != fen(t, row, "账户结余(元)") {
				t.Fatalf("%s: the balance is %s, want %d fen", date, row.Get("账户结余(元)"), balance)
			}
		}
		moved := fen(t, flow.summary, "收入金额") - fen(t, flow.summary, "支出金额")
		if want := paid - back - fees; moved != want || fen(t, flow.summary, "收入金额") != paid {
			t.Errorf("%s: %d fen were moved, want %d", date, moved, want)
		}
	}
}

// sell sells 20 orders on day d and refunds parts of some, of which some are
// closed. It returns the fen that were paid and those that went back.
func (w *world) sell(t *testing.T, d int) (paid, back int64) {
	t.Helper()
	for i := range 20 {
		number, total := fmt.Sprintf("order-%d-%d", d, i), 1+i*i*37+d
		w.paid(t, number, total)
		paid += int64(total)
		w.clock.add(time.Minute)
		for part := range i % 4 {
			amount := total / 3
			if amount == 0 {
				continue
			}
			refund := fmt.Sprintf("refund-%d-%d-%d", d, i, part)
			w.clock.add(time.Minute)
			w.refundOrder(t, number, refund, amount, total)
			if i%5 == 0 {
				if err := w.SettleRefund(sandbox.DefaultMchID, refund, sandbox.RefundClosed); err != nil {
					t.Fatal(err)
				}
				continue
			}
			back += int64(amount)
		}
	}
	return paid, back
}

// A refund of a whole order gives back the whole fee, and partial refunds never
// give back more.
func TestRefundedFee(t *testing.T) {
	w := newWorld(t)
	w.paid(t, "order-1", 250) // a fee of 1.5, rounded
	w.refundOrder(t, "order-1", "whole", 250, 250)
	w.paid(t, "order-2", 250)
	for i := range 5 {
		w.clock.add(time.Minute)
		w.refundOrder(t, "order-2", fmt.Sprint("part-", i), 50, 250)
	}
	w.paid(t, "order-3", 83) // 0.498
	w.until(t, "2018-06-09 10:00:00")
	fees := make(map[string]string)
	for _, row := range w.statement(t, bills.Trade, dayOf).rows {
		fees[row.Get("商户订单号")+row.Get("商户退款单号")] = row.Get("手续费")
	}
	for name, want := range map[string]string{"order-10": "0.02000", "order-1whole": "-0.02000", "order-20": "0.02000", "order-2part-0": "0.00000", "order-30": "0.00000"} {
		if fees[name] != want {
			t.Errorf("the fee of %s is %q, want %q", name, fees[name], want)
		}
	}
}
