package sandbox_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wxchain/wechatpay"
	bills "github.com/wxchain/wechatpay/bill"
	"github.com/wxchain/wechatpay/sandbox"
)

// flow returns the moves, one per line.
func (b *statement) flow() string {
	var lines []string
	for _, row := range b.rows {
		lines = append(lines, strings.Join([]string{row.Get("业务类型"), row.Get("收支类型"), row.Get("收支金额(元)"), row.Get("账户结余(元)"), row.Get("业务凭证号")}, " "))
	}
	return strings.Join(lines, "\n")
}

// The merchant does not get the value of coupons without cash, but that of
// others. The time at which a coupon is used makes no difference.
func TestBillsOfCoupons(t *testing.T) {
	w := newWorld(t)
	m := w.Merchant().MchID
	cash, noCash := w.send(t, w.running(t, worth(90, false)), "a"), w.send(t, w.running(t, worth(80, true)), "a")
	id := w.paid(t, number, 1000)
	for _, couponID := range []string{cash, noCash} {
		if err := w.UseCoupon(m, couponID, id); err != nil {
			t.Fatal(err)
		}
	}
	w.refundOrder(t, number, "refund", 500, 1000)
	w.until(t, "2018-06-09 10:00:00")
	w.paid(t, "next-order", 100)
	trade := w.statement(t, bills.Trade, dayOf)
	for column, want := range map[string][2]string{
		"订单金额": {"10.00", "0.00"}, "应结订单金额": {"9.20", "0.00"}, "代金券金额": {"1.70", "0.00"}, "手续费": {"0.06000", "-0.03000"},
		"申请退款金额": {"0.00", "5.00"}, "退款金额": {"0.00", "4.60"}, "充值券退款金额": {"0.00", "0.45"},
	} {
		for i, row := range trade.rows {
			if got := row.Get(column); got != want[i] {
				t.Errorf("%s of row %d is %s, want %s", column, i, got, want[i])
			}
		}
	}
	if s := trade.summary; s.Get("应结订单总金额") != "9.20" || s.Get("充值券退款总金额") != "0.45" || s.Get("手续费总金额") != "0.03000" {
		t.Errorf("the totals are not of the rows:\n%s", trade.text)
	}
	want := "交易 收入 9.20 1000009.20 " + number + "\n扣除交易手续费 支出 0.06 1000009.14 " + number + "\n退款 支出 4.57 1000004.57 refund"
	if got := w.statement(t, bills.FundFlow, dayOf).flow(); got != want {
		t.Errorf("it moved\n%s\nwant\n%s", got, want)
	}
	w.until(t, "2018-06-10 10:00:00")
	if got := w.statement(t, bills.FundFlow, nextDay).flow(); !strings.HasPrefix(got, "交易 收入 1.00 1000005.57 ") {
		t.Errorf("the next day begins with\n%s", got)
	}
}

// An advance leaves the account of the partner, and comes back to it from the
// account of the sub-merchant.
func TestBillsOfAdvance(t *testing.T) {
	w := newWorld(t)
	w.subPaid(t, sub, number, 1000)
	id := w.mustCall(t, "POST", ecommercePath+"apply", wechatpay.M{"sub_mchid": sub, "sp_appid": "wxd678efh567hg6787", "out_trade_no": number,
		"out_refund_no": "advanced", "amount": wechatpay.M{"refund": 1000, "total": 1000, "currency": "CNY"}, "refund_account": "REFUND_SOURCE_PARTNER_ADVANCE",
	}).Get("refund_id").String()
	w.until(t, "2018-06-09 09:00:00")
	for range 2 {
		w.mustCall(t, "POST", ecommercePath+id+"/return-advance", wechatpay.M{"sub_mchid": sub})
	}
	w.until(t, "2018-06-10 10:00:00")
	for _, tt := range []struct {
		date, want string
		opts       []bills.Option
	}{
		{dayOf, "退款垫付 支出 10.00 999990.00 advanced", nil},
		{nextDay, "垫付退款回补 收入 10.00 1000000.00 advanced", nil},
		{dayOf, "交易 收入 10.00 1000010.00 " + number + "\n扣除交易手续费 支出 0.06 1000009.94 " + number + "\n退回交易手续费 收入 0.06 1000010.00 advanced",
			[]bills.Option{bills.SubMchID(sub)}},
		{nextDay, "垫付退款回补 支出 10.00 1000000.00 advanced", []bills.Option{bills.SubMchID(sub)}},
	} {
		if got := w.statement(t, bills.FundFlow, tt.date, tt.opts...).flow(); got != tt.want {
			t.Errorf("on %s it moved\n%s\nwant\n%s", tt.date, got, tt.want)
		}
	}
}

