package money

import (
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// A ReceiptKind is the kind of object that a receipt is of.
type ReceiptKind string

// The kinds of receipts.
const (
	ReceiptOfTransfer ReceiptKind = "transfer" // by out_bill_no
)

const (
	receiptTime   = 5 * time.Second // how long making a receipt takes
	receiptDays   = 90              // for how many days a receipt can be downloaded
	receiptMonths = 6               // for how many months there is a receipt of a transfer
)

// A Receipt is a document that proves a transfer.
type Receipt struct {
	Owner
	Kind        ReceiptKind `json:"kind"`
	Number      string      `json:"number"` // of the object
	SignatureNo string      `json:"signature_no"`
	Applied     time.Time   `json:"applied"`
}

const receipts = "receipt" // by owner, kind and number

var errNoReceipt = &Refusal{Reason: NoTransfer, Message: "nobody applied for such a receipt within 90 days; apply for it"}

func receiptKey(w Owner, kind ReceiptKind, number string) string {
	return w.key(string(kind) + "/" + number)
}

// StateAt reports whether a receipt is finished at an instant, and since when its
// state is what it is.
func (r Receipt) StateAt(now time.Time) (finished bool, since time.Time) {
	if done := r.Applied.Add(receiptTime); !now.Before(done) {
		return true, done
	}
	return false, r.Applied
}

// Receipt returns a receipt that its owner applied for within 90 days.
func (l *Ledger) Receipt(w Owner, kind ReceiptKind, number string) (Receipt, error) {
	r, found, err := store.Load[Receipt](l.Tx, receipts, receiptKey(w, kind, number))
	if err == nil && (!found || l.Now.After(r.Applied.AddDate(0, 0, receiptDays))) {
		err = errNoReceipt
	}
	return r, err
}

// AskReceipt applies for the receipt of an object. Repeating it within 90 days
// applies for nothing more.
func (l *Ledger) AskReceipt(w Owner, kind ReceiptKind, number string) (Receipt, error) {
	if err := l.checkReceipt(w, number); err != nil {
		return Receipt{}, err
	}
	r, err := l.Receipt(w, kind, number)
	if err != errNoReceipt {
		return r, err
	}
	r = Receipt{Owner: w, Kind: kind, Number: number, Applied: l.Now}
	if r.SignatureNo, err = l.nextLongNumber("signature_no", "1050", 18); err != nil {
		return r, err
	}
	return r, store.Save(l.Tx, receipts, receiptKey(w, kind, number), r)
}

// checkReceipt refuses the receipt of a transfer that did not succeed, that has no
// name, or that is old.
//
// https://pay.weixin.qq.com/docs/merchant/apis/mch-trans/elecsign/accept-elecsign-by-out-no.html
func (l *Ledger) checkReceipt(w Owner, number string) error {
	t, err := l.loadTransfer(w, number)
	switch {
	case err != nil:
		return err
	case t.State != TransferSuccess:
		return Invalid("the transfer is " + string(t.State) + "; only one that succeeded has a receipt")
	case t.UserName == "":
		return Invalid("the transfer was asked for without user_name; only one with it has a receipt")
	case l.Now.After(t.Created.AddDate(0, receiptMonths, 0)):
		return Invalid("the transfer is older than six months")
	}
	return nil
}

// TransferOf returns the transfer that a receipt is of.
func (l *Ledger) TransferOf(r Receipt) (Transfer, error) { return l.loadTransfer(r.Owner, r.Number) }
