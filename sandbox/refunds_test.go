package sandbox_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

const refundPath = "v3/refund/domestic/refunds"

func refundOf(outRefundNo string, amount int) wechatpay.M {
	return wechatpay.M{"out_trade_no": number, "out_refund_no": outRefundNo,
		"amount": wechatpay.M{"refund": amount, "total": 100, "currency": "CNY"}}
}

func (w *world) refund(outRefundNo string, amount int) error {
	_, err := w.call("POST", refundPath, refundOf(outRefundNo, amount))
	return err
}

func TestRefund(t *testing.T) {
	w := newWorld(t)
	id := w.paid(t, number, 100)
	first := w.mustCall(t, "POST", refundPath, refundOf("r1", 60))
	for field, want := range map[string]string{
		"out_refund_no": "r1", "out_trade_no": number, "transaction_id": id, "status": "PROCESSING", "amount.refund": "60",
		"amount.total": "100", "amount.currency": "CNY", "create_time": "2018-06-08T10:30:00+08:00",
	} {
		if got := first.Get(field).String(); got != want {
			t.Errorf("%s is %q, want %q", field, got, want)
		}
	}
	again := w.mustCall(t, "POST", refundPath, refundOf("r1", 60))
	if string(again.Bytes()) != string(first.Bytes()) {
		t.Errorf("repeated: %s, at first %s", again.Bytes(), first.Bytes())
	}
	refused(t, w.refund("r1", 59), 400, "INVALID_REQUEST")
	refused(t, w.refund("r1", math.MaxInt), 400, "INVALID_REQUEST")
	refused(t, w.refund("r2", 41), 400, "INVALID_REQUEST")
	w.clock.add(time.Minute)
	if err := w.refund("r2", 40); err != nil {
		t.Error(err)
	}
	refused(t, w.refund("r3", 1), 400, "INVALID_REQUEST")
	if got := w.query(t, "v3/pay/transactions/id/"+id).Get("trade_state").String(); got != "REFUND" {
		t.Errorf("the order is %s, want REFUND", got)
	}
	w.clock.add(5 * time.Second)
	got := w.mustCall(t, "GET", refundPath+"/r1", nil)
	if got.Get("status").String() != "SUCCESS" || got.Get("success_time").String() != "2018-06-08T10:30:05+08:00" || got.Get("refund_id").String() != first.Get("refund_id").String() {
		t.Errorf("later: %s", got.Bytes())
	}
	_, err := w.call("GET", refundPath+"/r3", nil)
	refused(t, err, 404, "RESOURCE_NOT_EXISTS")
}

func TestRefundRefuses(t *testing.T) {
	w := newWorld(t)
	id := w.paid(t, number, 100)
	w.paid(t, "another-order", 100)
	w.mustCall(t, "POST", native, w.order("not-paid", 100))
	edit := func(field string, value any) wechatpay.M {
		body := refundOf("r1", 60)
		body[field] = value
		return body
	}
	amount := func(refund, total int, currency string) wechatpay.M {
		return edit("amount", wechatpay.M{"refund": refund, "total": total, "currency": currency})
	}
	without := refundOf("r1", 60)
	delete(without, "out_trade_no")
	both := edit("transaction_id", id)
	both["out_trade_no"] = "another-order"
	for name, tt := range map[string]struct {
		body   wechatpay.M
		status int
		code   string
	}{
		"no order":        {without, 400, "PARAM_ERROR"},
		"unknown order":   {edit("out_trade_no", "unknown"), 404, "RESOURCE_NOT_EXISTS"},
		"unknown id":      {edit("transaction_id", "4200"), 404, "RESOURCE_NOT_EXISTS"},
		"two orders":      {both, 400, "PARAM_ERROR"},
		"not paid":        {edit("out_trade_no", "not-paid"), 404, "RESOURCE_NOT_EXISTS"},
		"number":          {edit("out_refund_no", "a b"), 400, "PARAM_ERROR"},
		"nothing":         {amount(0, 100, "CNY"), 400, "PARAM_ERROR"},
		"negative":        {amount(-1, 100, "CNY"), 400, "PARAM_ERROR"},
		"another total":   {amount(60, 99, "CNY"), 400, "INVALID_REQUEST"},
		"currency":        {amount(60, 100, "USD"), 400, "PARAM_ERROR"},
		"more than total": {amount(101, 100, "CNY"), 400, "INVALID_REQUEST"},
	} {
		_, err := w.call("POST", refundPath, tt.body)
		t.Log(name)
		refused(t, err, tt.status, tt.code)
	}
	w.clock.add(366 * 24 * time.Hour)
	refused(t, w.refund("r1", 60), 400, "INVALID_REQUEST")
}

func TestRefundAtMostFiftyTimes(t *testing.T) {
	w := newWorld(t)
	w.paid(t, number, 100)
	for i := range 50 {
		w.clock.add(time.Minute)
		if err := w.refund("r"+strings.Repeat("x", i), 1); err != nil {
			t.Fatal(i, err)
		}
	}
	refused(t, w.refund("last", 1), 403, "RULE_LIMIT")
}

func TestSettleRefund(t *testing.T) {
	for _, tt := range []struct {
		states string // one after the other
		fails  bool   // the last
		status string
		left   int
	}{
		{"SUCCESS", false, "SUCCESS", 40},
		{"ABNORMAL", false, "ABNORMAL", 40},
		{"CLOSED", false, "CLOSED", 100},
		{"ABNORMAL,SUCCESS", false, "SUCCESS", 40},
		{"ABNORMAL,CLOSED", false, "CLOSED", 100},
		{"CLOSED,CLOSED", true, "CLOSED", 100},
		{"SUCCESS,CLOSED", true, "SUCCESS", 40},
		{"PROCESSING", true, "PROCESSING", 40},
	} {
		t.Run(tt.states, func(t *testing.T) {
			w := newWorld(t)
			w.paid(t, number, 100)
			if err := w.refund("r1", 60); err != nil {
				t.Fatal(err)
			}
			var err error
			for state := range strings.SplitSeq(tt.states, ",") {
				err = w.SettleRefund(w.Merchant().MchID, "r1", sandbox.RefundState(state))
			}
			if (err != nil) != tt.fails {
				t.Errorf("error is %v", err)
			}
			if got := w.mustCall(t, "GET", refundPath+"/r1", nil).Get("status").String(); got != tt.status {
				t.Errorf("status %s, want %s", got, tt.status)
			}
			refused(t, w.refund("r2", tt.left+1), 400, "INVALID_REQUEST")
			w.clock.add(time.Minute)
			if err := w.refund("r2", tt.left); err != nil {
				t.Error(err)
			}
		})
	}
	w := newWorld(t)
	if err := w.SettleRefund(w.Merchant().MchID, "r1", sandbox.RefundSuccess); err == nil {
		t.Error("a refund that nobody asked for is settled")
	}
}
