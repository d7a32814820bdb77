package sandbox_test

import (
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

// paymentExamples make the examples of the documentation fit the orders here,
// by operation: those of partners, by code, combined, and their refunds.
func paymentExamples(t *testing.T, w *world) map[string]wechatpay.M {
	t.Helper()
	const direct, combined = "v3/pay/transactions/", "v3/combine-transactions/"
	mine, its := "out_trade_no", "out-trade-no/{out_trade_no}"
	m := w.Merchant().MchID
	id := w.subPaid(t, examplesSubMchID, "example-paid", 888)
	for _, number := range []string{"example-open", "example-queried"} {
		w.mustCall(t, "POST", partnerPath+"native", w.subOrder(examplesSubMchID, number, 100))
	}
	w.mustCall(t, "POST", codePayPath, w.byCode("example-reverse", 100, userCode))
	order := w.byCode("example-reverse", 100, userCode)
	order["sp_mchid"], order["sub_mchid"] = m, examplesSubMchID
	w.mustCall(t, "POST", partnerPath+"codepay", order)

	part := w.part(examplesSubMchID, "example-part", 100)
	w.mustCall(t, "POST", combined+"app", w.combination(part))
	person := w.part("", "example-person", 100)
	person["individual_auth_id"] = "1900000109"
	body := w.combination(person, with(w.part("", "another-person", 100), wechatpay.M{"individual_auth_id": "1900000109"}))
	body["combine_out_trade_no"], body["combine_payer_info"] = "example-persons", wechatpay.M{"openid": "a"}
	w.mustCall(t, "POST", combined+"miniprogram", body)
	combinedID, err := w.Pay(m, "example-persons")
	if err != nil {
		t.Fatal(err)
	}

	refund := func(outRefundNo string, edit wechatpay.M) (refundID string) {
		body := wechatpay.M{"sub_mchid": examplesSubMchID, "sp_appid": "wxd678efh567hg6787", "transaction_id": id, "out_refund_no": outRefundNo,
			"amount": wechatpay.M{"refund": 1, "total": 888, "currency": "CNY"}}
		for name, v := range edit {
			body[name] = v
		}
		w.clock.add(time.Minute) // the refunds of an order are a minute apart
		return w.mustCall(t, "POST", ecommercePath+"apply", body).Get("refund_id").String()
	}
	fail := func(outRefundNo string) (refundID string) {
		refundID = refund(outRefundNo, nil)
		if err := w.SettleRefund(examplesSubMchID, outRefundNo, sandbox.RefundAbnormal); err != nil {
			t.Fatal(err)
		}
		return refundID
	}
	abnormal, otherAbnormal := fail("abnormal"), fail("other-abnormal")
	advanced := refund("advanced", wechatpay.M{"refund_account": "REFUND_SOURCE_PARTNER_ADVANCE"})
	w.clock.add(5 * time.Second)
	w.mustCall(t, "POST", ecommercePath+advanced+"/return-advance", wechatpay.M{"sub_mchid": examplesSubMchID})
	other := w.subPaid(t, examplesSubMchID, "example-refunded", 888)

	combine := func(number, outTradeNo string) wechatpay.M {
		part := w.part(examplesSubMchID, outTradeNo, 100)
		part["individual_auth_id"] = "1900000109"
		return wechatpay.M{"combine_mchid": m, "combine_out_trade_no": number, "sub_orders": []wechatpay.M{part}, "time_expire": "2018-06-08T10:40:00+08:00"}
	}
	numbers := wechatpay.M{"sp_mchid": m, "sub_mchid": examplesSubMchID}
	of := func(name string, v any) wechatpay.M {
		set := wechatpay.M{name: v}
		for name, v := range numbers {
			set[name] = v
		}
		return set
	}
	return map[string]wechatpay.M{
		"POST " + direct + "codepay":        {mine: "example-code"},
		"POST " + direct + its + "/reverse": {mine: "example-reverse"},

		"POST " + partnerPath + "jsapi":              of(mine, "example-jsapi"),
		"POST " + partnerPath + "miniprogram":        of(mine, "example-miniprogram"),
		"POST " + partnerPath + "app":                of(mine, "example-app"),
		"POST " + partnerPath + "h5":                 of(mine, "example-h5"),
		"POST " + partnerPath + "native":             of(mine, "example-native"),
		"POST " + partnerPath + "codepay":            of(mine, "example-code"),
		"POST " + partnerPath + its + "/reverse":     of(mine, "example-reverse"),
		"POST " + partnerPath + its + "/close":       of(mine, "example-open"),
		"GET " + partnerPath + its:                   of(mine, "example-queried"),
		"GET " + partnerPath + "id/{transaction_id}": of("transaction_id", id),

		"POST " + combined + "jsapi":                                     combine("example-jsapi", "example-part-1"),
		"POST " + combined + "miniprogram":                               combine("example-miniprogram", "example-part-2"),
		"POST " + combined + "app":                                       combine("example-app", "example-part-3"),
		"POST " + combined + "h5":                                        combine("example-h5", "example-part-4"),
		"POST " + combined + "native":                                    combine("example-native", "example-part-5"),
		"GET " + combined + "id/{combine_transaction_id}":                {"combine_transaction_id": combinedID},
		"GET " + combined + "out-trade-no/{combine_out_trade_no}":        {"combine_out_trade_no": combineNumber},
		"POST " + combined + "out-trade-no/{combine_out_trade_no}/close": {"combine_out_trade_no": combineNumber, "sub_orders": w.closing(part)["sub_orders"]},

		"POST " + refundPath + abnormalOf:                             {"refund_id": abnormal, "out_refund_no": "abnormal"},
		"POST " + ecommercePath + "apply":                             {"transaction_id": other, "out_trade_no": "example-refunded", "out_refund_no": "example"},
		"GET " + ecommercePath + "id/{refund_id}":                     {"refund_id": advanced},
		"GET " + ecommercePath + "out-refund-no/{out_refund_no}":      {"out_refund_no": "advanced"},
		"POST " + ecommercePath + "{refund_id}/apply-abnormal-refund": {"refund_id": otherAbnormal, "out_refund_no": "other-abnormal"},
		"POST " + ecommercePath + "{refund_id}/return-advance":        {"refund_id": advanced},
		"GET " + ecommercePath + "{refund_id}/return-advance":         {"refund_id": advanced},
	}
}
