package sandbox_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wxchain/wechatpay"
	bills "github.com/wxchain/wechatpay/bill"
	"github.com/wxchain/wechatpay/notify"
	"github.com/wxchain/wechatpay/sandbox"
)

// fields fails the test at fields that differ.
func fields(t *testing.T, what string, get func(path string) string, want map[string]string) {
	t.Helper()
	for path, text := range want {
		if got := get(path); got != text {
			t.Errorf("%s: %s is %q, want %q", what, path, got, text)
		}
	}
}

// Queries of both protocols, the bill and a refund show the bank and the coupon that
// paid.
func TestPayWith(t *testing.T) {
	w := newWorld(t)
	m := w.Merchant().MchID
	stock := w.running(t, worth(33, false))
	for bank, received := range map[string]string{
		"ICBC_DEBIT": "工商银行借记卡0403", "CMB_CREDIT": "招商银行信用卡0403", "CCB_ECNY": "建设银行数字人民币钱包0403", "XYZ2_DEBIT": "XYZ2借记卡0403", "OTHERS": "支付用户零钱", "": "支付用户零钱",
	} {
		number := "paid_by_" + bank
		w.mustCall(t, "POST", "v3/pay/transactions/native", w.order(number, 100))
		coupon := w.send(t, stock, "user-"+bank)
		id, err := w.PayWith(m, number, sandbox.Payment{BankType: bank, CouponIDs: []string{coupon}})
		if err != nil {
			t.Fatal(err)
		}
		if bank == "" {
			bank = "OTHERS"
		}
		v3 := w.query(t, "v3/pay/transactions/id/"+id)
		fields(t, number, func(path string) string { return v3.Get(path).String() }, map[string]string{
			"bank_type": bank, "amount.total": "100", "amount.payer_total": "67", "promotion_detail.#": "1", "promotion_detail.0.coupon_id": coupon,
			"promotion_detail.0.amount": "33", "promotion_detail.0.stock_id": stock, "payer.openid": "user-" + strings.TrimPrefix(number, "paid_by_"),
		})
		v2 := w.mustV2(t, queryPath, queryV2(number))
		fields(t, number+" by APIv2", func(path string) string { return v2.Get(path).String() }, map[string]string{
			"bank_type": bank, "total_fee": "100", "cash_fee": "67", "coupon_fee": "33", "coupon_count": "1", "coupon_id_0": coupon, "coupon_fee_0": "33",
		})
		if used := w.mustCall(t, "GET", userPath+"user-"+strings.TrimPrefix(number, "paid_by_")+"/coupons/"+coupon+"?appid="+appID, nil); used.Get("status").String() != "USED" || used.Get("consume_information.transaction_id").String() != id {
			t.Errorf("%s: the coupon is %s", number, used.Bytes())
		}
		refund := w.mustCall(t, "POST", refundPath, wechatpay.M{"transaction_id": id, "out_refund_no": "refund_" + number, "amount": wechatpay.M{"refund": 10, "total": 100, "currency": "CNY"}})
		if got := refund.Get("user_received_account").String(); got != received {
			t.Errorf("%s: the refund goes to %q, want %q", number, got, received)
		}
		story, err := w.OrderStory(m, number)
		if err != nil || story.BankType != bank || len(story.Used) != 1 || story.Used[0].Number != coupon || story.PayerTotal != 67 {
			t.Errorf("%s: its story is %+v, %v", number, story, err)
		}
	}
	w.checkBanksOfBill(t)
}

// checkBanksOfBill checks the banks and the coupons in the trade bill of the day.
func (w *world) checkBanksOfBill(t *testing.T) {
	t.Helper()
	w.until(t, nextDay+" 10:00:00")
	for _, row := range w.statement(t, bills.Trade, dayOf).rows {
		want := strings.TrimPrefix(row.Get("商户订单号"), "paid_by_")
		if want == "" {
			want = "OTHERS"
		}
		if got := row.Get("付款银行"); got != want || fen(t, row, "代金券金额") != 33 && row.Get("交易状态") == "SUCCESS" {
			t.Errorf("order %s of the bill: %s, %s", row.Get("商户订单号"), got, row.Get("代金券金额"))
		}
	}
}