// A refund that is sent to a card is in the bill of the day that it arrives.
func TestBillsOfRetriedRefund(t *testing.T) {
	w := newWorld(t)
	w.paid(t, number, 100)
	id := w.mustCall(t, "POST", refundPath, refundOf("retried", 60)).Get("refund_id").String()
	if err := w.SettleRefund(w.Merchant().MchID, "retried", sandbox.RefundAbnormal); err != nil {
		t.Fatal(err)
	}
	w.until(t, "2018-06-09 09:00:00")
	w.mustCall(t, "POST", refundPath+abnormalOf, wechatpay.M{"out_refund_no": "retried", "type": "MERCHANT_BANK_CARD"}, wechatpay.Bind("refund_id", id))
	w.until(t, "2018-06-10 10:00:00")
	for date, want := range map[string]string{dayOf: "交易 扣除交易手续费", nextDay: "退款"} {
		var kinds []string
		for _, row := range w.statement(t, bills.FundFlow, date).rows {
			kinds = append(kinds, row.Get("业务类型"))
		}
		if got := fmt.Sprint(kinds); got != "["+want+"]" {
			t.Errorf("%s has %s, want %s", date, got, want)
		}
	}
	if b := w.statement(t, bills.Trade, nextDay, bills.BillType("REFUND")); b.rows[0].Get("退款成功时间") != "2018-06-09 09:00:05" {
		t.Errorf("the bill is\n%s", b.text)
	}
}

// A refund that was notified is in the bill, even if the sandbox's clock stood
// still until then.
func TestBillOfRefundThatIsToldOf(t *testing.T) {
	config := testConfig(t)
	synctest.Test(t, func(t *testing.T) {
		c := &clock{now: start}
		config.Clock = c.Now
		config.Client = &http.Client{Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusNoContent, Body: http.NoBody, Request: req}, nil
		})}
		server, client := newServer(t, config, func(c *wechatpay.Config) { c.BaseURL = "http://127.0.0.1/" })
		w := &world{Sandbox: &sandbox.Sandbox{Server: server}, clock: c, client: client}
		w.paid(t, "order-1", 1000)
		w.mustCall(t, "POST", refundPath, wechatpay.M{"out_trade_no": "order-1", "out_refund_no": "told", "notify_url": "https://www.example.com/refunds",
			"amount": wechatpay.M{"refund": 400, "total": 1000, "currency": "CNY"}})
		time.Sleep(time.Minute) // of the bubble
		synctest.Wait()
		w.until(t, "2018-06-09 10:00:00")
		b := w.statement(t, bills.FundFlow, dayOf)
		if n := len(b.rows); n != 3 || b.rows[n-1].Get("业务凭证号") != "told" || b.rows[n-1].Get("账户结余(元)") != "1000005.96" {
			t.Errorf("the fund flow is\n%s", b.text)
		}
		w.paid(t, "order-2", 100)
		w.until(t, "2018-06-10 10:00:00")
		if b := w.statement(t, bills.FundFlow, nextDay); b.rows[0].Get("账户结余(元)") != "1000006.96" {
			t.Errorf("the fund flow of the next day is\n%s", b.text)
		}
		server.Close()
	})
}
