package money

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/wxchain/wechatpay/sandbox/internal/scene"
	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

const (
	namedTransfer   = 2000_00 // from so many fen on the user's name is required
	unnamedTransfer = 30      // below so many fen there must be no name
	maxRemark       = 32      // characters
)

// A TransferRequest is a merchant's request for a transfer.
type TransferRequest struct {
	Transfer                // its numbers, user, amount and texts
	Scene    string         // transfer_scene_id
	Reports  []scene.Report // transfer_scene_report_infos
	Shown    string         // user_recv_perception
}

// AskTransfer accepts a transfer. Repeating the number transfers nothing more.
func (l *Ledger) AskTransfer(asked TransferRequest) (Transfer, error) {
	return l.transferOnce(asked, func(*Transfer) error { return nil })
}

// transferOnce carries out a number's request once. prepare completes a transfer that
// is new, or refuses it.
func (l *Ledger) transferOnce(asked TransferRequest, prepare func(*Transfer) error) (Transfer, error) {
	made := asked.Transfer
	if err := made.check(); err != nil {
		return made, err
	}
	if field, issue := scene.Check(asked.Scene, asked.Reports); field != "" {
		return made, BadField(field, nil, issue)
	}
	if err := checkShown(asked.Scene, asked.Shown); err != nil {
		return made, err
	}
	t, err := l.loadTransfer(made.Owner, made.OutBillNo)
	switch {
	case err == nil && t.Fingerprint == made.Fingerprint:
		return t, nil
	case err == nil:
		return t, &Refusal{Reason: TransferUsed, Message: "out_bill_no was used for another transfer; query it, and repeat that request as it was or take a new number"}
	case !errors.Is(err, errNoTransfer):
		return t, err
	}
	if made.Sponsor != "" {
		if err := l.Parties.CheckMerchant(made.Sponsor); err != nil {
			return made, err
		}
	}
	if err := prepare(&made); err != nil {
		return made, err
	}
	return l.makeTransfer(made)
}

// checkShown refuses a user_recv_perception that a scene does not have.
func checkShown(id, shown string) error {
	if all := scene.Shown(id); shown != "" && !slices.Contains(all, shown) {
		return Invalid(fmt.Sprintf("user_recv_perception of the scene %s is %s, or absent (暂不支持展示当前传入的用户收款感知)", id, strings.Join(all, " or ")))
	}
	return nil
}

// makeTransfer stores a transfer under a number that is not in use.
func (l *Ledger) makeTransfer(made Transfer) (Transfer, error) {
	err := l.checkOutgoing(made.Moves())
	if err != nil {
		return made, err
	}
	if made.TransferBillNo, err = l.nextLongNumber("transfer_bill_no", "1330", 18); err != nil {
		return made, err
	}
	if err := store.Save(l.Tx, transferBills, made.Owner.key(made.TransferBillNo), made.OutBillNo); err != nil {
		return made, err
	}
	if made.Fate, err = l.fateOf(made.OpenID, made.UserName, transferFailures); err != nil {
		return made, err
	}
	made.Created, made.Changed, made.Slow = l.Now, l.Now, l.Terms.SlowTransfers
	switch {
	case made.Slow || made.Fate != "":
		made.State = TransferAccepted
	case made.AuthorizationID != "":
		made.State = TransferSuccess
	default:
		made.State = TransferWaiting
	}
	return made, l.setTransfer(Transfer{}, made)
}

// check returns what is wrong with a transfer, without regard to others.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012716434
func (t Transfer) check() error {
	switch {
	case !outBillNo.MatchString(t.OutBillNo):
		return BadField("out_bill_no", t.OutBillNo, "1 to 32 of 0-9 A-Z a-z are wanted")
	case t.Amount < 1 || t.Amount > maxTotal:
		return BadField("transfer_amount", t.Amount, fmt.Sprintf("it must be 1 to %d fen", maxTotal))
	case utf8.RuneCountInString(t.Remark) > maxRemark:
		return BadField("transfer_remark", nil, fmt.Sprintf("it is longer than %d characters", maxRemark))
	}
	if err := checkName("user_name", t.Amount, t.UserName); err != nil {
		return err
	}
	return checkSafeURL("notify_url", t.NotifyURL)
}

// checkName refuses a name where the amount, in fen, allows none, and the lack of
// one where the amount requires it.
func checkName(field string, amount int64, name string) error {
	switch {
	case amount >= namedTransfer && name == "":
		return BadField(field, nil, "it is required from 2,000 yuan on")
	case amount < unnamedTransfer && name != "":
		return BadField(field, nil, "it must be absent below 0.30 yuan")
	}
	return nil
}

// checkSafeURL refuses a URL that everybody on the way can read.
func checkSafeURL(field, text string) error {
	if err := checkNotifyURL(text); err != nil {
		return err
	}
	if text != "" && !isSafe(text) {
		return BadField(field, nil, "an https URL is wanted, or for a test an http URL of this machine or a private network")
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
