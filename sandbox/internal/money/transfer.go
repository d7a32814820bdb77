package money

import (
	"cmp"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// A TransferState is the state of a transfer to a user's change.
type TransferState string

// The states of transfers.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012715191
const (
	TransferAccepted    TransferState = "ACCEPTED"
	TransferProcessing  TransferState = "PROCESSING" // the money is set aside
	TransferWaiting     TransferState = "WAIT_USER_CONFIRM"
	TransferTransfering TransferState = "TRANSFERING" // the money is on its way
	TransferSuccess     TransferState = "SUCCESS"
	TransferFail        TransferState = "FAIL"
	TransferCanceling   TransferState = "CANCELING"
	TransferCancelled   TransferState = "CANCELLED"
)

const (
	confirmTime = 24 * time.Hour  // how long the user has to confirm
	stepTime    = 5 * time.Second // how long each other step of a transfer takes
	queryDays   = 30              // for how many days a transfer, or a red packet, can be queried
)

// A Transfer is money that a merchant gives to a user.
type Transfer struct {
	Owner
	AppID          string        `json:"appid"`
	OutBillNo      string        `json:"out_bill_no"`
	TransferBillNo string        `json:"transfer_bill_no"`
	OpenID         string        `json:"openid"`
	UserName       string        `json:"user_name,omitempty"`
	Amount         int64         `json:"amount"`
	Remark         string        `json:"remark"`
	NotifyURL      string        `json:"notify_url,omitempty"`
	Created        time.Time     `json:"created"`
	Fingerprint    string        `json:"fingerprint"` // of the parameters
	State          TransferState `json:"state"`       // before any time ran out
	Changed        time.Time     `json:"changed"`     // when State became what it is
	FailReason     string        `json:"fail_reason,omitempty"`

	Slow bool   `json:"slow,omitempty"` // it takes its time between the states
	Fate string `json:"fate,omitempty"` // the fail_reason that it ends with, or "" if the user can get it

	Sponsor         string `json:"sponsor,omitempty"`          // the merchant that pays in place of the owner
	AuthorizationID string `json:"authorization_id,omitempty"` // of the user, who need not confirm
	Authorizes      string `json:"authorizes,omitempty"`       // the out_authorization_no that the user confirms too

	Hold Hold `json:"hold,omitzero"` // of the amount, until it has left the account or stays
}

const (
	transfers     = "transfer"      // by owner and out_bill_no
	transferBills = "transfer_bill" // the out_bill_no, by owner and transfer_bill_no
)

var (
	outBillNo     = regexp.MustCompile(`^[0-9A-Za-z]{1,32}$`)
	errNoTransfer = &Refusal{Reason: NoTransfer, Message: "there is no such transfer of this merchant within 30 days"}
)

func (t Transfer) key() string { return t.Owner.key(t.OutBillNo) }

func (t Transfer) save(tx store.Tx) error { return store.Save(tx, transfers, t.key(), t) }

// loadTransfer returns the transfer with an owner's number, as it is now.
func (l *Ledger) loadTransfer(w Owner, outBillNo string) (Transfer, error) {
	t, found, err := store.Load[Transfer](l.Tx, transfers, w.key(outBillNo))
	if err == nil && !found {
		err = errNoTransfer
	}
	return t.At(l.Now), err
}

// Transfer returns the transfer with an owner's number, if it can still be
// queried.
func (l *Ledger) Transfer(w Owner, outBillNo string) (Transfer, error) {
	t, err := l.loadTransfer(w, outBillNo)
	if err == nil && l.Now.After(t.Created.AddDate(0, 0, queryDays)) {
		err = errNoTransfer
	}
	return t, err
}

// TransferByBill returns the transfer of an owner with that transfer_bill_no.
func (l *Ledger) TransferByBill(w Owner, transferBillNo string) (Transfer, error) {
	number, err := l.OutBillNo(w, transferBillNo)
	if err != nil {
		return Transfer{}, err
	}
	return l.Transfer(w, number)
}

// OutBillNo returns the owner's number of the transfer with a transfer_bill_no.
func (l *Ledger) OutBillNo(w Owner, transferBillNo string) (string, error) {
	number, found, err := store.Load[string](l.Tx, transferBills, w.key(transferBillNo))
	if err == nil && !found {
		err = errNoTransfer
	}
	return number, err
}

// TransferWhose returns the transfer whose transfer_bill_no matches, as it is now.
func (l *Ledger) TransferWhose(matches func(transferBillNo string) bool) (Transfer, error) {
	at := ""
	err := l.Tx.Each(transferBills, "", func(key string, _ []byte) error {
		if !matches(key[strings.LastIndexByte(key, '/')+1:]) {
			return nil
		}
		at = key
		return errEnough
	})
	if err != nil && !errors.Is(err, errEnough) {
		return Transfer{}, err
	}
	number, found, err := store.Load[string](l.Tx, transferBills, at)
	if err != nil || !found {
		return Transfer{}, errors.Join(err, errNoTransfer)
	}
	mchID, sub, _ := strings.Cut(at[:strings.LastIndexByte(at, '/')], "/")
	return l.loadTransfer(Owner{mchID, sub}, number)
}

// next returns the next state of a transfer if nobody acts, and since when. ok
// reports whether there is one.
func (t Transfer) next() (then Transfer, ok bool) {
	then = t
	then.Changed = t.Changed.Add(stepTime)
	switch {
	case t.Fate != "" && t.State == TransferAccepted:
		then.State, then.FailReason = TransferFail, t.Fate
	case t.State == TransferAccepted:
		then.State = TransferProcessing
	case t.State == TransferProcessing && t.AuthorizationID != "":
		then.State = TransferTransfering
	case t.State == TransferProcessing:
		then.State = TransferWaiting
	case t.State == TransferWaiting:
		then.State, then.FailReason, then.Changed = TransferFail, "OVERDUE_CLOSE", t.Created.Add(confirmTime)
	case t.State == TransferTransfering && t.Slow:
		then.State = TransferSuccess
	case t.State == TransferCanceling:
		then.State = TransferCancelled
	default:
		return t, false
	}
	return then, true
}

// At returns the transfer as it is at an instant.
func (t Transfer) At(now time.Time) Transfer {
	for {
		then, ok := t.next()
		if !ok || now.Before(then.Changed) {
			return t
		}
		t = then
	}
}

// outcome returns the transfer as it is in the end if nobody acts.
func (t Transfer) outcome() Transfer {
	for {
		then, ok := t.next()
		if !ok {
			return t
		}
		t = then
	}
}

// hasEnded reports whether the transfer changes no more.
func (t Transfer) hasEnded() bool {
	return t.State == TransferSuccess || t.State == TransferFail || t.State == TransferCancelled
}

// isAwaited reports whether a merchant is told when the transfer ends.
func (t Transfer) isAwaited() bool {
	return !t.hasEnded() && (t.NotifyURL != "" || t.Authorizes != "")
}

// members returns the merchants whose daybooks have the transfer.
func (t Transfer) members() []string {
	all := t.Owner.members()
	if t.Sponsor != "" && !slices.Contains(all, t.Sponsor) {
		all = append(all, t.Sponsor)
	}
	return all
}

// Moves returns the moves of a transfer that has succeeded.
func (t Transfer) Moves() []Move {
	return []Move{{cmp.Or(t.Sponsor, t.Payee()), AccountOperation, -t.Amount, ByTransfer, t.Remark}}
}
