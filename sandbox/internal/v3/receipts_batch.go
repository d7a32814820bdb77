package v3

import (
	"net/http"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/money"
	"github.com/wxchain/wechatpay/sandbox/internal/wire"
)

// batchReceipts returns the handlers of the receipts of batches, and of the
// transfers in these.
//
// https://pay.weixin.qq.com/wiki/doc/apiv3/apis/chapter4_3_7.shtml (of a batch),
// https://pay.weixin.qq.com/wiki/doc/apiv3/apis/chapter4_3_9.shtml (of a transfer)
func batchReceipts() map[string]handler {
	const batch, detail = "v3/transfer/bill-receipt", "v3/transfer-detail/electronic-receipts"
	return map[string]handler{
		"POST " + batch:                    batchReceipt((*money.Ledger).AskReceipt),
		"GET " + batch + "/{out_batch_no}": batchReceipt((*money.Ledger).Receipt),
		"POST " + detail:                   detailReceipt((*money.Ledger).AskReceipt),
		"GET " + detail:                    detailReceipt((*money.Ledger).Receipt),
	}
}

// A receiptAction applies for a receipt, or queries it.
type receiptAction func(*money.Ledger, money.Owner, money.ReceiptKind, string) (money.Receipt, error)

// A signatureAnswer is the receipt of a batch, or of a transfer in one.
type signatureAnswer struct {
	AcceptType string `json:"accept_type,omitempty"` // of a transfer
	OutBatchNo string `json:"out_batch_no,omitempty"`
	OutNo      string `json:"out_detail_no,omitempty"` // of a transfer
	ID         string `json:"signature_no"`
	State      string `json:"signature_status"`
	fileLink
	CreateTime string `json:"create_time,omitempty"` // of a batch
	UpdateTime string `json:"update_time,omitempty"` // of a batch
}

func (c *call) signatureAnswer(r money.Receipt) (a signatureAnswer, err error) {
	finished, since := r.StateAt(c.Now)
	a = signatureAnswer{ID: r.SignatureNo, State: "ACCEPTED", CreateTime: beijing.Format(r.Applied), UpdateTime: beijing.Format(since)}
	if finished {
		a.State = "FINISHED"
		a.fileLink, err = c.link(ofBatches, "receipt", "", string(r.Kind), r.Number)
	}
	return a, err
}

func batchReceipt(do receiptAction) handler {
	return func(c *call) (int, any, error) {
		number, ok := c.vars["out_batch_no"]
		if !ok {
			number = c.text("out_batch_no")
		}
		r, err := do(c.Ledger, money.Owner{MchID: c.merchant.MchID}, money.ReceiptOfBatch, number)
		if err != nil {
			return 0, nil, err
		}
		a, err := c.signatureAnswer(r)
		a.OutBatchNo = number
		return http.StatusOK, a, err
	}
}

func detailReceipt(do receiptAction) handler {
	return func(c *call) (int, any, error) {
		kind, batch, outNo := c.named("accept_type"), c.named("out_batch_no"), c.named("out_detail_no")
		if kind == "BATCH_TRANSFER" && batch == "" {
			return 0, nil, wire.BadField("/out_batch_no", nil, "BATCH_TRANSFER needs it")
		}
		// The sandbox has no other transfers, so their numbers are unknown.
		r, err := do(c.Ledger, money.Owner{MchID: c.merchant.MchID}, money.ReceiptOfDetail, batch+"/"+outNo)
		if err != nil {
			return 0, nil, err
		}
		a, err := c.signatureAnswer(r)
		a.AcceptType, a.OutBatchNo, a.OutNo, a.CreateTime, a.UpdateTime = kind, batch, outNo, "", ""
		return http.StatusOK, a, err
	}
}
