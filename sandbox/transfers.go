package sandbox

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// transfers are those to a user's change that the user confirms.
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

const (
	namedTransfer = 2000_00 // from so many fen on the user's name is required
	maxRemark     = 32      // characters
)

var outBillNo = regexp.MustCompile(`^[0-9A-Za-z]{1,32}$`)

// applyTransfer takes a transfer; the same number transfers once.
func applyTransfer(c *call) (int, any, error) {
	made, err := c.newTransfer()
	if err != nil {
		return 0, nil, err
	}
	t, err := loadTransfer(c.tx, made.MchID, made.OutBillNo, c.now)
	switch {
	case err == nil && t.Fingerprint == made.Fingerprint:
		return http.StatusOK, t.accepted(), nil
	case err == nil:
		return 0, nil, &refusal{Status: http.StatusBadRequest, Code: "ALREADY_EXISTS",
			Message: "out_bill_no was used for another transfer; query it, and repeat that request as it was or take a new number"}
	case !errors.Is(err, errNoTransfer):
		return 0, nil, err
	}
	n, err := c.number("transfer_bill_no")
	if err != nil {
		return 0, nil, err
	}
	made.TransferBillNo = fmt.Sprintf("1330%018d%s%s", c.seed%1_000_000, beijing.Day(c.now), n)
	if err := store.Save(c.tx, transferBills, orderKey(made.MchID, made.TransferBillNo), made.OutBillNo); err != nil {
		return 0, nil, err
	}
	c.after = append(c.after, func() { c.endInTime(*made, confirmTime) })
	return http.StatusOK, made.accepted(), made.save(c.tx)
}

// newTransfer reads a transfer from the body.
func (c *call) newTransfer() (*transfer, error) {
	b := c.body
	t := &transfer{
		MchID:     c.merchant.MchID,
		AppID:     b.Get("appid").String(),
		OutBillNo: b.Get("out_bill_no").String(),
		OpenID:    b.Get("openid").String(),
		Remark:    b.Get("transfer_remark").String(),
		NotifyURL: b.Get("notify_url").String(),
		Created:   c.now,
		State:     transferWaiting,
		Changed:   c.now,
	}
	var err error
	if t.Amount, err = fen("/transfer_amount", b.Get("transfer_amount")); err != nil {
		return nil, err
	}
	switch {
	case !outBillNo.MatchString(t.OutBillNo):
		return nil, badField("/out_bill_no", t.OutBillNo, "1 to 32 of 0-9 A-Z a-z are wanted")
	case t.Amount < 1 || t.Amount > maxTotal:
		return nil, badField("/transfer_amount", t.Amount, fmt.Sprintf("it must be 1 to %d fen", maxTotal))
	case t.Amount >= namedTransfer && b.Get("user_name").String() == "":
		return nil, badField("/user_name", nil, "it is required from 2,000 yuan on")
	case utf8.RuneCountInString(t.Remark) > maxRemark:
		return nil, badField("/transfer_remark", nil, fmt.Sprintf("it is longer than %d characters", maxRemark))
	case len(b.Get("transfer_scene_report_infos").Array()) == 0:
		return nil, badField("/transfer_scene_report_infos", nil, "it is empty")
	}
	if t.NotifyURL != "" && !strings.HasPrefix(strings.ToLower(t.NotifyURL), "https:") {
		return nil, badField("/notify_url", nil, "an https URL is wanted")
	}
	if err := checkNotifyURL(t.NotifyURL); err != nil {
		return nil, err
	}
	t.Fingerprint, err = fingerprint("transfer", b)
	return t, err
}

func queryTransfer(c *call) (int, any, error) { return c.transferAnswer(c.vars["out_bill_no"]) }

func queryTransferBill(c *call) (int, any, error) {
	number, found, err := store.Load[string](c.tx, transferBills, orderKey(c.merchant.MchID, c.vars["transfer_bill_no"]))
	if err != nil {
		return 0, nil, err
	}
	if !found {
		return 0, nil, errNoTransfer
	}
	return c.transferAnswer(number)
}

func (c *call) transferAnswer(outBillNo string) (int, any, error) {
	t, err := loadTransfer(c.tx, c.merchant.MchID, outBillNo, c.now)
	if err != nil {
		return 0, nil, err
	}
	if c.now.After(t.Created.AddDate(0, 0, queryDays)) {
		return 0, nil, errNoTransfer
	}
	return http.StatusOK, t.answer(), nil
}

// cancelTransfer takes back a transfer that the user has not confirmed; to
// cancel it again changes nothing.
func cancelTransfer(c *call) (int, any, error) {
	t, err := loadTransfer(c.tx, c.merchant.MchID, c.vars["out_bill_no"], c.now)
	if err != nil {
		return 0, nil, err
	}
	switch t.State {
	case transferWaiting:
		t.State, t.Changed = transferCanceling, c.now
		c.after = append(c.after, func() { c.endInTime(t, cancelTime) })
		err = t.save(c.tx)
	case transferCanceling, transferCancelled:
	default:
		err = invalid("the transfer is " + string(t.State) + "; only one that waits for the user's confirmation can be cancelled")
	}
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, transferCancellation{t.OutBillNo, t.TransferBillNo, t.State, beijing.Format(t.Changed)}, nil
}

// A transferCancellation is the answer to cancelling a transfer.
type transferCancellation struct {
	OutBillNo      string        `json:"out_bill_no"`
	TransferBillNo string        `json:"transfer_bill_no"`
	State          TransferState `json:"state"`
	UpdateTime     string        `json:"update_time"`
}
