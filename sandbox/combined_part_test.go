package sandbox_test

import (
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
)

// A refusal says which order of a combined one is at fault, and which field of
// it, as the call names it.
func TestCombinedNamesThePart(t *testing.T) {
	w := newWorld(t)
	good := w.part("", number, 100)
	edit := func(field string, value any) wechatpay.M {
		part := w.part("", "another-1", 100)
		part[field] = value
		return part
	}
	for field, part := range map[string]wechatpay.M{
		"/sub_orders/1/out_trade_no":        edit("out_trade_no", "a"),
		"/sub_orders/1/attach":              edit("attach", strings.Repeat("a", 129)),
		"/sub_orders/1/amount/total_amount": edit("amount", wechatpay.M{"total_amount": 0, "currency": "CNY"}),
		"/sub_orders/1/amount/currency":     edit("amount", wechatpay.M{"total_amount": 1, "currency": "USD"}),
	} {
		_, err := w.call("POST", "v3/combine-transactions/native", w.combination(good, part))
		e := refused(t, err, 400, "PARAM_ERROR")
		if got := e.Detail.Get("field").String(); got != field || !strings.HasPrefix(e.Message, field+": ") {
			t.Errorf("%s is at fault: %s, want %s", got, e.Message, field)
		}
	}
	_, err := w.call("POST", "v3/combine-transactions/native", w.combination(good, edit("mchid", "1900000999")))
	if e := refused(t, err, 400, "MCH_NOT_EXISTS"); !strings.HasPrefix(e.Message, "/sub_orders/1/mchid: ") {
		t.Errorf("the message is %q", e.Message)
	}
}
