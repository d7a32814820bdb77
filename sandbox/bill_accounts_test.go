package sandbox_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	bills "github.com/wxchain/wechatpay/bill"
	"github.com/wxchain/wechatpay/internal/inprocess"
	"github.com/wxchain/wechatpay/sandbox"
)

// Transfers leave the operation account. Shared money leaves the basic account
// for that of its receiver, who may give some back.
func TestFundFlowOfTransfersAndSharing(t *testing.T) {
	receiver, err := sandbox.KeyedMerchant(partner, start)
	if err != nil {
		t.Fatal(err)
	}
	sharer, err := sandbox.KeyedMerchant(sandbox.DefaultMchID, start)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, func(c *sandbox.Config) { c.Merchants = []sandbox.Merchant{sharer, receiver} })
	other := &world{Sandbox: w.Sandbox, clock: w.clock, client: w.Client(func(c *wechatpay.Config) {
		c.Transport, c.MchID, c.SerialNo, c.PrivateKey = inprocess.Transport(w.Server), receiver.MchID, receiver.SerialNo, receiver.PrivateKey
	})}
	for kind, account := range map[string]string{"MERCHANT_ID": partner, "PERSONAL_OPENID": staff} {
		if _, err := w.receiver("add", kind, account, nil); err != nil {
			t.Fatal(err)
		}
	}
	for i, state := range []sandbox.TransferState{sandbox.TransferSuccess, sandbox.TransferFail, sandbox.TransferTransfering} {
		number := fmt.Sprint("transfer", i)
		w.mustTransfer(t, wechatpay.M{"out_bill_no": number, "transfer_amount": 30})
		if err := w.SettleTransfer(sharer.MchID, number, state); err != nil {
			t.Fatal(err)
		}
	}
	w.mustShare(t, w.paidToShare(t, number), "share", true, merchantPart(partner, 300))
	w.clock.add(5 * time.Second)
	w.mustCall(t, "POST", returnPath, wechatpay.M{"out_order_no": "share", "out_return_no": "back", "return_mchid": partner, "amount": 50, "description": "退"})
	w.until(t, "2018-06-09 10:00:00")

	flow := func(w *world, opts ...bills.Option) string {
		return w.statement(t, bills.FundFlow, dayOf, opts...).flow()
	}
	if got, want := flow(w), "交易 收入 10.00 1000010.00 "+number+"\n扣除交易手续费 支出 0.06 1000009.94 "+number+
		"\n分账 支出 3.00 1000006.94 share\n分账回退 收入 0.50 1000007.44 back"; got != want {
		t.Errorf("the sharer has\n%s\nwant\n%s", got, want)
	}
	if got, want := flow(w, bills.AccountType("OPERATION")), "商家转账 支出 0.30 999999.70 transfer0"; got != want {
		t.Errorf("transferred was\n%s\nwant\n%s", got, want)
	}
	if got, want := flow(other), "分账 收入 3.00 1000003.00 share\n分账回退 支出 0.50 1000002.50 back"; got != want {
		t.Errorf("the receiver has\n%s\nwant\n%s", got, want)
	}
}