// The notification of a payment has the bank and the coupon, in the form of the
// protocol that placed the order.
func TestPayWithIsNotified(t *testing.T) {
	config := testConfig(t)
	config.Demo = true
	synctest.Test(t, func(t *testing.T) {
		shop, server, client := newShop(t, config)
		w := &world{Sandbox: &sandbox.Sandbox{Server: server}, client: client}
		w.mustCall(t, "POST", native, w.order("ordered_v3", 500))
		w.mustV2(t, unified, orderV2("ordered_v2", 500, nil))
		w.mustV2(t, unified, orderV2("ordered_v2_partner", 500, wechatpay.M{"sub_mch_id": sandbox.DefaultSubMchID}))
		w.mustCall(t, "POST", combinePath+"native", w.combination(w.part("", "part-1", 10), w.part("", "part-2", 500)))
		for i, number := range []string{"ordered_v3", "ordered_v2", "ordered_v2_partner", combineNumber} {
			coupon := w.mustCall(t, "POST", userPath+"user/coupons", wechatpay.M{"stock_id": "9856000", "out_request_no": fmt.Sprint("c", i), "appid": appID,
				"stock_creator_mchid": sandbox.DefaultMchID, "coupon_value": 100, "coupon_minimum": 200}).Get("coupon_id").String()
			if _, err := server.PayWith(sandbox.DefaultMchID, number, sandbox.Payment{BankType: "ABC_DEBIT", CouponIDs: []string{coupon}}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Minute)
			synctest.Wait()
			all := shop.got()
			checkPaidWith(t, number, all[len(all)-1], coupon)
		}
	})
}

func checkPaidWith(t *testing.T, number string, n *notify.Notification, coupon string) {
	t.Helper()
	want := map[string]string{"out_trade_no": number, "bank_type": "ABC_DEBIT"}
	switch {
	case number == combineNumber:
		want = map[string]string{"combine_out_trade_no": number, "sub_orders.0.promotion_detail.#": "", "sub_orders.0.bank_type": "ABC_DEBIT", "sub_orders.1.bank_type": "ABC_DEBIT",
			"sub_orders.1.promotion_detail.0.coupon_id": coupon, "sub_orders.1.amount.payer_amount": "400"}
	case strings.HasPrefix(number, "ordered_v2"):
		want["coupon_fee"], want["coupon_count"], want["coupon_id_0"], want["coupon_fee_0"], want["cash_fee"] = "100", "1", coupon, "100", "400"
	default:
		want["promotion_detail.0.coupon_id"], want["promotion_detail.0.amount"], want["amount.payer_total"] = coupon, "100", "400"
	}
	fields(t, "the notification of "+number, func(path string) string { return n.Get(path).String() }, want)
}

// A payment that cannot be made leaves the order unpaid and the coupons unused.
func TestPayWithRefused(t *testing.T) {
	w := newWorld(t)
	m := w.Merchant().MchID
	w.mustCall(t, "POST", native, w.order("unpaid", 150))
	good := w.send(t, w.running(t, worth(33, false)), "a")
	large := w.send(t, w.running(t, func(_, rule, use wechatpay.M) {
		rule["max_amount"], use["fixed_normal_coupon"] = 10_00, wechatpay.M{"coupon_amount": 100, "transaction_minimum": 200}
	}), "a")
	used := w.send(t, w.running(t, worth(20, false)), "a")
	if err := w.UseCoupon(m, used, w.paid(t, "other-order", 100)); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		by   sandbox.Payment
		want string
	}{
		"a bank in lower case":   {sandbox.Payment{BankType: "icbc_debit"}, "ICBC_DEBIT"},
		"a bank too long":        {sandbox.Payment{BankType: strings.Repeat("A", 33)}, "bank_type"},
		"a bank of signs":        {sandbox.Payment{BankType: "A<b>"}, "bank_type"},
		"no coupon":              {sandbox.Payment{CouponIDs: []string{"1"}}, "no such coupon"},
		"a used coupon":          {sandbox.Payment{CouponIDs: []string{good, used}}, "USED"},
		"a coupon for more":      {sandbox.Payment{CouponIDs: []string{large}}, "200"},
		"the same coupon twice":  {sandbox.Payment{CouponIDs: []string{good, good}}, "twice"},
		"a coupon too many":      {sandbox.Payment{CouponIDs: []string{good, ""}}, "no such coupon"},
		"a good one, a bad bank": {sandbox.Payment{BankType: "_", CouponIDs: []string{good}}, "bank_type"},
	} {
		if _, err := w.PayWith(m, "unpaid", tt.by); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
	if story, err := w.OrderStory(m, "unpaid"); err != nil || story.Order.State != "NOTPAY" || len(story.Used) != 0 {
		t.Errorf("the order is %+v, %v", story, err)
	}
	if _, err := w.PayWith(m, "unpaid", sandbox.Payment{CouponIDs: []string{good}}); err != nil {
		t.Error(err)
	}
}

