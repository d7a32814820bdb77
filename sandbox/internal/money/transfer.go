package money

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/wxchain/wechatpay/sandbox/internal/scene"
	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// A TransferState is the state of a transfer to a user's change.
type TransferState string

// The states of transfers.
const (
	TransferWaiting     TransferState = "WAIT_USER_CONFIRM"
	TransferTransfering TransferState = "TRANSFERING" // the user confirmed; the money is on its way
	TransferSuccess     TransferState = "SUCCESS"
	TransferFail        TransferState = "FAIL"
	TransferCanceling   TransferState = "CANCELING"
	TransferCancelled   TransferState = "CANCELLED"
)

const (
	confirmTime   = 24 * time.Hour  // how long the user has to confirm
	cancelTime    = 5 * time.Second // how long a cancellation takes
	queryDays     = 30              // for how many days a transfer, or a red packet, can be queried
	namedTransfer = 2000_00         // from so many fen on the user's name is required
	maxRemark     = 32              // characters
)

// A Transfer is money that a merchant gives to a user.
type Transfer struct {
	MchID          string        `json:"mchid"`
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
}

const (
	transfers     = "transfer"      // by mchid/out_bill_no
	transferBills = "transfer_bill" // the out_bill_no, by mchid/transfer_bill_no
)

var (
	outBillNo     = regexp.MustCompile(`^[0-9A-Za-z]{1,32}$`)
	errNoTransfer = &Refusal{Reason: NoTransfer, Message: "there is no such transfer of this merchant within 30 days"}
)

func (t Transfer) key() string { return key(t.MchID, t.OutBillNo) }

func (t Transfer) save(tx store.Tx) error { return store.Save(tx, transfers, t.key(), t) }

// loadTransfer returns the transfer with a merchant's number, as it is now.
func (l *Ledger) loadTransfer(mchID, outBillNo string) (Transfer, error) {
	t, found, err := store.Load[Transfer](l.Tx, transfers, key(mchID, outBillNo))
	if err == nil && !found {
		err = errNoTransfer
	}
	return t.at(l.Now), err
}

// Transfer returns the transfer with a merchant's number, if it can still be
// queried.
func (l *Ledger) Transfer(mchID, outBillNo string) (Transfer, error) {
	t, err := l.loadTransfer(mchID, outBillNo)
	if err == nil && l.Now.After(t.Created.AddDate(0, 0, queryDays)) {
		err = errNoTransfer
	}
	return t, err
}

// TransferByBill returns the transfer of a merchant with that transfer_bill_no.
func (l *Ledger) TransferByBill(mchID, transferBillNo string) (Transfer, error) {
	number, found, err := store.Load[string](l.Tx, transferBills, key(mchID, transferBillNo))
	if err == nil && !found {
		err = errNoTransfer
	}
	if err != nil {
		return Transfer{}, err
	}
	return l.Transfer(mchID, number)
}

// next returns how and when a transfer ends if nobody acts. ok reports whether it
// then ends.
func (t Transfer) next() (ended Transfer, ok bool) {
	switch t.State {
	case TransferWaiting:
		t.State, t.FailReason, t.Changed = TransferFail, "OVERDUE_CLOSE", t.Created.Add(confirmTime)
	case TransferCanceling:
		t.State, t.Changed = TransferCancelled, t.Changed.Add(cancelTime)
	default:
		return t, false
	}
	return t, true
}

// at returns the transfer as it is at an instant.
func (t Transfer) at(now time.Time) Transfer {
	if ended, ok := t.next(); ok && !now.Before(ended.Changed) {
		return ended
	}
	return t
}

// deadline returns when a transfer ends, unless it is settled or cancelled
// before.
func (t Transfer) deadline() Deadline {
	ended, _ := t.next()
	return Deadline{ended.Changed, func(l *Ledger) error {
		stored, found, err := store.Load[Transfer](l.Tx, transfers, t.key())
		if err != nil || !found || stored.State != t.State {
			return err
		}
		ended, _ := stored.next()
		if l.Now.Before(ended.Changed) {
			ended.Changed = l.Now // the timetable runs ahead of the clock
		}
		l.Events = append(l.Events, TransferEnded{ended})
		return ended.save(l.Tx)
	}}
}

// await makes a transfer end at its time.
func (l *Ledger) await(t Transfer) {
	if t.NotifyURL != "" { // without it the transfer ends too, as queries show
		l.Deadlines = append(l.Deadlines, t.deadline())
	}
}

// A TransferRequest is a merchant's request for a transfer.
type TransferRequest struct {
	Transfer                // its numbers, user, amount and texts
	Scene    string         // transfer_scene_id
	Reports  []scene.Report // transfer_scene_report_infos
	Shown    string         // user_recv_perception
}

