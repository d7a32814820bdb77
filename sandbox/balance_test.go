package sandbox_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	bills "github.com/wxchain/wechatpay/bill"
	"github.com/wxchain/wechatpay/sandbox"
)

const (
	balanceOf     = "v3/merchant/fund/balance/{account_type}"
	dayEndOf      = "v3/merchant/fund/dayendbalance/{account_type}"
	subBalanceOf  = "v3/ecommerce/fund/balance/{sub_mchid}"
	subDayEndOf   = "v3/ecommerce/fund/enddaybalance/{sub_mchid}"
	million       = 1_000_000_00 // what an account starts with, in fen
	basic         = "BASIC"
	operation     = "OPERATION"
	paymentsOf    = "v3/pay/transactions/"
	fundNotEnough = "NOT_ENOUGH"
)

// balance checks the balance of an account, by its query and by the method.
func (w *world) balance(t testing.TB, account string, available, pending int64) {
	t.Helper()
	resp := w.mustCall(t, "GET", balanceOf, nil, wechatpay.Bind("account_type", account))
	documented(t, "GET", balanceOf, resp)
	if got := [2]int64{resp.Get("available_amount").Int(), resp.Get("pending_amount").Int()}; got != [2]int64{available, pending} {
		t.Errorf("%s has %d available and %d pending, want %d and %d", account, got[0], got[1], available, pending)
	}
	got, err := w.Balance(w.Merchant().MchID, account)
	if want := (sandbox.Balance{Available: available, Pending: pending}); err != nil || got != want {
		t.Errorf("Balance(%s) = %+v, %v, want %+v", account, got, err, want)
	}
}

// fill makes so much of an account available.
func (w *world) fill(t testing.TB, mchID, account string, available int64) {
	t.Helper()
	if err := w.SetBalance(mchID, account, available); err != nil {
		t.Fatal(err)
	}
}

// What a payment brings is available at once, less the fee.
//
// https://pay.weixin.qq.com/doc/v3/partner/4012720926
func TestBalanceOfPayments(t *testing.T) {
	w := newWorld(t)
	for _, account := range []string{basic, operation, "FEES"} {
		w.balance(t, account, million, 0)
	}
	w.paid(t, number, 1000)
	w.balance(t, basic, million+994, 0)
	w.balance(t, operation, million, 0)
	w.subPaid(t, sub, "of-sub", 500)
	w.balance(t, basic, million+994, 0)
	resp := w.mustCall(t, "GET", subBalanceOf, nil, wechatpay.Bind("sub_mchid", sub))
	documented(t, "GET", subBalanceOf, resp)
	if resp.Get("available_amount").Int() != million+497 || resp.Get("sub_mchid").String() != sub || resp.Get("account_type").String() != basic {
		t.Errorf("the sub-merchant has %s", resp.Bytes())
	}
}

// What can be shared of an order is pending, until it is shared, unfrozen,
// refunded, or the time for it is over.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4014547102
func TestBalanceOfSharing(t *testing.T) {
	w, _ := newSharing(t)
	w.balance(t, basic, million, 994)
	w.clock.add(30*24*time.Hour - time.Minute - time.Nanosecond)
	w.balance(t, basic, million, 994)
	w.clock.add(time.Nanosecond)
	w.balance(t, basic, million+994, 0)

	w, id := newSharing(t)
	w.mustShare(t, id, "s1", false, merchantPart(partner, 300), personal(200))
	w.balance(t, basic, million, 994)
	w.clock.add(5 * time.Second)
	w.balance(t, basic, million, 494)
	if got, err := w.Balance(partner, basic); err != nil || got != (sandbox.Balance{Available: million + 300}) {
		t.Errorf("the receiver has %+v, %v", got, err)
	}
	w.refundOrder(t, number, "r1", 100, 1000)
	w.balance(t, basic, million, 494)
	w.clock.add(5 * time.Second)
	w.balance(t, basic, million, 394)
	if _, err := w.unfreeze(id, "rest"); err != nil {
		t.Fatal(err)
	}
	w.balance(t, basic, million+394, 0)
	if _, err := w.returned(wechatpay.M{"amount": 50}); err != nil {
		t.Fatal(err)
	}
	w.balance(t, basic, million+444, 0)
}

