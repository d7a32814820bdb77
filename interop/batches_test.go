package interop

import (
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
)

// batches returns the makers of batches of transfers, of a merchant and of a partner,
// and of their receipts.
func (w *world) batches() map[string]maker {
	const batchReceipt, detailReceipt = "v3/transfer/bill-receipt", "v3/transfer-detail/electronic-receipts"
	all := make(map[string]maker)
	var own maker
	for path, edit := range map[string]fields{
		"v3/transfer/batches":         {"appid": appID, "transfer_scene_id": "1000"},
		"v3/partner-transfer/batches": {"sub_mchid": subID, "authorization_type": "FUND_AUTHORIZATION_TYPE"},
	} {
		body := func(*testing.T) fields {
			b := fields{"out_batch_no": w.number(), "batch_name": "1月报销单", "batch_remark": "深圳分部", "total_amount": 100, "total_num": 1,
				"transfer_detail_list": []fields{{"out_detail_no": "d1", "openid": openID, "transfer_amount": 100, "transfer_remark": "报销", "user_name": wechatpay.Secret("张三")}}}
			for name, v := range edit {
				b[name] = v
			}
			return b
		}
		finished := func(t *testing.T) fields {
			b := body(t)
			made := w.call(t, "POST", path, b)
			w.wait(t, 10*time.Second)
			one := w.call(t, "GET", path+"/out-batch-no/{out_batch_no}/details/out-detail-no/{out_detail_no}", nil,
				wechatpay.Bind("out_batch_no", b["out_batch_no"]), wechatpay.Bind("out_detail_no", "d1"))
			return fields{"out_batch_no": b["out_batch_no"], "batch_id": made.Get("batch_id").String(), "out_detail_no": "d1", "detail_id": one.Get("detail_id").String(),
				"need_query_detail": true, "detail_status": "ALL", "accept_type": "BATCH_TRANSFER"}
		}
		all["POST "+path] = body
		for _, of := range []string{"/batch-id/{batch_id}", "/out-batch-no/{out_batch_no}", "/batch-id/{batch_id}/details/detail-id/{detail_id}",
			"/out-batch-no/{out_batch_no}/details/out-detail-no/{out_detail_no}"} {
			all["GET "+path+of] = finished
		}
		if path == "v3/transfer/batches" {
			own = finished
		}
	}
	made := func(path string, names ...string) maker {
		return func(t *testing.T) fields {
			numbers, body := own(t), make(fields)
			for _, name := range names {
				body[name] = numbers[name]
			}
			w.call(t, "POST", path, body)
			w.wait(t, 5*time.Second)
			return numbers
		}
	}
	all["POST "+batchReceipt], all["POST "+detailReceipt] = own, own
	all["GET "+batchReceipt+"/{out_batch_no}"] = made(batchReceipt, "out_batch_no")
	all["GET "+detailReceipt] = made(detailReceipt, "accept_type", "out_batch_no", "out_detail_no")
	return all
}
