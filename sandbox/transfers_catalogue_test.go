package sandbox_test

import (
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
)

// transferExamples make the examples of the documentation fit what is
// transferred and shared here, by operation.
func transferExamples(t *testing.T, w *world) map[string]wechatpay.M {
	t.Helper()
	const subMchID = "1900000109" // of the documentation
	earlier := w.mustTransfer(t, wechatpay.M{"out_bill_no": "earlier"}).Get("transfer_bill_no").String()
	w.mustCall(t, "POST", "v3/profitsharing/receivers/add", wechatpay.M{"sub_mchid": subMchID, "appid": "wx8888888888888888",
		"type": "MERCHANT_ID", "account": partner, "relation_type": "PARTNER"})
	w.mustCall(t, "POST", "v3/profitsharing/receivers/add", wechatpay.M{"appid": "wx8888888888888888",
		"type": "MERCHANT_ID", "account": partner, "relation_type": "PARTNER"})
	order := w.subOrder(subMchID, "to-share", 10_000)
	order["settle_info"] = wechatpay.M{"profit_sharing": true}
	w.mustCall(t, "POST", partnerPath+"native", order)
	shared, err := w.Pay(subMchID, "to-share")
	if err != nil {
		t.Fatal(err)
	}
	other := w.paidToShare(t, "to-unfreeze")
	orderID := w.mustShare(t, other, "earlier", false, merchantPart(partner, 100)).Get("order_id").String()
	w.clock.add(5 * time.Second)
	if _, err := w.subTransfer(wechatpay.M{"sub_mchid": subMchID, "out_bill_no": "plfk"}); err != nil {
		t.Fatal(err)
	}
	w.mustCall(t, "POST", grantsPath, wechatpay.M{"sub_mchid": subMchID, "out_apply_no": "earlier"})
	reported := reports("活动名称", "奖励说明")
	return map[string]wechatpay.M{
		"POST " + subBillsPath:                      {"sub_mchid": subMchID, "transfer_scene_report_infos": reported},
		"GET " + subBillsPath + billOf:              {"sub_mchid": subMchID, "out_bill_no": "plfk"},
		"POST " + subBillsPath + billOf + "/cancel": {"sub_mchid": subMchID, "out_bill_no": "plfk"},
		"POST " + grantsPath:                        {"sub_mchid": subMchID},
		"GET " + grantsPath + "/{sub_mchid}":        {"sub_mchid": subMchID},

		"POST " + billsPath:                                         {"transfer_scene_report_infos": reported},
		"GET " + billsPath + billOf:                                 {},
		"POST " + billsPath + billOf + "/cancel":                    {},
		"GET " + billsPath + "/transfer-bill-no/{transfer_bill_no}": {"transfer_bill_no": earlier},
		"POST v3/profitsharing/receivers/add":                       {},
		"POST v3/profitsharing/receivers/delete":                    {},
		"POST " + sharePath:                                         {"transaction_id": shared},
		"GET " + shareOf:                                            {"transaction_id": other, "out_order_no": "earlier"},
		"POST " + unfreezePath:                                      {"transaction_id": other, "out_order_no": "rest", "sub_mchid": nil},
		"POST " + returnPath:                                        {"order_id": orderID, "out_order_no": "earlier"},
		"GET " + returnOf:                                           {"out_order_no": "earlier"},
		"GET " + amountsOf:                                          {"transaction_id": shared},
	}
}