// A partner has the orders of its sub-merchants in its trade bill, but not
// their money.
func TestBillsOfPartner(t *testing.T) {
	const subs = 2
	w := newWorld(t, func(c *sandbox.Config) {
		for i := range subs {
			c.SubMerchants = append(c.SubMerchants, sandbox.SubMerchant{SpMchID: sandbox.DefaultMchID, SubMchID: fmt.Sprint("190000020", i)})
		}
	})
	m := w.Merchant().MchID
	w.paid(t, "own-order", 1000)
	for i := range subs {
		sub, number := fmt.Sprint("190000020", i), fmt.Sprint("order-of-", i)
		w.mustCall(t, "POST", "v3/pay/partner/transactions/native", wechatpay.M{
			"sp_appid": "wxd678efh567hg6787", "sp_mchid": m, "sub_mchid": sub, "description": "Image形象店", "out_trade_no": number,
			"notify_url": "https://www.example.com/notify", "amount": wechatpay.M{"total": 2000},
		})
		if _, err := w.Pay(m, number); err != nil {
			t.Fatal(err)
		}
		w.mustCall(t, "POST", refundPath, wechatpay.M{"sub_mchid": sub, "out_trade_no": number, "out_refund_no": "refund-" + number,
			"amount": wechatpay.M{"refund": 500, "total": 2000, "currency": "CNY"}})
	}
	w.until(t, "2018-06-09 10:00:00")
	numbers := func(b *statement, column string) string {
		var all []string
		for _, row := range b.rows {
			all = append(all, row.Get(column))
		}
		return strings.Join(all, " ")
	}
	if got := numbers(w.statement(t, bills.Trade, dayOf), "特约商户号"); got != "0 1900000200 1900000201 1900000200 1900000201" {
		t.Errorf("the bill of all is of %s", got)
	}
	if got := numbers(w.statement(t, bills.Trade, dayOf, bills.SubMchID("1900000201")), "商户订单号"); got != "order-of-1 order-of-1" {
		t.Errorf("the bill of one has %s", got)
	}
	if got := numbers(w.statement(t, bills.FundFlow, dayOf), "业务凭证号"); got != "own-order own-order" {
		t.Errorf("on the partner's account moved %s", got)
	}
	if got := w.statement(t, bills.FundFlow, dayOf, bills.SubMchID("1900000200")); fen(t, got.summary, "收入金额") != 2000 || fen(t, got.summary, "支出金额") != 12+500-3 {
		t.Errorf("on the account of a sub-merchant moved\n%s", got.text)
	}
}

// A reversed payment is in the bills twice: as it came and as it went back. An
// order that was never paid is not in them.
func TestBillsOfReversal(t *testing.T) {
	w := newWorld(t)
	w.mustCall(t, "POST", codePayPath, w.byCode("reversed", 1000, userCode))
	w.mustCall(t, "POST", codePayPath, w.byCode("not-paid", 1000, passwordCode))
	for _, number := range []string{"reversed", "not-paid", "reversed"} {
		if _, err := w.reverse(number); err != nil {
			t.Fatal(err)
		}
	}
	w.until(t, "2018-06-09 10:00:00")
	b := w.statement(t, bills.Trade, dayOf)
	if len(b.rows) != 2 || b.rows[0].Get("交易状态") != "SUCCESS" || b.rows[1].Get("交易状态") != "REVOKED" || b.sum(t, "手续费") != 0 ||
		fen(t, b.summary, "订单总金额") != 1000 || fen(t, b.summary, "申请退款总金额") != 1000 {
		t.Errorf("the bill is\n%s", b.text)
	}
	for billType, state := range map[string]string{"SUCCESS": "SUCCESS", "REFUND": "REVOKED"} {
		if b := w.statement(t, bills.Trade, dayOf, bills.BillType(billType)); len(b.rows) != 1 || b.rows[0].Get("交易状态") != state {
			t.Errorf("%s is\n%s", billType, b.text)
		}
	}
	flow := w.statement(t, bills.FundFlow, dayOf)
	if n := len(flow.rows); n != 3 || flow.rows[n-1].Get("账户结余(元)") != "1000000.00" {
		t.Errorf("the fund flow is\n%s", flow.text)
	}
}

// Each order of a combined order has its own row in a bill.
func TestBillOfCombinedOrder(t *testing.T) {
	w := newWorld(t)
	w.mustCall(t, "POST", combinePath+"native", w.combination(w.part("", "own-part", 100), w.part(sandbox.DefaultSubMchID, "sub-part", 200)))
	if _, err := w.Pay(w.Merchant().MchID, combineNumber); err != nil {
		t.Fatal(err)
	}
	w.until(t, "2018-06-09 10:00:00")
	if b := w.statement(t, bills.Trade, dayOf); len(b.rows) != 2 || b.rows[0].Get("商户订单号") != "own-part" || b.sum(t, "订单金额") != 300 {
		t.Errorf("the bill is\n%s", b.text)
	}
}
