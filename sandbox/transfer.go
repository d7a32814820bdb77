package sandbox

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// A TransferState is the state of a transfer to a user's change.
type TransferState string

// The states that [Server.SettleTransfer] can bring a transfer to.
const (
	TransferTransfering TransferState = "TRANSFERING" // the user confirmed; the money is on its way
	TransferSuccess     TransferState = "SUCCESS"
	TransferFail        TransferState = "FAIL"

	transferWaiting   TransferState = "WAIT_USER_CONFIRM"
	transferCanceling TransferState = "CANCELING"
	transferCancelled TransferState = "CANCELLED"
)

const (
	confirmTime = 24 * time.Hour  // how long the user has to confirm
	cancelTime  = 5 * time.Second // how long a cancellation takes
	// queryDays is for how many days a transfer can be queried.
	queryDays = 30
)

// A transfer is money that a merchant gives to a user. The amount is in fen.
type transfer struct {
	MchID          string        `json:"mchid"`
	AppID          string        `json:"appid"`
	OutBillNo      string        `json:"out_bill_no"`
	TransferBillNo string        `json:"transfer_bill_no"`
	OpenID         string        `json:"openid"`
	Amount         int64         `json:"amount"`
	Remark         string        `json:"remark"`
	NotifyURL      string        `json:"notify_url,omitempty"`
	Created        time.Time     `json:"created"`
	Fingerprint    string        `json:"fingerprint"` // of the parameters
	State          TransferState `json:"state"`       // before any time ran out
	Changed        time.Time     `json:"changed"`     // when State became what it is
	FailReason     string        `json:"fail_reason,omitempty"`
}

const (
	transferBucket = "transfer"      // by mchid/out_bill_no
	transferBills  = "transfer_bill" // the out_bill_no, by mchid/transfer_bill_no
)

func (t transfer) save(tx Tx) error {
	return store.Save(tx, transferBucket, orderKey(t.MchID, t.OutBillNo), t)
}

var errNoTransfer = &refusal{Status: http.StatusNotFound, Code: "NOT_FOUND", Message: "there is no such transfer of this merchant within 30 days"}

// loadTransfer returns the transfer of a merchant's number, as it is now.
func loadTransfer(tx Tx, mchID, outBillNo string, now time.Time) (transfer, error) {
	t, found, err := store.Load[transfer](tx, transferBucket, orderKey(mchID, outBillNo))
	if err == nil && !found {
		err = errNoTransfer
	}
	return t.at(now), err
}

// next is what becomes of a transfer, and when, if nobody does anything; ok
// tells whether something does.
func (t transfer) next() (ended transfer, ok bool) {
	switch t.State {
	case transferWaiting:
		t.State, t.FailReason, t.Changed = TransferFail, "OVERDUE_CLOSE", t.Created.Add(confirmTime)
	case transferCanceling:
		t.State, t.Changed = transferCancelled, t.Changed.Add(cancelTime)
	default:
		return t, false
	}
	return t, true
}

// at is the transfer as it is at an instant.
func (t transfer) at(now time.Time) transfer {
	if ended, ok := t.next(); ok && !now.Before(ended.Changed) {
		return ended
	}
	return t
}

// SettleTransfer does what the user and the bank do to a transfer that waits
// for the user's confirmation, or is TRANSFERING: the money arrives, or does
// not. One that nobody settles fails 24 hours after it was asked for. It is an
// error that there is no such transfer, or that it has ended or is being
// cancelled.
func (s *Server) SettleTransfer(mchID, outBillNo string, state TransferState) error {
	err := s.change(func(l *ledger) error {
		t, err := loadTransfer(l.tx, mchID, outBillNo, l.now)
		if err != nil {
			return err
		}
		if t.State != transferWaiting && t.State != TransferTransfering {
			return fmt.Errorf("it is %s already", t.State)
		}
		switch state {
		case TransferTransfering, TransferSuccess:
		case TransferFail:
			t.FailReason = "PAYEE_ACCOUNT_ABNORMAL"
		default:
			return fmt.Errorf("%q is none of %s, %s, %s", state, TransferTransfering, TransferSuccess, TransferFail)
		}
		t.State, t.Changed = state, l.now
		if state == TransferSuccess {
			if err := t.post(l.tx); err != nil {
				return err
			}
		}
		if err := t.save(l.tx); err != nil || state == TransferTransfering {
			return err
		}
		return l.tellTransfer(t)
	})
	if err != nil {
		return fmt.Errorf("sandbox: settling transfer %q of merchant %q: %w", outBillNo, mchID, err)
	}
	return nil
}

// packageInfo is what the merchant's page opens the confirmation with, as long
// as the transfer waits for it.
func (t transfer) packageInfo() string {
	if t.State != transferWaiting {
		return ""
	}
	sum := sha256.Sum256([]byte(t.TransferBillNo))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// A transferAccepted is a transfer as the answer to asking for it.
type transferAccepted struct {
	OutBillNo      string        `json:"out_bill_no"`
	TransferBillNo string        `json:"transfer_bill_no"`
	CreateTime     string        `json:"create_time"`
	State          TransferState `json:"state"`
	FailReason     string        `json:"fail_reason,omitempty"`
	PackageInfo    string        `json:"package_info,omitempty"`
}

func (t transfer) accepted() transferAccepted {
	return transferAccepted{
		OutBillNo: t.OutBillNo, TransferBillNo: t.TransferBillNo, CreateTime: beijing.Format(t.Created),
		State: t.State, FailReason: t.FailReason, PackageInfo: t.packageInfo(),
	}
}

// A transferAnswer is a transfer as queries show it.
type transferAnswer struct {
	MchID          string        `json:"mch_id"`
	OutBillNo      string        `json:"out_bill_no"`
	TransferBillNo string        `json:"transfer_bill_no"`
	AppID          string        `json:"appid"`
	State          TransferState `json:"state"`
	Amount         int64         `json:"transfer_amount"`
	Remark         string        `json:"transfer_remark"`
	FailReason     string        `json:"fail_reason,omitempty"`
	OpenID         string        `json:"openid"`
	CreateTime     string        `json:"create_time"`
	UpdateTime     string        `json:"update_time"`
}

func (t transfer) answer() transferAnswer {
	return transferAnswer{
		MchID: t.MchID, OutBillNo: t.OutBillNo, TransferBillNo: t.TransferBillNo, AppID: t.AppID, State: t.State,
		Amount: t.Amount, Remark: t.Remark, FailReason: t.FailReason, OpenID: t.OpenID,
		CreateTime: beijing.Format(t.Created), UpdateTime: beijing.Format(t.Changed),
	}
}
