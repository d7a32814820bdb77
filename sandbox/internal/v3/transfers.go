package v3

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/money"
	"github.com/wxchain/wechatpay/sandbox/internal/scene"
)

// transfers returns the handlers of transfers to a user's change, which the user
// confirms.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012716434 (transfer),
// https://pay.weixin.qq.com/doc/v3/merchant/4012716458 (cancel)
func transfers() map[string]handler {
	const bills = "v3/fund-app/mch-transfer/transfer-bills"
	return map[string]handler{
		"POST " + bills: applyTransfer,
		"GET " + bills + "/out-bill-no/{out_bill_no}":           queryTransfer,
		"GET " + bills + "/transfer-bill-no/{transfer_bill_no}": queryTransferBill,
		"POST " + bills + "/out-bill-no/{out_bill_no}/cancel":   cancelTransfer,
	}
}

// applyTransfer accepts a transfer. Repeating the number transfers nothing more.
func applyTransfer(c *call) (int, any, error) {
	asked, err := c.newTransfer()
	if err != nil {
		return 0, nil, err
	}
	t, err := c.AskTransfer(asked)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, accepted(t), nil
}

// newTransfer reads a transfer from the body.
func (c *call) newTransfer() (asked money.TransferRequest, err error) {
	asked = money.TransferRequest{
		Transfer: money.Transfer{
			MchID: c.merchant.MchID, AppID: c.text("appid"), OutBillNo: c.text("out_bill_no"), OpenID: c.text("openid"),
			UserName: c.text("user_name"), Remark: c.text("transfer_remark"), NotifyURL: c.text("notify_url"),
		},
		Scene: c.text("transfer_scene_id"), Shown: c.text("user_recv_perception"),
	}
	if asked.Amount, err = fen("/transfer_amount", c.body.Get("transfer_amount")); err != nil {
		return asked, err
	}
	for _, v := range c.body.Get("transfer_scene_report_infos").Array() {
		asked.Reports = append(asked.Reports, scene.Report{Type: v.Get("info_type").String(), Content: v.Get("info_content").String()})
	}
	asked.Fingerprint, err = c.fingerprint("transfer")
	return asked, err
}

func queryTransfer(c *call) (int, any, error) {
	t, err := c.Transfer(c.merchant.MchID, c.vars["out_bill_no"])
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, transferAnswerOf(t), nil
}

func queryTransferBill(c *call) (int, any, error) {
	t, err := c.TransferByBill(c.merchant.MchID, c.vars["transfer_bill_no"])
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, transferAnswerOf(t), nil
}

// cancelTransfer cancels a transfer that the user has not confirmed. Cancelling
// it again changes nothing.
func cancelTransfer(c *call) (int, any, error) {
	t, err := c.CancelTransfer(c.merchant.MchID, c.vars["out_bill_no"])
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, transferCancellation{t.OutBillNo, t.TransferBillNo, t.State, beijing.Format(t.Changed)}, nil
}

// packageInfo returns the text with which the merchant's page opens the
// confirmation, while the transfer waits for it.
func packageInfo(t money.Transfer) string {
	if t.State != money.TransferWaiting {
		return ""
	}
	sum := sha256.Sum256([]byte(t.TransferBillNo))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// A transferAccepted is the answer to a request for a transfer.
type transferAccepted struct {
	OutBillNo      string              `json:"out_bill_no"`
	TransferBillNo string              `json:"transfer_bill_no"`
	CreateTime     string              `json:"create_time"`
	State          money.TransferState `json:"state"`
	FailReason     string              `json:"fail_reason,omitempty"`
	PackageInfo    string              `json:"package_info,omitempty"`
}

func accepted(t money.Transfer) transferAccepted {
	return transferAccepted{
		OutBillNo: t.OutBillNo, TransferBillNo: t.TransferBillNo, CreateTime: beijing.Format(t.Created),
		State: t.State, FailReason: t.FailReason, PackageInfo: packageInfo(t),
	}
}

// A transferAnswer is a transfer as queries show it.
type transferAnswer struct {
	MchID          string              `json:"mch_id"`
	OutBillNo      string              `json:"out_bill_no"`
	TransferBillNo string              `json:"transfer_bill_no"`
	AppID          string              `json:"appid"`
	State          money.TransferState `json:"state"`
	Amount         int64               `json:"transfer_amount"`
	Remark         string              `json:"transfer_remark"`
	FailReason     string              `json:"fail_reason,omitempty"`
	OpenID         string              `json:"openid"`
	CreateTime     string              `json:"create_time"`
	UpdateTime     string              `json:"update_time"`
}

func transferAnswerOf(t money.Transfer) transferAnswer {
	return transferAnswer{
		MchID: t.MchID, OutBillNo: t.OutBillNo, TransferBillNo: t.TransferBillNo, AppID: t.AppID, State: t.State,
		Amount: t.Amount, Remark: t.Remark, FailReason: t.FailReason, OpenID: t.OpenID,
		CreateTime: beijing.Format(t.Created), UpdateTime: beijing.Format(t.Changed),
	}
}

// A transferCancellation is the answer to cancelling a transfer.
type transferCancellation struct {
	OutBillNo      string              `json:"out_bill_no"`
	TransferBillNo string              `json:"transfer_bill_no"`
	State          money.TransferState `json:"state"`
	UpdateTime     string              `json:"update_time"`
}