// An outgoing is a way in which money leaves an account.
type outgoing struct {
	mchID, account string
	least          int64                     // what the account must have, in fen
	ask            func(number string) error // for it, under a number
	status         int                       // of its refusal
	code           string
}

// outgoings are the ways in which 1000 fen leave an account. A refund gives back
// the fee, of 6 fen.
func (w *world) outgoings(t *testing.T) map[string]outgoing {
	m := w.Merchant().MchID
	amount := wechatpay.M{"refund": 1000, "total": 1000, "currency": "CNY"}
	byEcommerce := func(source string) func(string) error {
		return func(number string) error {
			_, err := w.call("POST", ecommercePath+"apply", wechatpay.M{"sub_mchid": sub, "sp_appid": "wxd678efh567hg6787", "out_trade_no": "of-sub-" + source[14:17],
				"out_refund_no": number, "amount": amount, "refund_account": source})
			return err
		}
	}
	prepaid := w.newStock(t, nil)
	return map[string]outgoing{
		"refund": {m, basic, 994, func(number string) error {
			_, err := w.call("POST", refundPath, wechatpay.M{"out_trade_no": "to-refund", "out_refund_no": number, "amount": amount, "funds_account": "AVAILABLE"})
			return err
		}, 403, fundNotEnough},
		"refund by APIv2": {m, basic, 994, func(number string) error {
			_, err := w.v2(refundV2Path, refundV2(number, 1000, wechatpay.M{"out_trade_no": "to-refund-v2", "total_fee": 1000}))
			return err
		}, 200, "NOTENOUGH"},
		"refund of a sub-merchant":   {sub, basic, 994, byEcommerce("REFUND_SOURCE_SUB_MERCHANT"), 403, fundNotEnough},
		"refund advanced by partner": {m, basic, 1000, byEcommerce("REFUND_SOURCE_PARTNER_ADVANCE"), 403, fundNotEnough},
		"transfer": {m, operation, 1000, func(number string) error {
			_, err := w.transfer(wechatpay.M{"out_bill_no": number, "transfer_amount": 1000})
			return err
		}, 403, fundNotEnough},
		"red packet": {m, operation, 1000, func(number string) error {
			_, err := w.v2(sendRed, redPacket(number, wechatpay.M{"total_amount": 1000}))
			return err
		}, 200, "NOTENOUGH"},
		"red packet for a group": {m, operation, 1000, func(number string) error {
			_, err := w.v2(sendRedGroup, redPacket(number, wechatpay.M{"total_amount": 1000, "total_num": 3, "client_ip": nil, "amt_type": "ALL_RAND"}))
			return err
		}, 200, "NOTENOUGH"},
		"stock of prepaid coupons": {m, operation, 1000, func(string) error {
			_, err := w.move(prepaid, "start")
			return err
		}, 403, fundNotEnough},
	}
}

// What an account does not have available cannot leave it. After a top-up the same
// request succeeds.
//
// https://pay.weixin.qq.com/docs/merchant/apis/cash-coupons/stock/start-stock.html (prepaid coupons),
// https://developers.weixin.qq.com/community/personal/oCJUsw9p202oUNSDMtvYf2BUsKvA/answer (transfers)
func TestNotEnough(t *testing.T) {
	w := newWorld(t)
	for _, number := range []string{"to-refund", "to-refund-v2"} {
		w.paid(t, number, 1000)
	}
	for _, number := range []string{"of-sub-SUB", "of-sub-PAR"} {
		w.subPaid(t, sub, number, 1000)
	}
	for name, tt := range w.outgoings(t) {
		t.Run(name, func(t *testing.T) {
			out := "n" + strings.ReplaceAll(strings.ReplaceAll(name, " ", ""), "-", "")
			left := func() int64 {
				b, err := w.Balance(tt.mchID, tt.account)
				if err != nil {
					t.Fatal(err)
				}
				return b.Available
			}
			w.fill(t, tt.mchID, tt.account, tt.least-1)
			for range 2 {
				refused(t, tt.ask(out), tt.status, tt.code)
			}
			if got := left(); got != tt.least-1 {
				t.Errorf("a refusal leaves %d", got)
			}
			w.fill(t, tt.mchID, tt.account, tt.least)
			for range 2 { // the second time it is a repetition
				if err := tt.ask(out); err != nil {
					t.Fatal(err)
				}
			}
			if got := left(); got != 0 {
				t.Errorf("%d is left, want nothing", got)
			}
		})
	}
}

