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
// confirms. A partner transfers the money of a sub-merchant.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012716434 (transfer),
// https://pay.weixin.qq.com/doc/v3/merchant/4012716458 (cancel),
// https://pay.weixin.qq.com/doc/v3/partner/4015469096 (of a partner)
func transfers() map[string]handler {
	const (
		bills = "v3/fund-app/mch-transfer/transfer-bills"
		subs  = "v3/fund-app/mch-transfer/partner/transfer-bills"
		byOut = "/out-bill-no/{out_bill_no}"
	)
	return map[string]handler{
		"POST " + bills:        transfer(ofSigner, askTransfer, acceptedTransfer),
		"GET " + bills + byOut: findTransfer(ofSigner, byOutBillNo, wholeTransfer),
		"GET " + bills + "/transfer-bill-no/{transfer_bill_no}": findTransfer(ofSigner, byTransferBillNo, wholeTransfer),
		"POST " + bills + byOut + "/cancel":                     findTransfer(ofSigner, cancelled, cancelledTransfer),

		"POST " + subs:                     transfer(ofSub, askTransfer, subTransfer),
		"GET " + subs + byOut:              findTransfer(ofSub, byOutBillNo, wholeTransfer),
		"POST " + subs + byOut + "/cancel": findTransfer(ofSub, cancelled, cancelledSubTransfer),
	}
}

// ofSigner is the access of calls that name no merchant.
func ofSigner(c *call) (money.Owner, error) { return money.Owner{MchID: c.merchant.MchID}, nil }

// ofSub is the access of calls that name a sub-merchant alone.
func ofSub(c *call) (money.Owner, error) {
	w := money.Owner{MchID: c.merchant.MchID, SubMchID: c.named("sub_mchid")}
	return w, c.Parties.CheckSub(w, "")
}

// A transferForm returns a transfer in the form of an answer.
type transferForm func(*call, money.Transfer) (any, error)

func askTransfer(c *call, asked money.TransferRequest) (money.Transfer, error) {
	return c.AskTransfer(asked)
}

// transfer answers with the transfer that ask accepts. Repeating the number
// transfers nothing more.
func transfer(of access, ask func(*call, money.TransferRequest) (money.Transfer, error), form transferForm) handler {
	return func(c *call) (int, any, error) {
		asked, err := c.newTransfer(of)
		if err != nil {
			return 0, nil, err
		}
		t, err := ask(c, asked)
		if err != nil {
			return 0, nil, err
		}
		answer, err := form(c, t)
		return http.StatusOK, answer, err
	}
}