// An order is paid by the user that it names, or else by any one, with the coupons of that
// user alone.
func TestPayWithUser(t *testing.T) {
	w := newWorld(t)
	m := w.Merchant().MchID
	stock := w.running(t, worth(33, false))
	hers, his := w.send(t, stock, "she"), w.send(t, stock, "he")
	w.mustCall(t, "POST", native, w.order("for_anyone", 100))
	named := w.order("for_her", 100)
	named["payer"] = wechatpay.M{"openid": "she"}
	w.mustCall(t, "POST", "v3/pay/transactions/jsapi", named)
	w.mustCall(t, "POST", combinePath+"native", w.combination(w.part("", "for_two_1", 100), w.part("", "for_two_2", 100)))
	for name, tt := range map[string]struct {
		number, want string
		by           sandbox.Payment
	}{
		"another user":             {"for_her", `for the user "she", not for "he"`, sandbox.Payment{OpenID: "he"}},
		"a coupon of another user": {"for_her", `for the user "she", not for "he"`, sandbox.Payment{CouponIDs: []string{his}}},
		"one coupon of each":       {"for_anyone", "for the user", sandbox.Payment{CouponIDs: []string{hers, his}}},
		"a user with another's":    {"for_anyone", "for the user", sandbox.Payment{OpenID: "she", CouponIDs: []string{his}}},
		"no openid":                {"for_anyone", "openid", sandbox.Payment{OpenID: "<b>"}},
		"combined, one of each":    {combineNumber, "for the user", sandbox.Payment{SubOrderCouponIDs: [][]string{{hers}, {his}}}},
	} {
		if _, err := w.PayWith(m, tt.number, tt.by); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
	if _, err := w.PayWith(m, "for_her", sandbox.Payment{OpenID: "she", CouponIDs: []string{hers}}); err != nil {
		t.Error(err)
	}
	id := w.controls(t, 200, "POST", "orders/for_anyone/pay", `{"openid": "he"}`).Get("transaction_id").String()
	if got := w.query(t, "v3/pay/transactions/id/"+id).Get("payer.openid").String(); got != "he" {
		t.Errorf("the payer is %q", got)
	}
	w.controls(t, 200, "POST", "orders/"+combineNumber+"/pay", `{"openid": "he"}`)
	if got := w.combined(t).Get("combine_payer_info.openid").String(); got != "he" {
		t.Errorf("the payer of the combined order is %q", got)
	}
}

// The control API pays so too. Its body may be missing.
func TestPayWithByControl(t *testing.T) {
	w := newWorld(t)
	coupon := w.send(t, w.running(t, worth(33, false)), sandbox.TestUser)
	for _, number := range []string{"with_it", "without_it"} {
		w.mustCall(t, "POST", native, w.order(number, 100))
	}
	_, story := controls(t, w.Server, "GET", "orders/with_it", "")
	if story.Get("coupons.0.number").String() != coupon {
		t.Errorf("the order offers %s", story.Get("coupons"))
	}
	for _, body := range []string{`{"bank_type": "x"}`, `{"bank": "OTHERS"}`, `{"coupon_ids": "1"}`, `{`} {
		if code, answer := controls(t, w.Server, "POST", "orders/with_it/pay", body); code != 400 {
			t.Errorf("%s: %d %s", body, code, answer)
		}
	}
	if code, answer := controls(t, w.Server, "POST", "orders/with_it/pay", `{"bank_type": "BOC_DEBIT", "coupon_ids": ["`+coupon+`"]}`); code != 200 || answer.Get("transaction_id").String() == "" {
		t.Fatalf("%d %s", code, answer)
	}
	controls(t, w.Server, "POST", "orders/without_it/pay", "")
	_, story = controls(t, w.Server, "GET", "orders/with_it", "")
	fields(t, "the order", func(path string) string { return story.Get(path).String() }, map[string]string{
		"bank_type": "BOC_DEBIT", "payer_total": "67", "used_coupons.0.number": coupon, "coupons.#": "0", "order.openid": sandbox.TestUser})
	if _, story := controls(t, w.Server, "GET", "orders/without_it", ""); story.Get("bank_type").String() != "OTHERS" {
		t.Errorf("the other order is %s", story)
	}
}

// A coupon pays a part of the order of a combined one that it is named for, even if an
// earlier order would fit too. One user pays all orders.
func TestPayWithSubOrderCoupons(t *testing.T) {
	w := newWorld(t)
	m := w.Merchant().MchID
	w.mustCall(t, "POST", combinePath+"native", w.combination(w.part("", number, 100), w.part(sub, number, 150), w.part("", "part-3", 100)))
	second, third, any := w.send(t, w.running(t, worth(33, false)), "a"), w.send(t, w.running(t, worth(20, false)), "a"), w.send(t, w.running(t, worth(5, true)), "a")
	for name, tt := range map[string]struct {
		number string
		by     sandbox.Payment
		want   string
	}{
		"an order too many":         {combineNumber, sandbox.Payment{SubOrderCouponIDs: [][]string{nil, nil, nil, nil}}, "4 orders, but 3 are combined"},
		"the same coupon twice":     {combineNumber, sandbox.Payment{SubOrderCouponIDs: [][]string{{second}, {second}}}, "twice"},
		"the same coupon, for any":  {combineNumber, sandbox.Payment{SubOrderCouponIDs: [][]string{{second}}, CouponIDs: []string{second}}, "twice"},
		"a coupon of another order": {combineNumber, sandbox.Payment{SubOrderCouponIDs: [][]string{nil, {"1"}}}, "no such coupon"},
		"an order that is single":   {"single", sandbox.Payment{SubOrderCouponIDs: [][]string{{second}}}, "coupon_ids"},
	} {
		if tt.number == "single" {
			w.mustCall(t, "POST", native, w.order("single", 100))
		}
		if _, err := w.PayWith(m, tt.number, tt.by); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
	if got := states(w.combined(t)); got != "NOTPAY NOTPAY NOTPAY" {
		t.Fatalf("the orders are %s", got)
	}
	code, answer := controls(t, w.Server, "POST", "orders/"+combineNumber+"/pay", fmt.Sprintf(`{"coupon_ids": [%q], "sub_order_coupon_ids": [[], [%q], [%q]]}`, any, second, third))
	if code != 200 {
		t.Fatalf("%d %s", code, answer)
	}
	got := w.combined(t)
	fields(t, "the combined order", func(path string) string { return got.Get(path).String() }, map[string]string{
		"combine_payer_info.openid":        "a",
		"sub_orders.0.amount.payer_amount": "95", "sub_orders.0.promotion_detail.#.coupon_id": `["` + any + `"]`,
		"sub_orders.1.amount.payer_amount": "117", "sub_orders.1.promotion_detail.#.coupon_id": `["` + second + `"]`,
		"sub_orders.2.amount.payer_amount": "80", "sub_orders.2.promotion_detail.#.coupon_id": `["` + third + `"]`,
	})
	for _, of := range []struct{ mchID, number string }{{m, number}, {sub, number}, {m, "part-3"}} {
		if story, err := w.OrderStory(of.mchID, of.number); err != nil || story.Order.OpenID != "a" {
			t.Errorf("%v is paid by %q, %v", of, story.Order.OpenID, err)
		}
	}
}
