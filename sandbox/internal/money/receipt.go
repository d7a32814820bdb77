package money

import (
	"strings"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// A ReceiptKind is the kind of object that a receipt is of.
type ReceiptKind string

// The kinds of receipts.
const (
	ReceiptOfTransfer ReceiptKind = "transfer" // by out_bill_no
	ReceiptOfBatch    ReceiptKind = "batch"    // by out_batch_no
	ReceiptOfDetail   ReceiptKind = "detail"   // by out_batch_no/out_detail_no
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
	if err := l.checkReceipt(w, kind, number); err != nil {
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

// checkReceipt refuses the receipt of what has none.
//
// https://pay.weixin.qq.com/wiki/doc/apiv3/apis/chapter4_3_7.shtml (of batches)
func (l *Ledger) checkReceipt(w Owner, kind ReceiptKind, number string) error {
	if kind == ReceiptOfTransfer {
		return l.checkTransferReceipt(w, number)
	}
	outBatchNo, outNo := batchNumbers(kind, number)
	b, err := l.Batch(w.MchID, outBatchNo)
	if err != nil {
		return err
	}
	state, _ := b.StateAt(l.Now)
	switch {
	case kind == ReceiptOfDetail:
		return l.checkDetailReceipt(b, outNo)
	case state != BatchFinished:
		return Invalid("the batch is " + string(state) + "; only one that is FINISHED has a receipt")
	case b.Succeeds.Num == 0:
		return Invalid("no transfer of the batch succeeded, so there is no receipt")
	case !b.Named:
		return Invalid("the transfers were asked for without user_name; only those with it have a receipt")
	}
	return nil
}

// checkDetailReceipt refuses the receipt of a transfer of a batch that did not
// succeed, or that has no name.
//
// https://pay.weixin.qq.com/wiki/doc/apiv3/apis/chapter4_3_9.shtml
func (l *Ledger) checkDetailReceipt(b Batch, outNo string) error {
	d, err := l.Detail(b, outNo)
	if err != nil {
		return err
	}
	state, _ := d.StateAt(l.Now)
	switch {
	case state != DetailSuccess:
		return BadField("out_detail_no", outNo, "the transfer is "+string(state)+"; only one that succeeded has a receipt")
	case d.UserName == "":
		return BadField("out_detail_no", outNo, "the transfer was asked for without user_name; only one with it has a receipt")
	}
	return nil
}

// checkTransferReceipt refuses the receipt of a transfer that did not succeed, that
// has no name, or that is old.
//
// https://pay.weixin.qq.com/docs/merchant/apis/mch-trans/elecsign/accept-elecsign-by-out-no.html
func (l *Ledger) checkTransferReceipt(w Owner, number string) error {
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

// batchNumbers returns the numbers of a batch and, for the receipt of one of its
// transfers, of that.
func batchNumbers(kind ReceiptKind, number string) (outBatchNo, outNo string) {
	if kind == ReceiptOfDetail {
		outBatchNo, outNo, _ = strings.Cut(number, "/")
		return outBatchNo, outNo
	}
	return number, ""
}

// TransferOf returns the transfer that a receipt is of.
func (l *Ledger) TransferOf(r Receipt) (Transfer, error) { return l.loadTransfer(r.Owner, r.Number) }

// BatchOf returns the batch that a receipt is of, and those of its transfers that
// the receipt proves.
func (l *Ledger) BatchOf(r Receipt) (b Batch, proved []BatchDetail, err error) {
	outBatchNo, outNo := batchNumbers(r.Kind, r.Number)
	b, found, err := store.Load[Batch](l.Tx, batches, key(r.MchID, outBatchNo))
	if err == nil && !found {
		err = ErrNoBatch
	}
	if err != nil {
		return b, nil, err
	}
	of := b.Details
	if outNo != "" {
		of = []string{outNo}
	}
	for _, outNo := range of {
		d, err := l.Detail(b, outNo)
		if err != nil {
			return b, nil, err
		}
		if d.Fate == "" {
			proved = append(proved, d)
		}
	}
	return b, proved, nil
}