// newTransfer reads a transfer from the body.
func (c *call) newTransfer(of access) (asked money.TransferRequest, err error) {
	w, err := of(c)
	if err != nil {
		return asked, err
	}
	asked = money.TransferRequest{
		Transfer: money.Transfer{
			Owner: w, AppID: c.text("appid"), OutBillNo: c.text("out_bill_no"), OpenID: c.text("openid"),
			UserName: c.text("user_name"), Remark: c.text("transfer_remark"), NotifyURL: c.text("notify_url"), Sponsor: c.text("sponsor_mchid"),
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

// findTransfer answers with the transfer that find returns.
func findTransfer(of access, find func(*call, money.Owner) (money.Transfer, error), form transferForm) handler {
	return func(c *call) (int, any, error) {
		w, err := of(c)
		if err != nil {
			return 0, nil, err
		}
		t, err := find(c, w)
		if err != nil {
			return 0, nil, err
		}
		answer, err := form(c, t)
		return http.StatusOK, answer, err
	}
}

func byOutBillNo(c *call, w money.Owner) (money.Transfer, error) {
	return c.Transfer(w, c.vars["out_bill_no"])
}

func byTransferBillNo(c *call, w money.Owner) (money.Transfer, error) {
	return c.TransferByBill(w, c.vars["transfer_bill_no"])
}

// cancelled cancels a transfer that the user has not confirmed. Cancelling it
// again changes nothing.
func cancelled(c *call, w money.Owner) (money.Transfer, error) {
	return c.CancelTransfer(w, c.vars["out_bill_no"])
}

// PackageInfo returns the text with which the merchant's page opens the user's
// confirmation of what has that number.
func PackageInfo(number string) string {
	sum := sha256.Sum256([]byte(number))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// A transferAccepted is the answer to a request for a transfer.
type transferAccepted struct {
	SubMchID       string              `json:"sub_mchid,omitempty"`
	OutBillNo      string              `json:"out_bill_no"`
	TransferBillNo string              `json:"transfer_bill_no"`
	CreateTime     string              `json:"create_time"`
	State          money.TransferState `json:"state,omitempty"`
	FailReason     string              `json:"fail_reason,omitempty"`
	PackageInfo    string              `json:"package_info,omitempty"`

	DisplayName        string `json:"user_display_name,omitempty"`    // of the authorization that is confirmed too
	OutAuthorizationNo string `json:"out_authorization_no,omitempty"` // of the same
}

// acceptedTransfer has the package_info while the transfer waits for the user.
func acceptedTransfer(_ *call, t money.Transfer) (any, error) { return transferAcceptedOf(t), nil }

func transferAcceptedOf(t money.Transfer) transferAccepted {
	a := transferAccepted{
		OutBillNo: t.OutBillNo, TransferBillNo: t.TransferBillNo, CreateTime: beijing.Format(t.Created), State: t.State, FailReason: t.FailReason,
	}
	if t.State == money.TransferWaiting {
		a.PackageInfo = PackageInfo(t.TransferBillNo)
	}
	return a
}

// subTransfer is acceptedTransfer for partners, whose answer always has the
// package_info, and no state.
func subTransfer(_ *call, t money.Transfer) (any, error) {
	return transferAccepted{
		SubMchID: t.SubMchID, OutBillNo: t.OutBillNo, TransferBillNo: t.TransferBillNo, CreateTime: beijing.Format(t.Created),
		PackageInfo: PackageInfo(t.TransferBillNo),
	}, nil
}

// A transferAnswer is a transfer as queries show it.
type transferAnswer struct {
	MchID          string              `json:"mch_id,omitempty"`    // of a merchant's own
	SpMchID        string              `json:"mchid,omitempty"`     // of a partner's
	SubMchID       string              `json:"sub_mchid,omitempty"` // of a partner's
	OutBillNo      string              `json:"out_bill_no"`
	TransferBillNo string              `json:"transfer_bill_no"`
	AppID          string              `json:"appid,omitempty"`
	State          money.TransferState `json:"state"`
	Amount         int64               `json:"transfer_amount"`
	Remark         string              `json:"transfer_remark"`
	FailReason     string              `json:"fail_reason,omitempty"`
	OpenID         string              `json:"openid"`
	UserName       string              `json:"user_name,omitempty"` // encrypted
	CreateTime     string              `json:"create_time"`
	UpdateTime     string              `json:"update_time"`
}

func wholeTransfer(c *call, t money.Transfer) (any, error) { return c.transferAnswer(t) }

// cancelledSubTransfer is wholeTransfer without the appid and the partner.
func cancelledSubTransfer(c *call, t money.Transfer) (any, error) {
	a, err := c.transferAnswer(t)
	a.SpMchID, a.AppID = "", ""
	return a, err
}

func (c *call) transferAnswer(t money.Transfer) (transferAnswer, error) {
	a := transferAnswer{
		MchID: t.MchID, OutBillNo: t.OutBillNo, TransferBillNo: t.TransferBillNo, AppID: t.AppID, State: t.State,
		Amount: t.Amount, Remark: t.Remark, FailReason: t.FailReason, OpenID: t.OpenID,
		CreateTime: beijing.Format(t.Created), UpdateTime: beijing.Format(t.Changed),
	}
	if t.SubMchID != "" {
		a.MchID, a.SpMchID, a.SubMchID = "", t.MchID, t.SubMchID
	}
	var err error
	if t.UserName != "" {
		a.UserName, err = encryptFor(c.merchant, t.UserName)
	}
	return a, err
}

// A transferCancellation is the answer to cancelling a transfer.
type transferCancellation struct {
	OutBillNo      string              `json:"out_bill_no"`
	TransferBillNo string              `json:"transfer_bill_no"`
	State          money.TransferState `json:"state"`
	UpdateTime     string              `json:"update_time"`
}

func cancelledTransfer(_ *call, t money.Transfer) (any, error) {
	return transferCancellation{t.OutBillNo, t.TransferBillNo, t.State, beijing.Format(t.Changed)}, nil
}