// By default an account has a million yuan, which the largest transfer exceeds.
func TestNotEnoughByDefault(t *testing.T) {
	w := newWorld(t)
	big := wechatpay.M{"transfer_amount": million + 1, "user_name": wechatpay.Secret("张三")}
	_, err := w.transfer(big)
	refused(t, err, 403, fundNotEnough)
	big["transfer_amount"] = million
	if _, err := w.transfer(big); err != nil {
		t.Error(err)
	}
	_, err = w.v2(sendRed, redPacket("r1", nil))
	if !wechatpay.IsCode(err, "NOTENOUGH") {
		t.Errorf("a red packet: %v", err)
	}
}

// Coupons that bring no cash need no money.
func TestStockWithoutCashNeedsNoMoney(t *testing.T) {
	w := newWorld(t)
	w.fill(t, w.Merchant().MchID, operation, 0)
	w.running(t, worth(100, true))
	w.balance(t, operation, 0, 0)
}

// A partner gives an advance back only while the sub-merchant has that much.
func TestReturnAdvanceNotEnough(t *testing.T) {
	w := newWorld(t)
	w.subPaid(t, sub, number, 1000)
	resp, err := w.ecommerceRefund("r1", 1000, wechatpay.M{"out_trade_no": number, "refund_account": "REFUND_SOURCE_PARTNER_ADVANCE",
		"amount": wechatpay.M{"refund": 1000, "total": 1000, "currency": "CNY"}})
	if err != nil {
		t.Fatal(err)
	}
	w.clock.add(5 * time.Second)
	w.balance(t, basic, million-1000, 0)
	giveBack := func() error {
		_, err := w.call("POST", ecommercePath+resp.Get("refund_id").String()+"/return-advance", wechatpay.M{"sub_mchid": sub})
		return err
	}
	w.fill(t, sub, basic, 999)
	refused(t, giveBack(), 403, fundNotEnough)
	w.fill(t, sub, basic, 1000)
	if err := giveBack(); err != nil {
		t.Fatal(err)
	}
	w.balance(t, basic, million, 0)
}

// A return fails while its receiver has too little.
//
// https://pay.weixin.qq.com/wiki/doc/apiv3/release/chapter4_2.shtml
func TestSharingReturnNotEnough(t *testing.T) {
	w, id := newSharing(t)
	w.mustShare(t, id, "s1", true, merchantPart(partner, 300))
	w.clock.add(5 * time.Second)
	w.fill(t, partner, basic, 299)
	resp, err := w.returned(wechatpay.M{"amount": 300})
	if err != nil || resp.Get("result").String() != "FAILED" || resp.Get("fail_reason").String() != "BALANCE_NOT_ENOUGH" {
		t.Errorf("answer %v, %v", resp, err)
	}
	w.fill(t, partner, basic, 300)
	resp, err = w.returned(wechatpay.M{"out_return_no": "b2", "amount": 300})
	if err != nil || resp.Get("result").String() != "SUCCESS" {
		t.Errorf("answer %v, %v", resp, err)
	}
}

