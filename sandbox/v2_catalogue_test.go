package sandbox_test

import (
	"testing"

	"github.com/wxchain/wechatpay"
)

// examplesV2 are fields of APIv2's examples that fit the state that things have
// here; nil for those that an example has too many.
func examplesV2(t testing.TB, w *world) map[string]wechatpay.M {
	t.Helper()
	own := func(fields wechatpay.M) wechatpay.M {
		return with(wechatpay.M{"sub_mch_id": nil, "sub_appid": nil, "transaction_id": nil}, fields)
	}
	paid := w.paid(t, "paid-v2", 888)
	ofSub := func(outTradeNo string) wechatpay.M { // an order to refund
		id := w.subPaid(t, examplesSubMchID, outTradeNo, 888)
		return wechatpay.M{"sub_mch_id": examplesSubMchID, "out_trade_no": outTradeNo, "transaction_id": id, "total_fee": 888}
	}
	w.mustV2(t, unified, orderV2("closable-v2", 1, nil))
	w.mustV2(t, sendRed, redPacket("sent", nil))
	refunded := ofSub("refunded-v2")
	w.mustV2(t, refundV2Path, with(refundV2("refunded-v2", 1, nil), refunded))
	query := with(wechatpay.M{"out_refund_no": "refunded-v2", "refund_id": nil, "offset": nil}, refunded)
	return map[string]wechatpay.M{
		"POST " + billV2:              {"bill_date": "20180606", "bill_type": nil}, // of what billExamples did
		"POST " + unified:             {"time_expire": "20180608110000"},
		"POST " + queryPath:           own(wechatpay.M{"transaction_id": paid, "out_trade_no": "paid-v2"}),
		"POST " + closeV2:             {"out_trade_no": "closable-v2"},
		"POST " + micropay:            own(wechatpay.M{"out_trade_no": "micropay-v2", "time_expire": "20180608110000"}),
		"POST " + reverseV2:           own(wechatpay.M{"out_trade_no": "micropay-v2"}),
		"POST " + refundV2Path:        with(wechatpay.M{"out_refund_no": "refund"}, ofSub("refundable-v2")),
		"POST v2/secapi/pay/refundv2": with(wechatpay.M{"out_refund_no": "refund-of-goods"}, ofSub("refundable-goods")),
		"POST " + refundQueryV2:       query,
		"POST v2/pay/refundqueryv2":   query,
		"POST " + sendRed:             {"mch_billno": "red", "sub_mch_id": nil},
		"POST " + sendRedGroup:        {"mch_billno": "group"},
		"POST " + queryRed:            {"mch_billno": "sent"},
	}
}
