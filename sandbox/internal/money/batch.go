package money

import (
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// A BatchState is the state of a batch of transfers.
type BatchState string

// The states of batches.
const (
	BatchAccepted   BatchState = "ACCEPTED"
	BatchProcessing BatchState = "PROCESSING"
	BatchFinished   BatchState = "FINISHED"
)

// A DetailState is the state of a transfer in a batch.
type DetailState string

// The states of transfers in a batch.
const (
	DetailInit       DetailState = "INIT"
	DetailProcessing DetailState = "PROCESSING"
	DetailSuccess    DetailState = "SUCCESS"
	DetailFail       DetailState = "FAIL"
)

const (
	maxDetails   = 1000 // of a batch
	maxBatchText = 32   // characters of batch_name and batch_remark
)

// A Batch is a request for many transfers, which users need not confirm. Its numbers
// are unique for the merchant that asked, which may be a partner.
type Batch struct {
	Owner
	OutBatchNo  string            `json:"out_batch_no"`
	ID          string            `json:"batch_id"`
	AppID       string            `json:"appid,omitempty"` // that users are named by
	Name        string            `json:"batch_name"`
	Remark      string            `json:"batch_remark"`
	Scene       string            `json:"scene,omitempty"`
	Echoes      map[string]string `json:"echoes,omitempty"` // fields that answers repeat
	NotifyURL   string            `json:"notify_url,omitempty"`
	Created     time.Time         `json:"created"`
	Fingerprint string            `json:"fingerprint"` // of the parameters
	Details     []string          `json:"details"`     // their out_detail_no
	Total       int64             `json:"total"`
	Succeeds    BatchSum          `json:"succeeds"`
	Named       bool              `json:"named,omitempty"` // users have names
	Told        bool              `json:"told,omitempty"`  // the merchant was notified of the end
	Hold        Hold              `json:"hold,omitzero"`   // of the total, until it has left the account
}

// A BatchSum is a number of transfers and their amount.
type BatchSum struct {
	Num    int   `json:"num"`
	Amount int64 `json:"amount"`
}

// A BatchDetail is a transfer in a batch.
type BatchDetail struct {
	Owner
	OutBatchNo string    `json:"out_batch_no"`
	BatchID    string    `json:"batch_id"`
	OutNo      string    `json:"out_detail_no"`
	ID         string    `json:"detail_id"`
	AppID      string    `json:"appid,omitempty"`
	OpenID     string    `json:"openid"`
	UserName   string    `json:"user_name,omitempty"`
	Amount     int64     `json:"amount"`
	Remark     string    `json:"remark"`
	Created    time.Time `json:"created"`
	Fate       string    `json:"fate,omitempty"` // the fail_reason that it ends with, or ""
}

const (
	batches      = "transfer_batch"     // by mchid and out_batch_no
	batchIDs     = "transfer_batch_id"  // the out_batch_no, by mchid and batch_id
	batchDetails = "transfer_detail"    // by mchid, out_batch_no and out_detail_no
	detailIDs    = "transfer_detail_id" // the out_detail_no, by mchid, batch_id and detail_id
)

// ErrNoBatch refuses the number of a batch that does not exist.
var ErrNoBatch = &Refusal{Reason: NoTransfer, Message: "there is no such batch of this merchant within 30 days"}

var errNoDetail = &Refusal{Reason: NoTransfer, Message: "the batch has no such transfer"}

// StateAt returns the state at an instant, and when that state began.
func (b Batch) StateAt(now time.Time) (BatchState, time.Time) {
	started, done := b.Created.Add(stepTime), b.end()
	switch {
	case now.Before(started):
		return BatchAccepted, b.Created
	case now.Before(done):
		return BatchProcessing, started
	}
	return BatchFinished, done
}

func (b Batch) end() time.Time { return b.Created.Add(2 * stepTime) }

func (b Batch) key() string { return key(b.MchID, b.OutBatchNo) }

func (b Batch) save(tx store.Tx) error { return store.Save(tx, batches, b.key(), b) }

// StateAt returns the state at an instant, and when that state began.
func (d BatchDetail) StateAt(now time.Time) (DetailState, time.Time) {
	state, since := Batch{Created: d.Created}.StateAt(now)
	switch {
	case state == BatchAccepted:
		return DetailInit, since
	case state == BatchProcessing:
		return DetailProcessing, since
	case d.Fate != "":
		return DetailFail, since
	}
	return DetailSuccess, since
}

func (d BatchDetail) key() string { return key(key(d.MchID, d.OutBatchNo), d.OutNo) }

// Moves returns the moves of a transfer that succeeds.
func (d BatchDetail) Moves() []Move {
	return []Move{{d.Payee(), AccountOperation, -d.Amount, ByTransfer, d.Remark}}
}

// Batch returns the batch with a merchant's number, if it can still be queried.
func (l *Ledger) Batch(mchID, outBatchNo string) (Batch, error) {
	b, found, err := store.Load[Batch](l.Tx, batches, key(mchID, outBatchNo))
	if err == nil && (!found || l.Now.After(b.Created.AddDate(0, 0, queryDays))) {
		err = ErrNoBatch
	}
	return b, err
}

// BatchByID returns the batch of a merchant with that batch_id.
func (l *Ledger) BatchByID(mchID, id string) (Batch, error) {
	number, found, err := store.Load[string](l.Tx, batchIDs, key(mchID, id))
	if err == nil && !found {
		err = ErrNoBatch
	}
	if err != nil {
		return Batch{}, err
	}
	return l.Batch(mchID, number)
}

// Detail returns the transfer of a batch with a merchant's number.
func (l *Ledger) Detail(b Batch, outNo string) (BatchDetail, error) {
	d, found, err := store.Load[BatchDetail](l.Tx, batchDetails, key(b.key(), outNo))
	if err == nil && !found {
		err = errNoDetail
	}
	return d, err
}

// DetailByID returns the transfer of a batch with that detail_id.
func (l *Ledger) DetailByID(b Batch, id string) (BatchDetail, error) {
	outNo, found, err := store.Load[string](l.Tx, detailIDs, key(key(b.MchID, b.ID), id))
	if err == nil && !found {
		err = errNoDetail
	}
	if err != nil {
		return BatchDetail{}, err
	}
	return l.Detail(b, outNo)
}

// AskBatch accepts a batch of transfers. Repeating the number transfers nothing more.
func (l *Ledger) AskBatch(made Batch, details []BatchDetail) (Batch, error) {
	if err := made.check(details); err != nil {
		return made, err
	}
	b, err := l.Batch(made.MchID, made.OutBatchNo)
	switch {
	case err == nil && b.Fingerprint == made.Fingerprint:
		return b, nil
	case err == nil:
		return b, &Refusal{Reason: TransferUsed, Message: "out_batch_no was used for another batch; query it, and repeat that request as it was or take a new number"}
	case !errors.Is(err, ErrNoBatch):
		return b, err
	}
	if err := l.checkBalance(made.Payee(), AccountOperation, made.Total); err != nil {
		return made, err
	}
	if made.ID, err = l.nextLongNumber("batch_id", "1030", 18); err != nil {
		return made, err
	}
	if err := store.Save(l.Tx, batchIDs, key(made.MchID, made.ID), made.OutBatchNo); err != nil {
		return made, err
	}
	made.Created = l.Now
	for i := range details {
		if err := l.addDetail(&made, details[i]); err != nil {
			return made, err
		}
	}
	if err := l.hold(&made.Hold, Hold{made.Payee(), AccountOperation, made.Total, made.end()}); err != nil {
		return made, err
	}
	if made.NotifyURL != "" {
		l.Deadlines = append(l.Deadlines, made.deadline())
	}
	return made, made.save(l.Tx)
}

// addDetail stores a transfer of a batch.
func (l *Ledger) addDetail(b *Batch, d BatchDetail) (err error) {
	d.Owner, d.OutBatchNo, d.BatchID, d.AppID, d.Created = b.Owner, b.OutBatchNo, b.ID, b.AppID, b.Created
	if d.ID, err = l.nextLongNumber("detail_id", "1040", 18); err != nil {
		return err
	}
	if d.Fate, err = l.fateOf(d.OpenID, d.UserName, transferFailures); err != nil {
		return err
	}
	if d.Fate == "" {
		b.Succeeds.Num++
		b.Succeeds.Amount += d.Amount
		l.Postings = append(l.Postings, Posting{At: b.end(), Kind: PostedBatchDetail, Key: d.key(), MchIDs: d.members(), Moves: d.Moves()})
	}
	b.Named = b.Named || d.UserName != ""
	b.Details = append(b.Details, d.OutNo)
	if err := store.Save(l.Tx, detailIDs, key(key(d.MchID, d.BatchID), d.ID), d.OutNo); err != nil {
		return err
	}
	return store.Save(l.Tx, batchDetails, d.key(), d)
}

// deadline returns when a batch ends.
func (b Batch) deadline() Deadline {
	return Deadline{b.end(), func(l *Ledger) error {
		stored, found, err := store.Load[Batch](l.Tx, batches, b.key())
		if err != nil || !found || stored.Told {
			return err
		}
		stored.Told = true
		l.Events = append(l.Events, BatchEnded{stored})
		return stored.save(l.Tx)
	}}
}

// check returns what is wrong with a batch, without regard to others. Its Total is
// that of the request.
//
// https://pay.weixin.qq.com/docs/merchant/products/batch-transfer-to-balance/apilist.html
func (b Batch) check(details []BatchDetail) error {
	switch n := len(details); {
	case !outBillNo.MatchString(b.OutBatchNo):
		return BadField("out_batch_no", b.OutBatchNo, "1 to 32 of 0-9 A-Z a-z are wanted")
	case n < 1 || n > maxDetails:
		return BadField("transfer_detail_list", nil, fmt.Sprintf("1 to %d transfers are wanted, not %d", maxDetails, n))
	case utf8.RuneCountInString(b.Name) > maxBatchText:
		return BadField("batch_name", nil, fmt.Sprintf("it is longer than %d characters", maxBatchText))
	case utf8.RuneCountInString(b.Remark) > maxBatchText:
		return BadField("batch_remark", nil, fmt.Sprintf("it is longer than %d characters", maxBatchText))
	}
	seen, sum, named := make(map[string]bool), int64(0), 0
	for i, d := range details {
		at := fmt.Sprintf("transfer_detail_list/%d/", i)
		if err := d.check(at, b.SubMchID != ""); err != nil {
			return err
		}
		if seen[d.OutNo] {
			return BadField(at+"out_detail_no", d.OutNo, "the batch has this number already")
		}
		seen[d.OutNo] = true
		sum += d.Amount
		if d.UserName != "" {
			named++
		}
	}
	switch {
	case sum != b.Total:
		return BadField("total_amount", b.Total, fmt.Sprintf("the transfers add up to %d fen", sum))
	case named != 0 && named != len(details):
		return BadField("transfer_detail_list", nil, "either all transfers have a user_name, or none")
	}
	return checkSafeURL("notify_url", b.NotifyURL)
}

// check returns what is wrong with a transfer of a batch. Those of a partner always
// have a name.
func (d BatchDetail) check(at string, ofPartner bool) error {
	switch {
	case !outBillNo.MatchString(d.OutNo):
		return BadField(at+"out_detail_no", d.OutNo, "1 to 32 of 0-9 A-Z a-z are wanted")
	case d.Amount < 1 || d.Amount > maxTotal:
		return BadField(at+"transfer_amount", d.Amount, fmt.Sprintf("it must be 1 to %d fen", maxTotal))
	case utf8.RuneCountInString(d.Remark) > maxRemark:
		return BadField(at+"transfer_remark", nil, fmt.Sprintf("it is longer than %d characters", maxRemark))
	case ofPartner:
		return nil
	}
	return checkName(at+"user_name", d.Amount, d.UserName)
}
