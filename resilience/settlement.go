package resilience

import (
	"sync"
	"time"
)

// A settlement says how to look up the result of a call.
type settlement struct {
	query string // the operation to ask; its variables are fields of the call
	// fields are those of the query beside its variables: a name that the call has too,
	// "name<other" for the call's field other, or "name=value".
	fields []string
	wait   time.Duration // before the query
	// state is the field of the answer that has the state, and done and not are the
	// states that say so. All others are open. If state is "", what is found is done.
	state     string
	done, not []string
	// isRepeated says that the query is the call itself.
	isRepeated bool
}

func list(texts ...string) []string { return texts }

// settlements returns the queries by operation.
var settlements = sync.OnceValue(func() map[string]settlement {
	table := make(map[string]settlement)
	add := func(s settlement, operations ...string) {
		for _, op := range operations {
			table["POST "+op] = s
		}
	}
	addOrders(add)
	addRefunds(add)
	addTransfers(add)
	addSharing(add)
	for _, op := range [...]string{"v3/marketing/favor/users/{openid}/coupons", "v2/mmpaymkttransfers/send_coupon"} {
		add(settlement{query: "POST " + op, isRepeated: true}, op)
	}
	return table
})

// https://pay.weixin.qq.com/doc/v3/merchant/4012791858
func addOrders(add func(settlement, ...string)) {
	paid, unpaid := list("SUCCESS", "REFUND"), list("PAYERROR", "REVOKED", "CLOSED")
	for start, fields := range map[string][]string{"v3/pay/transactions/": list("mchid"), "v3/pay/partner/transactions/": list("sp_mchid", "sub_mchid")} {
		query := "GET " + start + "out-trade-no/{out_trade_no}"
		for _, kind := range [...]string{"app", "h5", "jsapi", "native"} {
			add(settlement{query: query, fields: fields}, start+kind)
		}
		// https://pay.weixin.qq.com/doc/v2/merchant/4011937125
		add(settlement{query: query, fields: fields, wait: 5 * time.Second, state: "trade_state", done: paid, not: unpaid}, start+"codepay")
		// https://pay.weixin.qq.com/wiki/doc/apiv3/apis/chapter3_4_3.shtml
		add(settlement{query: query, fields: fields, wait: 5 * time.Second, state: "trade_state", done: list("CLOSED"), not: paid}, start+"out-trade-no/{out_trade_no}/close")
	}
	combined := settlement{query: "GET v3/combine-transactions/out-trade-no/{combine_out_trade_no}"}
	for _, kind := range [...]string{"app", "h5", "jsapi", "native"} {
		add(combined, "v3/combine-transactions/"+kind)
	}
	v2 := settlement{query: "POST v2/pay/orderquery", fields: list("appid", "sub_appid", "sub_mch_id", "out_trade_no", "sign_type")}
	add(v2, "v2/pay/unifiedorder")
	v2.wait, v2.state, v2.done, v2.not = 5*time.Second, "trade_state", paid, unpaid
	add(v2, "v2/pay/micropay")
	v2.done, v2.not = list("CLOSED"), paid
	add(v2, "v2/pay/closeorder")
}

func addRefunds(add func(settlement, ...string)) {
	// https://pay.weixin.qq.com/docs/merchant/apis/refund/refunds/query-by-out-refund-no.html
	v3 := settlement{query: "GET v3/refund/domestic/refunds/{out_refund_no}", fields: list("sub_mchid"), state: "status", done: list("SUCCESS"), not: list("CLOSED", "CLOSE")}
	add(v3, "v3/refund/domestic/refunds")
	v3.query = "GET v3/ecommerce/refunds/out-refund-no/{out_refund_no}"
	add(v3, "v3/ecommerce/refunds/apply")
	// https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_5
	add(settlement{
		query: "POST v2/pay/refundquery", fields: list("appid", "sub_appid", "sub_mch_id", "out_refund_no", "sign_type"),
		state: "refund_status_0", done: list("SUCCESS"), not: list("REFUNDCLOSE"),
	}, "v2/secapi/pay/refund", "v2/secapi/pay/refundv2")
}