// What is on its way out is pending. It leaves when it arrives, and is available
// again if it does not.
func TestBalanceOnItsWay(t *testing.T) {
	m := sandbox.DefaultMchID
	refund := func(t *testing.T, w *world) {
		w.paid(t, number, 1000)
		w.refundOrder(t, number, "r1", 500, 1000)
		w.balance(t, basic, million+994-497, 497)
	}
	settled := func(states ...sandbox.RefundState) func(*testing.T, *world) {
		return func(t *testing.T, w *world) {
			refund(t, w)
			for _, state := range states {
				if err := w.SettleRefund(m, "r1", state); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	transfer := func(t *testing.T, w *world) {
		w.mustTransfer(t, nil)
		w.balance(t, operation, million-100, 100)
	}
	moved := func(states ...sandbox.TransferState) func(*testing.T, *world) {
		return func(t *testing.T, w *world) {
			transfer(t, w)
			for _, state := range states {
				if err := w.SettleTransfer(m, bill, state); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	retried := func(t *testing.T, w *world) {
		settled(sandbox.RefundAbnormal)(t, w)
		id := w.mustCall(t, "GET", refundPath+"/r1", nil).Get("refund_id").String()
		w.mustCall(t, "POST", refundPath+"/"+id+"/apply-abnormal-refund", wechatpay.M{"out_refund_no": "r1", "type": "MERCHANT_BANK_CARD"})
	}
	packet := func(t *testing.T, w *world) {
		w.mustV2(t, sendRedGroup, redPacket("p1", wechatpay.M{"total_amount": 1000, "total_num": 3, "client_ip": nil, "amt_type": "ALL_RAND"}))
	}
	for name, tt := range map[string]struct {
		do                 func(*testing.T, *world)
		account            string
		at                 time.Duration
		available, pending int64
	}{
		"refund that succeeds":       {refund, basic, 5 * time.Second, 994 - 497, 0},
		"refund just before":         {refund, basic, 5*time.Second - 1, 994 - 497, 497},
		"refund that is settled":     {settled(sandbox.RefundSuccess), basic, 0, 994 - 497, 0},
		"and later":                  {settled(sandbox.RefundSuccess), basic, time.Hour, 994 - 497, 0},
		"refund that is closed":      {settled(sandbox.RefundClosed), basic, 0, 994, 0},
		"and later still":            {settled(sandbox.RefundClosed), basic, time.Hour, 994, 0},
		"refund that is abnormal":    {settled(sandbox.RefundAbnormal), basic, time.Hour, 994 - 497, 497},
		"then settled":               {settled(sandbox.RefundAbnormal, sandbox.RefundSuccess), basic, time.Hour, 994 - 497, 0},
		"then closed":                {settled(sandbox.RefundAbnormal, sandbox.RefundClosed), basic, time.Hour, 994, 0},
		"then retried":               {retried, basic, 0, 994 - 497, 497},
		"then retried, and later":    {retried, basic, 5 * time.Second, 994 - 497, 0},
		"transfer that is confirmed": {moved(sandbox.TransferTransfering), operation, 48 * time.Hour, -100, 100},
		"transfer that arrives":      {moved(sandbox.TransferTransfering, sandbox.TransferSuccess), operation, 48 * time.Hour, -100, 0},
		"transfer that fails":        {moved(sandbox.TransferFail), operation, 0, 0, 0},
		"transfer, before a day":     {transfer, operation, 24*time.Hour - 1, -100, 100},
		"transfer, after a day":      {transfer, operation, 24 * time.Hour, 0, 0},
		"transfer that is cancelled": {func(t *testing.T, w *world) {
			transfer(t, w)
			if _, err := w.cancel(); err != nil {
				t.Fatal(err)
			}
			w.balance(t, operation, million-100, 100)
		}, operation, 5 * time.Second, 0, 0},
		"red packet":              {packet, operation, 24*time.Hour - 1, -1000, 0},
		"red packet, after a day": {packet, operation, 24 * time.Hour, 0, 0},
		"prepaid stock":           {func(t *testing.T, w *world) { w.running(t, nil) }, operation, 24 * time.Hour, -1000, 1000},
		"prepaid stock, ended":    {func(t *testing.T, w *world) { w.running(t, nil) }, operation, 31 * 24 * time.Hour, 0, 0},
		"prepaid stock, stopped": {func(t *testing.T, w *world) {
			if _, err := w.move(w.running(t, nil), "stop"); err != nil {
				t.Fatal(err)
			}
		}, operation, 0, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			tt.do(t, w)
			w.clock.add(tt.at)
			w.balance(t, tt.account, million+tt.available, tt.pending)
		})
	}
}

// TestDayEndBalance checks the balances at the end of a day, which are those that
// its bill ends with.
//
// https://pay.weixin.qq.com/wiki/doc/apiv3/apis/chapter7_7_4.shtml,
// https://pay.weixin.qq.com/wiki/doc/apiv3/apis/chapter7_7_2.shtml
func TestDayEndBalance(t *testing.T) {
	w, _ := newSharing(t) // 994 fen of it are pending
	w.paid(t, "ordinary", 2000)
	w.mustTransfer(t, wechatpay.M{"transfer_amount": 30})
	w.clock.add(24 * time.Hour)
	w.refundOrder(t, "ordinary", "r1", 2000, 2000)
	if _, err := w.unfreeze(w.mustCall(t, "GET", paymentsOf+"out-trade-no/"+number, nil, wechatpay.Query(wechatpay.M{"mchid": w.Merchant().MchID})).Get("transaction_id").String(), "u1"); err != nil {
		t.Fatal(err)
	}
	w.until(t, "2018-06-10 10:00:00")
	for _, tt := range []struct {
		account, date      string
		available, pending int64
	}{
		{basic, "2018-06-07", 0, 0},
		{basic, dayOf, 1988, 994},
		{basic, nextDay, 994, 0},
		{operation, dayOf, -30, 30},
		{operation, nextDay, 0, 0}, // it was not confirmed
	} {
		resp := w.mustCall(t, "GET", dayEndOf, nil, wechatpay.Bind("account_type", tt.account), wechatpay.Query(wechatpay.M{"date": tt.date}))
		documented(t, "GET", dayEndOf, resp)
		if got := [2]int64{resp.Get("available_amount").Int(), resp.Get("pending_amount").Int()}; got != [2]int64{million + tt.available, tt.pending} {
			t.Errorf("%s at the end of %s: %s, want %d and %d", tt.account, tt.date, resp.Bytes(), million+tt.available, tt.pending)
		}
	}
	for _, date := range []string{dayOf, nextDay} {
		rows := w.statement(t, bills.FundFlow, date).rows
		resp := w.mustCall(t, "GET", dayEndOf, nil, wechatpay.Bind("account_type", basic), wechatpay.Query(wechatpay.M{"date": date}))
		if last := fen(t, rows[len(rows)-1], "账户结余(元)"); last != resp.Get("available_amount").Int()+resp.Get("pending_amount").Int() {
			t.Errorf("the bill of %s ends with %d, and the balance is %s", date, last, resp.Bytes())
		}
	}
	resp := w.mustCall(t, "GET", subDayEndOf, nil, wechatpay.Bind("sub_mchid", sub), wechatpay.Query(wechatpay.M{"date": dayOf}))
	documented(t, "GET", subDayEndOf, resp)
	if resp.Get("available_amount").Int() != million || resp.Get("sub_mchid").String() != sub {
		t.Errorf("the sub-merchant: %s", resp.Bytes())
	}
}

// TestBalanceRefusals checks the documented refusals of the queries.
//
// https://pay.weixin.qq.com/doc/v3/partner/4012720926,
// https://pay.weixin.qq.com/docs/partner/apis/ecommerce-balance/accounts/query-e-commerce-day-end-balance.html
func TestBalanceRefusals(t *testing.T) {
	w := newWorld(t)
	w.until(t, "2018-06-09 09:59:59")
	for _, tt := range []struct {
		path   string
		status int
		code   string
	}{
		{"v3/merchant/fund/balance/OTHER", 400, "PARAM_ERROR"},
		{"v3/merchant/fund/balance/basic", 400, "PARAM_ERROR"},
		{"v3/merchant/fund/balance/DEPOSIT", 400, "INVALID_REQUEST"},
		{"v3/merchant/fund/dayendbalance/OTHER?date=2018-06-07", 400, "PARAM_ERROR"},
		{"v3/merchant/fund/dayendbalance/BASIC", 400, "PARAM_ERROR"},
		{"v3/merchant/fund/dayendbalance/BASIC?date=", 400, "PARAM_ERROR"},
		{"v3/merchant/fund/dayendbalance/BASIC?date=20180607", 400, "PARAM_ERROR"},
		{"v3/merchant/fund/dayendbalance/BASIC?date=2018-6-7", 400, "PARAM_ERROR"},
		{"v3/merchant/fund/dayendbalance/BASIC?date=2018-02-30", 400, "PARAM_ERROR"},
		{"v3/merchant/fund/dayendbalance/BASIC?date=2018-06-08", 400, "INVALID_REQUEST"}, // from 10 o'clock on
		{"v3/merchant/fund/dayendbalance/BASIC?date=2018-06-09", 400, "INVALID_REQUEST"}, // today
		{"v3/merchant/fund/dayendbalance/BASIC?date=2018-06-10", 400, "INVALID_REQUEST"},
		{"v3/merchant/fund/dayendbalance/BASIC?date=2018-03-10", 400, "INVALID_REQUEST"}, // 91 days ago
		{"v3/ecommerce/fund/balance/1900000999", 403, "NO_AUTH"},
		{"v3/ecommerce/fund/balance/" + sub + "?account_type=OTHER", 400, "PARAM_ERROR"},
		{"v3/ecommerce/fund/balance/" + sub + "?account_type=DEPOSIT", 400, "INVALID_REQUEST"},
		{"v3/ecommerce/fund/enddaybalance/1900000999?date=2018-06-07", 403, "NO_AUTH"},
		{"v3/ecommerce/fund/enddaybalance/" + sub + "?date=2018-06-07&account_type=DEPOSIT", 400, "INVALID_REQUEST"},
		{"v3/ecommerce/fund/enddaybalance/" + sub + "?date=2018-06-09", 400, "INVALID_REQUEST"},
		{"v3/ecommerce/fund/enddaybalance/" + sub, 400, "PARAM_ERROR"},
	} {
		t.Run(tt.path, func(t *testing.T) {
			_, err := w.call("GET", tt.path, nil)
			refused(t, err, tt.status, tt.code)
		})
	}
	w.mustCall(t, "GET", "v3/merchant/fund/dayendbalance/BASIC?date=2018-03-11", nil)
	w.mustCall(t, "GET", "v3/ecommerce/fund/balance/"+sub+"?account_type=OPERATION", nil)
	w.clock.add(time.Second)
	w.mustCall(t, "GET", "v3/merchant/fund/dayendbalance/BASIC?date=2018-06-08", nil)
}

// A balance that is set shows in the fund-flow bill.
func TestSetBalance(t *testing.T) {
	w := newWorld(t, func(c *sandbox.Config) { c.Balance = 500 })
	m := w.Merchant().MchID
	w.balance(t, basic, 500, 0)
	w.mustTransfer(t, wechatpay.M{"transfer_amount": 200})
	w.fill(t, m, operation, 1000)
	w.balance(t, operation, 1000, 200)
	w.fill(t, m, operation, 1000)
	w.controls(t, 204, "PUT", "balances/OPERATION", `{"available_amount": 250}`)
	if got := w.controls(t, 200, "GET", "balances/OPERATION", ""); got.Get("available_amount").Int() != 250 || got.Get("pending_amount").Int() != 200 {
		t.Errorf("the control API says %s", got.Raw)
	}
	w.controls(t, 204, "PUT", "balances/BASIC?mchid="+sub, `{"available_amount": 0}`)
	if got, err := w.Balance(sub, basic); err != nil || got != (sandbox.Balance{}) {
		t.Errorf("the sub-merchant has %+v, %v", got, err)
	}
	w.until(t, "2018-06-09 10:00:00")
	b := w.statement(t, bills.FundFlow, dayOf, bills.AccountType(operation))
	var rows []string
	for _, row := range b.rows {
		rows = append(rows, strings.Join([]string{row.Get("业务类型"), row.Get("收支类型"), row.Get("收支金额(元)"), row.Get("账户结余(元)")}, " "))
	}
	if want := []string{"充值 收入 7.00 12.00", "提现 支出 7.50 4.50"}; !slices.Equal(rows, want) {
		t.Errorf("the bill has %q, want %q", rows, want)
	}
	for _, wrong := range []struct {
		account string
		fen     int64
	}{{"OTHER", 1}, {"", 1}, {basic, -1}, {basic, 1 << 60}} {
		if err := w.SetBalance(m, wrong.account, wrong.fen); err == nil {
			t.Errorf("SetBalance takes %+v", wrong)
		}
	}
	if _, err := w.Balance(m, "OTHER"); err == nil {
		t.Error("an unknown account has a balance")
	}
	for _, body := range []string{"", "{}", `{"available": 1}`, `{"available_amount": "1"}`, `{"available_amount": -1}`, `{"available_amount": 1.5}`} {
		w.controls(t, 400, "PUT", "balances/BASIC", body)
	}
	w.controls(t, 400, "GET", "balances/OTHER", "")
	for _, wrong := range []int64{-1, 1 << 60} {
		if _, err := sandbox.New(sandbox.Config{Balance: wrong}); err == nil || !strings.Contains(err.Error(), "Balance") {
			t.Errorf("a Config with the Balance %d: %v", wrong, err)
		}
	}
}

// Transfers at once never take more than there is.
func TestNotEnoughAtOnce(t *testing.T) {
	w := newWorld(t)
	w.fill(t, w.Merchant().MchID, operation, 500)
	errs := make(chan error)
	for i := range 8 {
		go func() {
			_, err := w.transfer(wechatpay.M{"out_bill_no": fmt.Sprint("t", i), "transfer_amount": 100})
			errs <- err
		}()
	}
	done := 0
	for range 8 {
		if err := <-errs; err == nil {
			done++
		} else if !wechatpay.IsCode(err, fundNotEnough) {
			t.Error(err)
		}
	}
	if done != 5 {
		t.Errorf("%d transfers of 100 fen are taken, want 5", done)
	}
	w.balance(t, operation, 0, 500)
}

// Balances survive a restart. Those of a store from before there were balances are
// added up from its bills.
func TestBalancesAfterRestart(t *testing.T) {
	store := sandbox.NewMemory()
	with := func(c *sandbox.Config) { c.Store = store }
	w := newWorld(t, with)
	w.paid(t, number, 1000)
	w.clock.add(48 * time.Hour)
	w.refundOrder(t, number, "r1", 500, 1000)
	at := w.clock.Now()
	for _, old := range []bool{false, true} {
		if old {
			forget(t, store, "account", "account_later", "account_day")
			if err := store.Update(func(tx sandbox.Tx) error { return tx.Delete("format", "balances") }); err != nil {
				t.Fatal(err)
			}
		}
		later := newWorld(t, with, func(c *sandbox.Config) { c.Clock = func() time.Time { return at.Add(48 * time.Hour) } })
		if got, err := later.Balance(sandbox.DefaultMchID, basic); err != nil || got != (sandbox.Balance{Available: million + 497}) {
			t.Errorf("old %v: %+v, %v", old, got, err)
		}
	}
}

// forget empties buckets of a store.
func forget(t *testing.T, store sandbox.Store, buckets ...string) {
	t.Helper()
	if err := store.Update(func(tx sandbox.Tx) error {
		for _, bucket := range buckets {
			keys := make(map[string]bool)
			if err := tx.Each(bucket, "", func(key string, _ []byte) error { keys[key] = true; return nil }); err != nil {
				return err
			}
			for key := range maps.Keys(keys) {
				if err := tx.Delete(bucket, key); err != nil {
					return err
				}
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// balanceExamples returns, by operation, fields that turn the documentation's
// examples into queries of accounts that there are.
func balanceExamples(_ *testing.T, w *world) map[string]wechatpay.M {
	date := w.clock.Now().AddDate(0, 0, -2).Format(time.DateOnly)
	return map[string]wechatpay.M{
		"GET " + balanceOf:    {"account_type": basic},
		"GET " + dayEndOf:     {"account_type": basic, "date": date},
		"GET " + subBalanceOf: {"sub_mchid": examplesSubMchID, "account_type": basic},
		"GET " + subDayEndOf:  {"sub_mchid": examplesSubMchID, "account_type": basic, "date": date},
	}
}
