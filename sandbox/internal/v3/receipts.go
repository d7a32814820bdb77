package v3

import (
	"net/http"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/money"
)

// receipts returns the handlers of the receipts of transfers. A receipt is made
// some time after the merchant applied for it.
//
// https://pay.weixin.qq.com/docs/merchant/apis/mch-trans/elecsign/accept-elecsign-by-out-no.html (apply),
// https://pay.weixin.qq.com/doc/v3/merchant/4012716436 (query),
// https://pay.weixin.qq.com/doc/v3/partner/4016315516 (of a partner)
func receipts() map[string]handler {
	const (
		own  = "v3/fund-app/mch-transfer/elecsign/"
		subs = "v3/fund-app/mch-transfer/partner/electronic-receipts"
	)
	return map[string]handler{
		"POST " + own + "out-bill-no":                        receipt(ofSigner, named("out_bill_no"), (*money.Ledger).AskReceipt, appliedReceipt),
		"POST " + own + "transfer-bill-no":                   receipt(ofSigner, named("transfer_bill_no"), (*money.Ledger).AskReceipt, appliedReceipt),
		"GET " + own + "out-bill-no/{out_bill_no}":           receipt(ofSigner, inPath("out_bill_no"), (*money.Ledger).Receipt, wholeReceipt),
		"GET " + own + "transfer-bill-no/{transfer_bill_no}": receipt(ofSigner, inPath("transfer_bill_no"), (*money.Ledger).Receipt, wholeReceipt),
		"POST " + subs:                   receipt(ofSub, named("out_bill_no"), (*money.Ledger).AskReceipt, subReceipt),
		"GET " + subs + "/{out_bill_no}": receipt(ofSub, inPath("out_bill_no"), (*money.Ledger).Receipt, subReceipt),
	}
}

// A numbering returns the out_bill_no of the transfer that a call names.
type numbering func(*call, money.Owner) (string, error)

// named is the numbering of calls with a number in the body.
func named(field string) numbering {
	return func(c *call, w money.Owner) (string, error) { return c.billNumber(w, field, c.text(field)) }
}

// inPath is the numbering of calls with a number in the path.
func inPath(name string) numbering {
	return func(c *call, w money.Owner) (string, error) { return c.billNumber(w, name, c.vars[name]) }
}

func (c *call) billNumber(w money.Owner, name, number string) (string, error) {
	if name == "transfer_bill_no" {
		return c.OutBillNo(w, number)
	}
	return number, nil
}

// receipt answers with the receipt that do returns.
func receipt(of access, number numbering, do func(*money.Ledger, money.Owner, money.ReceiptKind, string) (money.Receipt, error),
	form func(*call, money.Receipt) (any, error)) handler {
	return func(c *call) (int, any, error) {
		w, err := of(c)
		if err != nil {
			return 0, nil, err
		}
		no, err := number(c, w)
		if err != nil {
			return 0, nil, err
		}
		r, err := do(c.Ledger, w, money.ReceiptOfTransfer, no)
		if err != nil {
			return 0, nil, err
		}
		answer, err := form(c, r)
		return http.StatusOK, answer, err
	}
}

// A receiptAnswer is a receipt as answers show it. Only one that is finished has a
// link.
type receiptAnswer struct {
	SubMchID   string `json:"sub_mchid,omitempty"`   // of a partner's
	OutBillNo  string `json:"out_bill_no,omitempty"` // of a partner's
	State      string `json:"state"`
	CreateTime string `json:"create_time"`
	UpdateTime string `json:"update_time,omitempty"`
	fileLink
}

func (c *call) receiptAnswer(d depot, r money.Receipt) (a receiptAnswer, err error) {
	finished, since := r.StateAt(c.Now)
	a = receiptAnswer{State: "GENERATING", CreateTime: beijing.Format(r.Applied), UpdateTime: beijing.Format(since)}
	if finished {
		a.State = "FINISHED"
		a.fileLink, err = c.link(d, "receipt", r.SubMchID, string(r.Kind), r.Number)
	}
	return a, err
}

// appliedReceipt has the state alone.
func appliedReceipt(c *call, r money.Receipt) (any, error) {
	a, err := c.receiptAnswer(ofReceipts, r)
	return receiptAnswer{State: a.State, CreateTime: a.CreateTime}, err
}

func wholeReceipt(c *call, r money.Receipt) (any, error) { return c.receiptAnswer(ofReceipts, r) }

func subReceipt(c *call, r money.Receipt) (any, error) {
	a, err := c.receiptAnswer(ofSubReceipt, r)
	a.SubMchID, a.OutBillNo = r.SubMchID, r.Number
	return a, err
}