func addTransfers(add func(settlement, ...string)) {
	// https://pay.weixin.qq.com/docs/merchant/apis/mch-trans/transfer-bill/transfer-to-user.html
	add(settlement{
		query: "GET v3/fund-app/mch-transfer/transfer-bills/out-bill-no/{out_bill_no}", wait: time.Second,
		state: "state", done: list("SUCCESS"), not: list("FAIL", "CANCELLED"),
	}, "v3/fund-app/mch-transfer/transfer-bills")
	add(settlement{
		query: "GET v3/transfer/batches/out-batch-no/{out_batch_no}", fields: list("need_query_detail=false"), wait: time.Second,
		state: "transfer_batch.batch_status", done: list("FINISHED"), not: list("CLOSED"),
	}, "v3/transfer/batches")
	// https://pay.weixin.qq.com/doc/v2/merchant/4011989673
	add(settlement{
		query: "POST v2/mmpaymkttransfers/gettransferinfo", fields: list("appid<mch_appid", "partner_trade_no"), wait: time.Second,
		state: "status", done: list("SUCCESS"), not: list("FAILED"),
	}, "v2/mmpaymkttransfers/promotion/transfers")
	add(settlement{
		query: "POST v2/mmpaysptrans/query_bank", fields: list("partner_trade_no"), wait: time.Second,
		state: "status", done: list("SUCCESS"), not: list("FAILED", "BANK_FAIL"),
	}, "v2/mmpaysptrans/pay_bank")
	// https://pay.weixin.qq.com/doc/v2/merchant/4011974053
	add(settlement{
		query: "POST v2/mmpaymkttransfers/gethbinfo", fields: list("appid<wxappid", "mch_billno", "bill_type=MCHT"), wait: time.Second,
		state: "status", done: list("SENT", "RECEIVED", "RFUND_ING", "REFUND"), not: list("FAILED"),
	}, "v2/mmpaymkttransfers/sendredpack", "v2/mmpaymkttransfers/sendgroupredpack", "v2/mmpaymkttransfers/sendminiprogramhb")
}

func addSharing(add func(settlement, ...string)) {
	// https://pay.weixin.qq.com/docs/merchant/apis/profit-sharing/orders/query-order.html
	add(settlement{
		query: "GET v3/profitsharing/orders/{out_order_no}", fields: list("sub_mchid", "transaction_id"), state: "state", done: list("FINISHED"),
	}, "v3/profitsharing/orders", "v3/profitsharing/orders/unfreeze")
	add(settlement{
		query: "GET v3/profitsharing/return-orders/{out_return_no}", fields: list("sub_mchid", "out_order_no"),
		state: "result", done: list("SUCCESS"), not: list("FAILED"),
	}, "v3/profitsharing/return-orders")
	add(settlement{
		query: "GET v3/ecommerce/profitsharing/orders", fields: list("sub_mchid", "transaction_id", "out_order_no"), state: "status", done: list("FINISHED"),
	}, "v3/ecommerce/profitsharing/orders", "v3/ecommerce/profitsharing/finish-order")
	add(settlement{
		query: "GET v3/ecommerce/profitsharing/returnorders", fields: list("sub_mchid", "order_id", "out_order_no", "out_return_no"),
		state: "result", done: list("SUCCESS"), not: list("FAIL", "FAILED"),
	}, "v3/ecommerce/profitsharing/returnorders")
	add(settlement{
		query: "POST v2/pay/profitsharingquery", fields: list("sub_mch_id", "transaction_id", "out_order_no", "sign_type=HMAC-SHA256"),
		state: "status", done: list("FINISHED"),
	}, "v2/secapi/pay/profitsharing", "v2/secapi/pay/multiprofitsharing", "v2/secapi/pay/profitsharingfinish")
	add(settlement{
		query: "POST v2/pay/profitsharingreturnquery", fields: list("sub_mch_id", "appid", "sub_appid", "order_id", "out_order_no", "out_return_no", "sign_type=HMAC-SHA256"),
		state: "result", done: list("SUCCESS"), not: list("FAILED"),
	}, "v2/secapi/pay/profitsharingreturn")
}