// AskTransfer accepts a transfer. Repeating the number transfers nothing more.
func (l *Ledger) AskTransfer(asked TransferRequest) (Transfer, error) {
	made := asked.Transfer
	if err := made.check(); err != nil {
		return made, err
	}
	if field, issue := scene.Check(asked.Scene, asked.Reports); field != "" {
		return made, BadField(field, nil, issue)
	}
	if shown := scene.Shown(asked.Scene); asked.Shown != "" && !slices.Contains(shown, asked.Shown) {
		return made, Invalid(fmt.Sprintf("user_recv_perception of the scene %s is %s, or absent (暂不支持展示当前传入的用户收款感知)", asked.Scene, strings.Join(shown, " or ")))
	}
	t, err := l.loadTransfer(made.MchID, made.OutBillNo)
	switch {
	case err == nil && t.Fingerprint == made.Fingerprint:
		return t, nil
	case err == nil:
		return t, &Refusal{Reason: TransferUsed, Message: "out_bill_no was used for another transfer; query it, and repeat that request as it was or take a new number"}
	case !errors.Is(err, errNoTransfer):
		return t, err
	}
	if made.TransferBillNo, err = l.nextLongNumber("transfer_bill_no", "1330", 18); err != nil {
		return made, err
	}
	made.Created, made.State, made.Changed = l.Now, TransferWaiting, l.Now
	if err := store.Save(l.Tx, transferBills, key(made.MchID, made.TransferBillNo), made.OutBillNo); err != nil {
		return made, err
	}
	l.await(made)
	return made, made.save(l.Tx)
}

// check returns what is wrong with a transfer, without regard to others.
func (t Transfer) check() error {
	switch {
	case !outBillNo.MatchString(t.OutBillNo):
		return BadField("out_bill_no", t.OutBillNo, "1 to 32 of 0-9 A-Z a-z are wanted")
	case t.Amount < 1 || t.Amount > maxTotal:
		return BadField("transfer_amount", t.Amount, fmt.Sprintf("it must be 1 to %d fen", maxTotal))
	case t.Amount >= namedTransfer && t.UserName == "":
		return BadField("user_name", nil, "it is required from 2,000 yuan on")
	case utf8.RuneCountInString(t.Remark) > maxRemark:
		return BadField("transfer_remark", nil, fmt.Sprintf("it is longer than %d characters", maxRemark))
	}
	if err := checkNotifyURL(t.NotifyURL); err != nil {
		return err
	}
	if t.NotifyURL != "" && !isSafe(t.NotifyURL) {
		return BadField("notify_url", nil, "an https URL is wanted, or for a test an http URL of this machine or a private network")
	}
	return nil
}

// isSafe reports whether nobody on the internet can read what is sent to a URL.
func isSafe(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Scheme == "https" {
		return err == nil
	}
	host := strings.ToLower(u.Hostname())
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || err == nil && (ip.Unmap().IsLoopback() || ip.Unmap().IsPrivate())
}

// CancelTransfer cancels a transfer that the user has not confirmed. Cancelling
// it again changes nothing.
func (l *Ledger) CancelTransfer(mchID, outBillNo string) (Transfer, error) {
	t, err := l.loadTransfer(mchID, outBillNo)
	if err != nil {
		return t, err
	}
	switch t.State {
	case TransferWaiting:
		t.State, t.Changed = TransferCanceling, l.Now
		l.await(t)
		return t, t.save(l.Tx)
	case TransferCanceling, TransferCancelled:
		return t, nil
	}
	return t, Invalid("the transfer is " + string(t.State) + "; only one that waits for the user's confirmation can be cancelled")
}

// SettleTransfer does what the user and the bank do to a transfer that waits for
// the user's confirmation, or is TRANSFERING.
func (l *Ledger) SettleTransfer(mchID, outBillNo string, state TransferState) error {
	t, err := l.loadTransfer(mchID, outBillNo)
	if err != nil {
		return err
	}
	if t.State != TransferWaiting && t.State != TransferTransfering {
		return fmt.Errorf("it is %s already", t.State)
	}
	switch state {
	case TransferTransfering, TransferSuccess:
	case TransferFail:
		t.FailReason = "PAYEE_ACCOUNT_ABNORMAL"
	default:
		return fmt.Errorf("%q is none of %s, %s, %s", state, TransferTransfering, TransferSuccess, TransferFail)
	}
	t.State, t.Changed = state, l.Now
	if state == TransferSuccess {
		l.Postings = append(l.Postings, Posting{At: t.Changed, Kind: PostedTransfer, Key: t.key(), MchIDs: []string{t.MchID}, Moves: t.Moves()})
	}
	if state != TransferTransfering {
		l.Events = append(l.Events, TransferEnded{t})
	}
	return t.save(l.Tx)
}

// Moves returns the moves of a transfer that has succeeded.
func (t Transfer) Moves() []Move {
	return []Move{{t.MchID, AccountOperation, -t.Amount, ByTransfer, t.Remark}}
}
